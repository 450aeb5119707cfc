package live_test

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/storage"
	"go.uber.org/goleak"

	"daymark/query"
	"daymark/query/live"
	"daymark/storage/series"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a real storage and a real engine in a bubble of fake time, with a
// hub on top.
type world struct {
	t      *testing.T
	db     *series.DB
	engine *query.Engine
	eval   *counted
	hub    *live.Hub
	reg    *prometheus.Registry
	stop   context.CancelFunc
}

// counted counts evaluations and can make them slow or fail.
type counted struct {
	*query.Engine
	mu    sync.Mutex
	asked []query.RangeRequest
	hook  func(ctx context.Context, r query.RangeRequest) error
}

func (c *counted) Range(ctx context.Context, r query.RangeRequest) (query.Result, error) {
	c.mu.Lock()
	c.asked = append(c.asked, r)
	hook := c.hook
	c.mu.Unlock()
	if hook != nil {
		if err := hook(ctx, r); err != nil {
			return query.Result{}, err
		}
	}
	return c.Engine.Range(ctx, r)
}

func (c *counted) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.asked)
}

func (c *counted) setHook(f func(ctx context.Context, r query.RangeRequest) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hook = f
}

// inWorld runs f in a bubble whose clock stands at a full minute.
func inWorld(t *testing.T, cfg live.Config, f func(w *world)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dir, cfg)
		f(w)
		w.stop()
	})
}

func newWorld(t *testing.T, dir string, cfg live.Config) *world {
	t.Helper()
	file := promconfig.DefaultConfig
	file.StorageConfig.TSDBConfig = &promconfig.TSDBConfig{OutOfOrderTimeWindow: (30 * time.Minute).Milliseconds()}
	quiet := slog.New(slog.DiscardHandler)
	w := &world{t: t, reg: prometheus.NewRegistry()}
	var err error
	w.db, err = series.New(series.Config{Path: dir, File: &file}, nil, nil, quiet, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := w.db.Open(ctx); err != nil {
			t.Error(err)
		}
	})
	<-w.db.Ready()
	w.engine, err = query.New(query.Config{
		LookbackDelta: 25 * time.Second, Parser: promqltest.TestParserOpts,
	}, w.db, quiet, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	w.eval = &counted{Engine: w.engine}
	w.hub = live.NewHub(cfg, w.eval, w.db.Subscribe, quiet, w.reg)
	running.Go(func() {
		if err := w.hub.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	w.stop = func() {
		cancel()
		running.Wait()
		if err := errors.Join(w.engine.Close(), w.db.Close()); err != nil {
			t.Error(err)
		}
	}
	return w
}

// point is one sample to write.
type point struct {
	labels labels.Labels
	t      time.Time
	v      float64
	h      *histogram.Histogram
}

func series1(t time.Time, v float64, nameAndLabels ...string) point {
	return point{labels: labels.FromStrings(append([]string{"__name__"}, nameAndLabels...)...), t: t, v: v}
}

func stale(p point) point {
	p.v, p.h = math.Float64frombits(value.StaleNaN), nil
	return p
}

// commit writes points as one commit of source.
func (w *world) commit(source string, points ...point) {
	w.t.Helper()
	app := w.db.AppenderV2(series.WithSource(context.Background(), source))
	for _, p := range points {
		if _, err := app.Append(0, p.labels, 0, p.t.UnixMilli(), p.v, p.h, nil, storage.AOptions{}); err != nil {
			w.t.Fatalf("append %s at %s: %v", p.labels, p.t, err)
		}
	}
	if err := app.Commit(); err != nil {
		w.t.Fatal(err)
	}
}

// scrape commits one sample of v every interval, beginning now, until the
// returned func is called.
func (w *world) scrape(source string, interval time.Duration, points func(now time.Time) []point) (stop func()) {
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			w.commit(source, points(time.Now())...)
			select {
			case <-ticker.C:
			case <-done:
				return
			}
		}
	})
	return func() { close(done); running.Wait() }
}

// reader is a viewer that reads all its frames.
type reader struct {
	*client
	viewer *live.Viewer
	mu     sync.Mutex
	gate   chan struct{} // full while the reader is to read nothing; a mutex would stop the bubble's clock
	ended  chan struct{}
}

func (w *world) join() *reader {
	r := &reader{client: newClient(w.t), viewer: w.hub.Join(), gate: make(chan struct{}, 1), ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		for message := range r.viewer.Frames() {
			r.mu.Lock()
			r.take(message)
			r.mu.Unlock()
			r.gate <- struct{}{}
			<-r.gate
		}
	}()
	return r
}

func (r *reader) leave() {
	r.viewer.Leave()
	<-r.ended
}

func (r *reader) subscribe(id int64, expr string, step, window time.Duration) live.Subscribed {
	r.t.Helper()
	r.mu.Lock() // so that no frame overtakes the answer
	defer r.mu.Unlock()
	s, refused := r.viewer.Subscribe(id, expr, step, window)
	if refused != nil {
		r.t.Fatalf("%s: %+v", expr, refused.Error)
	}
	r.subscribed(s)
	return s
}

func (r *reader) unsubscribe(id int64) {
	r.viewer.Unsubscribe(id)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.subs, id)
}

// look runs f while no frame is applied.
func (r *reader) look(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

// fresh asks the engine what s should show.
func (w *world) fresh(s *shown) ([]string, error) {
	res, err := w.engine.Range(context.Background(), query.RangeRequest{
		Expr: s.Expr, Start: time.UnixMilli(s.fromMs), End: time.UnixMilli(s.toMs), Step: time.Duration(s.StepMs) * time.Millisecond,
	})
	if err != nil {
		return nil, err
	}
	list := map[string]map[int64]string{}
	for _, series := range res.Matrix {
		points := map[int64]string{}
		for _, p := range series.Floats {
			points[p.T] = float(p.F)
		}
		for _, p := range series.Histograms {
			b := live.Series{Values: []float64{0}, Histograms: []*histogram.FloatHistogram{p.H}}
			points[p.T] = histogramText(b)
		}
		list[canonical(series.Metric.Map())] = points
	}
	return render(list), nil
}

// histogramText is the histogram of s as the protocol renders it.
func histogramText(s live.Series) string {
	b := live.Points{Step: 1, Series: []live.Series{s}}.Append(nil)
	_, text, _ := strings.Cut(string(b), `"v":[`)
	return strings.TrimSuffix(text, `]}]}`)
}

func (w *world) metric(name string) float64 {
	w.t.Helper()
	families, err := w.reg.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			m := f.GetMetric()[0]
			return m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	w.t.Fatalf("no metric %s", name)
	return 0
}

func matcher(name string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchEqual, "__name__", name)
}
