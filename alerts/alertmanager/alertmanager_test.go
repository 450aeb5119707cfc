package alertmanager

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"daymark/alerts"
)

// atOnce pages without waiting and looks again often.
const atOnce = `
route:
  receiver: pager
  group_by: [job]
  group_wait: 0s
  group_interval: 50ms
  repeat_interval: 24h
receivers:
  - name: pager
    webhook_configs:
      - url: WEBHOOK
        send_resolved: true
`

func TestAlertFiresAndResolvesAtAWebhook(t *testing.T) {
	hook := newWebhook(t)
	am := start(t, t.TempDir(), parsed(t, hook, atOnce))
	a := firing("PoolSaturated", "job", "payment", "empty", "")
	a.GeneratorURL = "http://daymark.example/graph?g0.expr=x"
	am.Put(t.Context(), []alerts.Alert{a})
	waitFor(t, "the page", func() bool { return len(hook.pages()) == 1 })
	got := hook.pages()[0]
	if got.Status != "firing" || !slices.Equal(got.names(), []string{"PoolSaturated"}) {
		t.Errorf("page %+v", got)
	}
	if got.ExternalURL != "http://daymark.example" {
		t.Errorf("external URL %q: a slash at its end would double in links", got.ExternalURL)
	}
	if got.Alerts[0].GeneratorURL != a.GeneratorURL || got.Alerts[0].Annotations["summary"] != "PoolSaturated fires" {
		t.Errorf("alert %+v", got.Alerts[0])
	}
	if _, ok := got.Alerts[0].Labels["empty"]; ok {
		t.Error("a label without a value was sent")
	}
	am.Put(t.Context(), []alerts.Alert{resolved(a)})
	waitFor(t, "the end", func() bool { return len(hook.pages()) == 2 })
	if got := hook.pages()[1]; got.Status != "resolved" {
		t.Errorf("second page %+v", got)
	}
}

func TestAlertsOfAGroupArriveTogether(t *testing.T) {
	hook := newWebhook(t)
	am := start(t, t.TempDir(), parsed(t, hook, strings.Replace(atOnce, "group_wait: 0s", "group_wait: 300ms", 1)))
	am.Put(t.Context(), []alerts.Alert{firing("A", "job", "payment"), firing("B", "job", "payment"), firing("C", "job", "web")})
	waitFor(t, "two pages", func() bool { return len(hook.pages()) == 2 })
	groups := map[string]string{}
	for _, p := range hook.pages() {
		groups[p.GroupLabels["job"]] = strings.Join(p.names(), " ")
	}
	if groups["payment"] != "A B" || groups["web"] != "C" {
		t.Errorf("groups %v", groups)
	}
}

func TestOmittedGroupWaitMeansThirtySeconds(t *testing.T) {
	cfg := parsed(t, newWebhook(t), "route: {receiver: pager}\nreceivers: [{name: pager}]\n")
	next, err := prepare(cfg, nil, discard())
	if err != nil {
		t.Fatal(err)
	}
	if got := next.routes.RouteOpts.GroupWait; got != 30*time.Second {
		t.Errorf("group_wait %s, want 30s", got)
	}
	builtIn, err := prepare(Config{}, nil, discard())
	if err != nil {
		t.Fatal(err)
	}
	if got := builtIn.routes.RouteOpts.GroupWait; got != 0 {
		t.Errorf("group_wait of the built-in route %s, want none", got)
	}
}

func TestSilencedAlertDoesNotPage(t *testing.T) {
	hook := newWebhook(t)
	am := start(t, t.TempDir(), parsed(t, hook, atOnce))
	id := am.silence(t, "alertname", "Quiet")
	am.Put(t.Context(), []alerts.Alert{firing("Quiet", "job", "a"), firing("Loud", "job", "b")})
	waitFor(t, "the other page", func() bool { return len(hook.pages()) == 1 })
	waitFor(t, "both are looked at", func() bool { return len(am.Active()) == 2 })
	for _, a := range am.Active() {
		switch a.Labels.Get("alertname") {
		case "Quiet":
			if a.Status != StatusSuppressed || !slices.Equal(a.SilencedBy, []string{id}) || len(a.Deliveries) != 0 {
				t.Errorf("silenced alert %+v", a)
			}
			if len(a.Silences) != 1 || a.Silences[0].ID != id || a.Silences[0].Author != "test" || a.Silences[0].Comment != "maintenance" || time.Until(a.Silences[0].EndsAt) > time.Hour {
				t.Errorf("silences %+v", a.Silences)
			}
		case "Loud":
			if a.Status != StatusActive || len(a.SilencedBy) != 0 || len(a.Silences) != 0 {
				t.Errorf("other alert %+v", a)
			}
		}
	}
	// When the silence ends, the page comes.
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, "/api/v2/silence/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	if code := am.do(req); code != http.StatusOK {
		t.Fatalf("expire: %d", code)
	}
	waitFor(t, "the page after the silence", func() bool { return len(hook.pages()) == 2 })
	if got := hook.pages()[1].names(); !slices.Equal(got, []string{"Quiet"}) {
		t.Errorf("second page %v", got)
	}
}

