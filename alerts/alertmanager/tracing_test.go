package alertmanager

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"daymark/alerts"
)

// TestTracingIsSent reads `tracing:` of an alertmanager.yml: the spans of a
// page arrive, and taking the section out ends it.
func TestTracingIsSent(t *testing.T) {
	var spans atomic.Int64
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL, err)
		}
		spans.Add(int64(len(body)))
	}))
	defer collector.Close()
	hook := newWebhook(t)
	traced := atOnce + "tracing: {client_type: http, endpoint: '" + strings.TrimPrefix(collector.URL, "http://") + "', insecure: true, sampling_fraction: 1}\n"
	am := start(t, t.TempDir(), parsed(t, hook, traced))
	am.Put(t.Context(), []alerts.Alert{firing("A", "job", "payment")})
	waitFor(t, "the page", func() bool { return len(hook.pages()) == 1 })
	if err := am.Apply(parsed(t, hook, atOnce)); err != nil { // flushes what waits
		t.Fatal(err)
	}
	waitFor(t, "the spans", func() bool { return spans.Load() > 0 })
}
