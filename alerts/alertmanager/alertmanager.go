// Package alertmanager decides who is told about which alert, and tells them:
// Alertmanager's routing, grouping, inhibition, silences, time intervals,
// templates, receivers and API, in this process and without a network between
// the rules and it.
package alertmanager

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/alertmanager/api"
	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/eventrecorder"
	"github.com/prometheus/alertmanager/featurecontrol"
	"github.com/prometheus/alertmanager/marker"
	"github.com/prometheus/alertmanager/nflog"
	"github.com/prometheus/alertmanager/notify"
	"github.com/prometheus/alertmanager/provider/mem"
	"github.com/prometheus/alertmanager/silence"
	"github.com/prometheus/alertmanager/tracing"
	"github.com/prometheus/client_golang/prometheus"

	"daymark/storage/sqlite"
)

// drainPatience is how long a reload or a stop waits for notifications that
// are on their way: long enough for a healthy receiver, short enough for a
// person who waits.
const drainPatience = 3 * time.Second

// Alertmanager routes alerts to receivers. Its methods may be called from
// several goroutines, before Run as well.
type Alertmanager struct {
	log        *slog.Logger
	reg        prometheus.Registerer
	cfg        Config
	deliveries *deliveries
	incoming   *intake
	silences   *silence.Silences
	nflog      *nflog.Log
	onDisk     struct{ silences, nflog *snapshot }

	current atomic.Pointer[candidate] // what Config and BuiltIn tell
	handler atomic.Pointer[http.Handler]
	running atomic.Pointer[parts]
	trials  trials

	mu sync.Mutex // one start, reload or stop at a time
}

// parts are what lives from the start of Run to its end.
type parts struct {
	log           *slog.Logger
	alerts        *mem.Alerts
	api           *api.API
	silencer      *silence.Silencer
	groups        marker.GroupMarker
	notifications notify.NotificationLog
	pipelines     *notify.PipelineBuilder
	dispatching   *dispatch.DispatcherMetrics
	metrics       *metrics
	inFlight      *inFlight
	tracing       *tracing.Manager
	goroutines    sync.WaitGroup
	traced        sync.Once

	routing atomic.Pointer[routing]
}

// New reads the silences, the notification log and the deliveries, and builds
// everything that cfg asks for; nothing runs before Run.
//
// A folder that cannot be read is an error, and so is whatever is wrong with
// the configuration. db must stay open until Run has returned.
func New(cfg Config, db *sqlite.DB, log *slog.Logger, reg prometheus.Registerer) (*Alertmanager, error) {
	cfg = cfg.withDefaults()
	initLibrary()
	record, err := newDeliveries(db, cfg.Retention, log)
	if err != nil {
		return nil, err
	}
	a := &Alertmanager{log: log, reg: reg, cfg: cfg, deliveries: record, incoming: newIntake(&kept{db: db}, log, reg)}
	first, err := prepare(cfg, record, log)
	if err != nil {
		return nil, err
	}
	a.current.Store(first)
	if err := os.MkdirAll(cfg.DataPath, 0o700); err != nil {
		return nil, fmt.Errorf("folder of the silences: %w", err)
	}
	silencesPath, nflogPath := filepath.Join(cfg.DataPath, "silences"), filepath.Join(cfg.DataPath, "nflog")
	a.silences, err = silence.New(silence.Options{
		SnapshotFile: silencesPath, Retention: cfg.Retention, Logger: log, Metrics: reg,
	})
	if err != nil {
		return nil, fmt.Errorf("read silences from %s: %w", silencesPath, err)
	}
	a.nflog, err = nflog.New(nflog.Options{
		SnapshotFile: nflogPath, Retention: cfg.Retention, Logger: log, Metrics: reg,
	})
	if err != nil {
		return nil, fmt.Errorf("read notification log from %s: %w", nflogPath, err)
	}
	a.onDisk.silences = &snapshot{path: silencesPath, write: a.silences.Snapshot}
	a.onDisk.nflog = &snapshot{path: nflogPath, write: a.nflog.Snapshot}
	return a, nil
}

// Run routes alerts and notifies until ctx is done. Before it returns,
// notifications on their way have arrived or been given up, and the silences
// and the notification log are on disk. It runs once.
func (a *Alertmanager) Run(ctx context.Context) error {
	saver := newSaver(a.onDisk.nflog, a.log)
	p, err := a.start(saver)
	if err != nil {
		return err
	}
	var helpers sync.WaitGroup
	stopping := make(chan struct{})
	helpers.Go(func() { a.silences.Maintenance(a.cfg.MaintenanceInterval, "", stopping, a.keepSilences) })
	helpers.Go(func() { a.nflog.Maintenance(a.cfg.MaintenanceInterval, "", stopping, a.keepNotifications) })
	helpers.Go(func() { a.incoming.deliver(stopping, p.alerts) })
	helpers.Go(func() { saver.run(stopping) })

	<-ctx.Done()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.incoming.close()
	close(stopping)
	helpers.Wait()
	p.stop()
	a.handler.Store(nil)
	a.running.Store(nil)
	return a.saveAll()
}