func TestInhibition(t *testing.T) {
	hook := newWebhook(t)
	am := start(t, t.TempDir(), parsed(t, hook, atOnce+`
inhibit_rules:
  - source_matchers: [severity = critical]
    target_matchers: [severity = warning]
    equal: [job]
`))
	source := firing("PoolSaturated", "job", "payment", "severity", "critical")
	am.Put(t.Context(), []alerts.Alert{source})
	waitFor(t, "the critical page", func() bool { return len(hook.pages()) == 1 })
	am.Put(t.Context(), []alerts.Alert{
		firing("PoolNearlyFull", "job", "payment", "severity", "warning"),
		firing("DiskFilling", "job", "node", "severity", "warning"),
	})
	waitFor(t, "the warning of the other job", func() bool { return len(hook.pages()) == 2 })
	waitFor(t, "the inhibited alert is known", func() bool { return len(am.Active()) == 3 })
	for _, a := range am.Active() {
		if a.Labels.Get("alertname") != "PoolNearlyFull" {
			continue
		}
		if a.Status != StatusSuppressed || !slices.Equal(a.InhibitedBy, []string{source.Fingerprint()}) {
			t.Errorf("inhibited alert %+v", a)
		}
	}
	for _, p := range hook.pages() {
		if slices.Contains(p.names(), "PoolNearlyFull") {
			t.Errorf("inhibited alert was sent: %+v", p)
		}
	}
}

func TestTimeIntervalMutes(t *testing.T) {
	hook := newWebhook(t)
	am := start(t, t.TempDir(), parsed(t, hook, `
route:
  receiver: pager
  group_wait: 0s
  group_interval: 50ms
  repeat_interval: 24h
  routes:
    - matchers: [job = batch]
      mute_time_intervals: [always]
receivers:
  - name: pager
    webhook_configs: [{url: WEBHOOK}]
time_intervals:
  - name: always
    time_intervals: [{times: [{start_time: "00:00", end_time: "24:00"}]}]
`))
	am.Put(t.Context(), []alerts.Alert{firing("Nightly", "job", "batch"), firing("Loud", "job", "web")})
	waitFor(t, "the page of the other job", func() bool { return len(hook.pages()) == 1 })
	muted := func() (found Active) {
		for _, a := range am.Active() {
			if a.Labels.Get("alertname") == "Nightly" {
				found = a
			}
		}
		return found
	}
	waitFor(t, "the alert is muted", func() bool { return len(muted().MutedBy) > 0 })
	if got := muted(); got.Status != StatusSuppressed || !slices.Equal(got.MutedBy, []string{"always"}) {
		t.Errorf("muted alert %+v", got)
	}
	if n := len(hook.pages()); n != 1 {
		t.Errorf("%d pages, want 1", n)
	}
}

func TestTemplatesLieBesideTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "page.tmpl"), []byte(`{{ define "team" }}team of {{ .CommonLabels.job }}{{ end }}`), 0o600); err != nil {
		t.Fatal(err)
	}
	content := []byte("route: {receiver: x}\nreceivers: [{name: x}]\ntemplates: [page.tmpl]\n")
	conf, err := Parse(content, filepath.Join(dir, "alertmanager.yml"))
	if err != nil {
		t.Fatal(err)
	}
	next, err := prepare(Config{File: conf}, nil, discard())
	if err != nil {
		t.Fatal(err)
	}
	got, err := next.templates.ExecuteTextString(`{{ template "team" . }}`, map[string]any{"CommonLabels": map[string]string{"job": "payment"}})
	if err != nil || got != "team of payment" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestBuiltInRouteShowsPagesAtOnce(t *testing.T) {
	am := start(t, t.TempDir(), Config{})
	if !am.BuiltIn() || am.ConfigFile() != "" {
		t.Error("without a configuration the built-in route is in use")
	}
	a := firing("PoolSaturated", "job", "payment")
	am.Put(t.Context(), []alerts.Alert{a})
	waitFor(t, "the page is shown", func() bool {
		active := am.Active()
		return len(active) == 1 && len(active[0].Deliveries) == 1
	})
	got := am.Active()[0]
	if d := got.Deliveries[0]; d.Receiver != BuiltInReceiver || d.Integration != BuiltInIntegration || !d.OK || d.Firing != 1 {
		t.Errorf("delivery %+v", d)
	}
	if got.Fingerprint != a.Fingerprint() || got.Value != 2.5 || got.State != alerts.Firing || got.Status != StatusActive ||
		!labels.Equal(got.Labels, a.Labels) || !slices.Equal(got.Receivers, []string{BuiltInReceiver}) {
		t.Errorf("active %+v", got)
	}
	am.Put(t.Context(), []alerts.Alert{resolved(a)})
	waitFor(t, "it is gone", func() bool { return len(am.Active()) == 0 })
}

