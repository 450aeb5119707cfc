package conformance

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/prompb"
	"github.com/prometheus/prometheus/util/compression"
)

// target is one job with one target, which shows the same to both servers: what
// serve does at their nth scrape, from 0. It is run once for each server.
type target struct {
	name    string
	job     string // more of the job's configuration, a line each
	serve   func(n int, w http.ResponseWriter, r *http.Request)
	refusal string // how the last error begins where Daymark explains it in its own words
}

// text serves the nth of these bodies in the text format, at last the last.
func text(bodies ...string) func(int, http.ResponseWriter, *http.Request) {
	return as("text/plain; version=0.0.4; charset=utf-8", bodies...)
}

// openMetrics does so in OpenMetrics.
func openMetrics(bodies ...string) func(int, http.ResponseWriter, *http.Request) {
	return as("application/openmetrics-text; version=1.0.0; charset=utf-8", bodies...)
}

func as(contentType string, bodies ...string) func(int, http.ResponseWriter, *http.Request) {
	return func(n int, w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{contentType}
		if contentType == "" {
			w.Header()["Content-Type"] = nil // and none is guessed
		}
		_, _ = io.WriteString(w, bodies[min(n, len(bodies)-1)])
	}
}

func status(code int, header ...string) func(int, http.ResponseWriter, *http.Request) {
	return func(_ int, w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

// gzipped serves the body compressed, without its last missing bytes.
func gzipped(body string, missing int) func(int, http.ResponseWriter, *http.Request) {
	b := &bytes.Buffer{}
	z := gzip.NewWriter(b)
	_, _ = io.WriteString(z, body)
	_ = z.Close()
	return func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(b.Bytes()[:b.Len()-missing])
	}
}

// native serves what an instrumented program does that has observed n+1 things.
func native() func(int, http.ResponseWriter, *http.Request) {
	handlers := make([]http.Handler, 20)
	for n := range handlers {
		reg := prometheus.NewRegistry()
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "work_seconds", Help: "Work.", NativeHistogramBucketFactor: 1.1, Buckets: []float64{0.1, 1, 10},
		}, []string{"kind"})
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "work_total", Help: "Work."}, []string{"kind"})
		s := prometheus.NewSummary(prometheus.SummaryOpts{Name: "size_bytes", Objectives: map[float64]float64{0.5: 0.1, 0.99: 0.01}})
		reg.MustRegister(h, c, s)
		for i := range n + 1 {
			kind := []string{"a", "<b>", "ü"}[i%3]
			h.WithLabelValues(kind).(prometheus.ExemplarObserver).ObserveWithExemplar(float64(i)*0.7, prometheus.Labels{"trace_id": fmt.Sprint(kind, i)})
			h.WithLabelValues(kind).Observe(-0.01)
			c.WithLabelValues(kind).(prometheus.ExemplarAdder).AddWithExemplar(1, prometheus.Labels{"trace_id": fmt.Sprint(i)})
			s.Observe(float64(100 * i))
		}
		handlers[n] = promhttp.HandlerFor(reg, promhttp.HandlerOpts{EnableOpenMetrics: true, EnableOpenMetricsTextCreatedSamples: true})
	}
	return func(n int, w http.ResponseWriter, r *http.Request) {
		handlers[min(n, len(handlers)-1)].ServeHTTP(w, r)
	}
}

