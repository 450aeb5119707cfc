package server

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

// peer builds one of Prometheus's own programs, of the version that is linked
// in, and returns its path.
func peer(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	build := exec.CommandContext(t.Context(), "go", "build", "-modfile=.ci/peers.mod", "-tags", "remove_all_sd,enable_kubernetes_sd", "-o", path, "github.com/prometheus/prometheus/cmd/"+name)
	build.Dir = filepath.Join("..", "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath") // as the product is built: most of it is in the cache
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, out)
	}
	return path
}

func TestPromtoolQueries(t *testing.T) {
	promtool := peer(t, "promtool")
	s := startStack(t, stackConfig{server: Config{RoutePrefix: "/day"}})
	now := time.Now().Truncate(time.Second)
	for i := range 3 {
		s.append(t, sample{series: `asked{job="a"}`, t: now.Add(time.Duration(i-3) * time.Second), f: float64(i)})
	}
	s.append(t, sample{series: `asked{job="b"}`, t: now, f: 7})
	unix := func(t time.Time) string { return fmt.Sprint(t.Unix()) }
	tests := map[string]struct {
		args []string
		want []string
	}{
		"instant": {[]string{"instant", s.url, `asked{job="b"}`}, []string{`asked{job="b"} => 7 @[` + unix(now)}},
		"range": {
			[]string{"range", "--start=" + unix(now.Add(-3*time.Second)), "--end=" + unix(now.Add(-time.Second)), "--step=1s", s.url, `asked{job="a"}`},
			[]string{`asked{job="a"} =>`, "0 @[" + unix(now.Add(-3*time.Second)) + "]", "2 @[" + unix(now.Add(-time.Second)) + "]"},
		},
		"series": {[]string{"series", "--match=asked", s.url}, []string{`{__name__="asked", job="a"}`, `{__name__="asked", job="b"}`}},
		"labels": {[]string{"labels", "--match=asked", s.url, "job"}, []string{"a\nb\n"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			out, err := exec.CommandContext(t.Context(), promtool, append([]string{"query"}, test.args...)...).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, want := range test.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("lacks %q:\n%s", want, out)
				}
			}
		})
	}
	if out, err := exec.CommandContext(t.Context(), promtool, "query", "instant", s.url, "sum(").CombinedOutput(); err == nil || !strings.Contains(string(out), "parse error") {
		t.Errorf("a parse error: %v\n%s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), promtool, "check", "healthy", "--url="+s.url).CombinedOutput(); err != nil {
		t.Errorf("check healthy: %v\n%s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), promtool, "check", "ready", "--url="+s.url).CombinedOutput(); err != nil {
		t.Errorf("check ready: %v\n%s", err, out)
	}
}

// The requests that Grafana's Prometheus data source makes, as its code has
// them: POST with a form by default, GET where it is set up so.
func TestRequestsOfGrafana(t *testing.T) {
	s := startStack(t, stackConfig{})
	now := time.Now().Truncate(time.Second)
	s.append(t,
		sample{series: `asked_total{job="a",instance="1"}`, t: now.Add(-2 * time.Second), f: 1},
		sample{series: `asked_total{job="b",instance="2"}`, t: now.Add(-2 * time.Second), f: 2},
	)
	start, end := fmt.Sprint(now.Add(-time.Minute).Unix()), fmt.Sprint(now.Unix())
	form := func(method, path string, params url.Values) answer {
		t.Helper()
		header := []string{"User-Agent", "Grafana/12.0.0", "Accept-Encoding", "identity", "X-Datasource-Uid", "x"}
		if method == http.MethodGet {
			return s.get(t, path+"?"+params.Encode(), header...)
		}
		return s.do(t, method, path, strings.NewReader(params.Encode()), append(header, "Content-Type", "application/x-www-form-urlencoded")...)
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		t.Run(method, func(t *testing.T) {
			var value struct {
				ResultType string
				Result     []any
			}
			// "Save & test".
			decodeAPI(t, form(method, "/api/v1/query", url.Values{"query": {"1+1"}, "time": {"4"}}), &value)
			if value.ResultType != "scalar" || fmt.Sprint(value.Result) != "[4 2]" {
				t.Errorf("1+1 is %+v", value)
			}
			var matrix struct {
				Result []struct {
					Metric map[string]string
					Values []model.SamplePair
				}
			}
			decodeAPI(t, form(method, "/api/v1/query_range", url.Values{"query": {`sum by (job) (asked_total)`}, "start": {start}, "end": {end}, "step": {"1"}}), &matrix)
			if len(matrix.Result) != 2 || matrix.Result[0].Metric["job"] != "a" || len(matrix.Result[0].Values) != 3 {
				t.Errorf("range: %+v", matrix)
			}
			var names []string
			decodeAPI(t, form(method, "/api/v1/labels", url.Values{"start": {start}, "end": {end}, "match[]": {"asked_total"}}), &names)
			if !slices.Equal(names, []string{"__name__", "instance", "job"}) {
				t.Errorf("labels: %q", names)
			}
			var list []map[string]string
			decodeAPI(t, form(method, "/api/v1/series", url.Values{"start": {start}, "end": {end}, "match[]": {"asked_total"}}), &list)
			if len(list) != 2 || list[1]["instance"] != "2" {
				t.Errorf("series: %v", list)
			}
			var exemplars []any
			decodeAPI(t, form(method, "/api/v1/query_exemplars", url.Values{"query": {"asked_total"}, "start": {start}, "end": {end}}), &exemplars)
			var formatted string
			decodeAPI(t, form(method, "/api/v1/format_query", url.Values{"query": {"sum(asked_total)by(job)"}}), &formatted)
			if formatted != "sum by (job) (asked_total)" {
				t.Errorf("formatted: %q", formatted)
			}
		})
	}
	var values []string
	decodeAPI(t, s.get(t, "/api/v1/label/job/values?match[]=asked_total&limit=40000"), &values)
	if !slices.Equal(values, []string{"a", "b"}) {
		t.Errorf("values: %q", values)
	}
	decodeAPI(t, s.get(t, "/api/v1/label/__name__/values?start="+start+"&end="+end), &values)
	if !slices.Contains(values, "asked_total") {
		t.Errorf("names: %q", values)
	}
	var build struct{ Version, Branch string }
	decodeAPI(t, s.get(t, "/api/v1/status/buildinfo"), &build)
	// Grafana switches features on by a version of Prometheus.
	if !strings.HasPrefix(build.Version, "3.") || build.Branch != "daymark-0.1.0" {
		t.Errorf("build: %+v", build)
	}
	for _, path := range []string{"/api/v1/metadata?limit=10000", "/api/v1/rules", "/api/v1/alerts", "/api/v1/status/config", "/api/v1/status/flags", "/api/v1/status/runtimeinfo", "/api/v1/status/tsdb", "/api/v1/targets?state=active", "/api/v1/features", "/api/v1/scrape_pools", "/api/v1/alertmanagers"} {
		decodeAPI(t, s.get(t, path), nil)
	}
	compressed := s.get(t, "/api/v1/query?query=asked_total", "Accept-Encoding", "gzip")
	if compressed.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("not compressed: %v", compressed.header)
	}
}

