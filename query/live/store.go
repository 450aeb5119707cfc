package live

import (
	"encoding/json"
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
)

// store holds the points of a watch over its longest window, so that a viewer
// who joins gets a snapshot without an evaluation, and a step that is
// evaluated again is sent only if it changed. It is used by one job at a time.
type store struct {
	step     int64 // all times in milliseconds
	from, to int64 // the steps held, both inclusive
	filled   bool  // false: none are
	series   []*pointSeries
	byLabels map[string]int // number of a series by its labels
	free     []int          // numbers that can be given again
	live     int            // series that are not nil
	weight   int            // of the histograms held, in points
}

// pointSeries is one series; its index in store.series is the number that the
// clients know it by.
type pointSeries struct {
	key    string
	labels json.RawMessage
	// announced: every client that follows the watch knows the number.
	announced  bool
	values     []float64                   // one for each step, noPoint where there is none
	histograms []*histogram.FloatHistogram // as long as values, or nil
}

func newStore(step int64) *store {
	return &store{step: step, byLabels: map[string]int{}}
}

// noPoint marks a step without a point. The engine never answers with a stale marker.
func noPoint() float64 { return math.Float64frombits(value.StaleNaN) }

func isPoint(v float64) bool { return math.Float64bits(v) != value.StaleNaN }

func (s *pointSeries) has(i int) bool {
	return isPoint(s.values[i]) || s.histograms != nil && s.histograms[i] != nil
}

// steps is how many steps are held.
func (s *store) steps() int {
	if !s.filled {
		return 0
	}
	return int((s.to-s.from)/s.step) + 1
}

// size is how much is held, in points; absent ones take as much room.
func (s *store) size() int { return s.live*s.steps() + s.weight }

// grown estimates size after a result has been applied.
func (s *store) grown(m promql.Matrix, from, to int64) int {
	fresh, weight := 0, 0
	var buf []byte
	for i := range m {
		buf = m[i].Metric.Bytes(buf)
		if _, ok := s.byLabels[string(buf)]; !ok {
			fresh++
		}
		for _, p := range m[i].Histograms {
			weight += histogramWeight(p.H)
		}
	}
	if s.filled {
		from, to = min(from, s.from), max(to, s.to)
	}
	return (s.live+fresh)*(int((to-from)/s.step)+1) + s.weight + weight
}

// histogramWeight is the room of a histogram in points, as the engine counts it.
func histogramWeight(h *histogram.FloatHistogram) int { return (h.Size() + 8) / 16 }

// change is the span of steps that applying a result has changed.
type change struct {
	from, to int64
	some     bool
}

func (c *change) add(step int64) {
	if !c.some {
		*c = change{step, step, true}
		return
	}
	c.from, c.to = min(c.from, step), max(c.to, step)
}

// apply puts m, the answer for all steps from from to to, in the place of what
// is held there. The span must overlap or touch the one that is held. Steps
// after the newest one so far count as changed, those before the oldest do not:
// they are new to the snapshots that asked for them only.
func (s *store) apply(m promql.Matrix, from, to int64) (c change) {
	oldFrom, oldTo, had := s.from, s.to, s.filled
	s.extend(from, to)
	lo, hi := s.index(from), s.index(to)
	written := make(map[int]struct{}, len(m))
	values := make([]float64, hi-lo+1)
	for i := range m {
		n := s.number(m[i].Metric)
		written[n] = struct{}{}
		fill(values, noPoint())
		for _, p := range m[i].Floats {
			values[(p.T-from)/s.step] = p.F
		}
		var histograms []*histogram.FloatHistogram
		if len(m[i].Histograms) > 0 {
			histograms = make([]*histogram.FloatHistogram, len(values))
			for _, p := range m[i].Histograms {
				histograms[(p.T-from)/s.step] = p.H
			}
		}
		s.write(s.series[n], lo, values, histograms, &c)
	}
	fill(values, noPoint())
	for n, series := range s.series {
		if _, ok := written[n]; !ok && series != nil {
			s.write(series, lo, values, nil, &c)
		}
	}
	if !had {
		return change{from, to, true}
	}
	if c.some && c.from < oldFrom {
		c.from, c.some = oldFrom, c.to >= oldFrom
	}
	if to > oldTo {
		c.add(oldTo + s.step)
		c.add(to)
	}
	return c
}

