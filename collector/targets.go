package collector

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/scrape"
)

// Health is what the last scrape of a target says about it.
type Health string

// The health of a target; unknown until its first scrape ends.
const (
	Up      Health = "up"
	Down    Health = "down"
	Unknown Health = "unknown"
)

// Targets is the state of everything that is scraped.
type Targets struct {
	Pools             []Pool // sorted by name
	Up, Down, Unknown int
	LastScrape        time.Time // when the newest scrape began; zero before the first
}

// Pool is the targets of one scrape configuration.
type Pool struct {
	Name              string // job_name
	Interval          time.Duration
	Targets           []Target // those that are down first, then by instance
	Up, Down, Unknown int
	Dropped           int // by relabelling
}

// Target is one endpoint and its last scrape.
type Target struct {
	Job, Instance string
	// ScrapeURL is the address without credentials and secret parameters, or
	// "in process" for this machine and Daymark itself.
	ScrapeURL string
	// Labels are those that its series get, job and instance included.
	Labels labels.Labels
	Health Health
	// LastScrape is when the last scrape began; zero before the first.
	LastScrape        time.Time
	LastDuration      time.Duration
	Interval, Timeout time.Duration
	// LastError says why Health is Down, and what to change where a limit is
	// the reason.
	LastError string
	// Samples is what the last scrape brought, after metric_relabel_configs;
	// where it broke the sample limit, how many there were.
	Samples int
}

// inProcessURL stands for the address of a target inside this process.
const inProcessURL = "in process"

// Targets lists all pools, those without targets included.
func (c *Collector) Targets() Targets {
	p := c.plan.Load()
	active, dropped := c.active(), c.TargetsDroppedCounts()
	var out Targets
	for _, name := range slices.Sorted(maps.Keys(p.jobs)) {
		j := p.jobs[name]
		if j.found != nil && len(j.found.targets) == 0 {
			continue // all of them have gone, or are ignored
		}
		pool := Pool{Name: name, Interval: time.Duration(j.applied.ScrapeInterval), Dropped: dropped[name]}
		for _, t := range active[name] {
			pool.add(c.target(j, t))
		}
		slices.SortFunc(pool.Targets, compareTargets)
		for _, t := range pool.Targets {
			if t.LastScrape.After(out.LastScrape) {
				out.LastScrape = t.LastScrape
			}
		}
		out.Up += pool.Up
		out.Down += pool.Down
		out.Unknown += pool.Unknown
		out.Pools = append(out.Pools, pool)
	}
	return out
}

// add appends and counts t.
func (p *Pool) add(t Target) {
	p.Targets = append(p.Targets, t)
	switch t.Health {
	case Up:
		p.Up++
	case Down:
		p.Down++
	default:
		p.Unknown++
	}
}

// target is the state of t, a target of j.
func (c *Collector) target(j *job, t *scrape.Target) Target {
	out := Target{
		Job:          t.GetValue(model.JobLabel),
		Instance:     t.GetValue(model.InstanceLabel),
		ScrapeURL:    redactURL(t.URL()),
		Labels:       t.Labels(labels.NewBuilder(labels.EmptyLabels())),
		Health:       Health(t.Health()),
		LastScrape:   t.LastScrape(),
		LastDuration: t.LastScrapeDuration(),
		Interval:     labelDuration(t, model.ScrapeIntervalLabel, j.applied.ScrapeInterval),
		Timeout:      labelDuration(t, model.ScrapeTimeoutLabel, j.applied.ScrapeTimeout),
		Samples:      c.writer.samples(t),
	}
	if j.builtIn != nil {
		out.ScrapeURL = inProcessURL
	}
	if err := c.lastError(t); err != nil {
		out.LastError = err.Error()
	}
	return out
}

// labelDuration reads a duration that relabelling may have set on t.
func labelDuration(t *scrape.Target, label string, otherwise model.Duration) time.Duration {
	d, err := model.ParseDuration(t.GetValue(label))
	if err != nil {
		d = otherwise
	}
	return time.Duration(d)
}

// compareTargets puts what needs attention first.
func compareTargets(a, b Target) int {
	rank := map[Health]int{Down: 0, Unknown: 1, Up: 2}
	return cmp.Or(
		cmp.Compare(rank[a.Health], rank[b.Health]),
		cmp.Compare(a.Instance, b.Instance),
		cmp.Compare(a.ScrapeURL, b.ScrapeURL),
	)
}
