package live

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/prometheus/promql"

	"daymark/query"
)

// span is a run of steps, both inclusive, in milliseconds.
type span struct{ from, to int64 }

// job is one round of work on a watch: evaluations, then the encoding.
type job struct {
	watch     *watch
	spans     []span          // to evaluate
	left      *span           // older steps that only snapshots need
	oldest    int64           // steps before it may be forgotten
	snapshots []*subscription // who gets a snapshot afterwards
	fresh     bool            // the store starts anew
	mends     bool            // the spans take in what was tainted
	lane      lane
	recovers  bool // the last evaluation failed: something must be sent
	reading   reading

	// What came of it.
	err     *query.Error // of the spans
	leftErr *query.Error
	took    time.Duration
	points  [][]byte         // updates for those who follow
	tails   map[int64][]byte // the shared part of snapshots, by window
}

// lane sorts jobs by how long they may take, so that long ones leave room.
type lane int

const (
	laneStep lane = iota // a few steps, or none
	laneLong             // many steps, or the first ones of a watch
	laneSlow             // of a watch whose last evaluation took long
	lanes
)

func (w *watch) lane(j *job) lane {
	steps := j.steps()
	switch {
	case steps > 0 && w.took > slowTime:
		return laneSlow
	case steps > longSteps || j.fresh:
		return laneLong
	}
	return laneStep
}

// room says whether another job may start in lane l: slow ones take at most
// half of all evaluations, and with the long ones all but one.
func (h *Hub) room(l lane) bool {
	all := h.cfg.MaxEvaluations
	switch {
	case h.running >= all:
		return false
	case l != laneStep && h.lanes[laneLong]+h.lanes[laneSlow] >= max(1, all-1):
		return false
	case l == laneSlow && h.lanes[laneSlow] >= max(1, all/2):
		return false
	}
	return true
}

// consider starts a job for w if there is something to do, or notes when there
// will be.
func (h *Hub) consider(ctx context.Context, now time.Time, w *watch) {
	if w.busy || w.queued || w.gone || h.stopped {
		return
	}
	j, next := w.prepare(now)
	if j == nil {
		h.due = earlier(h.due, next)
		return
	}
	if !h.room(j.lane) {
		w.queued = true
		h.waiting[j.lane] = append(h.waiting[j.lane], w)
		return
	}
	h.start(ctx, j)
}

// prepare works out what there is to do for w: a job, or nil and the time to
// look again.
func (w *watch) prepare(now time.Time) (*job, time.Time) {
	nowMs := now.UnixMilli()
	keep, next := w.longest(now)
	resting := !w.backoff.ready(now)
	if keep == 0 {
		return nil, next
	}
	newest := w.to
	if !resting {
		newest = w.ready(nowMs)
	}
	oldest := newest - keep + w.step
	// A clock that has jumped leaves nothing to go on from.
	if w.filled && (w.to < oldest-w.step || w.to > floor(nowMs, w.step)+w.step) {
		w.reset()
		newest = w.ready(nowMs)
	}
	switch {
	case resting && !w.filled:
		return nil, earlier(next, w.backoff.next)
	case !w.filled:
		keep = w.shortest(now)
	}
	j := &job{watch: w, fresh: !w.filled, recovers: w.failure != nil}
	j.oldest = newest - keep + w.step
	switch {
	case resting:
		next = earlier(next, w.backoff.next)
	case j.fresh:
		j.spans, j.mends = []span{{j.oldest, newest}}, true
	case w.plan.whole:
		if newest > w.to || w.mending(now) {
			j.spans, j.mends = []span{{j.oldest, newest}}, true
		}
	default:
		w.planSteps(j, now, newest)
	}
	if resting {
		keep = w.to - w.from + w.step
	}
	for s := range w.subs {
		if s.waits(now) && s.windowMs <= keep {
			j.snapshots = append(j.snapshots, s)
		}
	}
	if len(j.spans) > 0 || j.left != nil || len(j.snapshots) > 0 {
		j.lane = w.lane(j)
		j.reading = w.reading(nowMs)
		return j, time.Time{}
	}
	if !resting {
		next = earlier(next, w.after(newest, now))
		if w.tainted {
			next = earlier(next, w.mendAt)
		}
	}
	return nil, next
}

