package series

import (
	"github.com/prometheus/client_golang/prometheus"
)

// metrics are Daymark's own of its storage; the TSDB registers Prometheus's.
type metrics struct {
	commits    prometheus.Counter
	failed     prometheus.Counter
	floats     prometheus.Counter
	histograms prometheus.Counter
	feedLost   prometheus.Counter
	openTime   prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer, db *DB) (*metrics, error) {
	samples := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "daymark_storage_samples_total",
		Help: "Samples committed, stale markers included.",
	}, []string{"type"})
	m := &metrics{
		commits: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "daymark_storage_commits_total",
			Help: "Commits that stored at least one sample.",
		}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "daymark_storage_commit_failures_total",
			Help: "Commits that failed and stored nothing.",
		}),
		floats:     samples.WithLabelValues("float"),
		histograms: samples.WithLabelValues("histogram"),
		feedLost: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "daymark_storage_feed_commits_lost_total",
			Help: "Commits that a subscriber did not take in time and was told it lost.",
		}),
		openTime: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "daymark_storage_open_duration_seconds",
			Help: "How long loading the history took at the last start.",
		}),
	}
	own := []prometheus.Collector{
		samples, m.commits, m.failed, m.feedLost, m.openTime,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "daymark_storage_feeds",
			Help: "Subscribers of the feed of commits.",
		}, func() float64 { return float64(db.feeds.count()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "daymark_storage_ready",
			Help: "1 while the storage can be read and written, 0 while history is loading and after closing.",
		}, func() float64 {
			if _, err := db.get(); err != nil {
				return 0
			}
			return 1
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "daymark_storage_last_commit_timestamp_seconds",
			Help: "When samples were last committed, 0 before the first commit.",
		}, func() float64 { return float64(db.lastCommit.Load()) / 1000 }),
		// Prometheus's program registers these three beside its TSDB; dashboards use them.
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "prometheus_tsdb_lowest_timestamp_seconds",
			Help: "Lowest timestamp value stored in the database.",
		}, db.lowestSeconds),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "prometheus_tsdb_head_min_time_seconds",
			Help: "Minimum time bound of the head block.",
		}, func() float64 { return db.headSeconds((*opened).headMinTime) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "prometheus_tsdb_head_max_time_seconds",
			Help: "Maximum timestamp of the head block.",
		}, func() float64 { return db.headSeconds((*opened).headMaxTime) }),
	}
	if reg == nil {
		return m, nil
	}
	for _, c := range own {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (o *opened) headMinTime() int64 { return o.local.Head().MinTime() }
func (o *opened) headMaxTime() int64 { return o.local.Head().MaxTime() }

func (db *DB) headSeconds(bound func(*opened) int64) float64 {
	o, err := db.get()
	if err != nil {
		return 0
	}
	return float64(bound(o) / 1000)
}

func (db *DB) lowestSeconds() float64 {
	o, err := db.get()
	if err != nil {
		return 0
	}
	if blocks := o.local.Blocks(); len(blocks) > 0 {
		return float64(blocks[0].Meta().MinTime / 1000)
	}
	return float64(o.local.Head().MinTime() / 1000)
}
