package collector

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// errNothing is the error of a source that has nothing on this machine, such
// as network bonds on a laptop.
var errNothing = errors.New("nothing to collect on this machine")

const (
	// retryQuiet is how long a source that had nothing or failed is left
	// alone: a bond or an array may appear later, but not each second.
	retryQuiet = time.Minute
	// answerWithin is the part of the scrape timeout after which the answer
	// leaves without the sources that are still busy. A hung network mount
	// must not hide the processor.
	answerWithin = 0.8
	// answerDefault is for requests that carry no scrape timeout.
	answerDefault = 8 * time.Second
)

// machine serves this machine's metrics under node_exporter's names.
type machine struct {
	log      *slog.Logger
	duration *prometheus.Desc
	success  *prometheus.Desc

	prepare sync.Once // reads what there is at the first scrape, not at the start
	failed  error

	mu      sync.Mutex // one scrape at a time
	sources []*source
	late    bool // the last scrape went without some of them
}

// source is one part of the machine, such as its disks.
type source struct {
	name   string
	pace   time.Duration                        // how long an answer is good for; 0 = this scrape only
	update func(chan<- prometheus.Metric) error // errNothing where it does not apply

	busy    atomic.Bool // an update that outlived its scrape
	retryAt time.Time
	broken  bool    // its failure has been logged
	last    outcome // of the last update that succeeded
	lastAt  time.Time
}

// newMachine reads nothing yet.
func newMachine(log *slog.Logger) *machine {
	return &machine{
		log: log,
		duration: prometheus.NewDesc("node_scrape_collector_duration_seconds",
			"node_exporter: Duration of a collector scrape.", []string{"collector"}, nil),
		success: prometheus.NewDesc("node_scrape_collector_success",
			"node_exporter: Whether a collector succeeded.", []string{"collector"}, nil),
	}
}

// ServeHTTP answers a scrape.
func (m *machine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.prepare.Do(func() { m.sources, m.failed = hostSources(m.log) })
	if m.failed != nil {
		http.Error(w, m.failed.Error(), http.StatusInternalServerError)
		return
	}
	registry := prometheus.NewRegistry()
	if err := registry.Register(metricList(m.collect(budget(r)))); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog:           slog.NewLogLogger(m.log.Handler(), slog.LevelDebug),
		ErrorHandling:      promhttp.ContinueOnError, // one bad series is no reason to show nothing
		DisableCompression: true,
	}).ServeHTTP(w, r)
}

// budget is how long the sources may take for an answer to r.
func budget(r *http.Request) time.Duration {
	seconds, err := strconv.ParseFloat(r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds"), 64)
	if err != nil || seconds <= 0 {
		return answerDefault
	}
	return time.Duration(seconds * answerWithin * float64(time.Second))
}

// outcome is what one source had to say.
type outcome struct {
	source  *source
	metrics []prometheus.Metric
	err     error
	took    time.Duration
}

// collect asks all sources at once and waits for them, but no longer than
// within.
func (m *machine) collect(within time.Duration) []prometheus.Metric {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	outcomes := make(chan outcome, len(m.sources)) // a late source must find room
	waiting := map[*source]bool{}
	var (
		all  []prometheus.Metric
		late []string
	)
	for _, s := range m.sources {
		switch {
		case s.retryAt.After(now):
			all = append(all, m.report(s, 0, false)...)
		case now.Sub(s.lastAt) < s.pace:
			all = append(all, s.last.metrics...)
			all = append(all, m.report(s, s.last.took, true)...)
		case !s.busy.CompareAndSwap(false, true):
			all = append(all, m.report(s, 0, false)...)
			late = append(late, s.name)
		default:
			waiting[s] = true
			go func() {
				o := s.run()
				s.busy.Store(false)
				outcomes <- o
			}()
		}
	}
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	for len(waiting) > 0 {
		select {
		case o := <-outcomes:
			delete(waiting, o.source)
			all = append(all, o.metrics...)
			all = append(all, m.report(o.source, o.took, o.err == nil)...)
			m.note(o, now)
		case <-deadline.C:
			for s := range waiting {
				all = append(all, m.report(s, within, false)...)
				late = append(late, s.name)
			}
			waiting = nil
		}
	}
	m.noteLate(late, within)
	return all
}

// noteLate says once that sources are too slow, and once that they no longer
// are. A machine under load is late with many of them at a time.
func (m *machine) noteLate(sources []string, within time.Duration) {
	switch {
	case len(sources) > 0 && !m.late:
		slices.Sort(sources)
		m.log.Warn("metrics of this machine are late and left out", "collectors", sources, "within", within)
	case len(sources) == 0 && m.late:
		m.log.Info("metrics of this machine are in time again")
	}
	m.late = len(sources) > 0
}

// run updates s once. A panic in a library's parser is its failure, not ours.
func (s *source) run() (o outcome) {
	o.source = s
	start := time.Now()
	metrics := make(chan prometheus.Metric, 64)
	gathered := make(chan []prometheus.Metric)
	go func() {
		var list []prometheus.Metric
		for metric := range metrics {
			list = append(list, metric)
		}
		gathered <- list
	}()
	defer func() {
		if p := recover(); p != nil {
			o.err = fmt.Errorf("panic: %v", p)
		}
		close(metrics)
		o.metrics = <-gathered
		o.took = time.Since(start)
	}()
	o.err = s.update(metrics)
	return o
}

// note remembers how s did, and says so once when that changes.
func (m *machine) note(o outcome, now time.Time) {
	s := o.source
	switch {
	case o.err == nil:
		if s.broken {
			m.log.Info("metrics of this machine are back", "collector", s.name)
		}
		s.broken, s.retryAt = false, time.Time{}
		if s.pace > 0 {
			s.last, s.lastAt = o, now
		}
		return
	case errors.Is(o.err, errNothing):
		m.log.Debug("nothing to collect", "collector", s.name, "err", o.err)
	case !s.broken:
		s.broken = true
		m.log.Warn("metrics of this machine are missing", "collector", s.name, "err", o.err)
	}
	s.retryAt = now.Add(retryQuiet)
}

// report is node_exporter's pair of metrics on one collector.
func (m *machine) report(s *source, took time.Duration, ok bool) []prometheus.Metric {
	success := 0.0
	if ok {
		success = 1
	}
	return []prometheus.Metric{
		prometheus.MustNewConstMetric(m.duration, prometheus.GaugeValue, took.Seconds(), s.name),
		prometheus.MustNewConstMetric(m.success, prometheus.GaugeValue, success, s.name),
	}
}

// metricList lets a registry check and encode metrics that exist already.
type metricList []prometheus.Metric

// Describe is part of prometheus.Collector; it promises nothing, so that the
// registry takes what comes.
func (metricList) Describe(chan<- *prometheus.Desc) {}

// Collect is part of prometheus.Collector.
func (l metricList) Collect(ch chan<- prometheus.Metric) {
	for metric := range slices.Values(l) {
		ch <- metric
	}
}
