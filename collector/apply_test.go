package collector_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/storage"
	"go.uber.org/goleak"

	"daymark/collector"
)

func TestApply(t *testing.T) {
	a, b := serve(t, textFormat, "of_a 1\n"), serve(t, textFormat, "of_b 1\n")
	r := start(t, config(t, "scrape_configs: [{job_name: a, static_configs: [{targets: [%q]}]}]", a), nil)
	r.target(t, "a", "up")

	if err := r.Apply(config(t, "scrape_configs: [{job_name: b, sample_limit: 9, static_configs: [{targets: [%q]}]}]", b)); err != nil {
		t.Fatal(err)
	}
	r.target(t, "b", "up")
	waitFor(t, "the new job alone", func() bool { return slices.Equal(r.ScrapePools(), []string{"b"}) })
	if pools := r.Targets().Pools; len(pools) != 1 {
		t.Errorf("pools: %+v", pools)
	}
	if c, err := r.ScrapePoolConfig("b"); err != nil || c.SampleLimit != 9 {
		t.Errorf("pool b: %+v, %v", c, err)
	}
}

func TestApplyRefusesAndKeepsTheOldConfiguration(t *testing.T) {
	address := serve(t, textFormat, "steady 1\n")
	missing := filepath.Join(t.TempDir(), "missing")
	tests := map[string]struct{ text, want string }{
		"certificate authority": {
			"scrape_configs: [{job_name: bad, tls_config: {ca_file: " + missing + "}}]",
			`scrape job "bad": unable to read CA cert: unable to read file ` + missing,
		},
		"failure log": {
			"scrape_configs: [{job_name: bad, scrape_failure_log_file: " + missing + "/log}]",
			`scrape job "bad": scrape_failure_log_file: can't create json log file`,
		},
		"scrape_config_files": {
			"scrape_config_files: [" + write(t, "more.yml", "scrape_configs: [{job_name: x, nonsense: 1}]") + "]",
			"field nonsense not found",
		},
	}
	r := start(t, config(t, "scrape_configs: [{job_name: good, static_configs: [{targets: [%q]}]}]", address), nil)
	before := r.target(t, "good", "up")
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := config(t, "%s", tt.text)
			if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("validated with %v, want %s", err, tt.want)
			}
			err := r.Apply(cfg)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %s", err, tt.want)
			}
			if pools := r.Targets().Pools; len(pools) != 1 || pools[0].Name != "good" {
				t.Errorf("pools: %+v", pools)
			}
		})
	}
	waitFor(t, "another scrape", func() bool { return r.Targets().LastScrape.After(before.LastScrape) })
}

func TestStartGoesOnWithoutABrokenJob(t *testing.T) {
	address := serve(t, textFormat, "steady 1\n")
	first := config(t, `scrape_configs:
	- {job_name: bad, tls_config: {ca_file: /does/not/exist}, static_configs: [{targets: [%[1]q]}]}
	- {job_name: good, static_configs: [{targets: [%[1]q]}]}`, address)
	r := start(t, first, nil)
	r.target(t, "good", "up")
	if !strings.Contains(r.log.String(), `scrape job \"bad\"`) {
		t.Error("the broken job is not in the log")
	}
	// A reload that another part refuses goes back to where it started.
	if err := r.Apply(config(t, "scrape_configs: [{job_name: other, static_configs: [{targets: [%q]}]}]", address)); err != nil {
		t.Fatal(err)
	}
	r.target(t, "other", "up")
	if err := r.Apply(first); err != nil {
		t.Errorf("the configuration of the start is refused: %v", err)
	}
	r.target(t, "good", "up")
}

func TestScrapeConfigFiles(t *testing.T) {
	address := serve(t, textFormat, "more 1\n")
	more := write(t, "more.yml", "scrape_configs: [{job_name: more, static_configs: [{targets: ['"+address+"']}]}]")
	text := "scrape_config_files: [" + filepath.Dir(more) + "/*.yml]"
	r := start(t, config(t, "%s", text), nil)
	r.target(t, "more", "up")

	write(t, more, "scrape_configs: [{job_name: renamed, static_configs: [{targets: ['"+address+"']}]}]")
	if err := r.Apply(config(t, "%s", text)); err != nil {
		t.Fatal(err)
	}
	r.target(t, "renamed", "up")
}

func TestApplyBeforeRun(t *testing.T) {
	address := serve(t, textFormat, "a 1\n")
	r := prepare(t, config(t, "scrape_configs: [{job_name: old}]"), nil, nil)
	if err := r.Apply(config(t, "scrape_configs: [{job_name: new, static_configs: [{targets: [%q]}]}]", address)); err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	close(ready)
	r.run(t, ready)
	r.target(t, "new", "up")
}

func TestNothingIsWrittenBeforeStorageIsReady(t *testing.T) {
	scraped := make(chan struct{}, 100)
	address := listen(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		scraped <- struct{}{}
		_, _ = io.WriteString(w, "a 1\n")
	}))
	list := write(t, "targets.json", `[{"targets": ["`+address+`"]}]`)
	cfg := config(t, "scrape_configs: [{job_name: early, fallback_scrape_protocol: PrometheusText0.0.4, file_sd_configs: [{files: [%q]}]}]", list)
	cfg.Host, cfg.InProcessInterval = true, time.Second
	r := prepare(t, cfg, nil, nil)
	ready := make(chan struct{})
	r.run(t, ready)
	// Discovery does not wait.
	waitFor(t, "discovery", func() bool { return r.gauge(t, "prometheus_sd_discovered_targets", "early") == 1 })
	select {
	case <-scraped:
		t.Fatal("scraped before the storage was ready")
	case <-time.After(300 * time.Millisecond):
	}
	if n := r.db.Head().NumSeries(); n != 0 {
		t.Fatalf("%d series before the storage was ready", n)
	}
	close(ready)
	r.target(t, "early", "up")
	r.target(t, "node", "up")
}

