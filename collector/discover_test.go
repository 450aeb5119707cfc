package collector_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v4/host"

	"daymark/collector"
)

// program listens on a port of loopback and shows a page.
type program struct {
	*httptest.Server
	port     int
	page     atomic.Pointer[string]
	requests atomic.Int64
	agent    atomic.Pointer[string]
}

func newProgram(t *testing.T, format string, args ...any) *program {
	t.Helper()
	p := &program{}
	p.show(format, args...)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.requests.Add(1)
		agent := r.UserAgent()
		p.agent.Store(&agent)
		_, _ = io.WriteString(w, *p.page.Load())
	}))
	t.Cleanup(p.Close)
	p.port = p.Listener.Addr().(*net.TCPAddr).Port
	return p
}

func (p *program) show(format string, args ...any) {
	page := fmt.Sprintf(format, args...)
	p.page.Store(&page)
}

func (p *program) address() string { return fmt.Sprintf("http://127.0.0.1:%d/metrics", p.port) }

// remembered is a record of what is ignored.
type remembered struct {
	mu   sync.Mutex
	urls map[string]bool
}

func (r *remembered) list(context.Context) (urls []string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for url := range r.urls {
		urls = append(urls, url)
	}
	return urls, nil
}

func (r *remembered) set(_ context.Context, url string, ignored bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.urls == nil {
		r.urls = map[string]bool{}
	}
	if ignored {
		r.urls[url] = true
	} else {
		delete(r.urls, url)
	}
	return nil
}

// looking is a configuration that probes the ports of the programs often.
func looking(t *testing.T, programs ...*program) collector.Config {
	t.Helper()
	cfg := config(t, "")
	cfg.Exporters = collector.Exporters{Probe: true, Limits: collector.DefaultExporterLimits(), Interval: 100 * time.Millisecond, ScrapeInterval: 100 * time.Millisecond}
	cfg.Exporters.Ports = []int{1}
	for _, p := range programs {
		cfg.Exporters.Ports = append(cfg.Exporters.Ports, p.port)
	}
	return cfg
}

// exporter is what was found at p.
func (r *running) exporter(p *program) (collector.Exporter, bool) {
	list, _, _ := r.Exporters()
	at := slices.IndexFunc(list, func(e collector.Exporter) bool { return e.Port == p.port })
	if at < 0 {
		return collector.Exporter{}, false
	}
	return list[at], true
}

func (r *running) inState(p *program, state collector.ExporterState) func() bool {
	return func() bool { e, ok := r.exporter(p); return ok && e.State == state }
}

// pool is the targets of a job.
func (r *running) pool(name string) (collector.Pool, bool) {
	for _, p := range r.Targets().Pools {
		if p.Name == name {
			return p, true
		}
	}
	return collector.Pool{}, false
}

func (r *running) health(job string) collector.Health {
	p, _ := r.pool(job)
	if len(p.Targets) != 1 {
		return ""
	}
	return p.Targets[0].Health
}

func TestExportersAreRecognisedByTheirMetrics(t *testing.T) {
	database := newProgram(t, "# HELP x y\nmysql_up 1\nmysql_global_status_threads_connected 5\n")
	other := newProgram(t, "my_requests_total 5\n")
	web := newProgram(t, "<!doctype html><p>mysql_up 1</p>")
	daymark := newProgram(t, "daymark_build_info 1\nprometheus_build_info 1\n")
	gateway := newProgram(t, "mysql_up{instance=\"elsewhere\"} 1\npushgateway_build_info 1\n")
	r := start(t, looking(t, database, other, web, daymark, gateway), nil)
	waitFor(t, "the database is scraped", func() bool { return r.health("mysqld") == collector.Up })
	waitFor(t, "the gateway is scraped", func() bool { return r.health("pushgateway") == collector.Up })
	waitFor(t, "more than one round", func() bool { return other.requests.Load() > 2 })
	list, probing, interval := r.Exporters()
	if len(list) != 2 || !probing || interval != 100*time.Millisecond {
		t.Errorf("found %+v, probing %v every %s", list, probing, interval)
	}
	e, _ := r.exporter(database)
	if e.Kind != "mysqld" || e.Job != "mysqld" || e.Title == "" || e.URL != database.address() || e.State != collector.ExporterScraped || e.FoundAt.IsZero() || e.LastSeen.Before(e.FoundAt) {
		t.Errorf("found %+v", e)
	}
	p, _ := r.pool("mysqld")
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Targets[0]; got.Instance != net.JoinHostPort(name, strconv.Itoa(database.port)) || got.ScrapeURL != database.address() || got.Samples != 2 {
		t.Errorf("target %+v", got)
	}
	if agent := *other.agent.Load(); !strings.HasPrefix(agent, "Daymark") {
		t.Errorf("a probe introduces itself as %q", agent)
	}
	waitFor(t, "its samples", func() bool { _, ok := r.last(t, "mysql_global_status_threads_connected"); return ok })
}

