package live

import (
	"context"
	"math"
	"time"

	"daymark/query"
)

const (
	minStep = int64(math.MinInt64)
	maxStep = int64(math.MaxInt64)
	// Failed evaluations are tried again after minBackoff, then twice as late each
	// time up to maxBackoff.
	minBackoff = time.Second
	maxBackoff = 30 * time.Second
)

// watch is one expression at one step, for all who view it. Fields are guarded
// by Hub.mu, except store, which belongs to the job while busy.
type watch struct {
	id        int64
	key       watchKey
	plan      *plan
	step      int64 // milliseconds
	selectors []*selector
	subs      map[*subscription]struct{}

	busy   bool               // a job is under way
	queued bool               // in Hub.waiting
	gone   bool               // nobody views it any more
	cancel context.CancelFunc // of the job

	store  *store
	points int   // as counted in Hub.points
	filled bool  // store holds steps from from to to
	from   int64 // steps that can be read, as of the last job
	to     int64
	aimed  int64 // newest step that the job evaluates
	// Annotations of the window as first evaluated. Like store, they are the job's while busy.
	warnings, infos []string

	// Steps to evaluate again because their samples have changed.
	tainted            bool
	taintFrom, taintTo int64
	mendAt             time.Time

	took    time.Duration // how long the last evaluation took
	rest    time.Time     // no correction before: they take at most half of the time
	failure *query.Error  // of the last evaluation, nil if it succeeded
	backoff backoff
}

// backoff spaces out attempts that fail.
type backoff struct {
	next time.Time
	wait time.Duration
}

func (b *backoff) fail(now time.Time, kind query.ErrorKind) {
	if kind == query.KindUnavailable { // history loads; asking costs nothing
		b.wait = minBackoff
	} else {
		b.wait = min(max(2*b.wait, minBackoff), maxBackoff)
	}
	b.next = now.Add(b.wait)
}

func (b *backoff) ready(now time.Time) bool { return !now.Before(b.next) }

// reading is the freshness that goes with an update.
type reading struct{ fedMs, intervalMs int64 }

// taint notes that the steps from from to to have to be evaluated again, as
// far as they have been.
func (w *watch) taint(now time.Time, from, to int64) {
	newest := minStep
	if w.filled {
		newest = w.to
	}
	if w.busy {
		newest = max(newest, w.aimed)
	}
	to = min(to, newest)
	if from > to || newest == minStep {
		return
	}
	if w.tainted {
		w.taintFrom, w.taintTo = min(w.taintFrom, from), max(w.taintTo, to)
		return
	}
	w.tainted, w.taintFrom, w.taintTo = true, from, to
	w.mendAt = now.Add(settle)
	if w.plan.whole {
		w.mendAt = now.Add(time.Duration(w.grace()) * time.Millisecond)
	}
	if w.mendAt.Before(w.rest) {
		w.mendAt = w.rest
	}
}

func (w *watch) grace() int64 { return min(w.step, maxGrace.Milliseconds()) }

// complete says whether everything that feeds step has been committed.
func (w *watch) complete(step int64) bool {
	for _, s := range w.selectors {
		if !s.complete(step) {
			return false
		}
	}
	return true
}

// ready returns the newest step that is to be evaluated by now.
func (w *watch) ready(nowMs int64) int64 {
	newest := floor(nowMs-w.grace(), w.step)
	if w.filled {
		newest = max(newest, w.to)
	}
	for next := newest + w.step; next <= nowMs && w.complete(next); next += w.step {
		newest = next
	}
	return newest
}

// after returns when a step past newest may become ready; commits may make it
// so at any time in between.
func (w *watch) after(newest int64, now time.Time) time.Time {
	next := time.UnixMilli(newest + w.step)
	if now.Before(next) {
		return next
	}
	return next.Add(time.Duration(w.grace()) * time.Millisecond)
}

func (w *watch) reading(nowMs int64) reading {
	var r reading
	for _, s := range w.selectors {
		r.fedMs = max(r.fedMs, s.fed)
		if i := s.interval(nowMs); i > 0 && (r.intervalMs == 0 || i < r.intervalMs) {
			r.intervalMs = i
		}
	}
	if r.intervalMs > 0 {
		r.intervalMs = max(r.intervalMs, w.step) // updates do not come more often than steps
	}
	return r
}

// floor rounds ms down to a multiple of step.
func floor(ms, step int64) int64 {
	q := ms / step
	if ms%step < 0 {
		q--
	}
	return q * step
}

// mending says whether tainted steps are to be evaluated now: late samples are
// collected for a moment.
func (w *watch) mending(now time.Time) bool { return w.tainted && !now.Before(w.mendAt) }

// shortest returns the shortest window that is viewed: whoever asks for less
// need not wait for those who ask for more.
func (w *watch) shortest(now time.Time) (windowMs int64) {
	for s := range w.subs {
		if s.backoff.ready(now) && (windowMs == 0 || s.windowMs < windowMs) {
			windowMs = s.windowMs
		}
	}
	return windowMs
}

// longest returns the longest window that is viewed, and when the next
// subscription will want another attempt. 0 means that none can be served now.
func (w *watch) longest(now time.Time) (windowMs int64, retry time.Time) {
	for s := range w.subs {
		if s.pending && !s.backoff.ready(now) {
			retry = earlier(retry, s.backoff.next)
			continue
		}
		windowMs = max(windowMs, s.windowMs)
	}
	return windowMs, retry
}

// reset forgets all points; every viewer gets a snapshot again.
func (w *watch) reset() {
	w.filled, w.tainted = false, false
	for s := range w.subs {
		s.pending = true
	}
}

// ceil rounds ms up to a multiple of step.
func ceil(ms, step int64) int64 {
	if ms > maxStep-step || ms < minStep+step {
		return ms // an open end
	}
	return floor(ms+step-1, step)
}
