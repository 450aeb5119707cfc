package live

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"

	"daymark/query"
)

// The messages of the live protocol that the hub makes; docs/live.md describes
// them. Times are in milliseconds since the epoch, spans are inclusive.

// Subscribed answers a subscription and names its watch.
type Subscribed struct {
	Type     string `json:"type"` // "subscribed"
	ID       int64  `json:"id"`
	Watch    int64  `json:"watch"`
	Expr     string `json:"expr"` // canonical
	StepMs   int64  `json:"step_ms"`
	WindowMs int64  `json:"window_ms"`
	// Incremental is false where every step evaluates the whole window.
	Incremental bool `json:"incremental"`
}

// Refused answers a subscription that cannot be served.
type Refused struct {
	Type  string  `json:"type"` // "refused"
	ID    int64   `json:"id"`
	Error Problem `json:"error"`
}

// Problem is why there are no points.
type Problem struct {
	Kind    query.ErrorKind `json:"kind"`
	Message string          `json:"message"`
	// Start and End are byte offsets in the expression as it was sent, end
	// exclusive; only with kind parse.
	Start *int   `json:"start,omitempty"`
	End   *int   `json:"end,omitempty"`
	Hint  string `json:"hint,omitempty"`
}

func problemOf(e *query.Error) Problem {
	p := Problem{Kind: e.Kind, Message: e.Message, Hint: e.Hint}
	if e.Kind == query.KindParse {
		p.Start, p.End = &e.Start, &e.End
	}
	return p
}

// Series is one series within an update.
type Series struct {
	// Number names the series within its watch.
	Number int
	// Labels is the object of labels, nil where every client knows it (LabelsJSON).
	Labels json.RawMessage
	// Values holds one value for each step; a stale marker (value.StaleNaN) is no point.
	Values []float64
	// Histograms is nil or as long as Values; one that is not nil stands for the value.
	Histograms []*histogram.FloatHistogram
}

// Points are all points of a watch from From to To.
type Points struct {
	Watch      int64
	From, To   int64
	Step       int64
	FedMs      int64
	IntervalMs int64
	Series     []Series
}

// Snapshot is everything that one subscription shows. It replaces what the
// client held for it.
type Snapshot struct {
	Points
	Subscription    int64
	Lost            uint64
	Warnings, Infos []string
}

// Failed says that an evaluation failed: that of the watch, or where
// Subscription is not nil, the one for that subscription's snapshot.
type Failed struct {
	Watch        int64
	Subscription *int64
	Error        Problem
}

// LabelsJSON returns ls as a JSON object.
func LabelsJSON(ls labels.Labels) json.RawMessage {
	b := []byte{'{'}
	ls.Range(func(l labels.Label) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = appendText(b, l.Name)
		b = append(b, ':')
		b = appendText(b, l.Value)
	})
	return append(b, '}')
}

// AppendFrame appends a whole message of type frame to b. Each update is what
// Append of Points, Snapshot or Failed has made.
func AppendFrame(b []byte, nowMs int64, updates ...[]byte) []byte {
	b = append(b, `{"type":"frame","now_ms":`...)
	b = strconv.AppendInt(b, nowMs, 10)
	b = append(b, `,"updates":[`...)
	for i, u := range updates {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, u...)
	}
	return append(b, `]}`...)
}

// Append appends p as an update of kind points.
func (p Points) Append(b []byte) []byte {
	b = append(b, `{"watch":`...)
	b = strconv.AppendInt(b, p.Watch, 10)
	b = append(b, `,"kind":"points",`...)
	b = p.appendBody(b)
	return append(b, '}')
}

// appendBody appends the fields that snapshots and points have in common.
func (p Points) appendBody(b []byte) []byte {
	for _, field := range [...]struct {
		name  string
		value int64
	}{{`"from_ms":`, p.From}, {`"to_ms":`, p.To}, {`"step_ms":`, p.Step}, {`"fed_ms":`, p.FedMs}, {`"interval_ms":`, p.IntervalMs}} {
		b = append(b, field.name...)
		b = strconv.AppendInt(b, field.value, 10)
		b = append(b, ',')
	}
	b = append(b, `"series":[`...)
	for i, s := range p.Series {
		if i > 0 {
			b = append(b, ',')
		}
		b = s.append(b)
	}
	return append(b, ']')
}

