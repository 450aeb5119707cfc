package server

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gogo/protobuf/proto"
	remoteapi "github.com/prometheus/client_golang/exp/api/remote"
	config_util "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
	"github.com/prometheus/prometheus/storage/remote"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/compression"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
)

func (s *stack) remoteConfig(t *testing.T, path string) *remote.ClientConfig {
	t.Helper()
	u, err := url.Parse(s.url + path)
	must(t, err)
	return &remote.ClientConfig{
		URL: &config_util.URL{URL: u}, Timeout: model.Duration(10 * time.Second), HTTPClientConfig: config_util.HTTPClientConfig{},
		ChunkedReadLimit: 50 << 20, WriteProtoMsg: remoteapi.WriteV1MessageType,
	}
}

// write sends a message as Prometheus's own client does.
func (s *stack) write(t *testing.T, kind remoteapi.WriteMessageType, message proto.Message) (remote.WriteResponseStats, error) {
	t.Helper()
	cfg := s.remoteConfig(t, "/api/v1/write")
	cfg.WriteProtoMsg = kind
	client, err := remote.NewWriteClient("test", cfg)
	must(t, err)
	t.Cleanup(func() { client.(*remote.Client).Client.CloseIdleConnections() })
	content, err := proto.Marshal(message)
	must(t, err)
	content, err = compression.Encode(compression.Snappy, content, nil)
	must(t, err)
	return client.Store(t.Context(), content, 0)
}

func TestRemoteWriteOne(t *testing.T) {
	s := startStack(t, stackConfig{})
	now := time.Now().UnixMilli()
	message := func(at int64) *prompb.WriteRequest {
		return &prompb.WriteRequest{Timeseries: []prompb.TimeSeries{
			{
				Labels:    []prompb.Label{{Name: "__name__", Value: "written"}, {Name: "v", Value: "1"}},
				Samples:   []prompb.Sample{{Timestamp: at - 1000, Value: 1}, {Timestamp: at, Value: 2}},
				Exemplars: []prompb.Exemplar{{Labels: []prompb.Label{{Name: "trace_id", Value: "abc"}}, Timestamp: at, Value: 2}},
			},
			{
				Labels:     []prompb.Label{{Name: "__name__", Value: "latency"}},
				Histograms: []prompb.Histogram{prompb.FromFloatHistogram(at, &histogram.FloatHistogram{Count: 3, Sum: 6, PositiveSpans: []histogram.Span{{Length: 1}}, PositiveBuckets: []float64{3}})},
			},
		}}
	}
	if _, err := s.write(t, remoteapi.WriteV1MessageType, message(now)); err != nil {
		t.Fatal(err)
	}
	got := s.get(t, "/api/v1/query?query=written")
	if !strings.Contains(got.body, `"2"`) {
		t.Errorf("written: %s", got.body)
	}
	if got := s.get(t, "/api/v1/query?query=histogram_count(latency)"); !strings.Contains(got.body, `"3"`) {
		t.Errorf("latency: %s", got.body)
	}
	if _, err := s.write(t, remoteapi.WriteV1MessageType, message(now-10*60_000)); err == nil || !strings.Contains(err.Error(), "400") {
		t.Errorf("samples out of order: %v", err)
	}
}

func TestRemoteWriteTwo(t *testing.T) {
	s := startStack(t, stackConfig{})
	now := time.Now().UnixMilli()
	symbols := writev2.NewSymbolTable()
	series := func(ls labels.Labels, at int64) writev2.TimeSeries {
		return writev2.TimeSeries{LabelsRefs: symbols.SymbolizeLabels(ls, nil), Samples: []writev2.Sample{{Timestamp: at, Value: 5}}}
	}
	list := []writev2.TimeSeries{
		series(labels.FromStrings("__name__", "written", "v", "2"), now),
		{
			LabelsRefs: symbols.SymbolizeLabels(labels.FromStrings("__name__", "latency"), nil),
			Histograms: []writev2.Histogram{writev2.FromFloatHistogram(0, now, &histogram.FloatHistogram{Count: 3, Sum: 6, PositiveSpans: []histogram.Span{{Length: 1}}, PositiveBuckets: []float64{3}})},
		},
	}
	stats, err := s.write(t, remoteapi.WriteV2MessageType, &writev2.Request{Symbols: symbols.Symbols(), Timeseries: list})
	must(t, err)
	if stats.Samples != 1 || stats.Histograms != 1 || !stats.Confirmed {
		t.Errorf("confirmed %+v", stats)
	}
	if got := s.get(t, "/api/v1/query?query=written"); !strings.Contains(got.body, `"5"`) {
		t.Errorf("written: %s", got.body)
	}
	// Part of a request is taken, and the answer says how much.
	list[0].Samples[0].Timestamp, list[1].Histograms[0].Timestamp = now-600_000, now+1000
	stats, err = s.write(t, remoteapi.WriteV2MessageType, &writev2.Request{Symbols: symbols.Symbols(), Timeseries: list})
	if err == nil || !strings.Contains(err.Error(), "400") || stats.Samples != 0 || stats.Histograms != 1 {
		t.Errorf("half a request: %v, %+v", err, stats)
	}
}

