package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// watching is what the viewers tell at their end.
type watching struct {
	Viewers   int   `json:"viewers"`
	Bytes     int64 `json:"bytes"` // of messages, before their frames' headers
	Messages  int64 `json:"messages"`
	Snapshots int64 `json:"snapshots"` // beyond the first of each panel: after a loss
	Gone      int64 `json:"gone"`      // connections that ended
	// Arrivals holds for each panel and step (ms since the epoch) when each
	// viewer had it, in ms since the epoch.
	Arrivals map[int]map[int64][]float64 `json:"arrivals,omitempty"`
	Probe    []float64                   `json:"probe,omitempty"` // ages in ms of the probe's newest point at its arrival
}

// message is what a benchmark's viewer reads of the live protocol.
type message struct {
	Type    string   `json:"type"`
	ID      int      `json:"id"`
	Watch   int64    `json:"watch"`
	Updates []update `json:"updates"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error"`
}

type update struct {
	Watch  int64  `json:"watch"`
	Kind   string `json:"kind"`
	ToMs   int64  `json:"to_ms"`
	Series []struct {
		V []json.RawMessage `json:"v"`
	} `json:"series"`
	Error *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// audience is all viewers of one process.
type audience struct {
	url, origin string
	raw         bool // only read: there is no protocol to speak
	measuring   atomic.Bool

	mu      sync.Mutex
	parsed  map[uint64]*message // by hash: all viewers get the same bytes
	result  watching
	record  *json.Encoder // what the first viewer gets, for the bare broadcaster
	recFrom time.Time
}

// recorded is one message and when it came.
type recorded struct {
	AfterMs float64 `json:"after_ms"`
	Data    string  `json:"data"`
}

// runViewers opens the dashboard in many connections, prints "ready" when all
// have their snapshots, watches for a while and prints what it saw as JSON.
func runViewers(ctx context.Context, args []string) error {
	a := &audience{parsed: map[uint64]*message{}}
	flags := flag.NewFlagSet("viewers", flag.ContinueOnError)
	flags.StringVar(&a.url, "url", "", "of the websocket")
	flags.StringVar(&a.origin, "origin", "", "header of that name")
	flags.BoolVar(&a.raw, "raw", false, "only read")
	n := flags.Int("n", 1, "how many")
	phase := flags.Duration("phase", time.Minute, "how long")
	file := flags.String("record", "", "the `file` that the first viewer's messages go to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *file != "" {
		f, err := os.Create(*file)
		if err != nil {
			return err
		}
		defer f.Close()
		a.record = json.NewEncoder(f)
	}
	a.result = watching{Viewers: *n, Arrivals: map[int]map[int64][]float64{}}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	ready, failed := make(chan struct{}, *n), make(chan error, *n)
	dialling := make(chan struct{}, 32)
	for i := range *n {
		wg.Go(func() {
			v := &viewer{audience: a, first: i == 0, newest: map[int]int64{}, panels: map[int64][]int{}}
			if err := v.follow(ctx, dialling, ready); err != nil && ctx.Err() == nil {
				failed <- err
			}
		})
	}
	for range *n {
		select {
		case <-ready:
		case err := <-failed:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	a.mu.Lock()
	a.recFrom = time.Now()
	a.mu.Unlock()
	a.measuring.Store(true)
	fmt.Println("ready")
	err := pause(ctx, *phase)
	a.measuring.Store(false)
	cancel()
	wg.Wait()
	a.result.Gone = int64(len(failed))
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(a.result)
}

// viewer is one connection.
type viewer struct {
	*audience
	first  bool
	panels map[int64][]int // by watch
	newest map[int]int64   // by panel: the newest step that it has
}

func (v *viewer) follow(ctx context.Context, dialling chan struct{}, ready chan<- struct{}) error {
	dialling <- struct{}{}
	conn, err := v.dial(ctx)
	<-dialling
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	waiting := len(dashboard())
	if v.raw {
		waiting = 0
		ready <- struct{}{}
	}
	var buf []byte
	for {
		_, r, err := conn.NextReader()
		if err != nil {
			return err
		}
		if buf, err = appendAll(buf[:0], r); err != nil {
			return err
		}
		now := millis(time.Now())
		m, err := v.take(buf)
		if err != nil {
			return err
		}
		if m == nil {
			continue
		}
		had := waiting
		if waiting, err = v.apply(m, now, waiting); err != nil {
			return err
		}
		if had > 0 && waiting == 0 {
			ready <- struct{}{}
		}
	}
}

func (v *viewer) dial(ctx context.Context) (*websocket.Conn, error) {
	dialer := websocket.Dialer{HandshakeTimeout: time.Minute, Subprotocols: []string{"daymark.live.v1"}, ReadBufferSize: 4096, WriteBufferSize: 1024}
	conn, resp, err := dialer.DialContext(ctx, v.url, map[string][]string{"Origin": {v.origin}})
	if resp != nil {
		defer resp.Body.Close() // the first bytes of an error, nothing of an accepted one
	}
	if err != nil {
		if resp != nil {
			body, _ := io.ReadAll(resp.Body)
			err = fmt.Errorf("%w: %s %s", err, resp.Status, body)
		}
		return nil, err
	}
	if v.raw {
		return conn, nil
	}
	for i, p := range dashboard() {
		if err := conn.WriteJSON(map[string]any{"type": "subscribe", "id": i, "expr": p.expr, "step_ms": 5000, "window_ms": 3_600_000}); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

func appendAll(buf []byte, r io.Reader) ([]byte, error) {
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if errors.Is(err, io.EOF) {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
}

//nolint:gochecknoglobals // one seed, so that all viewers find the same hash
var hashSeed = maphash.MakeSeed()

// take counts a message and parses it, unless another viewer has: what arrives
// at many is the same bytes, and a benchmark's viewers must cost little.
func (v *viewer) take(data []byte) (*message, error) {
	sum := maphash.Bytes(hashSeed, data)
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.measuring.Load() {
		v.result.Bytes += int64(len(data))
		v.result.Messages++
		if v.first && v.record != nil {
			after := float64(time.Since(v.recFrom).Microseconds()) / 1000
			if err := v.record.Encode(recorded{after, string(data)}); err != nil {
				return nil, err
			}
		}
	}
	if v.raw {
		return nil, nil
	}
	if m, ok := v.parsed[sum]; ok {
		return m, nil
	}
	m := &message{}
	if err := json.Unmarshal(data, m); err != nil {
		return nil, err
	}
	if len(v.parsed) > 10_000 {
		clear(v.parsed)
	}
	v.parsed[sum] = m
	return m, nil
}

// apply notes what a message brought and returns how many panels still wait for
// their first points.
func (v *viewer) apply(m *message, now float64, waiting int) (int, error) {
	switch m.Type {
	case "refused":
		return 0, fmt.Errorf("panel %d was refused: %s", m.ID, m.Error.Message)
	case "subscribed":
		v.panels[m.Watch] = append(v.panels[m.Watch], m.ID)
	case "frame":
		for _, u := range m.Updates {
			if u.Kind == "failed" {
				return 0, fmt.Errorf("a panel failed: %s", u.Error.Message)
			}
			for _, panel := range v.panels[u.Watch] {
				seen, had := v.newest[panel]
				if !had {
					waiting--
				} else if u.Kind == "snapshot" && v.measuring.Load() {
					v.mu.Lock()
					v.result.Snapshots++
					v.mu.Unlock()
				}
				if u.ToMs > seen {
					v.newest[panel] = u.ToMs
					if had && v.measuring.Load() {
						v.arrived(panel, &u, now)
					}
				}
			}
		}
	}
	return waiting, nil
}

func (v *viewer) arrived(panel int, u *update, now float64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	steps := v.result.Arrivals[panel]
	if steps == nil {
		steps = map[int64][]float64{}
		v.result.Arrivals[panel] = steps
	}
	steps[u.ToMs] = append(steps[u.ToMs], now)
	if strings.HasPrefix(dashboard()[panel].expr, probe) && len(u.Series) == 1 && len(u.Series[0].V) > 0 {
		var seconds float64
		if json.Unmarshal(u.Series[0].V[len(u.Series[0].V)-1], &seconds) == nil {
			v.result.Probe = append(v.result.Probe, now-1000*seconds)
		}
	}
}
