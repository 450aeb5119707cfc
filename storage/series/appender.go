package series

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/storage"
)

// recentStart is how old a start timestamp may be to count as news of its
// commit; see transaction.start.
const recentStart = 5 * 60 * 1000 // ms

// transaction is what both kinds of appender share: it collects what was
// appended and announces it once the commit has succeeded.
type transaction struct {
	db     *DB
	source string
	batch  batch
	done   bool
}

// begin opens a transaction, or says why nothing can be written. A nil error
// obliges the caller to call finish once.
func (db *DB) begin(ctx context.Context) (*opened, transaction, error) {
	if err := db.writers.enter(); err != nil {
		return nil, transaction{}, err
	}
	o, err := db.get()
	if err != nil {
		db.writers.leave()
		return nil, transaction{}, err
	}
	return o, transaction{db: db, source: db.source(ctx), batch: newBatch(db.feeds.samples.Load() > 0)}, nil
}

func (db *DB) source(ctx context.Context) string {
	if source, ok := ctx.Value(sourceKey{}).(string); ok && source != "" {
		return source
	}
	if db.sourceOf != nil {
		if source := db.sourceOf(ctx); source != "" {
			return source
		}
	}
	return SourceRemote
}

// finish ends the transaction. err is what the commit returned.
func (t *transaction) finish(err error) error {
	if t.done {
		return err
	}
	t.done = true
	defer t.db.writers.leave()
	if err != nil {
		t.db.metrics.failed.Inc()
		return err
	}
	if t.batch.count() > 0 {
		t.db.announce(t.source, &t.batch)
	}
	return nil
}

// abandon ends the transaction without a word to anybody.
func (t *transaction) abandon() {
	if !t.done {
		t.done = true
		t.db.writers.leave()
	}
}

// start widens the commit to the zero sample that the storage injects at a start
// timestamp. It injects it only after the series' previous sample, which is not
// known here: a start counts while the series is new to its writer or the start
// is recent, which is rather too often than too rarely.
func (t *transaction) start(ref storage.SeriesRef, start, at int64) {
	if !t.db.zeroAtStart || start == 0 || start >= at {
		return
	}
	if ref == 0 || at-start <= recentStart {
		t.batch.minTime = min(t.batch.minTime, start)
	}
}

func (db *DB) announce(source string, b *batch) {
	now := time.Now()
	db.lastCommit.Store(now.UnixMilli())
	db.metrics.commits.Inc()
	db.metrics.floats.Add(float64(b.floats))
	db.metrics.histograms.Add(float64(b.histograms))
	lost := db.feeds.announce(Commit{
		Source: source, At: now, MinTime: b.minTime, MaxTime: b.maxTime, Count: b.count(), Samples: b.samples,
	})
	if lost > 0 {
		db.metrics.feedLost.Add(float64(lost))
	}
}

// AppenderV2 returns an appender whose commit is announced. Commit or Rollback
// must end it: Close waits for that.
func (db *DB) AppenderV2(ctx context.Context) storage.AppenderV2 {
	o, t, err := db.begin(ctx)
	if err != nil {
		return refusedV2{err}
	}
	return &appenderV2{next: o.fanout.AppenderV2(ctx), transaction: t}
}

type appenderV2 struct {
	transaction

	next storage.AppenderV2
}

var _ storage.ExemplarAppenderV2 = (*appenderV2)(nil)

// Append counts a sample although some of its exemplars were refused, because
// the sample itself was taken.
func (a *appenderV2) Append(ref storage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts storage.AOptions) (storage.SeriesRef, error) {
	known, err := a.next.Append(ref, ls, st, t, v, h, fh, opts)
	if err == nil || errors.Is(err, &storage.AppendPartialError{}) {
		a.batch.add(Sample{Ref: known, Labels: ls, Time: t, Start: st, Value: v, Histogram: h, FloatHistogram: fh})
		a.start(ref, st, t)
	}
	return known, err
}

// AppendExemplars forwards exemplars that come apart from their samples.
func (a *appenderV2) AppendExemplars(ref storage.SeriesRef, ls labels.Labels, exemplars []exemplar.Exemplar) (storage.SeriesRef, error) {
	next, ok := a.next.(storage.ExemplarAppenderV2)
	if !ok {
		return 0, storage.ErrExemplarsDisabled
	}
	return next.AppendExemplars(ref, ls, exemplars)
}

// Commit stores what was appended and announces it.
func (a *appenderV2) Commit() error { return a.finish(a.next.Commit()) }

// Rollback forgets what was appended.
func (a *appenderV2) Rollback() error {
	defer a.abandon()
	return a.next.Rollback()
}

// Appender returns an appender of the interface that Prometheus is about to
// retire; its commit is announced as well.
func (db *DB) Appender(ctx context.Context) storage.Appender {
	o, t, err := db.begin(ctx)
	if err != nil {
		return refused{err}
	}
	return &appender{Appender: o.fanout.Appender(ctx), transaction: t}
}