// write replaces the points of series from index lo on and notes what changed.
func (s *store) write(series *pointSeries, lo int, values []float64, histograms []*histogram.FloatHistogram, c *change) {
	if histograms != nil && series.histograms == nil {
		series.histograms = make([]*histogram.FloatHistogram, len(series.values))
	}
	for i, v := range values {
		at := lo + i
		if !sameFloat(series.values[at], v) {
			c.add(s.from + int64(at)*s.step)
		}
		series.values[at] = v
		if series.histograms == nil {
			continue
		}
		var h *histogram.FloatHistogram
		if histograms != nil {
			h = histograms[i]
		}
		old := series.histograms[at]
		if !sameHistogram(old, h) {
			c.add(s.from + int64(at)*s.step)
		}
		if old != nil {
			s.weight -= histogramWeight(old)
		}
		if h != nil {
			s.weight += histogramWeight(h)
		}
		series.histograms[at] = h
	}
}

func sameFloat(a, b float64) bool {
	if math.Float64bits(a) == math.Float64bits(b) {
		return true
	}
	return math.IsNaN(a) && math.IsNaN(b) && isPoint(a) && isPoint(b)
}

func sameHistogram(a, b *histogram.FloatHistogram) bool {
	return a == b || a != nil && b != nil && a.Equals(b)
}

// number returns the number of the series with these labels, a new one if need be.
func (s *store) number(ls labels.Labels) int {
	key := string(ls.Bytes(nil))
	if n, ok := s.byLabels[key]; ok {
		return n
	}
	series := &pointSeries{key: key, labels: LabelsJSON(ls), values: make([]float64, s.steps())}
	fill(series.values, noPoint())
	n := len(s.series)
	if last := len(s.free) - 1; last >= 0 {
		n, s.free = s.free[last], s.free[:last]
		s.series[n] = series
	} else {
		s.series = append(s.series, series)
	}
	s.byLabels[key] = n
	s.live++
	return n
}

// extend makes room for the steps from from to to.
func (s *store) extend(from, to int64) {
	if !s.filled {
		s.from, s.to, s.filled = from, to, true
		return
	}
	before := max(0, int((s.from-from)/s.step))
	after := max(0, int((to-s.to)/s.step))
	s.from, s.to = min(s.from, from), max(s.to, to)
	if before == 0 && after == 0 {
		return
	}
	for _, series := range s.series {
		if series == nil {
			continue
		}
		if before > 0 {
			series.values = slices.Insert(series.values, 0, make([]float64, before)...)
			fill(series.values[:before], noPoint())
			if series.histograms != nil {
				series.histograms = slices.Insert(series.histograms, 0, make([]*histogram.FloatHistogram, before)...)
			}
		}
		for range after {
			series.values = append(series.values, noPoint())
		}
		if series.histograms != nil {
			series.histograms = append(series.histograms, make([]*histogram.FloatHistogram, after)...)
		}
	}
}

// trim forgets the steps before oldest, and the series that only those had.
// It waits until that is worth the copying.
func (s *store) trim(oldest int64) {
	if !s.filled || oldest > s.to {
		return
	}
	drop := int((oldest - s.from) / s.step)
	if drop < max(8, s.steps()/8) {
		return
	}
	for n, series := range s.series {
		if series == nil {
			continue
		}
		if series.histograms != nil {
			for _, h := range series.histograms[:drop] {
				if h != nil {
					s.weight -= histogramWeight(h)
				}
			}
			series.histograms = slices.Delete(series.histograms, 0, drop)
			if !slices.ContainsFunc(series.histograms, func(h *histogram.FloatHistogram) bool { return h != nil }) {
				series.histograms = nil
			}
		}
		series.values = slices.Delete(series.values, 0, drop)
		if series.histograms == nil && !slices.ContainsFunc(series.values, isPoint) {
			delete(s.byLabels, series.key)
			s.series[n] = nil
			s.free = append(s.free, n)
			s.live--
		}
	}
	s.from += int64(drop) * s.step
}

func (s *store) index(step int64) int { return int((step - s.from) / s.step) }

// between returns every series that has a point from from to to. With all,
// each carries its labels; otherwise only those that a client may not know,
// and from then on all clients do.
func (s *store) between(from, to int64, all bool) []Series {
	lo, hi := s.index(from), s.index(to)+1
	list := []Series{}
	for n, series := range s.series {
		if series == nil {
			continue
		}
		if !series.within(lo, hi) {
			if all {
				series.announced = false // this snapshot's client has not heard of it
			}
			continue
		}
		out := Series{Number: n, Values: series.values[lo:hi]}
		if series.histograms != nil {
			out.Histograms = series.histograms[lo:hi]
		}
		if all || !series.announced {
			out.Labels = series.labels
		}
		if !all {
			series.announced = true
		}
		list = append(list, out)
	}
	return list
}

func (s *pointSeries) within(lo, hi int) bool {
	for i := lo; i < hi; i++ {
		if s.has(i) {
			return true
		}
	}
	return false
}

func fill(values []float64, v float64) {
	for i := range values {
		values[i] = v
	}
}
