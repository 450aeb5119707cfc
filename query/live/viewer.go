package live

import (
	"encoding/binary"
	"fmt"
	"time"

	"daymark/query"
)

// Viewer is one connection's view of the hub. It is safe for concurrent use.
type Viewer struct {
	hub    *Hub
	frames chan []byte

	// Guarded by Hub.mu.
	left  bool
	subs  map[int64]*subscription
	queue []update  // for the next frame
	sent  time.Time // of the last frame
	lost  uint64    // frames that could not be taken
	// lossy: frames were lost; nothing is sent until the one that marks the gap has
	// been taken, then all snapshots are.
	lossy bool
}

// subscription is one viewer's interest in a watch. Fields are guarded by Hub.mu.
type subscription struct {
	viewer   *Viewer
	watch    *watch
	id       int64
	windowMs int64
	pending  bool // it needs a snapshot and gets no points before
	backoff  backoff
}

// waits says whether s wants its snapshot now.
func (s *subscription) waits(now time.Time) bool {
	return s.pending && !s.viewer.lossy && s.backoff.ready(now)
}

// update is one encoded update. Viewers with the same updates share a frame.
type update struct {
	seq  uint64
	body []byte
}

// Join adds a viewer. Whoever joins calls Leave.
func (h *Hub) Join() *Viewer {
	h.mu.Lock()
	defer h.mu.Unlock()
	v := &Viewer{hub: h, frames: make(chan []byte, h.cfg.QueueFrames), subs: map[int64]*subscription{}, sent: time.Now()}
	if h.stopped {
		v.left = true
		close(v.frames)
		return v
	}
	h.viewers[v] = struct{}{}
	h.metrics.viewers.Set(float64(len(h.viewers)))
	return v
}

// Frames delivers complete messages of type frame. Viewers share their bytes:
// read only. The channel is closed by Leave and when the hub stops. A reader
// who is too slow loses frames; then each subscription gets a snapshot again.
func (v *Viewer) Frames() <-chan []byte { return v.frames }

// Subscribe watches expr at the steps of the ladder from step on, over the
// newest window. It answers with the watch, whose first update is a snapshot,
// or says why not. An id that is in use is given up first.
//
// A frame with the snapshot may reach Frames before Subscribe has returned.
func (v *Viewer) Subscribe(id int64, expr string, step, window time.Duration) (Subscribed, *Refused) {
	h := v.hub
	refuse := func(e *query.Error) (Subscribed, *Refused) {
		return Subscribed{}, &Refused{Type: "refused", ID: id, Error: problemOf(e)}
	}
	v.Unsubscribe(id)
	if window <= 0 || window > maxWindow {
		return refuse(&query.Error{Kind: query.KindLimit, Message: fmt.Sprintf("a window of %s cannot be shown", window), Hint: "take one from a second to 20 years"})
	}
	step = query.SnapStep(min(step, maxWindow))
	if longest := query.AutoStep(window, h.cfg.MaxPoints); step < longest {
		step = longest
	}
	window = (window + step - 1) / step * step
	plan, err := newPlan(h.eval.Parser(), expr, step, window, h.eval.LookbackDelta())
	if err != nil {
		return refuse(err)
	}
	key := watchKey{expr: plan.expr, step: step}
	if plan.whole {
		key.window = window
	}

	h.mu.Lock()
	defer h.mu.Unlock()
	if v.left {
		return refuse(&query.Error{Kind: query.KindUnavailable, Message: "the server is stopping"})
	}
	if len(v.subs) >= h.cfg.MaxWatchesPerViewer {
		return refuse(&query.Error{Kind: query.KindLimit, Message: fmt.Sprintf("this connection watches %d expressions, which is the most it may", len(v.subs))})
	}
	w, ok := h.watches[key]
	if !ok {
		if len(h.watches) >= h.cfg.MaxWatches {
			return refuse(&query.Error{Kind: query.KindLimit, Message: fmt.Sprintf("%d expressions are watched, which is the most there may be", len(h.watches))})
		}
		w = h.newWatch(key, plan)
	}
	s := &subscription{viewer: v, watch: w, id: id, windowMs: window.Milliseconds(), pending: true}
	v.subs[id] = s
	w.subs[s] = struct{}{}
	if w.failure != nil {
		h.give(v, h.update(w.failed()))
	}
	h.look[w] = struct{}{}
	h.poke()
	return Subscribed{
		Type: "subscribed", ID: id, Watch: w.id, Expr: plan.expr,
		StepMs: w.step, WindowMs: s.windowMs, Incremental: !plan.whole,
	}, nil
}

// Unsubscribe ends a subscription. Unknown ids are ignored.
func (v *Viewer) Unsubscribe(id int64) {
	h := v.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if s, ok := v.subs[id]; ok {
		h.end(s)
	}
}

// Resync asks for a fresh snapshot of a subscription. Unknown ids are ignored.
func (v *Viewer) Resync(id int64) {
	h := v.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if s, ok := v.subs[id]; ok {
		s.pending = true
		h.look[s.watch] = struct{}{}
		h.poke()
	}
}

