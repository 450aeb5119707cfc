package live

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"

	"daymark/query"
)

func TestFramesAreWhatTheProtocolSays(t *testing.T) {
	up := labels.FromStrings("__name__", "up", "note", "<b>\"é\"\x00\xff")
	points := Points{
		Watch: 17, From: 1_790_000_000_000, To: 1_790_000_004_000, Step: 1000, FedMs: 1_790_000_003_990, IntervalMs: 1000,
		Series: []Series{
			{Number: 0, Values: []float64{1, noPoint(), math.NaN(), math.Inf(1), math.Inf(-1)}},
			{Number: 3, Labels: LabelsJSON(up), Values: []float64{-0.5, 1e21, 1e-7, math.MaxInt64, 0.1}},
			{Number: 4, Labels: LabelsJSON(labels.EmptyLabels()), Values: make([]float64, 5), Histograms: []*histogram.FloatHistogram{
				nil, nil, nil, nil, {
					Schema: 0, Count: 7, Sum: 18.5, ZeroThreshold: 0.001, ZeroCount: 2,
					PositiveSpans: []histogram.Span{{Offset: 0, Length: 2}}, PositiveBuckets: []float64{3, 0},
					NegativeSpans: []histogram.Span{{Offset: 1, Length: 1}}, NegativeBuckets: []float64{2},
				},
			}},
		},
	}
	id := int64(0)
	tests := map[string]struct {
		got  []byte
		want string
	}{
		"nothing new": {AppendFrame(nil, 12), `{"type":"frame","now_ms":12,"updates":[]}`},
		"points and a failure": {
			AppendFrame(nil, 12, points.Append(nil), Failed{Watch: 3, Error: Problem{Kind: query.KindTimeout, Message: `too "slow"`}}.Append(nil)),
			`{"type":"frame","now_ms":12,"updates":[{"watch":17,"kind":"points","from_ms":1790000000000,"to_ms":1790000004000,"step_ms":1000,` +
				`"fed_ms":1790000003990,"interval_ms":1000,"series":[{"s":0,"v":[1,null,"NaN","+Inf","-Inf"]},` +
				`{"s":3,"labels":{"__name__":"up","note":"\u003cb\u003e\"é\"\u0000\ufffd"},"v":[-0.5,1e+21,1e-07,9223372036854776000,0.1]},` +
				`{"s":4,"labels":{},"v":[0,0,0,0,{"count":"7","sum":"18.5","buckets":[[1,"-2","-1","2"],[3,"-0.001","0.001","2"],[0,"0.5","1","3"]]}]}]},` +
				`{"watch":3,"kind":"failed","error":{"kind":"timeout","message":"too \"slow\""}}]}`,
		},
		"a snapshot": {
			Snapshot{Points: Points{Watch: 1, From: 1000, To: 2000, Step: 1000, Series: []Series{}}, Subscription: 0, Lost: 5, Warnings: []string{"w"}}.Append(nil),
			`{"watch":1,"kind":"snapshot","id":0,"lost":5,"from_ms":1000,"to_ms":2000,"step_ms":1000,"fed_ms":0,"interval_ms":0,"series":[],"warnings":["w"],"infos":[]}`,
		},
		"a failure of one subscription": {
			Failed{Watch: 3, Subscription: &id, Error: Problem{Kind: query.KindLimit, Message: "m", Hint: "h"}}.Append(nil),
			`{"watch":3,"kind":"failed","id":0,"error":{"kind":"limit","message":"m","hint":"h"}}`,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if !json.Valid(tc.got) {
				t.Errorf("this is no JSON: %s", tc.got)
			}
			if diff := cmp.Diff(tc.want, string(tc.got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