func TestReloadKeepsWhatFiresAndRefusesNonsense(t *testing.T) {
	first, second := newWebhook(t), newWebhook(t)
	am := start(t, t.TempDir(), parsed(t, first, atOnce))
	am.Put(t.Context(), []alerts.Alert{firing("A", "job", "payment")})
	waitFor(t, "the page", func() bool { return len(first.pages()) == 1 })

	broken := parsed(t, first, atOnce)
	broken.File.Templates = []string{filepath.Join(t.TempDir(), "[")}
	if err := am.Apply(broken); err == nil {
		t.Fatal("templates that cannot be read were accepted")
	}
	am.Put(t.Context(), []alerts.Alert{firing("B", "job", "web")})
	waitFor(t, "the old configuration still pages", func() bool { return len(first.pages()) == 2 })

	// The same receiver name: what has been told stays told.
	if err := am.Apply(parsed(t, second, atOnce)); err != nil {
		t.Fatal(err)
	}
	am.Put(t.Context(), []alerts.Alert{firing("C", "job", "db")})
	waitFor(t, "the new configuration pages", func() bool { return len(second.pages()) == 1 })
	if got := second.pages()[0].names(); !slices.Equal(got, []string{"C"}) {
		t.Errorf("after the reload %v was sent", got)
	}
	if len(first.pages()) != 2 || am.BuiltIn() {
		t.Error("the old receiver was told again")
	}
	if err := am.Apply(Config{}); err != nil || !am.BuiltIn() {
		t.Errorf("back to the built-in route: %v", err)
	}
}

func TestReloadLetsPagesOnTheirWayArrive(t *testing.T) {
	hook := newWebhook(t)
	am := start(t, t.TempDir(), parsed(t, hook, atOnce))
	reached, release := make(chan struct{}), make(chan struct{})
	hook.answerWith(func(http.ResponseWriter) { close(reached); <-release })
	am.Put(t.Context(), []alerts.Alert{firing("A", "job", "payment")})
	<-reached
	hook.answerWith(nil)
	applied := make(chan error)
	go func() { applied <- am.Apply(parsed(t, hook, atOnce)) }()
	close(release)
	if err := <-applied; err != nil {
		t.Fatal(err)
	}
	am.Put(t.Context(), []alerts.Alert{firing("B", "job", "web")})
	waitFor(t, "the next page", func() bool { return len(hook.pages()) > 0 })
	if got := hook.pages()[0].names(); !slices.Equal(got, []string{"B"}) {
		t.Errorf("%v was sent again after the reload", got)
	}
}

func TestPutAfterTheEndDoesNothing(t *testing.T) {
	am := start(t, t.TempDir(), Config{})
	am.stop()
	am.Put(t.Context(), []alerts.Alert{firing("Late")})
	if got := am.Active(); len(got) != 0 {
		t.Errorf("active %v", got)
	}
}

func TestTwoInstancesInOneProcess(t *testing.T) {
	hooks := []*webhook{newWebhook(t), newWebhook(t)}
	for _, hook := range hooks {
		am := start(t, t.TempDir(), parsed(t, hook, atOnce))
		am.Put(t.Context(), []alerts.Alert{firing("A", "job", "payment")})
		waitFor(t, "the page", func() bool { return len(hook.pages()) == 1 })
		families, err := am.reg.Gather()
		if err != nil || len(families) < 20 {
			t.Errorf("%d metrics, %v", len(families), err)
		}
	}
}

func TestStatusNamesTheRelease(t *testing.T) {
	am := start(t, t.TempDir(), Config{})
	answer := httptest.NewRecorder()
	am.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/api/v2/status", nil))
	var status struct {
		VersionInfo struct{ Version string } `json:"versionInfo"`
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &status); err != nil {
		t.Fatal(err)
	}
	module, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`github.com/prometheus/alertmanager v(\S+)`).FindSubmatch(module)
	if want == nil || status.VersionInfo.Version != string(want[1]) {
		t.Errorf("version %q, want the %q of go.mod", status.VersionInfo.Version, want)
	}
}
