package series

import (
	"context"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

var (
	_ storage.Storage               = (*DB)(nil)
	_ storage.ExemplarQueryable     = (*DB)(nil)
	_ storage.CostSamplingQueryable = (*DB)(nil)
)

// Querier reads local and remote series from mint to maxt, both inclusive, in
// milliseconds.
func (db *DB) Querier(mint, maxt int64) (storage.Querier, error) {
	o, err := db.get()
	if err != nil {
		return nil, err
	}
	return o.fanout.Querier(mint, maxt)
}

// ChunkQuerier is Querier for encoded chunks.
func (db *DB) ChunkQuerier(mint, maxt int64) (storage.ChunkQuerier, error) {
	o, err := db.get()
	if err != nil {
		return nil, err
	}
	return o.fanout.ChunkQuerier(mint, maxt)
}

// CostSamplingQueryable is what the query-cost feature samples; false while
// remote readers are configured, or nothing is open.
func (db *DB) CostSamplingQueryable() (storage.SampleAndChunkQueryable, bool) {
	o, err := db.get()
	if err != nil {
		return nil, false
	}
	source, ok := o.fanout.(storage.CostSamplingQueryable)
	if !ok {
		return nil, false
	}
	return source.CostSamplingQueryable()
}

// ExemplarQuerier reads exemplars, which are kept locally only.
func (db *DB) ExemplarQuerier(ctx context.Context) (storage.ExemplarQuerier, error) {
	o, err := db.get()
	if err != nil {
		return nil, err
	}
	return o.local.ExemplarQuerier(ctx)
}

// StartTime is the oldest time, in milliseconds, from which on there may be
// series.
func (db *DB) StartTime() (int64, error) {
	o, err := db.get()
	if err != nil {
		return 0, err
	}
	return o.fanout.StartTime()
}

// LocalQueryable reads this folder only, never a remote endpoint. The state of
// alert rules is restored from it.
func (db *DB) LocalQueryable() storage.Queryable { return localQueryable{db} }

type localQueryable struct{ db *DB }

// Querier reads local series from mint to maxt.
func (l localQueryable) Querier(mint, maxt int64) (storage.Querier, error) {
	o, err := l.db.get()
	if err != nil {
		return nil, err
	}
	return o.local.Querier(mint, maxt)
}

// CleanTombstones rewrites the blocks that hold deleted samples.
func (db *DB) CleanTombstones() error {
	o, err := db.get()
	if err != nil {
		return err
	}
	return o.local.CleanTombstones()
}

// Delete removes the samples from mint to maxt, both inclusive, of the series
// that match.
func (db *DB) Delete(ctx context.Context, mint, maxt int64, ms ...*labels.Matcher) error {
	o, err := db.get()
	if err != nil {
		return err
	}
	return o.local.Delete(ctx, mint, maxt, ms...)
}

// Snapshot writes the blocks, and withHead also the newest samples, into dir.
func (db *DB) Snapshot(dir string, withHead bool) error {
	o, err := db.get()
	if err != nil {
		return err
	}
	return o.local.Snapshot(dir, withHead)
}

// Stats counts the series of the head by metric and label, limit of each.
func (db *DB) Stats(statsByLabelName string, limit int) (*tsdb.Stats, error) {
	o, err := db.get()
	if err != nil {
		return nil, err
	}
	return o.local.Head().Stats(statsByLabelName, limit), nil
}

// WALReplayStatus says which segment of the write-ahead log is being read. It
// answers before the storage is ready.
func (db *DB) WALReplayStatus() (tsdb.WALReplayStatus, error) {
	return db.stats.Head.WALReplayStatus.GetWALReplayStatus(), nil
}

// BlockMetas describes the blocks on disk.
func (db *DB) BlockMetas() ([]tsdb.BlockMeta, error) {
	o, err := db.get()
	if err != nil {
		return nil, err
	}
	return o.local.BlockMetas(), nil
}
