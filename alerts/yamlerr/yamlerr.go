// Package yamlerr turns what a YAML decoder complains about into sentences
// that lead to the place: file, line, column, and the key that was probably
// meant.
package yamlerr

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Error is one mistake in a file. Line and Column count from 1; 0 means that
// the decoder did not say where.
type Error struct {
	File         string
	Line, Column int
	Reason       string
}

// Error prints file:line:column: reason, with as much of the place as is known.
func (e *Error) Error() string {
	switch {
	case e.Line == 0:
		return e.File + ": " + e.Reason
	case e.Column == 0:
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
	default:
		return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Reason)
	}
}

// Explain returns one *Error for each mistake that err reports about content.
//
// into is the type that content was decoded into; its yaml tags say which keys
// there are. A mistake that has no place of its own is returned with the file
// alone, and an err of nil gives nil.
func Explain(file string, content []byte, into reflect.Type, err error) []error {
	if err == nil {
		return nil
	}
	var mistakes []error
	for _, line := range complaints(err.Error()) {
		mistakes = append(mistakes, explain(file, content, into, line))
	}
	return mistakes
}

// complaints splits a decoder's message into its parts: it reports all type
// errors at once, one to a line.
func complaints(message string) []string {
	rest, several := strings.CutPrefix(message, "yaml: unmarshal errors:\n")
	if !several {
		return []string{strings.TrimPrefix(message, "yaml: ")}
	}
	return strings.Split(rest, "\n")
}

func explain(file string, content []byte, into reflect.Type, complaint string) error {
	linePattern := regexp.MustCompile(`^\s*line (\d+): (.*)$`)
	fieldPattern := regexp.MustCompile(`^field (.+?) not found in type .+$`)
	at := linePattern.FindStringSubmatch(complaint)
	if at == nil {
		return &Error{File: file, Reason: strings.TrimSpace(complaint)}
	}
	e := &Error{File: file, Reason: at[2]}
	e.Line, _ = strconv.Atoi(at[1]) // digits alone match
	field := fieldPattern.FindStringSubmatch(e.Reason)
	if field == nil {
		return e
	}
	key := field[1]
	e.Reason = fmt.Sprintf("unknown key %q", key)
	unknown := find(content, into, e.Line, key)
	if unknown == nil {
		return e
	}
	e.Column = unknown.column
	if near := Nearest(key, unknown.known); near != "" {
		e.Reason += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return e
}

// unknownKey is a key that the type it stands in does not have.
type unknownKey struct {
	column int
	known  []string
}

// find looks for the unknown key of that name on that line. It returns nil
// where the document and the type part ways (a type that decodes itself).
func find(content []byte, into reflect.Type, line int, key string) *unknownKey {
	var document yaml.Node
	if yaml.Unmarshal(content, &document) != nil || len(document.Content) == 0 {
		return nil
	}
	return walk(document.Content[0], into, line, key)
}

func walk(node *yaml.Node, t reflect.Type, line int, key string) *unknownKey {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch {
	case node.Kind == yaml.SequenceNode && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array):
		for _, item := range node.Content {
			if found := walk(item, t.Elem(), line, key); found != nil {
				return found
			}
		}
	case node.Kind == yaml.MappingNode && t.Kind() == reflect.Map:
		for i := 1; i < len(node.Content); i += 2 {
			if found := walk(node.Content[i], t.Elem(), line, key); found != nil {
				return found
			}
		}
	case node.Kind == yaml.MappingNode && t.Kind() == reflect.Struct:
		return walkStruct(node, t, line, key)
	}
	return nil
}

func walkStruct(node *yaml.Node, t reflect.Type, line int, key string) *unknownKey {
	fields := map[string]reflect.Type{}
	Fields(t, func(name string, field reflect.Type) { fields[name] = field })
	for i := 0; i+1 < len(node.Content); i += 2 {
		name := node.Content[i]
		field, known := fields[name.Value]
		if known {
			if found := walk(node.Content[i+1], field, line, key); found != nil {
				return found
			}
			continue
		}
		if name.Line == line && name.Value == key {
			u := &unknownKey{column: name.Column}
			for known := range fields {
				u.known = append(u.known, known)
			}
			return u
		}
	}
	return nil
}

// Fields calls each with every key that a struct of type t has in YAML,
// inlined structs included.
func Fields(t reflect.Type, each func(name string, field reflect.Type)) {
	for f := range t.Fields() {
		tag, ok := f.Tag.Lookup("yaml")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case slices.Contains(strings.Split(options, ","), "inline"):
			if inner := deref(f.Type); inner.Kind() == reflect.Struct {
				Fields(inner, each)
			}
		case name == "-" || !f.IsExported():
		case ok && name != "":
			each(name, f.Type)
		default:
			each(strings.ToLower(f.Name), f.Type)
		}
	}
}

func deref(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// Nearest returns the known key that takes the fewest edits to reach from key,
// or "" if none is near enough to be what was meant.
func Nearest(key string, known []string) string {
	known = slices.Sorted(slices.Values(known)) // so that equal distances always give the same answer
	nearest, least := "", max(1, len(key)/3)+1
	for _, candidate := range known {
		if d := distance(strings.ToLower(key), candidate); d < least {
			nearest, least = candidate, d
		}
	}
	return nearest
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, last, current := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(s); i++ {
		current[0] = i
		for j := 1; j <= len(t); j++ {
			replace := last[j-1]
			if s[i-1] != t[j-1] {
				replace++
			}
			current[j] = min(last[j]+1, current[j-1]+1, replace)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, last, current = last, current, before
	}
	return last[len(t)]
}
