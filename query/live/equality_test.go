package live_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"

	"daymark/query/live"
)

// expressions that are evaluated step by step.
func incremental() []string {
	return []string{
		// selectors and staleness
		`up`, `queue_depth`, `queue_depth{queue=~"q[0-2]"}`, `{__name__=~"pool_.+"}`, `up == 0`, `pod_cpu`, `count(pod_cpu)`,
		`changes_rarely`, `probe_time - time()`, `timestamp(queue_depth)`, `queue_depth offset 7s`, `queue_depth and on (instance) up == 1`,
		// no selector, absence
		`time()`, `vector(1)`, `minute()`, `absent(up{instance="d"})`, `absent(nosuch)`, `absent_over_time(up{instance="d"}[20s])`, `scalar(up{instance="a"})`,
		// rates and ranges
		`rate(requests_total[10s])`, `irate(requests_total[15s])`, `increase(requests_total[1m])`, `delta(queue_depth[20s])`, `deriv(queue_depth[30s])`,
		`sum by (instance) (rate(requests_total[20s]))`, `sum(rate(requests_total{status="500"}[20s])) / sum(rate(requests_total[20s]))`,
		`rate(requests_total[20s] offset 10s)`, `rate(requests_total[20s]) - rate(requests_total[20s] offset 30s)`, `resets(requests_total[1m])`,
		`avg_over_time(queue_depth[15s])`, `max_over_time(queue_depth[1m])`, `quantile_over_time(0.9, queue_depth[30s])`, `stddev_over_time(queue_depth[20s])`,
		`count_over_time(up[20s])`, `present_over_time(up[10s])`, `last_over_time(queue_depth[5s])`, `first_over_time(queue_depth[9s])`, `mad_over_time(queue_depth[15s])`,
		`predict_linear(queue_depth[30s], 60)`, `double_exponential_smoothing(queue_depth[30s], 0.5, 0.5)`, `ts_of_max_over_time(queue_depth[20s])`,
		`increase(requests_total[10s] anchored)`, `rate(requests_total[max_of(5s, 3 * step())])`, `idelta(queue_depth[10s])`,
		// aggregations
		`sum(queue_depth)`, `avg by (queue) (queue_depth)`, `stddev(queue_depth)`, `quantile(0.5, queue_depth)`, `count_values("v", up)`, `group by (instance) (queue_depth)`,
		`topk(3, queue_depth)`, `bottomk by (instance) (1, queue_depth)`, `max by (instance) (queue_depth) > 40`,
		// joins
		`pool_in_use / on (pool, instance) pool_size`, `requests_total * on (instance) group_left (version) app_info`, `queue_depth unless on (instance) up == 0`,
		`queue_depth or pool_in_use`, `sum by (instance) (queue_depth) > bool on (instance) sum by (instance) (pool_size)`,
		`pool_in_use + fill(0) queue_depth`, `label_replace(up, "host", "$1", "instance", "(.*)")`, `label_join(up, "all", "-", "job", "instance")`,
		// classic histograms
		`histogram_quantile(0.95, sum by (le) (rate(latency_bucket[20s])))`, `histogram_quantile(0.5, rate(latency_bucket[30s]))`,
		`sum(rate(latency_sum[20s])) / sum(rate(latency_count[20s]))`, `histogram_fraction(0, 0.5, sum by (le) (rate(latency_bucket[20s])))`,
		// native histograms
		`duration_seconds`, `rate(duration_seconds[20s])`, `histogram_quantile(0.9, sum(rate(duration_seconds[20s])))`, `histogram_count(duration_seconds)`,
		`histogram_avg(rate(duration_seconds[30s]))`, `sum(duration_seconds)`, `duration_seconds or up`, `increase(duration_seconds[1m])`, `histogram_stddev(duration_seconds)`,
		// subqueries, and fixed times
		`max_over_time(sum(queue_depth)[20s:5s])`, `avg_over_time(rate(requests_total[10s])[30s:3s])`, `max_over_time(queue_depth[30s:7s] offset 5s)`,
		`min_over_time(avg_over_time(queue_depth[10s:2s])[20s:4s])`, `sum_over_time(absent(up{instance="d"})[30s:1s])`, `rate(requests_total[1m:2s])`,
		`queue_depth @ 946684840`, `queue_depth - queue_depth @ 946684850`, `rate(requests_total[20s] @ 946684860)`, `max_over_time(queue_depth[20s:5s] @ 946684845)`,
		`sum(recorded:requests:rate)`, `recorded:requests:rate / ignoring (status) group_left sum by (instance) (recorded:requests:rate)`,
	}
}

