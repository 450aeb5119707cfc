package live

import "github.com/prometheus/client_golang/prometheus"

// metrics are the hub's own.
type metrics struct {
	watches, viewers, points prometheus.Gauge
	frames, lost, overflows  prometheus.Counter
	evaluations              *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: "daymark_live_" + name, Help: help})
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "daymark_live_" + name, Help: help})
	}
	m := &metrics{
		watches:   gauge("watches", "Distinct expressions and steps that are watched."),
		viewers:   gauge("viewers", "Connections that watch or could."),
		points:    gauge("points", "Points that all watches hold in memory, absent ones included."),
		frames:    counter("frames_total", "Frames with updates queued for viewers."),
		lost:      counter("lost_frames_total", "Frames that viewers lost because they read too slowly."),
		overflows: counter("feed_overflows_total", "Times that commits were lost because the hub was too slow, and everything they touched was evaluated again."),
		evaluations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "daymark_live_evaluations_total", Help: "Evaluations of watches, by result.",
		}, []string{"result"}),
	}
	for _, result := range []string{"ok", "failed"} {
		m.evaluations.WithLabelValues(result)
	}
	if reg != nil {
		reg.MustRegister(m.watches, m.viewers, m.points, m.frames, m.lost, m.overflows, m.evaluations)
	}
	return m
}

func (m *metrics) evaluated(err error) {
	result := "ok"
	if err != nil {
		result = "failed"
	}
	m.evaluations.WithLabelValues(result).Inc()
}
