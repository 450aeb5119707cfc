package server

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
)

// bounded refuses bodies that grow too large when they are decompressed, with
// the figures. The libraries behind have the same bound, but some of them cut
// the body off and then find it malformed.
func (s *Server) bounded(next http.Handler) http.Handler {
	limit := s.cfg.Limits.IngestBytes
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Encoding") == "gzip" {
			serveGunzipped(w, r, limit, next)
			return
		}
		if err := checkSnappy(r, limit); err != nil {
			writeError(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// checkSnappy looks at the length that a snappy block declares at its start.
func checkSnappy(r *http.Request, limit int64) error {
	if encoding := r.Header.Get("Content-Encoding"); encoding != "snappy" {
		return nil
	}
	start := bufio.NewReaderSize(r.Body, binary.MaxVarintLen64)
	// What is malformed or cut short is for the decoder to say.
	head, _ := start.Peek(binary.MaxVarintLen64)
	if length, n := binary.Uvarint(head); n > 0 && length > uint64(limit) {
		return &requestError{kind: kindTooLarge, message: fmt.Sprintf("the request's body decompresses to %d bytes, more than the %d that this address takes", length, limit)}
	}
	r.Body = readCloser{start, r.Body}
	return nil
}

// serveGunzipped hands on the body without its compression, and counts what
// comes out of it.
func serveGunzipped(w http.ResponseWriter, r *http.Request, limit int64, next http.Handler) {
	unzipped, err := gzip.NewReader(r.Body)
	if err != nil {
		writeError(w, r, &requestError{kind: kindBadData, message: fmt.Sprintf("read the gzip header of the body: %v", err)})
		return
	}
	body := newLimitedBody(w, readCloser{unzipped, r.Body}, limit)
	if resp, ok := w.(*response); ok {
		resp.body = body
	}
	r.Body = body
	r.Header.Del("Content-Encoding")
	r.ContentLength = -1
	next.ServeHTTP(w, r)
}

type readCloser struct {
	io.Reader
	io.Closer
}
