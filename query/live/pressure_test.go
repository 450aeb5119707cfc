package live_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"daymark/query"
	"daymark/query/live"
)

func TestSlowWatchHoldsUpNobody(t *testing.T) {
	inWorld(t, live.Config{MaxEvaluations: 4}, func(w *world) {
		defer w.up()()
		w.eval.setHook(func(_ context.Context, r query.RangeRequest) error {
			if strings.Contains(r.Expr, "slow") {
				time.Sleep(20 * time.Second)
			}
			return nil
		})
		r := w.join()
		defer r.leave()
		for id := range int64(6) {
			r.subscribe(id, fmt.Sprintf(`up + %d + on () slow`, id), time.Second, time.Minute)
		}
		time.Sleep(30 * time.Second)
		r.subscribe(10, `up`, time.Second, 10*time.Minute)
		time.Sleep(20 * time.Second) // its snapshot waits for a turn among the long ones
		for range 20 {
			time.Sleep(time.Second)
			synctest.Wait()
			r.look(func() {
				if age := r.nowMs - r.subs[10].toMs; age > 1500 || r.subs[10].snapshots != 1 {
					t.Errorf("up stands still: %d ms, %d snapshots", age, r.subs[10].snapshots)
				}
			})
		}
	})
}

func TestOverflowOfTheFeedLosesNothing(t *testing.T) {
	inWorld(t, live.Config{Buffer: 1}, func(w *world) {
		r := w.join()
		defer r.leave()
		for id, expr := range []string{`burst`, `sum(rate(burst[10s]))`, `burst @ end()`, `vector(1)`} {
			r.subscribe(int64(id), expr, time.Second, time.Minute)
		}
		time.Sleep(15 * time.Second)
		for i := range 2000 {
			at := time.Now().Add(-20 * time.Second).Add(time.Duration(i/100) * time.Second)
			w.commit("burst", series1(at.Add(time.Duration(i%100)*time.Millisecond), float64(i), "burst", "n", fmt.Sprint(i%7)))
			if i%100 == 0 {
				time.Sleep(10 * time.Millisecond)
			}
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if w.metric("daymark_live_feed_overflows_total") == 0 {
			t.Error("the feed has not overflowed, so nothing is shown")
		}
		w.compare(r)
	})
}

func TestNumbersOfSeriesAreGivenAgain(t *testing.T) {
	inWorld(t, live.Config{}, func(w *world) {
		defer w.scrape("pods", time.Second, func(now time.Time) []point {
			return []point{series1(now, 1, "pod", "pod", fmt.Sprint(now.Unix()/2)), series1(now, 1, "steady")}
		})()
		r := w.join()
		defer r.leave()
		r.subscribe(1, `last_over_time(pod[2s]) or steady`, time.Second, 20*time.Second)
		r.subscribe(2, `last_over_time(pod[2s]) or steady`, time.Second, 10*time.Second)
		time.Sleep(10 * time.Minute) // 300 pods
		synctest.Wait()
		r.look(func() {
			for n := range r.subs[1].labels {
				if n > 40 {
					t.Errorf("series are numbered up to %d for about a dozen", n)
				}
			}
		})
		if n := w.metric("daymark_live_points"); n > 1500 {
			t.Errorf("%v points are held for 20 steps of about a dozen series", n)
		}
		w.compare(r)
	})
}

func TestTooManyPointsAreRefused(t *testing.T) {
	inWorld(t, live.Config{MaxPointsPerWatch: 500, MaxPointsInAll: 700}, func(w *world) {
		defer w.scrape("many", time.Second, func(now time.Time) (points []point) {
			for i := range 10 {
				points = append(points, series1(now, 1, "many", "n", fmt.Sprint(i)))
			}
			return points
		})()
		time.Sleep(2 * time.Minute)
		r := w.join()
		defer r.leave()
		r.subscribe(1, `many`, time.Second, 100*time.Second) // 1,000 points
		r.subscribe(2, `sum(many)`, time.Second, 100*time.Second)
		r.subscribe(3, `many`, time.Second, 30*time.Second) // shares the watch of 1, but fits
		time.Sleep(2 * time.Second)
		r.subscribe(4, `many * 2`, time.Second, 40*time.Second) // fits alone, not beside the others
		time.Sleep(2 * time.Second)
		synctest.Wait()
		r.look(func() {
			for id, want := range map[int64]string{1: "limit: 10 series over this window", 2: "", 3: "", 4: "limit: all panels together"} {
				if got := r.subs[id].failed; !strings.HasPrefix(got, want) || want == "" && got != "" {
					t.Errorf("subscription %d failed: %q", id, got)
				}
			}
			if r.subs[3].snapshots != 1 || r.subs[1].snapshots != 0 {
				t.Errorf("%d and %d snapshots", r.subs[3].snapshots, r.subs[1].snapshots)
			}
		})
		r.unsubscribe(3)
		r.unsubscribe(1)
		time.Sleep(31 * time.Second) // room for it now
		w.compare(r)
	})
}

func TestLongerWindowCostsOnlyWhatIsMissing(t *testing.T) {
	inWorld(t, live.Config{}, func(w *world) {
		defer w.up()()
		time.Sleep(2 * time.Minute)
		short, long := w.join(), w.join()
		defer short.leave()
		short.subscribe(1, `rate(up[10s])`, time.Second, 20*time.Second)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		from := w.eval.count()
		long.subscribe(1, `rate(up[10s])`, time.Second, 100*time.Second)
		time.Sleep(50 * time.Millisecond)
		synctest.Wait()
		w.eval.mu.Lock()
		for _, r := range w.eval.asked[from:] {
			if steps := int(r.End.Sub(r.Start)/r.Step) + 1; steps > 80 {
				t.Errorf("%d steps were evaluated where 80 were missing", steps)
			}
		}
		w.eval.mu.Unlock()
		w.compare(long)
		w.compare(short)
		long.leave()
		time.Sleep(2 * time.Minute)
		if n := w.metric("daymark_live_points"); n > 60 {
			t.Errorf("%v points are held for a window of 20 steps", n)
		}
		w.compare(short)
	})
}

func TestLongSleepStartsOver(t *testing.T) {
	inWorld(t, live.Config{Timeout: time.Hour}, func(w *world) {
		defer w.up()()
		r := w.join()
		defer r.leave()
		r.subscribe(1, `up`, time.Second, 30*time.Second)
		time.Sleep(5 * time.Second)
		slept := false
		w.eval.setHook(func(context.Context, query.RangeRequest) error {
			if !slept {
				slept = true
				time.Sleep(10 * time.Minute)
			}
			return nil
		})
		time.Sleep(11 * time.Minute)
		synctest.Wait()
		r.look(func() {
			if r.subs[1].snapshots != 2 {
				t.Errorf("%d snapshots after a gap longer than the window", r.subs[1].snapshots)
			}
		})
		w.compare(r)
	})
}

func TestRefreshEvaluatesAgain(t *testing.T) {
	inWorld(t, live.Config{}, func(w *world) {
		stop := w.up()
		r := w.join()
		defer r.leave()
		r.subscribe(1, `up`, time.Second, time.Minute)
		time.Sleep(20 * time.Second)
		stop()
		if err := w.db.Delete(t.Context(), 0, time.Now().UnixMilli(), matcher("up")); err != nil {
			t.Fatal(err)
		}
		w.hub.Refresh()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		r.look(func() {
			if lines := r.subs[1].lines(); len(lines) != 0 {
				t.Errorf("deleted series are still shown: %v", lines)
			}
		})
		w.compare(r)
	})
}

func TestResyncSendsASnapshot(t *testing.T) {
	inWorld(t, live.Config{}, func(w *world) {
		defer w.up()()
		r := w.join()
		defer r.leave()
		r.subscribe(1, `up`, time.Second, time.Minute)
		time.Sleep(5 * time.Second)
		before := w.eval.count()
		r.viewer.Resync(1)
		r.viewer.Resync(99)
		synctest.Wait()
		r.look(func() {
			if r.subs[1].snapshots != 2 || w.eval.count() != before {
				t.Errorf("%d snapshots after %d more evaluations", r.subs[1].snapshots, w.eval.count()-before)
			}
		})
		w.compare(r)
	})
}
