package server

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/common/model"
)

// tab is a browser's end of the websocket.
type tab struct {
	*websocket.Conn
	t *testing.T
}

// anyMessage is every message of the server.
type anyMessage struct {
	Type     string          `json:"type"`
	Protocol string          `json:"protocol"`
	Instance string          `json:"instance"`
	ID       int64           `json:"id"`
	Watch    int64           `json:"watch"`
	Expr     string          `json:"expr"`
	StepMs   int64           `json:"step_ms"`
	NowMs    int64           `json:"now_ms"`
	Topic    string          `json:"topic"`
	Reason   string          `json:"reason"`
	Body     json.RawMessage `json:"body"`
	Error    struct {
		Kind, Message string
		Start, End    *int
	} `json:"error"`
	Updates []struct {
		Watch  int64  `json:"watch"`
		Kind   string `json:"kind"`
		ID     int64  `json:"id"`
		FromMs int64  `json:"from_ms"`
		ToMs   int64  `json:"to_ms"`
		StepMs int64  `json:"step_ms"`
		Series []struct {
			S      int               `json:"s"`
			Labels map[string]string `json:"labels"`
			V      []any             `json:"v"`
		} `json:"series"`
	} `json:"updates"`
}

func (s *stack) dial(t *testing.T, header http.Header) (*tab, *http.Response, error) {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{liveProtocol}, HandshakeTimeout: 10 * time.Second}
	conn, resp, err := dialer.DialContext(t.Context(), strings.Replace(s.url, "http://", "ws://", 1)+"/api/daymark/v1/live", header)
	if err != nil {
		return nil, resp, err
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &tab{conn, t}, resp, nil
}

// open dials and takes the hello.
func (s *stack) open(t *testing.T) *tab {
	t.Helper()
	tab, _, err := s.dial(t, nil)
	must(t, err)
	if m := tab.next(); m.Type != "hello" || m.Protocol != liveProtocol || m.Instance == "" {
		t.Fatalf("first message %+v", m)
	}
	return tab
}

func (b *tab) send(message string) {
	b.t.Helper()
	must(b.t, b.WriteMessage(websocket.TextMessage, []byte(message)))
}

func (b *tab) next() anyMessage {
	b.t.Helper()
	must(b.t, b.SetReadDeadline(time.Now().Add(15*time.Second)))
	_, content, err := b.ReadMessage()
	must(b.t, err)
	var m anyMessage
	if err := json.Unmarshal(content, &m); err != nil {
		b.t.Fatalf("%v: %s", err, content)
	}
	return m
}

// until reads on until one is wanted.
func (b *tab) until(what string, wanted func(anyMessage) bool) anyMessage {
	b.t.Helper()
	for range 1000 {
		if m := b.next(); wanted(m) {
			return m
		}
	}
	b.t.Fatalf("1000 messages without %s", what)
	return anyMessage{}
}

func ofType(kind string) func(anyMessage) bool {
	return func(m anyMessage) bool { return m.Type == kind }
}

// closed reads until the server closes, and returns how.
func (b *tab) closed() *websocket.CloseError {
	b.t.Helper()
	for {
		must(b.t, b.SetReadDeadline(time.Now().Add(15*time.Second)))
		if _, _, err := b.ReadMessage(); err != nil {
			var closed *websocket.CloseError
			if !errors.As(err, &closed) {
				b.t.Fatalf("closed without saying why: %v", err)
			}
			return closed
		}
	}
}

