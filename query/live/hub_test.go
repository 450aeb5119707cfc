package live_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/query"
	"daymark/query/live"
)

// up writes one sample of up every second, 200 ms past the full second, as a
// scrape that takes 30 ms does.
func (w *world) up() (stop func()) {
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(1230 * time.Millisecond)))
	return w.scrape("node/a", time.Second, func(now time.Time) []point {
		return []point{series1(now.Add(-30*time.Millisecond), float64(now.Unix()%60), "up", "instance", "a")}
	})
}

func TestHundredViewersShareOneEvaluation(t *testing.T) {
	inWorld(t, live.Config{}, func(w *world) {
		defer w.up()()
		time.Sleep(5 * time.Second)
		readers := make([]*reader, 100)
		watches := map[int64]struct{}{}
		for i := range readers {
			readers[i] = w.join()
			defer readers[i].leave()
			expr := []string{`sum(up) + 1`, `sum( up )+1 # the same`}[i%2]
			watches[readers[i].subscribe(1, expr, time.Second, time.Minute).Watch] = struct{}{}
		}
		if len(watches) != 1 {
			t.Errorf("%d watches for one expression", len(watches))
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		// One for the snapshot, one for each step.
		if n := w.eval.count(); n < 10 || n > 12 {
			t.Errorf("%d evaluations for 10 steps of one watch", n)
		}
		for _, r := range readers {
			if r.subs[1].snapshots != 1 {
				t.Errorf("%d snapshots", r.subs[1].snapshots)
			}
		}
		before := w.eval.count()
		late := w.join()
		defer late.leave()
		late.subscribe(7, `sum(up) + 1`, time.Second, 30*time.Second)
		synctest.Wait()
		if n := w.eval.count() - before; n != 0 || late.subs[7].snapshots != 1 {
			t.Errorf("whoever joins later cost %d evaluations and got %d snapshots", n, late.subs[7].snapshots)
		}
		w.compare(late)
		w.compare(readers[0])
		if n := w.metric("daymark_live_viewers"); n != 101 {
			t.Errorf("metric says %v viewers", n)
		}
	})
}

func TestStepIsSentWhenItsSamplesAreIn(t *testing.T) {
	inWorld(t, live.Config{}, func(w *world) {
		// Both are scraped at the full second; b takes 600 ms.
		defer w.scrape("a", time.Second, func(now time.Time) []point { return []point{series1(now, 1, "up", "instance", "a")} })()
		var silent atomic.Bool
		time.Sleep(600 * time.Millisecond)
		defer w.scrape("b", time.Second, func(now time.Time) []point {
			if silent.Load() {
				return nil
			}
			return []point{series1(now.Add(-600*time.Millisecond), 1, "up", "instance", "b")}
		})()
		r := w.join()
		defer r.leave()
		r.subscribe(1, `sum(up)`, time.Second, time.Minute)
		r.subscribe(2, `up{instance="a"}`, time.Second, time.Minute)
		time.Sleep(10*time.Second + 300*time.Millisecond) // 0.9 s past a full second
		age := func(id int64) (steps time.Duration) {
			r.look(func() { steps = time.Since(time.UnixMilli(r.subs[id].toMs)) })
			return steps.Truncate(100 * time.Millisecond)
		}
		for range 3 { // to 0.3 s past the next, then 0.7 s, then the next but one
			time.Sleep(400 * time.Millisecond)
			synctest.Wait()
			if got, want := age(2), time.Since(time.Now().Truncate(time.Second)); got != want {
				t.Errorf("the step of a alone is %s old at %s", got, time.Now())
			}
		}
		time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(1500 * time.Millisecond)))
		if got := age(1); got != 1500*time.Millisecond {
			t.Errorf("the step of both is %s old before b has come in", got)
		}
		time.Sleep(150 * time.Millisecond)
		if got := age(1); got != 600*time.Millisecond {
			t.Errorf("the step of both is %s old after b has come in", got)
		}
		silent.Store(true) // for a while it is waited for, until the deadline
		time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(2950 * time.Millisecond)))
		if got := age(1); got != 1900*time.Millisecond {
			t.Errorf("the step of both is %s old while b is waited for", got)
		}
		time.Sleep(100 * time.Millisecond)
		if got := age(1); got != time.Second {
			t.Errorf("the step of both is %s old after the deadline", got)
		}
		time.Sleep(5 * time.Second) // then it is not
		if got := age(1); got > 100*time.Millisecond {
			t.Errorf("the step of both is %s old when b is no longer expected", got)
		}
	})
}

