// Command check proves the repository: it installs what the tests need and
// runs everything that must pass. `make test` calls it from the top folder.
//
// Steps run as soon as those they wait for have passed, so that downloads and
// the UI's tools share the time in which Go compiles; what measures time (the
// race tests and the browser) runs alone. A failed step stops only those that
// wait for it: one run tells everything that is wrong. With names of steps as
// arguments only those run, and what they wait for is taken to have passed.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	top, err := os.Getwd()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(top, "boundaries_test.go")); err != nil {
		return errors.New("run this from the repository's top folder (make test does)")
	}
	started := time.Now()
	wanted, err := only(steps(top), os.Args[1:])
	if err != nil {
		return err
	}
	results := runAll(ctx, wanted)
	return summarize(results, time.Since(started))
}

// step is one thing to prove.
type step struct {
	name   string
	after  []string // the steps that must have passed
	behind []string // the steps that must have ended, passed or not
	quiet  bool     // print the output only when it fails
	do     func(ctx context.Context, out *output) error
}

// result is how a step ended; err is nil when it passed. gist is then empty,
// else the part of what the step printed that most likely says why.
type result struct {
	name string
	took time.Duration
	err  error
	gist []string
}

// only picks the named steps of all; without names it picks all of them.
func only(all []step, names []string) ([]step, error) {
	if len(names) == 0 {
		return all, nil
	}
	var picked []step
	for _, name := range names {
		i := slices.IndexFunc(all, func(s step) bool { return s.name == name })
		if i < 0 {
			var known []string
			for _, s := range all {
				known = append(known, strconv.Quote(s.name))
			}
			return nil, fmt.Errorf("no step is called %q; there are %s", name, strings.Join(known, ", "))
		}
		s := all[i]
		s.after, s.behind = nil, nil
		picked = append(picked, s)
	}
	return picked, nil
}

var errNotRun = errors.New("not run")

// runAll runs the steps, each in its own goroutine once its turn has come,
// and returns their results in the order of the list.
func runAll(ctx context.Context, all []step) []result {
	var (
		printing sync.Mutex // one step's text at a time
		wg       sync.WaitGroup
		results  = make([]result, len(all))
		done     = make(map[string]chan struct{}, len(all))
		byName   = make(map[string]*result, len(all))
	)
	for i, s := range all {
		results[i].name = s.name
		done[s.name], byName[s.name] = make(chan struct{}), &results[i]
	}
	for i, s := range all {
		wg.Go(func() {
			defer close(done[s.name])
			for _, name := range s.behind {
				<-done[name]
			}
			for _, name := range s.after {
				<-done[name]
				if err := byName[name].err; err != nil {
					results[i].err = fmt.Errorf("%w: %s did not pass", errNotRun, name)
					return
				}
			}
			say(&printing, "── %s …\n", s.name)
			out, begun := &output{}, time.Now()
			err := s.do(ctx, out)
			results[i].took, results[i].err = time.Since(begun), err
			verdict, text := "passed", out.String()
			if err != nil {
				verdict, results[i].gist = "FAILED: "+err.Error(), gist(text)
			} else if s.quiet {
				text = ""
			}
			if text != "" && !strings.HasSuffix(text, "\n") {
				text += "\n"
			}
			say(&printing, "%s── %s %s (%s)\n", text, s.name, verdict, results[i].took.Round(100*time.Millisecond))
		})
	}
	wg.Wait()
	return results
}

func say(printing *sync.Mutex, format string, args ...any) {
	printing.Lock()
	defer printing.Unlock()
	fmt.Printf(format, args...)
}

// summarize prints every step with its duration and one line about them all.
func summarize(results []result, took time.Duration) error {
	failed := 0
	fmt.Println()
	for _, r := range results {
		switch {
		case errors.Is(r.err, errNotRun):
			failed++
			fmt.Printf("  %-28s %8s  %v\n", r.name, "-", r.err)
		case r.err != nil:
			failed++
			fmt.Printf("  %-28s %8s  FAILED: %v\n", r.name, r.took.Round(100*time.Millisecond), r.err)
		default:
			fmt.Printf("  %-28s %8s\n", r.name, r.took.Round(100*time.Millisecond))
		}
	}
	for _, r := range results {
		if len(r.gist) > 0 {
			fmt.Printf("%s:\n    %s\n", r.name, strings.Join(r.gist, "\n    "))
		}
	}
	if failed > 0 {
		return fmt.Errorf("make test: %d of %d steps did not pass, after %s", failed, len(results), took.Round(time.Second))
	}
	fmt.Printf("make test: all %d steps passed in %s\n", len(results), took.Round(time.Second))
	return nil
}

// gistLines is how much of a failed step's output the summary repeats.
const gistLines = 14

// gist is what the summary repeats of a failed step's output, for those who
// are shown its end only: from the first line that looks like a reason, or
// the last lines where none does. Empty lines are left out.
func gist(text string) []string {
	reason := regexp.MustCompile(`\bError: |^\s*--- FAIL|^panic: |^\S+\.(go|tsx?):\d+:`)
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n\t "); line != "" {
			lines = append(lines, line)
		}
	}
	if i := slices.IndexFunc(lines, reason.MatchString); i >= 0 {
		return lines[max(0, i-1):min(len(lines), i-1+gistLines)]
	}
	return lines[max(0, len(lines)-gistLines):]
}

// output collects what a step prints; commands may write it concurrently.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// command makes one that runs in dir with env added to ours, and that takes
// its children along when it is stopped.
func command(ctx context.Context, dir string, env []string, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = 10 * time.Second
	if runtime.GOOS != "windows" {
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	}
	return cmd
}
