package alertmanager

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"daymark/alerts"
)

// pagerDutyKey is a routing key as PagerDuty makes them.
const pagerDutyKey = "0123456789abcdef0123456789ABCDEF"

// pagerDuty is the Events API v2 of PagerDuty, as strict as its documentation:
// https://developer.pagerduty.com/docs/events-api-v2/overview/ and
// https://developer.pagerduty.com/docs/events-api-v2/trigger-events/.
type pagerDuty struct {
	*httptest.Server

	mu       sync.Mutex
	requests int
	events   []pagerDutyEvent                 // what was accepted
	mistakes []string                         // what was refused, and why
	dropped  []string                         // dedup keys of resolves without an open alert
	open     map[string]bool                  // alerts by dedup key
	refuse   func(w http.ResponseWriter) bool // true where it has answered
}

type pagerDutyEvent struct {
	RoutingKey  string `json:"routing_key"`
	EventAction string `json:"event_action"`
	DedupKey    string `json:"dedup_key"`
	Payload     *struct {
		Summary       string         `json:"summary"`
		Source        string         `json:"source"`
		Severity      string         `json:"severity"`
		Timestamp     *string        `json:"timestamp"`
		Component     string         `json:"component"`
		Group         string         `json:"group"`
		Class         string         `json:"class"`
		CustomDetails map[string]any `json:"custom_details"`
	} `json:"payload"`
	Images []struct {
		Src  string `json:"src"`
		Href string `json:"href"`
		Alt  string `json:"alt"`
	} `json:"images"`
	Links []struct {
		Href string `json:"href"`
		Text string `json:"text"`
	} `json:"links"`
	Client    string `json:"client"`
	ClientURL string `json:"client_url"`
}

const pagerDutyLimit = 512_000 // bytes; the narrower reading of 512 KB

// newPagerDuty listens at address, or where there is room if it is "".
func newPagerDuty(t *testing.T, address string) *pagerDuty {
	t.Helper()
	p := &pagerDuty{open: map[string]bool{}}
	listener, err := net.Listen("tcp", cmp.Or(address, "127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(p.enqueue))
	p.Listener.Close()
	p.Listener = listener
	p.Start()
	t.Cleanup(p.Close)
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.dropped) > 0 {
			t.Errorf("resolves that PagerDuty would drop, because no alert is open under their key: %v", p.dropped)
		}
	})
	return p
}

func (p *pagerDuty) enqueue(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	if p.refuse != nil && p.refuse(w) {
		return
	}
	var event pagerDutyEvent
	problems := checkRequest(r, body, err)
	if len(problems) == 0 {
		event, problems = checkEvent(body)
	}
	w.Header().Set("Content-Type", "application/json")
	if len(problems) > 0 {
		p.mistakes = append(p.mistakes, problems...)
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]any{"status": "invalid event", "message": "Event object is invalid", "errors": problems})
		return
	}
	if event.EventAction == "trigger" {
		p.open[event.DedupKey] = true
	} else if !p.open[event.DedupKey] {
		p.dropped = append(p.dropped, event.DedupKey)
	} else {
		delete(p.open, event.DedupKey)
	}
	p.events = append(p.events, event)
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "message": "Event processed", "dedup_key": event.DedupKey})
}

func checkRequest(r *http.Request, body []byte, err error) (problems []string) {
	if r.Method != http.MethodPost || r.URL.Path != "/v2/enqueue" {
		problems = append(problems, r.Method+" "+r.URL.Path+" instead of POST /v2/enqueue")
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		problems = append(problems, "Content-Type "+r.Header.Get("Content-Type"))
	}
	if err != nil || len(body) > pagerDutyLimit {
		problems = append(problems, fmt.Sprintf("a body of %d bytes, %v", len(body), err))
	}
	if !utf8.Valid(body) {
		problems = append(problems, "the body is not UTF-8")
	}
	return problems
}

