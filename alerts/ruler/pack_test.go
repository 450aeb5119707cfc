package ruler

import (
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"daymark/alerts"
	"daymark/storage/sqlite"
)

const wantsPools = `# title: Pools of connections
# needs: pool_connections, other_connections
# needs: third_connections
#
# Watches pools
# closely.
#
# What only maintainers need to know.
groups:
  - name: pools
    interval: 100ms
    rules:
      - alert: PoolFull
        expr: pool_connections >= 200
        labels: {severity: critical}
`

func database(t *testing.T, dir string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(filepath.Join(dir, "daymark.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// pack returns the only pack.
func (i *instance) pack(t *testing.T) Pack {
	t.Helper()
	list, _ := i.Packs()
	if len(list) != 1 {
		t.Fatalf("%d packs", len(list))
	}
	return list[0]
}

func (i *instance) runsPools() bool {
	for _, g := range i.RuleGroups() {
		if g.Name() == "pools" {
			return true
		}
	}
	return false
}

func TestPackWaitsForItsMetrics(t *testing.T) {
	cfg := Config{File: promConfig(t, ""), Packs: fstest.MapFS{"pools.yml": {Data: []byte(wantsPools)}}}
	r := start(t, t.TempDir(), cfg, nil)
	waitFor(t, "the pack waits", func() bool { return r.pack(t).State == PackWaiting && !r.runsPools() })
	got := r.pack(t)
	if got.Title != "Pools of connections" || got.Description != "Watches pools closely." || got.File != "builtin:pools.yml" || got.Rules != 1 || got.Groups != 1 ||
		!slices.Equal(got.Needs, []string{"pool_connections", "other_connections", "third_connections"}) || len(got.Found) != 0 || !got.Enabled {
		t.Errorf("pack %+v", got)
	}
	r.write(t, 200, "__name__", "pool_connections", "pool", "db")
	waitFor(t, "the page", func() bool { return len(r.told(alerts.Firing)) > 0 })
	if got := r.pack(t); got.State != PackOn || !slices.Equal(got.Found, []string{"pool_connections"}) {
		t.Errorf("pack %+v", got)
	}
}

func TestPackIsOffWhereTheConfigurationDoesNotAsk(t *testing.T) {
	cfg := Config{File: promConfig(t, ""), Packs: fstest.MapFS{"pools.yml": {Data: []byte(wantsPools)}}, PacksOff: true}
	r := start(t, t.TempDir(), cfg, nil)
	r.write(t, 200, "__name__", "pool_connections", "pool", "db")
	waitFor(t, "the metric", func() bool { return len(r.pack(t).Found) == 1 })
	if _, asked := r.Packs(); asked || r.pack(t).State != PackOff || !r.pack(t).Enabled || r.runsPools() {
		t.Errorf("asked %v, pack %+v, runs %v", asked, r.pack(t), r.runsPools())
	}
	cfg.PacksOff = false
	cfg.ExternalURL = r.cfg.ExternalURL
	if err := r.Apply(cfg); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the page after the reload", func() bool { return len(r.told(alerts.Firing)) > 0 })
}

func TestSwitchOfAPackOutlivesARestart(t *testing.T) {
	dir := t.TempDir()
	db := database(t, t.TempDir())
	cfg := Config{File: promConfig(t, ""), Packs: fstest.MapFS{"pools.yml": {Data: []byte(wantsPools)}}, Database: db}
	r := start(t, dir, cfg, nil)
	r.write(t, 200, "__name__", "pool_connections", "pool", "db")
	waitFor(t, "the page", func() bool { return len(r.told(alerts.Firing)) > 0 })
	if got, err := r.SwitchPack(t.Context(), "pools", false); err != nil || got.State != PackOff || got.Enabled {
		t.Fatalf("switched %+v, %v", got, err)
	}
	if ended := r.told(alerts.Resolved); len(ended) != 1 || r.runsPools() || len(r.Active()) != 0 {
		t.Errorf("alerts told as resolved: %+v, rules run: %v", ended, r.runsPools())
	}
	if _, err := r.SwitchPack(t.Context(), "none", false); err == nil {
		t.Error("a pack that is not there was switched")
	}
	r.stop()

	r = start(t, dir, cfg, nil)
	if got := r.pack(t); got.State != PackOff || got.Enabled || r.runsPools() {
		t.Errorf("after a restart: %+v, rules run: %v", got, r.runsPools())
	}
	if _, err := r.SwitchPack(t.Context(), "pools", true); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the page after switching on", func() bool { return len(r.told(alerts.Firing)) > 0 })
}
