package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestGoldenPacks(t *testing.T) {
	golden(t, "packs", encode(t, packsDocument{Asked: true, Packs: []packEntry{
		{
			Name: "machine", Title: "This machine", Description: "Disks, memory, CPU.", Enabled: true, State: "on",
			Needs: []string{"node_memory_MemTotal_bytes", "node_load1"}, Found: []string{"node_load1"}, Rules: 40, Groups: 5, File: "builtin:machine.yml",
		},
		{
			Name: "payments", Title: "Payment latency, pools, timeouts", Description: "<b>bold</b>", Enabled: true, State: "waiting",
			Needs: []string{"payment_duration_seconds_bucket"}, Found: []string{}, Rules: 31, Groups: 3, File: "builtin:payments.yml",
		},
		{Name: "http", Title: "HTTP services", State: "off", Needs: []string{}, Found: []string{}, Rules: 20, Groups: 2, File: "builtin:http.yml"},
	}}))
}

const smallPack = `# title: Pools
# needs: pool_connections, db_connections
#
# Watches pools.
groups: [{name: pools, interval: 100ms, rules: [{alert: PoolFull, expr: pool_connections > 10, labels: {severity: critical}}]}]
`

func TestPacksAreListedAndSwitched(t *testing.T) {
	s := startStack(t, stackConfig{rules: fstest.MapFS{"pools.yml": {Data: []byte(smallPack)}}})
	list := func() packEntry {
		var d packsDocument
		must(t, json.Unmarshal([]byte(s.get(t, "/api/daymark/v1/packs").body), &d))
		if !d.Asked || len(d.Packs) != 1 {
			t.Fatalf("packs %+v", d)
		}
		return d.Packs[0]
	}
	waitFor(t, "a look for metrics", func() bool { return list().State == "waiting" })
	s.append(t, sample{series: "pool_connections", t: time.Now(), f: 12})
	waitFor(t, "the pack", func() bool { return list().State == "on" })
	waitFor(t, "the alert", func() bool {
		return strings.Contains(s.get(t, "/api/daymark/v1/alerts").body, `"name":"PoolFull"`)
	})

	got := s.do(t, http.MethodPut, "/api/daymark/v1/packs/pools", strings.NewReader(`{"enabled":false}`))
	if got.status != http.StatusOK || !strings.Contains(got.body, `"state":"off"`) || list().Enabled {
		t.Errorf("switching off: %d %s", got.status, got.body)
	}
	if body := s.get(t, "/api/v1/rules").body; strings.Contains(body, "PoolFull") {
		t.Errorf("rules of a pack that is off: %s", body)
	}
	waitFor(t, "the end of the alert", func() bool { return !strings.Contains(s.get(t, "/api/v2/alerts").body, "PoolFull") })
	if got := s.do(t, http.MethodPut, "/api/daymark/v1/packs/pools", strings.NewReader(`{"enabled":true}`)); !strings.Contains(got.body, `"state":"on"`) {
		t.Errorf("switching on: %d %s", got.status, got.body)
	}
	for path, body := range map[string]string{"/api/daymark/v1/packs/none": `{"enabled":true}`, "/api/daymark/v1/packs/pools": `{}`} {
		if got := s.do(t, http.MethodPut, path, strings.NewReader(body)); got.status != http.StatusNotFound && got.status != http.StatusBadRequest {
			t.Errorf("%s %s: %d %s", path, body, got.status, got.body)
		}
	}
}
