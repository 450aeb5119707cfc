package server

import (
	"context"
	"net/http"
	"sync"
)

// underway counts the requests that are being answered. http.Server cuts off
// connections at a stop, but does not wait for the handlers behind them; they
// read from storage that is about to be closed.
type underway struct {
	mu     sync.Mutex
	n      int
	ending chan struct{} // made by drained; closed when n is 0
}

// count is next with each of its requests counted.
func (u *underway) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.mu.Lock()
		u.n++
		u.mu.Unlock()
		defer func() {
			u.mu.Lock()
			defer u.mu.Unlock()
			u.n--
			if u.n == 0 && u.ending != nil {
				close(u.ending)
				u.ending = nil
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// drained waits until no request is under way or ctx is done, and says
// which: how many are left. It is called once, when nothing new can come.
func (u *underway) drained(ctx context.Context) int {
	u.mu.Lock()
	if u.n == 0 {
		u.mu.Unlock()
		return 0
	}
	ended := make(chan struct{})
	u.ending = ended
	u.mu.Unlock()
	select {
	case <-ended:
		return 0
	case <-ctx.Done():
		u.mu.Lock()
		defer u.mu.Unlock()
		return u.n
	}
}