func TestLateSampleIsACorrection(t *testing.T) {
	inWorld(t, live.Config{}, func(w *world) {
		defer w.up()()
		r := w.join()
		defer r.leave()
		r.subscribe(1, `sum_over_time(late[5s])`, time.Second, time.Minute)
		r.subscribe(2, `up`, time.Second, time.Minute)
		time.Sleep(20 * time.Second)
		ups := 0
		w.eval.setHook(func(_ context.Context, r query.RangeRequest) error {
			if r.Expr == "up" {
				ups++
			}
			return nil
		})
		at := time.Now().Add(-10 * time.Second).Truncate(time.Second)
		w.commit("remote", series1(at, 7, "late"))
		time.Sleep(150 * time.Millisecond)
		synctest.Wait()
		r.look(func() {
			want := []string{`{} ` + strings.Join(slices.Collect(func(yield func(string) bool) {
				for i := range int64(5) {
					yield(fmt.Sprintf("7@%d", at.UnixMilli()+i*1000))
				}
			}), " ")}
			if diff := cmp.Diff(want, r.subs[1].lines()); diff != "" {
				t.Error(diff)
			}
		})
		if ups > 1 {
			t.Errorf("a sample of another series cost %d evaluations", ups)
		}
		w.eval.setHook(nil)
		w.compare(r)
	})
}

func TestDeadTargetGoesStaleInTime(t *testing.T) {
	inWorld(t, live.Config{}, func(w *world) {
		stopMarked := w.scrape("marked", time.Second, func(now time.Time) []point { return []point{series1(now, 1, "up", "instance", "marked")} })
		stopSilent := w.scrape("silent", time.Second, func(now time.Time) []point { return []point{series1(now, 1, "up", "instance", "silent")} })
		r := w.join()
		defer r.leave()
		r.subscribe(1, `up`, time.Second, 2*time.Minute)
		r.subscribe(2, `absent(up)`, time.Second, 2*time.Minute)
		time.Sleep(10*time.Second + 500*time.Millisecond)
		stopMarked()
		stopSilent()
		time.Sleep(500 * time.Millisecond)
		died := time.Now()
		w.commit("marked", stale(series1(died, 0, "up", "instance", "marked")))
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
		r.look(func() {
			if last := lastStep(r.subs[1], `"marked"`); last >= died.UnixMilli() {
				t.Errorf("a second after its stale marker the target still shows at %d", last)
			}
			if fed := r.subs[1].fedMs; fed != died.UnixMilli() {
				t.Errorf("fed at %d, the marker came at %d", fed, died.UnixMilli())
			}
		})
		time.Sleep(40 * time.Second) // the lookback is 25 s
		synctest.Wait()
		r.look(func() {
			age := time.Duration(r.nowMs-r.subs[1].fedMs) * time.Millisecond
			if age < 40*time.Second || r.subs[1].interval != 1000 {
				t.Errorf("the panel looks %s old at an interval of %d ms", age, r.subs[1].interval)
			}
			if last := lastStep(r.subs[2], "{}"); last < r.nowMs-2000 {
				t.Errorf("absent() has not moved on since %d", last)
			}
		})
		w.compare(r)
	})
}

func lastStep(s *shown, series string) (last int64) {
	for n, name := range s.labels {
		if strings.Contains(name, series) {
			for step := range s.points[n] {
				last = max(last, step)
			}
		}
	}
	return last
}