// appender embeds the appender it wraps for what announces nothing: options,
// exemplars and metadata.
type appender struct {
	storage.Appender
	transaction
}

// Append takes a float sample.
func (a *appender) Append(ref storage.SeriesRef, l labels.Labels, t int64, v float64) (storage.SeriesRef, error) {
	known, err := a.Appender.Append(ref, l, t, v)
	if err == nil {
		a.batch.add(Sample{Ref: known, Labels: l, Time: t, Value: v})
	}
	return known, err
}

// AppendHistogram takes a native histogram.
func (a *appender) AppendHistogram(ref storage.SeriesRef, l labels.Labels, t int64, h *histogram.Histogram, fh *histogram.FloatHistogram) (storage.SeriesRef, error) {
	known, err := a.Appender.AppendHistogram(ref, l, t, h, fh)
	if err == nil {
		a.batch.add(Sample{Ref: known, Labels: l, Time: t, Histogram: h, FloatHistogram: fh})
	}
	return known, err
}

// AppendSTZeroSample takes a zero at the time st.
func (a *appender) AppendSTZeroSample(ref storage.SeriesRef, l labels.Labels, t, st int64) (storage.SeriesRef, error) {
	known, err := a.Appender.AppendSTZeroSample(ref, l, t, st)
	if err == nil {
		a.batch.add(Sample{Ref: known, Labels: l, Time: st})
	}
	return known, err
}

// AppendHistogramSTZeroSample takes an empty native histogram at the time st.
func (a *appender) AppendHistogramSTZeroSample(ref storage.SeriesRef, l labels.Labels, t, st int64, h *histogram.Histogram, fh *histogram.FloatHistogram) (storage.SeriesRef, error) {
	known, err := a.Appender.AppendHistogramSTZeroSample(ref, l, t, st, h, fh)
	if err == nil {
		zero := Sample{Ref: known, Labels: l, Time: st}
		if fh != nil {
			zero.FloatHistogram = &histogram.FloatHistogram{}
		} else {
			zero.Histogram = &histogram.Histogram{}
		}
		a.batch.add(zero)
	}
	return known, err
}

// Commit stores what was appended and announces it.
func (a *appender) Commit() error { return a.finish(a.Appender.Commit()) }

// Rollback forgets what was appended.
func (a *appender) Rollback() error {
	defer a.abandon()
	return a.Appender.Rollback()
}

// refusedV2 answers for a storage that takes nothing: not yet, or no more.
type refusedV2 struct{ err error }

var _ storage.ExemplarAppenderV2 = refusedV2{}

// Append refuses.
func (r refusedV2) Append(storage.SeriesRef, labels.Labels, int64, int64, float64, *histogram.Histogram, *histogram.FloatHistogram, storage.AOptions) (storage.SeriesRef, error) {
	return 0, r.err
}

// AppendExemplars refuses.
func (r refusedV2) AppendExemplars(storage.SeriesRef, labels.Labels, []exemplar.Exemplar) (storage.SeriesRef, error) {
	return 0, r.err
}

// Commit refuses.
func (r refusedV2) Commit() error { return r.err }

// Rollback refuses.
func (r refusedV2) Rollback() error { return r.err }

// refused is refusedV2 for the older interface.
type refused struct{ err error }

// SetOptions has nothing to set.
func (refused) SetOptions(*storage.AppendOptions) {}

// Append refuses.
func (r refused) Append(storage.SeriesRef, labels.Labels, int64, float64) (storage.SeriesRef, error) {
	return 0, r.err
}

// AppendExemplar refuses.
func (r refused) AppendExemplar(storage.SeriesRef, labels.Labels, exemplar.Exemplar) (storage.SeriesRef, error) {
	return 0, r.err
}

// AppendHistogram refuses.
func (r refused) AppendHistogram(storage.SeriesRef, labels.Labels, int64, *histogram.Histogram, *histogram.FloatHistogram) (storage.SeriesRef, error) {
	return 0, r.err
}

// AppendHistogramSTZeroSample refuses.
func (r refused) AppendHistogramSTZeroSample(storage.SeriesRef, labels.Labels, int64, int64, *histogram.Histogram, *histogram.FloatHistogram) (storage.SeriesRef, error) {
	return 0, r.err
}

// UpdateMetadata refuses.
func (r refused) UpdateMetadata(storage.SeriesRef, labels.Labels, metadata.Metadata) (storage.SeriesRef, error) {
	return 0, r.err
}

// AppendSTZeroSample refuses.
func (r refused) AppendSTZeroSample(storage.SeriesRef, labels.Labels, int64, int64) (storage.SeriesRef, error) {
	return 0, r.err
}

// Commit refuses.
func (r refused) Commit() error { return r.err }

// Rollback refuses.
func (r refused) Rollback() error { return r.err }
