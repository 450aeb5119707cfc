package server

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"daymark/alerts/alertmanager"
)

// receiversDocument is the body of GET /api/daymark/v1/receivers.
type receiversDocument struct {
	BuiltIn    bool            `json:"built_in"` // no configuration: pages reach nobody but the UI
	ConfigFile string          `json:"config_file"`
	Receivers  []receiverEntry `json:"receivers"`
}

// receiverEntry is one receiver, without its secrets.
type receiverEntry struct {
	Name         string             `json:"name"`
	Integrations []integrationEntry `json:"integrations"`
	Routes       int                `json:"routes"` // that lead to it
}

// integrationEntry is one way in which a receiver is told.
type integrationEntry struct {
	Name         string `json:"name"`
	Index        int    `json:"index"`
	SendResolved bool   `json:"send_resolved"`
	Target       string `json:"target"` // host or address; "" where the configuration does not say it itself
}

// trialRequest is the body of POST /api/daymark/v1/receivers/{name}/test.
// What is absent means all.
type trialRequest struct {
	Integration string `json:"integration"`
	Index       *int   `json:"index"`
}

// trialDocument is the answer to it.
type trialDocument struct {
	Results []trialResult `json:"results"`
}

// trialResult is how the test of one integration went.
type trialResult struct {
	Integration string  `json:"integration"`
	Index       int     `json:"index"`
	OK          bool    `json:"ok"`
	DurationMs  float64 `json:"duration_ms"`
	Status      int     `json:"status"` // of the reply; 0 without one
	Answer      string  `json:"answer"` // at most 4 KiB
	Error       string  `json:"error"`
}

func (s *Server) receivers(w http.ResponseWriter, r *http.Request) {
	d := receiversDocument{
		BuiltIn: s.deps.Alerting.BuiltIn(), ConfigFile: s.deps.Alerting.ConfigFile(), Receivers: []receiverEntry{},
	}
	for _, one := range s.deps.Alerting.Receivers() {
		entry := receiverEntry{Name: one.Name, Integrations: []integrationEntry{}, Routes: one.Routes}
		for _, i := range one.Integrations {
			entry.Integrations = append(entry.Integrations, integrationEntry(i))
		}
		d.Receivers = append(d.Receivers, entry)
	}
	writeJSON(w, r, d)
}

// testReceiver sends a notification that says that it is a test.
func (s *Server) testReceiver(w http.ResponseWriter, r *http.Request) {
	var asked trialRequest
	if err := readJSON(r, &asked); err != nil {
		writeError(w, r, err)
		return
	}
	index := -1
	if asked.Index != nil {
		if *asked.Index < 0 {
			writeError(w, r, &requestError{kind: kindBadData, message: "index: must not be negative"})
			return
		}
		index = *asked.Index
	}
	if index >= 0 && asked.Integration == "" {
		writeError(w, r, &requestError{kind: kindBadData, message: "index: needs the integration that it is an index of"})
		return
	}
	results, err := s.deps.Alerting.Test(r.Context(), r.PathValue("name"), asked.Integration, index, whoAsks(r))
	switch {
	case errors.Is(err, alertmanager.ErrNoReceiver):
		err = &requestError{kind: kindNotFound, message: err.Error()}
	case errors.Is(err, alertmanager.ErrTestRunning):
		err = &requestError{kind: kindTooMany, message: err.Error()}
	}
	if err != nil {
		writeError(w, r, err)
		return
	}
	d := trialDocument{Results: []trialResult{}}
	for _, one := range results {
		d.Results = append(d.Results, trialResult{
			Integration: one.Integration, Index: one.Index, OK: one.OK, DurationMs: fractionalMs(one.Duration),
			Status: one.Status, Answer: one.Answer, Error: one.Error,
		})
	}
	writeJSON(w, r, d)
}

// whoAsks names the user, or the address where there are no users.
func whoAsks(r *http.Request) string {
	name, _, _ := r.BasicAuth() // checked at the door
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	return cmp.Or(name, "Somebody at "+host)
}

// readJSON decodes the body of a request, strictly; an empty body is {}.
func readJSON(r *http.Request, into any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil && decoder.More() {
		err = errors.New("more than one document")
	}
	if err == nil || isTooLarge(err) {
		return err
	}
	return &requestError{kind: kindBadData, message: fmt.Sprintf("the body of the request: %v", err)}
}
