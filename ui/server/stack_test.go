package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"daymark/alerts/alertmanager"
	"daymark/alerts/ruler"
	"daymark/collector"
	"daymark/query"
	"daymark/query/live"
	"daymark/storage/series"
	"daymark/storage/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stack is the whole of Daymark, small and in a temporary folder, with a real
// listener on loopback.
type stack struct {
	*Server
	url      string // http://127.0.0.1:port and the route prefix, no slash at the end
	client   *http.Client
	series   *series.DB
	engine   *query.Engine
	hub      *live.Hub
	reg      *prometheus.Registry
	reloads  int
	reloaded error
	// reloading, where set, is what a reload does instead.
	reloading func(context.Context) error
	stopped   chan struct{}
	end       context.CancelFunc // begins the orderly stop
	ended     func() error       // waits for it
}

// stackConfig is what tests vary.
type stackConfig struct {
	server    Config
	file      string // prometheus.yml
	query     query.Config
	rules     fstest.MapFS
	hub       live.Config
	stillLoad bool // never opens the storage, so that history is loading for ever
	noRun     bool // New and Listen only
}

func testUI() fstest.MapFS {
	return fstest.MapFS{
		"index.html":             {Data: []byte(`<!doctype html><base href="{{base}}"><meta name="daymark-build" content="{{build}}"><script nonce="{{nonce}}">1</script>`)},
		"favicon.svg":            {Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)},
		"assets/index-abc.js":    {Data: []byte(strings.Repeat("export const one = 1;\n", 200))},
		"assets/index-abc.css":   {Data: []byte("body{}")},
		"assets/Inter-abc.woff2": {Data: []byte{0, 1, 2, 3}},
	}
}

func startStack(t *testing.T, with stackConfig) *stack {
	t.Helper()
	log := slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	dir := t.TempDir()
	if !strings.Contains(with.file, "global:") {
		with.file = "global: {scrape_interval: 1s}\n" + with.file
	}
	file, err := promconfig.Load(with.file, log)
	must(t, err)
	s := &stack{reg: prometheus.NewRegistry(), stopped: make(chan struct{}, 1)}

	s.series, err = series.New(series.Config{Path: filepath.Join(dir, "series"), File: file}, collector.SourceOf, nil, log, s.reg)
	must(t, err)
	t.Cleanup(func() { must(t, s.series.Close()) })
	db, err := sqlite.Open(filepath.Join(dir, "daymark.db"), log)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	scraper, err := collector.New(collector.Config{File: file}, s.series, http.NotFoundHandler(), log, s.reg)
	must(t, err)
	with.query.File = file
	s.engine, err = query.New(with.query, s.series, log, s.reg)
	must(t, err)
	t.Cleanup(func() { must(t, s.engine.Close()) })
	s.hub = live.NewHub(with.hub, s.engine, s.series.Subscribe, log, s.reg)
	external := &url.URL{Scheme: "http", Host: "127.0.0.1:5470"}
	alerting, err := alertmanager.New(alertmanager.Config{DataPath: dir, ExternalURL: external}, db, log, s.reg)
	must(t, err)
	ruling := ruler.DefaultConfig()
	ruling.File, ruling.ExternalURL, ruling.DiscoveryMetrics = file, external, scraper.DiscoveryMetrics()
	if with.rules != nil {
		ruling.Packs = with.rules
	}
	rules, err := ruler.New(ruling, s.engine, s.series, alerting.Put, log, s.reg)
	must(t, err)

	cfg := with.server
	if cfg.ListenAddresses == nil {
		cfg.ListenAddresses = []string{"127.0.0.1:0"}
	}
	cfg.Version = "0.1.0"
	cfg.EnableRemoteWriteReceiver, cfg.EnableOTLP = true, true
	s.Server, err = New(cfg, Deps{
		Series: s.series, Query: s.engine, Live: s.hub, Collector: scraper, Rules: rules, Alerting: alerting,
		UI: testUI(), Dashboards: testDashboards(), Gatherer: s.reg, File: func() *promconfig.Config { return file },
		Reload: func(ctx context.Context) error {
			s.reloads++
			if s.reloading != nil {
				return s.reloading(ctx)
			}
			return s.reloaded
		},
		Stop: func() { s.stopped <- struct{}{} },
		Setup: func() Setup {
			return Setup{HostName: "web-1", ConfigFile: "prometheus.yml", LastReload: Reload{At: time.UnixMilli(1_790_000_000_000)}}
		},
	}, log, s.reg)
	must(t, err)
	addr, err := s.Listen()
	must(t, err)
	s.url = "http://" + addr + s.cfg.RoutePrefix
	transport := &http.Transport{}
	s.client = &http.Client{Transport: transport, Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(transport.CloseIdleConnections)
	if with.noRun {
		t.Cleanup(s.closeListeners)
		return s
	}

	ctx, cancel := context.WithCancel(context.Background())
	var g errgroup.Group
	if !with.stillLoad {
		g.Go(func() error { return s.series.Open(ctx) })
	}
	g.Go(func() error { return scraper.Run(ctx, s.series.Ready()) })
	g.Go(func() error { return s.hub.Run(ctx) })
	g.Go(func() error { return rules.Run(ctx, s.series.Ready()) })
	g.Go(func() error { return alerting.Run(ctx) })
	g.Go(func() error { return s.Run(ctx) })
	done := make(chan error, 1)
	go func() { done <- g.Wait() }()
	s.end = cancel
	s.ended = func() error {
		select {
		case err := <-done:
			done <- err
			return err
		case <-time.After(20 * time.Second):
			return errors.New("the stack did not stop within 20 s")
		}
	}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		cancel()
		if err := s.ended(); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	if !with.stillLoad {
		select {
		case <-s.series.Ready():
		case <-time.After(20 * time.Second):
			t.Fatal("the storage is not ready after 20 s")
		}
	}
	waitFor(t, "alert routing", func() bool {
		w := httptest.NewRecorder()
		alerting.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v2/status", nil))
		return w.Code == http.StatusOK
	})
	return s
}

// testWriter sends the log to the test.
type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Logf("%s", strings.TrimSpace(string(p)))
	return len(p), nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// answer is what a request came to.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request; header pairs follow.
func (s *stack) do(t *testing.T, method, path string, body io.Reader, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, body)
	must(t, err)
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
			continue
		}
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := s.client.Do(req)
	must(t, err)
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	must(t, err)
	return answer{resp.StatusCode, resp.Header, string(content)}
}

