package dashboard

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// macros have a value wherever an expression is evaluated; these stand in for
// it where one is only read.
func macros() map[string]string {
	return map[string]string{
		"__interval": "15s", "__interval_ms": "15000",
		"__rate_interval": "1m", "__rate_interval_ms": "60000",
		"__range": "1h", "__range_s": "3600", "__range_ms": "3600000",
		"__from": "1790000000000", "__to": "1790003600000",
		"__dashboard": "dashboard", "__org": "1", "__user": "1", "__name": "name",
		"__auto_interval": "15s",
	}
}

// reference matches $name, ${name}, ${name:format}, ${name.field} and
// [[name]], [[name:format]].
var reference = regexp.MustCompile(`\$(\w+)|\$\{(\w+)(?:\.[^:}]+)?(?::[^}]+)?\}|\[\[(\w+?)(?:\.[^:\]]+)?(?::[^\]]+)?\]\]`)

// Substitute puts values in the places of the variables and macros of text;
// missing names those that have none.
func Substitute(text string, values map[string]string) (result string, missing []string) {
	result = reference.ReplaceAllStringFunc(text, func(found string) string {
		groups := reference.FindStringSubmatch(found)
		name := groups[1] + groups[2] + groups[3]
		value, ok := values[name]
		if !ok {
			if strings.Trim(name, "0123456789") == "" {
				return found // $1 of label_replace
			}
			if !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
			return found
		}
		return value
	})
	return result, missing
}

// candidates are values that v may have, the likeliest first. Where nothing
// says what it holds, a word, a number and a duration are tried.
func (v *Variable) candidates() []string {
	var list []string
	add := func(raw json.RawMessage) {
		if text := textOf(raw); text != "" && text != "$__all" && text != "$__auto" && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	add(v.Current.Value)
	for _, option := range v.Options {
		add(option.Value)
	}
	var query string
	if (v.Type == "constant" || v.Type == "custom" || v.Type == "interval" || v.Type == "textbox") && json.Unmarshal(v.Query, &query) == nil {
		first, _, _ := strings.Cut(query, ",")
		if first = strings.TrimSpace(first); first != "" {
			list = append(list, first)
		}
	}
	return append(list[:min(len(list), 2)], "x", "1", "1m")
}

// textOf is a text, or the texts of a list as a pattern that matches each.
func textOf(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var texts []string
	if json.Unmarshal(raw, &texts) == nil {
		return strings.Join(texts, "|")
	}
	var other any
	if json.Unmarshal(raw, &other) == nil && other != nil {
		return fmt.Sprint(other)
	}
	return ""
}

// values gives each variable its candidate of this round.
func (d *Dashboard) values(round int) map[string]string {
	values := macros()
	for i := range d.Templating.List {
		v := &d.Templating.List[i]
		list := v.candidates()
		values[v.Name] = list[min(round, len(list)-1)]
	}
	return values
}

// rounds is how many combinations of values are tried.
const rounds = 5
