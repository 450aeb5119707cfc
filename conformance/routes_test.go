package conformance

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// routes is the alertmanager.yml of both: HOOK stands for the address that the
// pages go to. Alerts of rules go by their name, those that a test posts by
// their label `to`.
const routes = `
global: {resolve_timeout: 2s}
route:
  receiver: nobody
  group_by: [alertname]
  group_wait: 1500ms
  group_interval: 1s
  repeat_interval: 1h
  routes:
  - {matchers: [alertname = OfSeries], receiver: all, continue: true}
  - {matchers: ['alertname =~ "OfSeries|AtOnce"'], receiver: single, group_by: ['...'], continue: true}
  - {matchers: [alertname = OfSeries], receiver: chat, group_by: [job], continue: true}
  - {matchers: [alertname = OfSeries], receiver: pager, group_by: [alertname, pool], continue: true}
  - {matchers: [alertname = AtOnce], receiver: firing_only}
  - {matchers: [alertname = KeepsFiring], receiver: muted, mute_time_intervals: [always]}
  - {matchers: [alertname = ForAndKeep], receiver: inactive, active_time_intervals: [never]}
  - {matchers: [alertname = FlapsKept], receiver: silenced}
  - {matchers: [alertname = AfterAWhile], receiver: inhibited}
  - {matchers: [alertname = Missing], receiver: all}
  - {matchers: [alertname = Templates], receiver: all}
  - matchers: ['to != ""']
    receiver: hand
    group_by: [alertname, "ü 🚀"]
    routes:
    - {matchers: [to = every], receiver: every, group_by: []}
    - {matchers: [to = two], receiver: first, continue: true}
    - {matchers: [to =~ "tw.", 'team != a'], receiver: second}
    - {match: {to: old}, receiver: first}
    - {match_re: {to: "o.+"}, receiver: second}
    - {matchers: [to = repeat], receiver: repeat, repeat_interval: 1s}
    - {matchers: [to = flaky], receiver: flaky}
    - {matchers: [to = muted], receiver: muted, mute_time_intervals: [never, always]}
    - {matchers: [to = weekday], receiver: hand, active_time_intervals: [never, always]}
    - {matchers: [to = firing_only], receiver: firing_only}
    - {matchers: [to = many], receiver: many, group_by: [alertname]}
inhibit_rules:
- {source_matchers: [alertname = AbsentOverTime], target_matchers: [alertname = AfterAWhile]}
- {source_matchers: [severity = critical], target_matchers: [severity =~ "warning|info"], equal: [service]}
- {source_match: {alertname: Down}, target_match_re: {alertname: "Do.+"}, equal: [host]}
time_intervals:
- {name: always, time_intervals: [{times: [{start_time: "00:00", end_time: "24:00"}]}]}
- {name: never, time_intervals: [{years: ["1999"], location: Europe/Berlin}]}
templates: [TEMPLATES]
receivers:
- {name: nobody}
- {name: all, webhook_configs: [{url: HOOK/all}]}
- {name: single, webhook_configs: [{url: HOOK/single, max_alerts: 1}]}
- {name: firing_only, webhook_configs: [{url: HOOK/firing_only, send_resolved: false}]}
- {name: muted, webhook_configs: [{url: HOOK/muted}]}
- {name: inactive, webhook_configs: [{url: HOOK/inactive}]}
- {name: silenced, webhook_configs: [{url: HOOK/silenced}]}
- {name: inhibited, webhook_configs: [{url: HOOK/inhibited}]}
- name: chat
  slack_configs: [{api_url: HOOK/chat, channel: "#ops", send_resolved: true, title: '{{ template "own.title" . }}', text: '{{ range .Alerts }}{{ .Annotations.summary }} {{ end }}{{ .CommonLabels.SortedPairs }} {{ .ExternalURL }}', fields: [{title: x, value: "{{ .GroupLabels.job }}"}]}]
- name: pager
  pagerduty_configs: [{url: HOOK/pager, routing_key: abc, details: {own: "{{ .Alerts.Firing | len }}"}}]
- {name: hand, webhook_configs: [{url: 'HOOK/hand/{{ .GroupLabels.alertname }}', http_config: {authorization: {credentials: "s3cret"}, http_headers: {X-Own: {values: [a]}}}}]}
- {name: first, webhook_configs: [{url: HOOK/first}, {url: HOOK/first_again, http_config: {basic_auth: {username: u, password: p}}}]}
- {name: second, webhook_configs: [{url: HOOK/second}]}
- {name: repeat, webhook_configs: [{url: HOOK/repeat}]}
- {name: flaky, webhook_configs: [{url: HOOK/flaky}]}
- {name: many, webhook_configs: [{url: HOOK/many, max_alerts: 2}]}
- name: every
  webhook_configs:
  - {url: HOOK/every, payload: {own: '{{ template "own.title" . }}', list: ['{{ .Receiver }}', 7, true], nested: {a: '{{ .Alerts | len }}'}}}
  slack_configs: [{api_url: HOOK/chat/defaults, send_resolved: true, actions: [{type: button, text: "{{ .Status }}", url: "{{ .ExternalURL }}"}]}]
  pagerduty_configs: [{url: HOOK/pager/2, send_resolved: true, routing_key: abc, severity: '{{ .CommonLabels.severity }}', class: c, component: '{{ .GroupLabels.alertname }}', group: g, client: c, client_url: "http://x/", links: [{href: "http://x/{{ .Status }}", text: t}], images: [{href: "http://x/", src: "http://x/", alt: a}]}]
  opsgenie_configs: [{api_url: HOOK/opsgenie, api_key: k, send_resolved: true, priority: '{{ if eq .CommonLabels.severity "critical" }}P1{{ end }}', tags: 'a,{{ .Status }}', responders: [{name: x, type: team}], details: {own: "{{ .CommonLabels.to }}"}}]
  victorops_configs: [{api_url: HOOK/victorops/, api_key: k, routing_key: r, send_resolved: true, custom_fields: {own: "{{ .Status }}"}}]
  discord_configs: [{webhook_url: HOOK/discord, send_resolved: true}]
  msteams_configs: [{webhook_url: HOOK/msteams, send_resolved: true}]
  msteamsv2_configs: [{webhook_url: HOOK/msteamsv2, send_resolved: true}]
  mattermost_configs: [{webhook_url: HOOK/mattermost, channel: c, send_resolved: true}]
  rocketchat_configs: [{api_url: HOOK/rocketchat, token_id: i, token: t, channel: c, send_resolved: true}]
  telegram_configs: [{api_url: HOOK/telegram, bot_token: t, chat_id: 7, send_resolved: true}]
  incidentio_configs: [{url: HOOK/incidentio, alert_source_token: t, send_resolved: true}]
  webex_configs: [{api_url: HOOK/webex, room_id: r, send_resolved: true, http_config: {authorization: {credentials: t}}}]
`

