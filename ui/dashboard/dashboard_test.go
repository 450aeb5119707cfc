package dashboard_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/promql/parser"

	"daymark/ui/dashboard"
)

func promql() parser.Parser { return parser.NewParser(parser.Options{}) }

// document is the least valid dashboard with one more field, panel or both.
func document(fields, panel string) string {
	return `{"uid": "one", "title": "One", ` + fields + ` "panels": [{"id": 1, "type": "timeseries", "title": "P",
"gridPos": {"x": 0, "y": 0, "w": 12, "h": 8}` + panel + `}]}`
}

func TestWritingGivesBackWhatWasRead(t *testing.T) {
	files, err := filepath.Glob("../../embed/dashboards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no built-in dashboards: %v", err)
	}
	documents := map[string]string{
		"fields nobody knows, at every depth, in their order": document(`"zoo": 1, "annotations": {"list": [{"name": "A", "x": [1, {"y": null}]}], "x": 1}, "apple": {"b": 1, "a": 2},`,
			`, "pluginVersion": "12.0.0", "targets": [{"expr": "up", "editorMode": "code", "refId": "A", "datasource": {"uid": "${DS}"}}],
			 "fieldConfig": {"defaults": {"custom": {"axisGridShow": true, "drawStyle": "line"}, "fieldMinMax": false}, "overrides": []}`),
		"known fields that hold nothing":    document(`"id": null, "description": "", "tags": [], "refresh": false, "links": [], "time": {}, "version": 0,`, `, "description": "", "targets": [], "links": null, "transparent": false`),
		"large numbers, exactly":            document(`"id": 9007199254740993, "weird": 1e400, "tiny": 0.1000000000000000055,`, ``),
		"an old refresh, text and markup":   document(`"refresh": "5s", "style": "dark", "description": "<b>&amp; \"q\"",`, ``),
		"a panel of a kind nobody draws":    document(``, `, "options": {"legend": 7, "orientation": {"a": 1}}`) + " ",
		"thresholds from minus infinity on": document(``, `, "fieldConfig": {"defaults": {"thresholds": {"mode": "absolute", "steps": [{"value": null, "color": "green"}, {"value": 80, "color": "red", "state": "x"}]}}, "overrides": []}`),
	}
	documents["a panel of a kind nobody draws"] = strings.Replace(documents["a panel of a kind nobody draws"], "timeseries", "nodeGraph", 1)
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		documents[file] = string(content)
	}
	for name, text := range documents {
		t.Run(name, func(t *testing.T) {
			d, err := dashboard.Parse([]byte(text), promql())
			if err != nil {
				t.Fatal(err)
			}
			got, err := d.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(compact(t, text), string(got)); diff != "" {
				t.Errorf("written differs from read (-read +written):\n%s", diff)
			}
		})
	}
}

