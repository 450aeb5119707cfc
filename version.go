package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
)

// daymarkVersion is the release this source tree is or leads to.
const daymarkVersion = "0.1.0"

// versionText is what `daymark version` prints.
func versionText() string {
	b := readBuild()
	return fmt.Sprintf("daymark %s (revision %s, %s, %s/%s, answers as Prometheus %s)",
		daymarkVersion, b.revision, runtime.Version(), runtime.GOOS, runtime.GOARCH, b.prometheus)
}

// build is what the binary knows about how it was made.
type build struct {
	revision   string // of the source, "unknown" where the build did not stamp it
	prometheus string // the Prometheus release whose packages are inside, like 3.16.0
}

func readBuild() build {
	b := build{revision: "unknown", prometheus: "3.0.0"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.revision = s.Value
		}
	}
	for _, dep := range info.Deps {
		if dep.Path == "github.com/prometheus/prometheus" {
			b.prometheus = prometheusRelease(dep.Version)
		}
	}
	return b
}

// prometheusRelease turns the version of Prometheus's Go module into that of the
// release it belongs to: v0.316.0 is 3.16.0, and v0.45.1 was 2.45.1.
func prometheusRelease(module string) string {
	var minor, patch int
	if _, err := fmt.Sscanf(strings.TrimPrefix(module, "v"), "0.%d.%d", &minor, &patch); err != nil {
		return strings.TrimPrefix(module, "v")
	}
	if minor < 300 {
		return fmt.Sprintf("2.%d.%d", minor, patch)
	}
	return fmt.Sprintf("%d.%d.%d", minor/100, minor%100, patch)
}

// cmdVersion is `daymark version`.
func cmdVersion(stdout io.Writer) error {
	_, err := fmt.Fprintln(stdout, versionText())
	return err
}