// planSteps adds to j what is to be evaluated of an incremental watch: new
// steps, tainted ones along with them or when they have settled, and older ones
// for those who ask for a longer window than is held.
func (w *watch) planSteps(j *job, now time.Time, newest int64) {
	if newest > w.to {
		j.spans = append(j.spans, span{w.to + w.step, newest})
	}
	if w.tainted && (newest > w.to || w.mending(now)) {
		j.mends = true
		bad := span{max(ceil(w.taintFrom, w.step), j.oldest, w.from), min(floor(w.taintTo, w.step), w.to)}
		switch {
		case bad.from > bad.to: // nobody looks that far back
			w.tainted = false
		case newest > w.to && w.failure == nil && w.to-bad.to <= longSteps/2*w.step:
			j.spans[0].from = bad.from // one evaluation is cheaper than two
		default:
			j.spans = append(j.spans, bad)
		}
	}
	if w.from > j.oldest {
		j.left = &span{j.oldest, w.from - w.step}
	}
}

func (j *job) steps() (n int64) {
	for _, s := range j.spans {
		n += (s.to-s.from)/j.watch.step + 1
	}
	if j.left != nil {
		n += (j.left.to-j.left.from)/j.watch.step + 1
	}
	return n
}

// start runs j in a goroutine of its own.
func (h *Hub) start(ctx context.Context, j *job) {
	w := j.watch
	w.busy = true
	w.aimed = w.to
	if len(j.spans) > 0 {
		w.aimed = j.spans[0].to // what commits from here on, up to this step, taints
	}
	if j.mends {
		w.tainted = false
	}
	ctx = promql.NewOriginContext(ctx, map[string]any{"live": map[string]any{"watch": w.id}}) // for the query log
	ctx, w.cancel = context.WithTimeout(ctx, h.cfg.Timeout)
	h.running++
	h.lanes[j.lane]++
	others := h.points - w.points
	h.jobs.Go(func() {
		h.run(ctx, j, others)
		h.finish(j)
	})
}

// run evaluates and encodes. It owns the store of the watch; others is how
// many points the other watches hold.
func (h *Hub) run(ctx context.Context, j *job, others int) {
	w := j.watch
	if j.fresh {
		w.store = newStore(w.step)
	}
	began := time.Now()
	var changes []change
	for _, s := range j.spans {
		c, err := h.evaluate(ctx, j, s, others)
		if err != nil {
			j.err = err
			break
		}
		if c.some {
			changes = append(changes, c)
		}
	}
	if j.err == nil && j.left != nil {
		_, j.leftErr = h.evaluate(ctx, j, *j.left, others)
	}
	j.took = time.Since(began)
	if !w.store.filled {
		return
	}
	if j.recovers && j.err == nil && len(changes) == 0 && len(j.spans) > 0 {
		changes = append(changes, change{w.store.to, w.store.to, true})
	}
	if j.err == nil { // else the newest steps stay old, and snapshots want the window before them
		w.store.trim(j.oldest)
	}
	j.encode(changes)
}

// evaluate answers for the steps of s and stores the points.
func (h *Hub) evaluate(ctx context.Context, j *job, s span, others int) (change, *query.Error) {
	w := j.watch
	res, err := h.eval.Range(ctx, query.RangeRequest{
		Expr:  w.plan.expr,
		Start: time.UnixMilli(s.from),
		End:   time.UnixMilli(s.to),
		Step:  time.Duration(w.step) * time.Millisecond,
	})
	h.metrics.evaluated(err)
	if err != nil {
		if e, ok := errors.AsType[*query.Error](err); ok {
			return change{}, e
		}
		return change{}, &query.Error{Kind: query.KindExecution, Message: err.Error(), Err: err}
	}
	size := w.store.grown(res.Matrix, s.from, s.to)
	if size > h.cfg.MaxPointsPerWatch {
		return change{}, &query.Error{
			Kind:    query.KindLimit,
			Message: fmt.Sprintf("%d series over this window are about %d points, at most %d are sent", len(res.Matrix), size, h.cfg.MaxPointsPerWatch),
			Hint:    "aggregate or select fewer series, or take a shorter window or a longer step",
		}
	}
	if others+size > h.cfg.MaxPointsInAll {
		return change{}, &query.Error{
			Kind:    query.KindLimit,
			Message: fmt.Sprintf("all panels together hold %d points, at most %d are kept", others+size, h.cfg.MaxPointsInAll),
			Hint:    "close panels, or take shorter windows",
		}
	}
	if j.fresh || w.plan.whole {
		w.warnings, w.infos = res.Warnings, res.Infos
	}
	return w.store.apply(res.Matrix, s.from, s.to), nil
}

