package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"

	"daymark/query"
	"daymark/storage/series"
)

// overHTTP is a query engine for Prometheus's own test files. It evaluates
// each query twice: through our engine, whose exact answer the test file
// judges, and through our HTTP API, whose JSON must say the same as far as
// JSON can: it has no schema and no counter reset hint of a native histogram,
// and ten annotations of each kind.
type overHTTP struct {
	t     *testing.T
	parts Deps // those that do not change
	now   *Server
	asked int
}

// open makes a storage, and a server over it that the next queries ask.
func (e *overHTTP) open(tb testing.TB) storage.Storage {
	t := tb.(*testing.T)
	e.t = t
	log := slog.New(slog.DiscardHandler)
	file, err := promconfig.Load("", log)
	must(t, err)
	db, err := series.New(series.Config{
		// The files load series after series, so the window must be long.
		Path: t.TempDir(), File: file, MinBlockDuration: 24 * time.Hour, MaxBlockDuration: 24 * time.Hour,
		Features: series.Features{StartTimestampStorage: true, HistogramSTEncoding: true},
	}, nil, nil, log, nil)
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	opened := make(chan error, 1)
	go func() { opened <- db.Open(ctx) }()
	<-db.Ready()
	engine, err := query.New(query.Config{
		File: file, Parser: promqltest.TestParserOpts, MaxSamples: promqltest.DefaultMaxSamplesPerQuery,
		DelayedNameRemoval: true, UseStartTimestamps: true,
	}, db, log, nil)
	must(t, err)
	deps := e.parts
	deps.Series, deps.Query, deps.Gatherer = db, engine, prometheus.NewRegistry()
	server, err := New(Config{ListenAddresses: []string{"127.0.0.1:0"}}, deps, log, nil)
	must(t, err)
	_, err = server.Listen()
	must(t, err)
	e.now = server
	t.Cleanup(func() {
		server.closeListeners()
		must(t, engine.Close())
		cancel()
		must(t, <-opened)
	})
	return db
}

func (e *overHTTP) NewInstantQuery(ctx context.Context, q storage.Queryable, o promql.QueryOpts, qs string, ts time.Time) (promql.Query, error) {
	exact, err := e.now.deps.Query.NewInstantQuery(ctx, q, o, qs, ts)
	params := url.Values{"query": {qs}, "time": {seconds(ts)}}
	if err != nil {
		e.refused("/api/v1/query", params, err)
		return nil, err
	}
	return &comparedQuery{exact, e, "/api/v1/query", params}, nil
}

func (e *overHTTP) NewRangeQuery(ctx context.Context, q storage.Queryable, o promql.QueryOpts, qs string, start, end time.Time, step time.Duration) (promql.Query, error) {
	exact, err := e.now.deps.Query.NewRangeQuery(ctx, q, o, qs, start, end, step)
	params := url.Values{"query": {qs}, "start": {seconds(start)}, "end": {seconds(end)}, "step": {strconv.FormatFloat(step.Seconds(), 'f', -1, 64)}}
	if err != nil {
		e.refused("/api/v1/query_range", params, err)
		return nil, err
	}
	return &comparedQuery{exact, e, "/api/v1/query_range", params}, nil
}

func seconds(t time.Time) string {
	return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64)
}

