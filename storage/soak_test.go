//go:build soak

package storage_test

import (
	"testing"
	"time"
)

// TestSoakKillLosesNothingCommitted kills a process ten times that writes 20,000
// series: floats, native histograms and late samples, and rows beside them.
func TestSoakKillLosesNothingCommitted(t *testing.T) {
	killAndVerify(t, 10, 20_000/3, 15*time.Second)
}
