package alertmanager

import (
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	amconfig "github.com/prometheus/alertmanager/config"
)

// service is the other side of a notifier: it keeps what it is sent.
type service struct {
	*httptest.Server
	requests atomic.Int64
	body     atomic.Pointer[string]
	header   atomic.Pointer[http.Header]
}

func newService(t *testing.T, encrypted bool, answer func(w http.ResponseWriter, r *http.Request, body string)) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		read, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("service: %v", err)
		}
		body := string(read)
		s.requests.Add(1)
		s.body.Store(&body)
		s.header.Store(&r.Header)
		answer(w, r, body)
	}))
	s.Config.ErrorLog = nil
	if encrypted {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// startWith runs an Alertmanager with the configuration, in which BASE stands
// for address.
func startWith(t *testing.T, address, text string) *instance {
	t.Helper()
	return start(t, t.TempDir(), Config{File: parsedFor(t, address, text)})
}

// startLogged is startWith, and keeps all that is logged.
func startLogged(t *testing.T, address, text string) (*instance, *lines) {
	t.Helper()
	logs := &lines{}
	log := slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return startLogging(t, t.TempDir(), Config{File: parsedFor(t, address, text)}, log), logs
}

func parsedFor(t *testing.T, address, text string) *amconfig.Config {
	t.Helper()
	conf, err := Parse([]byte(strings.ReplaceAll(text, "BASE", address)), filepath.Join(t.TempDir(), "alertmanager.yml"))
	if err != nil {
		t.Fatal(err)
	}
	return conf
}

func testOne(t *testing.T, am *instance) Trial {
	t.Helper()
	results, err := am.Test(t.Context(), "pager", "", -1, "Anna")
	if err != nil || len(results) != 1 {
		t.Fatalf("results %+v, error %v", results, err)
	}
	return results[0]
}

func TestTestNotificationBringsTheRealAnswer(t *testing.T) {
	t.Setenv("AWS_CA_BUNDLE", "") // Amazon's library would make a client of its own
	const route = "route: {receiver: pager}\nreceivers:\n- name: pager\n"
	tests := map[string]struct {
		config string
		status int
		reply  string
		ok     bool
		want   string // in the error
	}{
		"a webhook that is content":               {"  webhook_configs: [{url: BASE/hook}]\n", 202, "queued as 17", true, ""},
		"a webhook that refuses":                  {"  webhook_configs: [{url: BASE/hook}]\n", 403, "not you", false, "unexpected status code 403"},
		"PagerDuty refuses the key":               {"  pagerduty_configs: [{url: BASE/v2/enqueue, routing_key: R0123456789}]\n", 400, `{"status":"invalid event","errors":["'routing_key' is invalid"]}`, false, "unexpected status code 400"},
		"Slack says no with 200":                  {"  slack_configs: [{api_url: BASE/services/T1/B2/abcdefgh, channel: '#ops'}]\n", 200, "no_service", false, "no_service"},
		"Opsgenie takes it":                       {"  opsgenie_configs: [{api_url: BASE/, api_key: key-1}]\n", 202, `{"result":"Request will be processed"}`, true, ""},
		"Telegram's library speaks for itself":    {"  telegram_configs: [{api_url: BASE, bot_token: '1:abc', chat_id: 5}]\n", 200, `{"ok":true,"result":{"message_id":1,"date":1,"chat":{"id":5}}}`, true, ""},
		"Amazon's library speaks for itself":      {"  sns_configs: [{api_url: BASE, topic_arn: 'arn:aws:sns:eu-west-1:1:t', sigv4: {region: eu-west-1, access_key: AKIA, secret_key: sssssss}}]\n", 403, `<ErrorResponse><Error><Code>AuthorizationError</Code><Message>not you</Message></Error></ErrorResponse>`, false, "unexpected status code 403: not you"},
		"incident.io asks for a token":            {"  incidentio_configs: [{url: BASE/x, alert_source_token: tttttttt}]\n", 401, "who?", false, "401"},
		"Microsoft Teams, Discord, and the like":  {"  discord_configs: [{webhook_url: BASE/api/webhooks/1/abcdefgh}]\n", 204, "", true, ""},
		"a receiver with everything of the class": {"  msteamsv2_configs: [{webhook_url: BASE/x}]\n", 202, "1", true, ""},
	}
	for name, tt := range tests {
		for _, encrypted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, encrypted %v", name, encrypted), func(t *testing.T) {
				s := newService(t, encrypted, func(w http.ResponseWriter, _ *http.Request, _ string) {
					w.WriteHeader(tt.status)
					_, _ = io.WriteString(w, tt.reply)
				})
				config := route + tt.config
				if encrypted {
					ca := filepath.Join(t.TempDir(), "ca.pem") // the folder's name may hold anything
					block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
					if err := os.WriteFile(ca, block, 0o600); err != nil {
						t.Fatal(err)
					}
					config = "global: {http_config: {tls_config: {ca_file: " + strconv.Quote(ca) + "}}}\n" + config
				}
				got := testOne(t, startWith(t, s.URL, config))
				if got.OK != tt.ok || got.Status != tt.status || got.Answer != tt.reply || !strings.Contains(got.Error, tt.want) || (got.Error == "") != tt.ok {
					t.Errorf("got %+v, want ok %v, status %d, answer %q, error with %q", got, tt.ok, tt.status, tt.reply, tt.want)
				}
				if body := s.body.Load(); body == nil || !strings.Contains(*body, "Test") {
					t.Errorf("the notification does not say that it is a test: %v", body)
				}
			})
		}
	}
}

