package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// silent is where tests send logs that they do not read.
func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }

// writeFile puts content into dir and returns the path.
func writeFile(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMistakesNameFileLineAndNearestKey(t *testing.T) {
	tests := map[string]struct{ content, want string }{
		"a misspelt key of Prometheus's": {
			"global:\n  scrape_intervall: 5s\n",
			`daymark.yml:2:3: unknown key "scrape_intervall" (did you mean "scrape_interval"?)`,
		},
		"a misspelt section": {
			"scrape_config:\n  - job_name: a\n",
			`daymark.yml:1:1: unknown key "scrape_config" (did you mean "scrape_configs"?)`,
		},
		"a key inside a discovery": {
			"scrape_configs:\n  - job_name: a\n    static_configs:\n      - target: [a:1]\n",
			`daymark.yml:4: unknown key "target" (did you mean "targets"?)`,
		},
		"a misspelt section of Daymark's": {
			"global: {}\nhosts: true\n",
			`daymark.yml:2:1: unknown key "hosts" (did you mean "host"?)`,
		},
		"a misspelt key of Daymark's, after one of Prometheus's": {
			"global:\n  scrape_interval: 5s\nlimits:\n  scrape:\n    sample: 5\n",
			`daymark.yml:5:5: unknown key "sample" (did you mean "samples"?)`,
		},
		"a mistake in Prometheus's part keeps its line below Daymark's": {
			"host: true\nlimits:\n  live:\n    watches: 5\nglobal:\n  scrape_intervall: 5s\n",
			`daymark.yml:6:3: unknown key "scrape_intervall"`,
		},
		"a value that is none": {
			"global:\n  scrape_interval: often\n",
			`daymark.yml: not a valid duration string: "often"`,
		},
		"a discovery that the binary does not carry": {
			"scrape_configs:\n  - job_name: a\n    consul_sd_configs: []\n",
			`daymark.yml:3:5: service discovery "consul" is not part of Daymark; it has dns_sd_configs`,
		},
		"a mistake in the inline Alertmanager section": {
			"global: {}\nalertmanager:\n  route:\n    receiver: a\n    group_wate: 5s\n  receivers: [{name: a}]\n",
			`daymark.yml:5:3: unknown key "group_wate" (did you mean "group_wait"?)`,
		},
		"a pack setting that does not exist": {
			"packs: always\n", `daymark.yml: packs: "always": must be "auto" or "off"`,
		},
		"exporters that are neither on nor off": {
			"global: {}\nexporters: [9100]\n", "daymark.yml:2",
		},
		"two Alertmanager configurations": {
			"alertmanager_file: a.yml\nalertmanager: {route: {receiver: a}, receivers: [{name: a}]}\n",
			"alertmanager and alertmanager_file exclude each other",
		},
		"no mapping at all": {"- a\n", "daymark.yml:1: a configuration file is a mapping of sections"},
		"no YAML at all":    {"a: [\n", "daymark.yml:"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := writeFile(t, t.TempDir(), "daymark.yml", tt.content)
			_, err := readFile(path, "", silent())
			if err == nil {
				t.Fatalf("no error, want %s", tt.want)
			}
			if got := strings.ReplaceAll(err.Error(), path, "daymark.yml"); !strings.Contains(got, tt.want) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestDaymarkSectionsStandBesidePrometheusOnes(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, dir, "alerting.yml", "route: {receiver: team}\nreceivers: [{name: team}]\n")
	path := writeFile(t, dir, "daymark.yml", `# a comment
global:
  scrape_interval: 7s
host: true
limits:
  scrape:
    samples: 12
    body_size: 3MiB
alertmanager_file: alerting.yml
scrape_configs:
  - job_name: a
    static_configs: [{targets: ["127.0.0.1:1"]}]
web: {allowed_hosts: [status.example]}
packs: auto
`)
	f, err := readFile(path, "", silent())
	if err != nil {
		t.Fatal(err)
	}
	if got := time.Duration(f.prometheus.ScrapeConfigs[0].ScrapeInterval); got != 7*time.Second {
		t.Errorf("scrape interval %s, want 7s", got)
	}
	if got := f.alerting.File.Receivers[0].Name; got != "team" {
		t.Errorf("receiver %q, want team", got)
	}
	if !f.own.Host || f.own.Self || f.own.Packs != packsAuto {
		t.Errorf("host %t, self %t, packs %q", f.own.Host, f.own.Self, f.own.Packs)
	}
	if l := f.own.Limits.Scrape; l == nil || l.Samples != 12 || l.BodySize != 3<<20 {
		t.Errorf("limits %+v", l)
	}
	if diff := cmp.Diff([]string{"status.example"}, f.own.Web.AllowedHosts); diff != "" {
		t.Error(diff)
	}
}

// TestExportersAreLookedForWhereAsked: nothing is probed once a configuration
// file exists, unless it says so.
func TestExportersAreLookedForWhereAsked(t *testing.T) {
	written := func(content string) string {
		return writeFile(t, t.TempDir(), "daymark.yml", content)
	}
	tests := map[string]struct {
		path string
		want bool
	}{
		"no file":            {"", true},
		"a file without it":  {written("global: {}\nhost: true\n"), false},
		"an empty file":      {written(""), false},
		"a file that asks":   {written("global: {}\nexporters: true\n"), true},
		"a file that denies": {written("exporters: false\n"), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := readFile(tt.path, "", silent())
			if err != nil {
				t.Fatal(err)
			}
			if got := (&options{}).collector(f, nil).Exporters.Probe; got != tt.want {
				t.Errorf("looked for: %t, want %t", got, tt.want)
			}
		})
	}
}

func TestInlineAlertmanagerMayBeWrittenInAnyStyle(t *testing.T) {
	tests := map[string]string{
		"block": `
alertmanager:
  # a comment that hangs
# and one at the edge
  route:
    receiver: team
  receivers:
    - name: team
      webhook_configs:
        - url: http://127.0.0.1:1/
          send_resolved: false
global: {}
`,
		"flow": "alertmanager: {route: {receiver: team}, receivers: [{name: team, webhook_configs: [{url: 'http://127.0.0.1:1/'}]}]}\n",
		"whole file in flow": `{global: {scrape_interval: 5s}, alertmanager: {route: {receiver: team},
  receivers: [{name: team, webhook_configs: [{url: 'http://127.0.0.1:1/'}]}]}}`,
	}
	for name, content := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := readFile(writeFile(t, t.TempDir(), "daymark.yml", content), "", silent())
			if err != nil {
				t.Fatal(err)
			}
			if n := len(f.alerting.File.Receivers[0].WebhookConfigs); n != 1 {
				t.Errorf("%d webhooks, want 1", n)
			}
		})
	}
}

