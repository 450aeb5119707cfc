package collector

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"weak"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/storage"
)

// ErrStopped answers a write by a scrape that outlived Run.
var ErrStopped = errors.New("the collector has stopped")

// writer stands between the scrape managers and the storage. It counts the
// samples of each scrape, makes errors readable, and lets nobody write once
// it is closed: the scraper leaves goroutines behind that would still like to
// write stale markers.
type writer struct {
	storage storage.AppendableV2
	explain func(*scrape.Target, int, error) error

	// scrapes holds what the last scrape of each target brought, for as long
	// as anybody holds the target.
	scrapes sync.Map // weak.Pointer[scrape.Target] → *scrapeStats

	mu     sync.Mutex
	open   int // appenders neither committed nor rolled back
	closed bool
	idle   chan struct{} // closed when closed && open == 0
}

// scrapeStats are figures of a target's last scrape.
type scrapeStats struct {
	samples atomic.Int64 // left after metric_relabel_configs, those beyond a limit included
}

func newWriter(app storage.AppendableV2, explain func(*scrape.Target, int, error) error) *writer {
	return &writer{storage: app, explain: explain, idle: make(chan struct{})}
}

// AppenderV2 is part of storage.AppendableV2.
func (w *writer) AppenderV2(ctx context.Context) storage.AppenderV2 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return stoppedAppender{}
	}
	w.open++
	target, _ := scrape.TargetFromContext(ctx)
	return &scrapeAppender{AppenderV2: w.storage.AppenderV2(ctx), writer: w, target: target}
}

// close refuses new appenders and waits for the open ones.
func (w *writer) close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		if w.open == 0 {
			close(w.idle)
		}
	}
	w.mu.Unlock()
	<-w.idle
}

// release notes that an appender has been committed or rolled back.
func (w *writer) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open--
	if w.closed && w.open == 0 {
		close(w.idle)
	}
}

// samples is how many samples the last scrape of t brought.
func (w *writer) samples(t *scrape.Target) int {
	if s, ok := w.scrapes.Load(weak.Make(t)); ok {
		return int(s.(*scrapeStats).samples.Load())
	}
	return 0
}

// stats finds or makes the figures of t.
func (w *writer) stats(t *scrape.Target) *scrapeStats {
	key := weak.Make(t)
	if s, ok := w.scrapes.Load(key); ok {
		return s.(*scrapeStats)
	}
	s, loaded := w.scrapes.LoadOrStore(key, &scrapeStats{})
	if !loaded {
		runtime.AddCleanup(t, func(key weak.Pointer[scrape.Target]) { w.scrapes.Delete(key) }, key)
	}
	return s.(*scrapeStats)
}

// report is called from inside the scrape loop of t, after the loop has put
// the outcome on the target and before it commits.
func (w *writer) report(t *scrape.Target, samples int) {
	w.stats(t).samples.Store(int64(samples))
	err := t.LastError()
	if err == nil {
		return
	}
	if explained := w.explain(t, samples, err); explained != nil {
		t.Report(t.LastScrape(), t.LastScrapeDuration(), explained)
	}
}

// reportedSamples is the family under which the scraper reports how many
// samples a scrape left after relabelling. Its trailing byte, which no valid
// name has, keeps it apart from a target's own metric of that name.
const reportedSamples = "scrape_samples_post_metric_relabeling\xff"

// scrapeAppender is one scrape's way into the storage.
type scrapeAppender struct {
	storage.AppenderV2
	writer   *writer
	target   *scrape.Target // nil when the context names none
	released bool
}

// Append is part of storage.AppenderV2.
func (a *scrapeAppender) Append(ref storage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts storage.AOptions) (storage.SeriesRef, error) {
	// The scraper's own families alone end in this byte, so that a scraped
	// sample costs one comparison.
	if name := opts.MetricFamilyName; strings.HasSuffix(name, "\xff") {
		if a.target != nil && name == reportedSamples && !value.IsStaleNaN(v) {
			a.writer.report(a.target, int(v))
		}
	}
	return a.AppenderV2.Append(ref, ls, st, t, v, h, fh, opts)
}

// Commit is part of storage.AppenderTransaction.
func (a *scrapeAppender) Commit() error {
	defer a.release()
	return a.AppenderV2.Commit()
}

// Rollback is part of storage.AppenderTransaction.
func (a *scrapeAppender) Rollback() error {
	defer a.release()
	return a.AppenderV2.Rollback()
}

func (a *scrapeAppender) release() {
	if !a.released {
		a.released = true
		a.writer.release()
	}
}

// stoppedAppender refuses everything.
type stoppedAppender struct{}

func (stoppedAppender) Append(storage.SeriesRef, labels.Labels, int64, int64, float64, *histogram.Histogram, *histogram.FloatHistogram, storage.AOptions) (storage.SeriesRef, error) {
	return 0, ErrStopped
}
func (stoppedAppender) Commit() error   { return ErrStopped }
func (stoppedAppender) Rollback() error { return nil }
