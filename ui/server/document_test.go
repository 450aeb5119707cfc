package server

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"daymark/alerts"
	"daymark/alerts/alertmanager"
	"daymark/collector"
)

func TestStatusOfARunningStack(t *testing.T) {
	s := startStack(t, stackConfig{
		server: Config{RoutePrefix: "/day"},
		file: `
scrape_configs:
  - {job_name: second, scrape_interval: 30s, static_configs: [{targets: ["127.0.0.1:1"]}]}
  - {job_name: first, static_configs: [{targets: ["127.0.0.1:1", "127.0.0.1:2"]}]}
`,
	})
	before := time.Now().UnixMilli()
	s.append(t, sample{series: "seen", t: time.Now(), f: 1})
	var got statusDocument
	waitFor(t, "the targets of both jobs", func() bool {
		a := s.get(t, "/api/daymark/v1/status")
		if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/json" {
			t.Fatalf("status %d: %s", a.status, a.body)
		}
		must(t, json.Unmarshal([]byte(a.body), &got))
		return len(got.Jobs) == 2 && got.Jobs[0].Targets == 1 && got.Jobs[1].Targets == 2
	})
	want := []jobSummary{{"second", 30_000, 1}, {"first", 1000, 2}}
	if fmt.Sprint(got.Jobs) != fmt.Sprint(want) {
		t.Errorf("jobs %v, want %v", got.Jobs, want)
	}
	if !got.Ready || got.Loading != nil {
		t.Errorf("ready %v, loading %v", got.Ready, got.Loading)
	}
	if got.Protocol != liveProtocol || len(got.Build) != 16 || len(got.Instance) != 16 || got.Version != "0.1.0" {
		t.Errorf("protocol %q, build %q, instance %q, version %q", got.Protocol, got.Build, got.Instance, got.Version)
	}
	if got.LastCommitMs < before || got.NowMs < got.LastCommitMs || got.StartedMs > got.NowMs {
		t.Errorf("committed %d, now %d, started %d; before %d", got.LastCommitMs, got.NowMs, got.StartedMs, before)
	}
	if !got.Paging.BuiltIn || len(got.Paging.Receivers) != 1 {
		t.Errorf("paging %+v", got.Paging)
	}
	if got.ExternalURL != s.url+"/" || got.ConfigFile != "prometheus.yml" || got.HostName != "web-1" {
		t.Errorf("external URL %q, configuration %q, host %q", got.ExternalURL, got.ConfigFile, got.HostName)
	}
	if got.Unauthenticated {
		t.Error("a server on loopback calls itself unauthenticated")
	}
	if !got.LastReload.OK || got.LastReload.AtMs != 1_790_000_000_000 {
		t.Errorf("last reload %+v", got.LastReload)
	}
}

func TestAlertsFromRuleToDocument(t *testing.T) {
	s := startStack(t, stackConfig{
		rules: fstest.MapFS{"test.yml": {Data: []byte(`
groups:
  - name: test
    interval: 1s
    rules:
      - {alert: Broken, expr: 'broken > 1', labels: {severity: page}, annotations: {summary: 'broken is {{ $value }}', runbook_url: 'javascript:alert(1)'}}
      - {alert: Soon, expr: 'broken > 1', for: 1h, labels: {severity: warning}}
`)}},
	})
	s.append(t, sample{series: `broken{what="<b>"}`, t: time.Now(), f: 2.5})
	var got alertsDocument
	waitFor(t, "the alert and its delivery", func() bool {
		must(t, json.Unmarshal([]byte(s.get(t, "/api/daymark/v1/alerts").body), &got))
		return got.Firing == 1 && got.Pending == 1 && len(got.Alerts[0].Deliveries) > 0
	})
	firing, pending := got.Alerts[0], got.Alerts[1]
	if firing.Name != "Broken" || firing.State != "firing" || firing.Severity != "critical" || firing.Status != "active" {
		t.Errorf("firing: %+v", firing)
	}
	if firing.Summary != "broken is 2.5" || firing.RunbookURL != "" || firing.Value == nil || *firing.Value != 2.5 {
		t.Errorf("summary %q, runbook %q, value %v", firing.Summary, firing.RunbookURL, firing.Value)
	}
	if !firing.Deliveries[0].OK || len(firing.Receivers) != 1 {
		t.Errorf("deliveries %+v, receivers %q", firing.Deliveries, firing.Receivers)
	}
	if pending.Name != "Soon" || pending.State != "pending" || pending.Severity != "warning" || pending.SinceMs == 0 {
		t.Errorf("pending: %+v", pending)
	}
	if body := s.get(t, "/api/daymark/v1/alerts").body; strings.Contains(body, "<b>") || !strings.Contains(body, `\u003cb\u003e`) {
		t.Errorf("the label is not escaped: %s", body)
	}
}

