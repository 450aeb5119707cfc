//go:build soak

package live_test

import (
	"fmt"
	"testing"
	"time"

	"daymark/query/live"
)

// TestSoakLiveSeriesEqualFreshQueries is the short test of the same name with
// other accidents, for longer.
func TestSoakLiveSeriesEqualFreshQueries(t *testing.T) {
	for seed := uint64(1); seed <= 10; seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			inWorld(t, live.Config{MaxWatchesPerViewer: 1000}, func(w *world) { liveEqualsFresh(w, seed, 5*time.Minute) })
		})
	}
}
