package server

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

// response is the writer of every answer. It counts, and it turns whatever a
// handler says about a body that was too large into a 413 that says so.
type response struct {
	http.ResponseWriter
	r      *http.Request
	body   *limitedBody // nil where the request has none
	status int          // 0 until the header is written
	bytes  int64
	muted  bool // the handler's own words are dropped
}

// WriteHeader sends the header.
func (w *response) WriteHeader(status int) {
	if w.status != 0 {
		if !w.muted {
			w.ResponseWriter.WriteHeader(status) // net/http says that it is superfluous
		}
		return
	}
	if status < 200 { // informational, and the switch to a websocket
		w.ResponseWriter.WriteHeader(status)
		return
	}
	if w.body != nil && w.body.exceeded && status >= 400 {
		w.status = http.StatusRequestEntityTooLarge
		w.muted = true
		// The words that the handler was about to write may have been compressed, ours are not.
		w.Header().Del("Content-Encoding")
		w.Header().Del("Content-Length")
		writeError(w.ResponseWriter, w.r, &requestError{kind: kindTooLarge, message: fmt.Sprintf("the request's body is larger than the %d bytes that this address takes", w.body.limit)})
		return
	}
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write sends a part of the body.
func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if w.muted {
		return len(p), nil
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Flush sends what has been written; Prometheus's handlers ask for it.
func (w *response) Flush() {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	_ = http.NewResponseController(w.ResponseWriter).Flush() // of no use to someone who left
}

// Unwrap is how http.ResponseController finds deadlines and hijacking.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// limitedBody is a request's body that ends with an error past its limit.
type limitedBody struct {
	io.ReadCloser // reads at most one byte more than limit
	limit         int64
	exceeded      bool
}

// newLimitedBody bounds body; the connection is closed once it is exceeded,
// so that the rest need not be read.
func newLimitedBody(w http.ResponseWriter, body io.ReadCloser, limit int64) *limitedBody {
	return &limitedBody{ReadCloser: http.MaxBytesReader(w, body, limit), limit: limit}
}

// Read reads up to the limit; past it the error is an *http.MaxBytesError.
func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if isTooLarge(err) {
		b.exceeded = true
	}
	return n, err
}

// isTooLarge reports whether err says that a body went past its limit.
func isTooLarge(err error) bool {
	var tooBig *http.MaxBytesError
	return errors.As(err, &tooBig)
}
