package live

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"daymark/query"
)

// Parsing and printing take time that grows with the square of the length, and
// nothing can end them.
const (
	maxExpr    = 16 << 10 // bytes of an expression
	maxPrinted = 4 << 10  // bytes of one that is printed to find others like it
)

// plan is what the hub knows about an expression before it evaluates it.
type plan struct {
	expr string // canonical: parsed and printed, unless it is long
	// whole expressions can change at old steps merely because time goes on, or at
	// one step depending on the others: they are evaluated over the whole window.
	whole bool
	uses  []use
}

// use is one selector of an expression and the steps that its samples reach.
type use struct {
	key      string // the matchers, canonical
	matchers []*labels.Matcher
	// A sample at t changes no step before t+first nor after t+last, in milliseconds.
	first, last int64
	// pinned selectors read samples from pinFrom to pinTo whatever the step
	// (`@ 1600000000`): such a sample changes all steps.
	pinned         bool
	pinFrom, pinTo int64
}

// reach returns the steps that samples from oldest to newest may change, both
// inclusive, and false where they change none.
func (u use) reach(oldest, newest int64) (from, to int64, some bool) {
	if u.pinned {
		return math.MinInt64, math.MaxInt64, newest >= u.pinFrom && oldest <= u.pinTo
	}
	return oldest + u.first, newest + u.last, true
}

// newPlan analyses expr for steps of length step over window.
func newPlan(p parser.Parser, expr string, step, window, lookback time.Duration) (*plan, *query.Error) {
	if len(expr) > maxExpr {
		return nil, &query.Error{
			Kind:    query.KindLimit,
			Message: fmt.Sprintf("the expression is %d bytes long, at most %d are watched", len(expr), maxExpr),
			Hint:    "record parts of it with a rule",
		}
	}
	parsed, err := p.ParseExpr(expr)
	if err != nil {
		return nil, query.ParseError(expr, err)
	}
	if wrong := query.RangeTypeError(expr, parsed.Type()); wrong != nil {
		return nil, wrong
	}
	pl := &plan{expr: strings.TrimSpace(expr), whole: needsWhole(parsed)}
	if len(expr) <= maxPrinted {
		printed := parsed.String()
		// Where printing has lost something, share less, but be right.
		if again, err := p.ParseExpr(printed); err == nil && again.String() == printed {
			pl.expr = printed
		}
	}
	// Preprocessing works out durations that are expressions themselves. The times
	// matter to whole expressions only, whose uses are pinned open below.
	at := time.UnixMilli(0)
	resolved, err := promql.PreprocessExpr(parsed, at, at.Add(window-step), step)
	if err != nil {
		return nil, query.ParseError(expr, err)
	}
	lookbackMs := lookback.Milliseconds()
	parser.Inspect(resolved, func(node parser.Node, path []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			if hasNegativeOffset(n, path) {
				pl.whole = true
			}
			pl.uses = append(pl.uses, newUse(n, path, lookbackMs))
		case *parser.Call:
			if n.Func.Name == "info" {
				pl.uses = append(pl.uses, infoUse(n))
			}
		}
		return nil
	})
	return pl, nil
}

// needsWhole says whether the answer at one step may depend on the range it is
// asked in, or on samples after that step.
func needsWhole(expr parser.Expr) (whole bool) {
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			whole = whole || n.StartOrEnd != 0 || n.Smoothed || readsRange(n.OriginalOffsetExpr)
		case *parser.MatrixSelector:
			whole = whole || readsRange(n.RangeExpr)
		case *parser.SubqueryExpr:
			whole = whole || n.StartOrEnd != 0 || readsRange(n.RangeExpr) || readsRange(n.StepExpr) || readsRange(n.OriginalOffsetExpr)
		case *parser.AggregateExpr:
			// They take the first series that storage returns, and which those are
			// depends on the range.
			whole = whole || n.Op == parser.LIMITK || n.Op == parser.LIMIT_RATIO
		case *parser.Call:
			switch n.Func.Name {
			case "start", "end", "range", "step": // step() is 0 where start equals end
				whole = true
			case "info": // selects its info series by what the whole range holds
				whole = true
			}
		}
		return nil
	})
	return whole
}

// readsRange says whether a duration expression contains range().
func readsRange(d *parser.DurationExpr) bool {
	if d == nil {
		return false
	}
	if d.Op == parser.RANGE {
		return true
	}
	for _, side := range []parser.Expr{d.LHS, d.RHS} {
		if inner, ok := side.(*parser.DurationExpr); ok && readsRange(inner) {
			return true
		}
	}
	return false
}

func hasNegativeOffset(n *parser.VectorSelector, path []parser.Node) bool {
	return n.OriginalOffset < 0 || slices.ContainsFunc(path, func(p parser.Node) bool {
		s, ok := p.(*parser.SubqueryExpr)
		return ok && s.OriginalOffset < 0
	})
}

// newUse works out which steps the samples of n reach, as the engine's
// getTimeRangesForSelector does the other way round.
func newUse(n *parser.VectorSelector, path []parser.Node, lookback int64) use {
	u := use{key: matchersKey(n.LabelMatchers), matchers: n.LabelMatchers, last: lookback}
	if len(path) > 0 {
		if m, ok := path[len(path)-1].(*parser.MatrixSelector); ok {
			u.last = m.Range.Milliseconds()
			if n.Anchored || n.Smoothed {
				u.last += lookback
			}
		}
	}
	if n.Smoothed {
		u.first = -lookback
	}
	u.shift(n.OriginalOffset, 0)
	u.pin(n.Timestamp, n.StartOrEnd)
	for _, node := range slices.Backward(path) {
		if s, ok := node.(*parser.SubqueryExpr); ok && !u.pinned {
			u.shift(s.OriginalOffset, s.Range)
			u.pin(s.Timestamp, s.StartOrEnd)
		}
	}
	return u
}

func (u *use) shift(offset, span time.Duration) {
	u.first += offset.Milliseconds()
	u.last += offset.Milliseconds() + span.Milliseconds()
}

func (u *use) pin(at *int64, startOrEnd parser.ItemType) {
	switch {
	case startOrEnd != 0: // moves with the window: any sample may be read
		u.pinned, u.pinFrom, u.pinTo = true, math.MinInt64, math.MaxInt64
	case at != nil:
		u.pinned, u.pinFrom, u.pinTo = true, *at-u.last, *at-u.first
	}
}

// infoUse stands for the series that info() selects on its own.
func infoUse(call *parser.Call) use {
	name := labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, "target_info")
	var given []*labels.Matcher
	if len(call.Args) > 1 {
		if n, ok := call.Args[1].(*parser.VectorSelector); ok {
			for _, m := range n.LabelMatchers {
				if m.Name == model.MetricNameLabel {
					given = append(given, m)
				}
			}
		}
	}
	positive := slices.ContainsFunc(given, func(m *labels.Matcher) bool {
		return m.Type == labels.MatchEqual || m.Type == labels.MatchRegexp
	})
	switch {
	case len(given) == 0:
		given = []*labels.Matcher{name}
	case !positive:
		given = append(given, labels.MustNewMatcher(labels.MatchRegexp, model.MetricNameLabel, ".+_info"))
	}
	return use{key: matchersKey(given), matchers: given, pinned: true, pinFrom: math.MinInt64, pinTo: math.MaxInt64}
}

func matchersKey(ms []*labels.Matcher) string {
	texts := make([]string, len(ms))
	for i, m := range ms {
		texts[i] = m.String()
	}
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), ",")
}
