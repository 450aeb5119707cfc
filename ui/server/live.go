package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"daymark/query/live"
)

// The times of the live protocol; see docs/live.md.
const (
	pingInterval  = 20 * time.Second
	answerTimeout = 60 * time.Second // a peer that has been silent for longer is gone
	writeTimeout  = 10 * time.Second // a peer that takes longer to read one message is not waited for
	farewellTime  = time.Second      // for the last messages, and for the peer to hang up
)

// live serves one browser tab's websocket: it carries the hub's frames and
// the board's topics until the peer leaves or the server stops.
func (s *Server) live(w http.ResponseWriter, r *http.Request) {
	if !websocket.IsWebSocketUpgrade(r) {
		w.Header().Set("Upgrade", "websocket")
		writeError(w, r, &requestError{kind: kindBadData, message: "this address speaks websocket only"})
		return
	}
	if offered := websocket.Subprotocols(r); !slices.Contains(offered, liveProtocol) {
		writeError(w, r, &requestError{kind: kindBadData, message: fmt.Sprintf("this server speaks %s, the client offers %q", liveProtocol, offered)})
		return
	}
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	if err := s.viewers.enter(address); err != nil {
		writeError(w, r, err)
		return
	}
	defer s.viewers.leave(address)
	upgrader := websocket.Upgrader{
		HandshakeTimeout: writeTimeout,
		Subprotocols:     []string{liveProtocol},
		WriteBufferPool:  &s.viewers.buffers,
		CheckOrigin:      func(*http.Request) bool { return true }, // admit has checked it
		Error: func(w http.ResponseWriter, r *http.Request, _ int, reason error) {
			writeError(w, r, &requestError{kind: kindBadData, message: reason.Error()})
		},
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.log.Debug("websocket refused", "client", r.RemoteAddr, "err", err)
		return
	}
	s.metrics.viewers.Inc()
	defer s.metrics.viewers.Dec()
	session := &session{
		conn: conn, viewer: s.deps.Live.Join(), topics: s.board.join(),
		limits: s.cfg.Limits, metrics: s.metrics, replied: make(chan struct{}, 1),
	}
	hello := helloMessage{Type: "hello", Protocol: liveProtocol, Build: s.files.build, Instance: s.instance, NowMs: time.Now().UnixMilli()}
	err = session.run(r.Context(), hello)
	if broken, ok := errors.AsType[*panicError](err); ok {
		s.log.Error("websocket closed by a panic", "panic", fmt.Sprint(broken.value), "stack", string(broken.stack))
	}
	s.log.Debug("websocket closed", "client", r.RemoteAddr, "reason", err)
}

// viewers counts the websockets, in all and by address.
type viewers struct {
	limit   int // of one address
	buffers sync.Pool

	mu        sync.Mutex
	closed    bool
	byAddress map[string]int
	open      sync.WaitGroup
}

func newViewers(limit int) *viewers {
	return &viewers{limit: limit, byAddress: map[string]int{}}
}

func (v *viewers) enter(address string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return &requestError{kind: kindUnavailable, message: "the server is stopping"}
	}
	if v.byAddress[address] >= v.limit {
		return &requestError{kind: kindTooMany, message: fmt.Sprintf("%d websockets are open from %s, which is the limit for one address (limits: web: connections_per_address)", v.limit, address)}
	}
	v.byAddress[address]++
	v.open.Add(1)
	return nil
}

func (v *viewers) leave(address string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.byAddress[address]--; v.byAddress[address] == 0 {
		delete(v.byAddress, address)
	}
	v.open.Done()
}

// wait lets nobody in any more and waits until everyone has left.
func (v *viewers) wait() {
	v.mu.Lock()
	v.closed = true
	v.mu.Unlock()
	v.open.Wait()
}

