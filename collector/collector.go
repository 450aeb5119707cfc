// Package collector finds targets, scrapes them and knows how they are. It
// runs Prometheus's scrape and discovery managers; its samples go into the
// storage.AppendableV2 that it is given.
//
// This machine and Daymark itself are ordinary targets, reached through
// memory. They, and the exporters found on this machine, have a scrape manager of their own: the only way to give the
// scraper a connection is one dial function for all targets of a manager, and
// that would take targets behind a Unix socket (`__unix_socket__`) away from
// the file's jobs.
package collector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/logging"
)

// Collector scrapes. It is safe for concurrent use.
type Collector struct {
	log       *slog.Logger
	host      http.Handler
	self      http.Handler
	writer    *writer
	refused   *prometheus.CounterVec
	memory    *memoryNet
	sdMetrics *discovery.SDMetrics

	file      *scrape.Manager // the file's jobs
	inProcess *scrape.Manager // this machine, Daymark, and the exporters that were found
	discovery *discovery.Manager
	stopFinds context.CancelFunc // ends discovery

	plan      atomic.Pointer[plan]
	exporters *exporters
	known     chan map[string][]*targetgroup.Group // in-process targets; holds the newest only

	first *promconfig.Config // the file of the start

	mu      sync.Mutex // one Apply at a time, and none while Run starts
	running bool
}

// New prepares a collector that writes to app. self serves Daymark's own
// metrics; it is asked only where cfg.Self is set, by whatever host and path,
// and without credentials.
//
// A job that cannot be scraped, say because its certificate is missing, is
// logged and left out, as in Prometheus: the others matter more at a start.
// Apply is stricter.
func New(cfg Config, app storage.AppendableV2, self http.Handler, log *slog.Logger, reg prometheus.Registerer) (*Collector, error) {
	p, err := newPlan(cfg)
	if p == nil {
		return nil, err
	}
	if err != nil {
		log.Error("scrape configuration has jobs that cannot be scraped", "err", err)
	}
	c := &Collector{
		first:  cfg.File,
		log:    slog.New(redactingHandler{log.Handler()}),
		host:   newMachine(log.With("part", "host")),
		self:   self,
		memory: newMemoryNet(),
		known:  make(chan map[string][]*targetgroup.Group, 1),
	}
	c.plan.Store(p)
	if c.exporters, err = newExporters(cfg.Exporters); err != nil {
		return nil, err
	}
	c.writer = newWriter(app, c.explain)
	c.refused = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "daymark_collector_refused_scrapes_total",
		Help: "Scrapes that were refused as a whole because they broke a limit.",
	}, []string{"limit"})
	if err := reg.Register(c.refused); err != nil {
		return nil, err
	}
	if c.sdMetrics, err = newDiscoveryMetrics(reg); err != nil {
		return nil, err
	}
	// The library keeps the context that its manager is made with.
	ctx, cancel := context.WithCancel(context.Background())
	c.stopFinds = cancel
	c.discovery = discovery.NewManager(ctx, c.log.With("part", "discovery"), reg, c.sdMetrics, discovery.Name("scrape"), discovery.FeatureRegistry(cfg.Features.Registry))
	if c.discovery == nil {
		cancel()
		return nil, errors.New("service discovery: its metrics are registered already")
	}
	options := cfg.Features.scrapeOptions()
	if c.file, err = scrape.NewManager(&options, c.log.With("part", "scrape"), logging.NewJSONFileLogger, nil, c.writer, reg); err != nil {
		cancel()
		return nil, fmt.Errorf("scrape manager: %w", err)
	}
	own := options
	own.FeatureRegistry = nil
	own.DiscoveryReloadInterval = model.Duration(time.Second)
	own.HTTPClientOptions = []commonconfig.HTTPClientOption{commonconfig.WithDialContextFunc(c.memory.dial)}
	// Its figures would bear the names of the other manager's.
	if c.inProcess, err = scrape.NewManager(&own, c.log.With("part", "scrape"), logging.NewJSONFileLogger, nil, c.writer, prometheus.NewRegistry()); err != nil {
		cancel()
		return nil, fmt.Errorf("scrape manager of this process: %w", err)
	}
	return c, nil
}

// scrapeOptions are the options of both scrape managers.
func (f Features) scrapeOptions() scrape.Options {
	return scrape.Options{
		PassMetadataInContext:             true, // SourceOf
		DiscoveryReloadOnStartup:          true, // or the first scrape waits 5 s
		DiscoveryReloadInterval:           model.Duration(f.DiscoveryReloadInterval),
		AppendMetadata:                    f.MetadataWALRecords,
		EnableStartTimestampZeroIngestion: f.CreatedTimestampZeroSamples,
		ParseST:                           f.CreatedTimestampZeroSamples || f.StartTimestamps,
		SynthesizeST:                      f.StartTimestampSynthesis,
		EnableTypeAndUnitLabels:           f.TypeAndUnitLabels,
		EnableOpenMetrics2:                f.OpenMetrics2,
		EnableZstdScrape:                  f.Zstd,
		FeatureRegistry:                   f.Registry,
	}
}

