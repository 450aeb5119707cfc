package series_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"
	v1 "github.com/prometheus/prometheus/web/api/v1"

	"daymark/storage/series"
)

var (
	_ storage.Storage           = (*series.DB)(nil)
	_ storage.ExemplarQueryable = (*series.DB)(nil)
	_ v1.TSDBAdminStats         = (*series.DB)(nil)
)

func TestEverythingIsThereAfterReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "series")
	db, stop := open(t, series.Config{Path: path})

	app := db.AppenderV2(t.Context())
	h, fh := tsdbutil.GenerateTestHistogram(3), tsdbutil.GenerateTestFloatHistogram(4)
	traced := []exemplar.Exemplar{{Labels: labels.FromStrings("trace_id", "4bf92f"), Value: 0.3, Ts: base, HasTs: true}}
	for _, err := range []error{
		appendErr(app.Append(0, labels.FromStrings("__name__", "x"), 0, base, 1.5, nil, nil, storage.AOptions{Exemplars: traced})),
		appendErr(app.Append(0, labels.FromStrings("__name__", "h"), 0, base, 0, h, nil, storage.AOptions{})),
		appendErr(app.Append(0, labels.FromStrings("__name__", "fh"), 0, base, 0, nil, fh, storage.AOptions{})),
		app.Commit(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	check := func(db *series.DB) {
		t.Helper()
		expect(t, db, "x", point{base, 1.5})
		if got := histogramOf(t, db, "h"); got.Count != float64(h.Count) || got.Sum != h.Sum {
			t.Errorf("native histogram: count %v, sum %v, want %v, %v", got.Count, got.Sum, h.Count, h.Sum)
		}
		if got := histogramOf(t, db, "fh"); got.Count != fh.Count || got.Sum != fh.Sum {
			t.Errorf("native float histogram: count %v, sum %v, want %v, %v", got.Count, got.Sum, fh.Count, fh.Sum)
		}
		eq, err := db.ExemplarQuerier(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		found, err := eq.Select(base-1, base+1, []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, "__name__", "x")})
		if err != nil || len(found) != 1 || len(found[0].Exemplars) != 1 || found[0].Exemplars[0].Value != 0.3 {
			t.Errorf("exemplars: %v, %v", found, err)
		}
	}
	check(db)
	stop()

	if snapshots, err := filepath.Glob(filepath.Join(path, "chunk_snapshot.*")); err != nil || len(snapshots) != 1 {
		t.Errorf("snapshots of the memory after closing: %q, %v, want one", snapshots, err)
	}
	db, _ = open(t, series.Config{Path: path})
	check(db)
}

func appendErr(_ storage.SeriesRef, err error) error { return err }

func TestEverythingAnswersNotReadyWhileLoadingAndAfterClosing(t *testing.T) {
	db := newDB(t, series.Config{})
	refusals := func() map[string]error {
		_, querier := db.Querier(0, 1)
		_, chunks := db.ChunkQuerier(0, 1)
		_, local := db.LocalQueryable().Querier(0, 1)
		_, exemplars := db.ExemplarQuerier(t.Context())
		_, startTime := db.StartTime()
		_, stats := db.Stats("job", 10)
		_, blocks := db.BlockMetas()
		v2, v1 := db.AppenderV2(t.Context()), db.Appender(t.Context())
		_, appendV2 := v2.Append(0, labels.EmptyLabels(), 0, 1, 1, nil, nil, storage.AOptions{})
		_, appendExemplars := v2.(storage.ExemplarAppenderV2).AppendExemplars(0, labels.EmptyLabels(), nil)
		_, appendV1 := v1.Append(0, labels.EmptyLabels(), 1, 1)
		return map[string]error{
			"Querier": querier, "ChunkQuerier": chunks, "LocalQueryable": local, "ExemplarQuerier": exemplars,
			"StartTime": startTime, "Stats": stats, "BlockMetas": blocks, "CleanTombstones": db.CleanTombstones(),
			"Delete": db.Delete(t.Context(), 0, 1), "Snapshot": db.Snapshot(t.TempDir(), true),
			"AppenderV2.Append": appendV2, "AppendExemplars": appendExemplars, "AppenderV2.Commit": v2.Commit(),
			"Appender.Append": appendV1, "Appender.Commit": v1.Commit(),
		}
	}
	for what, err := range refusals() {
		if !errors.Is(err, series.ErrNotReady) || !errors.Is(err, tsdb.ErrNotReady) {
			t.Errorf("%s before Open gave %v, want ErrNotReady", what, err)
		}
	}
	if _, err := db.WALReplayStatus(); err != nil {
		t.Errorf("WALReplayStatus before Open: %v", err)
	}
	if p := db.Progress(); p.Stage != series.StageNew {
		t.Errorf("stage %q before Open", p.Stage)
	}
	stop := start(t, db)
	for what, err := range refusals() {
		if errors.Is(err, tsdb.ErrNotReady) {
			t.Errorf("%s when ready gave %v", what, err)
		}
	}
	if p := db.Progress(); p.Stage != series.StageReady {
		t.Errorf("stage %q when ready", p.Stage)
	}
	stop()
	for what, err := range refusals() {
		if !errors.Is(err, series.ErrClosed) || !errors.Is(err, tsdb.ErrNotReady) {
			t.Errorf("%s after Close gave %v, want ErrClosed", what, err)
		}
	}
	if p := db.Progress(); p.Stage != series.StageClosed {
		t.Errorf("stage %q after Close", p.Stage)
	}
}