// session is one websocket.
type session struct {
	conn    *websocket.Conn
	viewer  *live.Viewer
	topics  *listener
	limits  Limits
	metrics *metrics

	// mu is held from a subscription until its answer is queued, so that the
	// answer goes out before the first frame of the watch.
	mu      sync.Mutex
	replies [][]byte
	replied chan struct{} // holds one token while replies wait
}

// errStopping ends a session because the server stops.
var errStopping = errors.New("the server is stopping")

// panicError ends a session because of a mistake of ours.
type panicError struct {
	value any
	stack []byte
}

// Error names the mistake.
func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// refusal ends a session because of what the peer sent.
type refusal struct{ reason string }

// Error returns the reason, which the peer is told.
func (r *refusal) Error() string { return r.reason }

// run serves the session until the peer leaves or misbehaves, or ctx is done,
// and returns why.
func (s *session) run(ctx context.Context, hello helloMessage) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var reader sync.WaitGroup
	reader.Go(func() { cancel(s.read()) })
	// A write under way when the end comes has no more than the farewell.
	release := context.AfterFunc(ctx, func() { _ = s.conn.NetConn().SetWriteDeadline(time.Now().Add(farewellTime)) })

	err := s.write(ctx, hello)
	if err == nil {
		err = context.Cause(ctx)
	}
	release()
	if errors.Is(err, context.Canceled) {
		err = errStopping
	}
	s.farewell(err, &reader)
	cancel(nil)
	_ = s.conn.Close() // the reader ends with it
	reader.Wait()
	_ = s.topics.follow(nil) // no unknown topic in none
	s.viewer.Leave()
	return err
}

// farewell tells a peer that still listens why it is over, and gives it a
// moment to hang up by itself.
func (s *session) farewell(reason error, reader *sync.WaitGroup) {
	var (
		refused *refusal
		broken  *panicError
		frame   []byte
	)
	switch {
	case errors.As(reason, &broken):
		frame = websocket.FormatCloseMessage(websocket.CloseInternalServerErr, "internal error")
	case errors.Is(reason, errStopping):
		bye, _ := json.Marshal(byeMessage{Type: "bye", Reason: "stopping"}) // two strings
		if s.send("bye", bye, farewellTime) != nil {
			return
		}
		frame = websocket.FormatCloseMessage(websocket.CloseGoingAway, "stopping")
	case errors.As(reason, &refused):
		frame = websocket.FormatCloseMessage(websocket.ClosePolicyViolation, clip(refused.reason))
	default:
		return // it left, or does not read
	}
	deadline := time.Now().Add(farewellTime)
	if s.conn.WriteControl(websocket.CloseMessage, frame, deadline) != nil {
		return
	}
	if refused == nil {
		_ = s.conn.NetConn().SetReadDeadline(deadline)
		reader.Wait()
	}
}

// clip shortens a reason to what a close frame holds.
func clip(reason string) string {
	const most = 123
	reason = strings.ToValidUTF8(reason, "?")
	if len(reason) > most {
		reason = strings.ToValidUTF8(reason[:most], "") // no half a character
	}
	return reason
}

// write sends what there is to send until ctx is done or the peer no longer
// takes it.
func (s *session) write(ctx context.Context, hello helloMessage) error {
	message, err := json.Marshal(hello)
	if err != nil {
		return fmt.Errorf("encode hello: %w", err)
	}
	if err := s.send("hello", message, writeTimeout); err != nil {
		return err
	}
	ping := time.NewTicker(pingInterval)
	defer ping.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-s.replied:
			err = s.sendReplies()
		case frame, ok := <-s.viewer.Frames():
			if !ok {
				return errStopping
			}
			if err = s.sendReplies(); err == nil {
				err = s.send("frame", frame, writeTimeout)
			}
		case <-s.topics.changed:
			for _, message := range s.topics.take() {
				if err = s.send("topic", message, writeTimeout); err != nil {
					break
				}
			}
		case <-ping.C:
			err = s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout))
		}
		if err != nil {
			return err
		}
	}
}

