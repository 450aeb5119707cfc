// Package ruler evaluates recording and alert rules through Prometheus's rules
// package and hands the alerts on: to the routing of this process, and to the
// Alertmanagers outside that the configuration names.
package ruler

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/notifier"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/util/features"

	"daymark/alerts"
	"daymark/query"
	"daymark/storage/series"
	"daymark/storage/sqlite"
)

// Config says which rules run and whom they tell. Durations of 0 mean 0;
// DefaultConfig has the ones that Prometheus's flags default to.
type Config struct {
	// File gives evaluation interval and query offset, external labels and
	// `alerting:`. It is shared and not changed.
	File *promconfig.Config
	// Files are the rule files, with their globs already expanded.
	Files []string
	// Packs holds rule files that come with the program, at its top level. Their
	// groups appear with the file "builtin:NAME", as long as one of the metrics
	// that the file says it needs exists and nobody has switched it off.
	Packs fs.FS
	// PacksOff keeps all of them from running.
	PacksOff bool
	// ExternalURL is under which people reach Daymark; links in alerts begin with it.
	ExternalURL *url.URL

	OutageTolerance time.Duration // how old the state of a pending alert may be to be restored
	ForGracePeriod  time.Duration // how long a restored alert stays pending at least; rules with a shorter `for` start anew
	ResendDelay     time.Duration // the shortest time between two reports of the same firing alert

	MaxConcurrentEvals int64 // independent rules of a group that run at once, with ConcurrentEvals
	ConcurrentEvals    bool

	NotifierQueue int  // alerts that may wait for an external Alertmanager
	NotifierBatch int  // alerts in one request to it
	NotifierDrain bool // send the waiting ones before stopping

	// Parser switches language features on for Validate; New and Apply parse as
	// the engine does.
	Parser parser.Options

	// Database remembers which packs are switched off; nil remembers nothing. It
	// must stay open until Run has returned.
	Database *sqlite.DB
	// DiscoveryMetrics are those of the collector, which share their names with
	// ours; nil makes new ones.
	DiscoveryMetrics *discovery.SDMetrics
	// FeatureRegistry, where set, is told which features are on, for /api/v1/features.
	FeatureRegistry features.Collector
}

// DefaultConfig returns what Prometheus's flags default to.
func DefaultConfig() Config {
	return Config{
		OutageTolerance:    time.Hour,
		ForGracePeriod:     10 * time.Minute,
		ResendDelay:        time.Minute,
		MaxConcurrentEvals: 4,
		NotifierQueue:      10_000,
		NotifierBatch:      notifier.DefaultMaxBatchSize,
		NotifierDrain:      true,
	}
}

// stopPatience is how long a rule that is being evaluated may go on once the
// program stops, and then how long external Alertmanagers may take for what
// waits for them.
const stopPatience = 2 * time.Second

// Send takes alerts that fire or have resolved. It must not block.
type Send func(ctx context.Context, list []alerts.Alert)

// Ruler evaluates rule groups. Its methods may be called from several
// goroutines, before Run as well.
type Ruler struct {
	log      *slog.Logger
	manager  *rules.Manager
	external *external
	loader   *loader
	packs    *packs
	db       *series.DB
	send     Send
	cancel   context.CancelFunc // ends evaluations

	outgoing atomic.Pointer[outgoing]

	mu      sync.Mutex // one start, reload or stop at a time
	cfg     Config
	running bool
}

// New reads and checks the rules of cfg; nothing is evaluated before Run. The
// engine evaluates over db; recorded series are written to db.
//
// All mistakes in rule files are returned together, one line each.
func New(cfg Config, engine *query.Engine, db *series.DB, send Send, log *slog.Logger, reg prometheus.Registerer) (*Ruler, error) {
	set, err := load(cfg, engine.Parser(), log)
	if err != nil {
		return nil, err
	}
	switches, err := newPacks(cfg.Database)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(series.WithSource(context.Background(), "rule"))
	r := &Ruler{log: log, loader: &loader{parser: engine.Parser()}, packs: switches, db: db, send: send, cancel: cancel, cfg: cfg}
	r.loader.set.Store(set)
	r.outgoing.Store(newOutgoing(cfg))
	if r.external, err = newExternal(ctx, cfg, log, reg); err != nil {
		cancel()
		return nil, fmt.Errorf("external alertmanagers: %w", err)
	}
	r.manager = rules.NewManager(&rules.ManagerOptions{
		NameValidationScheme:   cfg.scheme(),
		ExternalURL:            cfg.ExternalURL,
		QueryFunc:              rules.EngineQueryFunc(engine, db),
		NotifyFunc:             r.notify,
		Context:                ctx,
		AppendableV2:           db,
		Queryable:              db.LocalQueryable(),
		Logger:                 log,
		Registerer:             reg,
		OutageTolerance:        cfg.OutageTolerance,
		ForGracePeriod:         cfg.ForGracePeriod,
		ResendDelay:            cfg.ResendDelay,
		GroupLoader:            r.loader,
		DefaultRuleQueryOffset: func() time.Duration { return r.outgoing.Load().queryOffset },
		MaxConcurrentEvals:     max(cfg.MaxConcurrentEvals, 1),
		ConcurrentEvalsEnabled: cfg.ConcurrentEvals,
		FeatureRegistry:        cfg.FeatureRegistry,
		Parser:                 engine.Parser(),
	})
	return r, nil
}