func TestEncodingOfFloatChunks(t *testing.T) {
	xor := parse(t, "storage: {tsdb: {chunk_encoding: {floats: xor}}}")
	xor2 := parse(t, "storage: {tsdb: {chunk_encoding: {floats: xor2}}}")
	tests := map[string]struct {
		cfg  series.Config
		want chunkenc.Encoding
	}{
		"a new folder gets xor2":             {series.Config{}, chunkenc.EncXOR2},
		"a new folder, the file says xor":    {series.Config{File: xor}, chunkenc.EncXOR},
		"an adopted folder keeps xor":        {series.Config{Adopted: true}, chunkenc.EncXOR},
		"an adopted folder, the file: xor2":  {series.Config{Adopted: true, File: xor2}, chunkenc.EncXOR2},
		"an adopted folder, the flag: xor2":  {series.Config{Adopted: true, Features: series.Features{XOR2Encoding: true}}, chunkenc.EncXOR2},
		"start timestamps need xor2 as well": {series.Config{Adopted: true, Features: series.Features{StartTimestampStorage: true}}, chunkenc.EncXOR2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			db, _ := open(t, tt.cfg)
			write(t, db, "x", point{base, 1}, point{base + 1000, 2})
			if got := encodingOf(t, db, "x"); got != tt.want {
				t.Errorf("encoding %s, want %s", got, tt.want)
			}
		})
	}
}

