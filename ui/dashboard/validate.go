package dashboard

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// Validate checks what types alone do not say. The error holds all that is
// wrong, as Problems.
func (d *Dashboard) Validate(promql parser.Parser) error {
	var list problems
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`).MatchString(d.UID) {
		list.add("uid", quoted(d.UID), "1 to 40 letters, digits, - or _", "it stands in the dashboard's address: /d/UID")
	}
	if strings.TrimSpace(d.Title) == "" {
		list.add("title", quoted(d.Title), "a title", "dashboards are listed and searched by it")
	}
	list.checkTime(d.Time)
	list.checkVariables(d.Templating.List)
	ids := map[int64]string{}
	d.All(func(path string, p *Panel) {
		if other, taken := ids[p.ID]; taken {
			list.add(path+".id", fmt.Sprint(p.ID), "an id of its own", "it is already the id of "+other+", and links to a panel name it by its id")
		}
		ids[p.ID] = path
		list.checkPanel(path, p)
		d.checkTargets(&list, path, p, promql)
	})
	return list.err()
}

func quoted(text string) string { return fmt.Sprintf("%q", text) }

// moment matches the ends of a range: now, now less or more a duration, with
// or without a unit to round to, milliseconds, or a date.
var moment = regexp.MustCompile(`^(now([+-]\d+(ms|[smhdwMy]))*(/[smhdwMy]|/fQ|/fy)?|\d{10,}|\d{4}-\d\d-\d\d.*)$`)

func (list *problems) checkTime(r TimeRange) {
	for name, text := range map[string]string{"time.from": r.From, "time.to": r.To} {
		if text != "" && !moment.MatchString(text) {
			list.add(name, quoted(text), "a moment", `"now", "now-6h", "now/d", milliseconds since 1970, or a date such as "2026-10-12T05:47:00Z"`)
		}
	}
}

func (list *problems) checkVariables(variables []Variable) {
	places := map[string]string{}
	for i, v := range variables {
		path := index("templating.list", i)
		if !regexp.MustCompile(`^\w+$`).MatchString(v.Name) {
			list.add(path+".name", quoted(v.Name), "letters, digits and _", "expressions use it as $NAME")
		}
		if other, taken := places[v.Name]; taken {
			list.add(path+".name", quoted(v.Name), "a name of its own", "it is already the name of "+other)
		}
		places[v.Name] = path
	}
}

func (list *problems) checkPanel(path string, p *Panel) {
	if p.ID <= 0 {
		list.add(path+".id", fmt.Sprint(p.ID), "a whole number from 1 on", "links to a panel name it by its id")
	}
	if p.Type == "" {
		list.add(path+".type", `""`, "the kind of the panel", `such as "timeseries" or "stat"`)
	}
	if p.GridPos == nil {
		list.add(path+".gridPos", "nothing", "the panel's place", `such as {"x": 0, "y": 0, "w": 12, "h": 8}`)
	} else {
		list.checkPlace(path+".gridPos", *p.GridPos)
	}
	if len(p.Panels) > 0 && p.Type != Row {
		list.add(path+".panels", fmt.Sprintf("%d panels in a panel of type %q", len(p.Panels), p.Type), "panels inside of rows only", `make it a panel of type "row"`)
	}
	if t := p.FieldConfig.Defaults.Thresholds; t != nil {
		list.checkThresholds(path+".fieldConfig.defaults.thresholds", *t)
	}
	for i, override := range p.FieldConfig.Overrides {
		list.checkMatcher(index(path+".fieldConfig.overrides", i)+".matcher", override.Matcher)
	}
	if p.Interval != "" && !duration.MatchString(p.Interval) {
		list.add(path+".interval", quoted(p.Interval), "a duration", `such as "10s" or ">10s"`)
	}
}

// duration matches the least step of a panel or target; a variable may stand
// for it.
var duration = regexp.MustCompile(`^(>?\d+(ms|[smhdwy])|\$.*)$`)

func (list *problems) checkPlace(path string, g GridPos) {
	switch {
	case g.W < 1 || g.W > Columns:
		list.add(path+".w", fmt.Sprint(g.W), fmt.Sprintf("1 to %d columns", Columns), "")
	case g.X < 0 || g.X+g.W > Columns:
		list.add(path+".x", fmt.Sprint(g.X), fmt.Sprintf("0 to %d", Columns-g.W), fmt.Sprintf("with a width of %d the panel would end at column %d of %d", g.W, g.X+g.W, Columns))
	}
	if g.H < 1 {
		list.add(path+".h", fmt.Sprint(g.H), "a height of at least 1", "one is 30 pixels")
	}
	if g.Y < 0 {
		list.add(path+".y", fmt.Sprint(g.Y), "0 or more", "")
	}
}

func (list *problems) checkThresholds(path string, t Thresholds) {
	if t.Mode != "" && t.Mode != "absolute" && t.Mode != "percentage" {
		list.add(path+".mode", quoted(t.Mode), `"absolute" or "percentage"`, "")
	}
	for i := 1; i < len(t.Steps); i++ {
		value, before := t.Steps[i].Value, t.Steps[i-1].Value
		if value == nil {
			list.add(index(path+".steps", i)+".value", "null", "a number", "only the first step begins at minus infinity")
			return
		}
		if before != nil && *value <= *before {
			list.add(index(path+".steps", i)+".value", fmt.Sprint(*value), fmt.Sprintf("more than %v", *before), "steps stand in rising order")
			return
		}
	}
}

func (list *problems) checkMatcher(path string, m Matcher) {
	var text string
	switch m.ID {
	case "byName", "byRegexp", "byFrameRefID", "byType":
		if json.Unmarshal(m.Options, &text) != nil {
			shown := "nothing"
			if len(m.Options) > 0 {
				shown = found(m.Options)
			}
			list.add(path+".options", shown, "a text", "the matcher "+m.ID+" takes one")
			return
		}
	case "":
		list.add(path+".id", `""`, "a matcher", `such as "byName", "byRegexp" or "byFrameRefID"`)
	}
	if m.ID == "byRegexp" {
		pattern := strings.TrimSuffix(strings.TrimPrefix(text, "/"), "/")
		if _, err := regexp.Compile(pattern); err != nil && !strings.Contains(pattern, "(?") { // a browser reads more than Go does
			list.add(path+".options", quoted(text), "a regular expression", err.Error())
		}
	}
}

func (d *Dashboard) checkTargets(list *problems, path string, p *Panel, promql parser.Parser) {
	names := map[string]bool{}
	for i, target := range p.Targets {
		at := index(path+".targets", i)
		if target.RefID != "" && names[target.RefID] {
			list.add(at+".refId", quoted(target.RefID), "a letter of its own", "overrides tell the targets of a panel apart by it")
		}
		names[target.RefID] = true
		if strings.TrimSpace(target.Expr) == "" {
			continue
		}
		if problem := d.checkExpr(target.Expr, promql); problem != nil {
			list.add(at+".expr", problem.Found, problem.Want, problem.Mend)
		}
	}
}

// checkExpr returns nil where expr can be read with some values of the
// variables.
func (d *Dashboard) checkExpr(expr string, promql parser.Parser) *Problem {
	var first error
	for round := range rounds {
		text, missing := Substitute(expr, d.values(round))
		if len(missing) > 0 {
			return &Problem{
				Found: quoted(expr), Want: "variables that templating.list defines",
				Mend: "it has no $" + strings.Join(missing, ", $"),
			}
		}
		_, err := promql.ParseExpr(text)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return &Problem{Found: quoted(expr), Want: "PromQL", Mend: first.Error()}
}
