package alertmanager

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"daymark/alerts"
)

// mailRoute pages by mail; the rest of the entry follows it.
const mailRoute = `route: {receiver: mail, group_by: [alertname, service], group_wait: 0s, group_interval: 1h, repeat_interval: 24h}
receivers:
- name: mail
  email_configs:
  - to: Ops <ops@example.com>, "Miller, Jo" <jm@example.com>
    from: Daymark <daymark@example.com>
    send_resolved: true
`

// through is the part of the entry that leads to m.
func (m *mailbox) through() string {
	return fmt.Sprintf("    smarthost: %s\n    auth_username: %s\n    auth_password: %s\n    tls_config: {ca_file: %s}\n", m.address, m.user, m.password, strconv.Quote(m.ca))
}

// read is a letter as a mail program shows it.
type read struct {
	header mail.Header
	text   string // "" without one
	html   string
}

func (l letter) read(t *testing.T) read {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(l.content))
	if err != nil {
		t.Fatalf("%v in %s", err, l.content)
	}
	r := read{header: m.Header}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" || m.Header.Get("Mime-Version") != "1.0" {
		t.Fatalf("Content-Type %q, MIME-Version %q, %v", m.Header.Get("Content-Type"), m.Header.Get("Mime-Version"), err)
	}
	var kinds []string
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(part) // quoted-printable is undone by the reader
		if err != nil || !utf8.Valid(content) {
			t.Errorf("part %v: %v", part.Header, err)
		}
		kinds = append(kinds, strings.ToLower(part.Header.Get("Content-Type")))
		if strings.HasPrefix(kinds[len(kinds)-1], "text/plain") {
			r.text = string(content)
		} else {
			r.html = string(content)
		}
	}
	want := []string{"text/plain; charset=utf-8", "text/html; charset=utf-8"} // the best one last
	if r.text == "" {
		want = want[1:]
	}
	if !slices.Equal(kinds, want) {
		t.Errorf("parts %q, want %q", kinds, want)
	}
	return r
}

func (r read) subject(t *testing.T) string {
	t.Helper()
	subject, err := (&mime.WordDecoder{}).DecodeHeader(r.header.Get("Subject"))
	if err != nil {
		t.Errorf("subject %q: %v", r.header.Get("Subject"), err)
	}
	return subject
}

func TestMailArrivesAsItShould(t *testing.T) {
	tests := map[string]struct {
		change    func(*mailbox)
		more      string
		encrypted bool
		mech      string
	}{
		"encrypted, with a password":            {func(*mailbox) {}, "", true, "PLAIN"},
		"encrypted, in the old way":             {func(m *mailbox) { m.mechs = "LOGIN" }, "", true, "LOGIN"},
		"in the clear, where that is asked for": {func(m *mailbox) { m.tls, m.mechs = nil, "" }, "    require_tls: false\n", false, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			box := newMailbox(t, tt.change)
			am := startWith(t, "", mailRoute+box.through()+tt.more)
			am.Put(t.Context(), []alerts.Alert{firing("PoolSaturated", "service", "payment", "severity", "critical")})
			l := box.waitFor(t, 1)[0]
			if l.encrypted != tt.encrypted || l.mech != tt.mech || l.from != "daymark@example.com" || !slices.Equal(l.to, []string{"ops@example.com", "jm@example.com"}) {
				t.Errorf("letter %+v", l)
			}
			r := l.read(t)
			if got, want := r.subject(t), "[FIRING:1] PoolSaturated payment (critical)"; got != want {
				t.Errorf("subject %q, want %q", got, want)
			}
			to, err := r.header.AddressList("To")
			if err != nil || len(to) != 2 || to[1].Name != "Miller, Jo" {
				t.Errorf("To: %v, %v", to, err)
			}
			if from, err := mail.ParseAddress(r.header.Get("From")); err != nil || from.Address != "daymark@example.com" {
				t.Errorf("From: %v, %v", from, err)
			}
			if date, err := r.header.Date(); err != nil || time.Since(date) > time.Minute {
				t.Errorf("Date: %v, %v", date, err)
			}
			if id := r.header.Get("Message-Id"); !regexp.MustCompile(`^<[^<>@\s]+@[^<>@\s]+>$`).MatchString(id) {
				t.Errorf("Message-Id %q", id)
			}
			if !strings.Contains(r.html, "http://daymark.example/#/alerts?receiver=mail") {
				t.Errorf("no link to Daymark in %s", r.html)
			}
		})
	}
}

func TestMailTakesHostileText(t *testing.T) {
	box := newMailbox(t, func(*mailbox) {})
	am := startWith(t, "", strings.Replace(mailRoute, "[alertname, service]", "[alertname, hostile]", 1)+box.through()+
		`    text: '{{ range .Alerts }}{{ .Annotations.summary }}{{ end }}'`+"\n")
	hostile := "<script>alert(1)</script>\r\nBcc: evil@example.com\r\n\r\n漢字 🚒 \"é\""
	a := firing("Hostile", "hostile", hostile)
	summary := ".\r\n..\r\n.a line\r\n" + strings.Repeat("long é ", 500) + "\r\n.\r\nQUIT\r\n<b>&amp;</b>"
	a.Annotations = firing("x", "summary", summary).Labels
	am.Put(t.Context(), []alerts.Alert{a})
	l := box.waitFor(t, 1)[0]
	r := l.read(t)
	if r.text != summary {
		t.Errorf("text %q, want %q", r.text, summary)
	}
	if strings.Contains(r.html, "<script>") || strings.Contains(r.html, "<b>&amp;</b>") || !strings.Contains(r.html, "&lt;script&gt;alert(1)&lt;/script&gt;") {
		t.Errorf("hostile labels are part of the page:\n%s", r.html)
	}
	if !strings.Contains(r.html, "漢字 🚒") {
		t.Error("characters are lost")
	}
	if got := r.subject(t); !strings.Contains(got, hostile) {
		t.Errorf("subject %q", got)
	}
	if len(r.header["Bcc"]) != 0 || len(l.to) != 2 {
		t.Errorf("a label became a header: %v, to %v", r.header, l.to)
	}
}

