package query

import (
	"fmt"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// maxExpressionBytes is the longest expression that is parsed. Parsing takes
// time that grows with the square of the length and cannot be cancelled: a
// megabyte would hold a processor for half an hour.
const maxExpressionBytes = 128 << 10

// boundedParser is Prometheus's parser, for expressions of bearable length.
type boundedParser struct{ parser.Parser }

// ParseExpr parses input, which may have maxExpressionBytes at most.
func (p boundedParser) ParseExpr(input string) (parser.Expr, error) {
	if err := checkLength(input); err != nil {
		return nil, err
	}
	return p.Parser.ParseExpr(input)
}

// ParseMetricSelector parses input, which may have maxExpressionBytes at most.
func (p boundedParser) ParseMetricSelector(input string) ([]*labels.Matcher, error) {
	if err := checkLength(input); err != nil {
		return nil, err
	}
	return p.Parser.ParseMetricSelector(input)
}

// ParseMetricSelectors parses each of list.
func (p boundedParser) ParseMetricSelectors(list []string) ([][]*labels.Matcher, error) {
	for _, input := range list {
		if err := checkLength(input); err != nil {
			return nil, err
		}
	}
	return p.Parser.ParseMetricSelectors(list)
}

func checkLength(input string) error {
	if len(input) > maxExpressionBytes {
		return fmt.Errorf("the expression has %d bytes, at most %d are read: record parts of it by rules", len(input), maxExpressionBytes)
	}
	return nil
}
