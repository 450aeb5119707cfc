package query

import (
	"fmt"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
)

// MaxPoints is how many steps a range may have beyond its first, as in
// Prometheus: a week at 60 s or a year at 1 h.
const MaxPoints = 11_000

// InstantRequest asks for the value of an expression at one time.
type InstantRequest struct {
	Expr string
	Time time.Time
}

// RangeRequest asks for the values of an expression at every step from Start
// to End, both inclusive.
type RangeRequest struct {
	Expr       string
	Start, End time.Time
	Step       time.Duration
}

// Result is what a query answers.
type Result struct {
	// Value is the answer as the engine gives it: a promql.Matrix for a range, and
	// a promql.Vector, promql.Scalar, promql.String or promql.Matrix for an instant.
	Value parser.Value
	// Matrix is Value where that is one, sorted by labels.
	Matrix promql.Matrix
	// Warnings and Infos are the annotations of the evaluation, sorted, at most ten each.
	Warnings, Infos []string
}

// Validate says what is wrong with the times of r, as *Error, or nil.
func (r RangeRequest) Validate() error {
	switch {
	case r.Step < time.Millisecond:
		return &Error{
			Kind:    KindInvalid,
			Message: fmt.Sprintf("the step is %s", r.Step),
			Hint:    "give a step of at least 1 ms, such as 15s",
		}
	case r.End.Before(r.Start):
		return &Error{
			Kind:    KindInvalid,
			Message: fmt.Sprintf("the end %s lies before the start %s", r.End.UTC().Format(time.RFC3339Nano), r.Start.UTC().Format(time.RFC3339Nano)),
			Hint:    "swap start and end",
		}
	case r.End.Sub(r.Start)/r.Step > MaxPoints:
		return &Error{
			Kind:    KindLimit,
			Message: fmt.Sprintf("the range holds %d steps of %s, at most %d are evaluated", r.End.Sub(r.Start)/r.Step, r.Step, MaxPoints),
			Hint:    fmt.Sprintf("take a step of %s or longer, or a shorter range", AutoStep(r.End.Sub(r.Start), MaxPoints)),
		}
	}
	return nil
}

const day = 24 * time.Hour

// ladder are the steps that live panels and dashboards snap to, so that
// screens of different width share their evaluations. Each rung divides the
// day, and the longest goes on in multiples of itself.
func ladder() [20]time.Duration {
	return [...]time.Duration{
		time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 3 * time.Hour, 4 * time.Hour, 6 * time.Hour, 8 * time.Hour, 12 * time.Hour,
		day,
	}
}

// SnapStep returns the shortest step of the ladder that is not shorter than d:
// 1 s, 2 s, 5 s, 10 s, 15 s, 30 s, the same in minutes, 1 h, 2 h, 3 h, 4 h,
// 6 h, 8 h, 12 h, and whole days.
func SnapStep(d time.Duration) time.Duration {
	for _, step := range ladder() {
		if step >= d {
			return step
		}
	}
	days := (d-1)/day + 1
	return days * day
}

// AutoStep returns the shortest step of the ladder at which a range of length
// rangeD has at most points steps. Points below 1 count as 1.
func AutoStep(rangeD time.Duration, points int) time.Duration {
	n := time.Duration(max(points, 1))
	return SnapStep((rangeD + n - 1) / n)
}
