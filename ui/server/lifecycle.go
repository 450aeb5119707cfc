package server

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/prometheus/util/httputil"
)

func (s *Server) ready() bool {
	select {
	case <-s.deps.Series.Ready():
		return s.stopping.Err() == nil
	default:
		return false
	}
}

func (s *Server) readiness() float64 {
	if s.ready() {
		return 1
	}
	return 0
}

// loading says how far the history is, nil once it is loaded.
func (s *Server) loading() *loadingState {
	select {
	case <-s.deps.Series.Ready():
		return nil
	default:
	}
	progress := s.deps.Series.Progress()
	state := &loadingState{Stage: string(progress.Stage)}
	if progress.Total > 0 {
		state.Percent = int(min(100, 100*progress.Done/progress.Total))
	}
	return state
}

// notReady is what requests are told until the server is ready.
func (s *Server) notReady() error {
	message := "the server is stopping"
	if loading := s.loading(); loading != nil {
		message = fmt.Sprintf("history is still loading: %s, %d %%", loading.Stage, loading.Percent)
	}
	return &requestError{kind: kindUnavailable, message: message}
}

// whenReady serves once history is loaded, and 503 with the progress until then.
func (s *Server) whenReady(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.ready() {
			next(w, r)
			return
		}
		w.Header().Set("X-Prometheus-Stopping", fmt.Sprint(s.stopping.Err() != nil))
		w.Header().Set("Retry-After", "1")
		writeError(w, r, s.notReady())
	}
}

// healthy, like isReady, is open to strangers, and tells them nothing else.
func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, "Daymark is Healthy.")
}

func (s *Server) isReady(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if !s.ready() {
		w.Header().Set("X-Prometheus-Stopping", fmt.Sprint(s.stopping.Err() != nil))
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintf(w, "Service Unavailable: %v\n", s.notReady())
		return
	}
	fmt.Fprintln(w, "Daymark is Ready.")
}

// reload applies the configuration anew and answers when that is done.
func (s *Server) reload(w http.ResponseWriter, r *http.Request) {
	if err := s.deps.Reload(r.Context()); err != nil {
		writeError(w, r, fmt.Errorf("reload the configuration: %w", err))
	}
}

func (s *Server) quit(w http.ResponseWriter, r *http.Request) {
	if !s.cfg.EnableLifecycle {
		writeError(w, r, &requestError{kind: kindForbidden, message: "stopping over HTTP needs --web.enable-lifecycle"})
		return
	}
	fmt.Fprintln(w, "Daymark is stopping.")
	s.deps.Stop()
}

func (s *Server) version(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s.prometheusVersion()) // strings; and a client that left is no error
}

func (s *Server) metricsHandler() http.Handler {
	handler := promhttp.HandlerFor(s.deps.Gatherer, promhttp.HandlerOpts{EnableOpenMetrics: true})
	if s.reg == nil {
		return handler
	}
	return promhttp.InstrumentMetricHandler(s.reg, handler)
}

func (s *Server) federateHandler() http.Handler {
	return s.whenReady(httputil.CompressionHandler{Handler: http.HandlerFunc(s.federate)}.ServeHTTP)
}