func TestTestNotificationIsSentAsTheConfigurationSays(t *testing.T) {
	s := newService(t, false, func(w http.ResponseWriter, r *http.Request, _ string) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new", http.StatusTemporaryRedirect)
			return
		}
		user, password, _ := r.BasicAuth()
		fmt.Fprintf(w, "%s %s %s %s", r.URL.Path, user, password, r.Header.Get("X-Team"))
	})
	am := startWith(t, s.URL, `route: {receiver: other}
receivers:
- name: other
- name: pager
  webhook_configs:
  - url: BASE/old
    http_config:
      basic_auth: {username: anna, password: open-sesame}
      http_headers: {X-Team: {values: [blue]}}
`)
	got := testOne(t, am)
	if want := "/new anna <secret> blue"; !got.OK || got.Answer != want {
		t.Errorf("got %+v, want the answer %q", got, want)
	}
	body := *s.body.Load()
	for _, want := range []string{`"receiver":"pager"`, `"alertname":"DaymarkTest"`, `"severity":"info"`, "Anna asked Daymark", `"status":"firing"`, "daymark.example"} {
		if !strings.Contains(body, want) {
			t.Errorf("the notification lacks %s: %s", want, body)
		}
	}
	if list := am.deliveries.newest; len(list) != 0 {
		t.Errorf("a test was recorded as a delivery: %v", list)
	}
}

