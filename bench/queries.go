package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// asked is what one question cost one system.
type asked struct {
	cold     time.Duration // wall time of the first
	repeated time.Duration // CPU of each of the repetitions
	wall     time.Duration // of each of the repetitions
	answer   map[string]string
}

// queries asks range and instant queries of a day of history, each once cold
// and then again and again with the window moving, as a dashboard does.
func queries(ctx context.Context, b *bench) error {
	end := time.Now().Truncate(5 * time.Minute)
	results := map[string][]asked{}
	var kinds []string
	for _, kind := range b.systems {
		some, err := b.askSystem(ctx, kind, end)
		if errors.Is(err, errMissing) {
			b.out.note("%s is left out: %s", kind, err)
			continue
		} else if err != nil {
			return err
		}
		results[kind], kinds = some, append(kinds, kind)
	}
	heads := []string{"query"}
	for _, kind := range kinds {
		heads = append(heads, kind+" cold ms", kind+" CPU ms", kind+" wall ms")
	}
	var rows [][]string
	for i, q := range questions() {
		row := []string{q.name}
		for _, kind := range kinds {
			a := results[kind][i]
			row = append(row, ms(a.cold), ms(a.repeated), ms(a.wall))
		}
		rows = append(rows, row)
	}
	for _, mean := range []struct {
		name     string
		from, to int
	}{{"range, geometric mean", 0, 10}, {"instant, geometric mean", 10, 14}, {"all, geometric mean", 0, 14}} {
		row := []string{mean.name}
		for _, kind := range kinds {
			some := results[kind][mean.from:mean.to]
			row = append(row, geometric(some, func(a asked) time.Duration { return a.cold }), geometric(some, func(a asked) time.Duration { return a.repeated }), geometric(some, func(a asked) time.Duration { return a.wall }))
		}
		rows = append(rows, row)
	}
	b.out.note("6 h of %d series at 15 s and 24 h of %d more; each query once and then %d times, the window moving by 5 s, its ends aligned to the step.", b.series, seriesPerTarget, b.repeats)
	b.out.table(heads, rows)
	if ours, theirs := results[daymark], results[prometheus]; ours != nil && theirs != nil {
		b.out.note("%s", compare(ours, theirs))
	}
	b.out.note("CPU is exact to a hundredth of a second over all repetitions: %.1f ms for each. Versions: %s.", 10/float64(b.repeats), b.versions(ctx, kinds...))
	return nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000) }

func geometric(all []asked, of func(asked) time.Duration) string {
	var sum float64
	for _, a := range all {
		sum += math.Log(max(of(a).Seconds(), 1e-5))
	}
	return fmt.Sprintf("%.1f", 1000*math.Exp(sum/float64(len(all))))
}

func (b *bench) askSystem(ctx context.Context, kind string, end time.Time) ([]asked, error) {
	folder := filepath.Join(b.work, "queries-"+kind)
	defer os.RemoveAll(folder)
	s, err := b.startSystem(ctx, kind, folder, "")
	if err != nil {
		return nil, err
	}
	defer s.end(os.Kill) //nolint:errcheck // its folder goes as well
	b.out.progress("%s: back-fill of a day", kind)
	err = s.fill(ctx, b.seed,
		history{"shop", b.series / seriesPerTarget, seriesPerTarget, end.Add(-6 * time.Hour), end, 15 * time.Second},
		history{"long", 1, seriesPerTarget, end.Add(-24 * time.Hour), end, 15 * time.Second})
	if err != nil {
		return nil, err
	}
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	b.out.progress("%s: queries", kind)
	var all []asked
	for _, q := range questions() {
		a, err := b.repeat(ctx, s, q, end)
		if err != nil {
			return nil, fmt.Errorf("%s, %s: %w", kind, q.name, err)
		}
		all = append(all, a)
	}
	return all, nil
}

// settle waits until the system has nothing left to do: compaction follows a
// back-fill.
func (s *system) settle(ctx context.Context) error {
	for range 60 {
		spent, err := s.over(ctx, 10*time.Second)
		if err != nil {
			return err
		}
		if spent < 300*time.Millisecond {
			return nil
		}
	}
	return fmt.Errorf("%s is still busy ten minutes after the back-fill", s.name)
}

func (b *bench) repeat(ctx context.Context, s *system, q question, end time.Time) (asked, error) {
	var a asked
	begun := time.Now()
	text, err := s.query(ctx, q, end.Add(-5*time.Second*time.Duration(b.repeats)))
	if err != nil {
		return a, err
	}
	a.cold = time.Since(begun)
	before, err := s.cpu()
	if err != nil {
		return a, err
	}
	begun = time.Now()
	for i := range b.repeats {
		if text, err = s.query(ctx, q, end.Add(-5*time.Second*time.Duration(b.repeats-i-1))); err != nil {
			return a, err
		}
	}
	a.wall = time.Since(begun) / time.Duration(b.repeats)
	after, err := s.cpu()
	if err != nil {
		return a, err
	}
	a.repeated = (after - before) / time.Duration(b.repeats)
	a.answer, err = points(text)
	return a, err
}

// query asks with the window's end at a moment.
func (s *system) query(ctx context.Context, q question, end time.Time) ([]byte, error) {
	form, path := url.Values{"query": {q.expr}}, "/api/v1/query"
	if q.span > 0 {
		to := end.Unix() / q.step * q.step
		path = "/api/v1/query_range"
		form.Set("start", strconv.FormatInt(to-q.span, 10))
		form.Set("end", strconv.FormatInt(to, 10))
		form.Set("step", strconv.FormatInt(q.step, 10))
	} else {
		form.Set("time", strconv.FormatInt(end.Unix(), 10))
	}
	status, body, err := s.get(ctx, path+"?"+form.Encode())
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d: %.300s", status, body)
	}
	return body, err
}

// points are the numbers of an answer, by series and time.
func points(text []byte) (map[string]string, error) {
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string    `json:"metric"`
				Value  []json.RawMessage    `json:"value"`
				Values [][2]json.RawMessage `json:"values"`
			} `json:"result"`
		} `json:"data"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, r := range answer.Data.Result {
		if len(r.Value) == 2 {
			r.Values = [][2]json.RawMessage{{r.Value[0], r.Value[1]}}
		}
		for _, v := range r.Values {
			all[fmt.Sprint(r.Metric, " ", string(v[0]))] = strings.Trim(string(v[1]), `"`)
		}
	}
	return all, nil
}

// compare says whether two systems gave the same answers to the last of each
// question's queries.
func compare(ours, theirs []asked) string {
	var different []string
	count := 0
	for i, q := range questions() {
		a, b := ours[i].answer, theirs[i].answer
		count += len(b)
		same := len(a) == len(b)
		for key, value := range b {
			same = same && near(a[key], value)
		}
		if !same {
			different = append(different, q.name)
		}
	}
	if different != nil {
		slices.Sort(different)
		return "Daymark's and Prometheus's answers DIFFER in: " + strings.Join(different, ", ") + "."
	}
	return fmt.Sprintf("Daymark's and Prometheus's answers to all %d queries agree, %d points (to a billionth).", len(questions()), count)
}

func near(a, b string) bool {
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err1 == nil && err2 == nil && (a == b || math.Abs(x-y) <= 1e-9*math.Max(math.Abs(x), math.Abs(y)))
}
