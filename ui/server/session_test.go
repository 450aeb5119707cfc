package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/promql/parser"

	"daymark/query"
	"daymark/query/live"
	"daymark/storage/series"
)

// silent is an evaluator that nobody asks.
type silent struct{}

func (silent) Range(context.Context, query.RangeRequest) (query.Result, error) {
	return query.Result{}, nil
}
func (silent) Parser() parser.Parser        { return parser.NewParser(parser.Options{}) }
func (silent) LookbackDelta() time.Duration { return 5 * time.Minute }

// pipeListener hands out the ends of pipes, so that time can be faked.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// bubble is the websocket part of a server in fake time.
type bubble struct {
	*Server
	t        *testing.T
	listener *pipeListener
	reads    atomic.Int64 // of the topic "alerts"
	document atomic.Value // what it says
}

// startBubble must be called within a synctest bubble; the result is stopped
// by its stop.
func startBubble(t *testing.T) (*bubble, func()) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	cfg, err := Config{ListenAddresses: []string{"127.0.0.1:0"}}.withDefaults()
	must(t, err)
	files, err := newPages(fstest.MapFS{})
	must(t, err)
	m, err := newMetrics(nil, nil)
	must(t, err)
	b := &bubble{t: t, listener: &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}}
	b.document.Store(map[string]int{"n": 0})
	file, err := promconfig.Load("", log)
	must(t, err)
	db, err := series.New(series.Config{Path: t.TempDir(), File: file}, nil, nil, log, nil)
	must(t, err)
	hub := live.NewHub(live.Config{}, silent{}, db.Subscribe, log, prometheus.NewRegistry())
	b.Server = &Server{cfg: cfg, log: log, files: files, metrics: m, viewers: newViewers(1000), deps: Deps{Live: hub}}
	b.stopping, b.Server.stop = context.WithCancel(t.Context())
	b.board = newBoard(map[string]topic{"alerts": {refresh: 2 * time.Second, read: func(context.Context) (any, any) {
		b.reads.Add(1)
		document := b.document.Load().(map[string]int)
		return document, map[string]int{"n": document["n"]}
	}}}, log)
	var work sync.WaitGroup
	work.Go(func() { _ = hub.Run(b.stopping) })
	work.Go(func() { _ = b.board.run(b.stopping) })
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := b.untilStop(r.Context())
		defer cancel()
		b.live(w, r.WithContext(ctx))
	})}
	work.Go(func() { _ = server.Serve(b.listener) })
	return b, func() {
		b.Server.stop()
		_ = server.Shutdown(context.Background())
		b.viewers.wait()
		work.Wait()
	}
}

// tab connects; nothing is read yet.
func (b *bubble) tab() *websocket.Conn {
	b.t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{liveProtocol}, NetDialContext: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		b.listener.conns <- theirs
		return ours, nil
	}}
	conn, _, err := dialer.DialContext(b.t.Context(), "ws://127.0.0.1:1/", nil)
	must(b.t, err)
	return conn
}

// drain reads for ever and counts the messages of each kind.
func drain(conn *websocket.Conn, work *sync.WaitGroup) *sync.Map {
	var counts sync.Map
	work.Go(func() {
		for {
			_, message, err := conn.ReadMessage()
			if err != nil {
				return
			}
			kind, _, _ := strings.Cut(strings.TrimPrefix(string(message), `{"type":"`), `"`)
			n, _ := counts.LoadOrStore(kind, new(atomic.Int64))
			n.(*atomic.Int64).Add(1)
		}
	})
	return &counts
}

func count(counts *sync.Map, kind string) int64 {
	n, ok := counts.Load(kind)
	if !ok {
		return 0
	}
	return n.(*atomic.Int64).Load()
}

func (b *bubble) open() int {
	b.viewers.mu.Lock()
	defer b.viewers.mu.Unlock()
	return b.viewers.byAddress["pipe"]
}

func TestViewerThatDoesNotReadIsEvicted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, stop := startBubble(t)
		var readers sync.WaitGroup
		deaf, good := b.tab(), b.tab()
		counts := drain(good, &readers)
		synctest.Wait()
		if b.open() != 2 {
			t.Fatalf("%d are connected", b.open())
		}
		time.Sleep(15 * time.Second)
		synctest.Wait()
		if b.open() != 1 {
			t.Errorf("%d are connected after 15 s", b.open())
		}
		if n := count(counts, "frame"); n < 10 {
			t.Errorf("the other viewer got %d frames", n)
		}
		_ = deaf.Close()
		stop()
		readers.Wait()
		if count(counts, "bye") != 1 {
			t.Error("the other viewer was not told")
		}
	})
}

func TestSilentPeerIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, stop := startBubble(t)
		var readers sync.WaitGroup
		mute, lively := b.tab(), b.tab()
		mute.SetPingHandler(func(string) error { return nil }) // reads, but never answers
		drain(mute, &readers)
		drain(lively, &readers)
		time.Sleep(59 * time.Second)
		synctest.Wait()
		if b.open() != 2 {
			t.Fatalf("%d are connected after 59 s", b.open())
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if b.open() != 1 {
			t.Errorf("%d are connected after 61 s", b.open())
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if b.open() != 1 {
			t.Error("a peer that answers was dropped")
		}
		stop()
		readers.Wait()
	})
}

