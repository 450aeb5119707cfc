package server

import (
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/value"
	"google.golang.org/protobuf/encoding/prototext"
)

const protobufType = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"

func federated(t *testing.T) (*stack, time.Time) {
	t.Helper()
	s := startStack(t, stackConfig{file: "global: {external_labels: {zone: eu, job: outside}}"})
	now := time.Now().Truncate(time.Second)
	exponential := &histogram.Histogram{
		Schema: 1, Count: 7, Sum: 3.5, ZeroThreshold: 0.01, ZeroCount: 2,
		PositiveSpans: []histogram.Span{{Offset: 1, Length: 2}}, PositiveBuckets: []int64{2, 1}, // 2 and 3
	}
	custom := &histogram.Histogram{
		Schema: histogram.CustomBucketsSchema, Count: 6, Sum: 9, CustomValues: []float64{1, 2, 5},
		PositiveSpans: []histogram.Span{{Offset: 0, Length: 1}, {Offset: 1, Length: 2}}, PositiveBuckets: []int64{1, 1, 1}, // 1, 2, 3
	}
	gauge := exponential.Copy()
	gauge.CounterResetHint = histogram.GaugeType
	s.append(t,
		sample{series: `requests{instance="a",job="own"}`, t: now.Add(-2 * time.Second), f: 1},
		sample{series: `requests{instance="b"}`, t: now.Add(-time.Second), f: math.Inf(1)},
		sample{series: `old`, t: now.Add(-10 * time.Minute), f: 1},
		sample{series: `ended`, t: now.Add(-3 * time.Second), f: 1},
		sample{series: `later`, t: now.Add(time.Minute), f: 1},
		sample{series: `latency`, t: now.Add(-time.Second), h: exponential},
		sample{series: `latency{kind="gauge"}`, t: now.Add(-time.Second), h: gauge},
		sample{series: `size`, t: now.Add(-time.Second), h: custom},
		sample{series: `{other="nameless"}`, t: now.Add(-time.Second), f: 1},
	)
	s.append(t,
		sample{series: `requests{instance="a",job="own"}`, t: now.Add(-time.Second), f: 2},
		sample{series: `ended`, t: now.Add(-time.Second), f: math.Float64frombits(value.StaleNaN)},
	)
	return s, now
}

func TestFederationAsText(t *testing.T) {
	s, now := federated(t)
	got := s.get(t, `/federate?match[]={__name__=~"requests|old|ended|later|latency|size"}&match[]=requests`)
	if got.status != http.StatusOK || !strings.HasPrefix(got.header.Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Fatalf("status %d, %s: %s", got.status, got.header.Get("Content-Type"), got.body)
	}
	at := " " + fmtMs(now.Add(-time.Second)) + "\n"
	want := `# TYPE requests untyped
requests{instance="a",job="own",zone="eu"} 2` + at + `requests{instance="b",job="outside",zone="eu"} +Inf` + at +
		`# TYPE size histogram
size_bucket{instance="",job="outside",zone="eu",le="1"} 1` + at +
		`size_bucket{instance="",job="outside",zone="eu",le="2"} 1` + at +
		`size_bucket{instance="",job="outside",zone="eu",le="5"} 3` + at +
		`size_bucket{instance="",job="outside",zone="eu",le="+Inf"} 6` + at +
		`size_sum{instance="",job="outside",zone="eu"} 9` + at +
		`size_count{instance="",job="outside",zone="eu"} 6` + at
	if diff := cmp.Diff(want, got.body); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func fmtMs(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

func TestFederationAsProtobuf(t *testing.T) {
	s, now := federated(t)
	got := s.get(t, `/federate?match[]={__name__=~"latency|size"}`, "Accept", protobufType, "Accept-Encoding", "identity")
	if got.status != http.StatusOK || !strings.HasPrefix(got.header.Get("Content-Type"), "application/vnd.google.protobuf") {
		t.Fatalf("status %d, %s: %s", got.status, got.header.Get("Content-Type"), got.body)
	}
	families := decodeFamilies(t, got.body)
	if len(families) != 3 {
		t.Fatalf("%d families: %v", len(families), families)
	}
	types := map[dto.MetricType]*dto.Metric{}
	for _, family := range families[:2] {
		if family.GetName() != "latency" || len(family.Metric) != 1 {
			t.Errorf("family %v", family)
		}
		types[family.GetType()] = family.Metric[0]
	}
	for _, kind := range []dto.MetricType{dto.MetricType_HISTOGRAM, dto.MetricType_GAUGE_HISTOGRAM} {
		metric := types[kind]
		if metric == nil {
			t.Fatalf("no family of type %s", kind)
		}
		want := &dto.Histogram{}
		must(t, prototext.Unmarshal([]byte(`
			sample_count_float: 7 sample_sum: 3.5 schema: 1 zero_threshold: 0.01 zero_count_float: 2
			positive_span: {offset: 1 length: 2} positive_count: 2 positive_count: 3`), want))
		if diff := cmp.Diff(want.String(), metric.Histogram.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
		if metric.GetTimestampMs() != now.Add(-time.Second).UnixMilli() {
			t.Errorf("%s: time %d", kind, metric.GetTimestampMs())
		}
	}
	if size := families[2].Metric[0].Histogram; len(size.Bucket) != 3 || size.Schema != nil || size.Bucket[2].GetCumulativeCountFloat() != 3 {
		t.Errorf("custom buckets: %v", size)
	}
}

func decodeFamilies(t *testing.T, body string) []*dto.MetricFamily {
	t.Helper()
	decoder := expfmt.NewDecoder(strings.NewReader(body), expfmt.NewFormat(expfmt.TypeProtoDelim))
	var list []*dto.MetricFamily
	for {
		var family dto.MetricFamily
		err := decoder.Decode(&family)
		if err == io.EOF { //nolint:errorlint // the decoder returns it bare
			return list
		}
		must(t, err)
		list = append(list, &family)
	}
}

func TestFederationRefusals(t *testing.T) {
	s, _ := federated(t)
	for path, status := range map[string]int{
		"/federate?match[]=sum(":       400,
		"/federate?match[]={x=~\"*\"}": 400,
		"/federate":                    200,
		"/federate?match[]=nothing":    200,
	} {
		got := s.get(t, strings.ReplaceAll(path, `"`, "%22"))
		if got.status != status || (status == 200 && got.body != "") {
			t.Errorf("%s: status %d: %s", path, got.status, got.body)
		}
	}
}