func TestWithoutAFileThisMachineRunsEverySecond(t *testing.T) {
	f, err := readFile("", "", silent())
	if err != nil {
		t.Fatal(err)
	}
	if !f.own.Host || !f.own.Self || f.own.Packs != packsAuto {
		t.Errorf("host %t, self %t, packs %q: want all on", f.own.Host, f.own.Self, f.own.Packs)
	}
	if got := time.Duration(f.prometheus.GlobalConfig.ScrapeInterval); got != time.Second {
		t.Errorf("scrape interval %s, want 1s", got)
	}
	kept := f.prometheus.StorageConfig.TSDBConfig.Retention
	if time.Duration(kept.Time) != 15*24*time.Hour || kept.Size != 5<<30 {
		t.Errorf("retention %v and %v, want 15d and 5 GiB", kept.Time, kept.Size)
	}
}

func TestWithAFileNothingOfOursRunsUnasked(t *testing.T) {
	f, err := readFile(writeFile(t, t.TempDir(), "prometheus.yml", "global: {}\n"), "", silent())
	if err != nil {
		t.Fatal(err)
	}
	if f.own.Host || f.own.Self || f.own.Packs != packsOff || f.alerting.File != nil {
		t.Errorf("host %t, self %t, packs %q: want all off", f.own.Host, f.own.Self, f.own.Packs)
	}
}