// whole lists expressions whose old steps change with time, or that look ahead.
func whole() []string {
	return []string{
		`queue_depth - queue_depth @ start()`, `queue_depth @ end()`, `max_over_time(queue_depth[range()])`, `queue_depth offset -5s`, `rate(requests_total[10s] offset -10s)`,
		`max_over_time(queue_depth[10s:2s] offset -3s)`, `limitk(2, queue_depth)`, `limit_ratio(0.5, queue_depth)`, `time() - start()`, `vector(step())`,
		`rate(requests_total[10s] smoothed)`, `queue_depth smoothed`, `sum(rate(requests_total[20s] @ start()))`, `info(queue_depth, {__name__="app_info"})`,
	}
}

// shop writes what several targets and a rule would: some are late, some miss
// scrapes, one dies, pods come and go.
type shop struct {
	w       *world
	targets []*target
	rng     *rand.Rand // of the rule
	past    *rand.Rand // of what is written late
	filled  int        // how often that was
	until   time.Time
}

// target is one scrape target.
type target struct {
	instance string
	interval time.Duration
	offset   time.Duration // of its scrapes within the interval
	takes    time.Duration // a scrape
	late     float64       // share of scrapes that are stored seconds later
	missing  float64       // share that are not stored at all
	dies     time.Duration // after how long; 0: never
	returns  time.Duration

	rng      *rand.Rand
	counters map[string]float64
	native   *histogram.Histogram
}

func newShop(w *world, seed uint64) *shop {
	s := &shop{w: w, rng: rand.New(rand.NewPCG(seed, 100)), past: rand.New(rand.NewPCG(seed, 101))}
	for i, t := range []target{
		{instance: "a", interval: time.Second, offset: 0, takes: 20 * time.Millisecond},
		{instance: "b", interval: time.Second, offset: 370 * time.Millisecond, takes: 5 * time.Millisecond, missing: 0.05, late: 0.05},
		{instance: "c", interval: 2 * time.Second, offset: 990 * time.Millisecond, takes: 600 * time.Millisecond, late: 0.1},
		{instance: "d", interval: 5 * time.Second, offset: 1300 * time.Millisecond, takes: 40 * time.Millisecond, dies: 20 * time.Second, returns: 40 * time.Second},
	} {
		t.rng, t.counters = rand.New(rand.NewPCG(seed, uint64(i))), map[string]float64{}
		s.targets = append(s.targets, &t)
	}
	return s
}

// write lets everybody write for the given time.
func (s *shop) write(length time.Duration) {
	began := time.Now()
	s.until = began.Add(length)
	var running sync.WaitGroup
	for _, t := range s.targets {
		running.Go(func() { s.run(began, t) })
	}
	running.Go(s.record)
	running.Go(s.backfill)
	running.Wait()
}

