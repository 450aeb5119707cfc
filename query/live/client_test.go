package live_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"testing"

	"daymark/query/live"
)

// client is a reference client of the live protocol: it does with frames what
// docs/live.md says, and nothing else.
type client struct {
	t      *testing.T
	subs   map[int64]*shown
	frames int
	nowMs  int64
	lost   uint64
}

// shown is what the client holds for one subscription.
type shown struct {
	live.Subscribed
	snapshots int
	fromMs    int64
	toMs      int64
	fedMs     int64
	interval  int64
	labels    map[int]string
	points    map[int]map[int64]string // by number of the series and step
	failed    string                   // kind and message while the last evaluation failed
	warnings  []string
}

type frame struct {
	Type    string        `json:"type"`
	NowMs   int64         `json:"now_ms"`
	Updates []frameUpdate `json:"updates"`
}

type frameUpdate struct {
	Watch      int64         `json:"watch"`
	Kind       string        `json:"kind"`
	ID         *int64        `json:"id"`
	FromMs     int64         `json:"from_ms"`
	ToMs       int64         `json:"to_ms"`
	StepMs     int64         `json:"step_ms"`
	FedMs      int64         `json:"fed_ms"`
	IntervalMs int64         `json:"interval_ms"`
	Series     []frameSeries `json:"series"`
	Warnings   []string      `json:"warnings"`
	Infos      []string      `json:"infos"`
	Lost       uint64        `json:"lost"`
	Error      *live.Problem `json:"error"`
}

type frameSeries struct {
	S      int               `json:"s"`
	Labels map[string]string `json:"labels"`
	V      []json.RawMessage `json:"v"`
}

func newClient(t *testing.T) *client { return &client{t: t, subs: map[int64]*shown{}} }

func (c *client) subscribed(s live.Subscribed) {
	c.subs[s.ID] = &shown{Subscribed: s}
}

// take applies one message.
func (c *client) take(message []byte) {
	c.t.Helper()
	var f frame
	decoder := json.NewDecoder(bytes.NewReader(message))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		c.t.Fatalf("frame %s: %v", message, err)
	}
	if f.Type != "frame" || f.NowMs < c.nowMs {
		c.t.Fatalf("a frame of type %q at %d after one at %d", f.Type, f.NowMs, c.nowMs)
	}
	c.nowMs = f.NowMs
	c.frames++
	for _, u := range f.Updates {
		c.apply(u)
	}
}

func (c *client) apply(u frameUpdate) {
	c.t.Helper()
	for _, s := range c.subs {
		if s.Watch != u.Watch || u.ID != nil && s.ID != *u.ID {
			continue
		}
		switch u.Kind {
		case "snapshot":
			s.snapshots++
			s.fromMs, s.toMs = u.FromMs, u.ToMs
			s.labels, s.points = map[int]string{}, map[int]map[int64]string{}
			s.failed, s.warnings = "", u.Warnings
			c.lost = u.Lost
			if n := (u.ToMs-u.FromMs)/u.StepMs + 1; n*u.StepMs != s.WindowMs {
				c.t.Errorf("%s: a snapshot of %d steps for a window of %d ms", s.Expr, n, s.WindowMs)
			}
			c.replace(s, u)
		case "points":
			if s.snapshots == 0 {
				continue // they belong to another subscription of the same watch
			}
			s.failed = ""
			c.replace(s, u)
		case "failed":
			s.failed = fmt.Sprintf("%s: %s", u.Error.Kind, u.Error.Message)
		default:
			c.t.Fatalf("an update of kind %q", u.Kind)
		}
	}
}

// replace puts the points of u in the place of all that s holds in its span.
func (c *client) replace(s *shown, u frameUpdate) {
	c.t.Helper()
	if u.StepMs != s.StepMs || u.FromMs%u.StepMs != 0 || u.ToMs%u.StepMs != 0 || u.ToMs < u.FromMs {
		c.t.Fatalf("%s: a span from %d to %d by %d", s.Expr, u.FromMs, u.ToMs, u.StepMs)
	}
	if u.FromMs > s.toMs+s.StepMs {
		c.t.Fatalf("%s: a gap between %d and %d", s.Expr, s.toMs, u.FromMs)
	}
	s.toMs, s.fedMs, s.interval = max(s.toMs, u.ToMs), u.FedMs, u.IntervalMs
	for _, points := range s.points {
		maps.DeleteFunc(points, func(step int64, _ string) bool { return step >= u.FromMs && step <= u.ToMs })
	}
	for _, series := range u.Series {
		if series.Labels != nil {
			name := canonical(series.Labels)
			if s.labels[series.S] != name { // the number has been given to another series
				s.labels[series.S], s.points[series.S] = name, map[int64]string{}
			}
		} else if _, ok := s.labels[series.S]; !ok {
			c.t.Fatalf("%s: nobody said what series %d is", s.Expr, series.S)
		}
		if n := (u.ToMs-u.FromMs)/u.StepMs + 1; n != int64(len(series.V)) {
			c.t.Fatalf("%s: %d values for %d steps", s.Expr, len(series.V), n)
		}
		for i, v := range series.V {
			if value := string(v); value != "null" {
				s.points[series.S][u.FromMs+int64(i)*u.StepMs] = normal(c.t, value)
			}
		}
	}
	s.fromMs = s.toMs - s.WindowMs + s.StepMs
	for n, points := range s.points {
		maps.DeleteFunc(points, func(step int64, _ string) bool { return step < s.fromMs })
		if len(points) == 0 {
			// A series without points in the window can be forgotten, not its number:
			// the server may name it again.
			s.points[n] = map[int64]string{}
		}
	}
}

// lines renders what s holds, one line for each series with points, sorted.
func (s *shown) lines() []string {
	list := map[string]map[int64]string{}
	for n, points := range s.points {
		if len(points) > 0 {
			list[s.labels[n]] = points
		}
	}
	return render(list)
}

func render(list map[string]map[int64]string) []string {
	lines := []string{}
	for name, points := range list {
		var b bytes.Buffer
		b.WriteString(name)
		for _, step := range slices.Sorted(maps.Keys(points)) {
			fmt.Fprintf(&b, " %s@%d", points[step], step)
		}
		lines = append(lines, b.String())
	}
	slices.Sort(lines)
	return lines
}

func canonical(ls map[string]string) string {
	encoded, _ := json.Marshal(ls) // sorts the names
	return string(encoded)
}

// normal turns a value of the protocol into the text of its bits, so that equal
// means equal.
func normal(t *testing.T, value string) string {
	t.Helper()
	switch value {
	case `"NaN"`, `"+Inf"`, `"-Inf"`:
		return value
	}
	if value[0] == '{' {
		return value
	}
	v, err := strconv.ParseFloat(value, 64)
	if err != nil {
		t.Fatalf("value %s: %v", value, err)
	}
	return float(v)
}

func float(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return strconv.Quote(strconv.FormatFloat(v, 'f', -1, 64))
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