// targets is the list; now is the time that explicit timestamps refer to.
func targets(now time.Time) []target {
	ms := func(ago time.Duration) int64 { return now.Add(-ago).UnixMilli() }
	atTime := func(format string, ago time.Duration) string { return fmt.Sprintf(format+" %d\n", ms(ago)) }
	hold := func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	plain := "a 1\nb{x=\"y\"} 2\n"
	histogram := "# TYPE h histogram\nh_bucket{le=\"0.1\"} 1\nh_bucket{le=\"1\"} 3\nh_bucket{le=\"+Inf\"} 4\nh_sum 3.5\nh_count 4\n"
	many := strings.Builder{}
	for i := range 1000 {
		fmt.Fprintf(&many, "many{n=\"%d\"} %d\n", i, i)
	}
	return []target{
		// Formats.
		{name: "text", serve: text("# HELP a Help with \\\\ and \\n.\n# TYPE a counter\na 1\n# TYPE b gauge\n# UNIT b seconds\nb{x=\"y\",z=\"\\\"\\\\\\n\"} NaN\nb{x=\"w\"} +Inf\nb -Inf\n# just a comment\n\nc 1e-7\nc{v=\"2\"} 0x10\nd 1.7976931348623157e308\n", "# HELP a Other help.\n# TYPE a counter\na 2\nb 5e3\nc -0\n# TYPE b gauge\n")},
		{name: "counter_reset", serve: text("a_total 5\n", "a_total 7\n", "a_total 1\n", "a_total 3\n")},
		{name: "openmetrics", serve: openMetrics("# HELP a A counter.\n# TYPE a counter\n# UNIT a seconds\n", "# HELP lat_seconds Latency.\n# TYPE lat_seconds histogram\n# UNIT lat_seconds seconds\nlat_seconds_bucket{le=\"1.0\"} 1 # {trace_id=\"x<b>\"} 0.5 "+seconds(ms(time.Minute))+"\nlat_seconds_bucket{le=\"+Inf\"} 2\nlat_seconds_sum 3\nlat_seconds_count 2\n# TYPE a counter\na_total 3 # {id=\"1\"} 1\na_created 1.5e9\n# TYPE s stateset\ns{s=\"on\"} 1\n# TYPE i info\ni_info{v=\"1\"} 1\n# EOF\n")},
		{name: "openmetrics_without_eof", serve: openMetrics("# TYPE a gauge\na 1\n")},
		{name: "openmetrics_after_eof", serve: openMetrics("# TYPE a gauge\na 1\n# EOF\nb 1\n")},
		{name: "openmetrics_bad_exemplar", serve: openMetrics("# TYPE a counter\na_total 1 # {x=\"" + strings.Repeat("y", 200) + "\"} 1\n# EOF\n")},
		{name: "openmetrics_is_text", serve: as("application/openmetrics-text; version=1.0.0", "a{b=\"c\",} 1\n")},
		{name: "openmetrics_two", serve: as("application/openmetrics-text; version=2.0.0", "# TYPE a gauge\na 1\n# EOF\n")},
		{name: "proto", job: "scrape_native_histograms: true\nscrape_protocols: [PrometheusProto, PrometheusText1.0.0]", serve: native()},
		{name: "proto_and_classic", job: "scrape_native_histograms: true\nalways_scrape_classic_histograms: true\nscrape_protocols: [PrometheusProto]", serve: native()},
		{name: "proto_without_native", job: "scrape_protocols: [PrometheusProto]", serve: native()},
		{name: "program_openmetrics", job: "scrape_protocols: [OpenMetricsText1.0.0]", serve: native()},
		{name: "program_text", job: "scrape_protocols: [PrometheusText0.0.4]", serve: native()},
		{name: "proto_broken", serve: as("application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited", "\x05nonsense")},
		{name: "nhcb", job: "convert_classic_histograms_to_nhcb: true", serve: text(histogram)},
		{name: "nhcb_and_classic", job: "convert_classic_histograms_to_nhcb: true\nalways_scrape_classic_histograms: true", serve: text(histogram)},
		{name: "type_without_samples", serve: text("# TYPE a counter\n# TYPE a gauge\n# HELP a x\n# HELP a y\na 1\n")},
		{name: "le_and_quantile", serve: text("# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"1.0\"} 1\nh_bucket{le=\"+Inf\"} 2\n# TYPE s summary\ns{quantile=\"0.50\"} 3\ns{quantile=\"1\"} 4\n")},
		{name: "extra_metrics", job: "extra_scrape_metrics: true\nsample_limit: 10", serve: text(plain)},

		// Content types.
		{name: "type_html", serve: as("text/html", plain)},
		{name: "type_json", serve: as("application/json", plain)},
		{name: "type_missing", serve: as("", plain)},
		{name: "type_garbage", serve: as(";;;", plain)},
		{name: "type_fallback", job: "fallback_scrape_protocol: PrometheusText0.0.4", serve: as("", plain)},
		{name: "type_fallback_wrong", job: "fallback_scrape_protocol: OpenMetricsText1.0.0", serve: as("application/json", plain)},
		{name: "type_old_version", serve: as("text/plain; version=0.0.3", plain)},

		// Series that come and go.
		{name: "staleness", serve: text("a 1\nb 1\n", "a 2\n", "a 3\nb 3\n", "b 4\n", "")},
		{name: "down_between", serve: func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 1 || n == 2 {
				w.WriteHeader(503)
				return
			}
			text(plain)(n, w, r)
		}},
		{name: "broken_between", serve: text(plain, "a 1\nb{ 2\n", plain)},

		// Timestamps.
		{name: "timestamps", serve: text(atTime("a 1", 50*time.Second)+atTime("b 1", 50*time.Second), atTime("a 2", 40*time.Second)+atTime("b 1", 50*time.Second), atTime("a 3", 45*time.Second), atTime("a 4", 30*time.Second)+"b 7\n")},
		{name: "timestamps_same", serve: text(atTime("a 1", time.Minute), atTime("a 2", time.Minute), atTime("a 1", time.Minute))},
		{name: "timestamps_twice", serve: text(atTime("a 1", time.Minute) + atTime("a 2", 50*time.Second) + atTime("a 3", 55*time.Second))},
		{name: "timestamps_old", serve: text(atTime("a 1", 100*time.Hour) + "b 1\n")},
		{name: "timestamps_future", serve: text(atTime("a 1", -time.Hour) + atTime("c 1", -5*time.Minute) + "b 1\n")},
		{name: "timestamps_ignored", job: "honor_timestamps: false", serve: text(atTime("a 1", 100*time.Hour))},
		{name: "timestamps_tracked", job: "track_timestamps_staleness: true", serve: text(atTime("a 1", 50*time.Second), atTime("a 2", 40*time.Second), "b 1\n")},

		// Odd and hostile bodies.
		{name: "empty", serve: text("")},
		{name: "blank", serve: text("\n\n  \n")},
		{name: "no_newline", serve: text("a 1")},
		{name: "crlf", serve: text("a 1\r\nb 2\r\n")},
		{name: "duplicates", serve: text("a 1\na 1\nb 1\nb 2\nc{x=\"1\"} 1\nc{x=\"1\",} 3\n")},
		{name: "no_name", serve: text("{a=\"b\"} 1\n")},
		{name: "quoted_name", serve: text("{\"a.b\",\"c d\"=\"e\"} 1\n{\"🚀\"} 2\n")},
		{name: "utf8", serve: as("text/plain; version=1.0.0; escaping=allow-utf-8", "{\"a.b\",\"c d\"=\"e\"} 1\nü 2\n")},
		{name: "legacy_names", job: "metric_name_validation_scheme: legacy", serve: text("{\"a.b\"} 1\nc 1\n")},
		{name: "escaped_names", job: "metric_name_validation_scheme: legacy\nmetric_name_escaping_scheme: dots", serve: text("a_dot_b 1\n")},
		{name: "bad_value", serve: text("a 1\nb one\nc 2\n")},
		{name: "bad_labels", serve: text("a{b=c} 1\n")},
		{name: "bad_escape", serve: text("a{b=\"\\x\"} 1\n")},
		{name: "bad_line", serve: text("this is not a metric at all\n")},
		{name: "bad_name", serve: text("9a 1\n")},
		{name: "bad_type", serve: text("# TYPE a nonsense\na 1\n")},
		{name: "name_label", serve: text("a{__name__=\"b\"} 1\n")},
		{name: "empty_label", serve: text("a{b=\"\"} 1\na{c=\"d\",b=\"\"} 2\n")},
		{name: "same_label_twice", serve: text("a{b=\"1\",b=\"2\"} 1\n")},
		{name: "invalid_utf8_value", serve: text("a{b=\"\xff\"} 1\nc 1\n")},
		{name: "invalid_utf8_name", serve: text("a\xff 1\n")},
		{name: "null_byte", serve: text("a\x00 1\nb{c=\"\x00\"} 1\n")},
		{name: "markup", serve: text("a{b=\"<script>alert(1)</script>\",c=\"&amp;\"} 1\n# HELP a <script>\n")},
		{name: "html_page", serve: text("<!doctype html><title>x</title>")},
		{name: "reserved_names", serve: text("up 7\nscrape_duration_seconds 8\nscrape_samples_scraped 9\na 1\n")},
		{name: "reserved_labels", serve: text("a{job=\"mine\",instance=\"mine\",exported_job=\"x\"} 1\n")},
		{name: "honor_labels", job: "honor_labels: true", serve: text("a{job=\"mine\",instance=\"\"} 1\nup 5\n")},
		{name: "long_value", serve: text("a{b=\"" + strings.Repeat("x", 1<<20) + "\"} 1\n")},
		{name: "many_labels", serve: text("a{" + func() (s string) {
			for i := range 200 {
				s += fmt.Sprintf("l%d=\"%d\",", i, i)
			}
			return s
		}() + "} 1\n")},
		{name: "many", serve: text(many.String())},

		// Transport.
		{name: "truncated", serve: func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; version=0.0.4")
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, plain)
		}},
		{name: "hangs_up", serve: func(_ int, w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }},
		{name: "garbage_protocol", serve: func(_ int, w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH\r\n")
				_ = conn.Close()
			}
		}},
		{name: "too_slow", serve: hold},
		{name: "body_too_slow", serve: func(n int, w http.ResponseWriter, r *http.Request) {
			text(plain)(n, w, r)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}},
		{name: "status_500", serve: status(500)},
		{name: "status_404", serve: status(404)},
		{name: "status_401", serve: status(401, "WWW-Authenticate", "Basic")},
		{name: "status_204", serve: status(204)},
		{name: "status_206", serve: status(206, "Content-Type", "text/plain; version=0.0.4")},
		{name: "status_999", serve: status(999)},
		{name: "redirect", serve: func(n int, w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("there") {
				text(plain)(n, w, r)
				return
			}
			http.Redirect(w, r, r.URL.Path+"?there=1", http.StatusFound)
		}},
		{name: "redirect_loop", serve: func(_ int, w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }},
		{name: "redirect_refused", job: "follow_redirects: false", serve: status(302, "Location", "/elsewhere")},
		{name: "gzip", serve: gzipped(plain, 0)},
		{name: "gzip_cut", serve: gzipped(plain, 9)},
		{name: "gzip_off", job: "enable_compression: false", serve: gzipped(plain, 0)},
		{name: "gzip_is_none", serve: func(n int, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			text(plain)(n, w, r)
		}},
		{name: "unknown_encoding", serve: func(n int, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			text(plain)(n, w, r)
		}},
		{name: "tls_expected", job: "scheme: https", serve: text(plain)},
		{name: "http2_off", job: "enable_http2: false", serve: text(plain)},

		// Limits.
		{name: "gzip_bomb", job: "body_size_limit: 100KB", serve: gzipped("a 1\n"+strings.Repeat("# x\n", 1<<20), 0), refusal: "body size limit exceeded"},
		{name: "body_limit", job: "body_size_limit: 10B", serve: text(plain), refusal: "body size limit exceeded"},
		{name: "sample_limit", job: "sample_limit: 1", serve: text("a 1\n", plain), refusal: "sample limit exceeded"},
		{name: "label_limit", job: "label_limit: 3", serve: text("a{b=\"1\"} 1\n", "a{b=\"1\",c=\"2\",d=\"3\"} 1\n"), refusal: "label limit exceeded"},
		{name: "label_name_limit", job: "label_name_length_limit: 10", serve: text("a{loooooooooooong=\"1\"} 1\n"), refusal: "label name length limit exceeded"},
		{name: "label_value_limit", job: "label_value_length_limit: 30", serve: text("a{b=\"" + strings.Repeat("x", 31) + "\"} 1\n"), refusal: "label value length limit exceeded"},
		{name: "bucket_limit", job: "native_histogram_bucket_limit: 2\nscrape_native_histograms: true\nscrape_protocols: [PrometheusProto]", serve: native(), refusal: "native histogram bucket limit exceeded"},
		{name: "bucket_factor", job: "native_histogram_min_bucket_factor: 4\nscrape_native_histograms: true\nscrape_protocols: [PrometheusProto]", serve: native()},

		// Relabelling.
		{name: "relabel", job: `metric_relabel_configs:
  - {source_labels: [__name__], regex: b, action: drop}
  - {regex: secret, action: labeldrop}
  - {source_labels: [x], target_label: y, replacement: "<$1>"}
  - {source_labels: [x], modulus: 8, target_label: shard, action: hashmod}
  - {source_labels: [x], target_label: X, action: uppercase}
  - {source_labels: [__name__], regex: c, target_label: __name__, replacement: renamed}`, serve: text("a{x=\"q\",secret=\"s\"} 1\nb 1\nc 1\n")},
		{name: "relabel_name_away", job: `metric_relabel_configs: [{target_label: __name__, replacement: ""}]`, serve: text(plain)},
		{name: "relabel_collides", job: `metric_relabel_configs: [{regex: x, action: labeldrop}]`, serve: text("a{x=\"1\"} 1\na{x=\"2\"} 2\n")},
		{name: "relabel_bad_name", job: `metric_relabel_configs: [{target_label: __name__, replacement: "a b"}]`, serve: text(plain)},
	}
}