func TestFreshnessTravelsWithThePoints(t *testing.T) {
	inWorld(t, live.Config{}, func(w *world) {
		defer w.scrape("slow", 15*time.Second, func(now time.Time) []point { return []point{series1(now, 1, "slow")} })()
		defer w.up()()
		r := w.join()
		defer r.leave()
		r.subscribe(1, `slow`, time.Second, time.Minute)
		r.subscribe(2, `up + on () group_left slow`, time.Second, time.Minute)
		r.subscribe(3, `up`, 10*time.Second, time.Minute)
		r.subscribe(4, `vector(1)`, time.Second, time.Minute)
		time.Sleep(64 * time.Second)
		synctest.Wait()
		r.look(func() {
			for id, want := range map[int64]int64{1: 15_000, 2: 1_000, 3: 10_000, 4: 0} {
				if got := r.subs[id].interval; got != want {
					t.Errorf("%s: interval is %d, want %d", r.subs[id].Expr, got, want)
				}
			}
			if age := r.nowMs - r.subs[2].fedMs; age > 1500 {
				t.Errorf("up was fed %d ms ago", age)
			}
			if fed := time.UnixMilli(r.subs[1].fedMs); time.Since(fed) < 4*time.Second || time.Since(fed) > 16*time.Second {
				t.Errorf("slow was fed at %s, it is %s", fed, time.Now())
			}
			if r.subs[4].fedMs != 0 {
				t.Error("nothing feeds a constant")
			}
		})
	})
}

func TestHeartbeatEverySecond(t *testing.T) {
	inWorld(t, live.Config{}, func(w *world) {
		r := w.hub.Join()
		defer r.Leave()
		last := time.Now()
		for range 30 {
			<-r.Frames()
			if gap := time.Since(last); gap > time.Second {
				t.Errorf("%s without a frame", gap)
			}
			last = time.Now()
		}
	})
}

func TestSlowViewerLosesFramesAndGetsASnapshot(t *testing.T) {
	inWorld(t, live.Config{QueueFrames: 3}, func(w *world) {
		defer w.up()()
		slow, quick := w.join(), w.join()
		defer slow.leave()
		defer quick.leave()
		for _, r := range []*reader{slow, quick} {
			r.subscribe(1, `up`, time.Second, time.Minute)
			r.subscribe(2, `rate(up[10s])`, time.Second, time.Minute)
		}
		time.Sleep(5 * time.Second)
		slow.gate <- struct{}{}
		evaluations := w.eval.count()
		time.Sleep(30 * time.Second)
		if n := w.metric("daymark_live_lost_frames_total"); n < 3 || n > 6 {
			t.Errorf("%v frames were lost; once nothing is read, no more are made", n)
		}
		if n := w.eval.count() - evaluations; n > 70 {
			t.Errorf("a viewer who reads nothing cost %d evaluations in 30 s", n)
		}
		<-slow.gate
		time.Sleep(3 * time.Second)
		synctest.Wait()
		slow.look(func() {
			if slow.lost == 0 || slow.lost != uint64(w.metric("daymark_live_lost_frames_total")) {
				t.Errorf("the viewer was told of %d lost frames", slow.lost)
			}
			for id, s := range slow.subs {
				if s.snapshots != 2 {
					t.Errorf("subscription %d got %d snapshots", id, s.snapshots)
				}
			}
		})
		quick.look(func() {
			if quick.lost != 0 || quick.subs[1].snapshots != 1 {
				t.Errorf("the quick viewer lost %d frames and got %d snapshots", quick.lost, quick.subs[1].snapshots)
			}
		})
		w.compare(slow)
		w.compare(quick)
	})
}

// TestLargeFramesDoNotPileUp calls every frame large: a viewer who does not read
// holds one of them, and has whole panels again once it does.
func TestLargeFramesDoNotPileUp(t *testing.T) {
	inWorld(t, live.Config{QueueFrames: 100, LargeFrame: 1}, func(w *world) {
		defer w.up()()
		slow := w.join()
		defer slow.leave()
		slow.subscribe(1, `up`, time.Second, time.Minute)
		time.Sleep(5 * time.Second)
		slow.gate <- struct{}{}
		time.Sleep(30 * time.Second)
		if n := w.metric("daymark_live_lost_frames_total"); n < 1 || n > 4 {
			t.Errorf("%v frames were lost, want the few that came before the loss was marked", n)
		}
		<-slow.gate
		time.Sleep(3 * time.Second)
		synctest.Wait()
		slow.look(func() {
			if slow.lost == 0 {
				t.Error("the viewer was not told of its loss")
			}
		})
		w.compare(slow)
	})
}

