package alertmanager

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are those that Alertmanager's own program registers beside its
// parts, under the same names, so that dashboards for it keep working.
type metrics struct {
	requestDuration *prometheus.HistogramVec
	receivers       prometheus.Gauge
	integrations    prometheus.Gauge
	inhibitRules    prometheus.Gauge
	reloaded        prometheus.Gauge
	reloadedAt      prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	m := &metrics{
		requestDuration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:                            "alertmanager_http_request_duration_seconds",
			Help:                            "Histogram of latencies for HTTP requests.",
			Buckets:                         prometheus.DefBuckets,
			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  100,
			NativeHistogramMinResetDuration: time.Hour,
		}, []string{"handler", "method", "code"}),
		receivers:    gauge("alertmanager_receivers", "Number of configured receivers."),
		integrations: gauge("alertmanager_integrations", "Number of configured integrations."),
		inhibitRules: gauge("alertmanager_inhibition_rules", "Number of configured inhibition rules."),
		reloaded:     gauge("alertmanager_config_last_reload_successful", "Whether the last configuration reload attempt was successful."),
		reloadedAt:   gauge("alertmanager_config_last_reload_success_timestamp_seconds", "Timestamp of the last successful configuration reload."),
	}
	reg.MustRegister(m.requestDuration, m.receivers, m.integrations, m.inhibitRules, m.reloaded, m.reloadedAt)
	return m
}

// configured notes what a configuration that is now in use has.
func (m *metrics) configured(c *candidate) {
	m.receivers.Set(float64(len(c.receivers)))
	m.integrations.Set(float64(c.integrations()))
	m.inhibitRules.Set(float64(len(c.conf.InhibitRules)))
	m.reloaded.Set(1)
	m.reloadedAt.SetToCurrentTime()
}
