package collector

import (
	"errors"
	"sync/atomic"

	"github.com/prometheus/prometheus/scrape"
)

// Late stands for a Collector that is made later. Storage asks the collector
// for the metadata of what remote write sends, and the collector writes to
// storage: one of the two has to come first.
//
// The zero value is ready to use.
type Late struct {
	collector atomic.Pointer[Collector]
}

// Set says which collector it is.
func (l *Late) Set(c *Collector) { l.collector.Store(c) }

// Get returns the manager of the targets that the configuration file names. It
// is an error before Set.
func (l *Late) Get() (*scrape.Manager, error) {
	c := l.collector.Load()
	if c == nil {
		return nil, errors.New("the collector has not been made yet")
	}
	return c.Get()
}