// encode makes the updates for those who follow the watch, then the snapshots:
// in this order, because the numbers of series that a snapshot does not name
// have to be explained again afterwards.
func (j *job) encode(changes []change) {
	w := j.watch
	update := func(from, to int64, all bool) Points {
		return Points{
			Watch: w.id, From: from, To: to, Step: w.step,
			FedMs: j.reading.fedMs, IntervalMs: j.reading.intervalMs,
			Series: w.store.between(from, to, all),
		}
	}
	for _, c := range changes {
		// Of a whole watch and of a correction, what nobody looks at any more stays out.
		if from := max(c.from, w.store.from); from <= c.to && !j.fresh {
			j.points = append(j.points, update(from, c.to, false).Append(nil))
		}
	}
	j.tails = map[int64][]byte{}
	for _, s := range j.snapshots {
		from := w.store.to - s.windowMs + w.step
		if _, done := j.tails[s.windowMs]; done || from < w.store.from {
			continue
		}
		snapshot := Snapshot{Points: update(from, w.store.to, true), Warnings: w.warnings, Infos: w.infos}
		j.tails[s.windowMs] = snapshot.appendTail(nil)
	}
}

// finish hands out what j has made.
func (h *Hub) finish(j *job) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := j.watch
	w.cancel()
	w.busy = false
	h.running--
	h.lanes[j.lane]--
	h.poke()
	if w.gone || h.stopped {
		return
	}
	now := time.Now()
	h.look[w] = struct{}{}
	w.filled = w.store.filled
	w.from, w.to = w.store.from, w.store.to
	h.hold(w, w.store.size())
	if len(j.spans) > 0 || j.left != nil {
		w.took = j.took
		w.rest = now.Add(j.took)
	}
	for _, p := range j.points {
		h.tell(w, p, func(s *subscription) bool { return !s.pending })
	}
	switch {
	case j.err != nil:
		for _, s := range j.spans {
			w.taint(now, s.from, s.to)
		}
		h.fail(now, w, j.err)
	case len(j.spans) > 0:
		w.failure, w.backoff = nil, backoff{}
	}
	for _, s := range j.snapshots {
		if _, still := w.subs[s]; still {
			h.finishSnapshot(now, s, j)
		}
	}
}

// finishSnapshot gives s its snapshot, or says why there is none.
func (h *Hub) finishSnapshot(now time.Time, s *subscription, j *job) {
	w := j.watch
	tail, ok := j.tails[s.windowMs]
	switch {
	case ok && !s.viewer.lossy:
		head := Snapshot{Points: Points{Watch: w.id}, Subscription: s.id, Lost: s.viewer.lost}.appendHead(nil)
		h.give(s.viewer, h.update(append(head, tail...)))
		s.pending, s.backoff = false, backoff{}
		if w.failure != nil { // a snapshot would say that it has ended
			h.give(s.viewer, h.update(w.failed()))
		}
	case !ok && j.err == nil && j.leftErr != nil:
		s.backoff.fail(now, j.leftErr.Kind)
		if j.leftErr.Kind == query.KindCanceled { // we are stopping, or the engine is
			return
		}
		h.give(s.viewer, h.update(Failed{Watch: w.id, Subscription: &s.id, Error: problemOf(j.leftErr)}.Append(nil)))
	}
}

// fail notes that w could not be evaluated and tells all its viewers, once for
// each reason.
func (h *Hub) fail(now time.Time, w *watch, err *query.Error) {
	w.backoff.fail(now, err.Kind)
	if err.Kind == query.KindCanceled { // we are stopping, or the engine is
		return
	}
	known := w.failure != nil && w.failure.Kind == err.Kind && w.failure.Message == err.Message
	w.failure = err
	if !known {
		h.tell(w, w.failed(), func(*subscription) bool { return true })
	}
}

// failed is the update that says why w is not evaluated.
func (w *watch) failed() []byte {
	return Failed{Watch: w.id, Error: problemOf(w.failure)}.Append(nil)
}

// hold records that w holds size points.
func (h *Hub) hold(w *watch, size int) {
	h.points += size - w.points
	w.points = size
	h.metrics.points.Set(float64(h.points))
}
