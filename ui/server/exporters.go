package server

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"daymark/collector"
)

// exportersDocument is the body of GET /api/daymark/v1/exporters.
type exportersDocument struct {
	Probing    bool            `json:"probing"` // somebody looks for them
	IntervalMs int64           `json:"interval_ms"`
	Found      []exporterEntry `json:"found"`
}

// exporterEntry is one exporter on this machine; also the answer to PUT.
type exporterEntry struct {
	Kind       string `json:"kind"`
	Title      string `json:"title"`
	Port       int    `json:"port"`
	URL        string `json:"url"`
	Job        string `json:"job"`
	State      string `json:"state"`  // scraped, ignored or covered
	Reason     string `json:"reason"` // why it is not scraped
	FoundMs    int64  `json:"found_ms"`
	LastSeenMs int64  `json:"last_seen_ms"` // when it last answered
}

// ignoreRequest is the body of PUT /api/daymark/v1/exporters.
type ignoreRequest struct {
	URL     string `json:"url"`
	Ignored *bool  `json:"ignored"`
}

func exporterEntryOf(e collector.Exporter) exporterEntry {
	return exporterEntry{
		Kind: e.Kind, Title: e.Title, Port: e.Port, URL: e.URL, Job: e.Job, State: string(e.State), Reason: e.Reason,
		FoundMs: millis(e.FoundAt), LastSeenMs: millis(e.LastSeen),
	}
}

// exporters returns the document, and the same without what every scrape
// changes.
func (s *Server) exporters(context.Context) (document, lasting exportersDocument) {
	list, probing, interval := s.deps.Collector.Exporters()
	document = exportersDocument{Probing: probing, IntervalMs: interval.Milliseconds(), Found: []exporterEntry{}}
	for _, e := range list {
		document.Found = append(document.Found, exporterEntryOf(e))
	}
	lasting = document
	lasting.Found = slices.Clone(document.Found)
	for i := range lasting.Found {
		lasting.Found[i].LastSeenMs = 0
	}
	return document, lasting
}

func (s *Server) ignoreExporter(w http.ResponseWriter, r *http.Request) {
	var asked ignoreRequest
	err := readJSON(r, &asked)
	if err == nil && (asked.Ignored == nil || asked.URL == "") {
		err = &requestError{kind: kindBadData, message: `the body of the request must be {"url": "http://127.0.0.1:9104/metrics", "ignored": true}`}
	}
	if err != nil {
		writeError(w, r, err)
		return
	}
	one, err := s.deps.Collector.IgnoreExporter(r.Context(), asked.URL, *asked.Ignored)
	if errors.Is(err, collector.ErrNoExporter) {
		err = &requestError{kind: kindNotFound, message: err.Error()}
	}
	if err != nil {
		writeError(w, r, err)
		return
	}
	writeJSON(w, r, exporterEntryOf(one))
}