func compact(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestWhatIsChangedIsWritten(t *testing.T) {
	d, err := dashboard.Parse([]byte(document(`"x": 1,`, `, "y": 2`)), promql())
	if err != nil {
		t.Fatal(err)
	}
	d.Title = "Two"
	d.Tags = []string{"new"}
	d.Panels[0].Targets = append(d.Panels[0].Targets, dashboard.Target{RefID: "A", Expr: "up"})
	got, err := d.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"uid":"one","title":"Two","x":1,"panels":[{"id":1,"type":"timeseries","title":"P","gridPos":{"x":0,"y":0,"w":12,"h":8},"y":2,"targets":[{"refId":"A","expr":"up"}]}],"tags":["new"]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	tests := map[string]struct {
		document string
		want     string
	}{
		"no JSON":                       {"{\n  \"uid\": \"a\",,\n}", `the document: found a mistake in line 2, column 14, want JSON; invalid character ',' looking for beginning of object key string`},
		"no dashboard":                  {`[1]`, `the document: found [1] (a list), want an object`},
		"a text for a number":           {document(``, `, "maxDataPoints": "100"`), `panels[0].maxDataPoints: found "100" (a text), want a number; write 100 without quotes`},
		"a fraction for a whole number": {strings.Replace(document(``, ``), `"w": 12`, `"w": 12.5`, 1), `panels[0].gridPos.w: found 12.5 (a number), want a whole number`},
		"a number for a text":           {document(`"description": 7,`, ``), `description: found 7 (a number), want a text; write "7"`},
		"a text for a list":             {document(`"tags": "prod",`, ``), `tags: found "prod" (a text), want a list; write ["prod"]`},
		"a text for yes or no":          {document(``, `, "targets": [{"refId": "A", "hide": "true"}]`), `panels[0].targets[0].hide: found "true" (a text), want true or false; write true without quotes`},
		"in a nested panel":             {document(``, ``)[:len(document(``, ``))-2] + `, {"id": 2, "type": "row", "gridPos": {"x":0,"y":9,"w":24,"h":1}, "panels": [{"id": 3, "type": "stat", "gridPos": 4}]}]}`, `panels[1].panels[0].gridPos: found 4 (a number), want an object`},
		"in options of a kind we draw":  {document(``, `, "options": {"legend": {"calcs": "mean"}}`), `panels[0].options.legend.calcs: found "mean" (a text), want a list; write ["mean"]`},
		"in custom of a kind we draw":   {document(``, `, "fieldConfig": {"defaults": {"custom": {"fillOpacity": "10"}}}`), `panels[0].fieldConfig.defaults.custom.fillOpacity: found "10" (a text), want a number; write 10 without quotes`},

		"no uid":                  {strings.Replace(document(``, ``), `"one"`, `""`, 1), `uid: found "", want 1 to 40 letters, digits, - or _; it stands in the dashboard's address: /d/UID`},
		"no title":                {strings.Replace(document(``, ``), `"One"`, `" "`, 1), `title: found " ", want a title; dashboards are listed and searched by it`},
		"beyond the 24th column":  {strings.Replace(document(``, ``), `"x": 0`, `"x": 13`, 1), `panels[0].gridPos.x: found 13, want 0 to 12; with a width of 12 the panel would end at column 25 of 24`},
		"too wide":                {strings.Replace(document(``, ``), `"w": 12`, `"w": 25`, 1), `panels[0].gridPos.w: found 25, want 1 to 24 columns`},
		"no height":               {strings.Replace(document(``, ``), `"h": 8`, `"h": 0`, 1), `panels[0].gridPos.h: found 0, want a height of at least 1; one is 30 pixels`},
		"one id twice":            {strings.Replace(document(``, ``), `"panels": [`, `"panels": [{"id": 1, "type": "row", "gridPos": {"x":0,"y":0,"w":24,"h":1}},`, 1), `panels[1].id: found 1, want an id of its own; it is already the id of panels[0], and links to a panel name it by its id`},
		"no place":                {`{"uid":"a","title":"A","panels":[{"id":1,"type":"stat"}]}`, `panels[0].gridPos: found nothing, want the panel's place; such as {"x": 0, "y": 0, "w": 12, "h": 8}`},
		"panels in a panel":       {document(``, `, "panels": [{"id": 2, "type": "stat", "gridPos": {"x":0,"y":0,"w":1,"h":1}}]`), `panels[0].panels: found 1 panels in a panel of type "timeseries", want panels inside of rows only; make it a panel of type "row"`},
		"no PromQL":               {document(``, `, "targets": [{"refId": "A", "expr": "sum(rate(x[$__rate_interval])"}]`), `panels[0].targets[0].expr: found "sum(rate(x[$__rate_interval])", want PromQL; 1:16: parse error: unclosed left parenthesis`},
		"a variable that is none": {document(``, `, "targets": [{"refId": "A", "expr": "up{job=\"$job\", instance=~\"${inst:regex}\"}"}]`), `panels[0].targets[0].expr: found "up{job=\"$job\", instance=~\"${inst:regex}\"}", want variables that templating.list defines; it has no $job, $inst`},
		"one refId twice":         {document(``, `, "targets": [{"refId": "A", "expr": "up"}, {"refId": "A", "expr": "up"}]`), `panels[0].targets[1].refId: found "A", want a letter of its own; overrides tell the targets of a panel apart by it`},
		"thresholds that fall":    {document(``, `, "fieldConfig": {"defaults": {"thresholds": {"steps": [{"value": null}, {"value": 80}, {"value": 50}]}}}`), `panels[0].fieldConfig.defaults.thresholds.steps[2].value: found 50, want more than 80; steps stand in rising order`},
		"a matcher without name":  {document(``, `, "fieldConfig": {"overrides": [{"matcher": {"id": "byName"}}]}`), `panels[0].fieldConfig.overrides[0].matcher.options: found nothing, want a text; the matcher byName takes one`},
		"a broken pattern":        {document(``, `, "fieldConfig": {"overrides": [{"matcher": {"id": "byRegexp", "options": "/(/"}}]}`), "panels[0].fieldConfig.overrides[0].matcher.options: found \"/(/\", want a regular expression; error parsing regexp: missing closing ): `(`"},
		"a moment that is none":   {document(`"time": {"from": "yesterday"},`, ``), `time.from: found "yesterday", want a moment; "now", "now-6h", "now/d", milliseconds since 1970, or a date such as "2026-10-12T05:47:00Z"`},
		"a least step that is no": {document(``, `, "interval": "soon"`), `panels[0].interval: found "soon", want a duration; such as "10s" or ">10s"`},
		"one variable twice":      {document(`"templating": {"list": [{"name": "a"}, {"name": "a"}]},`, ``), `templating.list[1].name: found "a", want a name of its own; it is already the name of templating.list[0]`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := dashboard.Parse([]byte(test.document), promql())
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if problem := (&dashboard.Problem{}); !errors.As(err, &problem) {
				t.Errorf("%T is no Problem", err)
			}
		})
	}
}