func TestUnsubscribeStopsEvaluation(t *testing.T) {
	inWorld(t, live.Config{}, func(w *world) {
		defer w.up()()
		r := w.join()
		defer r.leave()
		r.subscribe(1, `up`, time.Second, time.Minute)
		r.subscribe(2, `up + 1`, time.Second, time.Minute)
		time.Sleep(5 * time.Second)
		r.viewer.Unsubscribe(1)
		r.viewer.Unsubscribe(99)
		if n := w.metric("daymark_live_watches"); n != 1 {
			t.Errorf("%v watches remain", n)
		}
		r.viewer.Unsubscribe(2)
		if n := w.metric("daymark_live_points"); n != 0 {
			t.Errorf("%v points remain", n)
		}
		before := w.eval.count()
		time.Sleep(10 * time.Second)
		if n := w.eval.count() - before; n != 0 {
			t.Errorf("%d evaluations for nobody", n)
		}
	})
}

func TestLeaveAndStopEndEverything(t *testing.T) {
	inWorld(t, live.Config{}, func(w *world) {
		stuck := make(chan struct{})
		w.eval.setHook(func(ctx context.Context, _ query.RangeRequest) error {
			<-ctx.Done()
			close(stuck)
			return ctx.Err()
		})
		r := w.join()
		r.subscribe(1, `up`, time.Second, time.Minute)
		synctest.Wait()
		r.leave()
		<-stuck // the evaluation was cancelled
		r.viewer.Leave()
		if _, refused := r.viewer.Subscribe(2, `up`, time.Second, time.Minute); refused == nil || refused.Error.Kind != query.KindUnavailable {
			t.Errorf("subscribing after Leave: %+v", refused)
		}

		other := w.join()
		w.stop()
		<-other.ended // Frames is closed
		if _, open := <-w.hub.Join().Frames(); open {
			t.Error("whoever joins a stopped hub gets frames")
		}
		w.stop = func() {}
	})
}

func TestFailuresAreToldOnceAndEnd(t *testing.T) {
	inWorld(t, live.Config{}, func(w *world) {
		defer w.up()()
		timeout := &query.Error{Kind: query.KindTimeout, Message: "query timed out"}
		w.eval.setHook(func(context.Context, query.RangeRequest) error {
			return &query.Error{Kind: query.KindUnavailable, Message: "history is still loading"}
		})
		r := w.join()
		defer r.leave()
		r.subscribe(1, `up`, time.Second, time.Minute)
		state := func(want string, snapshots int) {
			t.Helper()
			synctest.Wait()
			r.look(func() {
				if s := r.subs[1]; s.failed != want || s.snapshots != snapshots {
					t.Errorf("failed: %q with %d snapshots, want %q with %d", s.failed, s.snapshots, want, snapshots)
				}
			})
		}
		time.Sleep(10 * time.Second)
		state("unavailable: history is still loading", 0)
		second := w.join() // learns it too
		defer second.leave()
		second.subscribe(1, `up`, time.Second, time.Minute)
		time.Sleep(200 * time.Millisecond)
		second.look(func() {
			if second.subs[1].failed == "" {
				t.Error("whoever joins a failing watch is not told")
			}
		})
		w.eval.setHook(nil)
		time.Sleep(1100 * time.Millisecond)
		state("", 1)

		w.eval.setHook(func(context.Context, query.RangeRequest) error { return timeout })
		before := w.eval.count()
		time.Sleep(20 * time.Second)
		state("timeout: query timed out", 1)
		if n := w.eval.count() - before; n > 6 {
			t.Errorf("a failing watch was tried %d times in 20 s", n)
		}
		// A snapshot of what is held does not say that all is well.
		r.viewer.Resync(1)
		third := w.join()
		defer third.leave()
		third.subscribe(1, `up`, time.Second, time.Minute)
		time.Sleep(200 * time.Millisecond)
		state("timeout: query timed out", 2)
		third.look(func() {
			if s := third.subs[1]; s.failed == "" || s.snapshots != 1 {
				t.Errorf("whoever joins a failing watch that holds points: failed %q, %d snapshots", s.failed, s.snapshots)
			}
		})
		w.eval.setHook(nil)
		time.Sleep(31 * time.Second)
		state("", 2)
		w.compare(r)
		w.compare(second)
		w.compare(third)
	})
}

