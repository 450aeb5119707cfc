package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
)

// alertRules is a rule file whose alerts follow the clock alone: AGE stands for
// the seconds since a moment that the test chooses.
const alertRules = `
groups:
- name: states
  interval: 1s
  rules:
  - {alert: AtOnce, expr: AGE >= 2 < 7, labels: {severity: page}, annotations: {summary: "{{ $labels.alertname }} is {{ $value }}"}}
  - {alert: AfterAWhile, expr: AGE >= 1 < 7, for: 2s, labels: {severity: page}}
  - {alert: NeverLongEnough, expr: AGE >= 1 < 3, for: 4s}
  - {alert: KeepsFiring, expr: AGE >= 2 < 4, keep_firing_for: 3s}
  - {alert: ForAndKeep, expr: AGE >= 1 < 4, for: 1s, keep_firing_for: 2s}
  - {alert: Flaps, expr: AGE % 4 < 2, for: 1s}
  - {alert: FlapsKept, expr: AGE % 4 < 2, keep_firing_for: 4s}
  - {alert: OfSeries, expr: 'shop_pool{pool=~"a|b"} and on () AGE >= 2 < 8 or shop_pool{pool="c"} and on () AGE >= 5', labels: {pool_copy: "{{ $labels.pool }}", severity: page}, annotations: {summary: "pool {{ $labels.pool }}: {{ $value | humanize }}"}}
  - {alert: Missing, expr: 'absent(no_such_series{job="x", instance=~"y.*"})', for: 1s}
  - {alert: AbsentOverTime, expr: 'absent_over_time(shop_pool{pool="zzz"}[1m])'}
  - {alert: LongSilent, expr: vector(1) < 0}
- name: recorded
  interval: 1s
  labels: {team: shop}
  rules:
  - {record: "pool:sum", expr: sum by (job) (shop_pool)}
  - {record: "pool:copy", expr: shop_pool, labels: {pool: renamed, extra: "x"}}
  - {record: "pool:max", expr: max(shop_pool), labels: {team: own}}
  - {record: "never", expr: no_such_series}
  - {record: "scalar", expr: 42}
  - {record: "histogram", expr: shop_latency}
  - {record: "window", expr: AGE >= 2 < 4}
  - {alert: OnRecorded, expr: 'pool:max{team="own"} > 1'}
- name: offset
  interval: 1s
  query_offset: 2s
  rules:
  - {record: "late", expr: AGE}
  - {alert: Late, expr: AGE >= 2 < 5}
- name: limited
  interval: 1s
  limit: 1
  rules:
  - {alert: TooMany, expr: shop_pool}
  - {record: "too:many", expr: shop_pool}
  - {alert: JustOne, expr: 'shop_pool{pool="a"}'}
- name: broken
  interval: 1s
  rules:
  - {record: "many:to:many", expr: shop_pool * on (job) shop_pool}
  - {alert: SameLabels, expr: shop_pool, labels: {pool: same}}
  - {alert: ManyToMany, expr: shop_pool / on (job) shop_pool}
  - {alert: BadQuantile, expr: 'quantile(7, shop_pool) > 0'}
- name: templates
  interval: 1s
  rules:
  - alert: Templates
    expr: shop_pool{pool="a"}
    labels:
      value: "{{ $value }}"
      missing: "{{ $labels.nothing }}"
      broken: "{{ .Nope }}"
      empty: ""
      markup: "<b>{{ $labels.pool }}</b>"
    annotations:
      value: "{{ $value }} {{ .Value }} {{ printf \"%.3f\" $value }}"
      external: "{{ externalURL }} {{ pathPrefix }} {{ $externalURL }} {{ $externalLabels.zone }} {{ .ExternalLabels }}"
      panics: "{{ $labels.pool | toUpper | title }} {{ index (slice $labels) 3 }}"
      query: "{{ with query \"sort_desc(shop_pool)\" }}{{ range . }}{{ .Labels.pool }}={{ .Value }} {{ end }}{{ . | first | value }}{{ end }}"
      empty_query: "{{ with query \"no_such\" }}{{ . | first | value }}{{ else }}none{{ end }}"
      bad_query: "{{ query \"sum(\" }}"
      numbers: "{{ 1234567.0 | humanize }} {{ 1048576.0 | humanize1024 }} {{ 98765.4 | humanizeDuration }} {{ 0.123 | humanizePercentage }} {{ 1.75e9 | humanizeTimestamp }} {{ \"1h30m\" | parseDuration }} {{ \"x\" | humanize }}"
      text: "{{ reReplaceAll \"(.*)\" \"<$1>\" $labels.pool }} {{ match \"^a\" \"abc\" }} {{ stripPort \"h:1\" }} {{ stripDomain \"a.b.c\" }} {{ \"<x>\" | safeHtml }} {{ args 1 2 }} {{ tableLink \"up\" }} {{ graphLink \"up\" }} {{ strvalue (query \"shop_pool\" | first) }}"
      define: "{{ define \"x\" }}[{{ . }}]{{ end }}{{ template \"x\" $labels.pool }}"
      markup: "<script>{{ $labels.hostile }}</script>"
`

