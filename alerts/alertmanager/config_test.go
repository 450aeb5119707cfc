package alertmanager

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/client_golang/prometheus"

	"daymark/alerts/yamlerr"
	"daymark/storage/sqlite"
)

func TestParseSaysWhatIsWrongAndWhere(t *testing.T) {
	tests := map[string]struct{ content, want string }{
		"an unknown key": {
			"route:\n  reciever: x\nreceivers:\n- name: x\n",
			`am.yml:2:3: unknown key "reciever" (did you mean "receiver"?)`,
		},
		"unknown keys, deep and several": {
			"route:\n  receiver: x\n  routes:\n  - matcher: [a=b]\nreceivers:\n- name: x\n  webhook_config:\n  - url: http://h\nglobel: {}\n",
			"am.yml:4:5: unknown key \"matcher\" (did you mean \"matchers\"?)\n" +
				"am.yml:7:3: unknown key \"webhook_config\" (did you mean \"webhook_configs\"?)\n" +
				"am.yml:9:1: unknown key \"globel\" (did you mean \"global\"?)",
		},
		"a key of a receiver": {
			"route: {receiver: x}\nreceivers:\n- name: x\n  webhook_configs:\n  - url: http://h\n    send_resolve: true\n",
			`am.yml:6:5: unknown key "send_resolve" (did you mean "send_resolved"?)`,
		},
		"a value of the wrong kind":      {"route: [a]\n", "am.yml:1: cannot unmarshal !!seq into config.plain"},
		"no YAML at all":                 {"route: {receiver: x\n", "am.yml:1: did not find expected ',' or '}'"},
		"a receiver that is not defined": {"route: {receiver: nobody}\n", `am.yml: undefined receiver "nobody" used in route`},
		"nothing":                        {"", "am.yml: no route provided in config"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(tc.content), "am.yml")
			if err == nil {
				t.Fatal("accepted")
			}
			if err.Error() != tc.want {
				t.Errorf("got  %s\nwant %s", err, tc.want)
			}
			var mistake *yamlerr.Error
			if !errors.As(err, &mistake) || mistake.File != "am.yml" {
				t.Errorf("%#v is no *yamlerr.Error", err)
			}
		})
	}
}

func TestPathsAreRelativeToTheFile(t *testing.T) {
	dir := t.TempDir()
	conf, err := Parse([]byte(`
global:
  http_config: {tls_config: {ca_file: ca.pem}}
route: {receiver: x}
receivers:
  - name: x
    webhook_configs:
      - url: http://h
      - url: http://h
        http_config: {basic_auth: {username: u, password_file: secret/password}}
    incidentio_configs:
      - url: http://h
        http_config: {authorization: {credentials_file: token}}
    email_configs: [{to: a@example.com, from: b@example.com, smarthost: "mail:25"}]
templates: ['*.tmpl', /etc/page.tmpl]
`), filepath.Join(dir, "am.yml"))
	if err != nil {
		t.Fatal(err)
	}
	got := []string{
		conf.Global.HTTPConfig.TLSConfig.CAFile,
		conf.Receivers[0].WebhookConfigs[0].HTTPConfig.TLSConfig.CAFile,
		conf.Receivers[0].WebhookConfigs[1].HTTPConfig.BasicAuth.PasswordFile,
		conf.Receivers[0].IncidentioConfigs[0].HTTPConfig.Authorization.CredentialsFile,
		conf.Templates[0],
		conf.Templates[1],
	}
	want := []string{"ca.pem", "ca.pem", "secret/password", "token", "*.tmpl", "/etc/page.tmpl"}
	for i := range want {
		if !filepath.IsAbs(want[i]) {
			want[i] = filepath.Join(dir, want[i])
		}
		if got[i] != want[i] {
			t.Errorf("path %d: got %s, want %s", i, got[i], want[i])
		}
	}
}

// everyReceiver uses each kind of receiver that Alertmanager has.
const everyReceiver = `
global:
  smtp_from: a@example.com
  smtp_smarthost: mail.example.com:25
  slack_api_url: https://hooks.slack.example/x
  opsgenie_api_key: key
  wechat_api_secret: secret
  wechat_api_corp_id: corp
  victorops_api_key: key
route: {receiver: all}
receivers:
  - name: all
    webhook_configs: [{url: "http://hook.example"}]
    email_configs: [{to: b@example.com}]
    pagerduty_configs: [{routing_key: key}]
    opsgenie_configs: [{}]
    wechat_configs: [{to_user: all}]
    slack_configs: [{channel: "#ops"}]
    victorops_configs: [{routing_key: key}]
    pushover_configs: [{user_key: user, token: token}]
    sns_configs: [{topic_arn: "arn:aws:sns:eu-west-1:1:x", sigv4: {region: eu-west-1, access_key: a, secret_key: b}}]
    telegram_configs: [{bot_token: token, chat_id: 1}]
    discord_configs: [{webhook_url: "http://discord.example"}]
    webex_configs: [{room_id: room, http_config: {authorization: {credentials: c}}}]
    msteams_configs: [{webhook_url: "http://teams.example"}]
    msteamsv2_configs: [{webhook_url: "http://teams.example"}]
    jira_configs: [{api_url: "http://jira.example", project: P, issue_type: Bug, http_config: {basic_auth: {username: u, password: p}}}]
    incidentio_configs: [{url: "http://incident.example", alert_source_token: token}]
    rocketchat_configs: [{token_id: id, token: token, channel: "#ops", api_url: "http://rocket.example"}]
    mattermost_configs: [{webhook_url: "http://mattermost.example"}]
`

func TestEveryReceiverIsBuilt(t *testing.T) {
	conf, err := Parse([]byte(everyReceiver), "am.yml")
	if err != nil {
		t.Fatal(err)
	}
	next, err := prepare(Config{File: conf}, nil, discard())
	if err != nil {
		t.Fatal(err)
	}
	kinds := 0
	yamlerr.Fields(reflect.TypeFor[amconfig.Receiver](), func(name string, _ reflect.Type) {
		if strings.HasSuffix(name, "_configs") {
			kinds++
		}
	})
	if got := len(next.receivers["all"]); got != kinds {
		t.Errorf("%d integrations built of the %d kinds that Alertmanager has", got, kinds)
	}
}

func TestNewRefusesWhatItCannotDo(t *testing.T) {
	missingTemplate := Config{}
	conf, err := Parse([]byte("route: {receiver: x}\nreceivers:\n- name: x\n  webhook_configs: [{url: 'http://h', http_config: {tls_config: {ca_file: gone.pem}}}]\n"), "am.yml")
	if err != nil {
		t.Fatal(err)
	}
	missingTemplate.File = conf
	if err := missingTemplate.Validate(discard()); err == nil || !strings.Contains(err.Error(), `receiver "x"`) {
		t.Errorf("Validate: %v", err)
	}

	dir := t.TempDir()
	db, err := sqlite.Open(filepath.Join(dir, "daymark.db"), discard())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := os.WriteFile(filepath.Join(dir, "silences"), []byte("this is no snapshot"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Config{DataPath: dir}, db, discard(), prometheus.NewRegistry()); err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "silences")) {
		t.Errorf("damaged silences: %v", err)
	}
}

func TestLinksHaveOneSlash(t *testing.T) {
	for _, given := range []string{"http://h:1/", "http://h:1", "http://h/daymark/"} {
		u, err := url.Parse(given)
		if err != nil {
			t.Fatal(err)
		}
		if got := withoutSlash(u).String(); got != strings.TrimRight(given, "/") {
			t.Errorf("%s became %s", given, got)
		}
	}
}
