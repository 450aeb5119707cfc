package server

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the server's own, under the names that dashboards of Prometheus
// already know.
type metrics struct {
	requests           *prometheus.CounterVec
	duration           *prometheus.HistogramVec
	size               *prometheus.HistogramVec
	federationErrors   prometheus.Counter
	federationWarnings prometheus.Counter
	viewers            prometheus.Gauge
	evicted            prometheus.Counter
	sent               *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer, ready func() float64) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "prometheus_http_requests_total",
			Help: "HTTP requests, by route and status.",
		}, []string{"handler", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:                            "prometheus_http_request_duration_seconds",
			Help:                            "Time from a request's header to the end of its answer.",
			Buckets:                         []float64{.1, .2, .4, 1, 3, 8, 20, 60, 120},
			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  100,
			NativeHistogramMinResetDuration: time.Hour,
		}, []string{"handler"}),
		size: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "prometheus_http_response_size_bytes",
			Help:    "Size of answers as they were sent.",
			Buckets: prometheus.ExponentialBuckets(100, 10, 8),
		}, []string{"handler"}),
		federationErrors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "prometheus_web_federation_errors_total",
			Help: "Federation answers that ended in an error.",
		}),
		federationWarnings: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "prometheus_web_federation_warnings_total",
			Help: "Warnings while federation answers were collected.",
		}),
		viewers: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "daymark_websocket_connections",
			Help: "Websockets that are connected.",
		}),
		evicted: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "daymark_websocket_evicted_total",
			Help: "Websockets closed because the peer did not read or did not answer.",
		}),
		sent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "daymark_websocket_sent_bytes_total",
			Help: "Bytes of messages written to websockets, by type.",
		}, []string{"type"}),
	}
	if reg == nil {
		return m, nil
	}
	readiness := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "prometheus_ready",
		Help: "1 once history is loaded and queries are answered.",
	}, ready)
	for _, c := range []prometheus.Collector{m.requests, m.duration, m.size, m.federationErrors, m.federationWarnings, m.viewers, m.evicted, m.sent, readiness} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) observe(handler string, w *response, took time.Duration) {
	code := w.status
	if code == 0 {
		code = 200
	}
	m.requests.WithLabelValues(handler, strconv.Itoa(code)).Inc()
	m.duration.WithLabelValues(handler).Observe(took.Seconds())
	m.size.WithLabelValues(handler).Observe(float64(w.bytes))
}