// pages receives notifications of any kind of receiver and keeps them by path.
type pages struct {
	*httptest.Server
	mu  sync.Mutex
	got map[string][]string
}

func startPages(t *testing.T) *pages {
	t.Helper()
	p := &pages{got: map[string][]string{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.got[r.URL.Path] = append(p.got[r.URL.Path], string(body))
	}))
	t.Cleanup(p.Close)
	return p
}

// all is what has come, for each path and group in the order in which it came.
func (p *pages) all(t *testing.T) map[string][]any {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[string][]any{}
	for path, bodies := range p.got {
		for _, body := range bodies {
			var v map[string]any
			if err := json.Unmarshal([]byte(body), &v); err != nil {
				t.Fatalf("%s: %s: %v", path, body, err)
			}
			if list, ok := v["alerts"].([]any); ok {
				sortByText(list)
			}
			key := fmt.Sprint(path, " ", v["groupKey"], v["channel"], v["dedup_key"])
			all[key] = append(all[key], v)
		}
	}
	return all
}

const routes = `
route:
  receiver: nobody
  group_by: [alertname]
  group_wait: 500ms
  group_interval: 1s
  repeat_interval: 1h
  routes:
  - {matchers: [alertname = OfSeries], receiver: all, continue: true}
  - {matchers: ['alertname =~ "OfSeries|AtOnce"'], receiver: single, group_by: ['...'], continue: true}
  - {matchers: [alertname = OfSeries], receiver: chat, group_by: [job], continue: true}
  - {matchers: [alertname = OfSeries], receiver: pager, group_by: [alertname, pool], continue: true}
  - {matchers: [alertname = AtOnce], receiver: firing_only}
  - {matchers: [alertname = KeepsFiring], receiver: muted, mute_time_intervals: [always]}
  - {matchers: [alertname = ForAndKeep], receiver: inactive, active_time_intervals: [never]}
  - {matchers: [alertname = FlapsKept], receiver: silenced}
  - {matchers: [alertname = AfterAWhile], receiver: inhibited}
  - {matchers: [alertname = Missing], receiver: all}
  - {matchers: [alertname = Templates], receiver: all}
inhibit_rules:
- {source_matchers: [alertname = AbsentOverTime], target_matchers: [alertname = AfterAWhile]}
time_intervals:
- {name: always, time_intervals: [{times: [{start_time: "00:00", end_time: "24:00"}]}]}
- {name: never, time_intervals: [{years: ["1999"]}]}
templates: [TEMPLATES]
receivers:
- {name: nobody}
- {name: all, webhook_configs: [{url: HOOK/all}]}
- {name: single, webhook_configs: [{url: HOOK/single, max_alerts: 1}]}
- {name: firing_only, webhook_configs: [{url: HOOK/firing_only, send_resolved: false}]}
- {name: muted, webhook_configs: [{url: HOOK/muted}]}
- {name: inactive, webhook_configs: [{url: HOOK/inactive}]}
- {name: silenced, webhook_configs: [{url: HOOK/silenced}]}
- {name: inhibited, webhook_configs: [{url: HOOK/inhibited}]}
- name: chat
  slack_configs: [{api_url: HOOK/chat, channel: "#ops", send_resolved: true, title: '{{ template "own.title" . }}', text: '{{ range .Alerts }}{{ .Annotations.summary }} {{ end }}{{ .CommonLabels.SortedPairs }} {{ .ExternalURL }}', fields: [{title: x, value: "{{ .GroupLabels.job }}"}]}]
- name: pager
  pagerduty_configs: [{url: HOOK/pager, routing_key: abc, details: {own: "{{ .Alerts.Firing | len }}"}}]
`

const templates = `{{ define "own.title" }}{{ .Status | toUpper }} {{ .Alerts.Firing | len }} <{{ .CommonLabels.alertname }}>{{ end }}`

// alertPair is Daymark with its Alertmanager inside, beside a Prometheus that
// sends to an Alertmanager of its own.
type alertPair struct {
	pair
	alertmanager        *server
	toDaymark, toPeer   *pages
	dir                 string
	daymarkYML, promYML string
	began               time.Time
	insideOrPeer        pair // the two implementations of /api/v2
}