func TestMailsOfAGroupAreOneThread(t *testing.T) {
	box := newMailbox(t, func(*mailbox) {})
	am := startWith(t, "", strings.Replace(mailRoute, "group_interval: 1h", "group_interval: 50ms", 1)+box.through()+"    threading: {enabled: true, thread_by_date: none}\n")
	a := firing("PoolSaturated")
	am.Put(t.Context(), []alerts.Alert{a})
	box.waitFor(t, 1)
	am.Put(t.Context(), []alerts.Alert{resolved(a)})
	box.waitFor(t, 2)
	am.Put(t.Context(), []alerts.Alert{firing("Other")})
	var threads, ids []string
	for _, l := range box.waitFor(t, 3) {
		r := l.read(t)
		if r.header.Get("References") != r.header.Get("In-Reply-To") {
			t.Errorf("References %q, In-Reply-To %q", r.header.Get("References"), r.header.Get("In-Reply-To"))
		}
		threads = append(threads, r.header.Get("References"))
		ids = append(ids, r.header.Get("Message-Id"))
	}
	if threads[0] == "" || threads[0] != threads[1] || threads[0] == threads[2] {
		t.Errorf("threads %q", threads)
	}
	if slices.Sort(ids); len(slices.Compact(ids)) != 3 {
		t.Errorf("message ids repeat: %q", ids)
	}
}

// TestMailIsTriedAgain refuses once, in ways that end by themselves. (Like
// Alertmanager, Daymark tries again after a 550 as well.)
func TestMailIsTriedAgain(t *testing.T) {
	tests := map[string]struct{ at, reply string }{
		"a grey list":        {"RCPT", "450 4.2.0 grey"},
		"too busy":           {"MAIL", "451 4.3.0 later"},
		"too full":           {".", "452 4.3.1 no space"},
		"no such box, today": {"RCPT", "550 5.1.1 no such user"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := newMailbox(t, func(m *mailbox) {
				times := 0
				m.refuse = func(command string) string {
					if command != tt.at {
						return ""
					}
					if times++; times > 1 {
						return ""
					}
					return tt.reply
				}
			})
			am := startWith(t, "", mailRoute+box.through())
			am.Put(t.Context(), []alerts.Alert{firing("PoolSaturated")})
			box.waitFor(t, 1)
			waitFor(t, "the delivery", func() bool {
				active := am.Active()
				return len(active) == 1 && len(active[0].Deliveries) == 1 && active[0].Deliveries[0].OK
			})
			if failed := am.metric(t, "alertmanager_notification_requests_failed_total", "integration", "email"); failed != 1 {
				t.Errorf("%g failed attempts are counted, want 1", failed)
			}
		})
	}
}

// TestMailSaysWhyItDoesNotArrive has what is shown with the alert.
func TestMailSaysWhyItDoesNotArrive(t *testing.T) {
	tests := map[string]struct {
		change func(*mailbox)
		more   string
		want   string
	}{
		"a wrong password":              {func(m *mailbox) { m.password = "another" }, "", `535 "5.7.8 not known`},
		"a wrong password, the old way": {func(m *mailbox) { m.password, m.mechs = "another", "LOGIN" }, "", `535 "5.7.8 not known`},
		"a server without encryption":   {func(m *mailbox) { m.tls = nil }, "", "does not advertise the STARTTLS extension"},
		"a stranger's certificate":      {func(m *mailbox) { m.ca = "" }, "", "certificate"},
		"no such user":                  {func(m *mailbox) { m.refuse = refuseAll("RCPT", "550 5.1.1 no such user") }, "", `550 "5.1.1 no such user"`},
		"a filter":                      {func(m *mailbox) { m.refuse = refuseAll(".", "554 5.7.1 not wanted here") }, "", `554 "5.7.1 not wanted here"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := newMailbox(t, tt.change)
			through := strings.Replace(box.through(), "auth_password: another", "auth_password: pass-word-1", 1)
			am, logs := startLogged(t, "", mailRoute+through+tt.more)
			am.Put(t.Context(), []alerts.Alert{firing("PoolSaturated")})
			waitFor(t, "the failure", func() bool {
				active := am.Active()
				return len(active) == 1 && len(active[0].Deliveries) == 1
			})
			d := am.Active()[0].Deliveries[0]
			if d.OK || !strings.Contains(d.Error, tt.want) {
				t.Errorf("delivery %+v, want %q in its error", d, tt.want)
			}
			said := d.Error + logs.String() + am.Original()
			for _, secret := range []string{"pass-word-1", "cGFzcy13b3JkLTE=", "AG9wcwBwYXNzLXdvcmQtMQ=="} {
				if strings.Contains(said, secret) {
					t.Errorf("the password is told, as %s: %s", secret, said)
				}
			}
			box.mu.Lock()
			defer box.mu.Unlock()
			if len(box.letters) != 0 || len(box.mistakes) != 0 {
				t.Errorf("letters %v, mistakes %q", box.letters, box.mistakes)
			}
		})
	}
}

func refuseAll(at, reply string) func(string) string {
	return func(command string) string {
		if command == at {
			return reply
		}
		return ""
	}
}
