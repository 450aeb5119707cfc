// Package series keeps the time series: Prometheus's TSDB, remote write and
// remote read behind one storage.Storage, and a feed that announces every commit.
package series

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/storage/remote"
	"github.com/prometheus/prometheus/tsdb"
)

const (
	// How long Close waits for writers to end what they began.
	writerPatience = 5 * time.Second
	// How long Close waits for a history that is still loading. Loading cannot be
	// interrupted, only left: like a kill, that loses nothing.
	loadingPatience = 5 * time.Second
	// What the TSDB says, in no other way, when its folder is taken.
	lockRefusal = "lock DB directory"
)

var (
	// ErrNotReady is returned while history is loading. It wraps the TSDB's own
	// error, which Prometheus's API answers with 503.
	ErrNotReady = fmt.Errorf("history is still loading: %w", tsdb.ErrNotReady)
	// ErrClosed is returned after Close, and answered with 503 as well.
	ErrClosed = fmt.Errorf("series storage is closed: %w", tsdb.ErrNotReady)
)

// DB is the series storage. Every method may be called at any time, from any
// goroutine: before Open has finished and after Close it answers ErrNotReady or
// ErrClosed.
type DB struct {
	sourceOf        SourceOf
	scrapeMetadata  ScrapeMetadata
	log             *slog.Logger
	reg             prometheus.Registerer
	stats           *tsdb.DBStats
	metrics         *metrics
	zeroAtStart     bool
	loadingPatience time.Duration

	opened     atomic.Pointer[opened]
	writers    gate
	feeds      feeds
	lastCommit atomic.Int64 // ms
	ready      chan struct{}

	applying sync.Mutex // one Apply at a time, and none while the storage is put together
	mu       sync.Mutex
	cfg      Config
	stage    Stage
	loaded   chan struct{} // made by Open, closed when loading has ended
	loadErr  error

	closing  sync.Once
	closeErr error
}

// opened are the parts of an open storage.
type opened struct {
	local       *tsdb.DB
	remote      *remote.Storage
	fanout      storage.Storage // local first, then remote
	startMargin time.Duration
}

// Stage says what the storage is doing.
type Stage string

// The stages, in their order.
const (
	StageNew       Stage = "not opened"
	StageBlocks    Stage = "opening blocks"
	StageReplaying Stage = "replaying the write-ahead log"
	StageReady     Stage = "ready"
	StageFailed    Stage = "failed"
	StageClosed    Stage = "closed"
)

// Progress says how far loading the history is.
type Progress struct {
	Stage Stage
	// Done and Total count the segments of the write-ahead log; both are 0 where
	// there is nothing to count.
	Done, Total int64
}

// New checks cfg and returns at once: nothing is read or written until Open.
//
// sourceOf names the targets of commits and may be nil, as may scrapeMetadata
// and reg.
func New(cfg Config, sourceOf SourceOf, scrapeMetadata ScrapeMetadata, log *slog.Logger, reg prometheus.Registerer) (*DB, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("configure series storage: %w", err)
	}
	db := &DB{
		sourceOf:       sourceOf,
		scrapeMetadata: scrapeMetadata,
		log:            log,
		reg:            reg,
		stats:          tsdb.NewDBStats(),
		zeroAtStart:    cfg.Features.StartTimestampZeroIngestion,
		ready:          make(chan struct{}),
		cfg:            cfg,
		stage:          StageNew,

		loadingPatience: loadingPatience,
	}
	db.metrics, err = newMetrics(reg, db)
	if err != nil {
		return nil, fmt.Errorf("register metrics of the series storage: %w", err)
	}
	return db, nil
}

