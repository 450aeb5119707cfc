package conformance

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// pair is a daymark and a prometheus that were started alike.
type pair struct{ daymark, prometheus *server }

// buildPair builds both, so that they then start at about the same time.
func buildPair(t *testing.T) {
	t.Helper()
	if _, err := buildDaymark(); err != nil {
		t.Fatal(err)
	}
	if _, err := buildPrometheus(); err != nil {
		t.Fatal(err)
	}
}

// startPair starts both on the same configuration file and flags.
func startPair(t *testing.T, config string, flags ...string) pair {
	t.Helper()
	buildPair(t)
	// Where no URL is given, Prometheus names the machine in links even where it
	// listens on loopback, and Daymark the address.
	args := append([]string{"--config.file=" + config, "--web.external-url=http://metrics.example/"}, flags...)
	dir := t.TempDir()
	return pair{
		daymark:    startDaymark(t, append(args, "--storage.tsdb.path="+filepath.Join(dir, "daymark"))...),
		prometheus: startPrometheus(t, append(args, "--storage.tsdb.path="+filepath.Join(dir, "prometheus"))...),
	}
}

// ask asks both at once.
func (p pair) ask(question func(*server) answer) (daymark, prometheus answer) {
	var wg sync.WaitGroup
	wg.Go(func() { daymark = question(p.daymark) })
	prometheus = question(p.prometheus)
	wg.Wait()
	return daymark, prometheus
}

// both asks both the same and holds the answers against each other; change, if
// any, takes out of a body what may differ. It returns Prometheus's answer.
func (p pair) both(t *testing.T, what string, question func(*server) answer, change ...func(any) any) answer {
	t.Helper()
	got, want := p.ask(question)
	if want.status == 0 || want.status == http.StatusServiceUnavailable {
		t.Errorf("%s: prometheus does not answer: %d %s", what, want.status, want.body)
		return want
	}
	if diff := difference(got, want, change...); diff != "" {
		t.Errorf("%s:\n%s", what, diff)
	}
	return want
}

// difference tells how got, Daymark's answer, is not want.
func difference(got, want answer, change ...func(any) any) string {
	if got.status != want.status {
		return fmt.Sprintf("daymark answers %d %s\nprometheus %d %s", got.status, clip(got.body), want.status, clip(want.body))
	}
	if g, w := got.header.Get("Content-Type"), want.header.Get("Content-Type"); g != w {
		return fmt.Sprintf("daymark's content type is %q, prometheus's %q", g, w)
	}
	if got.body == want.body {
		return ""
	}
	g, gErr := decodeBody(got.body)
	w, wErr := decodeBody(want.body)
	if gErr != nil || wErr != nil {
		return gocmp.Diff(want.body, got.body)
	}
	for _, f := range change {
		g, w = f(g), f(w)
	}
	if diff := gocmp.Diff(w, g); diff != "" {
		return "- prometheus, + daymark\n" + clip(diff)
	}
	return ""
}

func clip(s string) string {
	if len(s) > 3000 {
		return s[:3000] + "…"
	}
	return s
}

// decodeBody reads JSON with its numbers as they were written.
func decodeBody(body string) (v any, err error) {
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// get asks both for path with params, in the address and as a form in turn if
// the method is "".
func (p pair) get(t *testing.T, path string, params url.Values, change ...func(any) any) answer {
	t.Helper()
	return p.both(t, path+"?"+params.Encode(), func(s *server) answer {
		return s.get(t, path+"?"+params.Encode())
	}, change...)
}

func (p pair) post(t *testing.T, path string, params url.Values, change ...func(any) any) answer {
	t.Helper()
	return p.both(t, "POST "+path+" "+params.Encode(), func(s *server) answer {
		return s.do(t, http.MethodPost, path, strings.NewReader(params.Encode()), "Content-Type", "application/x-www-form-urlencoded")
	}, change...)
}

// sameStatus asks both where only the status has to be the same.
func (p pair) sameStatus(t *testing.T, method, path string) {
	t.Helper()
	got, want := p.ask(func(s *server) answer { return s.do(t, method, path, nil) })
	if got.status != want.status {
		t.Errorf("%s %s: daymark answers %d %s\nprometheus %d %s", method, path, got.status, clip(got.body), want.status, clip(want.body))
	}
}

// at goes down the keys of a decoded body.
func at(v any, keys ...string) any {
	for _, key := range keys {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

// unordered sorts what has no order in the answer of a query: annotations, and
// the series of a result.
func unordered(v any) any {
	annotationsSorted(v)
	if result, ok := at(v, "data", "result").([]any); ok && at(v, "data", "resultType") != "scalar" && at(v, "data", "resultType") != "string" {
		sortByText(result)
	}
	return v
}

// annotationsSorted sorts warnings and infos, which come out of a map. Of those
// that are too many to be shown the map also chooses which are, so then only
// their number counts.
func annotationsSorted(v any) any {
	for _, key := range []string{"warnings", "infos"} {
		list, ok := at(v, key).([]any)
		if !ok {
			continue
		}
		sortByText(list)
		for _, text := range list {
			if strings.HasSuffix(fmt.Sprint(text), " annotations omitted") {
				v.(map[string]any)[key] = []any{len(list), text}
				break
			}
		}
	}
	return v
}

// listSorted sorts data where that is a list without an order.
func listSorted(v any) any {
	if list, ok := at(v, "data").([]any); ok {
		sortByText(list)
	}
	return annotationsSorted(v)
}

func sortByText(list []any) {
	text := func(v any) string {
		b := &bytes.Buffer{}
		_ = json.NewEncoder(b).Encode(v) // it was read from JSON
		return b.String()
	}
	slices.SortFunc(list, func(a, b any) int { return cmp.Compare(text(a), text(b)) })
}

// without takes the values of these keys out, wherever they are.
func without(keys ...string) func(any) any {
	var drop func(v any) any
	drop = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				if slices.Contains(keys, key) {
					delete(v, key)
					continue
				}
				v[key] = drop(inner)
			}
		case []any:
			for i := range v {
				v[i] = drop(v[i])
			}
		}
		return v
	}
	return drop
}
