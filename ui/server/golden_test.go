package server

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"

	"daymark/query"
	"daymark/query/live"
)

var update = flag.Bool("update", false, "rewrite the golden bodies in testdata")

// golden compares body, indented, with testdata/name.json, or rewrites that
// file under -update. The UI's tests parse the same files.
func golden(t *testing.T, name string, body []byte) {
	t.Helper()
	var indented bytes.Buffer
	if err := json.Indent(&indented, bytes.TrimSpace(body), "", "  "); err != nil {
		t.Fatalf("%s is no JSON: %v\n%s", name, err, body)
	}
	indented.WriteByte('\n')
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, indented.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run go test -update)", err)
	}
	if diff := cmp.Diff(string(want), indented.String()); diff != "" {
		t.Errorf("%s differs from its golden body (-want +got):\n%s", path, diff)
	}
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestGoldenDocuments(t *testing.T) {
	const now = 1_790_000_000_000
	golden(t, "status", encode(t, statusDocument{
		Version: "0.1.0", Build: "3f9c2ab41d07e655", Instance: "b1946ac92492d234", Protocol: liveProtocol,
		StartedMs: now - 90_000, NowMs: now, Ready: true,
		HostName: "web-1", ConfigFile: "", Host: true, Self: true, Packs: true, HostJob: "node",
		ScrapeIntervalMs: 1000, InProcessIntervalMs: 1000,
		Jobs:        []jobSummary{{"node", 1000, 1}, {"daymark", 1000, 1}},
		Paging:      pagingSummary{BuiltIn: true, Receivers: []string{"daymark"}},
		ExternalURL: "http://127.0.0.1:5470/", RetentionMs: 1_296_000_000, LastCommitMs: now - 870,
		LastReload: reloadResult{OK: true, AtMs: now - 90_000},
	}))
	golden(t, "status-loading", encode(t, statusDocument{
		Version: "0.1.0", Build: "3f9c2ab41d07e655", Instance: "b1946ac92492d234", Protocol: liveProtocol,
		StartedMs: now - 900, NowMs: now,
		Loading:  &loadingState{Stage: "replaying the write-ahead log", Percent: 40},
		HostName: "web-1", ConfigFile: "/etc/daymark/prometheus.yml",
		ScrapeIntervalMs: 15_000, InProcessIntervalMs: 15_000,
		Jobs:            []jobSummary{{"shop", 15_000, 0}, {"mysqld", 30_000, 0}},
		Paging:          pagingSummary{Receivers: []string{"pager", "mail"}, ConfigFile: "/etc/daymark/alertmanager.yml"},
		Unauthenticated: true, ExternalURL: "https://metrics.example.com/daymark/",
		LastReload: reloadResult{OK: false, AtMs: now - 900, Error: "prometheus.yml:7: unknown key \"scrape_intervall\", did you mean \"scrape_interval\"?"},
	}))
	golden(t, "alerts", encode(t, alertsDocument{
		Firing: 2, Pending: 1,
		Alerts: []alertEntry{
			{
				Fingerprint: "a1b2c3d4e5f60718", State: "firing", Severity: "critical", Name: "PaymentLatencyHigh",
				Summary:     "Payments take 2.4 s at the 99th percentile",
				Description: "Provider <script>alert(1)</script> answers slowly in EU.",
				RunbookURL:  "https://runbooks.example.com/payment-latency",
				Labels:      labels.FromStrings("alertname", "PaymentLatencyHigh", "region", "eu", "severity", "critical"),
				Annotations: labels.FromStrings("description", "Provider <script>alert(1)</script> answers slowly in EU.", "summary", "Payments take 2.4 s at the 99th percentile"),
				SinceMs:     now - 960_000, Value: new(2.4), GeneratorURL: "http://127.0.0.1:5470/graph?g0.expr=up&g0.tab=1",
				Status: "active", SilencedBy: []string{}, Silences: []silenceNote{}, InhibitedBy: []string{}, Receivers: []string{"pager"},
				Deliveries: []deliveryOutcome{
					{"pager", "webhook", now - 955_000, false, "Post \"https://pager.example.com\": connection refused"},
					{"pager", "webhook", now - 950_000, true, ""},
				},
			},
			{
				Fingerprint: "00ff00ff00ff00ff", State: "firing", Severity: "warning", Name: "ConnectionPoolSaturated",
				Labels: labels.FromStrings("alertname", "ConnectionPoolSaturated", "severity", "warning"), Annotations: labels.EmptyLabels(),
				SinceMs: now - 300_000, Value: new(0.97),
				Status: "suppressed", SilencedBy: []string{"f0e1d2c3-0000-4000-8000-000000000001"}, InhibitedBy: []string{},
				Silences:  []silenceNote{{"f0e1d2c3-0000-4000-8000-000000000001", "anna", "scaling up <b>", now + 3_600_000}},
				Receivers: []string{"pager"}, Deliveries: []deliveryOutcome{},
			},
			{
				Fingerprint: "1122334455667788", State: "pending", Severity: "none", Name: "CheckoutTimeouts",
				Labels: labels.FromStrings("alertname", "CheckoutTimeouts"), Annotations: labels.EmptyLabels(),
				SinceMs: now - 4_000,
				Status:  "unprocessed", SilencedBy: []string{}, Silences: []silenceNote{}, InhibitedBy: []string{}, Receivers: []string{}, Deliveries: []deliveryOutcome{},
			},
		},
	}))
	golden(t, "targets", encode(t, targetsDocument{
		Up: 1, Down: 1, Unknown: 1, LastScrapeMs: now - 870,
		Pools: []targetPool{
			{Job: "node", Up: 1, IntervalMs: 1000, Targets: []targetEntry{{
				Instance: "web-1", URL: "http://web-1/metrics", Labels: labels.FromStrings("instance", "web-1", "job", "node"),
				Health: "up", LastScrapeMs: now - 870, DurationMs: 12.5, IntervalMs: 1000, TimeoutMs: 1000, Samples: 812,
			}}},
			{Job: "shop", Down: 1, Unknown: 1, Dropped: 3, IntervalMs: 5000, Targets: []targetEntry{
				{
					Instance: "10.0.0.7:9100", URL: "http://10.0.0.7:9100/metrics", Labels: labels.FromStrings("instance", "10.0.0.7:9100", "job", "shop"),
					Health: "down", LastScrapeMs: now - 3_000, DurationMs: 5000, IntervalMs: 5000, TimeoutMs: 5000,
					Error: "Get \"http://10.0.0.7:9100/metrics\": context deadline exceeded",
				},
				{
					Instance: "10.0.0.8:9100", URL: "http://10.0.0.8:9100/metrics", Labels: labels.FromStrings("instance", "10.0.0.8:9100", "job", "shop"),
					Health: "unknown", IntervalMs: 5000, TimeoutMs: 5000,
				},
			}},
		},
	}))
}

