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

// steps lists what must pass. Compiling with the product's settings comes
// first, because vet and the linter then find everything in the build cache.
func steps(top string) []step {
	var (
		web     = filepath.Join(top, "ui", "web")
		binary  = filepath.Join(top, "daymark")
		product = []string{"CGO_ENABLED=0", "GOFLAGS=" + strings.TrimSpace(os.Getenv("GOFLAGS")+" -trimpath")}
		with    = func(more ...string) []string { return append(more, product...) }
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
		{name: "vet", after: []string{"build"}, do: sh(top, product, "go", "vet", "./...", "./.ci/check", "./.ci/ui")},
		{name: "lint", after: []string{"build"}, behind: []string{"vet"}, do: sh(top, product, "go", "tool", "-modfile=.ci/tools.mod", "golangci-lint", "run", "-c", ".ci/golangci.yml", "./...", "./.ci/check", "./.ci/ui")},

		{name: "ui lint", after: []string{"npm packages"}, quiet: true, do: sh(web, nil, "npm", "run", "lint")},
		{name: "ui types", after: []string{"npm packages"}, behind: []string{"ui lint"}, quiet: true, do: sh(web, nil, "npm", "run", "types")},
		{name: "ui tests", after: []string{"npm packages"}, behind: []string{"ui types"}, do: sh(web, []string{"CI=1"}, "npm", "test")},
		{name: "ui build is committed", after: []string{"npm packages"}, behind: []string{"ui tests"}, do: sh(top, nil, "go", "run", "./.ci/ui", "-compare")},

		{name: "go tests", after: []string{"programs to test with", "build"}, behind: []string{"lint", "ui build is committed"}, do: func(ctx context.Context, out *output) error {
			return goTests(ctx, top, out)
		}},
		{name: "browser tests", after: []string{"programs to test with", "build", "npm packages"}, behind: []string{"go tests"}, do: sh(web, []string{"CI=1", "DAYMARK_BIN=" + binary}, "npm", "run", "e2e")},

		{name: "linux/arm64 compiles", after: []string{"build"}, behind: []string{"browser tests"}, do: sh(top, with("GOOS=linux", "GOARCH=arm64"), "go", "build", "-o", os.DevNull, ".")},
		{name: "darwin/arm64 compiles", after: []string{"build"}, behind: []string{"linux/arm64 compiles"}, do: sh(top, with("GOOS=darwin", "GOARCH=arm64"), "go", "build", "-o", os.DevNull, ".")},
		{name: "windows/amd64 compiles", after: []string{"build"}, behind: []string{"darwin/arm64 compiles"}, do: sh(top, with("GOOS=windows", "GOARCH=amd64"), "go", "build", "-o", os.DevNull, ".")},
	}
}

// tools names what has to be there before anything can be installed or built.
func tools(ctx context.Context, out *output) error {
	var missing []string
	for _, tool := range []struct{ name, why string }{
		{"node", "Node 20 or newer: builds and tests the UI"},
		{"npm", "comes with Node"},
		{"git", "the tests that compare with what is committed"},
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
	for _, version := range [][]string{{"go", "version"}, {"node", "--version"}, {"npm", "--version"}} {
		text, err := command(ctx, "", nil, version[0], version[1:]...).Output()
		if err != nil {
			return fmt.Errorf("%s: %w", strings.Join(version, " "), err)
		}
		fmt.Fprintf(out, "%s: %s", version[0], text)
	}
	return nil
}
