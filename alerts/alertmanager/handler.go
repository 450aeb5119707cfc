package alertmanager

import (
	"bytes"
	"maps"
	"net/http"
	"strings"

	"github.com/prometheus/common/route"
)

// Handler serves Alertmanager's API v2 below /api/v2/; what is below a route
// prefix must have the prefix taken off before. Outside of Run it answers 503.
//
// A silence is on disk before the answer that acknowledges it, and so is its
// end.
func (a *Alertmanager) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler := a.handler.Load()
		if handler == nil {
			http.Error(w, "alert routing is not running", http.StatusServiceUnavailable)
			return
		}
		(*handler).ServeHTTP(w, r)
	})
}

// serve puts together what Handler serves while the parts run.
func (a *Alertmanager) serve(p *parts) http.Handler {
	mux := p.api.Register(route.New(), "/")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !changesSilences(r) {
			mux.ServeHTTP(w, r)
			return
		}
		held := &heldAnswer{header: http.Header{}, status: http.StatusOK}
		mux.ServeHTTP(held, r)
		if held.status < http.StatusMultipleChoices {
			if _, err := a.onDisk.silences.save(); err != nil {
				a.log.Error("silence in force but not on disk", "path", r.URL.Path, "err", err)
				http.Error(w, "the change is in force, but could not be written to disk and would not survive a restart", http.StatusInternalServerError)
				return
			}
		}
		held.send(w)
	})
}

// changesSilences says whether a request may create, change or end a silence.
func changesSilences(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && strings.HasPrefix(r.URL.Path, "/api/v2/silence")
}

// heldAnswer keeps an answer back until it is true.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the header to be sent.
func (h *heldAnswer) Header() http.Header { return h.header }

// WriteHeader keeps the status.
func (h *heldAnswer) WriteHeader(status int) { h.status = status }

// Write keeps the body.
func (h *heldAnswer) Write(b []byte) (int, error) { return h.body.Write(b) }

func (h *heldAnswer) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), h.header)
	w.WriteHeader(h.status)
	w.Write(h.body.Bytes()) //nolint:errcheck // the client is gone: there is nobody to tell
}