// start builds the parts and sets them going with the newest configuration.
func (a *Alertmanager) start(saver *saver) (*parts, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	nop, flags := eventrecorder.NopRecorder(), featurecontrol.NoopFlags{}
	p := &parts{
		log:           a.log,
		silencer:      silence.NewSilencer(a.silences, a.log, nop),
		groups:        marker.NewGroupMarker(),
		notifications: notificationLog{inner: a.nflog, changed: saver.changed},
		pipelines:     notify.NewPipelineBuilder(a.reg, flags, nop),
		dispatching:   dispatch.NewDispatcherMetrics(false, a.reg, flags),
		metrics:       newMetrics(a.reg),
		inFlight:      newInFlight(),
		tracing:       tracing.NewManager(a.log),
	}
	var err error
	// The alerts outlive the context of Run: they are closed last.
	p.alerts, err = mem.NewAlerts(context.Background(), a.cfg.AlertGCInterval, 0, forgetting{p.silencer, a.incoming}, a.log, nop, a.reg, flags)
	if err != nil {
		return nil, fmt.Errorf("alerts in memory: %w", err)
	}
	p.api, err = api.New(api.Options{
		Alerts:          p.alerts,
		Silences:        a.silences,
		GroupMutedFunc:  p.groups.Muted,
		GroupFunc:       p.alertGroups,
		Logger:          a.log,
		Registry:        a.reg,
		RequestDuration: p.metrics.requestDuration,
	})
	if err != nil {
		p.alerts.Close()
		return nil, fmt.Errorf("api: %w", err)
	}
	before, err := a.incoming.kept.load(context.Background(), time.Now())
	if err == nil {
		err = p.alerts.Put(context.Background(), before...)
	}
	if err != nil {
		p.alerts.Close()
		return nil, fmt.Errorf("alerts of the time before: %w", err)
	}
	first := a.current.Load()
	if err := p.trace(first); err != nil {
		p.alerts.Close()
		return nil, err
	}
	p.swap(first)
	a.running.Store(p)
	handler := a.serve(p)
	a.handler.Store(&handler)
	return p, nil
}

// stop ends what start began. Notifications on their way get drainPatience to
// arrive.
func (p *parts) stop() {
	r := p.routing.Load()
	r.inhibitor.Stop()
	r.dispatcher.Stop()
	p.inFlight.close(drainPatience)
	p.alerts.Close()
	p.traced.Do(func() {}) // nothing starts from here on
	p.tracing.Stop()
	p.goroutines.Wait()
}

// trace switches tracing as the configuration says; it is the last step that
// can fail. Tracing belongs to the process, so it is touched only by those who
// ask for it.
func (p *parts) trace(next *candidate) error {
	if err := p.tracing.ApplyConfig(next.conf.TracingConfig); err != nil {
		return fmt.Errorf("tracing: %w", err)
	}
	if next.conf.TracingConfig.Endpoint != "" {
		p.traced.Do(func() { p.goroutines.Go(p.tracing.Run) })
	}
	return nil
}

// Apply switches to another configuration. On an error the one before stays,
// whole: everything that can fail is done before the running dispatcher is
// touched. DataPath, Retention and the intervals keep the values given to New.
func (a *Alertmanager) Apply(cfg Config) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	cfg.Retention = a.cfg.Retention
	p := a.running.Load()
	next, err := prepare(cfg, a.deliveries, a.log)
	if err == nil && p != nil {
		err = p.trace(next)
	}
	if err != nil {
		if p != nil {
			p.metrics.reloaded.Set(0)
		}
		return err
	}
	if p != nil {
		p.swap(next)
	}
	a.current.Store(next)
	return nil
}

// BuiltIn says whether the built-in route is in use: without a configuration
// pages are shown and reach nobody.
func (a *Alertmanager) BuiltIn() bool { return a.current.Load().builtIn }

// Config returns the configuration in use, the built-in one included. It is
// shared; nobody may change it.
func (a *Alertmanager) Config() *amconfig.Config { return a.current.Load().conf }

// ConfigFile returns where the configuration in use comes from; "" without one.
func (a *Alertmanager) ConfigFile() string { return a.current.Load().path }

// Original returns the configuration in use as YAML, without its secrets.
func (a *Alertmanager) Original() string { return a.current.Load().conf.String() }