func TestLiveSeriesEqualsAQuery(t *testing.T) {
	s := startStack(t, stackConfig{})
	now := time.Now().Truncate(time.Second)
	for i := range 20 {
		s.append(t, sample{series: `moving{a="<b>"}`, t: now.Add(time.Duration(i-20) * time.Second), f: float64(i)})
	}
	tab := s.open(t)
	tab.send(`{"type":"subscribe","id":7,"expr":"moving * 2","step_ms":900,"window_ms":60000}`)
	// The answer is there before the first frame that names its watch.
	var subscribed anyMessage
	tab.until("an answer", func(m anyMessage) bool {
		subscribed = m
		if m.Type == "frame" && len(m.Updates) > 0 {
			t.Fatal("a frame came before the answer")
		}
		return m.Type == "subscribed"
	})
	if subscribed.ID != 7 || subscribed.Expr != "moving * 2" || subscribed.StepMs != 1000 {
		t.Fatalf("answer %+v", subscribed)
	}
	points := map[int64]string{}
	last := now.Add(3 * time.Second)
	go func() {
		for i := range 3 {
			s.append(t, sample{series: `moving{a="<b>"}`, t: now.Add(time.Duration(i+1) * time.Second), f: float64(100 + i)})
		}
	}()
	snapshot := false
	tab.until("the newest point", func(m anyMessage) bool {
		if m.Type != "frame" {
			t.Fatalf("unexpected %+v", m)
		}
		for _, u := range m.Updates {
			if u.Kind == "snapshot" {
				if u.ID != 7 {
					t.Fatalf("snapshot for %d", u.ID)
				}
				snapshot = true
				clear(points)
			}
			for at := u.FromMs; at <= u.ToMs; at += u.StepMs {
				delete(points, at)
			}
			for _, series := range u.Series {
				for i, v := range series.V {
					if v != nil {
						points[u.FromMs+int64(i)*u.StepMs] = fmt.Sprint(v)
					}
				}
			}
		}
		return points[last.UnixMilli()] == "204"
	})
	if !snapshot {
		t.Error("no snapshot")
	}
	var data struct {
		Result []struct {
			Values []model.SamplePair `json:"values"`
		} `json:"result"`
	}
	from := slices.Min(slices.Collect(func(yield func(int64) bool) {
		for at := range points {
			if !yield(at) {
				return
			}
		}
	}))
	decodeAPI(t, s.get(t, fmt.Sprintf("/api/v1/query_range?query=moving*2&step=1&start=%d&end=%d", from/1000, last.Unix())), &data)
	for _, pair := range data.Result[0].Values {
		if got, want := points[int64(pair.Timestamp)], pair.Value.String(); got != want {
			t.Errorf("at %d: live %q, query %q", pair.Timestamp, got, want)
		}
	}
	if len(data.Result[0].Values) < 20 {
		t.Errorf("only %d points compared", len(data.Result[0].Values))
	}
}

func TestLiveRefusesAnExpression(t *testing.T) {
	s := startStack(t, stackConfig{})
	tab := s.open(t)
	tab.send(`{"type":"subscribe","id":3,"expr":"sum(up","step_ms":1000,"window_ms":60000}`)
	m := tab.until("an answer", ofType("refused"))
	if m.ID != 3 || m.Error.Kind != "parse" || m.Error.Message == "" || m.Error.Start == nil {
		t.Errorf("answer %+v", m)
	}
	tab.send(`{"type":"unsubscribe","id":99}`) // ignored
	tab.send(`{"type":"subscribe","id":4,"expr":"up","step_ms":1000,"window_ms":60000}`)
	tab.until("the next answer", ofType("subscribed"))
}

func TestLiveTopics(t *testing.T) {
	s := startStack(t, stackConfig{})
	first, second := s.open(t), s.open(t)
	for _, tab := range []*tab{first, second} {
		tab.send(`{"type":"topics","topics":["status","alerts","status"]}`)
		seen := map[string]int{}
		tab.until("both topics", func(m anyMessage) bool {
			if m.Type == "topic" {
				seen[m.Topic]++
				if !json.Valid(m.Body) {
					t.Errorf("body of %s: %s", m.Topic, m.Body)
				}
			}
			return seen["status"] > 0 && seen["alerts"] > 0
		})
		if seen["alerts"] > 1 || seen["targets"] > 0 {
			t.Errorf("topics seen: %v", seen)
		}
	}
	alert := `[{"labels":{"alertname":"Posted"},"annotations":{"summary":"by hand"}}]`
	if got := s.do(t, "POST", "/api/v2/alerts", strings.NewReader(alert), "Content-Type", "application/json"); got.status != 200 {
		t.Fatalf("post an alert: %d %s", got.status, got.body)
	}
	for _, tab := range []*tab{first, second} {
		m := tab.until("the alert", func(m anyMessage) bool { return m.Topic == "alerts" && strings.Contains(string(m.Body), "Posted") })
		var body alertsDocument
		must(t, json.Unmarshal(m.Body, &body))
		if body.Firing != 1 {
			t.Errorf("body %s", m.Body)
		}
	}
	first.send(`{"type":"topics","topics":[]}`)
	first.send(`{"type":"subscribe","id":1,"expr":"up","step_ms":1000,"window_ms":1000}`)
	first.until("the answer after topics were given up", ofType("subscribed"))
}