const templates = `{{ define "own.title" }}{{ .Status | toUpper }} {{ .Alerts.Firing | len }} <{{ .CommonLabels.alertname }}>{{ end }}`

// alertPair is Daymark with its Alertmanager inside, beside a Prometheus that
// sends to an Alertmanager of its own.
type alertPair struct {
	pair
	alertmanagers     pair // the two that answer /api/v2
	toDaymark, toPeer *pages
	dir               string
	began             time.Time // when the clock of the rules is 0
	restart           func(*testing.T)
}

func startAlertPair(t *testing.T) *alertPair {
	t.Helper()
	buildPair(t)
	if _, err := buildAlertmanager(); err != nil {
		t.Fatal(err)
	}
	a := &alertPair{dir: t.TempDir(), toDaymark: startPages(t), toPeer: startPages(t)}
	template := writeFile(t, a.dir, "own.tmpl", templates)
	routing := func(name string, to *pages) string {
		return writeFile(t, a.dir, name, strings.NewReplacer("HOOK", to.URL, "TEMPLATES", template).Replace(routes))
	}
	inside, peers := routing("inside.yml", a.toDaymark), routing("peer.yml", a.toPeer)
	alertmanager := startAlertmanager(t, "--config.file="+peers, "--storage.path="+filepath.Join(a.dir, "am"), "--web.external-url=http://metrics.example/", "--web.route-prefix=/")

	head := "global: {evaluation_interval: 1s, external_labels: {zone: eu}}\nrule_files: [" + a.dir + "/rules*.yml]\n"
	config := writeFile(t, a.dir, "daymark.yml", head)
	peer := writeFile(t, a.dir, "prometheus.yml", head+"alerting: {alertmanagers: [{static_configs: [{targets: ['"+strings.TrimPrefix(alertmanager.url, "http://")+"']}]}]}\n")
	a.restart = func(t *testing.T) {
		flags := []string{"--web.external-url=http://metrics.example/", "--web.enable-remote-write-receiver", "--web.enable-lifecycle", "--rules.alert.resend-delay=1s", "--rules.alert.for-grace-period=3s", "--enable-feature=native-histograms"}
		a.daymark = startDaymark(t, append(flags, "--config.file="+config, "--alertmanager.config.file="+inside, "--storage.tsdb.path="+filepath.Join(a.dir, "d"))...)
		a.prometheus = startPrometheus(t, append(flags, "--config.file="+peer, "--storage.tsdb.path="+filepath.Join(a.dir, "p"))...)
		a.alertmanagers = pair{daymark: a.daymark, prometheus: alertmanager}
	}
	a.restart(t)
	return a
}
