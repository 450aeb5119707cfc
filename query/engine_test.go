package query_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/storage"

	"daymark/query"
	"daymark/storage/series"
)

const threeSeries = `
load 15s
  up{job="node",instance="a"} 1x40
  up{job="node",instance="b"} 1x20 0x20
  up{job="shop",instance="c"} 0+1x40
`

func at(seconds int) time.Time { return time.Unix(int64(seconds), 0).UTC() }

func TestRangeAnswersEveryStepInclusive(t *testing.T) {
	engine := newEngine(t, promqltest.LoadedStorage(t, threeSeries))
	res, err := engine.Range(t.Context(), query.RangeRequest{Expr: `sum by (job) (up)`, Start: at(0), End: at(60), Step: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`{job="node"} => 2@0 2@30000 2@60000`, `{job="shop"} => 0@0 2@30000 4@60000`}
	if diff := cmp.Diff(want, render(res.Matrix)); diff != "" {
		t.Error(diff)
	}
}

func render(m promql.Matrix) (lines []string) {
	for _, s := range m {
		var b strings.Builder
		b.WriteString(s.Metric.String() + " =>")
		for _, p := range s.Floats {
			b.WriteString(" " + strings.ReplaceAll(strings.NewReplacer("[", "", "]", "").Replace(p.String()), " ", ""))
		}
		lines = append(lines, b.String())
	}
	return lines
}

func TestInstantGivesEachTypeOfValue(t *testing.T) {
	engine := newEngine(t, promqltest.LoadedStorage(t, threeSeries))
	tests := map[string]struct{ expr, want string }{
		"vector": {`up{instance="c"}`, `{__name__="up", instance="c", job="shop"} => 4 @[60000]`},
		"scalar": {`scalar(up{instance="c"}) * 2`, `scalar: 8 @[60000]`},
		"string": {`"daylight"`, `daylight`},
		"matrix": {`up{instance="c"}[20s]`, "{__name__=\"up\", instance=\"c\", job=\"shop\"} =>\n3 @[45000]\n4 @[60000]"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			res, err := engine.Instant(t.Context(), query.InstantRequest{Expr: tc.expr, Time: at(60)})
			if err != nil {
				t.Fatal(err)
			}
			if got := res.Value.String(); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestWarningsAreTexts(t *testing.T) {
	engine := newEngine(t, promqltest.LoadedStorage(t, threeSeries))
	res, err := engine.Instant(t.Context(), query.InstantRequest{Expr: `quantile(2, up) + on () sum(rate(up[1m]))`, Time: at(60)})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Warnings) != 1 || !strings.Contains(res.Warnings[0], "quantile value should be between 0 and 1") {
		t.Errorf("warnings are %q", res.Warnings)
	}
	if len(res.Infos) != 1 || !strings.Contains(res.Infos[0], "metric might not be a counter") {
		t.Errorf("infos are %q", res.Infos)
	}
}

func TestErrorsSayKindPlaceAndWhatToDo(t *testing.T) {
	engine := newEngine(t, promqltest.LoadedStorage(t, threeSeries), func(c *query.Config) { c.MaxSamples = 12 })
	ask := func(change ...func(*query.RangeRequest)) query.RangeRequest {
		r := query.RangeRequest{Expr: "up", Start: at(0), End: at(60), Step: time.Minute}
		for _, f := range change {
			f(&r)
		}
		return r
	}
	expr := func(s string) func(*query.RangeRequest) { return func(r *query.RangeRequest) { r.Expr = s } }
	tests := map[string]struct {
		ask        query.RangeRequest
		kind       query.ErrorKind
		message    string
		start, end int
		hint       string
	}{
		"unclosed":        {ask(expr("sum(up")), query.KindParse, "unclosed left parenthesis", 6, 6, ""},
		"unknown":         {ask(expr("1 + nosuch(up)")), query.KindParse, "unknown function", 4, 10, ""},
		"range vector":    {ask(expr("up[5m]")), query.KindParse, "range vector", 0, 6, "rate(…)"},
		"string":          {ask(expr(`"up"`)), query.KindParse, "string", 0, 4, ""},
		"zero duration":   {ask(expr("rate(up[5m-5m])")), query.KindParse, "duration must be greater than 0", 0, 15, ""},
		"no step":         {ask(func(r *query.RangeRequest) { r.Step = 0 }), query.KindInvalid, "the step is 0s", 0, 0, "at least 1 ms"},
		"end first":       {ask(func(r *query.RangeRequest) { r.End = at(-1) }), query.KindInvalid, "lies before the start", 0, 0, "swap"},
		"too many steps":  {ask(func(r *query.RangeRequest) { r.Step, r.End = time.Second, at(11_001) }), query.KindLimit, "11001 steps of 1s", 0, 0, "2s or longer"},
		"too many points": {ask(func(r *query.RangeRequest) { r.Step = 10 * time.Second }), query.KindLimit, "too many samples", 0, 0, "fewer series"},
		"no match":        {ask(expr(`up{instance="a"} + on () up{job="node"}`), func(r *query.RangeRequest) { r.End = r.Start }), query.KindExecution, "found duplicate series", 0, 0, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := engine.Range(t.Context(), tc.ask)
			var e *query.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, which is no *query.Error", err)
			}
			if e.Kind != tc.kind || !strings.Contains(e.Message, tc.message) || !strings.Contains(e.Hint, tc.hint) {
				t.Errorf("got %s %q, hint %q", e.Kind, e.Message, e.Hint)
			}
			if e.Kind == query.KindParse && (e.Start != tc.start || e.End != tc.end) {
				t.Errorf("the place is %d to %d, want %d to %d", e.Start, e.End, tc.start, tc.end)
			}
		})
	}
}

func TestLongestRangeIsAccepted(t *testing.T) {
	engine := newEngine(t, promqltest.LoadedStorage(t, threeSeries), func(c *query.Config) { c.MaxSamples = 100_000 })
	res, err := engine.Range(t.Context(), query.RangeRequest{Expr: "vector(1)", Start: at(0), End: at(11_000), Step: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(res.Matrix[0].Floats); n != 11_001 {
		t.Errorf("got %d points", n)
	}
}

func TestCancelledQueryIsCanceled(t *testing.T) {
	engine := newEngine(t, promqltest.LoadedStorage(t, threeSeries))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := engine.Instant(ctx, query.InstantRequest{Expr: "up", Time: at(60)})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestLoadingHistoryIsUnavailable(t *testing.T) {
	loading := storage.QueryableFunc(func(int64, int64) (storage.Querier, error) { return nil, series.ErrNotReady })
	_, err := newEngine(t, loading).Instant(t.Context(), query.InstantRequest{Expr: "up", Time: at(60)})
	var e *query.Error
	if !errors.As(err, &e) || e.Kind != query.KindUnavailable {
		t.Errorf("got %#v", err)
	}
}

func TestSlotsBoundConcurrencyWithoutAFile(t *testing.T) {
	engine := newEngine(t, promqltest.LoadedStorage(t, threeSeries), func(c *query.Config) { c.ActiveQueryPath, c.MaxConcurrency = "", 1 })
	release, err := engine.AcquireQuerySlot(t.Context(), "up")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := engine.Instant(ctx, query.InstantRequest{Expr: "up", Time: at(60)}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second query ran beside the only slot: %v", err)
	}
	release()
	if _, err := engine.Instant(t.Context(), query.InstantRequest{Expr: "up", Time: at(60)}); err != nil {
		t.Errorf("after the slot came free: %v", err)
	}
}

func TestApplyTakesLogSubqueryStepAndLimits(t *testing.T) {
	engine := newEngine(t, promqltest.LoadedStorage(t, threeSeries), func(c *query.Config) { c.QueryCost = true })
	count := func() string {
		t.Helper()
		res, err := engine.Instant(t.Context(), query.InstantRequest{Expr: `count_over_time(up{instance="a"}[2m:])`, Time: at(300)})
		if err != nil {
			t.Fatal(err)
		}
		return res.Value.String()
	}
	if got := count(); !strings.Contains(got, "=> 2 ") {
		t.Errorf("without a file subqueries step by a minute: %s", got)
	}

	logFile := filepath.Join(t.TempDir(), "queries.log")
	file := &promconfig.Config{GlobalConfig: promconfig.GlobalConfig{
		EvaluationInterval: model.Duration(10 * time.Second), QueryLogFile: logFile, QueryMaxSeries: 2,
	}}
	if err := engine.Apply(query.Config{File: file}); err != nil {
		t.Fatal(err)
	}
	if got := count(); !strings.Contains(got, "=> 12 ") {
		t.Errorf("with evaluation_interval 10s: %s", got)
	}
	if body, err := os.ReadFile(logFile); err != nil || !strings.Contains(string(body), `count_over_time(up{instance=\"a\"}[2m:])`) {
		t.Errorf("query log: %v, %s", err, body)
	}
	var e *query.Error
	if _, err := engine.Instant(t.Context(), query.InstantRequest{Expr: "up", Time: at(300)}); !errors.As(err, &e) || e.Kind != query.KindLimit {
		t.Errorf("three series passed a limit of two: %v", err)
	}

	bad := &promconfig.Config{GlobalConfig: promconfig.GlobalConfig{EvaluationInterval: model.Duration(time.Second), QueryLogFile: filepath.Join(logFile, "no")}}
	if err := engine.Apply(query.Config{File: bad}); err == nil {
		t.Error("a log file that cannot be opened was accepted")
	}
	if got := count(); !strings.Contains(got, "=> 12 ") {
		t.Errorf("a refused file changed the step: %s", got)
	}
}

func TestStepsSnapToTheLadder(t *testing.T) {
	tests := map[string]struct{ got, want time.Duration }{
		"nothing":                   {query.SnapStep(0), time.Second},
		"a rung":                    {query.SnapStep(15 * time.Second), 15 * time.Second},
		"between rungs":             {query.SnapStep(16 * time.Second), 30 * time.Second},
		"past the ladder":           {query.SnapStep(25 * time.Hour), 48 * time.Hour},
		"five minutes, 600 px":      {query.AutoStep(5*time.Minute, 600), time.Second},
		"six hours on a wide panel": {query.AutoStep(6*time.Hour, 1500), 15 * time.Second},
		"a year, no points":         {query.AutoStep(365*24*time.Hour, 0), 365 * 24 * time.Hour},
		"a week in 11,000":          {query.AutoStep(7*24*time.Hour, query.MaxPoints), time.Minute},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if tc.got != tc.want {
				t.Errorf("got %s, want %s", tc.got, tc.want)
			}
		})
	}
}

// TestEndlessExpressionIsRefusedAtOnce sends what would take the parser minutes.
func TestEndlessExpressionIsRefusedAtOnce(t *testing.T) {
	const tooLong = 128<<10 + 1
	engine := newEngine(t, promqltest.LoadedStorage(t, threeSeries))
	_, err := engine.Instant(t.Context(), query.InstantRequest{Expr: strings.Repeat("1+", tooLong/2) + "1", Time: at(0)})
	var refused *query.Error
	if !errors.As(err, &refused) || refused.Kind != query.KindParse || !strings.Contains(err.Error(), "at most") {
		t.Errorf("got %.200v", err)
	}
	selector := `{a="` + strings.Repeat("b", tooLong) + `"}`
	if _, err := engine.Parser().ParseMetricSelector(selector); err == nil {
		t.Error("an endless selector was parsed")
	}
	if _, err := engine.Parser().ParseMetricSelectors([]string{"up", selector}); err == nil {
		t.Error("an endless selector in a list was parsed")
	}
}
