package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
)

func TestReadTellsFailuresSkipsAndPackages(t *testing.T) {
	events := `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:7: wrong\n"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestC","Output":"    c_test.go:9: no browser here\n"}
{"Action":"skip","Package":"p","Test":"TestC"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}
{"Action":"fail","Package":"p"}
{"Action":"output","Package":"q","Output":"ok  \tq\t0.2s\n"}
{"Action":"pass","Package":"q"}
`
	var out strings.Builder
	got, err := read(strings.NewReader(events), &out)
	if err != nil {
		t.Fatal(err)
	}
	if got.passed != 1 || got.packages != 1 || len(got.skipped) != 1 || !strings.Contains(got.skipped[0], "no browser here") {
		t.Errorf("got %+v", got)
	}
	if want := "    b_test.go:7: wrong\nFAIL\tp\t0.1s\nok  \tq\t0.2s\n"; out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}

func TestAFailedStepStopsOnlyWhatNeedsIt(t *testing.T) {
	broken := errors.New("broken")
	pass := func(context.Context, *output) error { return nil }
	results := runAll(t.Context(), []step{
		{name: "a", do: func(context.Context, *output) error { return broken }},
		{name: "needs a", after: []string{"a"}, do: pass},
		{name: "comes behind a", behind: []string{"a"}, do: pass},
		{name: "needs what needs a", after: []string{"needs a"}, do: pass},
	})
	if !errors.Is(results[0].err, broken) || !errors.Is(results[1].err, errNotRun) || results[2].err != nil || !errors.Is(results[3].err, errNotRun) {
		t.Errorf("got %v", results)
	}
	if err := summarize(results, 0); err == nil || !strings.Contains(err.Error(), "3 of 4 steps did not pass") {
		t.Errorf("the summary says %v", err)
	}
}

func TestOnlyPicksByName(t *testing.T) {
	all := []step{{name: "a"}, {name: "b", after: []string{"a"}}}
	if picked, err := only(all, nil); err != nil || len(picked) != 2 {
		t.Errorf("without names: %v, %v", picked, err)
	}
	if picked, err := only(all, []string{"b"}); err != nil || len(picked) != 1 || picked[0].after != nil {
		t.Errorf("b: %v, %v", picked, err)
	}
	if _, err := only(all, []string{"c"}); err == nil || !strings.Contains(err.Error(), `"a", "b"`) {
		t.Errorf("an unknown name: %v", err)
	}
}

// TestStepsNameOnlyEarlierSteps keeps the list free of cycles and of names
// that nothing has: either would wait for ever.
func TestStepsNameOnlyEarlierSteps(t *testing.T) {
	earlier := make(map[string]bool)
	for _, s := range steps(t.TempDir()) {
		for _, name := range append(s.after, s.behind...) {
			if !earlier[name] {
				t.Errorf("%s waits for %q, which does not stand before it", s.name, name)
			}
		}
		earlier[s.name] = true
	}
}

func TestNodeIsNewEnough(t *testing.T) {
	for node, want := range map[string]bool{"v20.19.0": true, "v22.1.0": true, "v20.9.1": false, "v18.20.4": false, "": false} {
		if got := newEnough(node); got != want {
			t.Errorf("%q: %t, want %t", node, got, want)
		}
	}
	engines, err := os.ReadFile("../../ui/web/package.json")
	if err != nil {
		t.Fatal(err)
	}
	if want := `"node": ">=` + oldestNode + `"`; !strings.Contains(string(engines), want) {
		t.Errorf("ui/web/package.json does not say %s", want)
	}
}

func TestTheSummaryRepeatsTheReason(t *testing.T) {
	filler := strings.Repeat("passed\n\n", 30)
	text := filler + "  1) spec.ts:69 a kill\n\n    Error: not visible\n    Timeout: 15 s\n" + filler
	got := gist(text)
	if len(got) != gistLines || got[0] != "  1) spec.ts:69 a kill" || got[1] != "    Error: not visible" || got[2] != "    Timeout: 15 s" {
		t.Errorf("with a reason: %q", got)
	}
	if got := gist("Error: first line\n"); len(got) != 1 || got[0] != "Error: first line" {
		t.Errorf("a reason alone: %q", got)
	}
	if got := gist(filler + "exit\n"); len(got) != gistLines || got[gistLines-1] != "exit" {
		t.Errorf("without a reason: %q", got)
	}
}