func startAlertPair(t *testing.T) *alertPair {
	t.Helper()
	buildPair(t)
	if _, err := buildAlertmanager(); err != nil {
		t.Fatal(err)
	}
	a := &alertPair{dir: t.TempDir(), toDaymark: startPages(t), toPeer: startPages(t)}
	template := writeFile(t, a.dir, "own.tmpl", templates)
	routing := func(name string, to *pages) string {
		return writeFile(t, a.dir, name, strings.NewReplacer("HOOK", to.URL, "TEMPLATES", template).Replace(routes))
	}
	inside, peers := routing("inside.yml", a.toDaymark), routing("peer.yml", a.toPeer)
	a.alertmanager = startAlertmanager(t, "--config.file="+peers, "--storage.path="+filepath.Join(a.dir, "am"), "--web.external-url=http://metrics.example/", "--web.route-prefix=/")

	head := "global: {evaluation_interval: 1s, external_labels: {zone: eu}}\nrule_files: [" + a.dir + "/rules*.yml]\n"
	config := writeFile(t, a.dir, "daymark.yml", head)
	peer := writeFile(t, a.dir, "prometheus.yml", head+"alerting: {alertmanagers: [{static_configs: [{targets: ['"+strings.TrimPrefix(a.alertmanager.url, "http://")+"']}]}]}\n")
	flags := []string{"--web.external-url=http://metrics.example/", "--web.enable-remote-write-receiver", "--web.enable-lifecycle", "--rules.alert.resend-delay=1s"}
	a.daymark = startDaymark(t, append(flags, "--config.file="+config, "--alertmanager.config.file="+inside, "--storage.tsdb.path="+filepath.Join(a.dir, "d"))...)
	a.prometheus = startPrometheus(t, append(flags, "--config.file="+peer, "--storage.tsdb.path="+filepath.Join(a.dir, "p"))...)
	a.insideOrPeer = pair{daymark: a.daymark, prometheus: a.alertmanager}
	return a
}

