// Package live evaluates each distinct expression and step once, however many
// people watch it, as soon as the samples that feed it have been committed,
// and hands every viewer frames with a snapshot first and then only new and
// corrected points. docs/live.md describes the messages.
package live

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/promql/parser"

	"daymark/query"
	"daymark/storage/series"
)

// Evaluator answers range queries; *query.Engine is one.
type Evaluator interface {
	Range(ctx context.Context, r query.RangeRequest) (query.Result, error)
	Parser() parser.Parser
	// LookbackDelta is how long the newest sample of a series stands for it.
	LookbackDelta() time.Duration
}

// Config bounds what viewers can ask for. Zero fields stand for their defaults.
type Config struct {
	// MaxWatchesPerViewer is how many subscriptions one viewer may have; 0 is 100.
	MaxWatchesPerViewer int
	// MaxWatches is how many distinct watches there may be; 0 is 2,000.
	MaxWatches int
	// MaxPoints is how many steps a window may hold; 0 is 11,000.
	MaxPoints int
	// MaxPointsPerWatch is how many points a watch may hold, series times steps;
	// 0 is one million.
	MaxPointsPerWatch int
	// MaxPointsInAll is how many points all watches together may hold, at 8 bytes
	// and more each; 0 is 16 million.
	MaxPointsInAll int
	// QueueFrames is how many frames wait for a slow viewer before it loses them; 0 is 8.
	QueueFrames int
	// LargeFrame is the size in bytes from which on a frame never waits behind
	// others: a viewer who has yet to read those loses them. 0 is 4 MiB. So a slow
	// viewer holds one large frame at most, and QueueFrames small ones.
	LargeFrame int
	// MaxEvaluations is how many evaluations run at once; 0 is the number of
	// processors, at least four. Slow ones take at most half of them.
	MaxEvaluations int
	// Timeout ends one evaluation; 0 is 30 seconds.
	Timeout time.Duration
	// Buffer is how many commits may wait for the hub; 0 is 4,096.
	Buffer int
}

const (
	// tick is how long updates wait for those of other watches while these are evaluated.
	tick = 100 * time.Millisecond
	// beat is how often viewers who have received nothing are looked for. Every
	// viewer gets a frame at least every two beats.
	beat = 500 * time.Millisecond
	// settle is how long a correction waits for more late samples.
	settle = 100 * time.Millisecond
	// maxGrace is how long past its time a step of a second or more waits for its sources.
	maxGrace = time.Second
	// longSteps and slowTime sort evaluations into lanes.
	longSteps = 100
	slowTime  = 500 * time.Millisecond
	// warmUp is how long after the opening of the feed losses are nothing unusual.
	warmUp = 10 * time.Second
	// maxWindow is the longest window, and keeps arithmetic with times safe.
	maxWindow = 20 * 365 * 24 * time.Hour
)

// Hub evaluates watches and fans their points out. It is safe for concurrent use.
type Hub struct {
	cfg     Config
	eval    Evaluator
	commits func(series.FeedOptions) *series.Feed
	log     *slog.Logger
	metrics *metrics
	poked   chan struct{} // something has changed that Run must look at
	jobs    sync.WaitGroup

	mu          sync.Mutex
	stopped     bool
	viewers     map[*Viewer]struct{}
	watches     map[watchKey]*watch
	nextWatch   int64
	index       *index
	look        map[*watch]struct{} // watches that need looking at now
	due         time.Time           // when every watch needs looking at; zero: not before something changes
	waiting     [lanes][]*watch     // those that found no room to run
	running     int                 // evaluations under way
	lanes       [lanes]int          // the same, by lane
	points      int                 // held by all watches
	unsentSince time.Time           // age of the oldest update that waits for a frame; zero: none does
	unsent      map[*Viewer]struct{}
	nextUpdate  uint64
}

// watchKey says which subscriptions share a watch. Whole expressions depend on
// the window, so it is part of their key.
type watchKey struct {
	expr   string
	step   time.Duration
	window time.Duration // 0 unless whole
}

// NewHub returns a Hub that evaluates through eval and learns from the feed
// that commits opens which samples have arrived. It opens one only while
// somebody watches.
func NewHub(cfg Config, eval Evaluator, commits func(series.FeedOptions) *series.Feed, log *slog.Logger, reg prometheus.Registerer) *Hub {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&cfg.MaxWatchesPerViewer, 100)
	def(&cfg.MaxWatches, 2_000)
	def(&cfg.MaxPoints, query.MaxPoints)
	cfg.MaxPoints = min(cfg.MaxPoints, query.MaxPoints)
	def(&cfg.MaxPointsPerWatch, 1_000_000)
	def(&cfg.MaxPointsInAll, 16_000_000)
	def(&cfg.QueueFrames, 8)
	def(&cfg.LargeFrame, 4<<20)
	def(&cfg.MaxEvaluations, max(4, runtime.GOMAXPROCS(0)))
	def(&cfg.Buffer, 4_096)
	if cfg.Timeout <= 0 {
		cfg.Timeout = 30 * time.Second
	}
	return &Hub{
		cfg:     cfg,
		eval:    eval,
		commits: commits,
		log:     log,
		metrics: newMetrics(reg),
		poked:   make(chan struct{}, 1),
		viewers: map[*Viewer]struct{}{},
		watches: map[watchKey]*watch{},
		index:   newIndex(),
		look:    map[*watch]struct{}{},
		unsent:  map[*Viewer]struct{}{},
	}
}