func (s *shop) run(began time.Time, t *target) {
	time.Sleep(t.offset)
	dead := false
	for time.Now().Before(s.until) {
		age := time.Since(began)
		scraped := time.Now()
		points := t.scrape(scraped)
		wait := t.takes
		switch {
		case t.dies > 0 && age > t.dies && age < t.returns:
			down := series1(scraped, 0, "up", "instance", t.instance, "job", "shop")
			if dead {
				points = []point{down}
				break
			}
			dead = true
			for i := range points {
				points[i] = stale(points[i])
			}
			points[0] = down
		case t.rng.Float64() < t.missing:
			points = nil
		case t.rng.Float64() < t.late:
			wait += time.Duration(t.rng.Int64N(int64(4 * time.Second)))
		default:
			dead = false
		}
		if wait >= t.interval { // stored beside the following scrapes
			go func(wait time.Duration) {
				time.Sleep(wait)
				s.w.commit("shop/"+t.instance, points...)
			}(wait)
			wait = t.interval / 2
		} else {
			time.Sleep(wait)
			if len(points) > 0 {
				s.w.commit("shop/"+t.instance, points...)
			}
		}
		time.Sleep(t.interval - wait)
	}
}

func (t *target) scrape(now time.Time) (points []point) {
	add := func(v float64, nameAndLabels ...string) {
		points = append(points, series1(now, v, append(nameAndLabels, "instance", t.instance, "job", "shop")...))
	}
	add(1, "up")
	add(1, "app_info", "version", "1."+t.instance)
	for q := range 4 {
		add(t.rng.Float64()*50, "queue_depth", "queue", fmt.Sprintf("q%d", q))
	}
	add(20, "pool_size", "pool", "orders")
	add(float64(t.rng.IntN(24)), "pool_in_use", "pool", "orders")
	add(float64(now.Unix()/30), "changes_rarely")
	add(float64(now.UnixMilli())/1000, "probe_time")
	add(t.rng.Float64(), "pod_cpu", "pod", fmt.Sprintf("%s-%d", t.instance, now.Unix()/20))
	for _, status := range []string{"200", "404", "500"} {
		if t.rng.IntN(200) == 0 {
			t.counters[status] = 0 // a restart
		}
		add(t.count(status, 10), "requests_total", "status", status)
	}
	sum := 0.0
	for _, le := range []string{"0.1", "0.5", "1", "+Inf"} {
		sum += t.count("le"+le, 5)
		add(sum, "latency_bucket", "le", le)
	}
	add(sum, "latency_count")
	add(sum*0.4, "latency_sum")
	return append(points, point{
		labels: labels.FromStrings("__name__", "duration_seconds", "instance", t.instance, "job", "shop"), t: now, h: t.observe(),
	})
}

// count raises a counter by at most step.
func (t *target) count(key string, step float64) float64 {
	t.counters[key] += t.rng.Float64() * step
	return t.counters[key]
}

// observe adds a few observations to the native histogram.
func (t *target) observe() *histogram.Histogram {
	h := t.native
	if h == nil || t.rng.IntN(100) == 0 {
		h = &histogram.Histogram{
			Schema: 1, ZeroThreshold: 0.001,
			PositiveSpans: []histogram.Span{{Offset: -2, Length: 3}, {Offset: 2, Length: 2}}, PositiveBuckets: make([]int64, 5),
		}
		t.native = h
	}
	counts := make([]int64, len(h.PositiveBuckets))
	last, total := int64(0), uint64(0)
	for i, delta := range h.PositiveBuckets {
		last += delta
		counts[i] = last + t.rng.Int64N(4)
		total += uint64(counts[i])
	}
	last = 0
	for i, n := range counts {
		h.PositiveBuckets[i], last = n-last, n
	}
	h.ZeroCount += t.rng.Uint64N(2)
	h.Count = total + h.ZeroCount
	h.Sum += t.rng.Float64() * 10
	return h.Copy()
}

// record plays a recording rule: every 5 s it stores what it evaluates.
func (s *shop) record() {
	for time.Now().Before(s.until) {
		now := time.Now()
		var points []point
		for _, instance := range []string{"a", "b"} {
			for _, status := range []string{"200", "500"} {
				points = append(points, series1(now, s.rng.Float64(), "recorded:requests:rate", "instance", instance, "status", status))
			}
		}
		time.Sleep(30 * time.Millisecond)
		s.w.commit("rule:shop", points...)
		time.Sleep(5*time.Second - 30*time.Millisecond)
	}
}