// A real Prometheus scrapes us, writes what it has scraped back to us, by both
// versions of the protocol, and reads from us what it does not have itself.
func TestRealPrometheusWritesAndReads(t *testing.T) {
	binary := peer(t, "prometheus")
	s := startStack(t, stackConfig{})
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "prometheus.yml"), fmt.Appendf(nil, `
global: {scrape_interval: 1s, scrape_native_histograms: true}
scrape_configs:
  - job_name: daymark
    static_configs: [{targets: ["%s"]}]
remote_write:
  - {url: "%[2]s/api/v1/write", name: first, send_native_histograms: true, write_relabel_configs: [{target_label: protocol, replacement: first}]}
  - {url: "%[2]s/api/v1/write", name: second, protobuf_message: io.prometheus.write.v2.Request, send_native_histograms: true, write_relabel_configs: [{target_label: protocol, replacement: second}]}
remote_read:
  - {url: "%[2]s/api/v1/read", read_recent: true}
`, strings.TrimPrefix(s.url, "http://"), s.url), 0o600))
	cmd := exec.Command(binary, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:0")
	log, err := os.Create(filepath.Join(dir, "log"))
	must(t, err)
	said := func() string {
		content, err := os.ReadFile(log.Name())
		must(t, err)
		return string(content)
	}
	cmd.Stdout, cmd.Stderr = log, log
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = log.Close()
		if t.Failed() {
			t.Logf("Prometheus said:\n%s", said())
		}
	})

	type vector struct {
		Result []struct {
			Metric    map[string]string
			Value     []any
			Histogram []any
		}
	}
	ask := func(query string) (v vector) {
		decodeAPI(t, s.get(t, "/api/v1/query?query="+url.QueryEscape(query)), &v)
		return v
	}
	for _, protocol := range []string{"first", "second"} {
		within(t, time.Minute, "samples by the "+protocol+" protocol", func() bool {
			up := ask(`up{job="daymark",protocol="` + protocol + `"}`)
			return len(up.Result) == 1 && "http://"+up.Result[0].Metric["instance"] == s.url && up.Result[0].Value[1] == "1"
		})
		within(t, time.Minute, "native histograms by the "+protocol+" protocol", func() bool {
			got := ask(`prometheus_http_request_duration_seconds{handler="/metrics",protocol="` + protocol + `"}`)
			return len(got.Result) == 1 && got.Result[0].Histogram != nil
		})
	}
	// Read back: a series that only we have, asked of the real one.
	s.append(t, sample{series: `only_here{a="b"}`, t: time.Now(), f: 42})
	address := regexp.MustCompile(`msg="Listening on".* address=(127\.0\.0\.1:\d+)`).FindStringSubmatch(said())
	if address == nil {
		t.Fatal("Prometheus does not say where it listens")
	}
	theirs := &stack{url: "http://" + address[1], client: s.client}
	within(t, time.Minute, "our series in its answer", func() bool {
		got := theirs.get(t, "/api/v1/query?query=only_here")
		return got.status == http.StatusOK && strings.Contains(got.body, `"42"`)
	})
}

// within is waitFor with more patience.
func within(t *testing.T, patience time.Duration, what string, got func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !got() {
		select {
		case <-deadline.C:
			t.Fatalf("waited %s for %s", patience, what)
		case <-tick.C:
		}
	}
}