// ask sends a query, every other one as a form.
func (e *overHTTP) ask(path string, params url.Values) (int, []byte) {
	e.asked++
	r := httptest.NewRequest(http.MethodGet, path+"?"+params.Encode(), nil)
	if e.asked%2 == 0 {
		r = httptest.NewRequest(http.MethodPost, path, strings.NewReader(params.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Host = e.now.listeners[0].Addr().String()
	w := httptest.NewRecorder()
	e.now.root.ServeHTTP(w, r)
	return w.Code, w.Body.Bytes()
}

// refused checks that the API refuses what the engine has refused.
func (e *overHTTP) refused(path string, params url.Values, want error) {
	status, body := e.ask(path, params)
	var got decoded
	if err := json.Unmarshal(body, &got); err != nil || status < 400 || got.Status != "error" || !strings.Contains(got.Error, message(want)) {
		e.t.Errorf("%s: refused with %q, over HTTP %d %s", params.Get("query"), want, status, body)
	}
}

// message is what the engine says without what our own error adds around it.
func message(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return strings.ToValidUTF8(err.Error(), "\ufffd") // JSON is UTF-8
}

// comparedQuery compares when it is executed.
type comparedQuery struct {
	promql.Query
	engine *overHTTP
	path   string
	params url.Values
}

func (q *comparedQuery) Exec(ctx context.Context) *promql.Result {
	exact := q.Query.Exec(ctx)
	if exact.Err != nil {
		q.engine.refused(q.path, q.params, exact.Err)
		return exact
	}
	status, body := q.engine.ask(q.path, q.params)
	if err := compare(exact, q.params.Get("query"), status, body); err != nil {
		q.engine.t.Errorf("%s?%s: %v\nover HTTP: %s", q.path, q.params.Encode(), err, body)
	}
	return exact
}

// jsonHistogram is a native histogram in Prometheus's JSON.
type jsonHistogram struct {
	Count   string   `json:"count"`
	Sum     string   `json:"sum"`
	Buckets [][4]any `json:"buckets"`
}

// jsonPoint is [seconds, value or histogram].
type jsonPoint [2]json.RawMessage

type jsonSeries struct {
	Metric     map[string]string `json:"metric"`
	Value      *jsonPoint        `json:"value"`
	Histogram  *jsonPoint        `json:"histogram"`
	Values     []jsonPoint       `json:"values"`
	Histograms []jsonPoint       `json:"histograms"`
}

type jsonAnswer struct {
	Status string `json:"status"`
	Data   struct {
		ResultType string          `json:"resultType"`
		Result     json.RawMessage `json:"result"`
	} `json:"data"`
	Warnings []string `json:"warnings"`
	Infos    []string `json:"infos"`
}

func compare(exact *promql.Result, query string, status int, body []byte) error {
	var got jsonAnswer
	if err := json.Unmarshal(body, &got); err != nil {
		return err
	}
	if status != http.StatusOK || got.Status != "success" {
		return fmt.Errorf("status %d", status)
	}
	if got.Data.ResultType != string(exact.Value.Type()) {
		return fmt.Errorf("type %s, want %s", got.Data.ResultType, exact.Value.Type())
	}
	if err := compareAnnotations(exact.Warnings, query, got); err != nil {
		return err
	}
	var point jsonPoint
	switch value := exact.Value.(type) {
	case promql.String:
		var text string
		if err := errors.Join(json.Unmarshal(got.Data.Result, &point), json.Unmarshal(point[1], &text)); err != nil {
			return err
		}
		if text != value.V {
			return fmt.Errorf("text %q, want %q", text, value.V)
		}
		return nil
	case promql.Scalar:
		if err := json.Unmarshal(got.Data.Result, &point); err != nil {
			return err
		}
		return compareFloat(point, value.T, value.V)
	}
	var list []jsonSeries
	if err := json.Unmarshal(got.Data.Result, &list); err != nil {
		return err
	}
	var matrix promql.Matrix
	switch value := exact.Value.(type) {
	case promql.Vector:
		for i, s := range value {
			one := promql.Series{Metric: s.Metric}
			if s.H != nil {
				one.Histograms = []promql.HPoint{{T: s.T, H: s.H}}
			} else {
				one.Floats = []promql.FPoint{{T: s.T, F: s.F}}
			}
			matrix = append(matrix, one)
			if i < len(list) && list[i].Value != nil {
				list[i].Values = append(list[i].Values, *list[i].Value)
			}
			if i < len(list) && list[i].Histogram != nil {
				list[i].Histograms = append(list[i].Histograms, *list[i].Histogram)
			}
		}
	case promql.Matrix:
		matrix = value
	}
	if len(list) != len(matrix) {
		return fmt.Errorf("%d series, want %d", len(list), len(matrix))
	}
	if !strings.Contains(query, "sort") { // a vector has no order of its own
		matrix = slices.Clone(matrix)
		slices.SortStableFunc(matrix, func(a, b promql.Series) int { return labels.Compare(a.Metric, b.Metric) })
		slices.SortStableFunc(list, func(a, b jsonSeries) int { return labels.Compare(labels.FromMap(a.Metric), labels.FromMap(b.Metric)) })
	}
	for i, want := range matrix {
		if err := compareSeries(list[i], want); err != nil {
			return fmt.Errorf("%s: %w", want.Metric, err)
		}
	}
	return nil
}

func compareSeries(got jsonSeries, want promql.Series) error {
	if !labels.Equal(labels.FromMap(got.Metric), want.Metric) {
		return fmt.Errorf("labels %v", got.Metric)
	}
	if len(got.Values) != len(want.Floats) || len(got.Histograms) != len(want.Histograms) {
		return fmt.Errorf("%d floats and %d histograms, want %d and %d", len(got.Values), len(got.Histograms), len(want.Floats), len(want.Histograms))
	}
	for i, p := range want.Floats {
		if err := compareFloat(got.Values[i], p.T, p.F); err != nil {
			return err
		}
	}
	for i, p := range want.Histograms {
		if err := compareHistogram(got.Histograms[i], p.T, p.H); err != nil {
			return err
		}
	}
	return nil
}

func compareTime(got jsonPoint, want int64) error {
	var at model.Time
	if err := json.Unmarshal(got[0], &at); err != nil {
		return err
	}
	if int64(at) != want {
		return fmt.Errorf("time %d, want %d", at, want)
	}
	return nil
}

func compareFloat(got jsonPoint, t int64, want float64) error {
	var text string
	if err := errors.Join(compareTime(got, t), json.Unmarshal(got[1], &text)); err != nil {
		return err
	}
	return sameFloat(text, want)
}

func sameFloat(text string, want float64) error {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return err
	}
	if v != want && !(math.IsNaN(v) && math.IsNaN(want)) {
		return fmt.Errorf("value %s, want %g", text, want)
	}
	return nil
}

func compareHistogram(got jsonPoint, t int64, want *histogram.FloatHistogram) error {
	var h jsonHistogram
	if err := errors.Join(compareTime(got, t), json.Unmarshal(got[1], &h)); err != nil {
		return err
	}
	if err := errors.Join(sameFloat(h.Count, want.Count), sameFloat(h.Sum, want.Sum)); err != nil {
		return err
	}
	buckets := 0
	for it := want.AllBucketIterator(); it.Next(); {
		bucket := it.At()
		if bucket.Count == 0 {
			continue
		}
		if buckets == len(h.Buckets) {
			return fmt.Errorf("only %d buckets", buckets)
		}
		g := h.Buckets[buckets]
		buckets++
		if err := errors.Join(sameFloat(fmt.Sprint(g[1]), bucket.Lower), sameFloat(fmt.Sprint(g[2]), bucket.Upper), sameFloat(fmt.Sprint(g[3]), bucket.Count)); err != nil {
			return err
		}
		rule := map[[2]bool]float64{{false, true}: 0, {true, false}: 1, {false, false}: 2, {true, true}: 3}[[2]bool{bucket.LowerInclusive, bucket.UpperInclusive}]
		if g[0] != rule {
			return fmt.Errorf("bucket rule %v, want %v", g[0], rule)
		}
	}
	if buckets != len(h.Buckets) {
		return fmt.Errorf("%d buckets, want %d", len(h.Buckets), buckets)
	}
	return nil
}

func compareAnnotations(want annotations.Annotations, query string, got jsonAnswer) error {
	warnings, infos := want.AsStrings(query, 0, 0)
	for _, pair := range []struct{ want, got []string }{{warnings, got.Warnings}, {infos, got.Infos}} {
		if len(pair.want) > 10 {
			if len(pair.got) != 11 { // ten, and how many more
				return fmt.Errorf("%d annotations, %d over HTTP", len(pair.want), len(pair.got))
			}
			continue
		}
		slices.Sort(pair.want)
		slices.Sort(pair.got)
		if !slices.Equal(pair.want, pair.got) {
			return fmt.Errorf("annotations %q, over HTTP %q", pair.want, pair.got)
		}
	}
	return nil
}

// TestPrometheusTestFilesOverHTTP runs all test files of Prometheus's PromQL,
// from its module, with the features that they assume.
func TestPrometheusTestFilesOverHTTP(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/prometheus/prometheus").Output()
	must(t, err)
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "promql", "promqltest", "testdata", "*.test"))
	must(t, err)
	if len(files) < 22 {
		t.Fatalf("only %d test files", len(files))
	}
	engine := &overHTTP{parts: startStack(t, stackConfig{noRun: true}).deps}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			script, err := os.ReadFile(file)
			must(t, err)
			before := engine.asked
			promqltest.RunTestWithStorage(t, string(script), engine, engine.open)
			if engine.asked == before {
				t.Error("no query was asked")
			}
		})
	}
	t.Logf("%d evaluations over HTTP", engine.asked)
	if engine.asked < 20_000 { // each of the 2,434 written ones is asked in several ways
		t.Errorf("only %d evaluations over HTTP", engine.asked)
	}
}