func TestLiveClosesOnNonsense(t *testing.T) {
	s := startStack(t, stackConfig{server: Config{Limits: Limits{MessageBytes: 500}}})
	tests := map[string]struct {
		kind    int
		message string
		says    string
	}{
		"no JSON":          {websocket.TextMessage, "hello", "malformed"},
		"no object":        {websocket.TextMessage, "[]", "malformed"},
		"two objects":      {websocket.TextMessage, `{"type":"resync","id":1}{}`, "malformed"},
		"unknown type":     {websocket.TextMessage, `{"type":"shout"}`, `unknown message type "shout"`},
		"no type":          {websocket.TextMessage, `{}`, "unknown message type"},
		"unknown topic":    {websocket.TextMessage, `{"type":"topics","topics":["secrets"]}`, `no topic "secrets"`},
		"binary":           {websocket.BinaryMessage, `{"type":"resync","id":1}`, "messages are text"},
		"too large":        {websocket.TextMessage, `{"type":"resync","expr":"` + strings.Repeat("a", 500) + `"}`, "larger than 500 bytes"},
		"negative step":    {websocket.TextMessage, `{"type":"subscribe","id":1,"expr":"up","step_ms":-1,"window_ms":1}`, "milliseconds"},
		"endless window":   {websocket.TextMessage, `{"type":"subscribe","id":1,"expr":"up","step_ms":1,"window_ms":9223372036854775807}`, "milliseconds"},
		"a long mistake":   {websocket.TextMessage, `{"type":"` + strings.Repeat("ü", 200) + `"}`, "unknown message type"},
		"a wrong-typed id": {websocket.TextMessage, `{"type":"resync","id":"1"}`, "malformed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			tab := s.open(t)
			must(t, tab.WriteMessage(test.kind, []byte(test.message)))
			closed := tab.closed()
			if closed.Code != websocket.ClosePolicyViolation || !strings.Contains(closed.Text, test.says) {
				t.Errorf("closed with %d %q", closed.Code, closed.Text)
			}
		})
	}
}

func TestLiveHandshake(t *testing.T) {
	s := startStack(t, stackConfig{server: Config{LivePerAddress: 2}})
	refuse := func(name string, status int, says string, dialer websocket.Dialer, header http.Header) {
		t.Helper()
		_, resp, err := dialer.DialContext(t.Context(), strings.Replace(s.url, "http://", "ws://", 1)+"/api/daymark/v1/live", header)
		if err == nil || resp == nil || resp.StatusCode != status {
			t.Fatalf("%s: %v, %+v", name, err, resp)
		}
		var body decoded
		must(t, json.NewDecoder(resp.Body).Decode(&body))
		if body.Status != "error" || !strings.Contains(body.Error, says) {
			t.Errorf("%s: %+v", name, body)
		}
	}
	ours := websocket.Dialer{Subprotocols: []string{liveProtocol}}
	refuse("no version", 400, liveProtocol, websocket.Dialer{}, nil)
	refuse("another version", 400, liveProtocol, websocket.Dialer{Subprotocols: []string{"daymark.live.v99"}}, nil)
	refuse("a foreign page", 403, "evil.example", ours, http.Header{"Origin": {"https://evil.example"}})
	refuse("a sandboxed page", 403, "null", ours, http.Header{"Origin": {"null"}})
	refuse("two origins", 403, "pages of", ours, http.Header{"Origin": {s.url, "https://evil.example"}})
	refuse("a rebound name", 403, "evil.example", ours, http.Header{"Host": {"evil.example"}})
	if got := s.get(t, "/api/daymark/v1/live"); got.status != 400 || !strings.Contains(got.body, "websocket") {
		t.Errorf("without websocket: %d %s", got.status, got.body)
	}

	first, resp, err := s.dial(t, http.Header{"Origin": {s.url}})
	must(t, err)
	if got := resp.Header.Get("Sec-WebSocket-Protocol"); got != liveProtocol {
		t.Errorf("speaks %q", got)
	}
	if got := resp.Header.Get("Sec-WebSocket-Extensions"); got != "" {
		t.Errorf("extensions %q", got)
	}
	_ = s.open(t)
	refuse("a third of two", 429, "2 websockets", ours, nil)
	must(t, first.Close())
	waitFor(t, "room for another", func() bool {
		next, _, err := s.dial(t, nil)
		if err != nil {
			return false
		}
		must(t, next.Close())
		return true
	})
}

