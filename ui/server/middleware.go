package server

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Everything but pages: whatever a browser takes it for, nothing in it runs.
const strictPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// secure is outermost on every route: it sets the headers that hold for all
// answers, and lets nobody pass but those whom admit admits. Probes ask by
// address and without a user, so they go to open; everyone else goes to next.
func (s *Server) secure(next, open http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", strictPolicy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		if s.public[r.URL.Path] && r.URL.RawPath == "" { // as it is written, not as it decodes
			open.ServeHTTP(w, r)
			return
		}
		if err := s.admit(r); err != nil {
			writeError(w, r, err)
			return
		}
		// Nothing behind us may answer to an origin: we have, and it was no.
		r.Header.Del("Origin")
		next.ServeHTTP(w, r)
	})
}

// admit decides by the headers that a browser sets and a page cannot forge
// whether a request may be served at all.
func (s *Server) admit(r *http.Request) error {
	access := s.access.Load()
	if !access.hosts.answers(r) {
		return &requestError{kind: kindForbidden, message: fmt.Sprintf(
			"this server does not answer to the host %q; where it should, add it to the configuration (web: allowed_hosts: [%s]) or name it in --web.external-url", r.Host, strconv.Quote(r.Host))}
	}
	origins := r.Header["Origin"]
	trusted := len(origins) == 1 && access.hosts.trusts(origins[0], r)
	if len(origins) > 0 && !trusted {
		return &requestError{kind: kindForbidden, message: fmt.Sprintf("pages of %q may not use this server", strings.Join(origins, ", "))}
	}
	// A page may link here. Anything else that it loads from here without
	// saying who it is, an image or a script, could only do harm.
	site := r.Header.Get("Sec-Fetch-Site")
	if (site == "cross-site" || site == "same-site") && !trusted {
		link := (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
		if !link {
			return &requestError{kind: kindForbidden, message: "pages of another site may link to this server, but not use it"}
		}
	}
	if err := access.crossOrigin.Check(r); err != nil {
		return &requestError{kind: kindForbidden, message: err.Error()}
	}
	return nil
}

// serve applies a route's policy to its handler.
func (s *Server) serve(rt route) http.Handler {
	methods := strings.Fields(rt.methods)
	limit := rt.policy.body.bytes(s.cfg.Limits)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(methods, r.Method) {
			w.Header().Set("Allow", strings.Join(methods, ", "))
			writeError(w, r, &requestError{kind: kindMethod, message: fmt.Sprintf("%s takes %s, not %s", r.URL.Path, strings.Join(methods, " and "), r.Method)})
			return
		}
		resp := &response{ResponseWriter: w, r: r, body: newLimitedBody(w, r.Body, limit)}
		r.Body = resp.body
		defer s.finish(rt, resp, r, time.Now())
		if r.ContentLength > limit {
			resp.body.exceeded = true
			w.Header().Set("Connection", "close")
			resp.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		if rt.policy.stream {
			s.serveStream(resp, r, rt.handler)
			return
		}
		rt.handler.ServeHTTP(resp, r)
	})
}

// serveStream serves an answer that has no end of its own: it may outlast the
// read timeout, and ends when the server stops.
func (s *Server) serveStream(w *response, r *http.Request, next http.Handler) {
	if err := http.NewResponseController(w.ResponseWriter).SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		writeError(w, r, fmt.Errorf("lift the read timeout: %w", err))
		return
	}
	ctx, cancel := s.untilStop(r.Context())
	defer cancel()
	next.ServeHTTP(w, r.WithContext(ctx))
}

// finish notes what a request came to, and answers for a handler that panicked.
func (s *Server) finish(rt route, w *response, r *http.Request, start time.Time) {
	if v := recover(); v != nil {
		if v == http.ErrAbortHandler { //nolint:errorlint // net/http, too, knows only this very value
			panic(v)
		}
		s.log.Error("handler panicked", "path", r.URL.Path, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
		if w.status != 0 {
			panic(http.ErrAbortHandler) // half an answer must not look whole
		}
		writeError(w, r, errors.New("internal error; the log has the details"))
	}
	if !rt.policy.stream {
		s.metrics.observe(rt.path, w, time.Since(start))
	}
	s.log.Debug("request served", "method", r.Method, "path", r.URL.Path, "status", w.status, "bytes", w.bytes, "duration", time.Since(start), "client", r.RemoteAddr)
}

// newNonce returns what makes one page's own scripts and styles known to the
// browser; nobody can guess it.
func newNonce() string { return rand.Text() }

// pagePolicy is the content security policy of a page: only what we serve
// ourselves, or what carries the nonce, runs. Some browsers do not count
// websockets as 'self', so they are named.
func pagePolicy(nonce string, sockets []string) string {
	return "default-src 'none'; script-src 'self' 'nonce-" + nonce + "'; style-src 'self' 'nonce-" + nonce + "'" +
		"; img-src 'self' data:; font-src 'self'; manifest-src 'self'; connect-src " + strings.Join(append([]string{"'self'"}, sockets...), " ") +
		"; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
}