// Run evaluates and sends until ctx is done, then closes every viewer's
// frames. It is called once.
func (h *Hub) Run(ctx context.Context) error {
	var (
		feed    *series.Feed
		opened  time.Time // the feed
		commits <-chan series.Commit
		lost    <-chan struct{}
	)
	timer := time.NewTimer(0)
	defer timer.Stop()
	beats := time.NewTicker(beat)
	defer beats.Stop()
	defer func() {
		if feed != nil {
			feed.Close()
		}
		h.stop()
	}()
	for {
		beating := false
		select {
		case <-ctx.Done():
			return nil
		case c, open := <-commits:
			if !open { // the storage has closed; nothing more will come
				commits, lost = nil, nil
				break
			}
			h.committed(c, commits)
		case <-lost:
			h.overflowed(feed.TakeLoss(), time.Since(opened) < warmUp)
		case <-h.poked:
		case <-timer.C:
		case <-beats.C:
			beating = true
		}
		switch watching := h.watching(); {
		case watching && feed == nil:
			// Before the first evaluation, so that no commit falls between the two.
			feed = h.commits(series.FeedOptions{Buffer: h.cfg.Buffer, Samples: true})
			commits, lost, opened = feed.Commits(), feed.Lost(), time.Now()
		case !watching && feed != nil:
			feed.Close()
			feed, commits, lost = nil, nil, nil
		}
		if wake, ok := h.advance(ctx, beating); ok {
			timer.Reset(wake)
		} else {
			timer.Stop()
		}
	}
}

// Refresh evaluates all windows again. Call it after something else than a
// commit has changed what queries answer: a reload, or deleted series.
func (h *Hub) Refresh() {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	for _, w := range h.watches {
		w.taint(now, minStep, maxStep)
		h.look[w] = struct{}{}
	}
	h.poke()
}

func (h *Hub) watching() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.watches) > 0
}

// poke makes Run look at what has changed.
func (h *Hub) poke() {
	select {
	case h.poked <- struct{}{}:
	default:
	}
}

// committed takes in c and what else has arrived by now.
func (h *Hub) committed(c series.Commit, more <-chan series.Commit) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	for range 64 { // then others get a turn
		h.absorb(now, c)
		select {
		case next, open := <-more:
			if !open {
				return
			}
			c = next
		default:
			return
		}
	}
}

// absorb notes which watches c feeds and which of their steps it changes.
func (h *Hub) absorb(now time.Time, c series.Commit) {
	for _, s := range h.index.match(c) {
		for w := range s.watches {
			h.look[w] = struct{}{}
			for _, u := range w.plan.uses {
				if u.key != s.key {
					continue
				}
				if from, to, some := u.reach(s.oldest, s.newest); some {
					w.taint(now, from, to)
				}
			}
		}
	}
}

// overflowed evaluates again whatever the lost commits may have changed.
// With warming, they are those of writers who had begun before the feed did and
// so kept no samples for it.
func (h *Hub) overflowed(loss series.Loss, warming bool) {
	if loss.Commits == 0 {
		return
	}
	if !warming {
		h.metrics.overflows.Inc()
		h.log.Warn("live evaluation fell behind the commits", "commits", loss.Commits)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	for _, w := range h.watches {
		h.look[w] = struct{}{}
		for _, u := range w.plan.uses {
			if from, to, some := u.reach(loss.MinTime, loss.MaxTime); some {
				w.taint(now, from, to)
			}
		}
	}
}

// advance starts what is due, sends what is ready and says how long Run may
// sleep; false means until something happens.
func (h *Hub) advance(ctx context.Context, beating bool) (wake time.Duration, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()

	waiting := h.waiting
	h.waiting = [lanes][]*watch{}
	for l, list := range waiting {
		for i, w := range list {
			if !h.room(lane(l)) {
				h.waiting[l] = append(h.waiting[l], list[i:]...)
				break
			}
			w.queued = false
			h.consider(ctx, now, w)
		}
	}
	if !h.due.IsZero() && !now.Before(h.due) {
		h.due = time.Time{}
		clear(h.look)
		for _, w := range h.watches {
			h.consider(ctx, now, w)
		}
	} else {
		for w := range h.look {
			delete(h.look, w)
			h.consider(ctx, now, w)
		}
	}

	if beating {
		h.reviveLossy()
	}
	if beating || !h.unsentSince.IsZero() && (h.running == 0 || now.Sub(h.unsentSince) >= tick) {
		h.flush(now, beating)
	}

	next := h.due
	if !h.unsentSince.IsZero() {
		next = earlier(next, h.unsentSince.Add(tick))
	}
	if len(h.look) > 0 {
		next = now
	}
	if next.IsZero() {
		return 0, false
	}
	return max(0, next.Sub(now)), true
}

// stop ends all evaluations and closes every viewer's frames.
func (h *Hub) stop() {
	h.mu.Lock()
	h.stopped = true
	for v := range h.viewers {
		h.leave(v)
	}
	h.mu.Unlock()
	h.jobs.Wait()
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