// begin puts the rules in force, a few seconds before their clock begins.
func (a *alertPair) begin(t *testing.T) {
	t.Helper()
	now := time.Now().UnixMilli()
	request := &prompb.WriteRequest{}
	for pool, v := range map[string]float64{"a": 1, "b": 2, "c": 3.5} {
		ls := []prompb.Label{{Name: "__name__", Value: "shop_pool"}, {Name: "hostile", Value: `<img src=x onerror="alert(1)">`}, {Name: "job", Value: "shop"}, {Name: "pool", Value: pool}}
		request.Timeseries = append(request.Timeseries, prompb.TimeSeries{Labels: ls, Samples: []prompb.Sample{{Timestamp: now - 10_000, Value: v}}})
	}
	if got := a.both(t, "write", func(s *server) answer { return s.write(t, writeOne, request) }); got.status/100 != 2 {
		t.Fatal(got.body)
	}
	for name, rule := range map[string]string{
		"function": `{alert: A, expr: up, annotations: {a: "{{ nosuchfunction }}"}}`, "template": `{alert: A, expr: up, labels: {a: "{{ $value "}}`, "expression": `{alert: A, expr: "sum("}`,
		"both": `{alert: A, record: b, expr: up}`, "neither": `{expr: up}`, "label": `{alert: A, expr: up, labels: {"\xff": b}}`, "record": `{record: "a{b}", expr: up}`, "for": `{record: b, expr: up, for: 1s}`, "key": `{alert: A, expr: up, nosuch: 1}`,
		"name label": `{alert: A, expr: up, labels: {__name__: b}}`, "keep": `{alert: A, expr: up, keep_firing_for: -1s}`, "duration": `{alert: A, expr: up, for: soon}`,
	} {
		path := writeFile(t, a.dir, "rules-bad.yml", "groups: [{name: a, rules: ["+rule+"]}]\n")
		a.sameStatus(t, http.MethodPost, "/-/reload?"+name)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	a.began = time.Now().Truncate(time.Second).Add(4 * time.Second)
	age := fmt.Sprintf("floor(vector(time() - %d))", a.began.Unix())
	writeFile(t, a.dir, "rules.yml", strings.ReplaceAll(alertRules, "AGE", age))
	if got := a.both(t, "reload", func(s *server) answer { return s.do(t, http.MethodPost, "/-/reload", nil) }); got.status != http.StatusOK {
		t.Fatal(got.body)
	}
}

// TestAlertsOverTime lets the same rules run on both and compares every state
// that an alert was in, and every page that was sent.
func TestAlertsOverTime(t *testing.T) {
	t.Parallel()
	a := startAlertPair(t)
	silence := func(s *server) answer {
		return s.do(t, http.MethodPost, "/api/v2/silences", strings.NewReader(fmt.Sprintf(
			`{"matchers":[{"name":"alertname","value":"Flaps.+","isRegex":true,"isEqual":true}],"startsAt":%q,"endsAt":%q,"createdBy":"anna","comment":"upgrade"}`,
			time.Now().UTC().Format(time.RFC3339), time.Now().Add(time.Hour).UTC().Format(time.RFC3339))), "Content-Type", "application/json")
	}
	if got := a.insideOrPeer.both(t, "silence", silence, without("silenceID")); got.status != http.StatusOK {
		t.Fatal(got.body)
	}
	a.begin(t)
	if wait := time.Until(a.began); wait < time.Second {
		t.Fatalf("the rules were in force only %s before their clock began", wait)
	}
	const lastAge = 12
	until := a.began.Add(lastAge * time.Second)
	for _, s := range []*server{a.daymark, a.prometheus} {
		eventually(t, time.Minute, func() (bool, string) {
			got := s.get(t, "/api/v1/query?query="+url.QueryEscape(fmt.Sprintf("max(timestamp(scalar)) > %d", until.Unix()+1)))
			return strings.Contains(got.body, `"value"`), s.name + ": " + got.body
		})
	}

	t.Run("series", func(t *testing.T) {
		span := func(s *server) map[string][]string { return s.between(t, a.began.Add(-time.Second), until) }
		got, want := span(a.daymark), span(a.prometheus)
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("- prometheus, + daymark\n%s", clip(diff))
		}
		for _, name := range []string{`__name__="ALERTS", alertname="AtOnce"`, `__name__="ALERTS_FOR_STATE"`, `__name__="late"`, `__name__="pool:copy"`} {
			if !slices.ContainsFunc(mapKeys(want), func(ls string) bool { return strings.Contains(ls, name) }) {
				t.Errorf("prometheus has no series with %s", name)
			}
		}
	})
	t.Run("rules", func(t *testing.T) {
		changing := without("evaluationTime", "lastEvaluation")
		for _, query := range []string{"", "type=alert", "type=record", "rule_name[]=OfSeries", "rule_group[]=states&exclude_alerts=true", "match[]={severity=\"page\"}", "group_limit=2"} {
			a.both(t, "/api/v1/rules?"+query, func(s *server) answer { return s.get(t, "/api/v1/rules?"+query) }, changing)
		}
		a.get(t, "/api/v1/alerts", nil, listOf("data", "alerts"), flapping)
	})
	t.Run("pages", func(t *testing.T) {
		var got, want map[string][]any
		eventually(t, 30*time.Second, func() (bool, string) {
			got, want = a.toDaymark.all(t), a.toPeer.all(t)
			diff := gocmp.Diff(want, got)
			return diff == "" && len(want) > 8, fmt.Sprintf("%d groups\n- alertmanager, + daymark\n%s", len(want), clip(diff))
		})
		for key := range want {
			if path, _, _ := strings.Cut(key, " "); slices.Contains([]string{"/muted", "/inactive", "/silenced", "/inhibited"}, path) {
				t.Errorf("both sent %s", key)
			}
		}
	})
	t.Run("alertmanager", func(t *testing.T) { compareAlertmanagers(t, a.insideOrPeer) })
}

func mapKeys[V any](m map[string]V) (keys []string) {
	for key := range m {
		keys = append(keys, key)
	}
	return keys
}

// flapping takes out the alerts that come and go for ever.
func flapping(v any) any {
	data := at(v, "data").(map[string]any)
	data["alerts"] = slices.DeleteFunc(data["alerts"].([]any), func(a any) bool {
		return strings.HasPrefix(fmt.Sprint(at(a, "labels", "alertname")), "Flaps")
	})
	return v
}

// listOf sorts the list at these keys.
func listOf(keys ...string) func(any) any {
	return func(v any) any {
		if list, ok := at(v, keys...).([]any); ok {
			sortByText(list)
		}
		return v
	}
}

// between is every sample of every series in that time.
func (s *server) between(t *testing.T, from, to time.Time) map[string][]string {
	t.Helper()
	told := map[string][]string{}
	for _, series := range s.read(t, from, &prompb.LabelMatcher{Type: prompb.LabelMatcher_NEQ, Name: "__name__", Value: ""}) {
		var list []string
		for _, sample := range series.Samples {
			if sample.Timestamp <= to.UnixMilli() {
				list = append(list, fmt.Sprintf("%d: %s", sample.Timestamp, valueText(sample.Value)))
			}
		}
		if len(list) > 0 {
			told[series.ToLabels(&labels.ScratchBuilder{}, nil).String()] = list
		}
	}
	return told
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