// Leave ends all subscriptions and closes Frames. Leaving twice is harmless.
func (v *Viewer) Leave() {
	v.hub.mu.Lock()
	defer v.hub.mu.Unlock()
	v.hub.leave(v)
}

func (h *Hub) leave(v *Viewer) {
	if v.left {
		return
	}
	v.left = true
	for _, s := range v.subs {
		h.end(s)
	}
	delete(h.viewers, v)
	delete(h.unsent, v)
	close(v.frames)
	h.metrics.viewers.Set(float64(len(h.viewers)))
}

// end ends s, and its watch with its last subscription.
func (h *Hub) end(s *subscription) {
	delete(s.viewer.subs, s.id)
	w := s.watch
	delete(w.subs, s)
	if len(w.subs) > 0 {
		return
	}
	w.gone = true
	if w.busy {
		w.cancel()
	}
	for _, sel := range w.selectors {
		h.index.remove(sel, w)
	}
	h.hold(w, 0)
	delete(h.look, w)
	delete(h.watches, w.key)
	h.metrics.watches.Set(float64(len(h.watches)))
	h.poke()
}

func (h *Hub) newWatch(key watchKey, plan *plan) *watch {
	h.nextWatch++
	w := &watch{id: h.nextWatch, key: key, plan: plan, step: key.step.Milliseconds(), subs: map[*subscription]struct{}{}}
	known := map[string]struct{}{}
	for _, u := range plan.uses {
		if _, ok := known[u.key]; !ok {
			known[u.key] = struct{}{}
			w.selectors = append(w.selectors, h.index.add(u, w))
		}
	}
	h.watches[key] = w
	h.metrics.watches.Set(float64(len(h.watches)))
	return w
}

// update numbers body.
func (h *Hub) update(body []byte) update {
	h.nextUpdate++
	return update{h.nextUpdate, body}
}

// tell gives body to the viewers of those subscriptions of w that may have it.
func (h *Hub) tell(w *watch, body []byte, may func(*subscription) bool) {
	u := h.update(body)
	for s := range w.subs {
		if may(s) {
			h.give(s.viewer, u)
		}
	}
}

// give puts u into the next frame of v, once.
func (h *Hub) give(v *Viewer, u update) {
	if v.left || v.lossy || len(v.queue) > 0 && v.queue[len(v.queue)-1].seq == u.seq {
		return
	}
	v.queue = append(v.queue, u)
	h.unsent[v] = struct{}{}
	if h.unsentSince.IsZero() {
		h.unsentSince = time.Now()
	}
}

// flush sends what waits, and with beating a frame without updates to those
// who have received nothing for a beat.
func (h *Hub) flush(now time.Time, beating bool) {
	h.unsentSince = time.Time{}
	nowMs := now.UnixMilli()
	shared := map[string][]byte{}
	var key []byte
	var bodies [][]byte
	for v := range h.unsent {
		delete(h.unsent, v)
		key, bodies = key[:0], bodies[:0]
		for _, u := range v.queue {
			key = binary.BigEndian.AppendUint64(key, u.seq)
			bodies = append(bodies, u.body)
		}
		frame, ok := shared[string(key)]
		if !ok {
			frame = AppendFrame(nil, nowMs, bodies...)
			shared[string(key)] = frame
		}
		v.queue = nil
		h.send(v, now, frame)
	}
	if !beating {
		return
	}
	empty := AppendFrame(nil, nowMs)
	for v := range h.viewers {
		if v.lossy || now.Sub(v.sent) < beat {
			continue
		}
		select {
		case v.frames <- empty:
			v.sent = now
		default: // it has enough to read; this one would tell it nothing
		}
	}
}

// send queues frame for v. Where there is no room, everything that waits is
// lost, and an empty frame marks the gap: once that has been taken, v reads
// again and gets snapshots.
func (h *Hub) send(v *Viewer, now time.Time, frame []byte) {
	if len(frame) < h.cfg.LargeFrame || len(v.frames) == 0 {
		select {
		case v.frames <- frame:
			v.sent = now
			h.metrics.frames.Inc()
			return
		default:
		}
	}
	lost := uint64(1)
	for drained := false; !drained; {
		select {
		case <-v.frames:
			lost++
		default:
			drained = true
		}
	}
	v.frames <- AppendFrame(nil, now.UnixMilli()) // the hub alone sends, so there is room
	v.lossy, v.sent = true, now
	v.lost += lost
	h.metrics.lost.Add(float64(lost))
}

// reviveLossy lets those who read again start over with snapshots.
func (h *Hub) reviveLossy() {
	for v := range h.viewers {
		if !v.lossy || len(v.frames) > 0 {
			continue
		}
		v.lossy = false
		for _, s := range v.subs {
			s.pending = true
			h.look[s.watch] = struct{}{}
			if s.watch.failure != nil {
				h.give(v, h.update(s.watch.failed()))
			}
		}
	}
}