// send writes one message. A peer that does not take it in time is lost.
func (s *session) send(kind string, message []byte, timeout time.Duration) error {
	if err := s.conn.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
		return fmt.Errorf("bound the write of a %s: %w", kind, err)
	}
	if err := s.conn.WriteMessage(websocket.TextMessage, message); err != nil {
		var late net.Error
		if errors.As(err, &late) && late.Timeout() {
			s.metrics.evicted.Inc()
		}
		return fmt.Errorf("write a %s: %w", kind, err)
	}
	s.metrics.sent.WithLabelValues(kind).Add(float64(len(message)))
	return nil
}

func (s *session) sendReplies() error {
	s.mu.Lock()
	replies := s.replies
	s.replies = nil
	s.mu.Unlock()
	for _, reply := range replies {
		if err := s.send("reply", reply, writeTimeout); err != nil {
			return err
		}
	}
	return nil
}

// read takes the peer's messages until one cannot be taken, and returns why.
func (s *session) read() error {
	alive := func() error { return s.conn.SetReadDeadline(time.Now().Add(answerTimeout)) }
	s.conn.SetPongHandler(func(string) error { return alive() })
	for {
		if err := alive(); err != nil {
			return fmt.Errorf("bound the wait for the peer: %w", err)
		}
		kind, reader, err := s.conn.NextReader()
		if err != nil {
			return s.lost(err)
		}
		if kind != websocket.TextMessage {
			return &refusal{"messages are text"}
		}
		message, err := io.ReadAll(io.LimitReader(reader, s.limits.MessageBytes+1))
		if err != nil {
			return s.lost(err)
		}
		if int64(len(message)) > s.limits.MessageBytes {
			return &refusal{fmt.Sprintf("a message is larger than %d bytes", s.limits.MessageBytes)}
		}
		if err := s.take(message); err != nil {
			return err
		}
	}
}

// lost says how the peer was lost, and counts it if it fell silent.
func (s *session) lost(err error) error {
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		s.metrics.evicted.Inc()
	}
	return fmt.Errorf("read from the peer: %w", err)
}

// take acts on one message. net/http does not guard the goroutine that reads, so
// it answers for a panic itself.
func (s *session) take(message []byte) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{value: v, stack: debug.Stack()}
		}
	}()
	var m clientMessage
	if err := json.Unmarshal(message, &m); err != nil {
		return &refusal{"malformed message: " + err.Error()}
	}
	switch m.Type {
	case "subscribe":
		return s.subscribe(m)
	case "unsubscribe":
		s.viewer.Unsubscribe(m.ID)
	case "resync":
		s.viewer.Resync(m.ID)
	case "topics":
		if err := s.topics.follow(slices.Compact(slices.Sorted(slices.Values(m.Topics)))); err != nil {
			return &refusal{err.Error()}
		}
	default:
		return &refusal{fmt.Sprintf("unknown message type %q", m.Type)}
	}
	return nil
}

// subscribe asks the hub, and queues its answer for the writer.
func (s *session) subscribe(m clientMessage) error {
	if m.StepMs < 0 || m.WindowMs < 0 || max(m.StepMs, m.WindowMs) > int64(time.Duration(1<<63-1)/time.Millisecond) {
		return &refusal{"step_ms and window_ms are times in milliseconds"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.replies) >= s.limits.Unread {
		return &refusal{fmt.Sprintf("more than %d messages without reading the answers", s.limits.Unread)}
	}
	var answer any
	answer, refused := s.viewer.Subscribe(m.ID, m.Expr, time.Duration(m.StepMs)*time.Millisecond, time.Duration(m.WindowMs)*time.Millisecond)
	if refused != nil {
		answer = refused
	}
	encoded, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("encode the answer to a subscription: %w", err)
	}
	s.replies = append(s.replies, encoded)
	notify(s.replied)
	return nil
}
