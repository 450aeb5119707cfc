package ruler

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"daymark/alerts"
	"daymark/alerts/alertmanager"
	"daymark/storage/sqlite"
)

// pager is a real webhook receiver.
type pager struct {
	*httptest.Server
	mu    sync.Mutex
	pages []string // "firing PoolFull orders" and the like, sorted within
}

func newPager(t *testing.T) *pager {
	t.Helper()
	p := &pager{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var page struct {
			Status string
			Alerts []struct{ Labels map[string]string }
		}
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &page)
		}
		if err != nil {
			t.Errorf("pager: %v", err)
		}
		var names []string
		for _, a := range page.Alerts {
			names = append(names, a.Labels["alertname"]+" "+a.Labels["pool"])
		}
		slices.Sort(names)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.pages = append(p.pages, page.Status+" "+strings.Join(names, ", "))
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *pager) got() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.pages)
}

// house is rules and routing over one folder, as main wires them.
type house struct {
	rules   *instance
	routing *alertmanager.Alertmanager
	stop    func()
}

func startHouse(t *testing.T, dir string, rules Config, routing string) *house {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	conf, err := alertmanager.Parse([]byte(routing), filepath.Join(dir, "alertmanager.yml"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(filepath.Join(dir, "daymark.db"), log)
	if err != nil {
		t.Fatal(err)
	}
	am, err := alertmanager.New(alertmanager.Config{File: conf, DataPath: filepath.Join(dir, "alertmanager")}, db, log, prometheus.NewPedanticRegistry())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- am.Run(ctx) }()
	h := &house{rules: start(t, filepath.Join(dir, "series"), rules, am.Put), routing: am}
	h.stop = sync.OnceFunc(func() {
		h.rules.stop()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("routing: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("database: %v", err)
		}
	})
	t.Cleanup(h.stop)
	return h
}

// silence keeps alerts with that label from paging, through the API.
func (h *house) silence(t *testing.T, label, value string) {
	t.Helper()
	body := `{"matchers":[{"name":"` + label + `","value":"` + value + `","isRegex":false,"isEqual":true}],
		"startsAt":"2020-01-01T00:00:00Z","endsAt":"2099-01-01T00:00:00Z","createdBy":"test","comment":"x"}`
	rec := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodPost, "/api/v2/silences", strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	h.routing.Handler().ServeHTTP(rec, req)
	if rec.Code != http.StatusOK {
		t.Fatalf("silence: %d %s", rec.Code, rec.Body)
	}
}

func (h *house) use(t *testing.T, pool string, connections float64) {
	t.Helper()
	h.rules.write(t, connections, "__name__", "pool_connections", "pool", pool)
}

const houseRules = `
groups:
  - name: pools
    rules:
      - record: pool:in_use:sum
        expr: sum by (pool) (pool_connections)
      - {alert: PoolFull, expr: 'pool:in_use:sum >= 200', labels: {severity: critical}}
      - {alert: PoolNearlyFull, expr: 'pool:in_use:sum >= 160', labels: {severity: warning}}
`

const houseRouting = `
route:
  receiver: pager
  group_by: [severity]
  group_wait: 500ms
  group_interval: 100ms
  repeat_interval: 24h
  routes:
    - matchers: [pool = batch]
      mute_time_intervals: [always]
inhibit_rules:
  - {source_matchers: [severity = critical], target_matchers: [severity = warning], equal: [pool]}
receivers:
  - name: pager
    webhook_configs: [{url: PAGER}]
time_intervals:
  - {name: always, time_intervals: [{times: [{start_time: "00:00", end_time: "24:00"}]}]}
`

// TestFromSampleToPage is the whole way: samples in a TSDB, rules over them,
// routing, and a receiver, with a restart in the middle.
func TestFromSampleToPage(t *testing.T) {
	hook := newPager(t)
	dir := t.TempDir()
	rules := DefaultConfig()
	rules.File = promConfig(t, "")
	rules.Files = []string{ruleFile(t, "pools.yml", houseRules)}
	routing := strings.ReplaceAll(houseRouting, "PAGER", hook.URL)
	h := startHouse(t, dir, rules, routing)
	waitFor(t, "routing runs", func() bool {
		rec := httptest.NewRecorder()
		h.routing.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/api/v2/status", nil))
		return rec.Code == http.StatusOK
	})
	h.silence(t, "pool", "known")

	// Two pools in one page; their warnings are inhibited, the silenced pool
	// and the one whose time interval mutes it page nobody.
	for _, pool := range []string{"orders", "users", "known", "batch"} {
		h.use(t, pool, 200)
	}
	waitFor(t, "the first page", func() bool { return len(hook.got()) > 0 })
	waitFor(t, "all alerts are looked at, and the deliveries noted", func() bool {
		list := h.routing.Active()
		delivered, muted := 0, 0
		for _, a := range list {
			delivered += len(a.Deliveries)
			muted += len(a.MutedBy)
		}
		return len(list) == 8 && delivered == 2 && muted > 0
	})
	if got := hook.got(); !slices.Equal(got, []string{"firing PoolFull orders, PoolFull users"}) {
		t.Fatalf("pages %q", got)
	}
	statuses := map[string]string{}
	for _, a := range h.routing.Active() {
		why := "sent"
		switch {
		case len(a.SilencedBy) > 0:
			why = "silenced"
		case len(a.InhibitedBy) > 0:
			why = "inhibited"
		case len(a.MutedBy) > 0:
			why = "muted"
		case len(a.Deliveries) != 1 || a.Deliveries[0].Receiver != "pager" || a.Deliveries[0].Firing != 2:
			why = "unclear"
		}
		statuses[a.Labels.Get("alertname")+" "+a.Labels.Get("pool")] = why
	}
	for alert, want := range map[string]string{
		"PoolFull orders": "sent", "PoolFull users": "sent", "PoolNearlyFull orders": "inhibited",
		"PoolFull known": "silenced", "PoolFull batch": "muted",
	} {
		if statuses[alert] != want {
			t.Errorf("%s: %s, want %s", alert, statuses[alert], want)
		}
	}
	h.stop()

	// After a restart everything still fires, and nobody is told again.
	h = startHouse(t, dir, rules, routing)
	for _, pool := range []string{"orders", "users", "known", "batch"} {
		h.use(t, pool, 200)
	}
	waitFor(t, "all alerts are looked at again", func() bool { return len(h.routing.Active()) == 8 })
	waitFor(t, "it is known where they were sent", func() bool {
		for _, a := range h.routing.Active() {
			if a.Labels.Get("alertname") == "PoolFull" && a.Labels.Get("pool") == "users" {
				return len(a.Deliveries) == 1 && a.Deliveries[0].OK
			}
		}
		return false
	})
	// Routing knew them from the disk; the end of an alert is told by a rule that has seen it fire.
	waitFor(t, "all rules fire again", func() bool {
		firing := 0
		for _, a := range h.rules.Active() {
			if a.State == alerts.Firing {
				firing++
			}
		}
		return firing == 8
	})
	h.use(t, "orders", 10)
	waitFor(t, "the end of one", func() bool { return len(hook.got()) > 1 })
	h.use(t, "users", 10)
	waitFor(t, "the end of the other", func() bool { return len(hook.got()) > 2 })
	got := hook.got()
	if got[1] != "firing PoolFull orders, PoolFull users" || got[2] != "resolved PoolFull users" {
		t.Errorf("pages %q", got)
	}
}
