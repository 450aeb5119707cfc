package main

import (
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	promconfig "github.com/prometheus/prometheus/config"
)

func parse(t *testing.T, args ...string) *options {
	t.Helper()
	o, err := parseFlags(args, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestCommandLineMistakesSayWhatWasMeant(t *testing.T) {
	tests := map[string]struct {
		args []string
		want string
	}{
		"a misspelt flag":       {[]string{"--web.listen-adress=:1"}, "did you mean --web.listen-address?"},
		"agent mode":            {[]string{"--agent"}, "no agent mode"},
		"two data folders":      {[]string{"--storage.path=a", "--storage.tsdb.path=b"}, "exclude each other"},
		"an external URL":       {[]string{"--web.external-url=daymark.example"}, "https://daymark.example/path"},
		"a duration":            {[]string{"--query.timeout=soon"}, "soon"},
		"exclusive features":    {[]string{"--enable-feature=otlp-deltatocumulative,otlp-native-delta-ingestion"}, "exclude each other"},
		"a negative search cap": {[]string{"--web.search.max-limit=-1"}, "must not be negative"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parseFlags(tt.args, io.Discard)
			if !errors.Is(err, errUsage) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want a usage error with %q", err, tt.want)
			}
		})
	}
}

// TestUnitFileOfPrometheusIsAccepted is the command line of Debian's unit and of
// the usual Kubernetes manifest.
func TestUnitFileOfPrometheusIsAccepted(t *testing.T) {
	o := parse(t,
		"--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/var/lib/prometheus/metrics2/",
		"--storage.tsdb.retention.time=30d", "--storage.tsdb.retention.size=512MB",
		"--web.console.templates=/etc/prometheus/consoles", "--web.console.libraries=/etc/prometheus/console_libraries",
		"--web.enable-lifecycle", "--web.enable-admin-api", "--web.route-prefix=/prom", "--web.enable-remote-write-receiver",
		"--no-storage.tsdb.wal-compression", "--query.lookback-delta=2m", "--enable-feature=exemplar-storage,promql-at-modifier",
		"--log.level=warn", "--log.format=json", "--auto-gomemlimit.refresh-interval=1m",
		"--no-scrape.adjust-timestamps", "--scrape.timestamp-tolerance=10ms",
	)
	if o.tsdbPath != "/var/lib/prometheus/metrics2/" || o.storagePath != "" {
		t.Errorf("TSDB in %q, folder %q", o.tsdbPath, o.storagePath)
	}
	if time.Duration(o.retentionTime) != 30*24*time.Hour || o.retentionSize != 512<<20 {
		t.Errorf("retention %v and %v", o.retentionTime, o.retentionSize)
	}
	if len(o.ignored) != 5 {
		t.Errorf("warned of %q, want of two console flags, two of timestamps and one feature", o.ignored)
	}
}

func TestRetentionOfTheCommandLineYieldsToTheFile(t *testing.T) {
	dir := t.TempDir()
	silentFile := writeFile(t, dir, "silent.yml", "global: {}\n")
	outspoken := writeFile(t, dir, "outspoken.yml", "storage: {tsdb: {retention: {time: 3d}}}\n")
	tests := map[string]struct {
		args []string
		want time.Duration
		size int64
	}{
		"no file, no flag":     {nil, 15 * 24 * time.Hour, 5 << 30},
		"no file, flag":        {[]string{"--storage.retention.time=2d"}, 48 * time.Hour, 0},
		"silent file, no flag": {[]string{"--config.file=" + silentFile}, 15 * 24 * time.Hour, 0},
		"silent file, flag":    {[]string{"--config.file=" + silentFile, "--storage.retention.size=1GB"}, 0, 1 << 30},
		"outspoken file, flag": {[]string{"--config.file=" + outspoken, "--storage.retention.time=2d"}, 72 * time.Hour, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cfg, err := load(parse(t, tt.args...), nil, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			kept := cfg.File.StorageConfig.TSDBConfig.Retention
			if time.Duration(kept.Time) != tt.want || int64(kept.Size) != tt.size {
				t.Errorf("retention %v and %v, want %v and %v", kept.Time, kept.Size, tt.want, tt.size)
			}
		})
	}
}

func TestZeroIsNoLimit(t *testing.T) {
	cfg, err := load(parse(t, "--storage.remote.read-sample-limit=0", "--storage.remote.read-concurrent-limit=0", "--web.search.max-limit=0"), nil, silent())
	if err != nil {
		t.Fatal(err)
	}
	for name, limit := range map[string]int{
		"samples": cfg.Server.RemoteReadSampleLimit, "reads": cfg.Server.RemoteReadConcurrencyLimit, "search": cfg.Server.MaxSearchLimit,
	} {
		if limit < 1<<30 {
			t.Errorf("%s: %d; the server takes 0 for its default", name, limit)
		}
	}
}

func TestPrometheusReleaseFollowsFromItsModule(t *testing.T) {
	for module, want := range map[string]string{"v0.316.0": "3.16.0", "v0.316.2": "3.16.2", "v0.45.1": "2.45.1", "v1.2.3": "1.2.3"} {
		if got := prometheusRelease(module); got != want {
			t.Errorf("%s is %s, want %s", module, got, want)
		}
	}
}

// TestFeaturesOfTheScraperAreDefaults holds the two feature flags that change
// defaults of the configuration to what the file says itself.
func TestFeaturesOfTheScraperAreDefaults(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, dir, "more.yml", "scrape_configs: [{job_name: listed}]\n")
	const jobs = "scrape_config_files: [more.yml]\nscrape_configs:\n- job_name: silent\n- {job_name: outspoken, scrape_protocols: [PrometheusText0.0.4], extra_scrape_metrics: false}\n"
	silentFile := writeFile(t, dir, "silent.yml", jobs)
	outspoken := writeFile(t, dir, "outspoken.yml", "global: {scrape_protocols: [PrometheusText1.0.0], extra_scrape_metrics: false}\n"+jobs)
	type scraped struct {
		First promconfig.ScrapeProtocol
		Extra bool
	}
	tests := map[string]struct {
		args []string
		want map[string]scraped
	}{
		"no feature": {[]string{"--config.file=" + silentFile}, map[string]scraped{
			"silent": {promconfig.OpenMetricsText1_0_0, false}, "listed": {promconfig.OpenMetricsText1_0_0, false}, "outspoken": {promconfig.PrometheusText0_0_4, false},
		}},
		"silent global section": {[]string{"--config.file=" + silentFile, "--enable-feature=extra-scrape-metrics,created-timestamp-zero-ingestion"}, map[string]scraped{
			"silent": {promconfig.PrometheusProto, true}, "listed": {promconfig.PrometheusProto, true}, "outspoken": {promconfig.PrometheusText0_0_4, false},
		}},
		"outspoken global section": {[]string{"--config.file=" + outspoken, "--enable-feature=extra-scrape-metrics,st-storage"}, map[string]scraped{
			"silent": {promconfig.PrometheusText1_0_0, false}, "listed": {promconfig.PrometheusText1_0_0, false}, "outspoken": {promconfig.PrometheusText0_0_4, false},
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cfg, err := load(parse(t, tt.args...), nil, silent())
			if err != nil {
				t.Fatal(err)
			}
			list, err := cfg.File.GetScrapeConfigs()
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]scraped{}
			for _, job := range list {
				got[job.JobName] = scraped{job.ScrapeProtocols[0], job.ExtraScrapeMetricsEnabled()}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
