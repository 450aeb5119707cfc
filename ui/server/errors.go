package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// errorKind says what went wrong in the words of Prometheus's API; it is the
// errorType of a JSON answer.
type errorKind string

const (
	kindBadData     errorKind = "bad_data"
	kindForbidden   errorKind = "forbidden"
	kindNotFound    errorKind = "not_found"
	kindMethod      errorKind = "method_not_allowed"
	kindTooLarge    errorKind = "too_large"
	kindTooMany     errorKind = "too_many"
	kindUnavailable errorKind = "unavailable"
	kindInternal    errorKind = "internal"
)

// requestError is an error whose text is meant for the client.
type requestError struct {
	kind    errorKind
	message string
}

// Error returns the text for the client.
func (e *requestError) Error() string { return e.message }

// statusOf is the one place that turns an error into a status.
func statusOf(err error) (int, errorKind) {
	var (
		request *requestError
		tooBig  *http.MaxBytesError
	)
	switch {
	case errors.As(err, &request):
		return map[errorKind]int{
			kindBadData:     http.StatusBadRequest,
			kindForbidden:   http.StatusForbidden,
			kindNotFound:    http.StatusNotFound,
			kindMethod:      http.StatusMethodNotAllowed,
			kindTooLarge:    http.StatusRequestEntityTooLarge,
			kindTooMany:     http.StatusTooManyRequests,
			kindUnavailable: http.StatusServiceUnavailable,
			kindInternal:    http.StatusInternalServerError,
		}[request.kind], request.kind
	case errors.As(err, &tooBig):
		return http.StatusRequestEntityTooLarge, kindTooLarge
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable, kindUnavailable
	default:
		return http.StatusInternalServerError, kindInternal
	}
}

// writeError answers with err: as JSON in the shape of Prometheus's API below
// /api/, as text elsewhere.
func writeError(w http.ResponseWriter, r *http.Request, err error) {
	status, kind := statusOf(err)
	header := w.Header()
	header.Del("Content-Length") // but not Content-Encoding: whoever set that compresses this text, too
	header.Set("Cache-Control", "no-store")
	if !strings.Contains(r.URL.Path, "/api/") {
		header.Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		fmt.Fprintln(w, err)
		return
	}
	header.Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// Encoding three strings cannot fail, and a client that left is no error.
	_ = json.NewEncoder(w).Encode(struct {
		Status    string    `json:"status"`
		ErrorType errorKind `json:"errorType"`
		Error     string    `json:"error"`
	}{"error", kind, err.Error()})
}

// writeJSON answers with a document. Angle brackets and ampersands are
// escaped, so that no text of a label can be taken for markup.
func writeJSON(w http.ResponseWriter, r *http.Request, document any) {
	body, err := json.Marshal(document)
	if err != nil {
		writeError(w, r, fmt.Errorf("encode the answer: %w", err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(append(body, '\n')) // a client that left is no error
}
