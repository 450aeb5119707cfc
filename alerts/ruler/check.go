package ruler

import (
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"daymark/alerts/yamlerr"
)

// Check returns what is wrong with a rule file, one error for each mistake:
// file:line:column, the reason, and for an unknown key the one that was
// probably meant.
func Check(file string, content []byte, p parser.Parser) []error {
	_, errs := parse(file, content, model.UTF8Validation, p, slog.New(slog.DiscardHandler))
	return errs
}

func parse(file string, content []byte, scheme model.ValidationScheme, p parser.Parser, log *slog.Logger) (*rulefmt.RuleGroups, []error) {
	groups, errs := rulefmt.Parse(content, false, scheme, p, log)
	if len(errs) == 0 {
		return groups, nil
	}
	var document yaml.Node
	_ = yaml.Unmarshal(content, &document) // what is wrong with it is among errs
	var mistakes []error
	for _, err := range errs {
		if inRule, ok := errors.AsType[*rulefmt.Error](err); ok {
			mistakes = append(mistakes, placeRule(file, &document, inRule))
			continue
		}
		for _, mistake := range yamlerr.Explain(file, content, reflect.TypeFor[rulefmt.RuleGroups](), err) {
			mistakes = append(mistakes, placeGroup(&document, mistake))
		}
	}
	// The file is decoded twice, and a mistake in its types is then told twice.
	seen := map[string]bool{}
	return groups, slices.DeleteFunc(mistakes, func(err error) bool {
		twice := seen[err.Error()]
		seen[err.Error()] = true
		return twice
	})
}

// placeRule says where in the file a mistake in a rule is. The library knows
// for some kinds; for the others it is the rule.
func placeRule(file string, document *yaml.Node, err *rulefmt.Error) error {
	told := &yamlerr.Error{File: file, Reason: fmt.Sprintf("group %q, rule %d, %q: %v", err.Group, err.Rule, err.RuleName, err.Err.Unwrap())}
	// The library prints "line:column: " before the message where it knows.
	var line, column int
	if n, scanErr := fmt.Sscanf(err.Err.Error(), "%d:%d: ", &line, &column); scanErr == nil && n == 2 && line > 0 {
		told.Line, told.Column = line, column
		return told
	}
	at(told, findRule(document, err.Group, err.Rule-1))
	return told
}

// placeGroup adds the place to a mistake outside of rules, for the kinds that
// the library tells without one.
func placeGroup(document *yaml.Node, err error) error {
	var told *yamlerr.Error
	if !errors.As(err, &told) || told.Line > 0 {
		return err
	}
	told.Reason = strings.TrimPrefix(told.Reason, "0:0: ")
	var name string
	switch {
	case scan(told.Reason, "groupname: %q is repeated", &name):
		at(told, findGroup(document, name))
	case strings.HasPrefix(told.Reason, "Groupname must not be empty"):
		at(told, findGroup(document, ""))
	case scan(told.Reason, "invalid label name: %s", &name):
		at(told, findKey(document, name))
	case strings.Contains(told.Reason, "duration"):
		at(told, findDuration(document))
	}
	return told
}

func scan(s, format string, into *string) bool {
	n, err := fmt.Sscanf(s, format, into)
	return n == 1 && err == nil
}

// at notes the place of a node, if there is one.
func at(told *yamlerr.Error, node *yaml.Node) {
	if node != nil {
		told.Line, told.Column = node.Line, node.Column
	}
}

// groupNodes returns the nodes of all groups.
func groupNodes(document *yaml.Node) []*yaml.Node {
	if len(document.Content) == 0 {
		return nil
	}
	if groups := child(document.Content[0], "groups"); groups != nil {
		return groups.Content
	}
	return nil
}

// findGroup returns the last group of that name, nil if there is none.
func findGroup(document *yaml.Node, name string) (found *yaml.Node) {
	for _, group := range groupNodes(document) {
		node := child(group, "name")
		if (node == nil && name == "") || (node != nil && node.Value == name) {
			found = group
		}
	}
	return found
}

// findRule returns the node of a rule, nil if there is none.
func findRule(document *yaml.Node, group string, index int) *yaml.Node {
	for _, g := range groupNodes(document) {
		name, list := child(g, "name"), child(g, "rules")
		if name != nil && name.Value == group && list != nil && index >= 0 && index < len(list.Content) {
			return list.Content[index]
		}
	}
	return nil
}

// findKey returns the first key of that name.
func findKey(node *yaml.Node, name string) *yaml.Node {
	return find(node, func(key, _ *yaml.Node) *yaml.Node {
		if key.Value == name {
			return key
		}
		return nil
	})
}

// findDuration returns the first value that should be a duration and is none.
func findDuration(node *yaml.Node) *yaml.Node {
	durations := []string{"for", "interval", "keep_firing_for", "query_offset"}
	return find(node, func(key, value *yaml.Node) *yaml.Node {
		if !slices.Contains(durations, key.Value) || value.Kind != yaml.ScalarNode {
			return nil
		}
		if _, err := model.ParseDuration(value.Value); err != nil {
			return value
		}
		return nil
	})
}

// find returns what pick first picks from the pairs of all mappings.
func find(node *yaml.Node, pick func(key, value *yaml.Node) *yaml.Node) *yaml.Node {
	if node.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(node.Content); i += 2 {
			if found := pick(node.Content[i], node.Content[i+1]); found != nil {
				return found
			}
		}
	}
	for _, inner := range node.Content {
		if found := find(inner, pick); found != nil {
			return found
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