// Run evaluates rules from the moment that ready is closed, when their history
// can be read, until ctx is done. It runs once.
func (r *Ruler) Run(ctx context.Context, ready <-chan struct{}) error {
	defer r.cancel()
	var parts, watching sync.WaitGroup
	r.mu.Lock()
	err := r.external.start(r.cfg.File, &parts)
	if err == nil {
		err = r.update()
	}
	r.running = err == nil
	r.mu.Unlock()

	if err == nil {
		select {
		case <-ready:
			watching.Go(func() { r.watchPacks(ctx, r.db) })
		case <-ctx.Done():
		}
		parts.Go(r.manager.Run)
		<-ctx.Done()
	}

	watching.Wait() // it takes the lock, too
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running = false
	r.stopRules(err == nil)
	r.external.stop() // after the rules: their last alerts are still sent
	r.cancel()
	defer r.external.giveUp()
	impatient := time.AfterFunc(stopPatience, r.external.giveUp)
	defer impatient.Stop()
	parts.Wait()
	return err
}

// stopRules waits for the evaluations under way, with little patience.
func (r *Ruler) stopRules(started bool) {
	if !started {
		return
	}
	impatient := time.AfterFunc(stopPatience, r.cancel)
	defer impatient.Stop()
	r.manager.Stop()
}

// Apply switches to other rules and another `alerting:` section. On an error
// everything stays as it was: all of it is checked first. Groups that are
// unchanged keep their state, and so do unchanged rules of changed groups.
//
// OutageTolerance and the fields after it keep the values given to New.
func (r *Ruler) Apply(cfg Config) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	set, err := load(cfg, r.loader.parser, r.log)
	if err != nil {
		return err
	}
	if err := checkExternal(cfg.File); err != nil {
		return err
	}
	if r.running {
		if err := r.external.apply(cfg.File); err != nil {
			return fmt.Errorf("external alertmanagers: %w", err)
		}
	}
	r.cfg = cfg
	r.loader.set.Store(set)
	r.outgoing.Store(newOutgoing(cfg))
	if !r.running {
		return nil
	}
	return r.update()
}

// update gives the manager the rules that load has checked.
func (r *Ruler) update() error {
	out := r.outgoing.Load()
	interval := time.Duration(r.cfg.File.GlobalConfig.EvaluationInterval)
	files := slices.Concat(r.loader.set.Load().names, activeFiles(r.listPacks()))
	if err := r.manager.Update(interval, files, out.labels, out.externalURL, evaluate); err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	return nil
}

// evaluate runs one iteration of a group; what it records is announced as
// coming from it. Groups keep this function over reloads, so it holds nothing.
func evaluate(ctx context.Context, g *rules.Group, at time.Time) {
	rules.DefaultEvalIterationFunc(series.WithSource(ctx, "rule:"+g.Name()), g, at)
}

// scheme says which names are valid.
func (c Config) scheme() model.ValidationScheme {
	if c.File != nil && c.File.GlobalConfig.MetricNameValidationScheme != model.UnsetValidation {
		return c.File.GlobalConfig.MetricNameValidationScheme
	}
	return model.UTF8Validation
}

// linkBase is what relative links are put after.
func linkBase(u *url.URL) string {
	if u == nil {
		return ""
	}
	return strings.TrimRight(u.String(), "/")
}

// RuleGroups returns the groups, sorted by file and name.
func (r *Ruler) RuleGroups() []*rules.Group { return r.manager.RuleGroups() }

// AlertingRules returns the alert rules of all groups.
func (r *Ruler) AlertingRules() []*rules.AlertingRule { return r.manager.AlertingRules() }

// Alertmanagers returns the addresses of the external Alertmanagers that get
// alerts.
func (r *Ruler) Alertmanagers() []*url.URL { return r.external.notifier.Alertmanagers() }

// DroppedAlertmanagers returns those that relabelling has taken out.
func (r *Ruler) DroppedAlertmanagers() []*url.URL { return r.external.notifier.DroppedAlertmanagers() }
