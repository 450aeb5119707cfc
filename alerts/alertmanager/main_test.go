package alertmanager

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"go.uber.org/goleak"

	"daymark/alerts"
	"daymark/storage/sqlite"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		runChild(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

// deadline is how long a condition may take to come true on a busy machine.
const deadline = 20 * time.Second

func waitFor(t *testing.T, what string, condition func() bool) {
	t.Helper()
	timeout := time.NewTimer(deadline)
	defer timeout.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-timeout.C:
			t.Fatalf("not within %s: %s", deadline, what)
		}
	}
}

// instance is an Alertmanager that runs on real files.
type instance struct {
	*Alertmanager
	reg  *prometheus.Registry
	stop func()
}

func open(t *testing.T, dir string, cfg Config) (*Alertmanager, *prometheus.Registry, *sqlite.DB) {
	t.Helper()
	return openLogging(t, dir, cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
}

func openLogging(t *testing.T, dir string, cfg Config, log *slog.Logger) (*Alertmanager, *prometheus.Registry, *sqlite.DB) {
	t.Helper()
	db, err := sqlite.Open(filepath.Join(dir, "daymark.db"), log)
	if err != nil {
		t.Fatal(err)
	}
	cfg.DataPath = filepath.Join(dir, "alertmanager")
	if cfg.ExternalURL == nil {
		cfg.ExternalURL = &url.URL{Scheme: "http", Host: "daymark.example", Path: "/"}
	}
	reg := prometheus.NewPedanticRegistry()
	am, err := New(cfg, db, log, reg)
	if err != nil {
		db.Close()
		t.Fatal(err)
	}
	return am, reg, db
}

// start runs an Alertmanager on the files in dir until stop or the end of the
// test.
func start(t *testing.T, dir string, cfg Config) *instance {
	t.Helper()
	return startLogging(t, dir, cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
}

func startLogging(t *testing.T, dir string, cfg Config, log *slog.Logger) *instance {
	t.Helper()
	am, reg, db := openLogging(t, dir, cfg, log)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- am.Run(ctx) }()
	waitFor(t, "the API answers", func() bool { return am.handler.Load() != nil })
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	t.Cleanup(stop)
	return &instance{Alertmanager: am, reg: reg, stop: stop}
}

// lines collects what is logged.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// parsed is a configuration in which WEBHOOK stands for the address of hook.
func parsed(t *testing.T, hook *webhook, text string) Config {
	t.Helper()
	conf, err := Parse([]byte(strings.ReplaceAll(text, "WEBHOOK", hook.URL)), filepath.Join(t.TempDir(), "alertmanager.yml"))
	if err != nil {
		t.Fatal(err)
	}
	return Config{File: conf}
}

// page is what Alertmanager's webhook receiver gets.
type page struct {
	Receiver    string            `json:"receiver"`
	Status      string            `json:"status"`
	GroupLabels map[string]string `json:"groupLabels"`
	ExternalURL string            `json:"externalURL"`
	Alerts      []struct {
		Status       string            `json:"status"`
		Labels       map[string]string `json:"labels"`
		Annotations  map[string]string `json:"annotations"`
		GeneratorURL string            `json:"generatorURL"`
	} `json:"alerts"`
}

// names lists the names of the page's alerts.
func (p page) names() (names []string) {
	for _, a := range p.Alerts {
		names = append(names, a.Labels["alertname"])
	}
	slices.Sort(names)
	return names
}

// webhook is a real receiver.
type webhook struct {
	*httptest.Server
	mu     sync.Mutex
	got    []page
	answer func(w http.ResponseWriter) // nil: 200
}

func newWebhook(t *testing.T) *webhook {
	t.Helper()
	hook := &webhook{}
	hook.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var p page
		if err == nil {
			err = json.Unmarshal(body, &p)
		}
		if err != nil {
			t.Errorf("webhook: %v", err)
		}
		hook.mu.Lock()
		answer := hook.answer
		if answer == nil {
			hook.got = append(hook.got, p)
		}
		hook.mu.Unlock()
		if answer != nil {
			answer(w)
		}
	}))
	t.Cleanup(hook.Close)
	return hook
}

func (h *webhook) pages() []page {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.got)
}

func (h *webhook) answerWith(answer func(http.ResponseWriter)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = answer
}

// firing is an alert as rules report it.
func firing(name string, more ...string) alerts.Alert {
	now := time.Now()
	return alerts.Alert{
		Labels:      labels.FromStrings(append([]string{"alertname", name}, more...)...),
		Annotations: labels.FromStrings("summary", name+" fires"),
		State:       alerts.Firing,
		StartsAt:    now,
		EndsAt:      now.Add(4 * time.Minute),
		UpdatedAt:   now,
		ActiveAt:    now,
		Value:       2.5,
	}
}

func resolved(a alerts.Alert) alerts.Alert {
	a.State, a.EndsAt, a.UpdatedAt = alerts.Resolved, time.Now(), time.Now()
	return a
}

// silence posts a silence of one hour and returns its id.
func (i *instance) silence(t *testing.T, label, value string) string {
	t.Helper()
	return postSilence(t, func(body string) *http.Response {
		rec := httptest.NewRecorder()
		req := httptest.NewRequest(http.MethodPost, "/api/v2/silences", strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		i.Handler().ServeHTTP(rec, req)
		return rec.Result()
	}, label, value)
}

func postSilence(t *testing.T, post func(body string) *http.Response, label, value string) string {
	t.Helper()
	now := time.Now().UTC()
	body, err := json.Marshal(map[string]any{
		"matchers":  []map[string]any{{"name": label, "value": value, "isRegex": false, "isEqual": true}},
		"startsAt":  now.Format(time.RFC3339Nano),
		"endsAt":    now.Add(time.Hour).Format(time.RFC3339Nano),
		"createdBy": "test",
		"comment":   "maintenance",
	})
	if err != nil {
		t.Fatal(err)
	}
	resp := post(string(body))
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("post silence: %d %s %v", resp.StatusCode, answer, err)
	}
	var created struct {
		ID string `json:"silenceID"`
	}
	if err := json.Unmarshal(answer, &created); err != nil || created.ID == "" {
		t.Fatalf("post silence: %s: %v", answer, err)
	}
	return created.ID
}

// do asks the API and returns the status.
func (i *instance) do(r *http.Request) int {
	rec := httptest.NewRecorder()
	i.Handler().ServeHTTP(rec, r)
	return rec.Code
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// fail makes the webhook answer 503.
func (h *webhook) fail() {
	h.answerWith(func(w http.ResponseWriter) { http.Error(w, "no such channel", http.StatusServiceUnavailable) })
}
