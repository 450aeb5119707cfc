package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// pollInterval is how often topics are looked at while somebody listens.
const pollInterval = 500 * time.Millisecond

// topic is one document that viewers can follow.
type topic struct {
	// read returns the document, and what of it is worth telling at once.
	read func(context.Context) (document, lasting any)
	// refresh is how long the rest may wait: clocks and counters that move
	// with every scrape.
	refresh time.Duration
}

// board keeps the newest message of each topic. A topic is read and encoded
// once for all its listeners, and only while it has some.
type board struct {
	topics map[string]topic
	log    *slog.Logger
	wake   chan struct{} // somebody wants a topic that may be old

	mu      sync.Mutex
	posted  map[string]*posted
	readers map[string]map[*listener]bool
}

// posted is the newest message of a topic.
type posted struct {
	message []byte // complete and shared; nobody changes it
	body    []byte
	lasting []byte
	sentAt  time.Time // when it was last replaced
	readAt  time.Time
}

// listener is one viewer's view of the board.
type listener struct {
	changed chan struct{} // holds one token while something waits
	board   *board
	sent    map[string]*posted // what this viewer has; used by its writer alone
	wants   atomic.Pointer[[]string]
}

func newBoard(topics map[string]topic, log *slog.Logger) *board {
	return &board{
		topics: topics, log: log, wake: make(chan struct{}, 1),
		posted: map[string]*posted{}, readers: map[string]map[*listener]bool{},
	}
}

// join returns a listener that follows nothing yet. It is ended by follow(nil).
func (b *board) join() *listener {
	l := &listener{changed: make(chan struct{}, 1), board: b, sent: map[string]*posted{}}
	l.wants.Store(&[]string{})
	return l
}

// follow replaces the topics that l is told about. An unknown one is an error.
func (l *listener) follow(topics []string) error {
	for _, name := range topics {
		if _, ok := l.board.topics[name]; !ok {
			return fmt.Errorf("there is no topic %q", name)
		}
	}
	b := l.board
	b.mu.Lock()
	for _, name := range *l.wants.Load() {
		delete(b.readers[name], l)
	}
	for _, name := range topics {
		if b.readers[name] == nil {
			b.readers[name] = map[*listener]bool{}
		}
		b.readers[name][l] = true
	}
	l.wants.Store(&topics)
	b.mu.Unlock()
	if len(topics) > 0 {
		notify(b.wake)
		notify(l.changed)
	}
	return nil
}

// take returns the messages that l wants and does not have yet.
func (l *listener) take() [][]byte {
	b := l.board
	wants := *l.wants.Load()
	b.mu.Lock()
	defer b.mu.Unlock()
	var out [][]byte
	kept := make(map[string]*posted, len(wants))
	for _, name := range wants {
		p := b.posted[name]
		if p == nil || time.Since(p.readAt) > 2*pollInterval {
			continue // the one that is being read will do
		}
		if l.sent[name] != p && kept[name] == nil {
			out = append(out, p.message)
		}
		kept[name] = p
	}
	l.sent = kept
	return out
}

// run keeps the board until ctx is done.
func (b *board) run(ctx context.Context) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case <-b.wake:
		}
		for name, topic := range b.topics {
			if err := b.look(ctx, name, topic); err != nil {
				b.log.Error("topic not told", "topic", name, "err", err)
			}
		}
	}
}

// look reads one topic if someone listens and it has not just been read, and
// tells them if it is worth it.
func (b *board) look(ctx context.Context, name string, t topic) error {
	now := time.Now()
	b.mu.Lock()
	old := b.posted[name]
	idle := len(b.readers[name]) == 0
	b.mu.Unlock()
	if idle || (old != nil && now.Sub(old.readAt) < pollInterval*9/10) {
		return nil
	}
	document, lasting := t.read(ctx)
	now = time.Now() // a large document takes its time
	body, err := json.Marshal(document)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	essence, err := json.Marshal(lasting)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	fresh := old != nil && now.Sub(old.readAt) <= 2*pollInterval
	same := fresh && bytes.Equal(old.lasting, essence)
	if same && (bytes.Equal(old.body, body) || now.Sub(old.sentAt) < t.refresh) {
		b.mu.Lock()
		old.readAt = now
		b.mu.Unlock()
		return nil
	}
	message, err := json.Marshal(topicMessage{Type: "topic", Topic: name, Body: body})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.posted[name] = &posted{message: message, body: body, lasting: essence, sentAt: now, readAt: now}
	for l := range b.readers[name] {
		notify(l.changed)
	}
	return nil
}

// notify leaves a token in c unless there is one.
func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
