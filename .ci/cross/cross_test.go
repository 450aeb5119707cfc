package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckSeesTheFilesOfOtherSystems(t *testing.T) {
	files := map[string]string{
		"go.mod":           "module example\n\ngo 1.26\n",
		"main.go":          "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(where()) }\n",
		"where_linux.go":   "package main\n\nfunc where() string { return \"linux\" }\n",
		"where_windows.go": "package main\n\nfunc where() (string, error) { return \"windows\", 7 }\n",
		"where_darwin.go":  "package main\n\nimport _ \"example/none\"\n\nfunc where() string { return \"darwin\" }\n",
		"where_js.go":      "package main\n\nfunc where() string { return }\n",
	}
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	t.Setenv("GOFLAGS", "")

	if n, err := check("linux/arm64"); err != nil || n < 10 {
		t.Errorf("linux: %d packages, %v", n, err)
	}
	for system, want := range map[string]string{
		"windows/amd64": "where_windows.go:3:",
		"js/wasm":       "where_js.go:3:",
		"freebsd/amd64": "undefined: where",
		"darwin/arm64":  "go list",
		"plan9":         "want os/arch",
	} {
		if _, err := check(system); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want it to say %q", system, err, want)
		}
	}
}
