package conformance

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/histogram"
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
  - {alert: Flaps, expr: AGE % 4 < 2 and AGE >= 0, for: 1s}
  - {alert: FlapsKept, expr: AGE % 4 < 2 and AGE >= 0, keep_firing_for: 4s}
  - {alert: OfSeries, expr: 'shop_pool{pool=~"a|b"} and on () AGE >= 2 < 10 or shop_pool{pool="c"} and on () AGE >= 6', labels: {pool_copy: "{{ $labels.pool }}", severity: page}, annotations: {summary: "pool {{ $labels.pool }}: {{ $value | humanize }}"}}
  - {alert: Missing, expr: 'absent(no_such_series{job="x", instance=~"y.*"}) and on () AGE >= 0', for: 1s}
  - {alert: AbsentOverTime, expr: 'absent_over_time(shop_pool{pool="zzz"}[1m]) and on () AGE >= 0'}
  - {alert: FiresLong, expr: 'shop_pool{pool="a"} and on () AGE >= 0', for: 5s}
  - {alert: PendsLong, expr: 'shop_pool{pool="c"} and on () AGE >= 0', for: 20m}
  - {alert: FiresShort, expr: 'shop_pool{pool="a"} and on () AGE >= 0', for: 2s}
  - {alert: LongSilent, expr: vector(1) < 0}
- name: recorded
  interval: 1s
  labels: {team: shop}
  rules:
  - {record: "pool:sum", expr: sum by (job) (shop_pool)}
  - {record: "pool:copy", expr: 'shop_pool{pool="a"}', labels: {pool: renamed, extra: "x", job: ""}}
  - {record: "pool:max", expr: max(shop_pool), labels: {team: own}}
  - {record: "never", expr: no_such_series}
  - {record: "scalar", expr: 42}
  - {record: "histogram", expr: shop_latency}
  - {record: "window", expr: AGE >= 2 < 4}
  - {alert: OnRecorded, expr: 'pool:max{team="own"} > 1 and on () AGE >= 0'}
  - {alert: OfHistogram, expr: shop_latency and on () AGE >= 0, annotations: {value: "{{ $value }}"}}
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
  - {alert: JustOne, expr: 'shop_pool{pool="a"} and on () AGE >= 0'}
- name: broken
  interval: 1s
  rules:
  - {record: "same:labels", expr: shop_pool, labels: {pool: renamed}}
  - {record: "many:to:many", expr: shop_pool * on (job) shop_pool}
  - {alert: SameLabels, expr: shop_pool, labels: {pool: same}}
  - {alert: ManyToMany, expr: shop_pool / on (job) shop_pool}
  - {alert: BadQuantile, expr: 'quantile(7, shop_pool) > 0 and on () AGE >= 0'}
- name: templates
  interval: 1s
  rules:
  - alert: Templates
    expr: shop_pool{pool="a"} and on () AGE >= 0
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

