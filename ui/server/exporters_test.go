package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestGoldenExporters(t *testing.T) {
	const now = 1_790_000_000_000
	golden(t, "exporters", encode(t, exportersDocument{Probing: true, IntervalMs: 30_000, Found: []exporterEntry{
		{
			Kind: "mysqld", Title: "MySQL / MariaDB", Port: 9104, URL: "http://127.0.0.1:9104/metrics", Job: "mysqld", State: "scraped",
			FoundMs: now - 60_000, LastSeenMs: now - 900,
		},
		{
			Kind: "node", Title: "Node exporter", Port: 9100, URL: "http://127.0.0.1:9100/metrics", Job: "node", State: "covered",
			Reason: "this machine's own metrics are already scraped in process", FoundMs: now - 60_000, LastSeenMs: now - 12_000,
		},
		{
			Kind: "redis", Title: "Redis / Valkey", Port: 9121, URL: "http://[::1]:9121/metrics", Job: "redis", State: "ignored",
			Reason: "ignored by hand", FoundMs: now - 60_000, LastSeenMs: now - 12_000,
		},
	}}))
}

func TestExportersWithoutProbing(t *testing.T) {
	s := startStack(t, stackConfig{})
	var d exportersDocument
	must(t, json.Unmarshal([]byte(s.get(t, "/api/daymark/v1/exporters").body), &d))
	if d.Probing || d.IntervalMs != 30_000 || d.Found == nil || len(d.Found) != 0 {
		t.Errorf("document %+v", d)
	}
	tests := map[string]struct {
		body   string
		status int
	}{
		"an exporter that was not found": {`{"url":"http://127.0.0.1:9104/metrics","ignored":true}`, http.StatusNotFound},
		"no exporter at all":             {`{"ignored":true}`, http.StatusBadRequest},
		"no word on ignoring":            {`{"url":"http://127.0.0.1:9104/metrics"}`, http.StatusBadRequest},
	}
	for name, tt := range tests {
		if got := s.do(t, http.MethodPut, "/api/daymark/v1/exporters", strings.NewReader(tt.body)); got.status != tt.status {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}
