package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// incidents is a PagerDuty that takes everything and keeps what identifies it.
// (How strictly its protocol is spoken is tested in alerts/alertmanager.)
type incidents struct {
	*httptest.Server
	mu   sync.Mutex
	list []incident
}

type incident struct {
	Action    string `json:"event_action"`
	Key       string `json:"dedup_key"`
	ClientURL string `json:"client_url"`
	Payload   struct{ Summary string }
}

func newIncidents(t *testing.T) *incidents {
	t.Helper()
	i := &incidents{}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var event incident
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil || event.Key == "" {
			http.Error(w, "no event", http.StatusBadRequest)
			return
		}
		i.mu.Lock()
		i.list = append(i.list, event)
		i.mu.Unlock()
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(i.Close)
	return i
}

// events lists what came, as "trigger SUMMARY".
func (i *incidents) events() (list []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, e := range i.list {
		_, name, _ := strings.Cut(e.Payload.Summary, "] ")
		list = append(list, e.Action+" "+strings.Fields(name)[0])
	}
	return list
}

// fault is a target whose gauges say what is wrong.
type fault struct {
	*httptest.Server
	pool, canary atomic.Int64
}

func newFault(t *testing.T) *fault {
	t.Helper()
	f := &fault{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "pool_connections %d\ncanary %d\n", f.pool.Load(), f.canary.Load())
	}))
	t.Cleanup(f.Close)
	return f
}

// TestPagesKeepTheirKeyWhateverHappens follows one incident, from a scrape to
// PagerDuty, through reloads, kill -9 and an orderly restart: it is opened once
// and closed once, under the same key.
func TestPagesKeepTheirKeyWhateverHappens(t *testing.T) {
	pager, shop, dir := newIncidents(t), newFault(t), t.TempDir()
	rules := func(summary string) {
		writeFile(t, dir, "rules.yml", `groups:
- name: shop
  interval: 200ms
  rules:
  - {alert: PoolSaturated, expr: pool_connections >= 200, labels: {severity: critical}, annotations: {summary: `+summary+`}}
  - {alert: Canary, expr: canary > 0, labels: {severity: warning}}
`)
	}
	routes := func(more string) {
		writeFile(t, dir, "alertmanager.yml", `route: {receiver: pager, group_by: [alertname], group_wait: 0s, group_interval: 100ms, repeat_interval: 24h`+more+`}
receivers:
- name: pager
  pagerduty_configs: [{url: `+pager.URL+`/v2/enqueue, routing_key: 0123456789abcdef0123456789abcdef, severity: '{{ .CommonLabels.severity }}'}]
`)
	}
	rules("the pool is full")
	routes("")
	config := writeFile(t, dir, "prometheus.yml", `global: {scrape_interval: 200ms, scrape_timeout: 200ms}
alertmanager_file: alertmanager.yml
rule_files: [rules.yml]
scrape_configs:
- job_name: shop
  static_configs: [{targets: ['`+strings.TrimPrefix(shop.URL, "http://")+`']}]
`)
	data := filepath.Join(dir, "data")
	address := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	args := []string{"--config.file=" + config, "--storage.path=" + data, "--web.listen-address=" + address, "--web.external-url=https://daymark.example/", "--rules.alert.resend-delay=200ms"}
	begin := func() *child {
		t.Helper()
		c := startChild(t, args)
		c.url = "http://" + address // what it says it is at is for others
		return c
	}

	var want []string
	expect := func(c *child, event string) {
		t.Helper()
		want = append(want, event)
		eventually(t, time.Minute, func() (bool, string) {
			return len(pager.events()) >= len(want), fmt.Sprintf("events %q, waiting for %q\n%s", pager.events(), want, c.logs.tail(30))
		})
		if got := pager.events(); !slices.Equal(got, want) {
			t.Fatalf("events %q, want %q", got, want)
		}
	}
	// Another incident comes and goes: by then the first would have been told again.
	canary := func(c *child) {
		t.Helper()
		shop.canary.Store(1)
		expect(c, "trigger Canary")
		shop.canary.Store(0)
		expect(c, "resolve Canary")
	}
	fires := func(c *child, summary string) {
		t.Helper()
		eventually(t, time.Minute, func() (bool, string) {
			_, body := get(t, c.url+"/api/v2/alerts?filter=alertname%3DPoolSaturated")
			firing, said := c.query(t, `ALERTS{alertname="PoolSaturated",alertstate="firing"}`)
			return strings.Contains(string(body), summary) && len(firing) == 1, string(body) + said
		})
	}

	c := begin()
	shop.pool.Store(200)
	expect(c, "trigger PoolSaturated")
	fires(c, "the pool is full")

	rules("no connection is left")
	routes(", routes: [{receiver: pager, matchers: [team = web]}]")
	if status, body := post(t, c.url+"/-/reload"); status != http.StatusOK {
		t.Fatalf("reload: %d %s", status, body)
	}
	fires(c, "no connection is left")

	eventually(t, time.Minute, func() (bool, string) {
		log, err := os.ReadFile(filepath.Join(data, "alertmanager", "nflog"))
		return strings.Contains(string(log), "PoolSaturated"), fmt.Sprint("what was sent is not on disk: ", err)
	})
	c.end(t, syscall.SIGKILL)
	c = begin()
	fires(c, "no connection is left")
	canary(c)

	c.end(t, syscall.SIGTERM)
	c = begin()
	fires(c, "no connection is left")
	canary(c)

	shop.pool.Store(10)
	expect(c, "resolve PoolSaturated")
	c.end(t, syscall.SIGTERM)

	keys := map[string]string{}
	for n, e := range pager.list {
		name := strings.Fields(want[n])[1]
		if before := keys[name]; before != "" && before != e.Key {
			t.Errorf("event %d (%s) has the key %s, and the first of %s had %s", n, want[n], e.Key, name, before)
		}
		keys[name] = e.Key
		if e.ClientURL != "https://daymark.example/#/alerts?receiver=pager" {
			t.Errorf("event %d links to %s", n, e.ClientURL)
		}
	}
	if keys["PoolSaturated"] == keys["Canary"] {
		t.Error("two incidents share a key")
	}
}
