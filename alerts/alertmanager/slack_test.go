package alertmanager

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"daymark/alerts"
)

// slack is Slack's incoming webhooks and its chat.postMessage, as strict as
// https://api.slack.com/messaging/webhooks and
// https://api.slack.com/reference/messaging/attachments say.
type slack struct {
	*httptest.Server

	mu       sync.Mutex
	messages []slackMessage
	requests int
	mistakes []string
	refuse   func(w http.ResponseWriter) bool // true where it has answered
}

const (
	slackHook  = "/services/T00000000/B00000000/abcdefghijklmnopqrstuvwx"
	slackToken = "xoxb-000000000000-abcdefghijkl"
)

type slackMessage struct {
	Channel     string `json:"channel"`
	Username    string `json:"username"`
	Text        string `json:"text"`
	IconEmoji   string `json:"icon_emoji"`
	IconURL     string `json:"icon_url"`
	LinkNames   bool   `json:"link_names"`
	Attachments []struct {
		Title      string   `json:"title"`
		TitleLink  string   `json:"title_link"`
		Pretext    string   `json:"pretext"`
		Text       string   `json:"text"`
		Fallback   string   `json:"fallback"`
		CallbackID string   `json:"callback_id"`
		ImageURL   string   `json:"image_url"`
		ThumbURL   string   `json:"thumb_url"`
		Footer     string   `json:"footer"`
		Color      string   `json:"color"`
		MrkdwnIn   []string `json:"mrkdwn_in"`
		Fields     []struct {
			Title string `json:"title"`
			Value string `json:"value"`
			Short bool   `json:"short"`
		} `json:"fields"`
		Actions []struct {
			Type  string `json:"type"`
			Text  string `json:"text"`
			URL   string `json:"url"`
			Style string `json:"style"`
		} `json:"actions"`
	} `json:"attachments"`
}

func newSlack(t *testing.T) *slack {
	t.Helper()
	s := &slack{}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *slack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	if s.refuse != nil && s.refuse(w) {
		return
	}
	message, problem := checkSlack(r, body, err)
	api := r.URL.Path == "/api/chat.postMessage"
	if problem != "" {
		s.mistakes = append(s.mistakes, problem)
		if api {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			fmt.Fprintf(w, `{"ok":false,"error":%q}`, problem)
			return
		}
		http.Error(w, problem, http.StatusBadRequest)
		return
	}
	s.messages = append(s.messages, message)
	if api {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		fmt.Fprint(w, `{"ok":true,"channel":"C1","ts":"1503435956.000247"}`)
		return
	}
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprint(w, "ok")
}

func checkSlack(r *http.Request, body []byte, err error) (m slackMessage, problem string) {
	switch {
	case err != nil || r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
		return m, fmt.Sprintf("invalid_request: %s %s %v", r.Method, r.Header.Get("Content-Type"), err)
	case r.URL.Path == "/api/chat.postMessage" && r.Header.Get("Authorization") != "Bearer "+slackToken:
		return m, "invalid_auth"
	case r.URL.Path != "/api/chat.postMessage" && r.URL.Path != slackHook:
		return m, "no_service"
	case !utf8.Valid(body):
		return m, "invalid_payload"
	}
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return m, "invalid_payload: " + err.Error()
	}
	if m.Text == "" && len(m.Attachments) == 0 {
		return m, "no_text"
	}
	if len(m.Attachments) > 100 {
		return m, "too_many_attachments"
	}
	for _, a := range m.Attachments {
		if a.Fallback == "" {
			return m, "missing_text_or_fallback_or_attachments"
		}
		if !slices.Contains([]string{"good", "warning", "danger", ""}, a.Color) && !strings.HasPrefix(a.Color, "#") {
			return m, "invalid_color: " + a.Color
		}
		if u, err := url.Parse(a.TitleLink); err != nil || !u.IsAbs() {
			return m, "invalid_link: " + a.TitleLink
		}
	}
	return m, ""
}

// waitFor returns the messages as soon as there are n.
func (s *slack) waitFor(t *testing.T, n int) []slackMessage {
	t.Helper()
	var list []slackMessage
	waitFor(t, fmt.Sprintf("%d messages", n), func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.mistakes) > 0 {
			t.Fatalf("messages that Slack refuses: %q", s.mistakes)
		}
		list = slices.Clone(s.messages)
		return len(list) >= n
	})
	return list
}

