package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
)

func TestGoldenDropped(t *testing.T) {
	golden(t, "targets-dropped", encode(t, droppedDocument{Job: "shop", Dropped: 12, Listed: 2, Targets: []droppedEntry{
		{
			Labels: labels.FromStrings("__address__", "10.0.0.1:80", "__meta_team", "<b>blue</b>"), Address: "10.0.0.1:80",
			Rule: 3, Action: "drop", RuleYAML: "source_labels: [__meta_team]\nregex: <b>.*\naction: drop\n",
		},
		{Labels: labels.FromStrings("__address__", "10.0.0.2:80"), Address: "10.0.0.2:80", Reason: "no address is left after relabelling"},
	}}))
}

func TestDroppedTargetsNameTheirRule(t *testing.T) {
	s := startStack(t, stackConfig{file: `scrape_configs:
- job_name: shop
  relabel_configs:
  - {target_label: team, replacement: blue}
  - {source_labels: [team, __address__], regex: 'blue;a:1', action: drop}
  - {source_labels: [__address__], regex: 'b:1|d:1', action: keep}
  - {source_labels: [__address__], regex: 'd:1', target_label: __address__, replacement: ''}
  static_configs: [{targets: ['a:1', 'c:1', 'd:1']}]
`})
	var d droppedDocument
	waitFor(t, "discovery", func() bool {
		a := s.get(t, "/api/daymark/v1/targets/dropped?job=shop")
		must(t, json.Unmarshal([]byte(a.body), &d))
		return d.Dropped > 1
	})
	type why struct {
		rule           int
		action, reason string
	}
	want := map[string]why{"a:1": {2, "drop", ""}, "c:1": {3, "keep", ""}, "d:1": {0, "", "no address"}}
	for _, got := range d.Targets {
		w := want[got.Address]
		if got.Rule != w.rule || got.Action != w.action || !strings.Contains(got.Reason, w.reason) || (got.Rule > 0) != strings.Contains(got.RuleYAML, "regex") {
			t.Errorf("%s: %+v, want %+v", got.Address, got, w)
		}
	}
	if got := s.get(t, "/api/daymark/v1/targets/dropped?job=none"); got.status != http.StatusNotFound {
		t.Errorf("a job that is not there: %d %s", got.status, got.body)
	}
}
