package storage_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"
	"go.uber.org/goleak"

	"daymark/storage/folder"
	"daymark/storage/series"
	"daymark/storage/sqlite"
)

const (
	crashDir    = "DAYMARK_TEST_CRASH_DIR"    // makes the test binary the process that is killed
	crashTick   = "DAYMARK_TEST_CRASH_TICK"   // the tick it begins at
	crashSeries = "DAYMARK_TEST_CRASH_SERIES" // how many series each writer has
)

// The writers of the process. All share one clock of ticks, a second each, so
// that the head moves on into blocks while they write.
const (
	floatWriter     = "float"
	histogramWriter = "histogram"
	lateWriter      = "late" // every second commit is older than the one before
	recordWriter    = "record"
	tickMs          = 1000
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		err := writeUntilKilled(dir)
		fmt.Fprintln(os.Stderr, "the writing process ended by itself:", err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// TestKillLosesNothingCommitted is the short form of
// TestSoakKillLosesNothingCommitted.
func TestKillLosesNothingCommitted(t *testing.T) {
	killAndVerify(t, 3, 100, 1500*time.Millisecond)
}

// killAndVerify kills a process that writes, at random moments of at most
// longest, and opens its folder again: whatever the process had reported as
// committed before it died must be there. Each of three writers has perWriter
// series.
func killAndVerify(t *testing.T, kills, perWriter int, longest time.Duration) {
	t.Helper()
	dir := t.TempDir()
	seen := acknowledged{}
	tick := int64(0)
	for kill := range kills {
		life := 200*time.Millisecond + rand.N(longest)
		before := seen.count()
		last := runAndKill(t, dir, tick, perWriter, life, seen)
		tick = max(tick, last) + 1
		t.Logf("kill %d after %v: %d commits acknowledged", kill+1, life.Round(time.Millisecond), seen.count()-before)
		verify(t, dir, perWriter, seen)
	}
	for _, writer := range []string{floatWriter, histogramWriter, lateWriter, recordWriter} {
		if len(seen[writer]) == 0 {
			t.Errorf("writer %s committed nothing: the test proves nothing of it", writer)
		}
	}
}

// acknowledged are the ticks that each writer has reported as committed.
type acknowledged map[string]map[int64]bool

func (a acknowledged) add(writer string, tick int64) {
	if a[writer] == nil {
		a[writer] = map[int64]bool{}
	}
	a[writer][tick] = true
}

func (a acknowledged) count() (n int) {
	for _, ticks := range a {
		n += len(ticks)
	}
	return n
}

// runAndKill lets the process live for life once it writes, and returns the last
// tick that it reported. What it had written to the pipe before it died counts.
func runAndKill(t *testing.T, dir string, tick int64, perWriter int, life time.Duration, seen acknowledged) (last int64) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), crashDir+"="+dir, crashTick+"="+strconv.FormatInt(tick, 10), crashSeries+"="+strconv.Itoa(perWriter))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var timer *time.Timer
	defer func() {
		if timer != nil {
			timer.Stop()
		}
	}()
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if timer == nil { // the clock starts with the first commit
			timer = time.AfterFunc(life, func() { _ = cmd.Process.Kill() })
		}
		writer, number, _ := strings.Cut(lines.Text(), " ")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			t.Fatalf("the process reported %q", lines.Text())
		}
		seen.add(writer, n)
		last = max(last, n)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Fatalf("the process was not killed: %v\n%s", err, stderr.String())
	}
	return last
}