func TestLiveSaysGoodbye(t *testing.T) {
	s := startStack(t, stackConfig{})
	tabs := []*tab{s.open(t), s.open(t), s.open(t)}
	tabs[0].send(`{"type":"topics","topics":["status","alerts","targets"]}`)
	started := time.Now()
	s.end()
	for _, tab := range tabs {
		if m := tab.until("goodbye", ofType("bye")); m.Reason != "stopping" {
			t.Errorf("reason %q", m.Reason)
		}
		if closed := tab.closed(); closed.Code != websocket.CloseGoingAway {
			t.Errorf("closed with %d", closed.Code)
		}
	}
	must(t, s.ended())
	if took := time.Since(started); took > 8*time.Second {
		t.Errorf("the stop took %s", took)
	}
}

func TestStreamsOutlastTheReadTimeout(t *testing.T) {
	s := startStack(t, stackConfig{server: Config{ReadTimeout: 100 * time.Millisecond}})
	tab := s.open(t)
	for range 3 { // a second each
		tab.until("a frame", ofType("frame"))
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/api/v1/notifications/live", nil)
	must(t, err)
	resp, err := s.client.Do(req)
	must(t, err)
	defer resp.Body.Close()
	for range 2 {
		tab.until("a frame", ofType("frame"))
	}
	s.deps.Notifications.AddNotification("still listening?")
	line, err := bufio.NewReader(resp.Body).ReadString('\n')
	if err != nil || !strings.Contains(line, "still listening?") {
		t.Errorf("notification %q, %v", line, err)
	}
	// Neither keeps the server from stopping.
	started := time.Now()
	s.end()
	must(t, s.ended())
	if took := time.Since(started); took > 6*time.Second {
		t.Errorf("the stop took %s", took)
	}
}

// TestDeletedSeriesLeaveLivePanels deletes a series that a panel shows: no
// commit says so, and the panel must not keep what is gone.
func TestDeletedSeriesLeaveLivePanels(t *testing.T) {
	s := startStack(t, stackConfig{server: Config{EnableAdmin: true}})
	now := time.Now().Truncate(time.Second)
	for i := range 20 {
		s.append(t, sample{series: `doomed`, t: now.Add(time.Duration(i-20) * time.Second), f: 1})
	}
	tab := s.open(t)
	tab.send(`{"type":"subscribe","id":1,"expr":"doomed","step_ms":1000,"window_ms":60000}`)
	old := now.Add(-5 * time.Second).UnixMilli()
	shown := func(want bool) func(anyMessage) bool {
		return func(m anyMessage) bool {
			for _, u := range m.Updates {
				if u.FromMs > old || u.ToMs < old {
					continue
				}
				at := (old - u.FromMs) / max(u.StepMs, 1)
				if has := len(u.Series) > 0 && u.Series[0].V[at] != nil; has == want {
					return true
				}
			}
			return false
		}
	}
	tab.until("the series", shown(true))
	if a := s.do(t, http.MethodPost, "/api/v1/admin/tsdb/delete_series?match[]=doomed", nil); a.status != http.StatusNoContent {
		t.Fatalf("delete answered %d %s", a.status, a.body)
	}
	tab.until("an update without it", shown(false))
}