// Run discovers at once, scrapes as soon as ready is closed, and returns when
// ctx is done and no scrape writes any more. It can run once.
func (c *Collector) Run(ctx context.Context, ready <-chan struct{}) error {
	defer c.stopFinds()
	captureKubernetesLog(c.log.With("part", "kubernetes client"))
	stopServer := c.memory.serve(c.host, c.self, c.log)
	if err := c.start(); err != nil {
		return errors.Join(err, stopServer())
	}

	var parts sync.WaitGroup
	found := make(chan map[string][]*targetgroup.Group)
	parts.Go(func() { _ = c.discovery.Run() }) // its error is that its context is done
	parts.Go(func() { newest(c.discovery.SyncCh(), found) })
	parts.Go(func() { c.discover(ctx) })

	select {
	case <-ctx.Done():
	case <-ready:
		parts.Go(func() { _ = c.file.Run(found) }) // always nil
		parts.Go(func() { _ = c.inProcess.Run(c.known) })
		<-ctx.Done()
	}

	c.mu.Lock()
	c.running = false
	c.mu.Unlock()
	// Discovery first, so that nothing starts a scrape while the scrapes stop.
	c.stopFinds()
	c.file.Stop()
	c.inProcess.Stop()
	parts.Wait()
	c.writer.close()
	return stopServer()
}

// start hands the configuration to the managers.
func (c *Collector) start() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.hand(c.plan.Load()); err != nil {
		return err
	}
	c.running = true
	return nil
}

// Apply replaces the configuration. On an error the old one stays in force.
// A job whose certificate, credentials or log file cannot be read is an error,
// except in the configuration of the start, which may have to come back.
func (c *Collector) Apply(cfg Config) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.plan.Load()
	cfg.Features = old.config.Features
	cfg.Exporters = cfg.Exporters.after(old.config.Exporters)
	p, err := c.newPlan(cfg)
	if err != nil && (p == nil || cfg.File != c.first) {
		return err
	}
	c.plan.Store(p)
	c.exporters.again()
	if !c.running {
		return nil // Run hands it over
	}
	if err := c.hand(p); err != nil {
		c.plan.Store(old)
		return errors.Join(err, c.hand(old))
	}
	return nil
}

// hand gives p to the managers: scraping first, so that no target is found
// for a job that the scraper does not know.
func (c *Collector) hand(p *plan) error {
	if err := c.handOwn(p); err != nil {
		return err
	}
	if err := c.file.ApplyConfig(p.file); err != nil {
		return fmt.Errorf("scrape manager: %w", err)
	}
	if err := c.discovery.ApplyConfig(p.discoveries()); err != nil {
		return fmt.Errorf("service discovery: %w", err)
	}
	return nil
}

// handOwn is hand for the targets that no discovery brings: those inside this
// process, and the exporters found on this machine.
func (c *Collector) handOwn(p *plan) error {
	sets, err := p.targetGroups()
	if err != nil {
		return err
	}
	if err := c.inProcess.ApplyConfig(p.inProcess); err != nil {
		return fmt.Errorf("scrape manager of this process: %w", err)
	}
	select {
	case <-c.known: // not taken yet, and now out of date
	default:
	}
	c.known <- sets
	return nil
}

// newest passes on what comes from in, but never an old value where there is
// a newer one, until in is closed. Discovery slows down while nobody listens,
// and the scrape manager does not listen before the storage is open.
func newest[T any](in <-chan T, out chan<- T) {
	for v := range in {
		for sent := false; !sent; {
			select {
			case out <- v:
				sent = true
			case newer, ok := <-in:
				if !ok {
					return
				}
				v = newer
			}
		}
	}
}

// Get is part of scrape's ReadyManager: remote write asks it for metadata. It
// is the manager of the file's jobs; it does not know this process's own.
func (c *Collector) Get() (*scrape.Manager, error) { return c.file, nil }

// DiscoveryMetrics are the metrics that all discovery managers of one
// registry share; they can be registered once only.
func (c *Collector) DiscoveryMetrics() *discovery.SDMetrics { return c.sdMetrics }

// TargetsActive are the targets that are scraped, by scrape pool. Where the
// address of a target holds a secret, a copy without it stands for the target.
func (c *Collector) TargetsActive() map[string][]*scrape.Target {
	return c.shown(c.active())
}

// active are the scraper's own targets.
func (c *Collector) active() map[string][]*scrape.Target {
	return merged(c.file.TargetsActive(), c.inProcess.TargetsActive())
}

// TargetsDropped are the targets that relabelling dropped, by scrape pool, as
// many of them as keep_dropped_targets allows.
func (c *Collector) TargetsDropped() map[string][]*scrape.Target {
	return c.shown(merged(c.file.TargetsDropped(), c.inProcess.TargetsDropped()))
}

// TargetsDroppedCounts counts the targets that relabelling dropped, by scrape
// pool.
func (c *Collector) TargetsDroppedCounts() map[string]int {
	return merged(c.file.TargetsDroppedCounts(), c.inProcess.TargetsDroppedCounts())
}

// ScrapePools are the names of the scrape pools that have started, sorted.
func (c *Collector) ScrapePools() []string {
	pools := append(c.file.ScrapePools(), c.inProcess.ScrapePools()...)
	slices.Sort(pools)
	return pools // of no pools it is an empty list, not nil: JSON tells them apart
}

// ScrapePoolConfig is the configuration of a scrape pool as the file has it.
func (c *Collector) ScrapePoolConfig(pool string) (*promconfig.ScrapeConfig, error) {
	j, ok := c.plan.Load().jobs[pool]
	if !ok {
		return nil, fmt.Errorf("scrape pool %q not found", pool)
	}
	return j.original, nil
}

// merged adds b to a; they have no key in common.
func merged[V any](a, b map[string]V) map[string]V {
	maps.Copy(a, b)
	return a
}
