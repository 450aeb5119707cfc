package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// oldestNode is the oldest version that the UI's tools run on, as the engines
// of ui/web/package.json have it.
const oldestNode = "20.19"

// steps lists what must pass. Compiling with the product's settings comes
// first, because vet and the linter then find everything in the build cache.
func steps(top string) []step {
	var (
		web     = filepath.Join(top, "ui", "web")
		binary  = filepath.Join(top, "daymark")
		linter  = []string{"go", "tool", "-modfile=.ci/tools.mod", "golangci-lint", "run", "-c", ".ci/golangci.yml"}
		product = []string{"CGO_ENABLED=0", "GOFLAGS=" + strings.TrimSpace(os.Getenv("GOFLAGS")+" -trimpath")}
	)
	sh := func(dir string, env []string, line ...string) func(context.Context, *output) error {
		return func(ctx context.Context, out *output) error {
			cmd := command(ctx, dir, env, line[0], line[1:]...)
			cmd.Stdout, cmd.Stderr = out, out
			return cmd.Run()
		}
	}
	return []step{
		{name: "tools", do: tools},
		{name: "programs to test with", after: []string{"tools"}, do: sh(top, nil, "sh", ".ci/packages")},
		{name: "npm packages", after: []string{"tools"}, quiet: true, do: sh(web, nil, "npm", "ci", "--no-audit", "--no-fund")},

		{name: "build", after: []string{"tools"}, do: sh(top, product, "go", "build", "-ldflags=-s -w", "-o", binary, ".")},
		{name: "other systems", after: []string{"build"}, do: sh(top, nil, "go", "run", "./.ci/cross", "linux/arm64", "darwin/arm64", "windows/amd64")},
		{name: "vet", after: []string{"build"}, behind: []string{"other systems"}, do: sh(top, product, append([]string{"go", "vet"}, everything...)...)},
		{name: "lint", after: []string{"build"}, behind: []string{"vet"}, do: sh(top, product, append(linter, everything...)...)},

		{name: "benchmark's tests", after: []string{"build"}, behind: []string{"lint"}, do: sh(filepath.Join(top, "bench"), product, "go", "test", "./...")},

		{name: "ui lint", after: []string{"npm packages"}, quiet: true, do: sh(web, nil, "npm", "run", "lint")},
		{name: "ui types", after: []string{"npm packages"}, behind: []string{"ui lint"}, quiet: true, do: sh(web, nil, "npm", "run", "types")},
		{name: "ui tests", after: []string{"npm packages"}, behind: []string{"ui types"}, do: sh(web, []string{"CI=1"}, "npm", "test")},
		{name: "ui build is committed", after: []string{"npm packages"}, behind: []string{"ui tests"}, do: sh(top, nil, "go", "run", "./.ci/ui", "-compare")},
		{name: "ui size", after: []string{"npm packages"}, behind: []string{"ui build is committed"}, quiet: true, do: sh(web, nil, "npm", "run", "size")},

		{name: "go tests", after: []string{"programs to test with", "build"}, behind: []string{"lint", "ui build is committed"}, do: func(ctx context.Context, out *output) error {
			return goTests(ctx, top, out)
		}},
		{name: "browser tests", after: []string{"programs to test with", "build", "npm packages"}, behind: []string{"go tests"}, do: sh(web, []string{"CI=1", "DAYMARK_BIN=" + binary}, "npm", "run", "e2e")},
	}
}

// everything is all our Go packages: ./... leaves out folders with a dot.
//
//nolint:gochecknoglobals // a constant that the language cannot express
var everything = []string{"./...", "./.ci/check", "./.ci/cross", "./.ci/notices", "./.ci/release", "./.ci/ui"}

// tools names what has to be there before anything can be installed or built.
func tools(ctx context.Context, out *output) error {
	var missing []string
	for _, tool := range []struct{ name, why string }{
		{"node", "Node " + oldestNode + " or newer builds and tests the UI"},
		{"npm", "comes with Node"},
		{"sh", "installs the programs that the tests run"},
	} {
		if _, err := exec.LookPath(tool.name); err != nil {
			missing = append(missing, tool.name+" ("+tool.why+")")
		}
	}
	cc, err := command(ctx, "", []string{"CGO_ENABLED=1"}, "go", "env", "CC").Output()
	if err != nil {
		return fmt.Errorf("go env CC: %w", err)
	}
	compiler := strings.Fields(string(cc))
	if len(compiler) == 0 {
		compiler = []string{"gcc"}
	}
	if _, err := exec.LookPath(compiler[0]); err != nil {
		missing = append(missing, compiler[0]+" (a C compiler: the race detector needs it)")
	}
	if len(missing) > 0 {
		return errors.New("missing: " + strings.Join(missing, ", "))
	}
	versions := make(map[string]string)
	for _, line := range [][]string{{"go", "version"}, {"node", "--version"}, {"npm", "--version"}} {
		text, err := command(ctx, "", nil, line[0], line[1:]...).Output()
		if err != nil {
			return fmt.Errorf("%s: %w", strings.Join(line, " "), err)
		}
		versions[line[0]] = strings.TrimSpace(string(text))
		fmt.Fprintf(out, "%s: %s\n", line[0], versions[line[0]])
	}
	if !newEnough(versions["node"]) {
		return fmt.Errorf("node %s: the UI's tools need version %s or newer", versions["node"], oldestNode)
	}
	return nil
}

// newEnough says whether node, like v20.19.4, is oldestNode or newer.
func newEnough(node string) bool {
	var major, minor, oldestMajor, oldestMinor int
	if _, err := fmt.Sscanf(node, "v%d.%d", &major, &minor); err != nil {
		return false
	}
	if _, err := fmt.Sscanf(oldestNode, "%d.%d", &oldestMajor, &oldestMinor); err != nil {
		return false
	}
	return major > oldestMajor || major == oldestMajor && minor >= oldestMinor
}
