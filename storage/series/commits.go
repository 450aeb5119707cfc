package series

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
)

// SourceRemote is the source of commits that name none: remote write and OTLP.
const SourceRemote = "remote"

// defaultFeedBuffer is how many commits wait for a subscriber that asks for no
// particular number.
const defaultFeedBuffer = 256

// SourceOf names the scrape target that ctx belongs to, "" if it belongs to none.
type SourceOf func(ctx context.Context) string

type sourceKey struct{}

// WithSource returns a context whose commits carry source, for example
// "rule:group"; SourceOf is not asked.
func WithSource(ctx context.Context, source string) context.Context {
	return context.WithValue(ctx, sourceKey{}, source)
}

// Commit announces samples that have been stored and can be read. Stale markers
// count as samples.
type Commit struct {
	// Source says where the samples come from: what WithSource or SourceOf said,
	// else SourceRemote.
	Source string
	// At is when the commit was done, on this machine's clock.
	At time.Time
	// MinTime and MaxTime are the oldest and newest time of a sample, in
	// milliseconds since the epoch, both inclusive.
	MinTime, MaxTime int64
	// Count is the number of samples, native histograms included.
	Count int
	// Samples are the samples in the order they were appended; nil unless the feed
	// asks for them. All feeds share the slice: read only.
	Samples []Sample
}

// Sample is one sample of a commit: a float, or a native histogram where
// Histogram or FloatHistogram is set. A sample that repeats or precedes another
// of its series within the same commit may not have been stored.
type Sample struct {
	// Ref identifies the series until the next restart.
	Ref    storage.SeriesRef
	Labels labels.Labels
	// Time and Start are in milliseconds since the epoch. Start is when the counter
	// started, 0 if unknown.
	Time, Start    int64
	Value          float64
	Histogram      *histogram.Histogram
	FloatHistogram *histogram.FloatHistogram
}

// FeedOptions say what a feed carries.
type FeedOptions struct {
	// Buffer is how many commits may wait to be taken; 0 is 256.
	Buffer int
	// Samples asks for the samples themselves.
	Samples bool
}

// Loss sums up commits that a feed did not deliver.
type Loss struct {
	// Commits is how many there were.
	Commits uint64
	// MinTime and MaxTime span their samples, as in Commit.
	MinTime, MaxTime int64
}

// Feed delivers the commits made after Subscribe, in the order of each writer's
// commits.
type Feed struct {
	samples bool
	commits chan Commit
	lost    chan struct{}
	total   atomic.Uint64
	close   func()

	mu   sync.Mutex
	loss Loss
}

// Commits is closed by Close, and when the storage closes. What has not been
// taken by then can still be received.
func (f *Feed) Commits() <-chan Commit { return f.commits }

// Lost receives after commits have been lost because nobody took them in time.
// One receive may stand for many losses; TakeLoss tells which.
func (f *Feed) Lost() <-chan struct{} { return f.lost }

// LostCount is how many commits the feed has lost since Subscribe.
func (f *Feed) LostCount() uint64 { return f.total.Load() }

// TakeLoss returns what has been lost since the previous call.
func (f *Feed) TakeLoss() Loss {
	f.mu.Lock()
	defer f.mu.Unlock()
	loss := f.loss
	f.loss = Loss{}
	return loss
}

// Close ends the feed. Closing twice is harmless.
func (f *Feed) Close() { f.close() }

// offer hands c to the subscriber or records its loss; it never waits.
func (f *Feed) offer(c Commit) (taken bool) {
	// An appender that was handed out before this feed subscribed may have kept no samples.
	known := !f.samples || c.Samples != nil
	if !f.samples {
		c.Samples = nil
	}
	if known {
		select {
		case f.commits <- c:
			return true
		default:
		}
	}
	f.total.Add(1)
	f.mu.Lock()
	if f.loss.Commits == 0 {
		f.loss.MinTime, f.loss.MaxTime = c.MinTime, c.MaxTime
	}
	f.loss.Commits++
	f.loss.MinTime = min(f.loss.MinTime, c.MinTime)
	f.loss.MaxTime = max(f.loss.MaxTime, c.MaxTime)
	f.mu.Unlock()
	select {
	case f.lost <- struct{}{}:
	default: // told already, not yet heard
	}
	return false
}

// feeds are all subscribers. Announcing holds mu for reading only, so writers do
// not wait for each other, and a feed is never closed under an announcement.
type feeds struct {
	mu      sync.RWMutex
	closed  bool
	all     map[*Feed]struct{}
	samples atomic.Int64 // how many of them want samples
}

// Subscribe starts a feed of every commit from now on, also before the storage
// is ready. The caller closes it.
func (db *DB) Subscribe(o FeedOptions) *Feed {
	if o.Buffer <= 0 {
		o.Buffer = defaultFeedBuffer
	}
	f := &Feed{
		samples: o.Samples,
		commits: make(chan Commit, o.Buffer),
		lost:    make(chan struct{}, 1),
	}
	f.close = func() { db.feeds.remove(f) }
	db.feeds.add(f)
	return f
}

func (s *feeds) add(f *Feed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		close(f.commits)
		return
	}
	if s.all == nil {
		s.all = map[*Feed]struct{}{}
	}
	s.all[f] = struct{}{}
	if f.samples {
		s.samples.Add(1)
	}
}

func (s *feeds) remove(f *Feed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.all[f]; !ok {
		return
	}
	delete(s.all, f)
	close(f.commits)
	if f.samples {
		s.samples.Add(-1)
	}
}

func (s *feeds) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for f := range s.all {
		close(f.commits)
	}
	s.all = nil
	s.samples.Store(0)
}

func (s *feeds) count() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.all)
}

// announce offers c to every feed and returns how many could not take it.
func (s *feeds) announce(c Commit) (lost int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for f := range s.all {
		if !f.offer(c) {
			lost++
		}
	}
	return lost
}

// batch is what one appender has appended so far.
type batch struct {
	minTime, maxTime   int64
	floats, histograms int
	keep               bool // also the samples
	samples            []Sample
}

func newBatch(keep bool) batch {
	return batch{minTime: math.MaxInt64, maxTime: math.MinInt64, keep: keep}
}

func (b *batch) count() int { return b.floats + b.histograms }

// add records a sample that the storage has accepted. Histograms are copied: the
// storage may recode them while it commits.
func (b *batch) add(s Sample) {
	b.minTime = min(b.minTime, s.Time)
	b.maxTime = max(b.maxTime, s.Time)
	if s.Histogram != nil || s.FloatHistogram != nil {
		b.histograms++
	} else {
		b.floats++
	}
	if !b.keep {
		return
	}
	if s.Histogram != nil {
		s.Histogram = s.Histogram.Copy()
	}
	if s.FloatHistogram != nil {
		s.FloatHistogram = s.FloatHistogram.Copy()
	}
	b.samples = append(b.samples, s)
}
