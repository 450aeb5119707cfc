package series_test

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"

	"daymark/storage/series"
)

func histogramOf(t *testing.T, db storage.Queryable, name string) *histogram.FloatHistogram {
	t.Helper()
	q, err := db.Querier(0, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	set := q.Select(t.Context(), false, nil, labels.MustNewMatcher(labels.MatchEqual, "__name__", name))
	if !set.Next() {
		t.Fatalf("no series %s: %v", name, set.Err())
	}
	it := set.At().Iterator(nil)
	if kind := it.Next(); kind != chunkenc.ValHistogram && kind != chunkenc.ValFloatHistogram {
		t.Fatalf("%s holds a %v", name, kind)
	}
	_, fh := it.AtFloatHistogram(nil)
	return fh
}

func subscribe(t *testing.T, db *series.DB, o series.FeedOptions) *series.Feed {
	t.Helper()
	feed := db.Subscribe(o)
	t.Cleanup(feed.Close)
	return feed
}

// next returns the commit that has been announced; announcing is done when
// Commit returns.
func next(t *testing.T, feed *series.Feed) series.Commit {
	t.Helper()
	select {
	case c := <-feed.Commits():
		return c
	default:
		t.Fatal("nothing was announced")
		return series.Commit{}
	}
}

func silent(t *testing.T, feed *series.Feed) {
	t.Helper()
	select {
	case c := <-feed.Commits():
		t.Errorf("announced: %+v", c)
	default:
	}
}

func TestCommitIsAnnouncedOnceItCanBeRead(t *testing.T) {
	db, _ := open(t, series.Config{})
	feed := subscribe(t, db, series.FeedOptions{})
	before := time.Now()
	write(t, db, "x", point{base + 5, 1}, point{base + 9, 2}, point{base + 12, math.Float64frombits(value.StaleNaN)})
	c := next(t, feed)
	if c.MinTime != base+5 || c.MaxTime != base+12 || c.Count != 3 || c.Samples != nil {
		t.Errorf("announced %+v", c)
	}
	if c.At.Before(before) || c.At.After(time.Now()) {
		t.Errorf("committed at %v", c.At)
	}
	if n := len(read(t, db, "x")); n != 3 {
		t.Errorf("%d points can be read", n)
	}
	silent(t, feed)
}

func TestSourceOfACommit(t *testing.T) {
	type targetKey struct{}
	target := func(ctx context.Context) string {
		name, _ := ctx.Value(targetKey{}).(string)
		return name
	}
	db, err := series.New(series.Config{Path: filepath.Join(t.TempDir(), "series")}, target, nil, discard(), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	start(t, db)
	feed := subscribe(t, db, series.FeedOptions{})
	scrape := context.WithValue(t.Context(), targetKey{}, "node/web-1")
	tests := map[string]struct {
		ctx  context.Context
		want string
	}{
		"a scrape":                   {scrape, "node/web-1"},
		"a rule":                     {series.WithSource(t.Context(), "rule:payments"), "rule:payments"},
		"what is said goes first":    {series.WithSource(scrape, "rule:payments"), "rule:payments"},
		"remote write, OTLP: no one": {t.Context(), series.SourceRemote},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			app := db.AppenderV2(tt.ctx)
			if _, err := app.Append(0, labels.FromStrings("__name__", name), 0, base, 1, nil, nil, storage.AOptions{}); err != nil {
				t.Fatal(err)
			}
			if err := app.Commit(); err != nil {
				t.Fatal(err)
			}
			if c := next(t, feed); c.Source != tt.want {
				t.Errorf("source %q, want %q", c.Source, tt.want)
			}
		})
	}
}

