// Package storage_test holds what the storage packages promise together: a data
// folder outlives kill -9 and stays a Prometheus data folder.
package storage_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"daymark/storage/folder"
	"daymark/storage/series"
)

// base is the time of the tests' first samples, in milliseconds.
const base = int64(1_790_000_000_000)

// openSeries opens the series of dir, as main does, and returns how to close them.
func openSeries(ctx context.Context, cfg series.Config) (db *series.DB, stop func() error, err error) {
	db, err = series.New(cfg, nil, nil, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	opened := make(chan error, 1)
	go func() { opened <- db.Open(ctx) }()
	select {
	case <-db.Ready():
	case err := <-opened:
		cancel()
		return nil, nil, err
	}
	return db, func() error {
		cancel()
		if err := <-opened; err != nil {
			return err
		}
		return db.Close()
	}, nil
}

// buildPromtool builds the promtool of the Prometheus that we are built with.
func buildPromtool(t *testing.T) string {
	t.Helper()
	tool := filepath.Join(t.TempDir(), "promtool")
	build := exec.Command("go", "build", "-p", "2", "-modfile=.ci/peers.mod", "-tags=remove_all_sd,enable_kubernetes_sd",
		"-o", tool, "github.com/prometheus/prometheus/cmd/promtool")
	build.Dir = ".." // the module's root
	// As the product is built: most of it is in the cache.
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build promtool: %v\n%s", err, out)
	}
	return tool
}

func TestClosedFolderIsAPrometheusFolder(t *testing.T) {
	promtool := buildPromtool(t)
	f, err := folder.Open(folder.Config{Path: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	db, stop, err := openSeries(t.Context(), series.Config{Path: f.Series(), Adopted: f.Adopted(), MinBlockDuration: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	const minutes = 10
	for m := range int64(minutes) {
		app := db.AppenderV2(t.Context())
		for s := range 5 {
			ls := labels.FromStrings("__name__", "payments_total", "region", fmt.Sprintf("r%d", s))
			if _, err := app.Append(0, ls, 0, base+m*60_000, float64(m), nil, nil, storage.AOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		if err := app.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	waitForBlocks(t, db)
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	run := func(args ...string) string {
		t.Helper()
		out, err := exec.Command(promtool, append([]string{"tsdb"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("promtool tsdb %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	if out := run("list", f.Series()); !strings.Contains(out, "NUM SERIES") || strings.Count(out, "\n") < 3 {
		t.Errorf("list shows no blocks:\n%s", out)
	}
	if out := run("analyze", f.Series()); !strings.Contains(out, "Total Series: 5") || !strings.Contains(out, "payments_total") {
		t.Errorf("analyze does not see our five series:\n%s", out)
	}
	// The blocks and the write-ahead log together hold every sample.
	if out := run("dump", f.Series()); strings.Count(out, "payments_total") != 5*minutes {
		t.Errorf("dump shows %d samples, want %d:\n%s", strings.Count(out, "payments_total"), 5*minutes, out)
	}
}

func waitForBlocks(t *testing.T, db *series.DB) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(20 * time.Second)
	for {
		blocks, err := db.BlockMetas()
		if err != nil {
			t.Fatal(err)
		}
		if len(blocks) > 2 {
			return
		}
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatal("the head was never compacted into blocks")
		}
	}
}
