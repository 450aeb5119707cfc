package main

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLoadHasItsShares(t *testing.T) {
	count := map[kind]int{}
	all := lines(1, 0, seriesPerTarget)
	seen := map[string]bool{}
	for _, l := range all {
		count[l.kind]++
		text := ""
		for _, pair := range l.labels {
			text += pair[0] + "=" + pair[1] + ","
		}
		if seen[text] {
			t.Fatalf("%s twice", text)
		}
		seen[text] = true
	}
	if n := len(all) + 1; math.Abs(float64(n)-seriesPerTarget) > 10 {
		t.Errorf("%d series, want about %d", n, seriesPerTarget)
	}
	for name, share := range map[string][2]float64{
		"histogram": {float64(count[histogram]), 0.45},
		"counter":   {float64(count[counter]), 0.30},
		"gauge":     {float64(count[gauge] + count[slowGauge] + count[constant]), 0.25},
	} {
		if got := share[0] / float64(len(all)); math.Abs(got-share[1]) > 0.01 {
			t.Errorf("%s: %.3f of the series, want %.2f", name, got, share[1])
		}
	}
}

// A back-fill must continue into the scrapes, as counters do: they never fall,
// and no bucket holds more than the next.
func TestCountersNeverFall(t *testing.T) {
	for _, l := range lines(3, 1, 200) {
		if l.kind != counter && l.kind != histogram {
			continue
		}
		previous := math.Inf(-1)
		for at := 1.79e9; at < 1.79e9+7200; at += 1.7 {
			value := l.at(at)
			if value < previous || math.IsNaN(value) {
				t.Fatalf("%v falls from %v to %v at %v", l.labels, previous, value, at)
			}
			previous = value
		}
	}
	for _, l := range lines(3, 1, 200) {
		if l.kind != histogram || l.le != 0 {
			continue
		}
		for at := 1.79e9; at < 1.79e9+100; at += 7 {
			var buckets []float64
			for le := range len(bounds) + 1 {
				l.le = le
				buckets = append(buckets, l.at(at))
			}
			l.le = leCount
			if !slices.IsSorted(buckets) || buckets[len(buckets)-1] != l.at(at) {
				t.Fatalf("%v: buckets %v of %v", l.labels, buckets, l.at(at))
			}
			l.le = 0
		}
	}
}

func TestExpositionIsTheLoadAtItsTime(t *testing.T) {
	all := lines(1, 0, 200)
	now := time.UnixMilli(1_790_000_000_250)
	page := string(newExposition(all, 0).write(now))
	if got := strings.Count(page, "\n") - strings.Count(page, "# TYPE"); got != len(all)+1 {
		t.Errorf("%d samples, want %d", got, len(all)+1)
	}
	if want := probe + " 1790000000.250\n"; !strings.HasSuffix(page, want) {
		t.Errorf("the page ends in %q, want %q", page[len(page)-60:], want)
	}
}

func TestPodsAreReplaced(t *testing.T) {
	replaced := 0
	for pod := range 100 {
		if podName(pod, 0, 0.1) != podName(pod, 300, 0.1) {
			replaced++
		}
		if podName(pod, 0, 0) != podName(pod, 1e9, 0) {
			t.Fatal("a pod was replaced without churn")
		}
	}
	if replaced < 35 || replaced > 65 {
		t.Errorf("%d of 100 pods replaced in 5 minutes at a tenth a minute, want about 50", replaced)
	}
}

// Freshness counts from the last scrape that a step depends on, or from the
// step's time if that is later.
func TestFreshness(t *testing.T) {
	w := watching{Viewers: 2, Arrivals: map[int]map[int64][]float64{
		0: {5000: {5100}, 10_000: {10_040, 10_060}, 15_000: {15_500}, 20_000: nil},
	}}
	scrapes := [][]scrape{{{Begun: 9_000, Ended: 9_010}, {Begun: 9_990, Ended: 10_020}, {Begun: 15_001, Ended: 15_400}}}
	fresh, got, due := w.judge(scrapes)
	if want := []float64{20, 40, 500}; !slices.Equal(fresh, want) {
		t.Errorf("freshness %v, want %v", fresh, want)
	}
	if got != 3 || due != 4 {
		t.Errorf("%d of %d steps, want 3 of 4", got, due)
	}
}

func TestSectionsAreReplacedInADocument(t *testing.T) {
	file := t.TempDir() + "/doc.md"
	writeText(t, file, "# T\n<!-- begin live -->\nold\n<!-- end live -->\ntail\n")
	var out strings.Builder
	r := newReport(&out)
	r.begin("live", "about")
	r.table([]string{"a", "b"}, [][]string{{"1", "2"}})
	if err := r.replaceIn(file); err != nil {
		t.Fatal(err)
	}
	text := readText(t, file)
	if strings.Contains(text, "old") || !strings.Contains(text, "| 1 | 2 |\n<!-- end live -->\ntail\n") {
		t.Errorf("the document is\n%s", text)
	}
	r.begin("start", "about")
	if err := r.replaceIn(file); err == nil || !strings.Contains(err.Error(), "begin start") {
		t.Errorf("a section without marks: %v", err)
	}
}

func writeText(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func readText(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