func TestRollbackRefusalAndEmptyCommitsAnnounceNothing(t *testing.T) {
	db, _ := open(t, series.Config{})
	write(t, db, "x", point{base, 1})
	feed := subscribe(t, db, series.FeedOptions{Samples: true})

	app := db.AppenderV2(t.Context())
	if _, err := app.Append(0, labels.FromStrings("__name__", "x"), 0, base+1, 1, nil, nil, storage.AOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := app.Rollback(); err != nil {
		t.Fatal(err)
	}
	old := db.Appender(t.Context())
	if _, err := old.Append(0, labels.FromStrings("__name__", "x"), base+1, 1); err != nil {
		t.Fatal(err)
	}
	if err := old.Rollback(); err != nil {
		t.Fatal(err)
	}
	app = db.AppenderV2(t.Context())
	if _, err := app.Append(0, labels.FromStrings("__name__", "x"), 0, base-1, 1, nil, nil, storage.AOptions{}); !errors.Is(err, storage.ErrOutOfOrderSample) {
		t.Fatalf("an old sample gave %v", err)
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := db.AppenderV2(t.Context()).Commit(); err != nil {
		t.Fatal(err)
	}
	silent(t, feed)
	expect(t, db, "x", point{base, 1})
}

func TestFeedWithSamples(t *testing.T) {
	db, _ := open(t, series.Config{})
	feed := subscribe(t, db, series.FeedOptions{Samples: true})
	app := db.AppenderV2(t.Context())
	h := tsdbutil.GenerateTestHistogram(1)
	x, y := labels.FromStrings("__name__", "x"), labels.FromStrings("__name__", "y")
	ref, err := app.Append(0, x, base-7, base, 1, nil, nil, storage.AOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.Append(ref, x, 0, base+1, 2, nil, nil, storage.AOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Append(0, y, 0, base+2, 0, h, nil, storage.AOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
	c := next(t, feed)
	if len(c.Samples) != 3 || c.Count != 3 || c.MinTime != base || c.MaxTime != base+2 {
		t.Fatalf("announced %+v", c)
	}
	first, second, third := c.Samples[0], c.Samples[1], c.Samples[2]
	if first.Ref != ref || !labels.Equal(first.Labels, x) || first.Time != base || first.Start != base-7 || first.Value != 1 || first.Histogram != nil {
		t.Errorf("first sample %+v", first)
	}
	if second.Ref != ref || second.Time != base+1 || second.Value != 2 {
		t.Errorf("second sample %+v", second)
	}
	if !labels.Equal(third.Labels, y) || third.Histogram == h || !third.Histogram.Equals(h) {
		t.Errorf("third sample %+v: want a copy of the histogram", third)
	}
}

func TestOlderAppenderIsAnnouncedToo(t *testing.T) {
	db, _ := open(t, series.Config{})
	feed := subscribe(t, db, series.FeedOptions{Samples: true})
	app := db.Appender(series.WithSource(t.Context(), "rule:old"))
	if _, err := app.Append(0, labels.FromStrings("__name__", "x"), base+1, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := app.AppendHistogram(0, labels.FromStrings("__name__", "h"), base+2, tsdbutil.GenerateTestHistogram(1), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := app.AppendSTZeroSample(0, labels.FromStrings("__name__", "z"), base+2, base); err != nil {
		t.Fatal(err)
	}
	if _, err := app.AppendHistogramSTZeroSample(0, labels.FromStrings("__name__", "zh"), base+2, base, nil, tsdbutil.GenerateTestFloatHistogram(1)); err != nil {
		t.Fatal(err)
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
	c := next(t, feed)
	if c.Source != "rule:old" || c.Count != 4 || c.MinTime != base || c.MaxTime != base+2 || len(c.Samples) != 4 {
		t.Errorf("announced %+v", c)
	}
	if zero := c.Samples[3]; zero.Time != base || zero.FloatHistogram == nil || zero.FloatHistogram.Count != 0 {
		t.Errorf("zero histogram %+v", zero)
	}
}

func TestExemplarsApartFromTheirSamples(t *testing.T) {
	db, _ := open(t, series.Config{})
	app, ok := db.AppenderV2(t.Context()).(storage.ExemplarAppenderV2)
	if !ok {
		t.Fatal("the appender takes no exemplars: the remote write receiver asks for that")
	}
	x := labels.FromStrings("__name__", "x")
	ref, err := app.Append(0, x, 0, base, 1, nil, nil, storage.AOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.AppendExemplars(ref, x, []exemplar.Exemplar{{Labels: labels.FromStrings("trace_id", "a"), Value: 9, Ts: base, HasTs: true}}); err != nil {
		t.Fatal(err)
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
	q, err := db.ExemplarQuerier(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found, err := q.Select(base, base, []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, "__name__", "x")})
	if err != nil || len(found) != 1 || found[0].Exemplars[0].Value != 9 {
		t.Errorf("found %v, %v", found, err)
	}
}

func TestSampleWhoseExemplarIsRefusedCounts(t *testing.T) {
	db, _ := open(t, series.Config{})
	feed := subscribe(t, db, series.FeedOptions{})
	app := db.AppenderV2(t.Context())
	long := labels.FromStrings("trace_id", string(slices.Repeat([]byte("x"), exemplar.ExemplarMaxLabelSetLength+1)))
	_, err := app.Append(0, labels.FromStrings("__name__", "x"), 0, base, 1, nil, nil, storage.AOptions{
		Exemplars: []exemplar.Exemplar{{Labels: long, Value: 1, Ts: base, HasTs: true}},
	})
	if !errors.Is(err, &storage.AppendPartialError{}) {
		t.Fatalf("a long exemplar gave %v", err)
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
	if c := next(t, feed); c.Count != 1 {
		t.Errorf("announced %+v", c)
	}
	expect(t, db, "x", point{base, 1})
}

func TestSlowSubscriberIsToldWhatItLost(t *testing.T) {
	db, _ := open(t, series.Config{})
	slow := subscribe(t, db, series.FeedOptions{Buffer: 2})
	quick := subscribe(t, db, series.FeedOptions{Buffer: 10})
	for n := range int64(5) {
		write(t, db, "x", point{base + n, 1}) // never waits for slow
	}
	await(t, slow.Lost(), "word of the loss")
	if n := slow.LostCount(); n != 3 {
		t.Errorf("lost %d commits, want 3", n)
	}
	if loss := slow.TakeLoss(); loss != (series.Loss{Commits: 3, MinTime: base + 2, MaxTime: base + 4}) {
		t.Errorf("lost %+v", loss)
	}
	if loss := slow.TakeLoss(); loss != (series.Loss{}) {
		t.Errorf("the same loss was told twice: %+v", loss)
	}
	for _, want := range []int64{base, base + 1} { // what was in time is still there
		if c := next(t, slow); c.MinTime != want {
			t.Errorf("got %d, want %d", c.MinTime, want)
		}
	}
	for n := range int64(5) {
		if c := next(t, quick); c.MinTime != base+n {
			t.Errorf("the other feed got %d, want %d", c.MinTime, base+n)
		}
	}
	if quick.LostCount() != 0 {
		t.Error("the other feed lost commits")
	}
}

func TestFeedWithSamplesIsNeverGivenACommitWithout(t *testing.T) {
	db, _ := open(t, series.Config{})
	app := db.AppenderV2(t.Context()) // before anybody wants samples
	if _, err := app.Append(0, labels.FromStrings("__name__", "x"), 0, base, 1, nil, nil, storage.AOptions{}); err != nil {
		t.Fatal(err)
	}
	feed := subscribe(t, db, series.FeedOptions{Samples: true})
	plain := subscribe(t, db, series.FeedOptions{})
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
	silent(t, feed)
	if loss := feed.TakeLoss(); loss.Commits != 1 || loss.MinTime != base {
		t.Errorf("lost %+v, want the commit", loss)
	}
	if c := next(t, plain); c.Count != 1 {
		t.Errorf("announced %+v", c)
	}
}

func TestClosingFeeds(t *testing.T) {
	db, stop := open(t, series.Config{})
	closed, left := db.Subscribe(series.FeedOptions{}), db.Subscribe(series.FeedOptions{})
	write(t, db, "x", point{base, 1})
	closed.Close()
	closed.Close()
	write(t, db, "x", point{base + 1, 1})
	if n := drain(closed); n != 1 {
		t.Errorf("a closed feed held %d commits, want the one from before", n)
	}
	stop()
	if n := drain(left); n != 2 {
		t.Errorf("the feed that Close ended held %d commits, want 2", n)
	}
	left.Close()
	late := db.Subscribe(series.FeedOptions{})
	if n := drain(late); n != 0 {
		t.Errorf("a feed of a closed storage held %d commits", n)
	}
	late.Close()
}

// drain counts what is left in a closed feed.
func drain(feed *series.Feed) (n int) {
	for range feed.Commits() {
		n++
	}
	return n
}

func TestZeroSampleAtTheStartWidensTheCommit(t *testing.T) {
	db, _ := open(t, series.Config{Features: series.Features{StartTimestampZeroIngestion: true}})
	feed := subscribe(t, db, series.FeedOptions{})
	app := db.AppenderV2(t.Context())
	if _, err := app.Append(0, labels.FromStrings("__name__", "x_total"), base-3_600_000, base, 7, nil, nil, storage.AOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
	if c := next(t, feed); c.MinTime != base-3_600_000 || c.MaxTime != base {
		t.Errorf("announced %+v", c)
	}
	expect(t, db, "x_total", point{base - 3_600_000, 0}, point{base, 7})
}
