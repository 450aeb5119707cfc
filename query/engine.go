// Package query evaluates PromQL: Prometheus's engine with Daymark's limits,
// typed errors and the fixed ladder of steps.
package query

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
	"github.com/prometheus/prometheus/util/features"
	"github.com/prometheus/prometheus/util/logging"
)

// Config says how queries are evaluated. The zero value of a field stands for
// Prometheus's default where one is named. Only File is read again by Apply;
// the rest holds as long as the Engine.
type Config struct {
	// Timeout ends a query; 0 is two minutes.
	Timeout time.Duration
	// LookbackDelta is how long the newest sample of a series stands for it; 0 is five minutes.
	LookbackDelta time.Duration
	// MaxConcurrency is how many queries run at once, the others wait; 0 is 20.
	MaxConcurrency int
	// MaxSamples is how many samples one query may hold in memory; 0 is 50 million.
	MaxSamples int
	// Parser switches language features on.
	Parser parser.Options

	PerStepStats       bool // promql-per-step-stats
	DelayedNameRemoval bool // promql-delayed-name-removal
	TypeAndUnitLabels  bool // type-and-unit-labels
	UseStartTimestamps bool // use-start-timestamps
	QueryCost          bool // query-cost: the limits of the file's global section are enforced

	// ActiveQueryPath is a folder for the file that names the running queries, so
	// that a start after a crash can tell which they were; empty keeps none.
	ActiveQueryPath string
	// File is the configuration file: its query_log_file, evaluation_interval
	// (the default step of subqueries) and query limits are read. It is never
	// changed; nil stands for an empty file.
	File *promconfig.Config
	// FeatureRegistry, where set, is told which features are on, for /api/v1/features.
	FeatureRegistry features.Collector
}

// Engine evaluates PromQL over one storage. It is safe for concurrent use.
//
// It also is a promql.QueryEngine, so that Prometheus's HTTP API and rule
// manager run their queries through the same limits and query log.
type Engine struct {
	promql    *promql.Engine
	parser    parser.Parser
	queryable storage.Queryable
	lookback  time.Duration
	cost      bool
	// subqueryStepMs is the default step of subqueries, in milliseconds.
	subqueryStepMs atomic.Int64
}

var (
	_ promql.QueryEngine       = (*Engine)(nil)
	_ promql.QuerySlotAcquirer = (*Engine)(nil)
)

// New returns an Engine that reads from q. It opens the file of active queries
// and the query log; Close them with Close.
func New(cfg Config, q storage.Queryable, log *slog.Logger, reg prometheus.Registerer) (*Engine, error) {
	if cfg.Timeout == 0 {
		cfg.Timeout = 2 * time.Minute
	}
	if cfg.LookbackDelta == 0 {
		cfg.LookbackDelta = 5 * time.Minute
	}
	if cfg.MaxConcurrency == 0 {
		cfg.MaxConcurrency = 20
	}
	if cfg.MaxSamples == 0 {
		cfg.MaxSamples = 50_000_000
	}
	switch {
	case cfg.Timeout < 0:
		return nil, fmt.Errorf("query timeout %s is negative", cfg.Timeout)
	case cfg.LookbackDelta < 0:
		return nil, fmt.Errorf("query lookback delta %s is negative", cfg.LookbackDelta)
	case cfg.MaxConcurrency < 0:
		return nil, fmt.Errorf("query concurrency %d is negative", cfg.MaxConcurrency)
	case cfg.MaxSamples < 0:
		return nil, fmt.Errorf("query sample limit %d is negative", cfg.MaxSamples)
	}

	tracker, err := newTracker(cfg, log)
	if err != nil {
		return nil, fmt.Errorf("file of active queries in %s: %w", cfg.ActiveQueryPath, err)
	}
	e := &Engine{
		parser:    boundedParser{parser.NewParser(cfg.Parser)},
		queryable: q,
		lookback:  cfg.LookbackDelta,
		cost:      cfg.QueryCost,
	}
	e.promql = promql.NewEngine(promql.EngineOpts{
		Logger:                   log,
		Reg:                      reg,
		MaxSamples:               cfg.MaxSamples,
		Timeout:                  cfg.Timeout,
		ActiveQueryTracker:       tracker,
		LookbackDelta:            cfg.LookbackDelta,
		NoStepSubqueryIntervalFn: func(int64) int64 { return e.subqueryStepMs.Load() },
		EnableAtModifier:         true,
		EnableNegativeOffset:     true,
		EnablePerStepStats:       cfg.PerStepStats,
		EnableDelayedNameRemoval: cfg.DelayedNameRemoval,
		EnableTypeAndUnitLabels:  cfg.TypeAndUnitLabels,
		UseStartTimestamps:       cfg.UseStartTimestamps,
		EnableQueryCost:          cfg.QueryCost,
		FeatureRegistry:          cfg.FeatureRegistry,
		Parser:                   e.parser,
	})
	if err := e.Apply(cfg); err != nil {
		return nil, errors.Join(err, e.promql.Close())
	}
	return e, nil
}

