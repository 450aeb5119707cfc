package live

import (
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"daymark/storage/series"
)

const (
	// maxSources bounds what one selector remembers. Steps do not wait for sources
	// beyond it; what those commit late is sent as a correction.
	maxSources = 4096
	// keptDistances is how many distances between commits the usual one is taken from.
	keptDistances = 8
	// graceMs is how long past two intervals a source counts as alive, in milliseconds.
	graceMs = 1000
)

// index finds the selectors of all watches that a commit feeds.
type index struct {
	byKey    map[string]*selector
	byName   map[string][]*selector // those that name their metric
	nameless []*selector
}

// selector is one set of matchers, shared by every watch that reads it. It
// learns from the commits which sources feed it and how often.
type selector struct {
	key      string
	name     string // the metric, "" if the matchers leave it open
	matchers []*labels.Matcher
	watches  map[*watch]struct{}
	sources  map[string]*source
	fed      int64 // time of the newest sample that matched, 0 before the first
	every    int64 // how often one of the sources commits, 0 while unknown

	// Of the commit that is being matched: oldest and newest sample that matches.
	touched        bool
	oldest, newest int64

	// The sources that complete(lagStep) waits for.
	lagStep int64
	lag     []*source
}

// source is one origin of commits as one selector sees it. Times are those of
// samples, in milliseconds.
type source struct {
	last      int64
	distances [keptDistances]int64
	seen      int // how many distances there have been
}

func newIndex() *index {
	return &index{byKey: map[string]*selector{}, byName: map[string][]*selector{}}
}

// add registers w with the selector of u and returns it.
func (x *index) add(u use, w *watch) *selector {
	s, ok := x.byKey[u.key]
	if !ok {
		s = &selector{key: u.key, matchers: u.matchers, watches: map[*watch]struct{}{}, sources: map[string]*source{}}
		for _, m := range u.matchers {
			if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual && m.Value != "" {
				s.name = m.Value
			}
		}
		x.byKey[u.key] = s
		if s.name != "" {
			x.byName[s.name] = append(x.byName[s.name], s)
		} else {
			x.nameless = append(x.nameless, s)
		}
	}
	s.watches[w] = struct{}{}
	return s
}

// remove takes w from s, and s from the index with its last watch.
func (x *index) remove(s *selector, w *watch) {
	delete(s.watches, w)
	if len(s.watches) > 0 {
		return
	}
	delete(x.byKey, s.key)
	other := func(o *selector) bool { return o == s }
	x.nameless = slices.DeleteFunc(x.nameless, other)
	if rest := slices.DeleteFunc(x.byName[s.name], other); len(rest) > 0 {
		x.byName[s.name] = rest
	} else {
		delete(x.byName, s.name)
	}
}

// match returns the selectors that c feeds, with the times of what matched in
// touched, oldest and newest until the next call.
func (x *index) match(c series.Commit) []*selector {
	var found []*selector
	for i := range c.Samples {
		sample := &c.Samples[i]
		for _, s := range x.byName[sample.Labels.Get(model.MetricNameLabel)] {
			found = s.offer(&c, sample, found)
		}
		for _, s := range x.nameless {
			found = s.offer(&c, sample, found)
		}
	}
	for _, s := range found {
		s.touched = false
		s.note(c.Source)
	}
	return found
}

// offer appends s to found where it is the first sample of c that s matches.
func (s *selector) offer(c *series.Commit, sample *series.Sample, found []*selector) []*selector {
	if s.touched && s.oldest <= c.MinTime && s.newest >= c.MaxTime {
		return found // nothing more to learn: mostly one scrape has one time
	}
	for _, m := range s.matchers {
		if !m.Matches(sample.Labels.Get(m.Name)) {
			return found
		}
	}
	if !s.touched {
		s.touched, s.oldest, s.newest = true, sample.Time, sample.Time
		return append(found, s)
	}
	s.oldest, s.newest = min(s.oldest, sample.Time), max(s.newest, sample.Time)
	return found
}

// note records that a commit of the source named name has fed s.
func (s *selector) note(name string) {
	s.fed = max(s.fed, s.newest)
	src, ok := s.sources[name]
	if !ok {
		if len(s.sources) >= maxSources {
			s.forget()
		}
		if len(s.sources) >= maxSources {
			return
		}
		src = &source{}
		s.sources[name] = src
	}
	if src.last != 0 && s.newest > src.last {
		src.distances[src.seen%keptDistances] = s.newest - src.last
		src.seen++
	}
	src.last = max(src.last, s.newest)
}

// forget drops the sources that no longer feed s.
func (s *selector) forget() {
	for name, src := range s.sources {
		if !src.usual(s.fed) {
			delete(s.sources, name)
		}
	}
}

// interval is the usual distance of the commits, 0 before the second.
func (s *source) interval() int64 {
	n := min(s.seen, keptDistances)
	if n == 0 {
		return 0
	}
	sorted := s.distances
	slices.Sort(sorted[:n])
	return sorted[n/2]
}

// usual says whether a commit may still be expected: it has not stayed away
// for more than two intervals.
func (s *source) usual(step int64) bool {
	interval := s.interval()
	if interval == 0 {
		interval = graceMs
	}
	return step <= s.last+2*interval+graceMs
}

// through says whether s has committed everything up to step as far as one can
// know: past it, or its next commit will be past it.
func (s *source) through(step int64) bool {
	return s.last >= step || s.last+s.interval() > step
}

// complete says whether every source that usually feeds s has committed past
// step. Before any source is known it says no.
func (s *selector) complete(step int64) bool {
	if len(s.sources) == 0 {
		return false
	}
	if s.lagStep != step {
		s.lagStep, s.lag = step, s.lag[:0]
		for _, src := range s.sources {
			if src.usual(step) && !src.through(step) {
				s.lag = append(s.lag, src)
			}
		}
	}
	s.lag = slices.DeleteFunc(s.lag, func(src *source) bool { return src.through(step) })
	return len(s.lag) == 0
}

// interval returns how often the liveliest source commits. It keeps the last
// answer once all have stopped, so that what they fed goes stale.
func (s *selector) interval(now int64) int64 {
	shortest := int64(0)
	for _, src := range s.sources {
		if i := src.interval(); i > 0 && src.usual(now) && (shortest == 0 || i < shortest) {
			shortest = i
		}
	}
	if shortest > 0 {
		s.every = shortest
	}
	return s.every
}