func TestStopBeforeReady(t *testing.T) {
	r := prepare(t, config(t, "scrape_configs: [{job_name: never, static_configs: [{targets: ['127.0.0.1:1']}]}]"), nil, nil)
	r.run(t, make(chan struct{}))
	r.stop()
}

func TestStopLeavesNothingBehind(t *testing.T) {
	before := goleak.IgnoreCurrent()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", textFormat)
		_, _ = io.WriteString(w, "a 1\n")
	}))
	defer server.Close()
	address := server.Listener.Addr().String()
	list := write(t, "targets.yml", "[{targets: ['"+address+"']}]")
	cfg := config(t, "scrape_configs: [{job_name: a, file_sd_configs: [{files: [%q]}]}]", list)
	cfg.Host, cfg.Self, cfg.InProcessInterval = true, true, time.Second
	gate := &gatedStorage{}
	r := prepare(t, cfg, http.NotFoundHandler(), gate.wrap)
	ready := make(chan struct{})
	close(ready)
	r.run(t, ready)
	r.target(t, "a", "up")
	r.target(t, "node", "up")
	// A target that has just vanished waits to write its stale markers.
	write(t, list, "[]")
	waitFor(t, "the target to vanish", func() bool { return len(r.TargetsActive()["a"]) == 0 })
	r.stop()
	gate.close()
	if err := r.db.Close(); err != nil {
		t.Error(err)
	}
	// The scraper keeps idle connections: it cannot close them through the
	// tracing transport that it wraps them in. The target can.
	server.Close()
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
	if late := gate.late(); late != 0 {
		t.Errorf("%d writes after Run returned", late)
	}
	if err := r.Apply(cfg); err != nil {
		t.Errorf("Apply after the end: %v", err)
	}
}

func TestSourceOf(t *testing.T) {
	address := serve(t, textFormat, "a 1\n")
	seen := make(chan string, 1000)
	cfg := config(t, "scrape_configs: [{job_name: shop, static_configs: [{targets: [%q], labels: {instance: till-1}}]}]", address)
	cfg.Host, cfg.Instance, cfg.InProcessInterval = true, "here", time.Second
	r := prepare(t, cfg, nil, func(next storage.AppendableV2) storage.AppendableV2 {
		return appendableFunc(func(ctx context.Context) storage.AppenderV2 {
			seen <- collector.SourceOf(ctx)
			return next.AppenderV2(ctx)
		})
	})
	ready := make(chan struct{})
	close(ready)
	r.run(t, ready)
	sources := map[string]bool{}
	waitFor(t, "both sources", func() bool {
		select {
		case s := <-seen:
			sources[s] = true
		default:
		}
		return sources["shop/till-1"] && sources["node/here"]
	})
	if len(sources) != 2 {
		t.Errorf("sources %v", sources)
	}
	if s := collector.SourceOf(t.Context()); s != "" {
		t.Errorf("a context that is no scrape's has the source %q", s)
	}
}

func TestNewRefuses(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	if _, err := collector.New(collector.Config{}, appendableFunc(nil), nil, log, prometheus.NewRegistry()); err == nil {
		t.Error("no configuration is accepted")
	}
	reg := prometheus.NewRegistry()
	cfg := config(t, "scrape_configs: []")
	if _, err := collector.New(cfg, appendableFunc(nil), nil, log, reg); err != nil {
		t.Fatal(err)
	}
	if _, err := collector.New(cfg, appendableFunc(nil), nil, log, reg); err == nil {
		t.Error("two collectors share one registry")
	}
}

func TestLateCollector(t *testing.T) {
	var late collector.Late
	if _, err := late.Get(); err == nil {
		t.Error("a collector that is not there answers")
	}
	r := prepare(t, config(t, "scrape_configs: []"), nil, nil)
	late.Set(r.Collector)
	var manager *scrape.Manager
	manager, err := late.Get()
	if err != nil || manager == nil {
		t.Errorf("%v, %v", manager, err)
	}
}

// gauge is the value of a metric of the collector's own for one job.
func (r *running) gauge(t testing.TB, name, job string) float64 {
	t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if f.GetName() == name && l.GetValue() == job {
					return m.GetGauge().GetValue()
				}
			}
		}
	}
	return -1
}

type appendableFunc func(context.Context) storage.AppenderV2

func (f appendableFunc) AppenderV2(ctx context.Context) storage.AppenderV2 { return f(ctx) }

// gatedStorage notices writes after its end.
type gatedStorage struct {
	mu     sync.Mutex
	closed bool
	count  int
}

func (g *gatedStorage) wrap(next storage.AppendableV2) storage.AppendableV2 {
	return appendableFunc(func(ctx context.Context) storage.AppenderV2 {
		return &gatedAppender{next.AppenderV2(ctx), g}
	})
}

func (g *gatedStorage) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
}

func (g *gatedStorage) late() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.count
}

type gatedAppender struct {
	storage.AppenderV2
	gate *gatedStorage
}

func (a *gatedAppender) Commit() error {
	a.gate.mu.Lock()
	closed := a.gate.closed
	if closed {
		a.gate.count++
	}
	a.gate.mu.Unlock()
	if closed {
		return errors.Join(errors.New("closed"), a.Rollback())
	}
	return a.AppenderV2.Commit()
}
