package collector_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/scrape"
)

func TestTextFormat(t *testing.T) {
	address := serve(t, textFormat, "# HELP http_requests_total Requests.\n# TYPE http_requests_total counter\nhttp_requests_total{code=\"200\"} 7\nhttp_requests_total{code=\"500\"} 2\n")
	r := start(t, config(t, "scrape_configs: [{job_name: shop, static_configs: [{targets: [%q]}]}]", address), nil)

	got := r.target(t, "shop", "up")
	if got.Job != "shop" || got.Instance != address || got.ScrapeURL != "http://"+address+"/metrics" || got.Samples != 2 || got.LastError != "" {
		t.Errorf("target: %+v", got)
	}
	waitFor(t, "the sample", func() bool {
		p, ok := r.last(t, "http_requests_total", "code", "500", "job", "shop", "instance", address)
		return ok && p.v == 2
	})
	if p, ok := r.last(t, "up", "job", "shop"); !ok || p.v != 1 {
		t.Errorf("up is %v", p.v)
	}
	for pool, targets := range r.TargetsActive() {
		m, ok := targets[0].GetMetadata("http_requests_total")
		if pool != "shop" || !ok || m.Type != "counter" || m.Help != "Requests." {
			t.Errorf("metadata of %s: %+v", pool, m)
		}
	}
}

func TestOpenMetricsWithExemplars(t *testing.T) {
	address := serve(t, openMetricsFormat, `# TYPE payment_duration_seconds histogram
# UNIT payment_duration_seconds seconds
# HELP payment_duration_seconds How long payments take.
payment_duration_seconds_bucket{le="1.0"} 3 # {trace_id="abc"} 0.67
payment_duration_seconds_bucket{le="+Inf"} 4 # {trace_id="slow"} 9.1 1700000000.5
payment_duration_seconds_count 4
payment_duration_seconds_sum 11.5
# EOF
`)
	r := start(t, config(t, "scrape_configs: [{job_name: pay, static_configs: [{targets: [%q]}]}]", address), nil)
	r.target(t, "pay", "up")

	waitFor(t, "exemplars", func() bool {
		q, err := r.db.ExemplarQuerier(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		found, err := q.Select(0, 1<<62, []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, "__name__", "payment_duration_seconds_bucket")})
		if err != nil {
			t.Fatal(err)
		}
		var traces []string
		for _, series := range found {
			for _, e := range series.Exemplars {
				traces = append(traces, e.Labels.Get("trace_id"))
			}
		}
		return slices.Contains(traces, "abc") && slices.Contains(traces, "slow")
	})
	m, _ := r.TargetsActive()["pay"][0].GetMetadata("payment_duration_seconds")
	if want := (scrape.MetricMetadata{MetricFamily: "payment_duration_seconds", Type: "histogram", Help: "How long payments take.", Unit: "seconds"}); m != want {
		t.Errorf("metadata %+v, want %+v", m, want)
	}
}

func TestProtobufNativeHistograms(t *testing.T) {
	reg := prometheus.NewRegistry()
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "latency_seconds", Help: "Latency.", NativeHistogramBucketFactor: 1.1})
	reg.MustRegister(h)
	for _, v := range []float64{0.1, 0.2, 0.2, 5} {
		h.Observe(v)
	}
	var accept atomic.Value
	inner := promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
	address := listen(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		accept.Store(req.Header.Get("Accept"))
		inner.ServeHTTP(w, req)
	}))
	r := start(t, config(t, "scrape_configs: [{job_name: native, scrape_native_histograms: true, static_configs: [{targets: [%q]}]}]", address), nil)
	r.target(t, "native", "up")
	waitFor(t, "the native histogram", func() bool {
		p, ok := r.last(t, "latency_seconds", "job", "native")
		return ok && p.h != nil && p.h.Count == 4 && p.h.Schema == 3 && len(p.h.PositiveBuckets) == 3
	})
	if asked := accept.Load().(string); !strings.HasPrefix(asked, "application/vnd.google.protobuf") {
		t.Errorf("asked for %q", asked)
	}
}

func TestFallbackProtocol(t *testing.T) {
	address := serve(t, "application/octet-stream", "legacy 1\n")
	r := start(t, config(t, `scrape_configs:
	- {job_name: strict, static_configs: [{targets: [%[1]q]}]}
	- {job_name: lenient, fallback_scrape_protocol: PrometheusText0.0.4, static_configs: [{targets: [%[1]q]}]}`, address), nil)
	r.target(t, "lenient", "up")
	if got := r.target(t, "strict", "down"); !strings.Contains(got.LastError, "Content-Type") {
		t.Errorf("error %q", got.LastError)
	}
}