const slackRoute = `route: {receiver: chat, group_by: [alertname, service], group_wait: 0s, group_interval: 50ms, repeat_interval: 24h}
receivers:
- name: chat
  slack_configs:
  - channel: '#ops'
    send_resolved: true
`

func TestSlackIsToldOfBeginAndEnd(t *testing.T) {
	tests := map[string]string{
		"by an incoming webhook":    "    api_url: BASE" + slackHook + "\n",
		"by an application's token": "    app_token: " + slackToken + "\n    app_url: BASE/api/chat.postMessage\n",
	}
	for name, how := range tests {
		t.Run(name, func(t *testing.T) {
			s := newSlack(t)
			am := startWith(t, s.URL, slackRoute+how)
			a := firing("PoolSaturated", "service", "payment", "severity", "critical")
			am.Put(t.Context(), []alerts.Alert{a})
			s.waitFor(t, 1)
			am.Put(t.Context(), []alerts.Alert{resolved(a)})
			var got []string
			for _, m := range s.waitFor(t, 2) {
				one := m.Attachments[0]
				got = append(got, fmt.Sprintf("%s %d %s <%s> %s", m.Channel, len(m.Attachments), one.Color, one.TitleLink, one.Title))
			}
			want := []string{
				"#ops 1 danger <http://daymark.example/#/alerts?receiver=chat> [FIRING:1] PoolSaturated payment (critical)",
				"#ops 1 good <http://daymark.example/#/alerts?receiver=chat> [RESOLVED] PoolSaturated payment (critical)",
			}
			if !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

// TestSlacksRefusalIsShown has what Slack says when it takes nothing. Like
// Alertmanager, Daymark then waits until the group is due again: Slack bars
// those who go on after a 429.
func TestSlacksRefusalIsShown(t *testing.T) {
	tests := map[string]struct {
		how, contentType, body string
		status                 int
		want, reason           string
	}{
		"too many messages":        {"api_url: BASE" + slackHook, "application/json", `{"retry_after":1,"ok":false,"error":"rate_limited"}`, 429, "rate_limited", "rateLimited"},
		"a webhook that is gone":   {"api_url: BASE" + slackHook, "text/html", "no_service", 404, `channel "#ops": unexpected status code 404: no_service`, "clientError"},
		"no, with 200":             {"api_url: BASE" + slackHook, "text/html", "channel_is_archived", 200, "channel_is_archived", "clientError"},
		"no, from the method":      {"{app_token: " + slackToken + ", app_url: BASE/api/chat.postMessage}", "application/json", `{"ok":false,"error":"not_in_channel"}`, 200, "not_in_channel", "clientError"},
		"a secret that it repeats": {"api_url: BASE" + slackHook, "text/html", "no such hook: " + slackHook, 404, "no such hook: " + hiddenSecret, "clientError"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSlack(t)
			s.refuse = func(w http.ResponseWriter) bool {
				if s.requests > 1 {
					return false
				}
				w.Header().Set("Retry-After", "1")
				w.Header().Set("Content-Type", tt.contentType)
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
				return true
			}
			how := "    " + strings.NewReplacer("{", "", "}", "", ", ", "\n    ").Replace(tt.how) + "\n"
			am, logs := startLogged(t, s.URL, strings.Replace(slackRoute, "group_interval: 50ms", "group_interval: 1s", 1)+how)
			am.Put(t.Context(), []alerts.Alert{firing("PoolSaturated")})
			waitFor(t, "it is given up", func() bool {
				return am.metric(t, "alertmanager_notifications_failed_total", "integration", "slack", "reason", tt.reason) == 1
			})
			if got := s.requested(); got != 1 {
				t.Errorf("%d requests at once, want 1", got)
			}
			d := am.Active()[0].Deliveries[0]
			if d.OK || !strings.Contains(d.Error, tt.want) {
				t.Errorf("delivery %+v, want %q in its error", d, tt.want)
			}
			s.waitFor(t, 1) // when the group is due again
			if said := d.Error + logs.String() + am.Original(); strings.Contains(said, slackHook) || strings.Contains(said, slackToken) {
				t.Errorf("a secret is told: %s", said)
			}
		})
	}
}

func (s *slack) requested() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}
