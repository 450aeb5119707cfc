package ruler

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"daymark/alerts"
)

// outside is an Alertmanager as far as a Prometheus talks to it.
type outside struct {
	*httptest.Server
	mu  sync.Mutex
	got []map[string]string
}

func newOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{}
	o.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var list []struct{ Labels map[string]string }
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &list)
		}
		if err != nil || r.URL.Path != "/am/api/v2/alerts" {
			t.Errorf("%s %s: %v", r.Method, r.URL, err)
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, a := range list {
			o.got = append(o.got, a.Labels)
		}
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *outside) first() map[string]string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.got) == 0 {
		return nil
	}
	return o.got[0]
}

func TestExternalAlertmanagersGetTheAlertsToo(t *testing.T) {
	static, found := newOutside(t), newOutside(t)
	targets := filepath.Join(t.TempDir(), "targets.json")
	writeFile(t, targets, `[{"targets": ["`+found.Listener.Addr().String()+`", "dropped:1"]}]`)
	cfg := Config{
		File: promConfig(t, `  external_labels: {site: fra}
alerting:
  alert_relabel_configs:
  - {target_label: team, replacement: payments}
  alertmanagers:
  - path_prefix: /am
    static_configs: [{targets: ['`+static.Listener.Addr().String()+`']}]
  - path_prefix: /am
    file_sd_configs: [{files: ['`+targets+`']}]
    relabel_configs: [{source_labels: [__address__], regex: 'dropped.*', action: drop}]
`),
		Files:         []string{ruleFile(t, "r.yml", "groups: [{name: g, rules: [{alert: A, expr: vector(1)}]}]")},
		NotifierQueue: 100,
		NotifierDrain: true,
	}
	r := start(t, t.TempDir(), cfg, nil)
	for name, o := range map[string]*outside{"static": static, "found": found} {
		waitFor(t, "the alert at the "+name+" one", func() bool { return o.first() != nil })
		if got := o.first(); got["alertname"] != "A" || got["site"] != "fra" || got["team"] != "payments" {
			t.Errorf("%s: labels %v", name, got)
		}
	}
	if len(r.told(alerts.Firing)) == 0 {
		t.Error("our own routing got nothing")
	}
	if len(r.Alertmanagers()) != 2 || len(r.DroppedAlertmanagers()) != 1 {
		t.Errorf("alertmanagers %v, dropped %v", r.Alertmanagers(), r.DroppedAlertmanagers())
	}
	cfg.File = promConfig(t, "")
	if err := r.Apply(cfg); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "none are left", func() bool { return len(r.Alertmanagers()) == 0 })
}

// TestStopDoesNotWaitForADeafAlertmanager has more alerts wait for an external
// Alertmanager that never answers than a stop may take.
func TestStopDoesNotWaitForADeafAlertmanager(t *testing.T) {
	asked, release := make(chan struct{}, 1), make(chan struct{})
	deaf := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		select {
		case asked <- struct{}{}:
		default:
		}
		<-release
	}))
	defer deaf.Close()
	defer close(release)
	r := start(t, t.TempDir(), Config{
		File: promConfig(t, `alerting: {alertmanagers: [{timeout: 5s, static_configs: [{targets: ['`+deaf.Listener.Addr().String()+`']}]}]}`),
		Files: []string{ruleFile(t, "r.yml", `groups: [{name: g, rules: [
  {alert: A, expr: vector(1)}, {alert: B, expr: vector(1)}, {alert: C, expr: vector(1)}, {alert: D, expr: vector(1)}]}]`)},
		NotifierQueue: 100,
		NotifierBatch: 1,
		NotifierDrain: true,
	}, nil)
	<-asked
	waitFor(t, "every rule has fired", func() bool { return len(r.told(alerts.Firing)) >= 8 })
	began := time.Now()
	r.stop()
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("the stop took %s", took)
	}
}