func TestTestNotificationTellsNoSecret(t *testing.T) {
	const path = "/services/T0000000/B0000000/abcdefghijkl"
	s := newService(t, false, func(w http.ResponseWriter, r *http.Request, body string) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, "%s %s %v %s", r.URL, "http://"+r.Host+r.URL.String(), r.Header, body)
	})
	dir := t.TempDir()
	file := filepath.Join(dir, "key")
	if err := os.WriteFile(file, []byte("from-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	am := startWith(t, s.URL, `global: {http_config: {authorization: {credentials: sesame-1}}}
route: {receiver: pager}
receivers:
- name: pager
  webhook_configs: [{url: 'BASE`+path+`?token=topsecret1'}]
  pagerduty_configs: [{url: BASE/v2/enqueue, routing_key_file: `+file+`}]
  slack_configs: [{api_url: BASE`+path+`, channel: ops}]
  opsgenie_configs: [{api_url: BASE/, api_key: genie-key-1}]
`)
	results, err := am.Test(t.Context(), "pager", "", -1, "Anna")
	if err != nil || len(results) != 4 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	for _, got := range results {
		said := got.Answer + "\n" + got.Error
		for _, secret := range []string{"sesame-1", "topsecret1", "abcdefghijkl", "from-a-file", "genie-key-1"} {
			if strings.Contains(said, secret) {
				t.Errorf("%s tells the secret %s:\n%s", got.Integration, secret, said)
			}
		}
		if got.Status != http.StatusBadRequest || !strings.Contains(got.Answer, hiddenSecret) {
			t.Errorf("%s: %+v", got.Integration, got)
		}
	}
}

func TestTestNotificationSaysWhyThereIsNoAnswer(t *testing.T) {
	gone := httptest.NewServer(nil)
	address := gone.URL
	gone.Close()
	got := testOne(t, startWith(t, address, "route: {receiver: pager}\nreceivers:\n- name: pager\n  webhook_configs: [{url: BASE/very-secret-path}]\n"))
	if got.OK || got.Status != 0 || got.Answer != "" || !strings.Contains(got.Error, "connection refused") || strings.Contains(got.Error, "very-secret") {
		t.Errorf("got %+v", got)
	}
}

func TestTestNotificationAnswerIsCut(t *testing.T) {
	s := newService(t, false, func(w http.ResponseWriter, _ *http.Request, _ string) {
		_, _ = io.WriteString(w, strings.Repeat("ä", 1<<20))
	})
	got := testOne(t, startWith(t, s.URL, "route: {receiver: pager}\nreceivers:\n- name: pager\n  webhook_configs: [{url: BASE}]\n"))
	if !got.OK || got.Answer != strings.Repeat("ä", answerLimit/2) {
		t.Errorf("ok %v, answer of %d bytes, want %d", got.OK, len(got.Answer), answerLimit)
	}
}

// mailServer says reply once it has a message.
func mailServer(t *testing.T, reply string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { listener.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serveMail(textproto.NewConn(conn), reply)
			conn.Close()
		}
	}()
	return listener.Addr().String()
}

func serveMail(c *textproto.Conn, reply string) {
	say := func(line string) { _ = c.PrintfLine("%s", line) }
	say("220 mail.example ready")
	for {
		line, err := c.ReadLine()
		if err != nil {
			return
		}
		switch strings.ToUpper(strings.Fields(line)[0]) {
		case "EHLO":
			say("250 mail.example")
		case "DATA":
			say("354 go on")
			if _, err := c.ReadDotLines(); err != nil {
				return
			}
			say(reply)
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func TestTestNotificationByMailHasTheServersLine(t *testing.T) {
	tests := map[string]struct {
		reply  string
		ok     bool
		status int
	}{
		"taken over":           {"250 queued", true, 250},
		"refused by a filter":  {"550 5.7.1 no such mailbox", false, 550},
		"put off until later ": {"451 4.3.0 try again", false, 451},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			am := startWith(t, mailServer(t, tt.reply), "global: {smtp_smarthost: BASE, smtp_from: daymark@example.com, smtp_require_tls: false}\nroute: {receiver: pager}\nreceivers:\n- name: pager\n  email_configs: [{to: ops@example.com}]\n")
			got := testOne(t, am)
			if got.OK != tt.ok || got.Status != tt.status || !tt.ok && got.Answer != tt.reply {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestOneTestOfAnIntegrationAtATime(t *testing.T) {
	entered, goOn := make(chan struct{}, 2), make(chan struct{})
	s := newService(t, false, func(http.ResponseWriter, *http.Request, string) {
		entered <- struct{}{}
		<-goOn
	})
	am := startWith(t, s.URL, "route: {receiver: pager}\nreceivers:\n- name: pager\n  webhook_configs: [{url: BASE/1}, {url: BASE/2}]\n")
	first := make(chan error, 1)
	go func() { _, err := am.Test(t.Context(), "pager", "webhook", 0, "Anna"); first <- err }()
	<-entered
	if _, err := am.Test(t.Context(), "pager", "", -1, "Ben"); !errors.Is(err, ErrTestRunning) {
		t.Errorf("a second test of the same integration: %v", err)
	}
	other := make(chan error, 1)
	go func() { _, err := am.Test(t.Context(), "pager", "webhook", 1, "Ben"); other <- err }()
	select {
	case <-entered:
	case <-time.After(deadline):
		t.Fatal("another integration waits for the first")
	}
	close(goOn)
	for _, done := range []chan error{first, other} {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if _, err := am.Test(t.Context(), "pager", "", -1, "Ben"); err != nil {
		t.Errorf("after the end of the others: %v", err)
	}
}

func TestTestOfWhatIsNotThere(t *testing.T) {
	am := start(t, t.TempDir(), Config{})
	for _, ask := range [][2]string{{"nobody", ""}, {BuiltInReceiver, "webhook"}} {
		if _, err := am.Test(t.Context(), ask[0], ask[1], 0, "Anna"); !errors.Is(err, ErrNoReceiver) {
			t.Errorf("%v: %v", ask, err)
		}
	}
	results, err := am.Test(t.Context(), BuiltInReceiver, "", -1, "Anna")
	if err != nil || len(results) != 1 || !results[0].OK || results[0].Integration != BuiltInIntegration {
		t.Errorf("the built-in receiver: %+v, %v", results, err)
	}
}

func TestReceiversAreListedWithoutTheirSecrets(t *testing.T) {
	am := startWith(t, "https://hooks.example.com", `route: {receiver: pager, routes: [{receiver: pager, matchers: [a="b"]}]}
receivers:
- name: pager
  webhook_configs: [{url: BASE/secret-a}, {url: 'https://{{ .CommonLabels.x }}/y', send_resolved: false}]
  slack_configs: [{api_url: BASE/secret-b}]
  pagerduty_configs: [{routing_key: secret-c}]
- name: mail
  email_configs: [{to: ops@example.com, smarthost: 'mail:25', from: a@example.com}]
`)
	got := fmt.Sprintf("%+v", am.Receivers())
	want := `[{Name:pager Integrations:[{Name:pagerduty Index:0 SendResolved:true Target:events.pagerduty.com} {Name:slack Index:0 SendResolved:false Target:hooks.example.com} ` +
		`{Name:webhook Index:0 SendResolved:true Target:hooks.example.com} {Name:webhook Index:1 SendResolved:false Target:}] Routes:2} ` +
		`{Name:mail Integrations:[{Name:email Index:0 SendResolved:false Target:ops@example.com}] Routes:0}]`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
