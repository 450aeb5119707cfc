package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/regexp"
	promroute "github.com/prometheus/common/route"
	promconfig "github.com/prometheus/prometheus/config"
	v1 "github.com/prometheus/prometheus/web/api/v1"
)

func TestEveryRouteDeclaresItsPolicy(t *testing.T) {
	s := startStack(t, stackConfig{noRun: true, server: Config{EnablePprof: true, EnableQueryCost: true}})
	for _, rt := range s.table {
		if !slices.Contains([]access{public, view, ingest, change, operate}, rt.policy.access) {
			t.Errorf("%s %s declares no access: %q", rt.methods, rt.path, rt.policy.access)
		}
		if !slices.Contains([]body{none, form, samples}, rt.policy.body) {
			t.Errorf("%s %s declares no limit for bodies: %q", rt.methods, rt.path, rt.policy.body)
		}
		if rt.policy.access == public && rt.path != "/-/healthy" && rt.path != "/-/ready" {
			t.Errorf("%s is open to strangers", rt.path)
		}
		reads := slices.ContainsFunc(strings.Fields(rt.methods), func(m string) bool { return m == http.MethodGet || m == http.MethodHead })
		inspects := strings.HasPrefix(rt.path, "/debug/")
		if (rt.policy.access == ingest || rt.policy.access == change || rt.policy.access == operate) && reads && !inspects {
			t.Errorf("%s %s changes something and takes GET", rt.methods, rt.path)
		}
	}
}

// upstreamRoutes asks Prometheus's own API which paths it registers, and
// returns a handler that answers 299 for what it would serve.
func upstreamRoutes(t *testing.T) (http.Handler, []string) {
	t.Helper()
	api := v1.NewAPI(nil, nil, nil, nil, nil, nil, nil,
		func() promconfig.Config { return promconfig.Config{} }, nil, v1.GlobalURLOptions{},
		func(f http.HandlerFunc) http.HandlerFunc { return f }, nil, "", true, true, 0, nil, nil, 1, 1, 1, false,
		regexp.MustCompile(`^$`), nil, nil, nil, nil, nil, nil, nil, false, nil, false, false, false, 0, false, false,
		nil, nil, v1.OpenAPIOptions{}, nil, true, 0)
	var paths []string
	router := promroute.New().WithInstrumentation(func(name string, _ http.HandlerFunc) http.HandlerFunc {
		paths = append(paths, name)
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(299) }
	})
	api.Register(router)
	slices.Sort(paths)
	return router, slices.Compact(paths)
}

func TestPrometheusRoutesAreAllServed(t *testing.T) {
	s := startStack(t, stackConfig{noRun: true, server: Config{EnableQueryCost: true}})
	methods := map[string][]string{}
	for _, rt := range s.table {
		if path, ok := strings.CutPrefix(rt.path, "/api/v1"); ok {
			methods[path] = strings.Fields(rt.methods)
		}
	}
	upstream, paths := upstreamRoutes(t)
	if len(paths) < 40 {
		t.Fatalf("only %d paths found upstream: %q", len(paths), paths)
	}
	seen := 0
	for _, pattern := range paths {
		if pattern == "/*path" { // OPTIONS of whatever else
			continue
		}
		ours := strings.ReplaceAll(pattern, ":name", "{name}")
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"} {
			w := httptest.NewRecorder()
			upstream.ServeHTTP(w, httptest.NewRequest(method, strings.ReplaceAll(pattern, ":name", "job"), nil))
			if got, want := slices.Contains(methods[ours], method), w.Code == 299; got != want {
				t.Errorf("%s %s: served here %v, upstream %v", method, pattern, got, want)
			}
		}
		seen++
		delete(methods, ours)
	}
	if len(methods) > 0 {
		t.Errorf("routes that Prometheus does not have: %v", methods)
	}
	t.Logf("%d paths compared", seen)
}

func TestUnknownAddresses(t *testing.T) {
	s := startStack(t, stackConfig{})
	tests := map[string]struct {
		method, path string
		status       int
		json         bool
	}{
		"an unknown API path is JSON":         {"GET", "/api/v1/nothing", 404, true},
		"likewise of our own":                 {"GET", "/api/daymark/v1/nothing", 404, true},
		"likewise of Alertmanager":            {"GET", "/api/v2/nothing", 404, true},
		"the wrong method is JSON":            {"DELETE", "/api/v1/query", 405, true},
		"a method that nothing takes":         {"PATCH", "/api/v1/query", 405, true},
		"the wrong method of a shared path":   {"PUT", "/api/v2/silences", 405, true},
		"reload is no GET":                    {"GET", "/-/reload", 405, false},
		"an unknown operation":                {"GET", "/-/nothing", 404, false},
		"a missing asset is not the page":     {"GET", "/assets/gone-123.js", 404, false},
		"a missing file is not the page":      {"GET", "/robots.txt", 404, false},
		"profiles are off":                    {"GET", "/debug/pprof/", 404, false},
		"profiles are off, each of them":      {"GET", "/debug/pprof/heap", 404, false},
		"a page below the UI's own addresses": {"GET", "/alerts", 200, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := s.do(t, test.method, test.path, nil)
			isJSON := got.header.Get("Content-Type") == "application/json"
			if got.status != test.status || isJSON != test.json {
				t.Errorf("status %d, JSON %v; want %d, %v\n%s", got.status, isJSON, test.status, test.json, got.body)
			}
			if got.status == http.StatusMethodNotAllowed && got.header.Get("Allow") == "" {
				t.Error("no Allow header")
			}
		})
	}
}

