package server

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"daymark/collector"
)

// targets returns the document, and the same without what every scrape
// changes.
func (s *Server) targets(context.Context) (document, lasting targetsDocument) {
	document = targetsOf(s.deps.Collector.Targets())
	lasting = document
	lasting.LastScrapeMs = 0
	lasting.Pools = slices.Clone(document.Pools)
	for i := range lasting.Pools {
		list := slices.Clone(lasting.Pools[i].Targets)
		for j := range list {
			list[j].LastScrapeMs, list[j].DurationMs, list[j].Samples = 0, 0, 0
		}
		lasting.Pools[i].Targets = list
	}
	return document, lasting
}

// targetsOf lists at most listLimit targets: those that are down before those
// whose state is unknown, and those before the rest, whatever their job.
func targetsOf(all collector.Targets) targetsDocument {
	d := targetsDocument{
		Up: all.Up, Down: all.Down, Unknown: all.Unknown,
		LastScrapeMs: millis(all.LastScrape),
		Pools:        []targetPool{},
	}
	space := max(0, listLimit-all.Down-all.Unknown) // for those that are up
	troubled := listLimit - space                   // for the others
	for _, pool := range all.Pools {
		out := targetPool{
			Job: pool.Name, Up: pool.Up, Down: pool.Down, Unknown: pool.Unknown, Dropped: pool.Dropped,
			IntervalMs: pool.Interval.Milliseconds(),
			Targets:    []targetEntry{},
		}
		slices.SortStableFunc(pool.Targets, func(a, b collector.Target) int { return cmp.Compare(healthOrder(a.Health), healthOrder(b.Health)) })
		for _, target := range pool.Targets {
			budget := &troubled
			if target.Health == collector.Up {
				budget = &space
			}
			if *budget == 0 {
				d.Truncated++
				continue
			}
			*budget--
			out.Targets = append(out.Targets, entryOf(target))
		}
		d.Pools = append(d.Pools, out)
	}
	return d
}

func healthOrder(h collector.Health) int {
	return map[collector.Health]int{collector.Down: 0, collector.Unknown: 1, collector.Up: 2}[h]
}

func entryOf(t collector.Target) targetEntry {
	e := targetEntry{
		Instance:     t.Instance,
		URL:          t.ScrapeURL,
		Labels:       t.Labels,
		Health:       string(t.Health),
		LastScrapeMs: millis(t.LastScrape),
		DurationMs:   fractionalMs(t.LastDuration),
		IntervalMs:   t.Interval.Milliseconds(),
		TimeoutMs:    t.Timeout.Milliseconds(),
		Error:        t.LastError,
		Samples:      t.Samples,
	}
	if e.Labels.IsEmpty() {
		e.Labels = labels.EmptyLabels()
	}
	return e
}

// fractionalMs is d as the wire spells it.
func fractionalMs(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