func TestAnExporterThatStartsLaterIsFound(t *testing.T) {
	late := newProgram(t, "nothing_yet 1\n")
	r := start(t, looking(t, late), nil)
	waitFor(t, "a round", func() bool { return late.requests.Load() > 1 })
	late.show("redis_up 1\n")
	waitFor(t, "it is scraped", func() bool { return r.health("redis") == collector.Up })
}

func TestAnExporterThatGoesIsDownBeforeItIsForgotten(t *testing.T) {
	p := newProgram(t, "redis_up 1\n")
	cfg := looking(t, p)
	cfg.Exporters.ForgetAfter = 2 * time.Second
	r := start(t, cfg, nil)
	waitFor(t, "it is scraped", func() bool { return r.health("redis") == collector.Up })
	p.Close()
	waitFor(t, "it is down", func() bool { return r.health("redis") == collector.Down })
	if _, listed := r.exporter(p); !listed {
		t.Error("it is down and not listed")
	}
	waitFor(t, "it is forgotten", func() bool {
		_, listed := r.exporter(p)
		_, scraped := r.pool("redis")
		return !listed && !scraped
	})
}

func TestIgnoringAnExporterIsRemembered(t *testing.T) {
	p := newProgram(t, "redis_up 1\n")
	cfg := looking(t, p)
	record := &remembered{}
	cfg.Exporters.Ignored, cfg.Exporters.Ignore = record.list, record.set
	r := start(t, cfg, nil)
	waitFor(t, "it is scraped", func() bool { return r.health("redis") == collector.Up })
	e, err := r.IgnoreExporter(t.Context(), p.address(), true)
	if err != nil || e.State != collector.ExporterIgnored || e.Reason == "" {
		t.Fatalf("ignored %+v, %v", e, err)
	}
	if _, scraped := r.pool("redis"); scraped {
		t.Error("it is still scraped")
	}
	if _, err := r.IgnoreExporter(t.Context(), "http://127.0.0.1:1/metrics", true); err == nil {
		t.Error("what was not found was ignored")
	}
	r.stop()

	r = start(t, cfg, nil)
	waitFor(t, "it is found and ignored", r.inState(p, collector.ExporterIgnored))
	if _, err := r.IgnoreExporter(t.Context(), p.address(), false); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "it is scraped again", func() bool { return r.health("redis") == collector.Up })
}

func TestNodeExporterOfThisMachineIsCovered(t *testing.T) {
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	booted, err := host.BootTime()
	if err != nil {
		t.Fatal(err)
	}
	const format = "node_exporter_build_info 1\nnode_boot_time_seconds %v\nnode_uname_info{nodename=%q,sysname=\"Linux\"} 1\n"
	ours := newProgram(t, format, float64(booted)+1, name)
	sameName := newProgram(t, format, float64(booted)-86_400, name)
	otherName := newProgram(t, format, float64(booted), "elsewhere")
	noName := newProgram(t, "node_exporter_build_info 1\nnode_boot_time_seconds %v\n", float64(booted))
	cfg := looking(t, ours, sameName, otherName, noName)
	cfg.Host = true
	r := start(t, cfg, nil)
	for p, want := range map[*program]collector.ExporterState{
		ours: collector.ExporterCovered, noName: collector.ExporterCovered, sameName: collector.ExporterScraped, otherName: collector.ExporterScraped,
	} {
		waitFor(t, string(want), r.inState(p, want))
	}
	waitFor(t, "the node_exporters of other machines", func() bool { p, _ := r.pool("node (found)"); return len(p.Targets) == 2 })
	cfg.Host = false
	if err := r.Apply(cfg); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "without the metrics of our own it is scraped", r.inState(ours, collector.ExporterScraped))
}