func TestStopDoesNotWaitForTheDeaf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, stop := startBubble(t)
		deaf := b.tab()
		time.Sleep(3 * time.Second) // a write hangs
		started := time.Now()
		stop()
		if took := time.Since(started); took > 2*farewellTime {
			t.Errorf("the stop took %s", took)
		}
		_ = deaf.Close()
	})
}

func TestTopicsAreReadOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, stop := startBubble(t)
		var readers sync.WaitGroup
		var all []*sync.Map
		var conns []*websocket.Conn
		for range 50 {
			conn := b.tab()
			conns = append(conns, conn)
			all = append(all, drain(conn, &readers))
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := b.reads.Load(); n != 0 {
			t.Errorf("read %d times while nobody listened", n)
		}
		follow := func(topics string) {
			for _, conn := range conns {
				must(t, conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"topics","topics":[`+topics+`]}`)))
			}
		}
		topics := func() (n int64) {
			for _, counts := range all {
				n += count(counts, "topic")
			}
			return n
		}
		follow(`"alerts"`)
		time.Sleep(10 * time.Millisecond)
		synctest.Wait()
		if n := topics(); n != 50 {
			t.Errorf("%d messages at once, want one each", n)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := b.reads.Load(); n < 100 || n > 125 {
			t.Errorf("read %d times in a minute for 50 viewers", n)
		}
		if n := topics(); n != 50 {
			t.Errorf("%d messages although nothing has changed", n)
		}
		b.document.Store(map[string]int{"n": 1})
		time.Sleep(600 * time.Millisecond)
		synctest.Wait()
		if n := topics(); n != 100 {
			t.Errorf("%d messages after a change, want another each", n)
		}
		for i := range 20 { // what passes is told every two seconds
			b.document.Store(map[string]int{"n": 1, "clock": i})
			time.Sleep(500 * time.Millisecond)
		}
		synctest.Wait()
		if n := topics() - 100; n < 4*50 || n > 6*50 {
			t.Errorf("%d messages in ten seconds of ticking", n)
		}
		follow("")
		synctest.Wait()
		before := b.reads.Load()
		b.document.Store(map[string]int{"n": 2})
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := b.reads.Load() - before; n > 0 {
			t.Errorf("read %d times after everyone has left", n)
		}
		// A late listener gets what is true now, not what was true then.
		was := count(all[0], "topic")
		must(t, conns[0].WriteMessage(websocket.TextMessage, []byte(`{"type":"topics","topics":["alerts"]}`)))
		time.Sleep(10 * time.Millisecond)
		synctest.Wait()
		if n := count(all[0], "topic") - was; n != 1 {
			t.Errorf("%d messages for the late listener", n)
		}
		stop()
		readers.Wait()
	})
}

// What was true when somebody last listened is not told as if it were now.
func TestOldTopicsAreNotTold(t *testing.T) {
	b := newBoard(map[string]topic{"alerts": {}}, slog.New(slog.DiscardHandler))
	l := b.join()
	must(t, l.follow([]string{"alerts"}))
	b.posted["alerts"] = &posted{message: []byte("old"), readAt: time.Now().Add(-5 * time.Second)}
	if got := l.take(); len(got) > 0 {
		t.Errorf("told %q", got)
	}
	b.posted["alerts"] = &posted{message: []byte("new"), readAt: time.Now()}
	if got := l.take(); len(got) != 1 || string(got[0]) != "new" {
		t.Errorf("told %q", got)
	}
	if got := l.take(); len(got) > 0 {
		t.Errorf("told again %q", got)
	}
}

// However late a peer reads, a watch is named before its first frame.
func TestAnswersPrecedeFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, stop := startBubble(t)
		conn := b.tab()
		known := map[string]bool{}
		for i := range 20 {
			must(t, conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"type":"subscribe","id":%d,"expr":"vector(%d)","step_ms":1000,"window_ms":2000}`, i, i)))
			time.Sleep(3 * time.Second) // the writer hangs, answer and snapshot both wait
			for seen := false; !seen; {
				_, content, err := conn.ReadMessage()
				must(t, err)
				var m anyMessage
				must(t, json.Unmarshal(content, &m))
				if m.Type == "subscribed" {
					known[fmt.Sprint(m.Watch)] = true
				}
				for _, u := range m.Updates {
					if !known[fmt.Sprint(u.Watch)] {
						t.Fatalf("a frame names watch %d before any answer does", u.Watch)
					}
					seen = seen || u.ID == int64(i)
				}
			}
		}
		_ = conn.Close()
		stop()
	})
}

func TestUnreadAnswersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, stop := startBubble(t)
		b.cfg.Limits.Unread = 5
		conn := b.tab()
		// The first message hangs in the pipe, so every answer waits.
		var err error
		for range 10 {
			must(t, conn.SetWriteDeadline(time.Now().Add(30*time.Second)))
			if err = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"subscribe","id":1,"expr":"(","step_ms":1000,"window_ms":1000}`)); err != nil {
				break
			}
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if b.open() != 0 {
			t.Error("a peer that asks and never reads is still connected")
		}
		_ = conn.Close()
		stop()
	})
}
