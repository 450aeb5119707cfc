package alertmanager

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"daymark/alerts"
)

// webhookBody is version 4 of what Alertmanager posts, as
// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config has
// it. A field that is not in it fails the decoding.
type webhookBody struct {
	Version            string            `json:"version"`
	GroupKey           string            `json:"groupKey"`
	TruncatedAlerts    int               `json:"truncatedAlerts"`
	Status             string            `json:"status"`
	Receiver           string            `json:"receiver"`
	NotificationReason string            `json:"notification_reason"`
	GroupLabels        map[string]string `json:"groupLabels"`
	CommonLabels       map[string]string `json:"commonLabels"`
	CommonAnnotations  map[string]string `json:"commonAnnotations"`
	RouteLabels        map[string]string `json:"routeLabels"`
	ExternalURL        string            `json:"externalURL"`
	Alerts             []struct {
		Status       string            `json:"status"`
		Labels       map[string]string `json:"labels"`
		Annotations  map[string]string `json:"annotations"`
		StartsAt     time.Time         `json:"startsAt"`
		EndsAt       time.Time         `json:"endsAt"`
		GeneratorURL string            `json:"generatorURL"`
		Fingerprint  string            `json:"fingerprint"`
	} `json:"alerts"`
}

func strictWebhook(t *testing.T, text string) (b webhookBody) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&b); err != nil {
		t.Errorf("%v in %s", err, text)
	}
	return b
}

func TestWebhookBodyIsVersion4(t *testing.T) {
	s := newService(t, false, func(http.ResponseWriter, *http.Request, string) {})
	am := startWith(t, s.URL, `route: {receiver: hook, group_by: [job], group_wait: 300ms, group_interval: 50ms, repeat_interval: 24h}
receivers: [{name: hook, webhook_configs: [{url: BASE/page, max_alerts: 2}]}]
`)
	list := []alerts.Alert{firing("C", "job", "payment"), firing("A", "job", "payment"), firing("B", "job", "payment")}
	for i := range list {
		list[i].Annotations = firing("x", "summary", "full").Labels
		list[i].GeneratorURL = "http://daymark.example/graph?g0.expr=up"
	}
	am.Put(t.Context(), list)
	waitFor(t, "the page", func() bool { return s.requests.Load() == 1 })
	if h := *s.header.Load(); h.Get("Content-Type") != "application/json" || !strings.HasPrefix(h.Get("User-Agent"), "Alertmanager/") {
		t.Errorf("header %v", h)
	}
	b := strictWebhook(t, *s.body.Load())
	got := fmt.Sprintf("%s %s %d %s %s %v %v %v %s", b.Version, b.GroupKey, b.TruncatedAlerts, b.Status, b.Receiver, b.GroupLabels, b.CommonLabels["job"], b.CommonAnnotations["summary"], b.ExternalURL)
	if want := `4 {}:{job="payment"} 1 firing hook map[job:payment] payment full http://daymark.example`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if len(b.Alerts) != 2 {
		t.Fatalf("%d alerts, want 2: %+v", len(b.Alerts), b)
	}
	for _, a := range b.Alerts {
		if a.Status != "firing" || len(a.Fingerprint) != 16 || a.StartsAt.IsZero() || a.GeneratorURL == "" || a.Annotations["summary"] != "full" || !slices.Contains([]string{"A", "B", "C"}, a.Labels["alertname"]) {
			t.Errorf("alert %+v", a)
		}
	}
	key := b.GroupKey
	for i := range list {
		list[i] = resolved(list[i])
	}
	am.Put(t.Context(), list)
	waitFor(t, "the end", func() bool { return strictWebhook(t, *s.body.Load()).Status == "resolved" })
	if b := strictWebhook(t, *s.body.Load()); b.GroupKey != key || b.TruncatedAlerts != 1 || b.Alerts[0].EndsAt.IsZero() {
		t.Errorf("the end: %+v", b)
	}
}

// TestWebhookKnowsItsService sends the credentials that the configuration has
// to a service with a certificate of its own, and tells them nobody else.
func TestWebhookKnowsItsService(t *testing.T) {
	dir := t.TempDir()
	token := filepath.Join(dir, "token")
	if err := os.WriteFile(token, []byte("token-from-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ config, want, secret string }{
		"a user and a password":  {"basic_auth: {username: anna, password: open-sesame}", "Basic YW5uYTpvcGVuLXNlc2FtZQ==", "open-sesame"},
		"a token":                {"authorization: {credentials: token-inline}", "Bearer token-inline", "token-inline"},
		"a token in a file":      {"authorization: {credentials_file: " + strconv.Quote(token) + "}", "Bearer token-from-a-file", "token-from-a-file"},
		"a scheme of one's own":  {"authorization: {type: Custom, credentials: token-inline}", "Custom token-inline", "token-inline"},
		"a header of one's own":  {"http_headers: {X-Token: {secrets: [token-inline]}}", "token-inline", "token-inline"},
		"nothing but an address": {"follow_redirects: true", "", "very-secret-path"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, true, func(w http.ResponseWriter, r *http.Request, _ string) {
				if got := r.Header.Get("Authorization") + r.Header.Get("X-Token"); got != tt.want {
					t.Errorf("credentials %q, want %q", got, tt.want)
				}
				w.WriteHeader(http.StatusForbidden)
				fmt.Fprintf(w, "%v %s", r.Header, r.URL)
			})
			ca := filepath.Join(t.TempDir(), "ca.pem")
			if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
				t.Fatal(err)
			}
			am, logs := startLogged(t, s.URL, `route: {receiver: hook, group_wait: 0s}
receivers: [{name: hook, webhook_configs: [{url: BASE/very-secret-path/page, http_config: {tls_config: {ca_file: `+strconv.Quote(ca)+`}, `+tt.config+`}}]}]
`)
			am.Put(t.Context(), []alerts.Alert{firing("A")})
			waitFor(t, "it is given up", func() bool {
				return am.metric(t, "alertmanager_notifications_failed_total", "integration", "webhook", "reason", "authError") == 1
			})
			d := am.Active()[0].Deliveries[0]
			if !strings.Contains(d.Error, "unexpected status code 403") || !strings.Contains(d.Error, hiddenSecret) {
				t.Errorf("delivery %+v", d)
			}
			said := d.Error + logs.String() + am.Original() + fmt.Sprintf("%+v", am.Receivers())
			if strings.Contains(said, tt.secret) || tt.want != "" && strings.Contains(said, tt.want) {
				t.Errorf("the secret is told: %s", said)
			}
		})
	}
}

func TestWebhookOfAStrangerIsNotTrusted(t *testing.T) {
	s := newService(t, true, func(http.ResponseWriter, *http.Request, string) {})
	am := startWith(t, s.URL, "route: {receiver: hook, group_wait: 0s}\nreceivers: [{name: hook, webhook_configs: [{url: BASE/very-secret-path}]}]\n")
	am.Put(t.Context(), []alerts.Alert{firing("A")})
	waitFor(t, "the failure", func() bool {
		active := am.Active()
		return len(active) == 1 && len(active[0].Deliveries) == 1
	})
	if d := am.Active()[0].Deliveries[0]; d.OK || !strings.Contains(d.Error, "certificate") || strings.Contains(d.Error, "very-secret") {
		t.Errorf("delivery %+v", d)
	}
	if n := s.requests.Load(); n != 0 {
		t.Errorf("%d requests reached a stranger", n)
	}
}