func (s *stack) get(t *testing.T, path string, header ...string) answer {
	t.Helper()
	return s.do(t, http.MethodGet, path, nil, header...)
}

// sample is one sample to append; h or f.
type sample struct {
	series string // a selector
	t      time.Time
	f      float64
	h      *histogram.Histogram
}

// append commits samples.
func (s *stack) append(t *testing.T, list ...sample) {
	t.Helper()
	app := s.series.AppenderV2(series.WithSource(t.Context(), "test"))
	for _, one := range list {
		ls, err := parser.NewParser(parser.Options{}).ParseMetric(one.series)
		must(t, err)
		_, err = app.Append(0, ls, 0, one.t.UnixMilli(), one.f, one.h, nil, storage.AOptions{})
		must(t, err)
	}
	must(t, app.Commit())
}

// decoded is an answer of Prometheus's API.
type decoded struct {
	Status    string          `json:"status"`
	ErrorType string          `json:"errorType"`
	Error     string          `json:"error"`
	Data      json.RawMessage `json:"data"`
}

// decodeAPI checks that a is a success of Prometheus's API and decodes its data.
func decodeAPI(t *testing.T, a answer, data any) {
	t.Helper()
	var d decoded
	if err := json.Unmarshal([]byte(a.body), &d); err != nil {
		t.Fatalf("status %d, no JSON: %v\n%s", a.status, err, a.body)
	}
	if a.status != http.StatusOK || d.Status != "success" {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	if data != nil {
		must(t, json.Unmarshal(d.Data, data))
	}
}

// waitFor asks until got, and fails after ten seconds.
func waitFor(t *testing.T, what string, got func() bool) {
	t.Helper()
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !got() {
		select {
		case <-deadline.C:
			t.Fatalf("waited ten seconds for %s", what)
		case <-tick.C:
		}
	}
}

// gzipped is text, compressed.
func gzipped(t *testing.T, text string) io.Reader {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	must(t, err)
	must(t, w.Close())
	return &b
}

func withLocalAddr(ctx context.Context, addr net.Addr) context.Context {
	return context.WithValue(ctx, http.LocalAddrContextKey, addr)
}