// show serves the targets to both servers.
type show struct {
	targets map[string]target

	mu      sync.Mutex
	scrapes map[string]int         // by server and target
	asked   map[string]http.Header // the headers of the first scrape, likewise
}

func (s *show) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	who, name := r.URL.Query().Get("who"), strings.TrimPrefix(r.URL.Path, "/")
	key := who + "/" + name
	s.mu.Lock()
	n := s.scrapes[key]
	if who != "" { // a redirect is not another scrape
		s.scrapes[key]++
		if n == 0 {
			s.asked[key] = r.Header.Clone()
		}
	}
	s.mu.Unlock()
	s.targets[name].serve(n, w, r)
}

const (
	compared      = 4 // scrapes of each target that are compared
	scrapeTimeout = 700 * time.Millisecond
)

// scrapeConfig is the configuration for the server called who; both differ in
// nothing but that name, which their requests carry.
func scrapeConfig(list []target, address, who string) string {
	b := &strings.Builder{}
	fmt.Fprintf(b, "global: {scrape_interval: 1s, scrape_timeout: %s, external_labels: {zone: eu}}\nscrape_configs:\n", scrapeTimeout)
	for _, target := range list {
		fmt.Fprintf(b, "- job_name: %s\n  metrics_path: /%s\n  params: {who: [%s]}\n  static_configs: [{targets: ['%s'], labels: {team: shop}}]\n", target.name, target.name, who, address)
		fmt.Fprint(b, "  relabel_configs: [{target_label: instance, replacement: here}]\n")
		for line := range strings.Lines(target.job) {
			fmt.Fprintf(b, "  %s\n", strings.TrimRight(line, "\n"))
		}
	}
	fmt.Fprintf(b, `
- job_name: refused
  static_configs: [{targets: ['127.0.0.1:1']}]
- job_name: unknown_host
  static_configs: [{targets: ['no-such-host.invalid:80']}]
- job_name: two_many
  target_limit: 1
  static_configs: [{targets: ['127.0.0.1:1', '127.0.0.1:2']}]
- job_name: dropped
  static_configs: [{targets: ['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3']}]
  keep_dropped_targets: 2
  relabel_configs: [{source_labels: [__address__], regex: '.*:[23]', action: drop}]
- job_name: no_address
  static_configs: [{targets: ['127.0.0.1:1']}]
  relabel_configs: [{target_label: __address__, replacement: ''}]
- job_name: meta
  static_configs: [{targets: ['127.0.0.1:1'], labels: {__meta_x: y, __scrape_interval__: 2s, __scrape_timeout__: 300ms}}]
  relabel_configs: [{regex: '__meta_(.*)', action: labelmap}]
`)
	return b.String()
}

