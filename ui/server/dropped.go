package server

import (
	"errors"
	"net/http"

	"github.com/prometheus/prometheus/model/labels"

	"daymark/collector"
)

// droppedDocument is the body of GET /api/daymark/v1/targets/dropped.
type droppedDocument struct {
	Job     string         `json:"job"`
	Dropped int            `json:"dropped"` // all of them
	Listed  int            `json:"listed"`
	Targets []droppedEntry `json:"targets"`
}

// droppedEntry is one target that is not scraped, and why.
type droppedEntry struct {
	Labels   labels.Labels `json:"labels"` // as discovered
	Address  string        `json:"address"`
	Rule     int           `json:"rule"` // counted from 1; 0 where no rule dropped it
	Action   string        `json:"action"`
	RuleYAML string        `json:"rule_yaml"`
	Reason   string        `json:"reason"` // where no rule did
}

func (s *Server) droppedTargets(w http.ResponseWriter, r *http.Request) {
	job := r.URL.Query().Get("job")
	list, count, err := s.deps.Collector.DroppedTargets(job, listLimit)
	if errors.Is(err, collector.ErrNoJob) {
		err = &requestError{kind: kindNotFound, message: err.Error()}
	}
	if err != nil {
		writeError(w, r, err)
		return
	}
	d := droppedDocument{Job: job, Dropped: count, Listed: len(list), Targets: []droppedEntry{}}
	for _, t := range list {
		d.Targets = append(d.Targets, droppedEntry(t))
	}
	writeJSON(w, r, d)
}
