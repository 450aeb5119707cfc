package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// event is one line of go test -json.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

// goTests runs all Go tests under the race detector. It prints go test's line
// for each package and the text of tests that fail. A test that skips itself
// fails the run: what is not proven must not look proven.
func goTests(ctx context.Context, top string, out *output) error {
	// Debian keeps servers where only root looks for programs.
	env := []string{"CGO_ENABLED=1", "PATH=" + os.Getenv("PATH") + ":/usr/sbin:/sbin"}
	cmd := command(ctx, top, env, "go", append([]string{"test", "-race", "-timeout=15m", "-json"}, everything...)...)
	cmd.Stderr = out
	lines, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	report, readErr := read(lines, out)
	if err := errors.Join(readErr, cmd.Wait()); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d Go tests passed in %d packages\n", report.passed, report.packages)
	if len(report.skipped) > 0 {
		return fmt.Errorf("%d tests skipped themselves:\n%s", len(report.skipped), strings.Join(report.skipped, ""))
	}
	return nil
}

// report counts what a run of go test came to.
type report struct {
	passed, packages int
	skipped          []string // with the reason each gave
}

// read follows the events of go test -json and prints what a reader needs.
func read(events io.Reader, out io.Writer) (report, error) {
	var (
		r     report
		texts = make(map[string]*strings.Builder) // of tests that have not ended
		lines = bufio.NewScanner(events)
	)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(out, lines.Text()) // the compiler's words
			continue
		}
		key := e.Package + " " + e.Test
		text := texts[key]
		if text == nil {
			text = &strings.Builder{}
			texts[key] = text
		}
		switch e.Action {
		case "output":
			if e.Test == "" && packageLine(e.Output) {
				fmt.Fprint(out, e.Output)
			} else {
				text.WriteString(e.Output)
			}
		case "build-output":
			fmt.Fprint(out, e.Output)
		case "pass":
			if e.Test == "" {
				r.packages++
			} else {
				r.passed++
			}
			delete(texts, key)
		case "skip":
			if e.Test != "" {
				r.skipped = append(r.skipped, text.String())
			}
			delete(texts, key)
		case "fail":
			fmt.Fprint(out, text.String())
			delete(texts, key)
		}
	}
	return r, lines.Err()
}

// packageLine says whether a line is go test's own about a whole package.
func packageLine(line string) bool {
	return strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "ok\t") || strings.HasPrefix(line, "FAIL\t") || strings.HasPrefix(line, "?")
}
