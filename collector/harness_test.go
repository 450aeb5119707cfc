package collector_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"go.uber.org/goleak"

	"daymark/collector"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// The Kubernetes client's logger flushes for as long as the process lives.
		goleak.IgnoreTopFunction("k8s.io/klog/v2.(*flushDaemon).run.func1"))
}

// running is a collector at work on a real TSDB.
type running struct {
	*collector.Collector
	db   *tsdb.DB
	reg  *prometheus.Registry
	log  *logBuffer
	stop func()
}

// start runs a collector with cfg until the test ends.
func start(t testing.TB, cfg collector.Config, self http.Handler) *running {
	t.Helper()
	r := prepare(t, cfg, self, nil)
	ready := make(chan struct{})
	close(ready)
	r.run(t, ready)
	return r
}

// prepare makes a collector that does not run yet. wrap may stand between it
// and the TSDB.
func prepare(t testing.TB, cfg collector.Config, self http.Handler, wrap func(storage.AppendableV2) storage.AppendableV2) *running {
	t.Helper()
	options := tsdb.DefaultOptions()
	options.EnableExemplarStorage = true
	options.MaxExemplars = 1000
	db, err := tsdb.Open(t.TempDir(), slog.New(slog.DiscardHandler), nil, options, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	cfg.Features.DiscoveryReloadInterval = 50 * time.Millisecond
	log, reg := &logBuffer{}, prometheus.NewRegistry()
	level := slog.LevelDebug
	if _, measuring := t.(*testing.B); measuring {
		level = slog.LevelInfo
	}
	var app storage.AppendableV2 = db
	if wrap != nil {
		app = wrap(db)
	}
	c, err := collector.New(cfg, app, self, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: level})), reg)
	if err != nil {
		t.Fatal(err)
	}
	return &running{Collector: c, db: db, reg: reg, log: log}
}

// run starts r; it stops when the test ends, or when r.stop is called.
func (r *running) run(t testing.TB, ready <-chan struct{}) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx, ready) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(func() {
		r.stop()
		if t.Failed() {
			t.Logf("log:\n%s", r.log)
		}
	})
}

// file loads a prometheus.yml that scrapes ten times a second.
func file(t testing.TB, format string, args ...any) *promconfig.Config {
	t.Helper()
	text := "global:\n  scrape_interval: 100ms\n  scrape_timeout: 100ms\n" + strings.ReplaceAll(fmt.Sprintf(format, args...), "\t", "  ")
	cfg, err := promconfig.Load(text, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	return cfg
}

// config is file with Daymark's default limits.
func config(t testing.TB, format string, args ...any) collector.Config {
	t.Helper()
	return collector.Config{File: file(t, format, args...), Limits: collector.DefaultLimits()}
}

// point is one stored sample.
type point struct {
	ms int64
	v  float64
	h  *histogram.FloatHistogram
}

func (p point) stale() bool {
	if p.h != nil {
		return value.IsStaleNaN(p.h.Sum)
	}
	return value.IsStaleNaN(p.v)
}

// stored is everything of one metric, by labels without the name; pairs are
// further label values that must match.
func (r *running) stored(t testing.TB, name string, pairs ...string) map[string][]point {
	t.Helper()
	q, err := r.db.Querier(math.MinInt64, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	matchers := []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, name)}
	for i := 0; i < len(pairs); i += 2 {
		matchers = append(matchers, labels.MustNewMatcher(labels.MatchEqual, pairs[i], pairs[i+1]))
	}
	out := map[string][]point{}
	set := q.Select(t.Context(), true, nil, matchers...)
	for set.Next() {
		s := set.At()
		key := labels.NewBuilder(s.Labels()).Del(model.MetricNameLabel).Labels().String()
		for it := s.Iterator(nil); ; {
			switch kind := it.Next(); kind {
			case chunkenc.ValFloat:
				ms, v := it.At()
				out[key] = append(out[key], point{ms: ms, v: v})
				continue
			case chunkenc.ValHistogram, chunkenc.ValFloatHistogram:
				ms, h := it.AtFloatHistogram(nil)
				out[key] = append(out[key], point{ms: ms, h: h})
				continue
			}
			break
		}
	}
	if err := set.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// last is the newest point of the only series that matches, and whether there
// is one.
func (r *running) last(t testing.TB, name string, pairs ...string) (point, bool) {
	t.Helper()
	series := r.stored(t, name, pairs...)
	if len(series) > 1 {
		t.Fatalf("%s %v: %d series", name, pairs, len(series))
	}
	for _, points := range series {
		return points[len(points)-1], true
	}
	return point{}, false
}

// target waits for the only target of job to have been scraped.
func (r *running) target(t testing.TB, job string, want collector.Health) collector.Target {
	t.Helper()
	var got collector.Target
	waitFor(t, "target of "+job+" "+string(want), func() bool {
		for _, pool := range r.Targets().Pools {
			for _, target := range pool.Targets {
				if pool.Name == job {
					got = target
				}
			}
		}
		return got.Health == want
	})
	return got
}

// waitFor polls until done says so.
func waitFor(t testing.TB, what string, done func() bool) {
	t.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline.C:
			t.Fatalf("%s: not within 20 s", what)
		case <-tick.C:
		}
	}
}

// serve answers /metrics with body until the test ends.
func serve(t testing.TB, contentType, body string) (address string) {
	t.Helper()
	return listen(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(body))
	}))
}

func listen(t testing.TB, h http.Handler) (address string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// write puts text into a file of the test's own.
func write(t testing.TB, path, text string) string {
	t.Helper()
	if !filepath.IsAbs(path) {
		path = filepath.Join(t.TempDir(), path)
	}
	// A rename, so that a reader never sees half of it.
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	return path
}

// logBuffer is a log that a test may read while it is written.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

const (
	textFormat        = "text/plain; version=0.0.4"
	openMetricsFormat = "application/openmetrics-text; version=1.0.0; charset=utf-8"
)

// syncBool is a flag that a handler and its test share.
type syncBool struct{ v atomic.Bool }

func (b *syncBool) set()      { b.v.Store(true) }
func (b *syncBool) get() bool { return b.v.Load() }

// serveUnix is serve on a Unix socket.
func serveUnix(t testing.TB, body string) (address, path string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "sock") //nolint:usetesting // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path = filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", textFormat)
		_, _ = w.Write([]byte(body))
	})}}
	s.Start()
	t.Cleanup(s.Close)
	return "app:80", path
}
