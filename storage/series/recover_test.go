package series_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/record"
	"github.com/prometheus/prometheus/tsdb/wlog"
	"github.com/prometheus/prometheus/util/compression"

	"daymark/storage/series"
)

const tenMinutes = 600_000 // ms

// killedWithLateSamples returns what is left of a folder whose process was killed
// after it had committed a sample of the series x and five late ones, and the
// reference of x.
func killedWithLateSamples(t *testing.T) (path string, ref storage.SeriesRef, want []point) {
	t.Helper()
	alive := filepath.Join(t.TempDir(), "series")
	db, stop := open(t, series.Config{Path: alive, File: window(time.Hour)})
	feed := subscribe(t, db, series.FeedOptions{Samples: true})
	write(t, db, "x", point{base + tenMinutes, 100})
	for n := range int64(5) {
		late := point{base + n*1000, float64(n)}
		write(t, db, "x", late)
		want = append(want, late)
	}
	want = append(want, point{base + tenMinutes, 100})
	write(t, db, "y", point{base + tenMinutes, 1}) // the last record of the write-ahead log
	ref = next(t, feed).Samples[0].Ref

	// To its files a kill is this: everything ends where it is.
	path = filepath.Join(t.TempDir(), "series")
	if err := os.CopyFS(path, os.DirFS(alive)); err != nil {
		t.Fatal(err)
	}
	stop()
	return path, ref, want
}

func TestLateSamplesOutliveAKillDuringCompaction(t *testing.T) {
	path, ref, want := killedWithLateSamples(t)
	// A compaction has mapped the late samples to a chunk that never reached its
	// file; the sample that came next has left this mark.
	behind, err := wlog.NewSize(discard(), nil, filepath.Join(path, wlog.WblDirName), wlog.DefaultSegmentSize, compression.Zstd)
	if err != nil {
		t.Fatal(err)
	}
	var encoder record.Encoder
	if err := behind.Log(encoder.MmapMarkers([]record.RefMmapMarker{{Ref: chunks.HeadSeriesRef(ref), MmapRef: 0}}, nil)); err != nil {
		t.Fatal(err)
	}
	if err := behind.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // after the kill, and after an orderly stop
		db, stop := open(t, series.Config{Path: path, File: window(time.Hour)})
		expect(t, db, "x", want...)
		stop()
	}
	if left, err := filepath.Glob(filepath.Join(path, "wbl-rewrite*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

func TestLateSamplesOutliveAKillWithinARecord(t *testing.T) {
	path, _, want := killedWithLateSamples(t)
	ahead := filepath.Join(path, "wal")
	_, last, err := wlog.Segments(ahead)
	if err != nil {
		t.Fatal(err)
	}
	segment := wlog.SegmentName(ahead, last)
	if err := os.Truncate(segment, lastByte(t, segment)-3); err != nil { // within the record of y
		t.Fatal(err)
	}
	db, _ := open(t, series.Config{Path: path, File: window(time.Hour)})
	expect(t, db, "x", want...)
	expect(t, db, "y")
}

// lastByte is the size of a segment without the zeros that pad its last page.
func lastByte(t *testing.T, segment string) int64 {
	t.Helper()
	content, err := os.ReadFile(segment)
	if err != nil {
		t.Fatal(err)
	}
	for len(content) > 0 && content[len(content)-1] == 0 {
		content = content[:len(content)-1]
	}
	return int64(len(content))
}

func TestFolderThatWasStoppedInOrderIsNotMended(t *testing.T) {
	path := filepath.Join(t.TempDir(), "series")
	db, stop := open(t, series.Config{Path: path, File: window(time.Hour)})
	app := db.AppenderV2(t.Context())
	x := labels.FromStrings("__name__", "x")
	for n := range int64(80) { // more than two chunks of late samples, hence marks
		at := int64(base + tenMinutes)
		if n > 0 {
			at = base + n*1000
		}
		if _, err := app.Append(0, x, 0, at, float64(n), nil, nil, storage.AOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := app.Commit(); err != nil {
			t.Fatal(err)
		}
		app = db.AppenderV2(t.Context())
	}
	if err := app.Rollback(); err != nil {
		t.Fatal(err)
	}
	stop()
	segment := wlog.SegmentName(filepath.Join(path, wlog.WblDirName), 0)
	before, err := os.ReadFile(segment)
	if err != nil {
		t.Fatal(err)
	}
	db, _ = open(t, series.Config{Path: path, File: window(time.Hour)})
	if n := len(read(t, db, "x")); n != 80 {
		t.Errorf("%d samples, want 80", n)
	}
	if after, err := os.ReadFile(segment); err != nil || string(after) != string(before) {
		t.Errorf("the write-behind log was rewritten: %v", err)
	}
}
