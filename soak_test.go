//go:build soak

package main

import (
	"slices"
	"syscall"
	"testing"
	"time"
)

// TestSoakKilledWhileScraping kills Daymark ten times at random moments while it
// scrapes 20,000 series every 5 s. No sample that could be read may be lost.
func TestSoakKilledWhileScraping(t *testing.T) {
	survive(t, ordeal{series: 20_000, interval: 5 * time.Second, scrapes: 2, stops: slices.Repeat([]syscall.Signal{syscall.SIGKILL}, 10)})
}