func TestProfilesWhereAskedFor(t *testing.T) {
	s := startStack(t, stackConfig{server: Config{EnablePprof: true, RoutePrefix: "/day"}})
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/goroutine?debug=1", "/debug/pprof/cmdline", "/debug/pprof/symbol"} {
		if got := s.get(t, path); got.status != http.StatusOK || got.body == "" {
			t.Errorf("%s: status %d", path, got.status)
		}
	}
}

func TestLifecycle(t *testing.T) {
	t.Run("reload needs no flag, quit does", func(t *testing.T) {
		s := startStack(t, stackConfig{})
		if got := s.do(t, "POST", "/-/reload", nil); got.status != 200 || s.reloads != 1 {
			t.Errorf("reload: status %d, %d reloads", got.status, s.reloads)
		}
		if got := s.do(t, "PUT", "/-/reload", nil); got.status != 200 || s.reloads != 2 {
			t.Errorf("reload: status %d, %d reloads", got.status, s.reloads)
		}
		s.reloaded = &requestError{kind: kindInternal, message: "prometheus.yml:3: unknown key"}
		if got := s.do(t, "POST", "/-/reload", nil); got.status != 500 || !strings.Contains(got.body, "prometheus.yml:3: unknown key") {
			t.Errorf("failed reload: status %d: %s", got.status, got.body)
		}
		if got := s.do(t, "POST", "/-/quit", nil); got.status != 403 || !strings.Contains(got.body, "--web.enable-lifecycle") {
			t.Errorf("quit: status %d: %s", got.status, got.body)
		}
		select {
		case <-s.stopped:
			t.Error("stopped without the flag")
		default:
		}
	})
	t.Run("quit with the flag", func(t *testing.T) {
		s := startStack(t, stackConfig{server: Config{EnableLifecycle: true}})
		if got := s.do(t, "POST", "/-/quit", nil); got.status != 200 {
			t.Errorf("quit: status %d: %s", got.status, got.body)
		}
		<-s.stopped
	})
}

// TestStopWaitsForHandlersThatWereCutOff: they read from storage, which is
// closed once Run has returned.
func TestStopWaitsForHandlersThatWereCutOff(t *testing.T) {
	s := startStack(t, stackConfig{})
	s.drain = 10 * time.Millisecond
	begun, cut, finish := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var finished atomic.Bool
	s.reloading = func(ctx context.Context) error {
		close(begun)
		<-ctx.Done()
		close(cut)
		<-finish
		finished.Store(true)
		return ctx.Err()
	}
	go func() {
		req, _ := http.NewRequestWithContext(context.Background(), http.MethodPost, s.url+"/-/reload", nil)
		if resp, err := s.client.Do(req); err == nil {
			_ = resp.Body.Close()
		}
	}()
	<-begun
	s.end()
	<-cut
	ended := make(chan error, 1)
	go func() { ended <- s.ended() }()
	select {
	case err := <-ended:
		t.Fatalf("the server ended (%v) while a handler still worked", err)
	case <-time.After(100 * time.Millisecond): // nothing tells that nothing happens
	}
	close(finish)
	if err := <-ended; err != nil || !finished.Load() {
		t.Errorf("ended with %v, handler finished: %v", err, finished.Load())
	}
}

func TestWhileLoading(t *testing.T) {
	s := startStack(t, stackConfig{stillLoad: true})
	for path, status := range map[string]int{
		"/":                          200,
		"/-/healthy":                 200,
		"/-/ready":                   503,
		"/metrics":                   200,
		"/federate?match[]=up":       503,
		"/api/v1/query?query=1":      503,
		"/api/v1/status/walreplay":   200,
		"/api/v1/notifications":      200,
		"/api/daymark/v1/status":     200,
		"/api/daymark/v1/alerts":     200,
		"/api/daymark/v1/targets":    200,
		"/api/v1/status/runtimeinfo": 503,
	} {
		got := s.get(t, path)
		if got.status != status {
			t.Errorf("%s: status %d, want %d: %s", path, got.status, status, got.body)
		}
		if status == 503 && !strings.Contains(got.body, "still loading") {
			t.Errorf("%s does not say why: %s", path, got.body)
		}
	}
	if got := s.get(t, "/api/daymark/v1/status"); !strings.Contains(got.body, `"ready":false,"loading":{"stage":"`) {
		t.Errorf("status says nothing of loading: %s", got.body)
	}
	if got := s.get(t, "/api/v1/notifications"); !strings.Contains(got.body, "loading its history") {
		t.Errorf("no notification: %s", got.body)
	}
}