// TestScrapes shows the same targets to both and compares what they make of
// them: health, errors, samples, metadata and exemplars.
func TestScrapes(t *testing.T) {
	t.Parallel()
	list := targets(time.Now())
	s := &show{targets: map[string]target{}, scrapes: map[string]int{}, asked: map[string]http.Header{}}
	for _, target := range list {
		s.targets[target.name] = target
	}
	web := httptest.NewUnstartedServer(s)
	web.Config.ErrorLog = nil
	web.Start()
	defer web.Close()
	defer web.CloseClientConnections()
	address := strings.TrimPrefix(web.URL, "http://")

	dir := t.TempDir()
	buildPair(t)
	start := func(who string, run func(*testing.T, ...string) *server) *server {
		return run(t, "--config.file="+writeFile(t, dir, who+".yml", scrapeConfig(list, address, who)), "--storage.tsdb.path="+dir+"/"+who, "--enable-feature=exemplar-storage", "--web.external-url=http://metrics.example/")
	}
	p := pair{daymark: start("daymark", startDaymark), prometheus: start("prometheus", startPrometheus)}

	for _, server := range []*server{p.daymark, p.prometheus} {
		enough := fmt.Sprintf(`count(count_over_time(scrape_samples_post_metric_relabeling{instance="here"}[10m]) > %d) == %d`, compared, len(list))
		eventually(t, 2*time.Minute, func() (bool, string) {
			got := server.get(t, "/api/v1/query?query="+url.QueryEscape(enough))
			return strings.Contains(got.body, `"value"`), server.name + ": " + got.body
		})
	}

	for _, target := range list {
		t.Run(target.name, func(t *testing.T) {
			got, want := p.daymark.samplesOf(t, target.name), p.prometheus.samplesOf(t, target.name)
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("samples: - prometheus, + daymark\n%s", clip(diff))
			}
			if len(want) < 4 { // up and the figures of the scrape are always there
				t.Errorf("prometheus has %d series", len(want))
			}
			if diff := gocmp.Diff(s.headers("prometheus", target.name), s.headers("daymark", target.name)); diff != "" {
				t.Errorf("the request: - prometheus, + daymark\n%s", diff)
			}
		})
	}
	t.Run("targets", func(t *testing.T) {
		for _, state := range []string{"active", "dropped"} {
			p.get(t, "/api/v1/targets", url.Values{"state": {state}}, func(v any) any { return targetsAlike(t, v, s.targets) })
		}
	})
	t.Run("metadata", func(t *testing.T) {
		p.get(t, "/api/v1/targets/metadata", nil, listSorted)
		p.get(t, "/api/v1/targets/metadata", url.Values{"metric": {"a"}}, listSorted)
		p.get(t, "/api/v1/metadata", nil, func(v any) any {
			data, _ := at(v, "data").(map[string]any)
			for _, entries := range data {
				sortByText(entries.([]any))
			}
			return v
		})
	})
	t.Run("exemplars", func(t *testing.T) {
		span := url.Values{"start": {seconds(time.Now().Add(-time.Hour).UnixMilli())}, "end": {seconds(time.Now().UnixMilli())}}
		for _, expr := range []string{`lat_seconds_bucket`, `{job="openmetrics"}`} {
			span.Set("query", expr)
			p.get(t, "/api/v1/query_exemplars", span, func(v any) any {
				for _, series := range at(v, "data").([]any) {
					for _, exemplar := range at(series, "exemplars").([]any) {
						if m := exemplar.(map[string]any); at(m, "labels", "id") == "1" {
							delete(m, "timestamp") // it carries none, so the time of the scrape is taken, once for each scrape
						}
					}
					list := at(series, "exemplars").([]any)
					series.(map[string]any)["exemplars"] = list[:1]
				}
				return listSorted(v)
			})
		}
	})
	t.Run("pools", func(t *testing.T) {
		p.get(t, "/api/v1/scrape_pools", nil)
		for _, pool := range []string{"text", "relabel", "proto", "gzip_bomb", "meta"} {
			p.get(t, "/api/v1/scrape_pools/config", url.Values{"scrapePool": {pool}}, sameAsker)
		}
		for _, labels := range []string{`{"__address__":"127.0.0.1:2"}`, `{"__address__":"127.0.0.1:1","a":"b"}`, `{}`, `x`} {
			p.get(t, "/api/v1/targets/relabel_steps", url.Values{"scrapePool": {"dropped"}, "labels": {labels}})
		}
	})
	t.Run("configuration", func(t *testing.T) {
		p.get(t, "/api/v1/status/config", nil, sameAsker)
	})
}