func TestRemoteRead(t *testing.T) {
	s := startStack(t, stackConfig{file: "global: {external_labels: {zone: eu}}"})
	now := time.Now().Truncate(time.Second)
	for i := range 5 {
		s.append(t, sample{series: `stored{a="b"}`, t: now.Add(time.Duration(i-5) * time.Second), f: float64(i)})
	}
	for name, kind := range map[string]prompb.ReadRequest_ResponseType{"samples": prompb.ReadRequest_SAMPLES, "streamed chunks": prompb.ReadRequest_STREAMED_XOR_CHUNKS} {
		t.Run(name, func(t *testing.T) {
			cfg := s.remoteConfig(t, "/api/v1/read")
			cfg.AcceptedResponseTypes = []prompb.ReadRequest_ResponseType{kind}
			client, err := remote.NewReadClient("test", cfg)
			must(t, err)
			defer client.(*remote.Client).Client.CloseIdleConnections()
			matcher := labels.MustNewMatcher(labels.MatchEqual, "__name__", "stored")
			query, err := remote.ToQuery(now.Add(-time.Minute).UnixMilli(), now.UnixMilli(), []*labels.Matcher{matcher}, nil)
			must(t, err)
			set, err := client.Read(t.Context(), query, true)
			must(t, err)
			var values []float64
			for set.Next() {
				if got, want := set.At().Labels().String(), `{__name__="stored", a="b", zone="eu"}`; got != want {
					t.Errorf("labels %s, want %s", got, want)
				}
				for it := set.At().Iterator(nil); it.Next() == chunkenc.ValFloat; {
					_, v := it.At()
					values = append(values, v)
				}
			}
			must(t, set.Err())
			if len(values) != 5 || values[4] != 4 {
				t.Errorf("values %v", values)
			}
		})
	}
}

func TestOTLP(t *testing.T) {
	s := startStack(t, stackConfig{})
	metrics := pmetric.NewMetrics()
	resource := metrics.ResourceMetrics().AppendEmpty()
	resource.Resource().Attributes().PutStr("service.name", "shop")
	scope := resource.ScopeMetrics().AppendEmpty()
	gauge := scope.Metrics().AppendEmpty()
	gauge.SetName("queue.length")
	point := gauge.SetEmptyGauge().DataPoints().AppendEmpty()
	point.SetTimestamp(pcommon.NewTimestampFromTime(time.Now()))
	point.SetDoubleValue(17)
	point.Attributes().PutStr("queue.name", "<b>mail</b>")
	content, err := pmetricotlp.NewExportRequestFromMetrics(metrics).MarshalProto()
	must(t, err)
	for name, body := range map[string]io.Reader{"plain": bytes.NewReader(content), "gzip": gzipped(t, string(content))} {
		header := []string{"Content-Type", "application/x-protobuf"}
		if name == "gzip" {
			header = append(header, "Content-Encoding", "gzip")
		}
		if got := s.do(t, http.MethodPost, "/api/v1/otlp/v1/metrics", body, header...); got.status != http.StatusOK {
			t.Fatalf("%s: status %d: %s", name, got.status, got.body)
		}
	}
	got := s.get(t, "/api/v1/query?query=queue_length")
	if !strings.Contains(got.body, `"17"`) || !strings.Contains(got.body, `"job":"shop"`) {
		t.Errorf("answer: %s", got.body)
	}
	if got := s.do(t, http.MethodPost, "/api/v1/otlp/v1/metrics", strings.NewReader("nonsense"), "Content-Type", "application/x-protobuf"); got.status != http.StatusBadRequest {
		t.Errorf("nonsense: status %d: %s", got.status, got.body)
	}
}
