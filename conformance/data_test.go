package conformance

import (
	"bufio"
	"math"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/util/compression"
)

const (
	// base is the time of the first sample of testdata/series.txt, in
	// milliseconds: 2025-06-15 15:06:40 UTC.
	base   = int64(1_750_000_000_000)
	stepMs = int64(12_000)
	points = 241
)

// loaded is one series of testdata/series.txt.
type loaded struct {
	labels labels.Labels
	values []parser.SequenceValue
}

func loadSeries(t *testing.T) (list []loaded) {
	t.Helper()
	file, err := os.Open("testdata/series.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	p := parser.NewParser(parser.Options{})
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		ls, values, err := p.ParseSeriesDesc(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		list = append(list, loaded{ls, values})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// inTime calls f with each sample and its time; a sample is a value or a
// histogram.
func (l loaded) inTime(f func(at int64, v float64, h *histogram.FloatHistogram)) {
	for i, v := range l.values {
		if !v.Omitted {
			f(base+int64(i)*stepMs, v.Value, v.Histogram)
		}
	}
}

// integers says that the histograms of the series are sent as integers.
func (l loaded) integers() bool {
	return strings.HasPrefix(l.labels.Get(model.MetricNameLabel), "int_")
}

// one is the series as a remote write 1.0 message has it.
func (l loaded) one() prompb.TimeSeries {
	s := prompb.TimeSeries{Labels: prompb.FromLabels(l.labels, nil)}
	var before *histogram.FloatHistogram
	l.inTime(func(at int64, v float64, h *histogram.FloatHistogram) {
		switch {
		case h != nil && l.integers():
			s.Histograms = append(s.Histograms, prompb.FromIntHistogram(at, integral(h)))
		case h != nil:
			s.Histograms = append(s.Histograms, prompb.FromFloatHistogram(at, h))
		case value.IsStaleNaN(v) && before != nil:
			s.Histograms = append(s.Histograms, prompb.FromFloatHistogram(at, &histogram.FloatHistogram{Sum: v}))
		default:
			s.Samples = append(s.Samples, prompb.Sample{Timestamp: at, Value: v})
		}
		before = h
	})
	return s
}

// two is the series as a remote write 2.0 message has it.
func (l loaded) two(symbols *writev2.SymbolsTable) writev2.TimeSeries {
	name := l.labels.Get(model.MetricNameLabel)
	s := writev2.TimeSeries{
		LabelsRefs: symbols.SymbolizeLabels(l.labels, nil),
		Metadata:   writev2.Metadata{Type: writev2.Metadata_METRIC_TYPE_GAUGE, HelpRef: symbols.Symbolize("What " + name + " means."), UnitRef: symbols.Symbolize("")},
	}
	if strings.HasSuffix(name, "_total") {
		s.Metadata.Type = writev2.Metadata_METRIC_TYPE_COUNTER
	}
	l.inTime(func(at int64, v float64, h *histogram.FloatHistogram) {
		switch {
		case h != nil && l.integers():
			s.Histograms = append(s.Histograms, writev2.FromIntHistogram(0, at, integral(h)))
		case h != nil:
			s.Histograms = append(s.Histograms, writev2.FromFloatHistogram(0, at, h))
		default:
			s.Samples = append(s.Samples, writev2.Sample{Timestamp: at, Value: v})
		}
	})
	if name == "http_requests_total" {
		trace := symbols.SymbolizeLabels(labels.FromStrings("trace_id", "t-"+l.labels.Get("code"), "span", "<b>"), nil)
		s.Exemplars = []writev2.Exemplar{{LabelsRefs: trace, Value: 0.7, Timestamp: base + 60_000}, {LabelsRefs: trace, Value: math.Inf(1), Timestamp: base + 120_000}}
	}
	return s
}

// integral is h as a histogram of integers.
func integral(h *histogram.FloatHistogram) *histogram.Histogram {
	deltas := func(counts []float64) (list []int64) {
		before := 0.0
		for _, c := range counts {
			list = append(list, int64(c-before))
			before = c
		}
		return list
	}
	return &histogram.Histogram{
		CounterResetHint: h.CounterResetHint, Schema: h.Schema, ZeroThreshold: h.ZeroThreshold, ZeroCount: uint64(h.ZeroCount), Count: uint64(h.Count), Sum: h.Sum,
		PositiveSpans: h.PositiveSpans, PositiveBuckets: deltas(h.PositiveBuckets), NegativeSpans: h.NegativeSpans, NegativeBuckets: deltas(h.NegativeBuckets),
		CustomValues: h.CustomValues,
	}
}

const (
	writeOne = "application/x-protobuf"
	writeTwo = "application/x-protobuf;proto=io.prometheus.write.v2.Request"
)

// message is anything that remote write sends.
type message interface{ Marshal() ([]byte, error) }

// write sends m by remote write.
func (s *server) write(t *testing.T, contentType string, m message) answer {
	t.Helper()
	content, err := m.Marshal()
	if err == nil {
		content, err = compression.Encode(compression.Snappy, content, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s.writeBytes(t, contentType, content)
}

func (s *server) writeBytes(t *testing.T, contentType string, content []byte) answer {
	t.Helper()
	version := "0.1.0"
	if contentType == writeTwo {
		version = "2.0.0"
	}
	return s.do(t, http.MethodPost, "/api/v1/write", strings.NewReader(string(content)),
		"Content-Type", contentType, "Content-Encoding", "snappy", "X-Prometheus-Remote-Write-Version", version)
}

// fill gives both servers the series of testdata/series.txt, every other one by
// remote write 1.0 and 2.0.
func (p pair) fill(t *testing.T) {
	t.Helper()
	one, two := &prompb.WriteRequest{}, &writev2.Request{}
	symbols := writev2.NewSymbolTable()
	for i, l := range loadSeries(t) {
		if i%2 == 0 && l.labels.Get(model.MetricNameLabel) != "http_requests_total" {
			one.Timeseries = append(one.Timeseries, l.one())
		} else {
			two.Timeseries = append(two.Timeseries, l.two(&symbols))
		}
	}
	two.Symbols = symbols.Symbols()
	for what, m := range map[string]message{writeOne: one, writeTwo: two} {
		if got := p.both(t, what, func(s *server) answer { return s.write(t, what, m) }); got.status/100 != 2 {
			t.Fatalf("%s: %d %s", what, got.status, got.body)
		}
	}
}