func checkEvent(body []byte) (e pagerDutyEvent, problems []string) {
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&e); err != nil {
		return e, []string{err.Error()}
	}
	check := func(ok bool, problem string) {
		if !ok {
			problems = append(problems, problem)
		}
	}
	check(len(e.RoutingKey) == 32, "Length of 'routing_key' is incorrect (should be 32 characters)")
	check(slices.Contains([]string{"trigger", "acknowledge", "resolve"}, e.EventAction), "'event_action' is "+e.EventAction)
	check(utf8.RuneCountInString(e.DedupKey) <= 255, "'dedup_key' is longer than 255 characters")
	check(e.EventAction == "trigger" || e.DedupKey != "", "'dedup_key' is missing")
	if e.Payload == nil {
		check(e.EventAction != "trigger", "'payload' is missing or blank")
		return e, problems
	}
	check(e.Payload.Summary != "", "'payload.summary' is missing or blank")
	check(utf8.RuneCountInString(e.Payload.Summary) <= 1024, "'payload.summary' is longer than 1024 characters")
	check(e.Payload.Source != "", "'payload.source' is missing or blank")
	check(slices.Contains([]string{"critical", "error", "warning", "info"}, e.Payload.Severity), "'payload.severity' is invalid (must be one of: critical, warning, error, info): "+e.Payload.Severity)
	if e.Payload.Timestamp != nil {
		_, err := time.Parse(time.RFC3339Nano, *e.Payload.Timestamp)
		check(err == nil, "'payload.timestamp' is no timestamp")
	}
	for _, image := range e.Images {
		check(strings.HasPrefix(image.Src, "https://"), "'images.src' must be served via HTTPS: "+image.Src)
	}
	for _, link := range e.Links {
		u, err := url.Parse(link.Href)
		check(err == nil && u.IsAbs(), "'links.href' is no URL: "+link.Href)
	}
	return e, problems
}

// accepted lists the events so far; what was refused fails the test.
func (p *pagerDuty) accepted(t *testing.T) []pagerDutyEvent {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.mistakes) > 0 {
		t.Fatalf("events that PagerDuty refuses: %q", p.mistakes)
	}
	return slices.Clone(p.events)
}

// waitForEvents waits until n events have been accepted.
func (p *pagerDuty) waitForEvents(t *testing.T, n int) []pagerDutyEvent {
	t.Helper()
	waitFor(t, fmt.Sprintf("%d events", n), func() bool { return len(p.accepted(t)) >= n })
	return p.accepted(t)
}

func (p *pagerDuty) requested() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests
}

func (p *pagerDuty) refuseWith(answer func(w http.ResponseWriter) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = answer
}

// actions is what the events are, in their order: "trigger KEY".
func actions(events []pagerDutyEvent) (list []string) {
	keys := map[string]string{}
	for _, e := range events {
		if keys[e.DedupKey] == "" {
			keys[e.DedupKey] = fmt.Sprintf("key%d", len(keys)+1)
		}
		list = append(list, e.EventAction+" "+keys[e.DedupKey])
	}
	return list
}

// pagerDutyRoute pages at once through PagerDuty, with the least that a
// configuration needs to say.
const pagerDutyRoute = `route: {receiver: pager, group_by: [alertname, service], group_wait: 0s, group_interval: 50ms, repeat_interval: 24h}
receivers:
- name: pager
  pagerduty_configs:
  - url: BASE/v2/enqueue
    routing_key: ` + pagerDutyKey + `
`

