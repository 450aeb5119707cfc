package ruler

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"

	"daymark/alerts"
	"daymark/storage/series"
)

const poolRules = `
groups:
  - name: pools
    rules:
      - record: pool:in_use:sum
        expr: sum by (pool) (pool_connections)
      - alert: PoolFull
        expr: pool:in_use:sum >= 200
        labels: {severity: critical}
        annotations: {summary: "pool {{ $labels.pool }} has {{ $value }} in use, seen by {{ $externalLabels.site }}"}
`

func TestRulesRecordAndAlert(t *testing.T) {
	cfg := Config{
		File:  promConfig(t, "  external_labels: {site: fra, severity: ignored}\nalerting:\n  alert_relabel_configs:\n  - {source_labels: [pool], target_label: team, replacement: 'team of $1'}\n  - {regex: replica, action: labeldrop}\n"),
		Files: []string{ruleFile(t, "pools.yml", poolRules)},
	}
	r := start(t, t.TempDir(), cfg, nil)
	feed := r.db.Subscribe(series.FeedOptions{Buffer: 100})
	defer feed.Close()
	r.write(t, 200, "__name__", "pool_connections", "pool", "db")
	waitFor(t, "the alert", func() bool { return len(r.told(alerts.Firing)) > 0 })
	got := r.told(alerts.Firing)[0]
	want := labels.FromStrings("alertname", "PoolFull", "pool", "db", "severity", "critical", "site", "fra", "team", "team of db")
	if !labels.Equal(got.Labels, want) {
		t.Errorf("labels %s, want %s", got.Labels, want)
	}
	if got.Value != 200 || got.Annotations.Get("summary") != "pool db has 200 in use, seen by fra" {
		t.Errorf("alert %+v", got)
	}
	if got.GeneratorURL != "http://daymark.example/graph?g0.expr=pool%3Ain_use%3Asum+%3E%3D+200&g0.tab=1" {
		t.Errorf("generator URL %s", got.GeneratorURL)
	}
	if got.EndsAt.Before(got.StartsAt) || got.StartsAt.IsZero() || got.ActiveAt.IsZero() {
		t.Errorf("times %+v", got)
	}
	if active := r.named("PoolFull"); len(active) != 1 || active[0].Fingerprint() != got.Fingerprint() || active[0].State != alerts.Firing {
		t.Errorf("active %+v", active)
	}
	waitFor(t, "a commit of the group", func() bool {
		select {
		case c := <-feed.Commits():
			return c.Source == "rule:pools" && c.Count > 0
		default:
			return false
		}
	})
	r.write(t, 20, "__name__", "pool_connections", "pool", "db")
	waitFor(t, "the end", func() bool { return len(r.told(alerts.Resolved)) > 0 })
	if end := r.told(alerts.Resolved)[0]; end.Fingerprint() != got.Fingerprint() || end.EndsAt.After(time.Now()) {
		t.Errorf("resolved %+v", end)
	}
	if len(r.Active()) != 0 {
		t.Errorf("active %+v", r.Active())
	}
}

func TestDroppedByRelabellingIsNotSent(t *testing.T) {
	cfg := Config{
		File:  promConfig(t, "alerting:\n  alert_relabel_configs:\n  - {source_labels: [severity], regex: info, action: drop}\n"),
		Files: []string{ruleFile(t, "r.yml", "groups: [{name: g, rules: [{alert: Quiet, expr: vector(1), labels: {severity: info}}, {alert: Loud, expr: vector(1)}]}]")},
	}
	r := start(t, t.TempDir(), cfg, nil)
	waitFor(t, "the other alert", func() bool { return len(r.told(alerts.Firing)) > 0 })
	waitFor(t, "both are listed", func() bool { return len(r.Active()) == 2 })
	for _, a := range r.told(alerts.Firing) {
		if a.Labels.Get("alertname") == "Quiet" {
			t.Error("a dropped alert was sent")
		}
	}
}

// TestPendingAlertSurvivesARestart restarts while the time of `for` runs: it
// goes on, and does not begin again.
func TestPendingAlertSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	cfg := Config{
		File:            promConfig(t, ""),
		Files:           []string{ruleFile(t, "r.yml", "groups: [{name: g, rules: [{alert: Slow, expr: 'latency > 2', for: 1h}]}]")},
		OutageTolerance: time.Hour,
	}
	r := start(t, dir, cfg, nil)
	r.write(t, 9, "__name__", "latency", "service", "payment")
	const pendingFor = 2 * time.Second
	waitFor(t, "the alert is pending for a while", func() bool {
		active := r.named("Slow")
		return len(active) == 1 && active[0].State == alerts.Pending && time.Since(active[0].ActiveAt) > pendingFor
	})
	if !r.named("Slow")[0].StartsAt.IsZero() || len(r.told(alerts.Firing)) != 0 {
		t.Error("a pending alert was sent")
	}
	r.stop()

	restarted := time.Now()
	r = start(t, dir, cfg, nil)
	r.write(t, 9, "__name__", "latency", "service", "payment")
	waitFor(t, "its state is restored", func() bool {
		active := r.named("Slow")
		return len(active) == 1 && active[0].ActiveAt.Before(restarted.Add(-pendingFor/4))
	})
}

