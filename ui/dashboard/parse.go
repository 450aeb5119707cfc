package dashboard

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// Parse reads a document and checks it: known fields have their types, panels
// their places, and every expression can be read once variables and macros
// have values. The error holds all that is wrong, at most twenty Problems.
func Parse(document []byte, promql parser.Parser) (*Dashboard, error) {
	d, err := read(document)
	if err != nil {
		return nil, err
	}
	if err := d.Validate(promql); err != nil {
		return nil, err
	}
	return d, nil
}

func read(document []byte) (*Dashboard, error) {
	var raw json.RawMessage
	if err := json.Unmarshal(document, &raw); err != nil {
		return nil, notJSON(document, err)
	}
	var list problems
	d := &Dashboard{}
	list.read("", raw, reflect.ValueOf(d).Elem())
	d.All(func(path string, p *Panel) { list.checkKind(path, p) })
	return d, list.err()
}

// notJSON says at which line reading ended.
func notJSON(document []byte, err error) error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return &Problem{Found: "no JSON", Want: "a dashboard", Mend: err.Error()}
	}
	before := string(document[:min(int(syntax.Offset), len(document))])
	line := 1 + strings.Count(before, "\n")
	column := len(before) - strings.LastIndexByte(before, '\n') - 1
	return &Problem{
		Found: fmt.Sprintf("a mistake in line %d, column %d", line, column),
		Want:  "JSON", Mend: syntax.Error(),
	}
}

// checkKind reads what a panel says in the words of its kind.
func (list *problems) checkKind(path string, p *Panel) {
	if !drawn(p.Type) {
		return
	}
	if len(p.Options) > 0 {
		list.read(path+".options", json.RawMessage(p.Options), reflect.ValueOf(&Options{}).Elem())
	}
	if p.Type != TimeSeries && p.Type != Table {
		return
	}
	if custom := p.FieldConfig.Defaults.Custom; len(custom) > 0 {
		list.read(path+".fieldConfig.defaults.custom", json.RawMessage(custom), reflect.ValueOf(&Custom{}).Elem())
	}
}