func TestRefusals(t *testing.T) {
	inWorld(t, live.Config{MaxWatches: 2, MaxWatchesPerViewer: 2}, func(w *world) {
		v := w.hub.Join()
		defer v.Leave()
		tests := map[string]struct {
			expr         string
			step, window time.Duration
			kind         query.ErrorKind
			message      string
			start, end   int
		}{
			"unclosed":          {"sum(up", time.Second, time.Minute, query.KindParse, "unclosed left parenthesis", 6, 6},
			"unknown function":  {"1 + nosuch(up)", time.Second, time.Minute, query.KindParse, "unknown function", 4, 10},
			"range vector":      {"up[5m]", time.Second, time.Minute, query.KindParse, "range vector", 0, 6},
			"duration of zero":  {"rate(up[5m-5m])", time.Second, time.Minute, query.KindParse, "greater than 0", 0, 15},
			"no window":         {"up", time.Second, 0, query.KindLimit, "window", 0, 0},
			"a whole book":      {"up" + strings.Repeat("+1", 10_000), time.Second, time.Minute, query.KindLimit, "20002 bytes long", 0, 0},
			"an endless window": {"up", time.Second, 100 * 365 * 24 * time.Hour, query.KindLimit, "window", 0, 0},
		}
		for name, tc := range tests {
			_, refused := v.Subscribe(5, tc.expr, tc.step, tc.window)
			if refused == nil || refused.Type != "refused" || refused.ID != 5 || refused.Error.Kind != tc.kind || !strings.Contains(refused.Error.Message, tc.message) {
				t.Errorf("%s: %+v", name, refused)
				continue
			}
			if at := refused.Error.Start; (at != nil) != (tc.kind == query.KindParse) {
				t.Errorf("%s: the place is %v", name, at)
			} else if at != nil && (*at != tc.start || *refused.Error.End != tc.end) {
				t.Errorf("%s: the place is %d to %d", name, *at, *refused.Error.End)
			}
		}
		subscribe := func(v *live.Viewer, id int64, expr string) *live.Refused {
			_, refused := v.Subscribe(id, expr, time.Second, time.Minute)
			return refused
		}
		if r := errors.Join(asError(subscribe(v, 1, "up")), asError(subscribe(v, 1, "up")), asError(subscribe(v, 2, "up"))); r != nil {
			t.Errorf("a repeated id takes the place of the first: %v", r)
		}
		if r := subscribe(v, 3, "up"); r == nil || r.Error.Kind != query.KindLimit {
			t.Errorf("a third subscription: %+v", r)
		}
		other := w.hub.Join()
		defer other.Leave()
		if r := subscribe(other, 1, "up + 1"); r != nil {
			t.Errorf("a second watch: %+v", r)
		}
		if r := subscribe(other, 2, "up + 2"); r == nil || r.Error.Kind != query.KindLimit {
			t.Errorf("a third watch: %+v", r)
		}
	})
}

func asError(r *live.Refused) error {
	if r == nil {
		return nil
	}
	return errors.New(r.Error.Message)
}

func TestStepsFollowLadderAndWindow(t *testing.T) {
	inWorld(t, live.Config{}, func(w *world) {
		tests := map[string]struct {
			step, window time.Duration
			want         time.Duration
			wantWindow   time.Duration
		}{
			"as asked":           {time.Second, time.Minute, time.Second, time.Minute},
			"snapped up":         {7 * time.Second, time.Minute, 10 * time.Second, time.Minute},
			"none":               {0, 90 * time.Second, time.Second, 90 * time.Second},
			"raised":             {time.Second, 24 * time.Hour, 10 * time.Second, 24 * time.Hour},
			"window rounded up":  {time.Minute, 90 * time.Second, time.Minute, 2 * time.Minute},
			"longest and finest": {time.Second, 11_000 * time.Second, time.Second, 11_000 * time.Second},
		}
		for name, tc := range tests {
			v := w.hub.Join()
			s, refused := v.Subscribe(1, "vector(1)", tc.step, tc.window)
			if refused != nil || s.StepMs != tc.want.Milliseconds() || s.WindowMs != tc.wantWindow.Milliseconds() {
				t.Errorf("%s: step %d ms, window %d ms, %+v", name, s.StepMs, s.WindowMs, refused)
			}
			v.Leave()
		}
	})
}