func TestReload(t *testing.T) {
	kept := ruleFile(t, "kept.yml", "groups: [{name: kept, rules: [{alert: Kept, expr: vector(1), for: 1h}]}]")
	changed := ruleFile(t, "changed.yml", "groups: [{name: changed, rules: [{alert: Same, expr: vector(1), for: 1h}, {alert: Old, expr: vector(1)}]}]")
	removed := ruleFile(t, "removed.yml", "groups: [{name: removed, rules: [{record: gone, expr: vector(1)}]}]")
	cfg := Config{File: promConfig(t, ""), Files: []string{kept, changed, removed, kept}}
	r := start(t, t.TempDir(), cfg, nil)
	names := func() (names []string) {
		for _, a := range r.Active() {
			names = append(names, a.Labels.Get("alertname"))
		}
		slices.Sort(names)
		return names
	}
	waitFor(t, "all alerts", func() bool { return slices.Equal(names(), []string{"Kept", "Old", "Same"}) })
	keptSince, sameSince, keptGroup := r.named("Kept")[0].ActiveAt, r.named("Same")[0].ActiveAt, group(r, "kept")

	writeFile(t, changed, "groups: [{name: changed, rules: [{alert: Same, expr: 'vector(1', for: 1h}]}]")
	if err := r.Apply(cfg); err == nil || !strings.Contains(err.Error(), changed+":1:") {
		t.Errorf("error %v, want one that names %s and the line", err, changed)
	}
	if len(r.RuleGroups()) != 3 || group(r, "kept") != keptGroup {
		t.Error("a file with a mistake changed something")
	}

	writeFile(t, changed, "groups: [{name: changed, rules: [{alert: Same, expr: vector(1), for: 1h}, {alert: New, expr: vector(1)}]}]")
	cfg.Files = []string{kept, changed}
	if err := r.Apply(cfg); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the new rules", func() bool { return slices.Equal(names(), []string{"Kept", "New", "Same"}) })
	if group(r, "kept") != keptGroup || !r.named("Kept")[0].ActiveAt.Equal(keptSince) {
		t.Error("an unchanged group lost its state")
	}
	if !r.named("Same")[0].ActiveAt.Equal(sameSince) {
		t.Error("an unchanged rule of a changed group lost its state")
	}
	if group(r, "removed") != nil {
		t.Error("a removed group is still there")
	}
	if len(r.AlertingRules()) != 3 {
		t.Errorf("%d alert rules, want 3", len(r.AlertingRules()))
	}
}

func group(r *instance, name string) *rules.Group {
	for _, g := range r.RuleGroups() {
		if g.Name() == name {
			return g
		}
	}
	return nil
}

// TestPackPagesOnTheStory runs the real rule pack, sped up, over a pool of
// 200 that fills up.
func TestPackPagesOnTheStory(t *testing.T) {
	pack, err := os.ReadFile(filepath.Join("..", "..", "embed", "rules", "payments.yml"))
	if err != nil {
		t.Fatal(err)
	}
	fast := strings.NewReplacer("interval: 5s", "interval: 100ms", "for: 10s", "for: 300ms").Replace(string(pack))
	cfg := Config{File: promConfig(t, ""), Packs: fstest.MapFS{
		"payments.yml": {Data: []byte(fast)}, "tests/x.yml": {Data: []byte("no rules")}, "README.md": {Data: []byte("no rules")},
	}}
	r := start(t, t.TempDir(), cfg, nil)
	for _, pod := range []string{"a", "b", "c", "d"} {
		r.write(t, 50, "__name__", "pool_connections", "pool", "provider", "state", "in_use", "job", "payment", "instance", pod)
		r.write(t, 50, "__name__", "pool_connections_max", "pool", "provider", "job", "payment", "instance", pod)
	}
	waitFor(t, "the page", func() bool { return len(r.told(alerts.Firing)) > 0 })
	got := r.told(alerts.Firing)[0]
	if got.Labels.Get("alertname") != "PoolSaturated" || !strings.HasPrefix(got.Annotations.Get("description"), "200 of 200 connections") {
		t.Errorf("alert %s %s", got.Labels, got.Annotations)
	}
	for _, g := range r.RuleGroups() {
		if g.File() != "builtin:payments.yml" {
			t.Errorf("group %s is from %s", g.Name(), g.File())
		}
	}
}

func TestStopBeforeTheSeriesAreReady(t *testing.T) {
	cfg := Config{File: promConfig(t, ""), Files: []string{ruleFile(t, "r.yml", poolRules)}}
	r := start(t, t.TempDir(), cfg, nil)
	r.stop()

	other := start(t, t.TempDir(), cfg, nil) // a second one in this process, too
	other.stop()

	reg := prometheus.NewRegistry()
	late, err := New(cfg, other.engine, other.db, other.receive, slog.New(slog.DiscardHandler), reg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := late.Run(ctx, nil); err != nil { // a nil channel never becomes ready
		t.Error(err)
	}
}

func TestNewRefusesRulesWithMistakes(t *testing.T) {
	bad := ruleFile(t, "bad.yml", "groups: [{name: g, rules: [{alert: A, expr: 'sum('}]}]")
	cfg := Config{File: promConfig(t, ""), Files: []string{bad, filepath.Join(t.TempDir(), "gone.yml")}}
	err := cfg.Validate()
	if err == nil || !strings.Contains(err.Error(), bad+":1:") || !strings.Contains(err.Error(), "gone.yml") {
		t.Errorf("error %v, want one that names both files", err)
	}
	cfg = Config{File: promConfig(t, "alerting:\n  alertmanagers:\n  - static_configs: [{targets: ['h:1']}]\n    tls_config: {ca_file: gone.pem}\n")}
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "gone.pem") {
		t.Errorf("error %v, want one that names the certificate", err)
	}
}
