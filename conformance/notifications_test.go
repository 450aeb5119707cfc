package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// posted is an alert as a client sends it.
type posted struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	StartsAt     string            `json:"startsAt,omitempty"`
	EndsAt       string            `json:"endsAt,omitempty"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
}

// conversation sends the same alerts to both and waits for the pages about
// them, so that all groups are as full on both when they are told.
type conversation struct {
	*alertPair
	starts time.Time
}

// alert is one that fires; labels are names and values.
func (c conversation) alert(name, to string, labels ...string) posted {
	a := posted{
		Labels:       map[string]string{"alertname": name, "to": to},
		Annotations:  map[string]string{"summary": name + " <b>", "empty": ""},
		StartsAt:     c.starts.Format(time.RFC3339Nano),
		EndsAt:       c.starts.Add(time.Hour).Format(time.RFC3339Nano),
		GeneratorURL: "http://metrics.example/graph?g0.expr=up",
	}
	for i := 0; i < len(labels); i += 2 {
		a.Labels[labels[i]] = labels[i+1]
	}
	return a
}

// resolved is the end of a.
func (c conversation) resolved(a posted) posted {
	a.StartsAt = c.starts.Add(-time.Hour).Format(time.RFC3339Nano)
	a.EndsAt = c.starts.Add(-time.Minute).Format(time.RFC3339Nano)
	return a
}

func (c conversation) post(t *testing.T, list ...posted) {
	t.Helper()
	body, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	got := c.alertmanagers.both(t, "post alerts", func(s *server) answer {
		return s.do(t, http.MethodPost, "/api/v2/alerts", strings.NewReader(string(body)), "Content-Type", "application/json")
	})
	if got.status != http.StatusOK {
		t.Fatalf("%s: %d %s", body, got.status, got.body)
	}
}

// await waits until both have sent n pages to path that hold these words.
func (c conversation) await(t *testing.T, path string, n int, words ...string) {
	t.Helper()
	eventually(t, 20*time.Second, func() (bool, string) {
		ours, theirs := c.toDaymark.told(path, n, words...), c.toPeer.told(path, n, words...)
		return ours && theirs, fmt.Sprintf("%d pages to %s with %q: daymark %t, alertmanager %t", n, path, words, ours, theirs)
	})
}

// compareNotifications lets alerts come and go that both are told of over HTTP.
func compareNotifications(t *testing.T, a *alertPair) {
	// An alert that has fired for longer than group_wait is told at once, without
	// those that are posted with it, so these begin a little later.
	c := conversation{a, time.Now().Add(time.Minute).UTC().Truncate(time.Millisecond)}
	every := c.alert("Every", "every", "severity", "critical", "ü 🚀", "<b>", "bell", "\a\n\"")
	one, two, three := c.alert("Group", "x", "pool", "a"), c.alert("Group", "x", "pool", "b"), c.alert("Group", "x", "pool", "c")
	other := c.alert("Group", "x", "pool", "d", "ü 🚀", "apart")
	many := []posted{c.alert("Many", "many", "n", "1"), c.alert("Many", "many", "n", "2"), c.alert("Many", "many", "n", "3"), c.alert("Many", "many", "n", "4")}
	source, target := c.alert("Down", "inhibit", "host", "h"), c.alert("DownDisk", "inhibit", "host", "h")
	critical, warning, elsewhere := c.alert("Critical", "inhibit", "severity", "critical", "service", "s"), c.alert("Warning", "inhibit", "severity", "warning", "service", "s"), c.alert("Elsewhere", "inhibit", "severity", "info", "service", "t")
	once := c.alert("NoEnd", "firing_only")
	endless := posted{Labels: map[string]string{"alertname": "Endless", "to": "endless"}}
	a.silence(t, "Hush")
	list := []posted{
		every, one, two, other, source, critical, once,
		c.alert("Two", "two", "team", "a"), c.alert("Two", "two", "team", "b"), c.alert("Two", "twx"), c.alert("Old", "old"), c.alert("Older", "older"),
		c.alert("Repeat", "repeat"), c.alert("Flaky", "flaky"), c.alert("Muted", "muted"), c.alert("Weekday", "weekday"), c.alert("Hush", "silenced"), endless,
	}
	c.post(t, append(list, many...)...)
	c.await(t, "/every", 1)
	c.await(t, "/hand/Group", 2)
	c.await(t, "/hand/Down", 1)
	c.await(t, "/hand/Critical", 1)
	c.await(t, "/hand/Weekday", 1)
	c.await(t, "/firing_only", 1, "NoEnd")
	c.await(t, "/first_again", 2)
	c.await(t, "/second", 2)
	c.await(t, "/many", 1)
	c.await(t, "/repeat", 3)
	c.await(t, "/flaky", 3)
	c.await(t, "/hand/Endless", 1, "resolved")

	// To a group that has been told one comes, and another goes with the next page.
	// What is inhibited is told when its source ends, and what is silenced when
	// the silence does.
	c.post(t, three, target, warning, elsewhere)
	c.await(t, "/hand/Group", 1, "pool:c")
	c.await(t, "/hand/Elsewhere", 1)
	c.post(t, c.resolved(one), c.resolved(other), c.resolved(every), c.resolved(once), c.resolved(source), c.resolved(critical), c.resolved(many[0]))
	c.await(t, "/hand/Group", 2, "resolved")
	c.await(t, "/hand/DownDisk", 1)
	c.await(t, "/hand/Warning", 1)
	c.await(t, "/every", 2)
	c.await(t, "/many", 2)
	for _, s := range []*server{a.alertmanagers.daymark, a.alertmanagers.prometheus} {
		s.expire(t, "Hush")
	}
	c.await(t, "/hand/Hush", 1)
	c.post(t, c.resolved(two), c.resolved(three), c.alert("Group", "x", "pool", "e"))
	c.await(t, "/hand/Group", 1, "pool:e")
	c.post(t, one) // fires again
	c.await(t, "/hand/Group", 1, "pool:a", "pool:e")
	a.samePages(t)
	for _, path := range []string{"/muted"} {
		if a.toPeer.told(path, 1) {
			t.Errorf("both sent to %s", path)
		}
	}
	if a.toPeer.told("/firing_only", 2, "NoEnd") {
		t.Error("both told the end where send_resolved is off")
	}
}

// expire ends the silence of that alert.
func (s *server) expire(t *testing.T, alertname string) {
	t.Helper()
	var list []struct {
		ID       string
		Matchers []struct{ Value string }
	}
	if err := json.Unmarshal([]byte(s.get(t, "/api/v2/silences").body), &list); err != nil {
		t.Fatal(err)
	}
	for _, silence := range list {
		if silence.Matchers[0].Value == alertname {
			if got := s.do(t, http.MethodDelete, "/api/v2/silence/"+silence.ID, nil); got.status != http.StatusOK {
				t.Fatalf("%s: %d %s", s.name, got.status, got.body)
			}
			return
		}
	}
	t.Fatalf("%s has no silence of %s", s.name, alertname)
}

// compareAlertmanagers asks both implementations of API v2.
func compareAlertmanagers(t *testing.T, p pair) {
	changing := without("updatedAt", "startsAt", "endsAt", "id", "silenceID", "silencedBy", "uptime", "clusterStatus", "cluster", "versionInfo", "original")
	sorted := func(v any) any {
		if list, ok := v.([]any); ok {
			sortByText(list)
		}
		return v
	}
	firm := func(v any) any { // but for the alerts that come and go
		list, ok := v.([]any)
		if !ok {
			return v
		}
		return slices.DeleteFunc(list, func(a any) bool {
			return strings.HasPrefix(fmt.Sprint(at(a, "labels", "alertname")), "Flaps")
		})
	}
	for path, queries := range map[string][]string{
		"/api/v2/status":    {""},
		"/api/v2/receivers": {"", "receiver_matchers=x"},
		"/api/v2/silences":  {"", "filter=alertname=x", "filter=alertname%3D%22FlapsKept%22", "filter=%7B"},
		"/api/v2/silence/x": {""},
		"/api/v2/silence/00000000-0000-0000-0000-000000000000": {""},
		"/api/v2/alerts":        {"", "filter=alertname%3D%22OfSeries%22", "filter=pool%3D~%22a%7Cb%22", "active=false", "inhibited=false", "silenced=false", "unprocessed=false", "receiver=all", "receiver=(", "filter=%7B", "filter=", "active=maybe", "filter=a%3Db&filter=c%21%3Dd"},
		"/api/v2/alerts/groups": {"", "filter=alertname%3D%22OfSeries%22", "receiver=all", "receiver=(", "muted=false", "active=x"},
		"/api/v2/nosuch":        nil,
	} {
		for _, query := range queries {
			p.both(t, path+"?"+query, func(s *server) answer { return s.get(t, path+"?"+query) }, changing, firm, sorted)
		}
	}
	for name, body := range map[string]string{
		"nothing": ``, "no JSON": `{`, "an empty object": `{}`, "a list": `[]`,
		"no matchers":        `{"matchers":[],"startsAt":"2030-01-01T00:00:00Z","endsAt":"2030-01-02T00:00:00Z","createdBy":"a","comment":"b"}`,
		"an empty matcher":   `{"matchers":[{"name":"a","value":"","isRegex":false}],"startsAt":"2030-01-01T00:00:00Z","endsAt":"2030-01-02T00:00:00Z","createdBy":"a","comment":"b"}`,
		"everything":         `{"matchers":[{"name":"a","value":".*","isRegex":true}],"startsAt":"2030-01-01T00:00:00Z","endsAt":"2030-01-02T00:00:00Z","createdBy":"a","comment":"b"}`,
		"a bad expression":   `{"matchers":[{"name":"a","value":"(","isRegex":true}],"startsAt":"2030-01-01T00:00:00Z","endsAt":"2030-01-02T00:00:00Z","createdBy":"a","comment":"b"}`,
		"an end in the past": `{"matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":"2020-01-01T00:00:00Z","endsAt":"2020-01-02T00:00:00Z","createdBy":"a","comment":"b"}`,
		"an end before":      `{"matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":"2030-01-03T00:00:00Z","endsAt":"2030-01-02T00:00:00Z","createdBy":"a","comment":"b"}`,
		"no comment":         `{"matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":"2030-01-01T00:00:00Z","endsAt":"2030-01-02T00:00:00Z","createdBy":"a"}`,
		"an unknown id":      `{"id":"00000000-0000-0000-0000-000000000000","matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":"2030-01-01T00:00:00Z","endsAt":"2030-01-02T00:00:00Z","createdBy":"a","comment":"b"}`,
		"a good one":         `{"matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":"2030-01-01T00:00:00Z","endsAt":"2030-01-02T00:00:00Z","createdBy":"a","comment":"b"}`,
		"UTF-8":              `{"matchers":[{"name":"ü 🚀","value":"<b>","isRegex":false,"isEqual":false}],"startsAt":"2030-01-01T00:00:00Z","endsAt":"2030-01-02T00:00:00Z","createdBy":"a","comment":"b"}`,
	} {
		p.both(t, "silence with "+name, func(s *server) answer {
			return s.do(t, http.MethodPost, "/api/v2/silences", strings.NewReader(body), "Content-Type", "application/json")
		}, changing)
	}
	for name, body := range map[string]string{
		"nothing": ``, "no JSON": `[{`, "an object": `{}`, "none": `[]`, "no labels": `[{"labels":{}}]`, "no label at all": `[{}]`,
		"a bad name": `[{"labels":{"":"x"}}]`,
		"a bad end":  `[{"labels":{"a":"b"},"startsAt":"2030-01-02T00:00:00Z","endsAt":"2030-01-01T00:00:00Z"}]`,
		"a good one": `[{"labels":{"alertname":"ByHand","empty":"","ü":"x"},"annotations":{"summary":"<b>"},"generatorURL":"http://x/"}]`,
		"a bad URL":  `[{"labels":{"alertname":"ByHand"},"generatorURL":":::"}]`,
		"a bad time": `[{"labels":{"alertname":"ByHand"},"startsAt":"yesterday"}]`,
	} {
		p.both(t, "alerts with "+name, func(s *server) answer {
			return s.do(t, http.MethodPost, "/api/v2/alerts", strings.NewReader(body), "Content-Type", "application/json")
		})
	}
	p.both(t, "alerts of another type", func(s *server) answer {
		return s.do(t, http.MethodPost, "/api/v2/alerts", strings.NewReader("[]"), "Content-Type", "text/plain")
	})
	for _, id := range []string{"x", "00000000-0000-0000-0000-000000000000"} {
		p.both(t, "expire "+id, func(s *server) answer { return s.do(t, http.MethodDelete, "/api/v2/silence/"+id, nil) })
	}
	p.get(t, "/api/v2/silences", nil, changing, sorted)
	eventually(t, 10*time.Second, func() (bool, string) {
		got, want := p.ask(func(s *server) answer { return s.get(t, "/api/v2/alerts?filter=alertname%3DByHand") })
		diff := difference(got, want, changing)
		return diff == "" && strings.Contains(want.body, "ByHand"), diff
	})
}
