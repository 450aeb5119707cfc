package alertmanager

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"daymark/alerts"
)

// amtool is the real one, unmodified, against our API.
type amtool struct {
	binary, url string
}

// buildAmtool makes the amtool of the Alertmanager version that is linked in.
func buildAmtool(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "amtool")
	cmd := exec.Command("go", "build", "-modfile=.ci/peers.mod", "-o", binary, "github.com/prometheus/alertmanager/cmd/amtool")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath") // as the product is built: most of it is in the cache
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build amtool: %v\n%s", err, out)
	}
	return binary
}

func (a amtool) try(t *testing.T, args ...string) (string, error) {
	t.Helper()
	if a.url != "" {
		args = append([]string{"--alertmanager.url=" + a.url}, args...)
	}
	cmd := exec.Command(a.binary, args...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir()) // no settings of whoever runs the test
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (a amtool) run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := a.try(t, args...)
	if err != nil {
		t.Fatalf("amtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

const routesForAmtool = `
route:
  receiver: team
  group_wait: 0s
  routes:
    - matchers: [service = payment, 'severity =~ "critical|warning"']
      receiver: pager
    - matchers: ["{\"Überlauf\"=\"ja\"}"]
      receiver: chat
receivers:
  - name: team
  - name: pager
    webhook_configs: [{url: WEBHOOK/secret-path}]
  - name: chat
`

func TestAmtool(t *testing.T) {
	binary := buildAmtool(t)
	hook := newWebhook(t)
	am := start(t, t.TempDir(), parsed(t, hook, routesForAmtool))
	web := httptest.NewServer(am.Handler())
	defer web.Close()
	tool := amtool{binary, web.URL}

	am.Put(t.Context(), []alerts.Alert{
		firing("PoolSaturated", "service", "payment", "severity", "critical"),
		firing("DiskFilling", "service", "node"),
	})
	waitFor(t, "the alerts are routed", func() bool { return len(am.Active()) == 2 })

	t.Run("lists alerts", func(t *testing.T) {
		out := tool.run(t, "alert", "query", "--output=json")
		var list []struct {
			Labels    map[string]string
			Receivers []struct{ Name string }
		}
		if err := json.Unmarshal([]byte(out), &list); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		receivers := map[string]string{}
		for _, a := range list {
			receivers[a.Labels["alertname"]] = a.Receivers[0].Name
		}
		if receivers["PoolSaturated"] != "pager" || receivers["DiskFilling"] != "team" {
			t.Errorf("alerts and receivers: %v", receivers)
		}
		if out := tool.run(t, "alert", "query", "service=payment"); !strings.Contains(out, "PoolSaturated") || strings.Contains(out, "DiskFilling") {
			t.Errorf("with a matcher:\n%s", out)
		}
	})

	t.Run("adds, lists and expires a silence", func(t *testing.T) {
		id := strings.TrimSpace(tool.run(t, "silence", "add", "--author=anna", "--comment=upgrade", "--duration=1h", `alertname="PoolSaturated"`, `Überlauf!="ja"`))
		if out := tool.run(t, "silence", "query", "--output=extended"); !strings.Contains(out, id) || !strings.Contains(out, "upgrade") {
			t.Errorf("silences:\n%s", out)
		}
		if out := tool.run(t, "alert", "query"); strings.Contains(out, "PoolSaturated") {
			t.Errorf("silenced alert is listed as active:\n%s", out)
		}
		if out := tool.run(t, "alert", "query", "--silenced"); !strings.Contains(out, "PoolSaturated") {
			t.Errorf("silenced alert is not listed:\n%s", out)
		}
		tool.run(t, "silence", "update", "--duration=2h", id)
		tool.run(t, "silence", "expire", id)
		if out := tool.run(t, "silence", "query", "--quiet"); strings.Contains(out, id) {
			t.Errorf("expired silence is listed:\n%s", out)
		}
		if out := tool.run(t, "silence", "query", "--expired", "--quiet"); !strings.Contains(out, id) {
			t.Errorf("expired silence is forgotten:\n%s", out)
		}
		if out, err := tool.try(t, "silence", "expire", "00000000-0000-0000-0000-000000000000"); err == nil {
			t.Errorf("a silence that does not exist was expired:\n%s", out)
		}
	})

	t.Run("adds an alert", func(t *testing.T) {
		tool.run(t, "alert", "add", "alertname=ByHand", "service=node", "--annotation=summary=hello")
		waitFor(t, "the alert", func() bool {
			return slices.ContainsFunc(am.Active(), func(a Active) bool { return a.Labels.Get("alertname") == "ByHand" })
		})
	})

	t.Run("tests routes of the server", func(t *testing.T) { testRoutes(t, tool) })

	t.Run("tests routes of a file", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "alertmanager.yml")
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(routesForAmtool, "WEBHOOK", hook.URL)), 0o600); err != nil {
			t.Fatal(err)
		}
		testRoutes(t, amtool{binary: binary}, "--config.file="+file)
	})

	t.Run("shows the configuration without its secrets", func(t *testing.T) {
		if out := tool.run(t, "config", "show"); strings.Contains(out, "secret-path") || !strings.Contains(out, "receiver: pager") {
			t.Errorf("configuration:\n%s", out)
		}
		if out := tool.run(t, "cluster", "show"); !strings.Contains(out, "disabled") {
			t.Errorf("cluster:\n%s", out)
		}
	})

	t.Run("works on the built-in route", func(t *testing.T) {
		if err := am.Apply(Config{}); err != nil {
			t.Fatal(err)
		}
		if out := tool.run(t, "config", "routes", "test", "alertname=A"); strings.TrimSpace(out) != BuiltInReceiver {
			t.Errorf("receivers: %s", out)
		}
	})
}

// testRoutes asks amtool which receivers labels lead to.
func testRoutes(t *testing.T, tool amtool, flags ...string) {
	t.Helper()
	tests := map[string][]string{
		"pager": {"service=payment", "severity=critical"},
		"team":  {"service=payment", "severity=info"},
		"chat":  {"Überlauf=ja"},
	}
	for want, ls := range tests {
		args := append([]string{"config", "routes", "test", "--verify.receivers=" + want}, flags...)
		if got := strings.TrimSpace(tool.run(t, append(args, ls...)...)); got != want {
			t.Errorf("%v lead to %q, want %q", ls, got, want)
		}
	}
	if out, err := tool.try(t, append(append([]string{"config", "routes", "test", "--verify.receivers=pager"}, flags...), "service=node")...); err == nil {
		t.Errorf("the wrong receiver was accepted:\n%s", out)
	}
}