func TestGoldenLiveMessages(t *testing.T) {
	const now = 1_790_000_000_000
	golden(t, "live-hello", encode(t, helloMessage{"hello", liveProtocol, "3f9c2ab41d07e655", "b1946ac92492d234", now}))
	golden(t, "live-topic", encode(t, topicMessage{"topic", "alerts", encode(t, alertsDocument{Alerts: []alertEntry{}})}))
	golden(t, "live-bye", encode(t, byeMessage{"bye", "stopping"}))
	golden(t, "live-subscribed", encode(t, live.Subscribed{
		Type: "subscribed", ID: 1, Watch: 17, Expr: "up", StepMs: 1000, WindowMs: 300_000, Incremental: true,
	}))
	start, end := 4, 5
	golden(t, "live-refused", encode(t, live.Refused{
		Type: "refused", ID: 1,
		Error: live.Problem{Kind: query.KindParse, Message: "unclosed left parenthesis", Start: &start, End: &end},
	}))

	of := func(list ...string) json.RawMessage { return live.LabelsJSON(labels.FromStrings(list...)) }
	gap := math.Float64frombits(value.StaleNaN)
	span := live.Points{Watch: 17, From: now - 3000, To: now, Step: 1000, FedMs: now - 130, IntervalMs: 1000}
	span.Series = []live.Series{
		{Number: 0, Labels: of("__name__", "up", "job", "node"), Values: []float64{1, 1, gap, 1}},
		{Number: 1, Labels: of("__name__", "up", "job", "<script>alert(1)</script>"), Values: []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0.25}},
	}
	golden(t, "live-frame-snapshot", live.AppendFrame(nil, now+12, live.Snapshot{Points: span, Subscription: 1}.Append(nil)))

	latency := &histogram.FloatHistogram{
		Count: 5, Sum: 1.5, Schema: 0, ZeroThreshold: 0.001, ZeroCount: 1,
		PositiveSpans: []histogram.Span{{Offset: -1, Length: 2}}, PositiveBuckets: []float64{3, 1},
	}
	span.From, span.To = now, now
	span.Series = []live.Series{{
		Number: 0, Labels: of("__name__", "latency_seconds"),
		Values: []float64{0}, Histograms: []*histogram.FloatHistogram{latency},
	}}
	golden(t, "live-frame-histogram", live.AppendFrame(nil, now+12, live.Snapshot{
		Points: span, Subscription: 2, Lost: 3,
		Warnings: []string{"PromQL warning: bucket label \"le\" is missing"}, Infos: []string{"PromQL info: metric might not be a counter"},
	}.Append(nil)))

	span.From, span.To, span.FedMs = now+1000, now+1000, now+990
	span.Series = []live.Series{
		{Number: 0, Values: []float64{1}},
		{Number: 2, Labels: of("__name__", "up", "job", "db"), Values: []float64{1}},
	}
	golden(t, "live-frame-points", live.AppendFrame(nil, now+1012, span.Append(nil)))
	golden(t, "live-frame-failed", live.AppendFrame(nil, now+2012, live.Failed{
		Watch: 17, Error: live.Problem{Kind: query.KindTimeout, Message: "query timed out in expression evaluation"},
	}.Append(nil)))
	golden(t, "live-frame-empty", live.AppendFrame(nil, now+3012))
}
