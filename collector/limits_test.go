package collector_test

import (
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.yaml.in/yaml/v2"

	"daymark/collector"
)

func TestLimits(t *testing.T) {
	const exposition = "a{x=\"1\"} 1\nb{a_label_with_a_long_name=\"a value that is long\"} 2\nc 3\n"
	tests := map[string]struct {
		limits collector.Limits
		job    string // settings of the job
		global string
		want   string
	}{
		"samples, ours": {
			limits: collector.Limits{Samples: 2},
			want:   `sample limit exceeded: 3 samples, limit 2 (limits.scrape.samples or sample_limit of job "x")`,
		},
		"samples, the job's": {
			limits: collector.Limits{Samples: 500_000}, job: "sample_limit: 1",
			want: `sample limit exceeded: 3 samples, limit 1 (sample_limit of job "x" or of the global section)`,
		},
		"samples, the global section's": {
			limits: collector.Limits{Samples: 500_000}, global: "sample_limit: 2",
			want: `sample limit exceeded: 3 samples, limit 2 (sample_limit of job "x" or of the global section)`,
		},
		"body size, ours": {
			limits: collector.Limits{BodySize: 50},
			want:   `body size limit exceeded: the body is larger than 50B uncompressed (limits.scrape.body_size or body_size_limit of job "x")`,
		},
		"body size, the job's": {
			limits: collector.DefaultLimits(), job: "body_size_limit: 10B",
			want: `body size limit exceeded: the body is larger than 10B uncompressed (body_size_limit of job "x" or of the global section)`,
		},
		"labels": {
			limits: collector.Limits{Labels: 3},
			want:   `label limit exceeded: 4 labels on one series, limit 3 (limits.scrape.labels or label_limit of job "x"); metric: a`,
		},
		"label name": {
			limits: collector.Limits{LabelNameLength: 12},
			want:   `label name length limit exceeded: a label name of 24 bytes, limit 12 (limits.scrape.label_name_length or label_name_length_limit of job "x"); metric: b, label name: a_label_with_a_long_name`,
		},
		"label value": {
			limits: collector.Limits{LabelValueLength: 17},
			want:   `label value length limit exceeded: a label value of 20 bytes, limit 17 (limits.scrape.label_value_length or label_value_length_limit of job "x"); metric: b, label name: a_label_with_a_long_name, value: "a value that is long"`,
		},
		"targets": {
			limits: collector.Limits{Targets: 1},
			want:   `target limit exceeded: 2 targets, limit 1 (limits.scrape.targets or target_limit of job "x")`,
		},
		"none": {},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := serve(t, textFormat, exposition)
			also := ""
			if strings.HasPrefix(tt.want, "target limit") {
				also = ", '127.0.0.1:1'"
			}
			cfg := config(t, "  %s\nscrape_configs: [{job_name: x, static_configs: [{targets: [%q%s]}], %s}]", tt.global, address, also, tt.job)
			cfg.Limits = tt.limits
			r := start(t, cfg, nil)
			health := collector.Down
			if tt.want == "" {
				health = collector.Up
			}
			got := r.target(t, "x", health)
			waitFor(t, "the figure", func() bool { got = r.target(t, "x", health); return !strings.Contains(got.LastError, "too many") })
			if got.LastError != tt.want {
				t.Errorf("error\n%s\nwant\n%s", got.LastError, tt.want)
			}
			waitFor(t, "the same on Prometheus's own page", func() bool {
				for _, target := range r.TargetsActive()["x"] {
					if err := target.LastError(); tt.want != "" && (err == nil || err.Error() != tt.want) {
						return false
					}
				}
				return true
			})
			waitFor(t, "up", func() bool {
				p, ok := r.last(t, "up", "instance", address)
				return ok && (p.v == 1) == (tt.want == "")
			})
			if _, ok := r.last(t, "c"); ok != (tt.want == "") {
				t.Errorf("a sample of a scrape that broke a limit is stored: %v", ok)
			}
		})
	}
}

func TestSampleLimitCountsAfterRelabelling(t *testing.T) {
	address := serve(t, textFormat, strings.Repeat("# a comment\n", 10)+"a 1\nb 2\nc 3\n")
	cfg := config(t, "scrape_configs: [{job_name: x, static_configs: [{targets: [%q]}], metric_relabel_configs: [{source_labels: [__name__], regex: 'b|c', action: drop}]}]", address)
	cfg.Limits.Samples = 1
	if got := start(t, cfg, nil).target(t, "x", "up"); got.Samples != 1 {
		t.Errorf("%d samples", got.Samples)
	}
}

func TestLimitsOfThisProcess(t *testing.T) {
	cfg := config(t, "scrape_configs: []")
	cfg.Host, cfg.InProcessInterval, cfg.Limits.Samples = true, time.Second, 5
	r := start(t, cfg, nil)
	got := r.target(t, "node", "down")
	waitFor(t, "the figure", func() bool { got = r.target(t, "node", "down"); return !strings.Contains(got.LastError, "too many") })
	if !strings.HasSuffix(got.LastError, " samples, limit 5 (limits.scrape.samples)") {
		t.Errorf("error %q", got.LastError)
	}
	if n, err := testutil.GatherAndCount(r.reg, "daymark_collector_refused_scrapes_total"); n != 1 || err != nil {
		t.Errorf("%d counters of refused scrapes, %v", n, err)
	}
}

func TestLimitsFromYAML(t *testing.T) {
	var got collector.Limits
	if err := yaml.UnmarshalStrict([]byte("body_size: 1MiB\nlabels: 64\n"), &got); err != nil {
		t.Fatal(err)
	}
	if want := (collector.Limits{BodySize: units.MiB, Samples: 500_000, Labels: 64}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if err := yaml.UnmarshalStrict([]byte("sample: 1"), &got); err == nil {
		t.Error("an unknown key is accepted")
	}
}

func TestNativeHistogramBucketLimit(t *testing.T) {
	address := serve(t, textFormat, "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"2\"} 2\nh_bucket{le=\"4\"} 3\nh_bucket{le=\"+Inf\"} 4\nh_sum 9\nh_count 4\n")
	r := start(t, config(t, "scrape_configs: [{job_name: x, convert_classic_histograms_to_nhcb: true, native_histogram_bucket_limit: 2, static_configs: [{targets: [%q]}]}]", address), nil)
	want := `native histogram bucket limit exceeded: more than 2 buckets, even at the lowest resolution (native_histogram_bucket_limit of job "x")`
	if got := r.target(t, "x", "down"); got.LastError != want {
		t.Errorf("error %s", got.LastError)
	}
}
