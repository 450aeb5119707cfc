package ruler

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync/atomic"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// builtIn comes before the names of files that come with the program.
const builtIn = "builtin:"

// ruleSet is the checked content of all rule files.
type ruleSet struct {
	names  []string // of the files that the configuration names
	packs  []*Pack  // sorted by name
	groups map[string]*rulefmt.RuleGroups
}

// loader gives the rule manager what load has checked, so that a file that
// changes in between changes nothing.
type loader struct {
	parser parser.Parser
	set    atomic.Pointer[ruleSet]
}

// Load returns the groups of one file.
func (l *loader) Load(name string, _ bool, _ model.ValidationScheme) (*rulefmt.RuleGroups, []error) {
	groups, ok := l.set.Load().groups[name]
	if !ok {
		return nil, []error{fmt.Errorf("rule file %s was not read", name)}
	}
	return groups, nil
}

// Parse parses an expression.
func (l *loader) Parse(expr string) (parser.Expr, error) { return l.parser.ParseExpr(expr) }

// Validate reads and checks everything that Apply would refuse, and changes
// nothing.
func (c Config) Validate() error {
	_, err := load(c, parser.NewParser(c.Parser), slog.New(slog.DiscardHandler))
	return errors.Join(err, checkExternal(c.File))
}

// load reads all rule files of cfg. Every mistake in any of them is part of
// the error.
func load(cfg Config, p parser.Parser, log *slog.Logger) (*ruleSet, error) {
	set := &ruleSet{groups: map[string]*rulefmt.RuleGroups{}}
	var mistakes []error
	add := func(name string, content []byte, err error) (added bool) {
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("rule file %s: %w", name, err))
			return false
		}
		if _, twice := set.groups[name]; twice {
			return false // two globs may find the same file
		}
		groups, errs := parse(name, content, cfg.scheme(), p, log)
		mistakes = append(mistakes, errs...)
		set.groups[name] = groups
		return len(errs) == 0
	}
	for _, name := range cfg.Files {
		content, err := os.ReadFile(name)
		if add(name, content, err) {
			set.names = append(set.names, name)
		}
	}
	packs, err := packNames(cfg.Packs)
	if err != nil {
		return nil, err
	}
	for _, name := range packs {
		content, err := fs.ReadFile(cfg.Packs, name)
		if add(builtIn+name, content, err) {
			set.packs = append(set.packs, readPack(name, content, set.groups[builtIn+name]))
		}
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	return set, nil
}