func (s Series) append(b []byte) []byte {
	b = append(b, `{"s":`...)
	b = strconv.AppendInt(b, int64(s.Number), 10)
	if s.Labels != nil {
		b = append(b, `,"labels":`...)
		b = append(b, s.Labels...)
	}
	b = append(b, `,"v":[`...)
	for i, v := range s.Values {
		if i > 0 {
			b = append(b, ',')
		}
		switch {
		case s.Histograms != nil && s.Histograms[i] != nil:
			b = appendHistogram(b, s.Histograms[i])
		case !isPoint(v):
			b = append(b, "null"...)
		case math.IsNaN(v) || math.IsInf(v, 0):
			b = append(b, '"')
			b = strconv.AppendFloat(b, v, 'f', -1, 64)
			b = append(b, '"')
		default:
			b = appendNumber(b, v)
		}
	}
	return append(b, `]}`...)
}

// Append appends s as an update of kind snapshot.
func (s Snapshot) Append(b []byte) []byte {
	b = s.appendHead(b)
	return s.appendTail(b)
}

// appendHead appends the part that differs between the subscriptions of one
// window, appendTail the rest, which they share.
func (s Snapshot) appendHead(b []byte) []byte {
	b = append(b, `{"watch":`...)
	b = strconv.AppendInt(b, s.Watch, 10)
	b = append(b, `,"kind":"snapshot","id":`...)
	b = strconv.AppendInt(b, s.Subscription, 10)
	b = append(b, `,"lost":`...)
	return strconv.AppendUint(b, s.Lost, 10)
}

func (s Snapshot) appendTail(b []byte) []byte {
	b = append(b, ',')
	b = s.appendBody(b)
	b = append(b, `,"warnings":`...)
	b = appendTexts(b, s.Warnings)
	b = append(b, `,"infos":`...)
	b = appendTexts(b, s.Infos)
	return append(b, '}')
}

// Append appends f as an update of kind failed.
func (f Failed) Append(b []byte) []byte {
	b = append(b, `{"watch":`...)
	b = strconv.AppendInt(b, f.Watch, 10)
	b = append(b, `,"kind":"failed"`...)
	if f.Subscription != nil {
		b = append(b, `,"id":`...)
		b = strconv.AppendInt(b, *f.Subscription, 10)
	}
	b = append(b, `,"error":{"kind":`...)
	b = appendText(b, string(f.Error.Kind))
	b = append(b, `,"message":`...)
	b = appendText(b, f.Error.Message)
	if f.Error.Hint != "" {
		b = append(b, `,"hint":`...)
		b = appendText(b, f.Error.Hint)
	}
	return append(b, `}}`...)
}

func appendTexts(b []byte, texts []string) []byte {
	b = append(b, '[')
	for i, t := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, t)
	}
	return append(b, ']')
}

// appendText appends s as a JSON string; invalid UTF-8 becomes U+FFFD.
func appendText(b []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil {
		return append(b, `""`...) // a string always marshals
	}
	return append(b, quoted...)
}

// appendNumber appends a finite number with the fewest digits that read back
// as the same number, in the notation of JavaScript.
func appendNumber(b []byte, v float64) []byte {
	format := byte('f')
	if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, v, format, -1, 64)
}

// appendHistogram appends h as Prometheus's HTTP API renders it.
func appendHistogram(b []byte, h *histogram.FloatHistogram) []byte {
	b = append(b, `{"count":`...)
	b = appendQuoted(b, h.Count)
	b = append(b, `,"sum":`...)
	b = appendQuoted(b, h.Sum)
	first := true
	for it := h.AllBucketIterator(); it.Next(); {
		bucket := it.At()
		if bucket.Count == 0 {
			continue
		}
		if first {
			b = append(b, `,"buckets":[`...)
		} else {
			b = append(b, ',')
		}
		first = false
		boundaries := byte('2') // both exclusive
		switch {
		case bucket.LowerInclusive && bucket.UpperInclusive:
			boundaries = '3'
		case bucket.LowerInclusive:
			boundaries = '1'
		case bucket.UpperInclusive:
			boundaries = '0'
		}
		b = append(b, '[', boundaries, ',')
		b = appendQuoted(b, bucket.Lower)
		b = append(b, ',')
		b = appendQuoted(b, bucket.Upper)
		b = append(b, ',')
		b = appendQuoted(b, bucket.Count)
		b = append(b, ']')
	}
	if !first {
		b = append(b, ']')
	}
	return append(b, '}')
}

func appendQuoted(b []byte, v float64) []byte {
	b = append(b, '"')
	b = appendNumber(b, v)
	return append(b, '"')
}