// metric adds up the series of name whose labels hold all of the pairs.
func (i *instance) metric(t *testing.T, name string, pairs ...string) (sum float64) {
	t.Helper()
	families, err := i.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			have := map[string]string{}
			for _, pair := range m.GetLabel() {
				have[pair.GetName()] = pair.GetValue()
			}
			matches := true
			for n := 0; n < len(pairs); n += 2 {
				matches = matches && have[pairs[n]] == pairs[n+1]
			}
			if matches {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

func TestPagerDutyOpensAndClosesOneIncidentPerGroup(t *testing.T) {
	pd := newPagerDuty(t, "")
	am := startWith(t, pd.URL, pagerDutyRoute)
	pool := firing("PoolSaturated", "service", "payment", "severity", "critical")
	am.Put(t.Context(), []alerts.Alert{pool})
	pd.waitForEvents(t, 1)
	slow := firing("ProviderSlow", "service", "payment", "severity", "critical")
	am.Put(t.Context(), []alerts.Alert{slow})
	pd.waitForEvents(t, 2)
	am.Put(t.Context(), []alerts.Alert{resolved(pool)})
	pd.waitForEvents(t, 3)
	am.Put(t.Context(), []alerts.Alert{resolved(slow)})
	got := pd.waitForEvents(t, 4)
	if want := []string{"trigger key1", "trigger key2", "resolve key1", "resolve key2"}; !slices.Equal(actions(got), want) {
		t.Errorf("events %v, want %v", actions(got), want)
	}

	first := got[0]
	if first.RoutingKey != pagerDutyKey || len(first.DedupKey) != 64 {
		t.Errorf("routing key %q, dedup key %q", first.RoutingKey, first.DedupKey)
	}
	if want := "[FIRING:1] PoolSaturated payment (critical)"; first.Payload.Summary != want {
		t.Errorf("summary %q, want %q", first.Payload.Summary, want)
	}
	// The page of Daymark that its links for Alertmanager's addresses open.
	if want := "http://daymark.example/#/alerts?receiver=pager"; first.ClientURL != want {
		t.Errorf("client_url %q, want %q", first.ClientURL, want)
	}
	details, ok := first.Payload.CustomDetails["firing"].([]any)
	if !ok || len(details) != 1 || fmt.Sprint(first.Payload.CustomDetails["num_firing"]) != "1" {
		t.Errorf("custom_details %v", first.Payload.CustomDetails)
	}
}

func TestPagerDutyRepeatsUnderTheSameKey(t *testing.T) {
	pd := newPagerDuty(t, "")
	am := startWith(t, pd.URL, strings.Replace(pagerDutyRoute, "repeat_interval: 24h", "repeat_interval: 60ms", 1))
	a := firing("PoolSaturated", "service", "payment")
	am.Put(t.Context(), []alerts.Alert{a})
	pd.waitForEvents(t, 2)
	a.Annotations = firing("Reworded").Annotations // as after a reload of the rules
	am.Put(t.Context(), []alerts.Alert{a})
	pd.waitForEvents(t, 4)
	if err := am.Apply(am.cfg); err != nil {
		t.Fatal(err)
	}
	again := pd.waitForEvents(t, 6)
	for _, e := range again {
		if e.EventAction != "trigger" || e.DedupKey != again[0].DedupKey {
			t.Errorf("a repeat is %s %s, the first was trigger %s", e.EventAction, e.DedupKey, again[0].DedupKey)
		}
	}
	am.Put(t.Context(), []alerts.Alert{resolved(a)})
	waitFor(t, "the end", func() bool {
		list := pd.accepted(t)
		last := list[len(list)-1]
		return last.EventAction == "resolve" && last.DedupKey == again[0].DedupKey
	})
}

// TestPagerDutySeverity sends each severity that the built-in rules have, and
// what else people write there.
func TestPagerDutySeverity(t *testing.T) {
	pd := newPagerDuty(t, "")
	am := startWith(t, pd.URL, pagerDutyRoute+`    severity: '{{ if match "^(critical|error|warning|info)$" .CommonLabels.severity }}{{ .CommonLabels.severity }}{{ else }}error{{ end }}'`+"\n")
	tests := map[string]string{"critical": "critical", "warning": "warning", "info": "info", "page": "error", "": "error", "critical\ninfo": "error"}
	var list []alerts.Alert
	for given := range tests {
		list = append(list, firing("Severity "+given, "severity", given))
	}
	// Alerts of one group with different severities have none in common.
	list = append(list, firing("Mixed", "severity", "critical", "pod", "a"), firing("Mixed", "severity", "warning", "pod", "b"))
	am.Put(t.Context(), list)
	got := map[string]string{}
	waitFor(t, "all groups", func() bool {
		for _, e := range pd.accepted(t) {
			for given := range tests {
				if strings.HasPrefix(e.Payload.Summary, "[FIRING:1] Severity "+given+" ") {
					got[given] = e.Payload.Severity
				}
			}
			if strings.Contains(e.Payload.Summary, "Mixed") {
				got["mixed"] = e.Payload.Severity
			}
		}
		return len(got) == len(tests)+1
	})
	tests["mixed"] = "error"
	for given, want := range tests {
		if got[given] != want {
			t.Errorf("severity %q became %q, want %q", given, got[given], want)
		}
	}
}

// TestPagerDutyWithEverything uses every field that the documentation has.
func TestPagerDutyWithEverything(t *testing.T) {
	pd := newPagerDuty(t, "")
	am := startWith(t, pd.URL, pagerDutyRoute+`    severity: warning
    client: Daymark
    source: '{{ .CommonLabels.instance }}'
    component: '{{ .CommonLabels.service }}'
    group: shop
    class: '{{ .GroupLabels.alertname }}'
    details: {region: '{{ .CommonLabels.region }}'}
    links: [{href: '{{ (index .Alerts 0).GeneratorURL }}', text: Graph}, {href: '{{ .CommonAnnotations.runbook_url }}', text: Runbook}, {href: '', text: nothing}]
    images: [{src: 'https://shop.example/pool.png', alt: Pool, href: '{{ .ExternalURL }}'}]
`)
	a := firing("PoolSaturated", "service", "payment", "instance", "pay-1:8080", "region", "eu")
	a.GeneratorURL = "http://daymark.example/graph?g0.expr=pool%7Bx%3D%22y%22%7D&g0.tab=1"
	a.Annotations = firing("x", "runbook_url", "https://runbooks.example/pool").Labels
	am.Put(t.Context(), []alerts.Alert{a})
	e := pd.waitForEvents(t, 1)[0]
	got := fmt.Sprintf("%s|%s|%s|%s|%s|%s|%v|%v|%v", e.Client, e.Payload.Source, e.Payload.Component, e.Payload.Group, e.Payload.Class, e.Payload.Severity, e.Links, e.Images, e.Payload.CustomDetails["region"])
	want := "Daymark|pay-1:8080|payment|shop|PoolSaturated|warning|[{" + a.GeneratorURL + " Graph} {https://runbooks.example/pool Runbook}]|[{https://shop.example/pool.png http://daymark.example Pool}]|eu"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPagerDutyTakesHostileText(t *testing.T) {
	pd := newPagerDuty(t, "")
	am := startWith(t, pd.URL, strings.Replace(pagerDutyRoute, "[alertname, service]", "[alertname]", 1)+"    severity: critical\n    description: '{{ .CommonAnnotations.summary }}'\n")
	tests := map[string]struct{ summary, want string }{
		"markup":      {"<script>alert(1)</script> \"quoted\" \\ {{ .Evil }} \x00\u202e", "<script>alert(1)</script> \"quoted\" \\ {{ .Evil }} \x00\u202e"},
		"as long":     {strings.Repeat("ä", 1024), strings.Repeat("ä", 1024)},
		"longer":      {strings.Repeat("漢", 1025), strings.Repeat("漢", 1023) + "…"},
		"emoji":       {strings.Repeat("👩‍🚒", 2000), ""},
		"half a rune": {"caf\xc3 is down \xff\xfe", "caf\ufffd is down \ufffd\ufffd"},
	}
	var list []alerts.Alert
	for name := range tests {
		a := firing(name, "hostile", "a\"b\\c\n<&>\u2028"+strings.Repeat("x", 300))
		a.Annotations = firing("x", "summary", tests[name].summary).Labels
		list = append(list, a)
	}
	am.Put(t.Context(), list)
	for _, e := range pd.waitForEvents(t, len(tests)) {
		alert, ok := e.Payload.CustomDetails["firing"].([]any)[0].(map[string]any)
		if !ok {
			t.Fatalf("custom_details %v", e.Payload.CustomDetails)
		}
		labels, ok := alert["labels"].(map[string]any)
		if !ok {
			t.Fatalf("labels %v", alert)
		}
		name := fmt.Sprint(labels["alertname"])
		if want := tests[name].want; want != "" && e.Payload.Summary != want {
			t.Errorf("%s: summary %q, want %q", name, e.Payload.Summary, want)
		}
		if !strings.HasPrefix(fmt.Sprint(labels["hostile"]), "a\"b\\c\n<&>\u2028x") {
			t.Errorf("%s: label %q", name, labels["hostile"])
		}
	}
}

// TestPagerDutyTakesAVeryLargeGroup has more to tell than an event may hold.
func TestPagerDutyTakesAVeryLargeGroup(t *testing.T) {
	pd := newPagerDuty(t, "")
	am := startWith(t, pd.URL, strings.NewReplacer("[alertname, service]", "[alertname]", "group_wait: 0s", "group_wait: 500ms").Replace(pagerDutyRoute))
	var list []alerts.Alert
	for n := range 1500 {
		list = append(list, firing("PodDown", "pod", fmt.Sprintf("pod-%d-%s", n, strings.Repeat("p", 300))))
	}
	am.Put(t.Context(), list)
	// Where the machine is slow, the first pages hold only those that are in.
	var whole pagerDutyEvent
	waitFor(t, "a page of all 1500", func() bool {
		events := pd.accepted(t)
		i := slices.IndexFunc(events, func(e pagerDutyEvent) bool { return strings.Contains(e.Payload.Summary, "1500") })
		if i >= 0 {
			whole = events[i]
		}
		return i >= 0
	})
	if said := fmt.Sprint(whole.Payload.CustomDetails["error"]); !strings.Contains(said, "removed") {
		t.Errorf("details %.200v", whole.Payload.CustomDetails)
	}
}

func TestPagerDutyIsTriedAgain(t *testing.T) {
	answer := func(status, times int, body string) func(*pagerDuty) {
		return func(pd *pagerDuty) {
			pd.refuse = func(w http.ResponseWriter) bool {
				if times--; times < 0 {
					return false
				}
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
				return true
			}
		}
	}
	tests := map[string]struct {
		refuse   func(*pagerDuty)
		requests int
	}{
		"too many events":        {answer(http.StatusTooManyRequests, 2, ""), 3},
		"an error on their side": {answer(http.StatusInternalServerError, 1, "oops"), 2},
		"a gateway in between":   {answer(http.StatusBadGateway, 1, "<html>"), 2},
		"a connection that ends": {func(pd *pagerDuty) {
			first := true
			pd.refuse = func(http.ResponseWriter) bool {
				if first {
					first = false
					panic(http.ErrAbortHandler)
				}
				return false
			}
		}, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pd := newPagerDuty(t, "")
			tt.refuse(pd)
			// What arrives comes from the same attempt to notify, not from a later one.
			am := startWith(t, pd.URL, strings.Replace(pagerDutyRoute, "group_interval: 50ms", "group_interval: 1h", 1))
			a := firing("PoolSaturated")
			am.Put(t.Context(), []alerts.Alert{a})
			pd.waitForEvents(t, 1)
			if got := pd.requested(); got != tt.requests {
				t.Errorf("%d requests, want %d", got, tt.requests)
			}
			waitFor(t, "the delivery", func() bool {
				active := am.Active()
				return len(active) == 1 && len(active[0].Deliveries) == 1 && active[0].Deliveries[0].OK
			})
			if failed := am.metric(t, "alertmanager_notification_requests_failed_total", "integration", "pagerduty"); int(failed) != tt.requests-1 {
				t.Errorf("%g failed requests are counted, want %d", failed, tt.requests-1)
			}
		})
	}
}

func TestPagerDutyIsTriedAgainWhileNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	am := startWith(t, "http://"+address, strings.Replace(pagerDutyRoute, "group_interval: 50ms", "group_interval: 1h", 1))
	am.Put(t.Context(), []alerts.Alert{firing("PoolSaturated")})
	waitFor(t, "the failure", func() bool {
		active := am.Active()
		return len(active) == 1 && len(active[0].Deliveries) == 1 && strings.Contains(active[0].Deliveries[0].Error, "connection refused")
	})
	newPagerDuty(t, address).waitForEvents(t, 1)
}

func TestPagerDutysRefusalIsShown(t *testing.T) {
	pd := newPagerDuty(t, "")
	am := startWith(t, pd.URL, strings.NewReplacer("group_interval: 50ms", "group_interval: 1h", pagerDutyKey, "too-short-a-key").Replace(pagerDutyRoute))
	am.Put(t.Context(), []alerts.Alert{firing("PoolSaturated")})
	failed := func() float64 {
		return am.metric(t, "alertmanager_notifications_failed_total", "integration", "pagerduty", "reason", "clientError")
	}
	waitFor(t, "it is given up", func() bool { return failed() == 1 })
	if got := pd.requested(); got != 1 {
		t.Errorf("an event that is wrong was sent %d times", got)
	}
	active := am.Active()
	if len(active) != 1 || len(active[0].Deliveries) != 1 {
		t.Fatalf("active %+v", active)
	}
	d := active[0].Deliveries[0]
	if d.OK || d.Integration != "pagerduty" || !strings.Contains(d.Error, "400") || !strings.Contains(d.Error, "Length of 'routing_key' is incorrect") || strings.Contains(d.Error, "too-short-a-key") {
		t.Errorf("delivery %+v", d)
	}
}

// TestPagerDutysKeyIsToldNowhere lets the other side repeat what it was sent.
func TestPagerDutysKeyIsToldNowhere(t *testing.T) {
	pd := newPagerDuty(t, "")
	pd.refuseWith(func(w http.ResponseWriter) bool {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"status":"invalid event","message":"no service for %s","errors":["%s"]}`, pagerDutyKey, pagerDutyKey)
		return true
	})
	am, logs := startLogged(t, pd.URL, pagerDutyRoute)
	am.Put(t.Context(), []alerts.Alert{firing("PoolSaturated")})
	waitFor(t, "it is given up", func() bool {
		return am.metric(t, "alertmanager_notifications_failed_total", "integration", "pagerduty") > 0
	})
	d := am.Active()[0].Deliveries[0]
	if !strings.Contains(d.Error, "no service for "+hiddenSecret) {
		t.Errorf("delivery %+v", d)
	}
	waitFor(t, "the log tells of it", func() bool { return strings.Contains(logs.String(), "no service for") })
	if regexp.MustCompile(pagerDutyKey).MatchString(d.Error + logs.String() + am.Original()) {
		t.Errorf("the routing key is told: %s %s", d.Error, logs)
	}
}