// begin puts the rules in force, a few seconds before their clock begins.
func (a *alertPair) begin(t *testing.T) {
	t.Helper()
	now := time.Now().UnixMilli()
	request := &prompb.WriteRequest{}
	for pool, v := range map[string]float64{"a": 1, "b": 2, "c": 3.5} {
		ls := []prompb.Label{{Name: "__name__", Value: "shop_pool"}, {Name: "hostile", Value: `<img src=x onerror="alert(1)">`}, {Name: "job", Value: "shop"}, {Name: "pool", Value: pool}}
		request.Timeseries = append(request.Timeseries, prompb.TimeSeries{Labels: ls, Samples: []prompb.Sample{{Timestamp: now - 10_000, Value: v}}})
	}
	latency := prompb.TimeSeries{Labels: []prompb.Label{{Name: "__name__", Value: "shop_latency"}, {Name: "job", Value: "shop"}}}
	latency.Histograms = append(latency.Histograms, prompb.FromFloatHistogram(now-10_000, &histogram.FloatHistogram{Schema: 1, Count: 3, Sum: 4.5, PositiveSpans: []histogram.Span{{Offset: 1, Length: 2}}, PositiveBuckets: []float64{1, 2}}))
	request.Timeseries = append(request.Timeseries, latency)
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

// TestAlerts lets the same rules run on both and compares every state that an
// alert was in, and every page that was sent; then what the two Alertmanagers
// answer and send.
func TestAlerts(t *testing.T) {
	t.Parallel()
	a := startAlertPair(t)
	a.silence(t, "Flaps.+")
	a.begin(t)
	if wait := time.Until(a.began); wait < time.Second {
		t.Fatalf("the rules were in force only %s before their clock began", wait)
	}
	const lastAge = 13
	until := a.began.Add(lastAge * time.Second)
	for _, s := range []*server{a.daymark, a.prometheus} {
		s.evaluated(t, until.Add(time.Second))
	}
	t.Run("series", func(t *testing.T) {
		span := func(s *server) map[string][]string { return s.between(t, a.began.Add(-time.Second), until) }
		got, want := span(a.daymark), span(a.prometheus)
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("- prometheus, + daymark\n%s", clip(diff))
		}
		for _, name := range []string{`__name__="ALERTS", alertname="AtOnce"`, `__name__="ALERTS_FOR_STATE"`, `__name__="late"`, `__name__="pool:copy"`, `__name__="histogram"`} {
			if !slices.ContainsFunc(slices.Collect(maps.Keys(want)), func(ls string) bool { return strings.Contains(ls, name) }) {
				t.Errorf("prometheus has no series with %s", name)
			}
		}
	})
	t.Run("rules", func(t *testing.T) {
		for _, query := range []string{"", "type=alert", "type=record", "type=x", "rule_name[]=OfSeries", "rule_group[]=states&exclude_alerts=true", `match[]={severity="page"}`, `match[]={`, "group_limit=2", "group_limit=x", "group_next_token=x", "file[]=x"} {
			query = strings.ReplaceAll(query, "{", "%7B")
			a.both(t, "/api/v1/rules?"+query, func(s *server) answer { return s.get(t, "/api/v1/rules?"+query) }, without("evaluationTime", "lastEvaluation"), flapping)
		}
		a.get(t, "/api/v1/alerts", nil, listOf("data", "alerts"), flapping)
	})
	t.Run("pages", func(t *testing.T) {
		a.samePages(t)
		for _, path := range []string{"/all", "/single", "/chat", "/pager", "/firing_only"} {
			if !a.toPeer.told(path, 1) {
				t.Errorf("alertmanager sent nothing to %s", path)
			}
		}
		for _, path := range []string{"/muted", "/inactive", "/silenced", "/inhibited"} {
			if a.toPeer.told(path, 1) {
				t.Errorf("both sent to %s", path)
			}
		}
	})
	t.Run("notifications", func(t *testing.T) { compareNotifications(t, a) })
	t.Run("API", func(t *testing.T) { compareAlertmanagers(t, a.alertmanagers) })
	t.Run("restart", func(t *testing.T) { compareRestart(t, a) })
}

// evaluated waits until the rules have been evaluated for that time.
func (s *server) evaluated(t *testing.T, until time.Time) {
	t.Helper()
	eventually(t, time.Minute, func() (bool, string) {
		got := s.get(t, "/api/v1/query?query="+url.QueryEscape(fmt.Sprintf("max(timestamp(scalar)) > %d", until.Unix())))
		return strings.Contains(got.body, `"value"`), s.name + ": " + got.body
	})
}