func TestAllMistakesAreNamedUpToABound(t *testing.T) {
	_, err := dashboard.Parse([]byte(document(`"tags": 1, "description": 2,`, `, "title": 3`)), promql())
	if lines := strings.Count(err.Error(), "\n") + 1; lines != 3 {
		t.Errorf("%d mistakes named, want 3:\n%v", lines, err)
	}
	_, err = dashboard.Parse([]byte(`{"uid":"a","title":"A","panels":[`+strings.Repeat(`1,`, 5000)+`1]}`), promql())
	if lines := strings.Count(err.Error(), "\n") + 1; lines != 20 {
		t.Errorf("%d mistakes named, want the first 20", lines)
	}
}

func TestVariablesInExpressions(t *testing.T) {
	list := `"templating": {"list": [
		{"name": "job", "type": "query", "current": {"text": "shop", "value": ["shop", "search"]}},
		{"name": "window", "type": "interval", "query": "5m,1h", "current": {}},
		{"name": "k", "type": "textbox"}
	]},`
	for _, expr := range []string{
		`up{job=~"$job"}`, `up{job=~"${job:regex}"}`, `up{job=~"[[job]]"}`, `up{job=~"${job.text}"}`,
		`rate(x[$window])`, `rate(x[${window}])`, `topk($k, up)`,
		`rate(x[$__rate_interval])`, `rate(x[${__rate_interval}])`, `increase(x[$__range])`, `x / $__range_s`, `x * $__interval_ms`, `rate(x[$__interval:])`, `x > $__from / 1000`,
		`label_replace(up, "a", "$1", "job", "(.*)")`, `label_replace(up, "a", "${1}", "job", "(.*)")`,
	} {
		quoted, err := json.Marshal(expr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := dashboard.Parse([]byte(document(list, `, "targets": [{"refId": "A", "expr": `+string(quoted)+`}]`)), promql()); err != nil {
			t.Errorf("%s: %v", expr, err)
		}
	}
}

func TestLibrary(t *testing.T) {
	second := strings.NewReplacer(`"one"`, `"two"`, `"One"`, `"another"`).Replace(document(``, ``))
	library, err := dashboard.NewLibrary(fstest.MapFS{"a.json": {Data: []byte(document(``, ``))}, "b.json": {Data: []byte(second)}})
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	for _, entry := range library.All() {
		titles = append(titles, entry.Title)
	}
	if diff := cmp.Diff([]string{"another", "One"}, titles); diff != "" {
		t.Errorf("by title (-want +got):\n%s", diff)
	}
	if entry, ok := library.Get("two"); !ok || entry.File != "builtin:b.json" || !entry.BuiltIn {
		t.Errorf("two: %+v, %v", entry, ok)
	}
	if _, ok := library.Get("three"); ok {
		t.Error("three is found")
	}
	_, err = dashboard.NewLibrary(fstest.MapFS{"a.json": {Data: []byte(document(``, ``))}, "b.json": {Data: []byte(document(``, ``))}})
	if want := `built-in dashboard b.json: the uid "one" is that of a.json`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err = dashboard.NewLibrary(fstest.MapFS{"a.json": {Data: []byte(`{}`)}}); err == nil || !strings.Contains(err.Error(), "a.json: uid: found") {
		t.Errorf("got %v", err)
	}
}

func TestConstantsAreFilled(t *testing.T) {
	d, err := dashboard.Parse([]byte(document(`"templating": {"list": [{"name": "host", "type": "constant", "query": ".+", "hide": 2}, {"name": "other", "type": "custom", "query": "a"}]},`, ``)), promql())
	if err != nil {
		t.Fatal(err)
	}
	filled, err := d.WithConstants(map[string]string{"host": `web\.1`, "other": "b"}).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"name":"host","type":"constant","query":"web\\.1","hide":2,"current":{"text":"web\\.1","value":"web\\.1"}}`; !strings.Contains(string(filled), want) {
		t.Errorf("%s is not in %s", want, filled)
	}
	if want := `{"name":"other","type":"custom","query":"a"}`; !strings.Contains(string(filled), want) {
		t.Errorf("%s is not in %s", want, filled)
	}
	before, err := d.MarshalJSON()
	if err != nil || !strings.Contains(string(before), `"query":".+"`) {
		t.Errorf("the document itself changed: %s %v", before, err)
	}
}