func TestWhatTheFileScrapesIsCovered(t *testing.T) {
	p := newProgram(t, "redis_up 1\n")
	cfg := looking(t, p)
	cfg.File = file(t, "scrape_configs: [{job_name: redis, static_configs: [{targets: ['localhost:%d']}]}]\n", p.port)
	r := start(t, cfg, nil)
	waitFor(t, "it is covered", r.inState(p, collector.ExporterCovered))
	waitFor(t, "by the file's job alone", func() bool { _, twice := r.pool("redis (found)"); return !twice })
	if e, _ := r.exporter(p); !strings.Contains(e.Reason, `job "redis"`) {
		t.Errorf("reason %q", e.Reason)
	}
}

func TestNothingIsProbedUnlessAsked(t *testing.T) {
	p := newProgram(t, "redis_up 1\n")
	cfg := looking(t, p)
	cfg.Exporters.Probe = false
	r := start(t, cfg, nil)
	other := start(t, looking(t, p), nil) // as long as it takes another one
	waitFor(t, "another one finds it", func() bool { return other.health("redis") == collector.Up })
	other.stop()
	asked := p.requests.Load()
	if list, probing, _ := r.Exporters(); len(list) != 0 || probing {
		t.Errorf("found %+v, probing %v", list, probing)
	}
	cfg.Exporters.Probe = true
	if err := r.Apply(cfg); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "it is found once asked", func() bool { return r.health("redis") == collector.Up })
	if asked == p.requests.Load() {
		t.Error("the page was not asked for")
	}
	cfg.Exporters.Probe = false
	if err := r.Apply(cfg); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "and gone once not asked", func() bool {
		list, _, _ := r.Exporters()
		_, scraped := r.pool("redis")
		return len(list) == 0 && !scraped
	})
}

func TestOwnPortsAreNotProbed(t *testing.T) {
	own, other := newProgram(t, "redis_up 1\n"), newProgram(t, "mysql_up 1\n")
	r := prepare(t, looking(t, own, other), nil, nil)
	r.SkipPorts(own.port)
	ready := make(chan struct{})
	close(ready)
	r.run(t, ready)
	waitFor(t, "rounds", func() bool { return other.requests.Load() > 2 })
	if n := own.requests.Load(); n != 0 {
		t.Errorf("%d requests to our own port", n)
	}
}

func TestProbesAreBounded(t *testing.T) {
	elsewhere := newProgram(t, "redis_up 1\n")
	moved := newProgram(t, "")
	moved.Config.Handler = http.RedirectHandler(elsewhere.address(), http.StatusFound)
	endless := newProgram(t, "")
	endless.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; ; i++ {
			if _, err := fmt.Fprintf(w, "a_metric{n=\"%d\"} 1\n", i); err != nil {
				return
			}
		}
	})
	binary := newProgram(t, "\x00\x01{{{{\nredis_up\n%s", strings.Repeat("x", 1<<20))
	good := newProgram(t, "mysql_up 1\n")
	r := start(t, looking(t, moved, endless, binary, good), nil)
	waitFor(t, "the good one among the others", func() bool { return r.health("mysqld") == collector.Up })
	waitFor(t, "a second round", func() bool { return binary.requests.Load() > 1 })
	if list, _, _ := r.Exporters(); len(list) != 1 {
		t.Errorf("found %+v", list)
	}
	if n := elsewhere.requests.Load(); n != 0 {
		t.Errorf("a redirect was followed %d times", n)
	}
}

func TestFoundExportersHaveNarrowLimits(t *testing.T) {
	page := &strings.Builder{}
	page.WriteString("redis_up 1\n")
	for i := range 50_001 {
		fmt.Fprintf(page, "redis_key{n=\"%d\"} 1\n", i)
	}
	p := newProgram(t, "%s", page)
	r := start(t, looking(t, p), nil)
	waitFor(t, "it is refused", func() bool { return r.health("redis") == collector.Down })
	pool, _ := r.pool("redis")
	if got := pool.Targets[0].LastError; !strings.Contains(got, "limit 50,000 (limits.exporters.samples)") {
		t.Errorf("error %q", got)
	}
}