// Open loads the history, closes Ready and returns nil when ctx is done, also
// when that is before the history has been loaded. It returns an error if the
// folder cannot be opened. It is called once.
func (db *DB) Open(ctx context.Context) error {
	loaded, err := db.startLoading()
	if err != nil {
		return err
	}
	select {
	case <-loaded:
	case <-ctx.Done():
		return nil
	}
	db.mu.Lock()
	err = db.loadErr
	db.mu.Unlock()
	if errors.Is(err, ErrClosed) && ctx.Err() != nil {
		return nil // both at once: an orderly stop
	}
	if err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func (db *DB) startLoading() (loaded <-chan struct{}, err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.stage == StageClosed {
		return nil, fmt.Errorf("open series storage: %w", ErrClosed)
	}
	if db.loaded != nil {
		return nil, errors.New("open series storage: it was opened before")
	}
	db.stage = StageBlocks
	db.loaded = make(chan struct{})
	go db.load(db.loaded)
	return db.loaded, nil
}

// load runs beside Open because the TSDB cannot be interrupted while it opens.
// Close waits for it; if that takes too long, load closes what it has opened.
func (db *DB) load(loaded chan<- struct{}) {
	defer close(loaded)
	start := time.Now()
	err := db.open()
	db.mu.Lock()
	defer db.mu.Unlock()
	db.loadErr = err
	switch {
	case errors.Is(err, ErrClosed):
	case err != nil:
		if db.stage == StageClosed {
			db.log.Warn("history could not be loaded, and is not needed any more", "err", err)
			return
		}
		db.stage = StageFailed
	default:
		db.metrics.openTime.Set(time.Since(start).Seconds())
		db.log.Info("history loaded", "path", db.cfg.Path, "duration", time.Since(start).Round(time.Millisecond))
	}
}

// open opens the TSDB, puts the storage together with the newest configuration
// and publishes it.
func (db *DB) open() error {
	db.mu.Lock()
	cfg := db.cfg
	db.mu.Unlock()
	if err := cfg.checkDisk(db.log); err != nil {
		return fmt.Errorf("open series storage: %w", err)
	}
	local, err := db.openLocal(cfg)
	if err != nil {
		if strings.Contains(err.Error(), lockRefusal) {
			err = fmt.Errorf("%w: another process, perhaps a Prometheus, uses the folder", err)
		}
		return fmt.Errorf("open series in %s: %w", cfg.Path, err)
	}
	o := &opened{local: local, startMargin: 2 * cfg.MinBlockDuration}
	o.remote = remote.NewStorage(db.log, db.reg, o.localStart, cfg.Path, cfg.RemoteFlushDeadline, db.scrapeMetadata, cfg.Features.TypeAndUnitLabels)
	o.fanout = storage.NewFanout(db.log, local, o.remote)
	local.SetWriteNotified(o.remote)

	db.applying.Lock()
	defer db.applying.Unlock()
	db.mu.Lock()
	cfg = db.cfg // may have been reloaded while history was loading
	db.mu.Unlock()
	if err := o.apply(cfg); err != nil {
		return errors.Join(err, o.fanout.Close())
	}

	db.mu.Lock()
	if db.stage != StageClosed {
		db.stage = StageReady
		db.opened.Store(o)
		close(db.ready)
		db.mu.Unlock()
		return nil
	}
	db.mu.Unlock()
	return errors.Join(ErrClosed, o.fanout.Close())
}

func (db *DB) openLocal(cfg Config) (*tsdb.DB, error) {
	if err := recoverKilled(cfg.Path, cfg.NoLockfile, db.log); err != nil {
		return nil, err
	}
	return tsdb.Open(cfg.Path, db.log, db.reg, cfg.options(db.log), db.stats)
}

// Ready is closed once the storage can be read and written.
func (db *DB) Ready() <-chan struct{} { return db.ready }

// get returns the parts of the open storage, or why there are none.
func (db *DB) get() (*opened, error) {
	if o := db.opened.Load(); o != nil {
		return o, nil
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.stage == StageClosed {
		return nil, ErrClosed
	}
	return nil, ErrNotReady
}

// LastCommit is when samples were last committed, the zero time before that.
func (db *DB) LastCommit() time.Time {
	ms := db.lastCommit.Load()
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// Progress says how far loading the history is.
func (db *DB) Progress() Progress {
	db.mu.Lock()
	p := Progress{Stage: db.stage}
	db.mu.Unlock()
	if p.Stage != StageBlocks {
		return p
	}
	wal := db.stats.Head.WALReplayStatus.GetWALReplayStatus()
	if wal.Max > wal.Min {
		p.Stage = StageReplaying
		p.Done, p.Total = int64(wal.Current-wal.Min), int64(wal.Max-wal.Min+1)
	}
	return p
}

// Apply takes over what a reload may change: retention, the out-of-order window,
// the encoding of new chunks, exemplars, remote write and remote read. While
// history is loading it is remembered. On an error that it can foresee nothing
// has changed.
func (db *DB) Apply(cfg Config) error {
	db.applying.Lock()
	defer db.applying.Unlock()
	db.mu.Lock()
	next := db.cfg
	db.mu.Unlock()
	next.File = cfg.File
	next, err := next.withDefaults()
	if err != nil {
		return fmt.Errorf("configure series storage: %w", err)
	}
	if o := db.opened.Load(); o != nil {
		if err := o.apply(next); err != nil {
			return err
		}
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.stage == StageClosed {
		return fmt.Errorf("configure series storage: %w", ErrClosed)
	}
	db.cfg = next
	return nil
}

func (o *opened) apply(cfg Config) error {
	if err := o.local.ApplyConfig(cfg.File); err != nil {
		return fmt.Errorf("configure series storage: %w", err)
	}
	if err := o.remote.ApplyConfig(cfg.File); err != nil {
		return fmt.Errorf("configure remote storage: %w", err)
	}
	return nil
}

// Close refuses new writers, waits for those that have begun, sends what remote
// endpoints still have to get, writes the snapshot of the newest samples and
// closes the files. It may be called at any time, more than once.
func (db *DB) Close() error {
	db.closing.Do(func() { db.closeErr = db.close() })
	return db.closeErr
}

func (db *DB) close() error {
	if left := db.writers.close(writerPatience); left > 0 {
		db.log.Warn("closing while writers have not ended", "writers", left, "waited", writerPatience)
	}
	db.mu.Lock()
	loaded := db.loaded
	db.stage = StageClosed
	db.mu.Unlock()
	if loaded != nil {
		timer := time.NewTimer(db.loadingPatience)
		defer timer.Stop()
		select {
		case <-loaded:
		case <-timer.C:
			db.log.Warn("stopping while history is loading; the next start loads it again", "waited", db.loadingPatience)
		}
	}
	db.applying.Lock()
	defer db.applying.Unlock()
	var err error
	if o := db.opened.Swap(nil); o != nil {
		if len(db.cfg.File.RemoteWriteConfigs) > 0 {
			o.finishReading()
		}
		if err = o.fanout.Close(); err != nil {
			err = fmt.Errorf("close series storage: %w", err)
		}
	}
	db.feeds.closeAll()
	return err
}
