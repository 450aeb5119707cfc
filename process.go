package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/tracing"

	"daymark/storage/folder"
)

// untilSignal returns a context that SIGTERM or SIGINT ends. A second one
// ends the process at once.
func untilSignal(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(exitInterrupted)
	}()
	return ctx, func() { signal.Stop(signals); cancel() }
}

// What the process answers its caller. Usage mistakes are 2, as everywhere.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func exitCode(err error) int {
	if errors.Is(err, errUsage) {
		return exitUsage
	}
	return exitFailed
}

// newRegistry returns where the parts register their metrics, and what gathers
// them together with those that libraries keep for the whole process.
func newRegistry() (*prometheus.Registry, prometheus.Gatherer) {
	// Ours are the same collectors, and nothing may be gathered twice.
	prometheus.Unregister(collectors.NewGoCollector())
	prometheus.Unregister(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	reg := prometheus.NewRegistry()
	reg.MustRegister(
		collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsGC, collectors.MetricsScheduler)),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	b := readBuild()
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "daymark_build_info", Help: "Which Daymark runs; always 1.",
		ConstLabels: prometheus.Labels{"version": daymarkVersion, "revision": b.revision, "prometheus": b.prometheus},
	})
	info.Set(1)
	reg.MustRegister(info)
	return reg, prometheus.Gatherers{reg, prometheus.DefaultGatherer}
}

// process is what holds for the whole process: the garbage collector, the log
// level and tracing.
type process struct {
	opts     *options
	level    string // of the command line
	tracing  *tracing.Manager
	finished chan struct{}
	stop     context.CancelFunc // ends the watch on the memory
	log      *slog.Logger
}

// tune adapts the process to its container and its configuration.
func tune(opts *options, cfg Config, log *slog.Logger) (*process, error) {
	ctx, stop := context.WithCancel(context.Background())
	if opts.autoMemLimit {
		limit, err := memlimit.Set(
			memlimit.WithRatio(opts.memLimitRatio),
			memlimit.WithProvider(memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)),
			memlimit.WithRefreshInterval(ctx, time.Duration(opts.memLimitPace)),
		)
		if err != nil {
			log.Warn("GOMEMLIMIT not set", "err", err)
		}
		log.Debug("GOMEMLIMIT", "bytes", limit)
	}
	p := &process{opts: opts, level: opts.log.Level.String(), tracing: tracing.NewManager(log), finished: make(chan struct{}), stop: stop, log: log}
	if err := p.Apply(cfg); err != nil {
		stop()
		return nil, err
	}
	go func() {
		defer close(p.finished)
		p.tracing.Run()
	}()
	return p, nil
}

// Apply takes over `runtime:` and `tracing:` of the configuration file.
func (p *process) Apply(cfg Config) error {
	section := cfg.File.Runtime
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(section.GoGC)
	}
	level := p.level
	if section.LogLevel != promconfig.DefaultRuntimeConfig.LogLevel {
		level = string(section.LogLevel)
	}
	if err := p.opts.log.Level.Set(level); err != nil {
		return fmt.Errorf("runtime.log_level: %w", err)
	}
	if err := p.tracing.ApplyConfig(cfg.File); err != nil {
		return fmt.Errorf("tracing: %w", err)
	}
	return nil
}

// Close ends tracing and the watch on the memory.
func (p *process) Close() {
	p.stop()
	p.tracing.Stop()
	<-p.finished
}

// watchFiles reloads when a file of the configuration has changed, where that
// is asked for, until ctx is done.
func (r *reloader) watchFiles(ctx context.Context, opts *options) error {
	if opts.configFile == "" || !opts.autoReload && !opts.features.autoReload {
		return nil
	}
	return r.watch(ctx, time.Duration(opts.autoReloadInterval), r.checksum)
}

// hangups takes SIGHUP, which would end the process otherwise. One that comes
// before the parts run waits for them.
func hangups() (<-chan os.Signal, func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	return signals, func() { signal.Stop(signals) }
}

// listen reloads at every signal until ctx is done.
func (r *reloader) listen(ctx context.Context, signals <-chan os.Signal) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-signals:
			_ = r.Reload(ctx) // logs, and tells the pages, what came of it
		}
	}
}

// checksum changes when a file of the configuration does.
func (r *reloader) checksum() (string, error) {
	setup := r.Setup()
	sum, err := promconfig.GenerateChecksum(setup.ConfigFile)
	if err != nil || setup.AlertmanagerFile == "" {
		return sum, err
	}
	content, err := os.ReadFile(setup.AlertmanagerFile)
	if err != nil {
		return "", fmt.Errorf("alertmanager configuration: %w", err)
	}
	return fmt.Sprintf("%s %x", sum, sha256.Sum256(content)), nil
}

// file is the Prometheus part of the configuration in force.
func (r *reloader) file() *promconfig.Config { return r.Current().File }

// reread loads and checks a candidate for a reload.
func reread(opts *options, on registry, data *folder.Folder, log *slog.Logger) (Config, error) {
	cfg, err := load(opts, on, log)
	if err != nil {
		return Config{}, err
	}
	cfg.place(data)
	return cfg, cfg.validateAll(log)
}