// headers is what a server asked for at its first scrape.
func (s *show) headers(who, name string) http.Header {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.asked[who+"/"+name].Clone()
	h.Del("User-Agent") // each says who it is
	return h
}

var asker = regexp.MustCompile(`(who(=|: \[|":"|:\n *- ))(daymark|prometheus)`)

// sameAsker takes the one thing out in which the configurations differ.
func sameAsker(v any) any {
	switch v := v.(type) {
	case string:
		return asker.ReplaceAllString(v, "${1}x")
	case map[string]any:
		for key, inner := range v {
			if key == "__param_who" {
				v[key] = "x"
				continue
			}
			v[key] = sameAsker(inner)
		}
	case []any:
		for i := range v {
			v[i] = sameAsker(v[i])
		}
	}
	return v
}

var localPort = regexp.MustCompile(`127\.0\.0\.1:\d+->`)

// targetsAlike takes out of the answer of /api/v1/targets what differs from one
// scrape to the next, and Daymark's explanations of limits.
func targetsAlike(t *testing.T, v any, known map[string]target) any {
	without("lastScrape", "lastScrapeDuration")(v)
	for _, key := range []string{"activeTargets", "droppedTargets"} {
		list, _ := at(v, "data", key).([]any)
		for _, entry := range list {
			m := entry.(map[string]any)
			text, _ := m["lastError"].(string)
			m["lastError"] = localPort.ReplaceAllString(text, "127.0.0.1:n->")
			pool := fmt.Sprint(m["scrapePool"])
			want := known[pool].refusal
			if pool == "two_many" {
				want = "target limit exceeded"
			}
			if want != "" {
				// "label_limit exceeded" in one, "label limit exceeded: …" in the other.
				said := strings.ReplaceAll(strings.TrimPrefix(text, "native "), "_", " ")
				if !strings.HasPrefix(said, strings.TrimPrefix(want, "native ")) {
					t.Errorf("%s: %q does not begin with %q", pool, text, want)
				}
				m["lastError"] = want
			}
		}
		sortByText(list)
	}
	return sameAsker(v)
}

