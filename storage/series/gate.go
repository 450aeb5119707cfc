package series

import (
	"sync"
	"time"
)

// gate counts the writers inside and lets nobody in any more once it is shut.
type gate struct {
	mu    sync.Mutex
	shut  bool
	in    int
	empty chan struct{} // made by close, closed when the last one has left
}

// enter obliges the caller to leave, unless it returns an error.
func (g *gate) enter() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		return ErrClosed
	}
	g.in++
	return nil
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.in--
	if g.in == 0 && g.empty != nil {
		close(g.empty)
		g.empty = nil
	}
}

// close shuts the gate and waits until everybody has left, at most for patience.
// It returns how many are still inside.
func (g *gate) close(patience time.Duration) int {
	g.mu.Lock()
	g.shut = true
	if g.in == 0 {
		g.mu.Unlock()
		return 0
	}
	if g.empty == nil {
		g.empty = make(chan struct{})
	}
	empty := g.empty
	g.mu.Unlock()

	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-empty:
		return 0
	case <-timer.C:
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.in
	}
}
