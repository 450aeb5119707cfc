package series

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestGateWaitsForThoseInside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		if err := g.enter(); err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(3 * time.Second)
			g.leave()
		}()
		start := time.Now()
		if left := g.close(5 * time.Second); left != 0 {
			t.Errorf("%d inside after everybody left", left)
		}
		if waited := time.Since(start); waited != 3*time.Second {
			t.Errorf("waited %v", waited)
		}
		if err := g.enter(); !errors.Is(err, ErrClosed) {
			t.Errorf("entering a shut gate gave %v", err)
		}
	})
}

func TestGateDoesNotWaitForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		if err := g.enter(); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if left := g.close(5 * time.Second); left != 1 {
			t.Errorf("%d inside, want the one that never ends", left)
		}
		if waited := time.Since(start); waited != 5*time.Second {
			t.Errorf("waited %v", waited)
		}
		g.leave() // late, and harmless
	})
}