// backfill writes samples of the past minutes now and then, as remote write
// after an outage does.
func (s *shop) backfill() {
	for time.Now().Before(s.until.Add(-10 * time.Second)) {
		time.Sleep(7 * time.Second)
		s.filled++
		at := time.Now().Add(-time.Duration(s.past.IntN(50)) * time.Second).Truncate(time.Second)
		at = at.Add(time.Duration(s.filled) * time.Millisecond) // never twice the same
		s.w.commit("remote",
			series1(at, s.past.Float64()*50, "queue_depth", "instance", "e", "queue", "q1", "job", "shop"),
			series1(at.Add(900*time.Millisecond), s.past.Float64()*50, "queue_depth", "instance", "e", "queue", "q2", "job", "shop"))
	}
}

// TestLiveSeriesEqualFreshQueries is the hub's promise: whatever happens to the
// samples, what a viewer holds equals a fresh query over the same steps.
func TestLiveSeriesEqualFreshQueries(t *testing.T) {
	if n := len(incremental()); n < 60 {
		t.Fatalf("only %d expressions", n)
	}
	inWorld(t, live.Config{MaxWatchesPerViewer: 1000}, func(w *world) { liveEqualsFresh(w, 0, time.Minute) })
}

// liveEqualsFresh compares after a short while, a long one and a short one.
func liveEqualsFresh(w *world, seed uint64, long time.Duration) {
	s := newShop(w, seed)
	s.write(45 * time.Second)

	r := w.join()
	defer r.leave()
	id := int64(0)
	steps := []time.Duration{time.Second, time.Second, 2 * time.Second, 5 * time.Second}
	windows := []time.Duration{60 * time.Second, 40 * time.Second, 100 * time.Second}
	subscribe := func(expr string, wantIncremental bool) {
		id++
		step := steps[int(id)%len(steps)]
		sub := r.subscribe(id, expr, step, windows[int(id)%len(windows)])
		if sub.Incremental != wantIncremental {
			w.t.Errorf("%s: incremental is %t", expr, sub.Incremental)
		}
		if id%9 == 0 { // the same watch over another window
			id++
			r.subscribe(id, expr, step, 90*time.Second)
		}
	}
	for _, expr := range incremental() {
		subscribe(expr, true)
	}
	for _, expr := range whole() {
		subscribe(expr, false)
	}
	for _, length := range []time.Duration{15 * time.Second, long, 15 * time.Second} {
		s.write(length)
		time.Sleep(6 * time.Second) // late samples come, and nothing else
		synctest.Wait()
		n := w.compare(r)
		w.t.Logf("%d subscriptions compared after %d frames and %d evaluations", n, r.frames, w.eval.count())
	}
}

// compare holds all that r shows to fresh queries.
func (w *world) compare(r *reader) (compared int) {
	w.t.Helper()
	r.look(func() {
		for id, sub := range r.subs {
			want, err := w.fresh(sub)
			if err != nil {
				w.t.Errorf("%s: %v", sub.Expr, err)
				continue
			}
			if sub.failed != "" || sub.snapshots == 0 {
				w.t.Errorf("%d %s: %d snapshots, failed: %q", id, sub.Expr, sub.snapshots, sub.failed)
				continue
			}
			if age := time.Now().UnixMilli() - sub.toMs; age > sub.StepMs+min(sub.StepMs, 1000) {
				w.t.Errorf("%s: the newest step is %d ms old", sub.Expr, age)
			}
			if diff := cmp.Diff(want, sub.lines()); diff != "" {
				w.t.Errorf("%d %s, step %d ms, window %d ms (-fresh +live):\n%s", id, sub.Expr, sub.StepMs, sub.WindowMs, diff)
			}
			compared++
		}
	})
	return compared
}
