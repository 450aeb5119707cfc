package query

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"daymark/storage/series"
)

// ErrorKind says in one word why a query has no answer.
type ErrorKind string

// The kinds of Error.
const (
	KindParse       ErrorKind = "parse"       // the expression is not PromQL, or not of a type that can be asked for
	KindInvalid     ErrorKind = "invalid"     // the request's times or step make no sense
	KindTimeout     ErrorKind = "timeout"     // the evaluation took too long
	KindLimit       ErrorKind = "limit"       // it would take more steps, series or samples than allowed
	KindCanceled    ErrorKind = "canceled"    // the one who asked has gone
	KindExecution   ErrorKind = "execution"   // the data does not fit the expression, or reading it failed
	KindUnavailable ErrorKind = "unavailable" // history is still loading
)

// Error is why a query has no answer, for people and programs.
type Error struct {
	Kind ErrorKind
	// Message says what is wrong, in one sentence without a position.
	Message string
	// Hint says what the asker can do about it; empty where there is nothing.
	Hint string
	// Start and End are the place in the expression, as byte offsets, end
	// exclusive. Both are meaningful for KindParse only.
	Start, End int
	// Err is the engine's own error; nil where the request was refused before.
	Err error
}

// Error implements error. It is the engine's own wording where there is one.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Err.Error()
	}
	if e.Hint != "" {
		return e.Message + ": " + e.Hint
	}
	return e.Message
}

// Unwrap returns the engine's own error.
func (e *Error) Unwrap() error { return e.Err }

// Is makes a cancelled query match context.Canceled and one that timed out
// context.DeadlineExceeded, which the engine's own errors do not.
func (e *Error) Is(target error) bool {
	return e.Kind == KindCanceled && target == context.Canceled ||
		e.Kind == KindTimeout && target == context.DeadlineExceeded
}

// ParseError turns what a parser of this engine says about expr into an *Error
// with the place of the first mistake.
func ParseError(expr string, err error) *Error {
	e := &Error{Kind: KindParse, Message: err.Error(), Start: 0, End: len(expr), Err: err}
	var first *parser.ParseErr
	if list, ok := errors.AsType[parser.ParseErrors](err); ok && len(list) > 0 {
		first = &list[0]
	} else if one, ok := errors.AsType[*parser.ParseErr](err); ok {
		first = one
	}
	if first == nil {
		return e
	}
	e.Message = first.Err.Error()
	e.Start = min(max(int(first.PositionRange.Start), 0), len(expr))
	e.End = min(max(int(first.PositionRange.End), e.Start), len(expr))
	return e
}

// RangeTypeError says that expr, of type t, cannot be evaluated over a range,
// and what to write instead. It is nil where it can.
func RangeTypeError(expr string, t parser.ValueType) *Error {
	if t == parser.ValueTypeVector || t == parser.ValueTypeScalar {
		return nil
	}
	e := &Error{
		Kind:    KindParse,
		Message: fmt.Sprintf("this is a %s, only an instant vector or a scalar can be drawn over time", parser.DocumentedType(t)),
		End:     len(expr),
	}
	if t == parser.ValueTypeMatrix {
		e.Hint = "put a function around it, such as rate(…) or max_over_time(…)"
	}
	return e
}

// refusal types an error from the building of a query.
func (e *Engine) refusal(expr string, err error) *Error {
	if known := failure(err); known.Kind != KindExecution {
		return known
	}
	parsed, parseErr := e.parser.ParseExpr(expr)
	if parseErr != nil {
		return ParseError(expr, parseErr)
	}
	if wrong := RangeTypeError(expr, parsed.Type()); wrong != nil {
		wrong.Err = err
		return wrong
	}
	return ParseError(expr, err)
}

// failure types an error from the running of a query.
func failure(err error) *Error {
	e := &Error{Kind: KindExecution, Message: err.Error(), Err: err}
	var (
		canceled promql.ErrQueryCanceled
		timeout  promql.ErrQueryTimeout
		samples  promql.ErrTooManySamples
		manySer  promql.ErrTooManySeries
		read     promql.ErrTooManySamplesRead
		ceiling  promql.ErrLimitAboveCeiling
	)
	switch {
	case errors.As(err, &canceled), errors.Is(err, context.Canceled):
		e.Kind = KindCanceled
	case errors.As(err, &timeout), errors.Is(err, context.DeadlineExceeded):
		e.Kind = KindTimeout
		e.Hint = "ask for a shorter range, a longer step or fewer series"
	case errors.As(err, &samples), errors.As(err, &manySer), errors.As(err, &read), errors.As(err, &ceiling):
		e.Kind = KindLimit
		e.Hint = "select fewer series, a shorter range or a longer step"
	case errors.Is(err, series.ErrNotReady), errors.Is(err, series.ErrClosed):
		e.Kind = KindUnavailable
		e.Message = "history is still loading"
		e.Hint = "try again in a moment"
	}
	return e
}
