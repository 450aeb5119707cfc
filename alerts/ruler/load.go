package ruler

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"daymark/alerts/yamlerr"
)

// builtIn comes before the names of files that come with the program.
const builtIn = "builtin:"

// ruleSet is the checked content of all rule files.
type ruleSet struct {
	names  []string
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
	add := func(name string, content []byte, err error) {
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("rule file %s: %w", name, err))
			return
		}
		if _, twice := set.groups[name]; twice {
			return // two globs may find the same file
		}
		groups, errs := parse(name, content, cfg.scheme(), p, log)
		mistakes = append(mistakes, errs...)
		set.names = append(set.names, name)
		set.groups[name] = groups
	}
	for _, name := range cfg.Files {
		content, err := os.ReadFile(name)
		add(name, content, err)
	}
	packs, err := packNames(cfg.Packs)
	if err != nil {
		return nil, err
	}
	for _, name := range packs {
		content, err := fs.ReadFile(cfg.Packs, name)
		add(builtIn+name, content, err)
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	return set, nil
}

// packNames lists the rule files at the top of packs.
func packNames(packs fs.FS) ([]string, error) {
	if packs == nil {
		return nil, nil
	}
	entries, err := fs.ReadDir(packs, ".")
	if err != nil {
		return nil, fmt.Errorf("built-in rules: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if ext := path.Ext(entry.Name()); !entry.IsDir() && (ext == ".yml" || ext == ".yaml") {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// Check returns what is wrong with a rule file, one error for each mistake:
// file:line:column, the reason, and for an unknown key the one that was
// probably meant.
func Check(file string, content []byte, p parser.Parser) []error {
	_, errs := parse(file, content, model.UTF8Validation, p, slog.New(slog.DiscardHandler))
	return errs
}

func parse(file string, content []byte, scheme model.ValidationScheme, p parser.Parser, log *slog.Logger) (*rulefmt.RuleGroups, []error) {
	groups, errs := rulefmt.Parse(content, false, scheme, p, log)
	var document yaml.Node
	if len(errs) > 0 {
		_ = yaml.Unmarshal(content, &document) // what is wrong with it is among errs
	}
	var mistakes []error
	for _, err := range errs {
		var inRule *rulefmt.Error
		if errors.As(err, &inRule) {
			mistakes = append(mistakes, place(file, &document, inRule))
			continue
		}
		mistakes = append(mistakes, yamlerr.Explain(file, content, reflect.TypeFor[rulefmt.RuleGroups](), err)...)
	}
	// The file is decoded twice, and a mistake in its types is then told twice.
	return groups, unique(mistakes)
}

func unique(list []error) []error {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(err error) bool {
		twice := seen[err.Error()]
		seen[err.Error()] = true
		return twice
	})
}

// place says where in the file a mistake in a rule is. The library knows for
// some kinds; for the others it is the rule.
func place(file string, document *yaml.Node, err *rulefmt.Error) error {
	reason := err.Err.Unwrap().Error()
	told := &yamlerr.Error{File: file, Reason: fmt.Sprintf("group %q, rule %d, %q: %s", err.Group, err.Rule, err.RuleName, reason)}
	// The library prints "line:column: " before the message where it knows.
	where, _, found := strings.Cut(err.Err.Error(), ": ")
	if n, scanErr := fmt.Sscanf(where, "%d:%d", &told.Line, &told.Column); found && scanErr == nil && n == 2 && told.Line > 0 {
		return told
	}
	told.Line, told.Column = 0, 0
	if rule := findRule(document, err.Group, err.Rule-1); rule != nil {
		told.Line, told.Column = rule.Line, rule.Column
	}
	return told
}

// findRule returns the node of a rule, nil if there is none.
func findRule(document *yaml.Node, group string, index int) *yaml.Node {
	if len(document.Content) == 0 {
		return nil
	}
	groups := child(document.Content[0], "groups")
	if groups == nil {
		return nil
	}
	for _, g := range groups.Content {
		name, list := child(g, "name"), child(g, "rules")
		if name != nil && name.Value == group && list != nil && index >= 0 && index < len(list.Content) {
			return list.Content[index]
		}
	}
	return nil
}

// child returns the value of a key in a mapping, nil if there is none.
func child(mapping *yaml.Node, key string) *yaml.Node {
	if mapping.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}