// Apply takes the query log file, the default step of subqueries and the query
// limits from cfg.File. The log file is opened anew even where its name stays,
// so that it can be rotated. On error the old settings stay.
func (e *Engine) Apply(cfg Config) error {
	global := promconfig.DefaultGlobalConfig
	if cfg.File != nil {
		global = cfg.File.GlobalConfig
	}
	if global.EvaluationInterval <= 0 {
		global.EvaluationInterval = promconfig.DefaultGlobalConfig.EvaluationInterval
	}
	if global.QueryLogFile == "" {
		e.promql.SetQueryLogger(nil)
	} else {
		logger, err := logging.NewJSONFileLogger(global.QueryLogFile)
		if err != nil {
			return fmt.Errorf("query log file %s: %w", global.QueryLogFile, err)
		}
		e.promql.SetQueryLogger(logger)
	}
	e.subqueryStepMs.Store(time.Duration(global.EvaluationInterval).Milliseconds())
	if e.cost {
		e.promql.SetQueryLimits(global.QueryMaxSeries, global.QueryMaxSamplesRead, time.Duration(global.QueryMaxDuration))
	}
	return nil
}

// Close closes the query log and the file of active queries. No query may run
// any more.
func (e *Engine) Close() error {
	e.promql.SetQueryLogger(nil)
	return e.promql.Close()
}

// Parser returns the parser that the engine reads expressions with.
func (e *Engine) Parser() parser.Parser { return e.parser }

// LookbackDelta returns how long the newest sample of a series stands for it.
func (e *Engine) LookbackDelta() time.Duration { return e.lookback }

// Queryable returns the storage that Instant and Range read.
func (e *Engine) Queryable() storage.Queryable { return e.queryable }

// NewInstantQuery implements promql.QueryEngine.
func (e *Engine) NewInstantQuery(ctx context.Context, q storage.Queryable, opts promql.QueryOpts, qs string, ts time.Time) (promql.Query, error) {
	return e.promql.NewInstantQuery(ctx, q, opts, qs, ts)
}

// NewRangeQuery implements promql.QueryEngine.
func (e *Engine) NewRangeQuery(ctx context.Context, q storage.Queryable, opts promql.QueryOpts, qs string, start, end time.Time, interval time.Duration) (promql.Query, error) {
	return e.promql.NewRangeQuery(ctx, q, opts, qs, start, end, interval)
}

// AcquireQuerySlot implements promql.QuerySlotAcquirer.
func (e *Engine) AcquireQuerySlot(ctx context.Context, qs string) (func(), error) {
	return e.promql.AcquireQuerySlot(ctx, qs)
}

// Instant evaluates r.Expr at r.Time. The caller owns the result. Errors are
// *Error; that of a cancelled ctx also is ctx.Err().
func (e *Engine) Instant(ctx context.Context, r InstantRequest) (Result, error) {
	q, err := e.promql.NewInstantQuery(ctx, e.queryable, nil, r.Expr, r.Time)
	if err != nil {
		return Result{}, e.refusal(r.Expr, err)
	}
	return e.exec(ctx, q)
}

// Range evaluates r.Expr at every step from r.Start to r.End, both inclusive.
//
// The matrix is sorted by labels; each series has at most (End-Start)/Step + 1
// points. A gap longer than the lookback is absent, not NaN. The caller owns
// the result. Errors are *Error; that of a cancelled ctx also is ctx.Err().
func (e *Engine) Range(ctx context.Context, r RangeRequest) (Result, error) {
	if err := r.Validate(); err != nil {
		return Result{}, err
	}
	q, err := e.promql.NewRangeQuery(ctx, e.queryable, nil, r.Expr, r.Start, r.End, r.Step)
	if err != nil {
		return Result{}, e.refusal(r.Expr, err)
	}
	return e.exec(ctx, q)
}

// exec runs q. It does not close it: Close would hand the points of the result,
// which the caller owns, to the next query.
func (e *Engine) exec(ctx context.Context, q promql.Query) (Result, error) {
	res := q.Exec(ctx)
	if res.Err != nil {
		return Result{}, failure(res.Err)
	}
	out := Result{Value: res.Value}
	out.Matrix, _ = res.Value.(promql.Matrix)
	out.Warnings, out.Infos = texts(res.Warnings, q.String())
	return out, nil
}

// texts renders annotations in a stable order, at most ten of each kind.
func texts(a annotations.Annotations, expr string) (warnings, infos []string) {
	if len(a) == 0 {
		return nil, nil
	}
	warnings, infos = a.AsStrings(expr, 0, 0)
	return firstTen(warnings, "warning"), firstTen(infos, "info")
}

func firstTen(list []string, kind string) []string {
	slices.Sort(list)
	if more := len(list) - 10; more > 0 {
		list = append(list[:10], fmt.Sprintf("%d more %s annotations omitted", more, kind))
	}
	return list
}

// newTracker bounds how many queries run at once, and notes them in a file
// where cfg names a folder for it.
func newTracker(cfg Config, log *slog.Logger) (promql.QueryTracker, error) {
	if cfg.ActiveQueryPath != "" {
		return promql.NewActiveQueryTracker(cfg.ActiveQueryPath, cfg.MaxConcurrency, log)
	}
	return slots(make(chan struct{}, cfg.MaxConcurrency)), nil
}

// slots is a promql.QueryTracker that only bounds concurrency.
type slots chan struct{}

func (s slots) GetMaxConcurrent() int { return cap(s) }
func (s slots) Delete(int)            { <-s }
func (s slots) Close() error          { return nil }

func (s slots) Insert(ctx context.Context, _ string) (int, error) {
	select {
	case s <- struct{}{}:
		return 0, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