func encodingOf(t *testing.T, db *series.DB, name string) chunkenc.Encoding {
	t.Helper()
	q, err := db.ChunkQuerier(0, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	set := q.Select(t.Context(), false, nil, labels.MustNewMatcher(labels.MatchEqual, "__name__", name))
	if !set.Next() {
		t.Fatalf("no series %s: %v", name, set.Err())
	}
	it := set.At().Iterator(nil)
	if !it.Next() {
		t.Fatalf("no chunk of %s: %v", name, it.Err())
	}
	return it.At().Chunk.Encoding()
}

func TestConfigurationsThatCannotWork(t *testing.T) {
	tests := map[string]struct {
		cfg  series.Config
		want string
	}{
		"segment size":      {series.Config{Path: "x", WALSegmentSize: 1}, "between 10MB and 256MB"},
		"chunk size":        {series.Config{Path: "x", MaxBlockChunkSegmentSize: 1}, "at least 1MB"},
		"compression":       {series.Config{Path: "x", WALCompression: "gzip"}, "must be one of"},
		"no path":           {series.Config{}, "path is empty"},
		"st-storage as xor": {series.Config{Path: "x", File: parse(t, "storage: {tsdb: {chunk_encoding: {floats: xor}}}"), Features: series.Features{StartTimestampStorage: true}}, "use xor2"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := series.New(tt.cfg, nil, nil, discard(), prometheus.NewRegistry())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New gave %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestReloadChangesTheOutOfOrderWindow(t *testing.T) {
	db, _ := open(t, series.Config{})
	write(t, db, "x", point{base, 1})
	app := db.AppenderV2(t.Context())
	_, err := app.Append(0, labels.FromStrings("__name__", "x"), 0, base-60_000, 0, nil, nil, storage.AOptions{})
	if !errors.Is(err, storage.ErrOutOfOrderSample) {
		t.Fatalf("without a window a late sample gave %v", err)
	}
	if err := app.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := db.Apply(series.Config{File: window(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	write(t, db, "x", point{base - 60_000, 0})
	expect(t, db, "x", point{base - 60_000, 0}, point{base, 1})
}

func TestReloadWhileLoadingIsNotForgotten(t *testing.T) {
	db := newDB(t, series.Config{})
	if err := db.Apply(series.Config{File: window(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	start(t, db)
	write(t, db, "x", point{base, 1})
	write(t, db, "x", point{base - 60_000, 0})
	expect(t, db, "x", point{base - 60_000, 0}, point{base, 1})
}

func TestRetentionByTime(t *testing.T) {
	cfg := series.Config{MinBlockDuration: time.Minute, MaxBlockDuration: time.Minute, BlockReloadInterval: time.Second}
	db, _ := open(t, cfg)
	fillBlocks(t, db)

	short := promconfig.DefaultConfig
	short.StorageConfig.TSDBConfig = &promconfig.TSDBConfig{Retention: &promconfig.TSDBRetentionConfig{Time: model.Duration(5 * time.Minute)}}
	if err := db.Apply(series.Config{File: &short}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "blocks older than five minutes are gone", func() bool { return oldest(t, db) >= base+20*60_000 })
}

func TestRetentionBySize(t *testing.T) {
	cfg := series.Config{MinBlockDuration: time.Minute, MaxBlockDuration: time.Minute, BlockReloadInterval: time.Second}
	db, _ := open(t, cfg)
	fillBlocks(t, db)

	small := promconfig.DefaultConfig
	small.StorageConfig.TSDBConfig = &promconfig.TSDBConfig{Retention: &promconfig.TSDBRetentionConfig{Size: 1024}}
	if err := db.Apply(series.Config{File: &small}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "blocks beyond 1 KiB are gone", func() bool {
		blocks, err := db.BlockMetas()
		if err != nil {
			t.Fatal(err)
		}
		return len(blocks) == 0
	})
}

// fillBlocks writes half an hour and waits until most of it lies in blocks.
func fillBlocks(t *testing.T, db *series.DB) {
	t.Helper()
	for minute := range int64(30) {
		write(t, db, "x", point{base + minute*60_000, float64(minute)}, point{base + minute*60_000 + 30_000, float64(minute)})
	}
	waitFor(t, "the head has been compacted into blocks", func() bool {
		blocks, err := db.BlockMetas()
		if err != nil {
			t.Fatal(err)
		}
		return len(blocks) >= 27
	})
}

func oldest(t *testing.T, db *series.DB) int64 {
	t.Helper()
	blocks, err := db.BlockMetas()
	if err != nil {
		t.Fatal(err)
	}
	first := int64(math.MaxInt64)
	for _, b := range blocks {
		first = min(first, b.MinTime)
	}
	return first
}

func TestBlocksWaitForTheirUpload(t *testing.T) {
	list := filepath.Join(t.TempDir(), "thanos.shipper.json")
	if err := os.WriteFile(list, []byte(`{"version": 1, "uploaded": []}`), 0o600); err != nil {
		t.Fatal(err)
	}
	db, _ := open(t, series.Config{MinBlockDuration: time.Minute, MaxBlockDuration: time.Hour, DelayCompactFile: list})
	fillBlocks(t, db) // would fail if blocks were merged
	blocks, err := db.BlockMetas()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		if b.Compaction.Level > 1 {
			t.Errorf("block %s was compacted before its upload", b.ULID)
		}
	}
}

func TestFolderThatCannotBeOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	db := newDB(t, series.Config{Path: path})
	if err := db.Open(t.Context()); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("Open gave %v, want an error that names %s", err, path)
	}
	if p := db.Progress(); p.Stage != series.StageFailed {
		t.Errorf("stage %q", p.Stage)
	}
	if _, err := db.Querier(0, 1); !errors.Is(err, series.ErrNotReady) {
		t.Errorf("Querier gave %v", err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("Close after a failed Open: %v", err)
	}
}

func TestFolderThatAPrometheusHolds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "series")
	_, stop := open(t, series.Config{Path: path})
	second := newDB(t, series.Config{Path: path})
	err := second.Open(t.Context())
	if err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("the second Open gave %v", err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	stop()
	open(t, series.Config{Path: path})
}

func TestCloseBeforeOpen(t *testing.T) {
	db := newDB(t, series.Config{})
	for range 2 {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Open(t.Context()); !errors.Is(err, series.ErrClosed) {
		t.Errorf("Open after Close gave %v", err)
	}
	if err := db.Apply(series.Config{}); !errors.Is(err, series.ErrClosed) {
		t.Errorf("Apply after Close gave %v", err)
	}
}

func TestCloseWhileHistoryIsLoading(t *testing.T) {
	path := filepath.Join(t.TempDir(), "series")
	db, stop := open(t, series.Config{Path: path})
	write(t, db, "x", point{base, 1})
	stop()

	for range 5 { // whichever of the two is first
		db := newDB(t, series.Config{Path: path})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		opened := make(chan error, 1)
		go func() { opened <- db.Open(ctx) }()
		waitFor(t, "loading has begun", func() bool { return db.Progress().Stage != series.StageNew })
		if err := db.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
		if err := await(t, opened, "Open to return"); err != nil {
			t.Fatalf("Open: %v", err)
		}
	}
	db, _ = open(t, series.Config{Path: path}) // nobody holds it any more
	expect(t, db, "x", point{base, 1})
}

func TestSecondOpenIsAnError(t *testing.T) {
	db, _ := open(t, series.Config{})
	if err := db.Open(t.Context()); err == nil {
		t.Error("a second Open succeeded")
	}
}

// TestCloseUnderWriteLoad closes while four writers write as fast as they can:
// what was acknowledged is there afterwards, and writers are refused in order.
func TestCloseUnderWriteLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "series")
	db, stop := open(t, series.Config{Path: path})
	const writers, perCommit = 4, 50
	var (
		wg    sync.WaitGroup
		acked [writers]atomic.Int64
	)
	busy := make(chan struct{}, writers)
	for w := range writers {
		wg.Go(func() {
			for n := int64(0); ; n++ {
				app := db.AppenderV2(context.Background())
				for s := range perCommit {
					_, err := app.Append(0, labels.FromStrings("__name__", fmt.Sprintf("w%d_s%d", w, s)), 0, base+n, float64(n), nil, nil, storage.AOptions{})
					if errors.Is(err, series.ErrClosed) {
						return
					}
					if err != nil {
						t.Errorf("append: %v", err)
						return
					}
				}
				if err := app.Commit(); err != nil {
					t.Errorf("commit of an appender that took samples: %v", err)
					return
				}
				acked[w].Store(n + 1)
				if n == 20 {
					busy <- struct{}{}
				}
			}
		})
	}
	for range writers {
		await(t, busy, "the writers to be busy")
	}
	stop()
	wg.Wait()

	db, _ = open(t, series.Config{Path: path})
	for w := range writers {
		for s := range perCommit {
			points := read(t, db, fmt.Sprintf("w%d_s%d", w, s))
			if int64(len(points)) != acked[w].Load() {
				t.Errorf("writer %d, series %d: %d points, %d were acknowledged", w, s, len(points), acked[w].Load())
			}
		}
	}
}

func TestOwnMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	db, err := series.New(series.Config{Path: filepath.Join(t.TempDir(), "series")}, nil, nil, discard(), reg)
	if err != nil {
		t.Fatal(err)
	}
	stop := start(t, db)
	write(t, db, "x", point{base, 1}, point{base + 1, 2})
	if db.LastCommit().IsZero() {
		t.Error("LastCommit is not set")
	}
	feed := db.Subscribe(series.FeedOptions{})
	defer feed.Close()
	got := gather(t, reg)
	want := map[string]float64{
		"daymark_storage_commits_total": 1, "daymark_storage_samples_total": 2, "daymark_storage_feeds": 1,
		"daymark_storage_ready": 1, "daymark_storage_commit_failures_total": 0, "daymark_storage_feed_commits_lost_total": 0,
		"prometheus_tsdb_head_series": 1, "prometheus_tsdb_head_max_time_seconds": base / 1000, "prometheus_tsdb_lowest_timestamp_seconds": base / 1000,
	}
	for name, value := range want {
		if v, ok := got[name]; !ok || v != value {
			t.Errorf("%s = %v (present: %v), want %v", name, v, ok, value)
		}
	}
	stop()
	if v := gather(t, reg)["daymark_storage_ready"]; v != 0 {
		t.Errorf("daymark_storage_ready = %v after closing", v)
	}
}

// gather sums each metric over its labels.
func gather(t *testing.T, reg prometheus.Gatherer) map[string]float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			sums[family.GetName()] += m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return sums
}
