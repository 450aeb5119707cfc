package query_test

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/storage"

	"daymark/query"
)

// newEngine returns an engine over q with the features on that Prometheus's
// own test files assume, as promqltest.NewTestEngine sets them.
func newEngine(t *testing.T, q storage.Queryable, change ...func(*query.Config)) *query.Engine {
	t.Helper()
	cfg := query.Config{
		Timeout:            100 * time.Second,
		MaxSamples:         promqltest.DefaultMaxSamplesPerQuery,
		Parser:             promqltest.TestParserOpts,
		DelayedNameRemoval: true,
		UseStartTimestamps: true,
		ActiveQueryPath:    t.TempDir(),
	}
	for _, f := range change {
		f(&cfg)
	}
	engine, err := query.New(cfg, q, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return engine
}

// counting counts the queries that a test file asks for.
type counting struct {
	promql.QueryEngine
	asked atomic.Int64
}

func (c *counting) NewInstantQuery(ctx context.Context, q storage.Queryable, o promql.QueryOpts, qs string, ts time.Time) (promql.Query, error) {
	c.asked.Add(1)
	return c.QueryEngine.NewInstantQuery(ctx, q, o, qs, ts)
}

func (c *counting) NewRangeQuery(ctx context.Context, q storage.Queryable, o promql.QueryOpts, qs string, start, end time.Time, step time.Duration) (promql.Query, error) {
	c.asked.Add(1)
	return c.QueryEngine.NewRangeQuery(ctx, q, o, qs, start, end, step)
}

// TestPrometheusOwnFiles holds our engine to the answers that Prometheus's own
// test files demand, read from the module of the version in go.mod.
func TestPrometheusOwnFiles(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/prometheus/prometheus").Output()
	if err != nil {
		t.Fatalf("find Prometheus's module: %v", err)
	}
	folder := filepath.Join(strings.TrimSpace(string(out)), "promql", "promqltest", "testdata")
	// Upstream has 22 files with 2,434 evaluations; fewer would mean that they moved.
	runFiles(t, folder, 22, 2_434)
}

// TestOurFiles runs our own cases in the same language.
func TestOurFiles(t *testing.T) { runFiles(t, "testdata", 1, 10) }

func runFiles(t *testing.T, folder string, wantFiles, wantEvals int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.test"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < wantFiles {
		t.Fatalf("%s holds %d test files, at least %d are expected", folder, len(files), wantFiles)
	}
	eval := regexp.MustCompile(`(?m)^[ \t]*eval`)
	written := 0
	engine := &counting{QueryEngine: newEngine(t, nil)}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			n := len(eval.FindAll(script, -1))
			before := engine.asked.Load()
			promqltest.RunTestWithStorage(t, string(script), engine, func(t testing.TB) storage.Storage {
				return promqltest.NewBuiltinTestStorage(t)
			})
			if asked := engine.asked.Load() - before; asked < int64(n) {
				t.Errorf("%d evaluations are written, only %d queries were asked", n, asked)
			}
			written += n
		})
	}
	if written < wantEvals {
		t.Errorf("%d evaluations ran, at least %d are expected", written, wantEvals)
	}
	t.Logf("%d files, %d evaluations, %d queries", len(files), written, engine.asked.Load())
}
