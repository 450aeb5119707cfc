package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestGoldenReceivers(t *testing.T) {
	golden(t, "receivers", encode(t, receiversDocument{
		ConfigFile: "alertmanager.yml",
		Receivers: []receiverEntry{
			{Name: "pager", Routes: 1, Integrations: []integrationEntry{
				{Name: "pagerduty", SendResolved: true, Target: "events.pagerduty.com"},
				{Name: "webhook", Index: 1, Target: ""},
			}},
			{Name: "<b>nobody</b>", Integrations: []integrationEntry{}},
		},
	}))
	golden(t, "receiver-test", encode(t, trialDocument{Results: []trialResult{
		{Integration: "pagerduty", DurationMs: 212.5, Status: 400, Answer: `{"status":"invalid event"}`, Error: `unexpected status code 400: {"status":"invalid event"}`},
		{Integration: "webhook", Index: 1, OK: true, DurationMs: 3, Status: 200, Answer: "<script>alert(1)</script>"},
	}}))
}

func TestReceiversCanBeTested(t *testing.T) {
	s := startStack(t, stackConfig{})
	var list receiversDocument
	must(t, json.Unmarshal([]byte(s.get(t, "/api/daymark/v1/receivers").body), &list))
	if !list.BuiltIn || len(list.Receivers) != 1 || list.Receivers[0].Name != "daymark" || list.Receivers[0].Routes != 1 {
		t.Fatalf("receivers without a configuration: %+v", list)
	}
	tests := map[string]struct {
		path, body string
		status     int
		want       string
	}{
		"all integrations":               {"/api/daymark/v1/receivers/daymark/test", "", 200, `"ok":true`},
		"one integration":                {"/api/daymark/v1/receivers/daymark/test", `{"integration":"ui","index":0}`, 200, `"ok":true`},
		"a receiver that is not there":   {"/api/daymark/v1/receivers/a%2Fb/test", "", 404, `a/b`},
		"an integration that is not":     {"/api/daymark/v1/receivers/daymark/test", `{"integration":"webhook"}`, 404, "webhook"},
		"a field that nobody knows":      {"/api/daymark/v1/receivers/daymark/test", `{"integraton":"ui"}`, 400, "integraton"},
		"an index of nothing":            {"/api/daymark/v1/receivers/daymark/test", `{"index":1}`, 400, "index"},
		"an index below the first":       {"/api/daymark/v1/receivers/daymark/test", `{"integration":"ui","index":-1}`, 400, "negative"},
		"two documents instead of one":   {"/api/daymark/v1/receivers/daymark/test", `{}{}`, 400, "more than one"},
		"the wrong type of a known name": {"/api/daymark/v1/receivers/daymark/test", `{"integration":5}`, 400, "integration"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := s.do(t, http.MethodPost, tt.path, strings.NewReader(tt.body))
			if got.status != tt.status || !strings.Contains(got.body, tt.want) {
				t.Errorf("status %d %s, want %d with %q", got.status, got.body, tt.status, tt.want)
			}
		})
	}
}