// verify opens the folder and looks for everything that was acknowledged.
func verify(t *testing.T, dir string, perWriter int, seen acknowledged) {
	t.Helper()
	f, err := folder.Open(folder.Config{Path: dir})
	if err != nil {
		t.Fatal(err) // also if the dead process still held the lock
	}
	defer f.Close()
	db, stop, err := openSeries(t.Context(), crashConfig(f))
	if err != nil {
		t.Fatal(err)
	}
	for _, writer := range []string{floatWriter, histogramWriter, lateWriter} {
		verifySeries(t, db, writer, perWriter, seen[writer])
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	verifyRecords(t, f, seen[recordWriter])
}

func verifySeries(t *testing.T, db storage.Queryable, writer string, perWriter int, want map[int64]bool) {
	t.Helper()
	q, err := db.Querier(math.MinInt64, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	set := q.Select(t.Context(), false, nil, labels.MustNewMatcher(labels.MatchEqual, "writer", writer))
	found := 0
	for set.Next() {
		found++
		held := 0
		number, err := strconv.ParseInt(set.At().Labels().Get("series"), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		it := set.At().Iterator(nil)
		for kind := it.Next(); kind != chunkenc.ValNone; kind = it.Next() {
			tick := (it.AtT() - base) / tickMs
			if got := valueAt(it, kind); got != valueOf(tick, number) {
				t.Fatalf("%s, series %d, tick %d: value %v, want %v", writer, number, tick, got, valueOf(tick, number))
			}
			if want[tick] {
				held++
			}
		}
		if err := it.Err(); err != nil {
			t.Fatal(err)
		}
		if held != len(want) {
			t.Errorf("%s, series %d: %d acknowledged samples are lost", writer, number, len(want)-held)
		}
	}
	if err := set.Err(); err != nil {
		t.Fatal(err)
	}
	if len(want) > 0 && found != perWriter {
		t.Errorf("%s: %d series, want %d", writer, found, perWriter)
	}
}

func verifyRecords(t *testing.T, f *folder.Folder, want map[int64]bool) {
	t.Helper()
	db, err := sqlite.Open(f.Database(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Read().QueryContext(t.Context(), `SELECT DISTINCT at_ms FROM deliveries`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	held := 0
	for rows.Next() {
		var tick int64
		if err := rows.Scan(&tick); err != nil {
			t.Fatal(err)
		}
		if want[tick] {
			held++
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if held != len(want) {
		t.Errorf("%d acknowledged records are lost", len(want)-held)
	}
}

// valueOf is what a series holds at a tick, so that a wrong value is found too.
func valueOf(tick, number int64) float64 { return float64(tick%1000 + number%7) }

func valueAt(it chunkenc.Iterator, kind chunkenc.ValueType) float64 {
	if kind == chunkenc.ValFloat {
		_, v := it.At()
		return v
	}
	_, fh := it.AtFloatHistogram(nil)
	return fh.Sum
}

// crashConfig has short blocks, so that kills also hit compaction and the
// truncation of the write-ahead log.
func crashConfig(f *folder.Folder) series.Config {
	file := promconfig.DefaultConfig
	file.StorageConfig.TSDBConfig = &promconfig.TSDBConfig{
		OutOfOrderTimeWindow: time.Hour.Milliseconds(),
		Retention:            &promconfig.TSDBRetentionConfig{Time: model.Duration(365 * 24 * time.Hour)},
	}
	return series.Config{Path: f.Series(), Adopted: f.Adopted(), File: &file, MinBlockDuration: 10 * time.Minute}
}

// writeUntilKilled is the process that is killed: it opens the folder and
// reports each commit on its output, once it is done.
func writeUntilKilled(dir string) error {
	first, err := strconv.ParseInt(os.Getenv(crashTick), 10, 64)
	if err != nil {
		return err
	}
	perWriter, err := strconv.Atoi(os.Getenv(crashSeries))
	if err != nil {
		return err
	}
	f, err := folder.Open(folder.Config{Path: dir})
	if err != nil {
		return err
	}
	records, err := sqlite.Open(f.Database(), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	db, _, err := openSeries(context.Background(), crashConfig(f))
	if err != nil {
		return err
	}
	var (
		tick   atomic.Int64
		wg     sync.WaitGroup
		failed = make(chan error, 4)
	)
	tick.Store(first)
	now := func() int64 { return tick.Add(1) }
	forever := func(writer string, next func() int64, commit func(tick int64) error) {
		wg.Go(func() {
			for {
				at := next()
				if err := commit(at); err != nil {
					failed <- fmt.Errorf("%s at tick %d: %w", writer, at, err)
					return
				}
				// One write system call: the report is in the pipe or it is not.
				fmt.Fprintf(os.Stdout, "%s %d\n", writer, at)
			}
		})
	}
	toSeries := func(writer string) func(int64) error {
		return func(at int64) error { return commitSeries(db, writer, perWriter, at) }
	}
	forever(floatWriter, now, toSeries(floatWriter))
	forever(histogramWriter, now, toSeries(histogramWriter))
	forever(lateWriter, swapped(now), toSeries(lateWriter))
	forever(recordWriter, now, func(at int64) error {
		return records.Tx(context.Background(), func(tx *sql.Tx) error {
			_, err := tx.Exec(`INSERT INTO deliveries (fingerprint, receiver, integration, at_ms, ok) VALUES ('a1b2', 'pager', 'webhook', ?, 1)`, at)
			return err
		})
	})
	return <-failed
}

// swapped puts off every other tick until after the one that follows it.
func swapped(next func() int64) func() int64 {
	late := int64(0)
	return func() int64 {
		if late == 0 {
			late = next()
			return next()
		}
		defer func() { late = 0 }()
		return late
	}
}

func commitSeries(db *series.DB, writer string, perWriter int, tick int64) error {
	app := db.AppenderV2(context.Background())
	for number := range perWriter {
		ls := labels.FromStrings("__name__", "crash", "writer", writer, "series", strconv.Itoa(number))
		v := valueOf(tick, int64(number))
		var err error
		if writer == histogramWriter {
			h := tsdbutil.GenerateTestHistogram(tick)
			h.Sum = v
			_, err = app.Append(0, ls, 0, base+tick*tickMs, 0, h, nil, storage.AOptions{})
		} else {
			_, err = app.Append(0, ls, 0, base+tick*tickMs, v, nil, nil, storage.AOptions{})
		}
		if err != nil {
			return errors.Join(err, app.Rollback())
		}
	}
	return app.Commit()
}

// TestKilledProcessLeavesAnOrderlyFolder checks what a person finds after a kill:
// no lock in the way and nothing of the temporary kind that keeps growing.
func TestKilledProcessLeavesAnOrderlyFolder(t *testing.T) {
	dir := t.TempDir()
	runAndKill(t, dir, 0, 10, 300*time.Millisecond, acknowledged{})
	if pid, _, held, err := folder.Holder(dir); held || err != nil {
		t.Errorf("process %d holds the folder: %v, %v", pid, held, err)
	}
	verify(t, dir, 10, acknowledged{})
	for _, pattern := range []string{"series/*.tmp*", "series/wal/*.tmp*", "daymark.db-wal"} {
		if left, err := filepath.Glob(filepath.Join(dir, pattern)); err != nil || len(left) > 0 {
			t.Errorf("left behind: %q, %v", left, err)
		}
	}
}
