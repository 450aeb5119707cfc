package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
)

// testDashboards holds one dashboard with each kind of panel, odd text and
// fields that Daymark does not know.
func testDashboards() fstest.MapFS {
	return fstest.MapFS{"every-kind.json": {Data: []byte(`{
  "uid": "every-kind", "title": "Every <b>kind</b>", "description": "One of each.", "tags": ["built-in", "<script>alert(1)</script>"],
  "time": {"from": "now-15m", "to": "now"}, "refresh": "", "schemaVersion": 42, "timepicker": {"hidden": true},
  "templating": {"list": [
    {"name": "host_job", "type": "constant", "hide": 2, "query": ".+", "current": {"text": ".+", "value": ".+"}},
    {"name": "service", "type": "custom", "query": "shop,search", "current": {"text": ["All"], "value": ["$__all"]}, "includeAll": true, "multi": true}
  ]},
  "panels": [
    {"id": 1, "type": "timeseries", "title": "Requests", "description": "By service.", "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8}, "interval": "5s", "maxDataPoints": 300,
     "targets": [
       {"refId": "A", "expr": "sum by (service) (rate(http_requests_total{service=~\"$service\"}[$__rate_interval]))", "legendFormat": "{{service}}"},
       {"refId": "B", "expr": "vector(1)", "hide": true}
     ],
     "fieldConfig": {
       "defaults": {"unit": "reqps", "decimals": 1, "min": 0, "max": 100, "color": {"mode": "palette-classic"},
         "thresholds": {"mode": "absolute", "steps": [{"color": "green", "value": null}, {"color": "red", "value": 80}]},
         "custom": {"drawStyle": "line", "fillOpacity": 10, "stacking": {"mode": "normal", "group": "A"}, "thresholdsStyle": {"mode": "dashed"}, "axisSoftMax": 10}},
       "overrides": [{"matcher": {"id": "byName", "options": "shop"}, "properties": [{"id": "unit", "value": "short"}, {"id": "color", "value": {"mode": "fixed", "fixedColor": "red"}}]}]},
     "options": {"legend": {"showLegend": true, "displayMode": "list", "placement": "bottom", "calcs": ["mean"]}, "tooltip": {"mode": "multi", "sort": "desc"}}},
    {"id": 2, "type": "stat", "title": "Up", "gridPos": {"x": 12, "y": 0, "w": 4, "h": 4}, "targets": [{"refId": "A", "expr": "sum(up)"}],
     "fieldConfig": {"defaults": {"noValue": "nobody", "mappings": [{"type": "value", "options": {"0": {"text": "none", "color": "red"}}}]}, "overrides": []},
     "options": {"reduceOptions": {"values": false, "calcs": ["lastNotNull"], "fields": ""}, "colorMode": "value", "graphMode": "area", "textMode": "auto"}},
    {"id": 3, "type": "gauge", "title": "Share", "gridPos": {"x": 16, "y": 0, "w": 4, "h": 4}, "targets": [{"refId": "A", "expr": "avg(up)"}], "options": {"reduceOptions": {"calcs": ["mean"]}, "showThresholdMarkers": true}},
    {"id": 4, "type": "bargauge", "title": "Jobs", "gridPos": {"x": 20, "y": 0, "w": 4, "h": 8}, "targets": [{"refId": "A", "expr": "sum by (job) (up)", "instant": true, "range": false}], "options": {"displayMode": "basic", "showUnfilled": true}},
    {"id": 5, "type": "row", "title": "Details", "collapsed": true, "gridPos": {"x": 0, "y": 8, "w": 24, "h": 1}, "panels": [
      {"id": 6, "type": "table", "title": "Targets", "gridPos": {"x": 0, "y": 9, "w": 24, "h": 7}, "targets": [{"refId": "A", "expr": "up", "instant": true, "format": "table"}],
       "transformations": [{"id": "organize", "options": {"excludeByName": {"Time": true}, "indexByName": {"job": 0}, "renameByName": {"job": "Job"}}}],
       "options": {"showHeader": true, "sortBy": [{"displayName": "Job", "desc": false}]}},
      {"id": 7, "type": "text", "title": "Read me", "gridPos": {"x": 0, "y": 16, "w": 24, "h": 3}, "options": {"mode": "markdown", "content": "# Hello\n\nSee [the docs](https://example.com/) <img src=x onerror=alert(1)>"}},
      {"id": 8, "type": "heatmap", "title": "Not yet", "gridPos": {"x": 0, "y": 19, "w": 24, "h": 8}, "targets": [{"refId": "A", "expr": "up"}], "options": {"calculate": false}}
    ]}
  ]
}`)}}
}

func TestDashboardsAreListedAndGiven(t *testing.T) {
	s := startStack(t, stackConfig{})
	list := s.get(t, "/api/daymark/v1/dashboards")
	if list.status != http.StatusOK {
		t.Fatalf("status %d: %s", list.status, list.body)
	}
	golden(t, "dashboards", []byte(list.body))

	one := s.get(t, "/api/daymark/v1/dashboards/every-kind")
	if one.status != http.StatusOK {
		t.Fatalf("status %d: %s", one.status, one.body)
	}
	golden(t, "dashboard", []byte(one.body))
	var got struct {
		Dashboard map[string]any `json:"dashboard"`
	}
	must(t, json.Unmarshal([]byte(one.body), &got))
	if got.Dashboard["timepicker"] == nil {
		t.Error("a field that is not known was lost")
	}
	if strings.Contains(one.body, "<") {
		t.Error("markup in a title is not escaped")
	}
	missing := s.get(t, "/api/daymark/v1/dashboards/nothing")
	if missing.status != http.StatusNotFound || !strings.Contains(missing.body, `no dashboard with the uid \"nothing\"`) {
		t.Errorf("status %d: %s", missing.status, missing.body)
	}
}

func TestDashboardsFindThisMachine(t *testing.T) {
	s := startStack(t, stackConfig{})
	plain := s.deps.Setup
	s.deps.Setup = func() Setup {
		setup := plain()
		setup.Host, setup.HostJob, setup.HostName = true, "node", "web-1.example"
		return setup
	}
	if got := s.get(t, "/api/daymark/v1/dashboards/every-kind"); !strings.Contains(got.body, `"query":"node"`) {
		t.Errorf("the constant host_job did not get this machine's job: %s", got.body)
	}
}
