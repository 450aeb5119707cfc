package alertmanager

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/notify"
)

// errStopping is what a notification gets that begins while its dispatcher
// ends; the next dispatcher, or the next start, sends it.
var errStopping = errors.New("alertmanager is stopping or reloading")

// inFlight lets the notifications on their way arrive. The dispatcher cancels
// them the moment it stops: a receiver may by then have taken a page whose
// sending was never noted, and would get it again from the next dispatcher.
type inFlight struct {
	mu       sync.Mutex
	draining bool
	runs     counter // notifications, with their retries
	attempts counter // those of them that talk to a receiver right now
	giveUp   chan struct{}
}

// counter counts what is going on, and knows when it is nothing.
type counter struct {
	n    int
	none chan struct{} // nil while n is 0 and nobody has counted yet
}

func (c *counter) add() {
	if c.n == 0 {
		c.none = make(chan struct{})
	}
	c.n++
}

func (c *counter) done() {
	if c.n--; c.n == 0 {
		close(c.none)
	}
}

// idle is closed as soon as nothing goes on.
func (c *counter) idle() <-chan struct{} {
	if c.none == nil {
		c.none = make(chan struct{})
		close(c.none)
	}
	return c.none
}

func newInFlight() *inFlight { return &inFlight{giveUp: make(chan struct{})} }

// inFlightKey is the context key under which a run carries its inFlight.
type inFlightKey struct{}

// through returns a stage that runs inner and keeps count.
func (f *inFlight) through(inner notify.Stage) notify.Stage {
	return notify.StageFunc(func(ctx context.Context, log *slog.Logger, list ...*alert.Alert) (context.Context, []*alert.Alert, error) {
		giveUp, ok := f.begin(&f.runs)
		if !ok || ctx.Err() != nil {
			if ok {
				f.end(&f.runs)
			}
			return ctx, nil, errStopping
		}
		defer f.end(&f.runs)
		detached, cancel := detach(ctx, giveUp)
		defer cancel()
		return inner.Exec(context.WithValue(detached, inFlightKey{}, f), log, list...)
	})
}

// attempt runs send as an attempt of the run that ctx belongs to, or refuses
// when that run is to end.
func attempt(ctx context.Context, send func() (bool, error)) (retry bool, err error) {
	f, ok := ctx.Value(inFlightKey{}).(*inFlight)
	if !ok {
		return send()
	}
	if _, ok := f.begin(&f.attempts); !ok {
		return false, errStopping
	}
	defer f.end(&f.attempts)
	return send()
}

// detach returns a context with ctx's values and deadline that ends with
// giveUp instead of with ctx.
func detach(ctx context.Context, giveUp <-chan struct{}) (context.Context, context.CancelFunc) {
	detached, cancel := context.WithCancel(context.WithoutCancel(ctx))
	cancelAll := cancel
	if deadline, ok := ctx.Deadline(); ok {
		limited, release := context.WithDeadline(detached, deadline)
		detached, cancelAll = limited, func() { release(); cancel() }
	}
	go func() { // ends with detached, which the caller always cancels
		select {
		case <-giveUp:
			cancel()
		case <-detached.Done():
		}
	}()
	return detached, cancelAll
}

func (f *inFlight) begin(c *counter) (giveUp <-chan struct{}, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.draining {
		return nil, false
	}
	c.add()
	return f.giveUp, true
}

func (f *inFlight) end(c *counter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c.done()
}

// close lets nothing begin any more. What talks to a receiver gets patience to
// finish; all else, waits between two attempts included, is cancelled. When
// close returns nothing goes on.
func (f *inFlight) close(patience time.Duration) {
	f.mu.Lock()
	f.draining = true
	attempts, runs := f.attempts.idle(), f.runs.idle()
	f.mu.Unlock()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-attempts:
	case <-timer.C:
	}
	close(f.giveUp)
	<-runs
}

// open lets notifications begin again after close.
func (f *inFlight) open() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.draining = false
	f.giveUp = make(chan struct{})
}