// silence makes the same silence in both Alertmanagers.
func (a *alertPair) silence(t *testing.T, alertname string) {
	t.Helper()
	body := fmt.Sprintf(`{"matchers":[{"name":"alertname","value":%q,"isRegex":true,"isEqual":true}],"startsAt":%q,"endsAt":%q,"createdBy":"anna","comment":"upgrade"}`,
		alertname, time.Now().UTC().Format(time.RFC3339), time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	got := a.alertmanagers.both(t, "silence", func(s *server) answer {
		return s.do(t, http.MethodPost, "/api/v2/silences", strings.NewReader(body), "Content-Type", "application/json")
	}, without("silenceID"))
	if got.status != http.StatusOK {
		t.Fatal(got.body)
	}
}

// samePages waits until both have sent the same.
func (a *alertPair) samePages(t *testing.T) {
	t.Helper()
	eventually(t, 20*time.Second, func() (bool, string) {
		diff := gocmp.Diff(a.toPeer.all(), a.toDaymark.all())
		return diff == "", "- alertmanager, + daymark\n" + clip(diff)
	})
}

// compareRestart stops both and starts them again: what an alert had waited
// of its rule's `for` is not lost.
func compareRestart(t *testing.T, a *alertPair) {
	a.daymark.end(syscall.SIGTERM)
	a.prometheus.end(syscall.SIGTERM)
	down := time.Now()
	a.restart(t)
	up := time.Now()
	for _, s := range []*server{a.daymark, a.prometheus} {
		s.evaluated(t, up.Add(6*time.Second))
	}
	want := map[string]string{"FiresLong": "firing, kept", "PendsLong": "pending, moved by the time of no evaluations", "FiresShort": "firing, kept"}
	got, peer := a.daymark.restored(t, down), a.prometheus.restored(t, down)
	if diff := gocmp.Diff(peer, got); diff != "" {
		t.Errorf("- prometheus, + daymark\n%s", diff)
	}
	if diff := gocmp.Diff(want, peer); diff != "" {
		t.Errorf("- expected, + prometheus\n%s", diff)
	}
}

// restored tells what became of the alerts of some rules by a restart, during
// which the moment down lies.
func (s *server) restored(t *testing.T, down time.Time) map[string]string {
	t.Helper()
	told := map[string]string{}
	for _, series := range s.read(t, time.Time{}, equals("__name__", "ALERTS_FOR_STATE"), &prompb.LabelMatcher{Type: prompb.LabelMatcher_RE, Name: "alertname", Value: "FiresLong|PendsLong|FiresShort"}) {
		ls := series.ToLabels(&labels.ScratchBuilder{}, nil)
		n := slices.IndexFunc(series.Samples, func(x prompb.Sample) bool { return x.Timestamp > down.UnixMilli() })
		if n < 1 {
			t.Fatalf("%s: %s has no samples from both sides of the restart", s.name, ls)
		}
		before, first, after := series.Samples[n-1], series.Samples[n], series.Samples[len(series.Samples)-1]
		gap := float64(first.Timestamp-before.Timestamp) / 1000
		moved := after.Value - before.Value
		said := fmt.Sprintf("moved by %g s in %g s", moved, gap)
		switch {
		case moved == 0:
			said = "kept"
		case moved >= gap-1 && moved <= gap+2:
			said = "moved by the time of no evaluations"
		}
		state := s.get(t, "/api/v1/query?query="+url.QueryEscape(`ALERTS{alertname="`+ls.Get("alertname")+`"}`))
		for _, name := range []string{"pending", "firing"} {
			if strings.Contains(state.body, `"`+name+`"`) {
				told[ls.Get("alertname")] += name + ", " + said
			}
		}
	}
	return told
}

// flapping takes out the alerts that come and go for ever.
func flapping(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = flapping(v[key])
		}
	case []any:
		for i := range v {
			v[i] = flapping(v[i])
		}
		return slices.DeleteFunc(v, func(a any) bool {
			return strings.HasPrefix(fmt.Sprint(at(a, "name"), at(a, "labels", "alertname")), "Flaps") || strings.HasPrefix(fmt.Sprint(at(a, "labels", "alertname")), "Flaps")
		})
	}
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
		for _, h := range series.Histograms {
			if h.Timestamp <= to.UnixMilli() {
				list = append(list, fmt.Sprintf("%d: %s", h.Timestamp, histogramText(h)))
			}
		}
		if len(list) > 0 {
			slices.Sort(list)
			told[series.ToLabels(&labels.ScratchBuilder{}, nil).String()] = list
		}
	}
	return told
}
