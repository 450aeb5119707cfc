package ruler

import (
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
)

func TestCheck(t *testing.T) {
	tests := map[string]struct{ content, want string }{
		"nothing wrong": {"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: vector(1)\n", ""},
		"an unknown key": {
			"groups:\n- name: g\n  rules:\n  - alert: A\n    exp: vector(1)\n    expr: vector(1)\n",
			`r.yml:5:5: unknown key "exp" (did you mean "expr"?)`,
		},
		"an unknown key of a group": {
			"groups:\n- name: g\n  intervall: 5s\n  rules: []\n",
			`r.yml:3:3: unknown key "intervall" (did you mean "interval"?)`,
		},
		"a duration that is none": {
			"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: vector(1)\n    for: soon\n",
			`r.yml:6:10: not a valid duration string: "soon"`,
		},
		"an expression": {
			"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: sum(\n",
			`r.yml:5:11: group "g", rule 1, "A": could not parse expression: 1:5: parse error: unclosed left parenthesis`,
		},
		"a template": {
			"groups:\n- name: g\n  rules:\n  - alert: B\n    expr: vector(1)\n  - alert: A\n    expr: vector(1)\n    annotations: {summary: '{{ nothing }}'}\n",
			`r.yml:6:5: group "g", rule 2, "A": annotation "summary": template: __alert_A:1: function "nothing" not defined`,
		},
		"a name twice": {
			"groups:\n- name: g\n  rules: []\n- name: g\n  rules: []\n",
			`r.yml:4:3: groupname: "g" is repeated in the same file`,
		},
		"no name": {"groups:\n- rules: []\n", "r.yml:2:3: Groupname must not be empty"},
		"a label of a group": {
			"groups:\n- name: g\n  labels: {__name__: x}\n  rules: []\n",
			"r.yml:3:12: invalid label name: __name__",
		},
		"record and alert": {
			"groups:\n- name: g\n  rules:\n  - alert: A\n    record: b\n    expr: vector(1)\n",
			`r.yml:5:13: group "g", rule 1, "A": only one of 'record' and 'alert' must be set`,
		},
		"two mistakes": {
			"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: 1 +\n  - record: 'a b{'\n    expr: vector(1)\n",
			`r.yml:5:11: group "g", rule 1, "A": could not parse expression: 1:4: parse error: unexpected end of input` + "\n" +
				`r.yml:6:13: group "g", rule 2, "a b{": braces present in the recording rule name; should it be in expr?: a b{`,
		},
		"no YAML": {"groups: [", "r.yml:1: did not find expected node content"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, err := range Check("r.yml", []byte(tc.content), parser.NewParser(parser.Options{})) {
				got = append(got, err.Error())
			}
			if joined := strings.Join(got, "\n"); joined != tc.want {
				t.Errorf("got  %s\nwant %s", joined, tc.want)
			}
		})
	}
}
