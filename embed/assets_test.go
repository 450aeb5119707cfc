package assets

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/rulefmt"
	"go.yaml.in/yaml/v3"
)

// TestRulePacksPassTheirTests runs every rule test of embed/rules/tests with
// the real promtool.
func TestRulePacksPassTheirTests(t *testing.T) {
	promtool := build(t, "github.com/prometheus/prometheus/cmd/promtool")
	tests, err := filepath.Glob("rules/tests/*_test.yml")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no rule tests found: %v", err)
	}
	packs, err := filepath.Glob("rules/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, pack := range packs {
		name := strings.TrimSuffix(filepath.Base(pack), ".yml")
		if !slices.Contains(tests, filepath.Join("rules", "tests", name+"_test.yml")) {
			t.Errorf("rule pack %s has no test", name)
		}
	}
	for _, args := range [][]string{append([]string{"check", "rules"}, packs...), append([]string{"test", "rules"}, tests...)} {
		if out, err := exec.Command(promtool, args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// TestAlertsSayWhatTheyMean holds each alert of each pack to what pages show:
// how bad it is, what it is, and what to do about it.
func TestAlertsSayWhatTheyMean(t *testing.T) {
	packs, err := Sub("rules")
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(packs, "*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no rule packs embedded: %v", err)
	}
	for _, file := range files {
		content, err := fs.ReadFile(packs, file)
		if err != nil {
			t.Fatal(err)
		}
		var groups rulefmt.RuleGroups
		if err := yaml.Unmarshal(content, &groups); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, group := range groups.Groups {
			for _, rule := range group.Rules {
				checkAlert(t, file, rule)
			}
		}
	}
}

func checkAlert(t *testing.T, file string, rule rulefmt.Rule) {
	t.Helper()
	if rule.Alert == "" {
		if !strings.HasPrefix(rule.Record, "daymark:") {
			t.Errorf("%s: %s: recorded series of packs begin with daymark:, so that they meet no other", file, rule.Record)
		}
		return
	}
	if !slices.Contains([]string{"critical", "warning", "info"}, rule.Labels["severity"]) {
		t.Errorf("%s: %s: severity %q", file, rule.Alert, rule.Labels["severity"])
	}
	if pack := strings.TrimSuffix(file, ".yml"); rule.Labels["pack"] != pack {
		t.Errorf("%s: %s: pack %q", file, rule.Alert, rule.Labels["pack"])
	}
	for _, annotation := range []string{"summary", "description"} {
		if rule.Annotations[annotation] == "" {
			t.Errorf("%s: %s: no %s", file, rule.Alert, annotation)
		}
	}
	if strings.Contains(rule.Annotations["summary"], "\n") {
		t.Errorf("%s: %s: the summary is longer than a line", file, rule.Alert)
	}
	if rule.KeepFiringFor == 0 {
		t.Errorf("%s: %s: without keep_firing_for it flaps around its threshold", file, rule.Alert)
	}
}

func TestUIIsEmbedded(t *testing.T) {
	ui, err := Sub("ui")
	if err != nil {
		t.Fatal(err)
	}
	if page, err := fs.ReadFile(ui, "index.html"); err != nil || len(page) == 0 {
		t.Errorf("index.html: %d bytes, %v", len(page), err)
	}
}

func TestSubRefusesAFolderThatIsNotThere(t *testing.T) {
	if _, err := Sub("nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v, want one that is fs.ErrNotExist", err)
	}
}

// build makes one of the pinned programs that we are tested against.
func build(t *testing.T, program string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), filepath.Base(program))
	cmd := exec.Command("go", "build", "-modfile=.ci/peers.mod", "-tags=remove_all_sd,enable_kubernetes_sd", "-o", binary, program)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath") // as the product is built: most of it is in the cache
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", program, err, out)
	}
	return binary
}