func TestAlertsAreSortedAndBounded(t *testing.T) {
	at := func(ms int64) time.Time { return time.UnixMilli(ms) }
	ruled := []alerts.Alert{
		{Labels: labels.FromStrings("alertname", "late", "severity", "critical"), State: alerts.Pending, ActiveAt: at(1)},
		{Labels: labels.FromStrings("alertname", "mild", "severity", "warning"), State: alerts.Firing, ActiveAt: at(1), Value: math.NaN()},
		{Labels: labels.FromStrings("alertname", "newer", "severity", "critical"), State: alerts.Firing, ActiveAt: at(9)},
		{Labels: labels.FromStrings("alertname", "older", "severity", "critical"), State: alerts.Firing, ActiveAt: at(2)},
		{Labels: labels.FromStrings("alertname", "unnamed severity", "severity", "purple"), State: alerts.Firing, ActiveAt: at(0)},
		{Labels: labels.FromStrings("alertname", "gone"), State: alerts.Resolved},
	}
	d := alertsOf(nil, ruled)
	var names []string
	for _, e := range d.Alerts {
		names = append(names, e.Name)
	}
	if got, want := strings.Join(names, ","), "older,newer,mild,unnamed severity,late"; got != want {
		t.Errorf("order %s, want %s", got, want)
	}
	if d.Firing != 4 || d.Pending != 1 || d.Truncated != 0 {
		t.Errorf("firing %d, pending %d, truncated %d", d.Firing, d.Pending, d.Truncated)
	}
	if d.Alerts[2].Value != nil {
		t.Error("not a number became a number")
	}
	ruled = nil
	for i := range 612 {
		ruled = append(ruled, alerts.Alert{Labels: labels.FromStrings("alertname", fmt.Sprint(i)), State: alerts.Firing})
	}
	if d := alertsOf(nil, ruled); len(d.Alerts) != 500 || d.Truncated != 112 || d.Firing != 612 {
		t.Errorf("%d listed, %d truncated, %d firing", len(d.Alerts), d.Truncated, d.Firing)
	}
}

// What others post through Alertmanager's API is listed too; the rules only
// add the value to what they know themselves.
func TestAlertsOfOthers(t *testing.T) {
	mine := alerts.Alert{Labels: labels.FromStrings("alertname", "mine"), State: alerts.Firing, Value: 7, ActiveAt: time.UnixMilli(5)}
	other := alerts.Alert{Labels: labels.FromStrings("alertname", "other"), State: alerts.Firing, StartsAt: time.UnixMilli(6)}
	d := alertsOf([]alertmanager.Active{
		{Alert: mine, Fingerprint: mine.Fingerprint(), Status: alertmanager.StatusSuppressed, SilencedBy: []string{"id"}, Silences: []alertmanager.Silence{{ID: "id", Author: "anna", Comment: "why", EndsAt: time.UnixMilli(5)}}},
		{Alert: other, Fingerprint: other.Fingerprint(), Status: alertmanager.StatusActive, Receivers: []string{"pager"}},
	}, []alerts.Alert{mine})
	if len(d.Alerts) != 2 {
		t.Fatalf("%d alerts", len(d.Alerts))
	}
	if e := d.Alerts[0]; e.Name != "mine" || e.Value == nil || *e.Value != 7 || e.Status != "suppressed" || e.SilencedBy[0] != "id" || e.Silences[0] != (silenceNote{"id", "anna", "why", 5}) {
		t.Errorf("mine: %+v", e)
	}
	if e := d.Alerts[1]; e.Name != "other" || e.Value != nil || e.SinceMs != 6 || e.Receivers[0] != "pager" {
		t.Errorf("other: %+v", e)
	}
}

func TestWebURL(t *testing.T) {
	for text, want := range map[string]bool{
		"https://runbooks.example.com/x?y#z": true,
		"http://localhost:1/":                true,
		"":                                   false,
		"/relative":                          false,
		"//evil.example":                     false,
		"javascript:alert(1)":                false,
		" javascript:alert(1)":               false,
		"java\nscript:alert(1)":              false,
		"data:text/html,x":                   false,
		"https:alert(1)":                     false,
	} {
		if got := webURL(text) == text && text != ""; got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestTargetsAreBoundedWithTheTroubledFirst(t *testing.T) {
	pool := func(name string, down, unknown, up int) collector.Pool {
		p := collector.Pool{Name: name, Down: down, Unknown: unknown, Up: up, Interval: time.Second}
		for health, n := range map[collector.Health]int{collector.Up: up, collector.Unknown: unknown, collector.Down: down} {
			for range n {
				p.Targets = append(p.Targets, collector.Target{Health: health})
			}
		}
		return p
	}
	all := collector.Targets{Pools: []collector.Pool{pool("a", 0, 0, 450), pool("b", 60, 40, 0)}, Up: 450, Down: 60, Unknown: 40}
	d := targetsOf(all)
	if len(d.Pools[0].Targets) != 400 || len(d.Pools[1].Targets) != 100 || d.Truncated != 50 {
		t.Errorf("%d up, %d in trouble, %d truncated", len(d.Pools[0].Targets), len(d.Pools[1].Targets), d.Truncated)
	}
	if d.Pools[1].Targets[0].Health != "down" || d.Pools[1].Targets[99].Health != "unknown" {
		t.Error("those that are down do not come first")
	}
	if d.Up != 450 || d.Down != 60 || d.Pools[0].Up != 450 {
		t.Errorf("counts are of what is listed: %+v", d.Up)
	}
	if d := targetsOf(collector.Targets{Pools: []collector.Pool{pool("a", 700, 0, 10)}, Up: 10, Down: 700}); len(d.Pools[0].Targets) != 500 || d.Truncated != 210 {
		t.Errorf("700 down: %d listed, %d truncated", len(d.Pools[0].Targets), d.Truncated)
	}
	body, err := json.Marshal(targetsOf(collector.Targets{Pools: []collector.Pool{{Name: "empty"}}}))
	must(t, err)
	if strings.Contains(string(body), "null") {
		t.Errorf("null in %s", body)
	}
}
