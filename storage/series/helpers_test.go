package series_test

import (
	"context"
	"log/slog"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"go.uber.org/goleak"

	"daymark/storage/series"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// base is the time of the tests' first samples.
const base = 1_790_000_000_000

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// parse reads a configuration file as Prometheus does.
func parse(t *testing.T, text string) *promconfig.Config {
	t.Helper()
	file, err := promconfig.Load(text, discard())
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func newDB(t *testing.T, cfg series.Config) *series.DB {
	t.Helper()
	if cfg.Path == "" {
		cfg.Path = filepath.Join(t.TempDir(), "series")
	}
	db, err := series.New(cfg, nil, nil, discard(), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// start opens db in the background, as main does, and returns how to stop it.
func start(t *testing.T, db *series.DB) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- db.Open(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Open: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	t.Cleanup(stop)
	await(t, db.Ready(), "the storage to be ready")
	return stop
}

func open(t *testing.T, cfg series.Config) (db *series.DB, stop func()) {
	t.Helper()
	db = newDB(t, cfg)
	return db, start(t, db)
}

func await[T any](t *testing.T, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
	}
	return v
}

// waitFor polls for what happens in the background of a library.
func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

type point struct {
	t int64
	v float64
}

// write commits points of one series.
func write(t *testing.T, db storage.AppendableV2, name string, points ...point) {
	t.Helper()
	app := db.AppenderV2(t.Context())
	for _, p := range points {
		if _, err := app.Append(0, labels.FromStrings("__name__", name), 0, p.t, p.v, nil, nil, storage.AOptions{}); err != nil {
			t.Fatalf("append %s: %v", name, err)
		}
	}
	if err := app.Commit(); err != nil {
		t.Fatalf("commit %s: %v", name, err)
	}
}

// read returns the float points of the series called name.
func read(t *testing.T, db storage.Queryable, name string) (points []point) {
	t.Helper()
	q, err := db.Querier(math.MinInt64, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	set := q.Select(t.Context(), true, nil, labels.MustNewMatcher(labels.MatchEqual, "__name__", name))
	for set.Next() {
		it := set.At().Iterator(nil)
		for it.Next() == chunkenc.ValFloat {
			ts, v := it.At()
			points = append(points, point{ts, v})
		}
		if err := it.Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := set.Err(); err != nil {
		t.Fatal(err)
	}
	return points
}

func expect(t *testing.T, db storage.Queryable, name string, want ...point) {
	t.Helper()
	if got := read(t, db, name); !slices.Equal(got, want) {
		t.Errorf("%s = %v, want %v", name, got, want)
	}
}

// window returns a configuration file with an out-of-order window.
func window(d time.Duration) *promconfig.Config {
	file := promconfig.DefaultConfig
	file.StorageConfig.TSDBConfig = &promconfig.TSDBConfig{
		OutOfOrderTimeWindow: d.Milliseconds(),
		Retention:            &promconfig.TSDBRetentionConfig{Time: model.Duration(15 * 24 * time.Hour)},
	}
	return &file
}