// read asks for all samples of the matching series by remote read.
func (s *server) read(t *testing.T, from time.Time, matchers ...*prompb.LabelMatcher) []*prompb.TimeSeries {
	t.Helper()
	request := &prompb.ReadRequest{Queries: []*prompb.Query{{
		StartTimestampMs: from.UnixMilli(), EndTimestampMs: time.Now().Add(2 * time.Hour).UnixMilli(), Matchers: matchers,
	}}}
	content, err := request.Marshal()
	if err == nil {
		content, err = compression.Encode(compression.Snappy, content, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	got := s.do(t, http.MethodPost, "/api/v1/read", bytes.NewReader(content), "Content-Type", "application/x-protobuf", "Content-Encoding", "snappy")
	if got.status != http.StatusOK {
		t.Fatalf("remote read of %s: %d %s", s.name, got.status, got.body)
	}
	plain, err := compression.Decode(compression.Snappy, []byte(got.body), nil)
	response := &prompb.ReadResponse{}
	if err == nil {
		err = response.Unmarshal(plain)
	}
	if err != nil {
		t.Fatal(err)
	}
	return response.Results[0].Timeseries
}

func equals(name, value string) *prompb.LabelMatcher {
	return &prompb.LabelMatcher{Type: prompb.LabelMatcher_EQ, Name: name, Value: value}
}

// samplesOf tells the samples of a job's first scrapes, by series. The time of
// a sample is the number of its scrape, or what the target says.
func (s *server) samplesOf(t *testing.T, job string) map[string][]string {
	t.Helper()
	all := s.read(t, time.Time{}, equals("job", job))
	var times []int64 // of the scrapes: those of a series that is the server's own
	for _, series := range all {
		if ls := series.ToLabels(&labels.ScratchBuilder{}, nil); ls.Get("__name__") == "scrape_samples_post_metric_relabeling" && ls.Get("instance") == "here" {
			for _, sample := range series.Samples {
				times = append(times, sample.Timestamp)
			}
		}
	}
	last := times[compared-1]
	told := map[string][]string{}
	for _, series := range all {
		ls := series.ToLabels(&labels.ScratchBuilder{}, nil)
		if name := ls.Get("__name__"); name == "scrape_duration_seconds" || name == "scrape_timeout_seconds" && ls.Get("instance") != "here" {
			continue
		}
		type point struct {
			at   int64
			text string
		}
		var points []point
		for _, sample := range series.Samples {
			points = append(points, point{sample.Timestamp, valueText(sample.Value)})
		}
		for _, h := range series.Histograms {
			points = append(points, point{h.Timestamp, histogramText(h)})
		}
		slices.SortFunc(points, func(a, b point) int { return int(a.at - b.at) })
		for _, p := range points {
			n, scraped := slices.BinarySearch(times, p.at)
			switch {
			case scraped && p.at <= last:
				told[ls.String()] = append(told[ls.String()], fmt.Sprintf("scrape %d: %s", n, p.text))
			case !scraped:
				told[ls.String()] = append(told[ls.String()], fmt.Sprintf("at %d: %s", p.at, p.text))
			}
		}
	}
	return told
}

func valueText(v float64) string {
	if value.IsStaleNaN(v) {
		return "stale"
	}
	return fmt.Sprint(v)
}

func histogramText(h prompb.Histogram) string {
	var f *histogram.FloatHistogram
	if h.IsFloatHistogram() {
		f = h.ToFloatHistogram()
	} else {
		f = h.ToIntHistogram().ToFloat(nil)
	}
	if value.IsStaleNaN(f.Sum) {
		return "stale"
	}
	return fmt.Sprintf("%v %s", h.ResetHint, f)
}
