package live

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
)

const lookback = 5 * time.Minute

func planFor(t *testing.T, expr string) *plan {
	t.Helper()
	pl, err := newPlan(parser.NewParser(promqltest.TestParserOpts), expr, 15*time.Second, time.Hour, lookback)
	if err != nil {
		t.Fatal(err)
	}
	return pl
}

// TestReachAgreesWithTheEngine compares the steps that a sample reaches with
// the samples that the engine reads for a step: the same spans, seen from the
// other end.
func TestReachAgreesWithTheEngine(t *testing.T) {
	p := parser.NewParser(promqltest.TestParserOpts)
	for _, expr := range []string{
		`up`, `up offset 1m`, `rate(up[7m])`, `rate(up[7m] offset 3m)`, `max_over_time(up[10m:1m])`, `max_over_time(rate(up[3m])[10m:1m] offset 2m)`,
		`max_over_time(max_over_time(up[2m:])[10m:1m] offset 2m)`, `increase(up[3m] anchored)`, `rate(up[3m] smoothed)`, `up smoothed`, `up offset -2m`,
		`rate(up[max_of(1m, 4 * step())])`, `rate(up[2 * range()])`, `up + rate(x[20m])`,
	} {
		parsed, err := p.ParseExpr(expr)
		if err != nil {
			t.Fatal(err)
		}
		at := time.UnixMilli(1_790_000_000_000)
		resolved, err := promql.PreprocessExpr(parsed, at.Add(-time.Hour+15*time.Second), at, 15*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		oldest, newest := promql.FindMinMaxTime(&parser.EvalStmt{Expr: resolved, Start: at, End: at, Interval: 15 * time.Second, LookbackDelta: lookback})
		first, last := int64(math.MaxInt64), int64(math.MinInt64)
		for _, u := range planFor(t, expr).uses {
			first, last = min(first, u.first), max(last, u.last)
		}
		if got, want := at.UnixMilli()-newest, first; got != want {
			t.Errorf("%s: the engine reads up to %d ms before a step, reach says %d", expr, got, want)
		}
		if got, want := at.UnixMilli()-oldest, last; got > want || got < want-1 { // the oldest millisecond is exclusive
			t.Errorf("%s: the engine reads from %d ms before a step, reach says %d", expr, got, want)
		}
	}
}

func TestPinnedSamplesReachEveryStep(t *testing.T) {
	tests := map[string]struct {
		expr       string
		inside     int64
		outside    int64
		neverSkips bool
	}{
		"fixed":                   {`up @ 1000`, 1_000_000, 1_000_001, false},
		"fixed, from the past":    {`rate(up[1m] @ 1000 offset 1m)`, 940_000, 940_001, false},
		"below a fixed subquery":  {`max_over_time(rate(up[1m])[10m:1m] @ 1000)`, 400_000, 300_000, false},
		"the window's end":        {`up @ end()`, 1, 1, true},
		"info, which selects all": {`info(up @ 1)`, 1, 1, true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			reaches := func(at int64) (some bool) {
				for _, u := range planFor(t, tc.expr).uses {
					from, to, hit := u.reach(at, at)
					some = some || hit && from == math.MinInt64 && to == math.MaxInt64
				}
				return some
			}
			if !reaches(tc.inside) {
				t.Errorf("a sample at %d does not reach all steps", tc.inside)
			}
			if reaches(tc.outside) != tc.neverSkips {
				t.Errorf("a sample at %d: %t", tc.outside, !tc.neverSkips)
			}
		})
	}
}

func TestCanonicalExpressionsShare(t *testing.T) {
	same := []string{`sum by(job)(rate(up{job="a"}[5m]))`, "sum by (job) (\n  rate(up{job='a'}[300s]) # a comment\n)"}
	if a, b := planFor(t, same[0]), planFor(t, same[1]); a.expr != b.expr {
		t.Errorf("%s is not %s", a.expr, b.expr)
	}
	if a, b := planFor(t, `up{a="1",b="2"}`), planFor(t, `up{b="2",a="1"}`); a.uses[0].key != b.uses[0].key {
		t.Error("the same matchers in another order are another selector")
	}
}

func TestLongExpressionsStayAsTheyAre(t *testing.T) {
	expr := "up" + strings.Repeat("+1e308", 1_000) // 309 digits each, if printed
	if pl := planFor(t, " "+expr+"\n"); pl.expr != expr || len(pl.uses) != 1 {
		t.Errorf("%d selectors in %d bytes", len(pl.uses), len(pl.expr))
	}
}

func TestInfoSelectsByName(t *testing.T) {
	tests := map[string]string{
		`info(up)`:                                    `__name__="target_info"`,
		`info(up, {__name__=~"build_.+"})`:            `__name__=~"build_.+"`,
		`info(up, {version="1", __name__!="x_info"})`: `__name__!="x_info",__name__=~".+_info"`,
	}
	for expr, want := range tests {
		pl := planFor(t, expr)
		found := false
		for _, u := range pl.uses {
			found = found || u.key == want
		}
		if !pl.whole || !found {
			t.Errorf("%s: whole is %t, uses are %+v", expr, pl.whole, pl.uses)
		}
	}
}
