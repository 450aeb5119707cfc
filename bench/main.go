// Command bench runs Daymark and its peers, one after another, on the same
// synthetic load and prints what each costs: `make bench` all sections,
// `make bench ONLY=live,detection` some of them.
//
// Ratios count, seconds do not: a section compares what was measured within
// one run on one machine, and a noise line says how steady the machine was.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// section is one table of the benchmark.
type section struct {
	name  string
	about string
	run   func(ctx context.Context, b *bench) error
}

func sections() []section {
	return []section{
		{"live", "Viewers of a 12-panel dashboard", live},
		{"detection", "Seconds from a fault at the target to the page", detection},
		{"queries", "Range and instant queries, repeated", queries},
		{"footprint", "Ingest, memory, disk", footprint},
		{"start", "Start, after an orderly stop and after kill -9", start},
	}
}

// bench is what the sections share.
type bench struct {
	settings
	top      string // the repository
	work     string // a temporary folder, removed at the end
	self     string // this program, which is also the load and the viewers
	out      *report
	programs programs
}

// settings can be made smaller for a quick look; figures that are published are
// those of the defaults.
type settings struct {
	seed    uint64
	series  int
	phase   time.Duration // how long each state is measured
	viewers int
	idle    int
	faults  int
	repeats int
	large   int // series of the section footprint's second size
	systems []string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:gocritic // stop only detaches the signals
	}
}

// parts are the processes that bench starts of itself, so that their CPU is
// counted apart.
func parts() map[string]func(ctx context.Context, args []string) error {
	return map[string]func(context.Context, []string) error{
		"load":      runLoad,
		"viewers":   runViewers,
		"pollers":   runPollers,
		"broadcast": runBroadcast,
	}
}

func run(ctx context.Context, args []string) (err error) {
	if len(args) > 0 {
		if part, ok := parts()[args[0]]; ok {
			return part(ctx, args[1:])
		}
	}
	b := &bench{}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("only", "", "comma-separated `sections`; all without")
	systems := flags.String("systems", "daymark,prometheus,victoriametrics", "which `systems` to measure")
	write := flags.String("write", "", "the Markdown `file` whose sections are replaced by this run's tables")
	flags.Uint64Var(&b.seed, "seed", 1, "of the load's values and the faults' moments")
	flags.IntVar(&b.series, "series", 20_000, "series that are scraped; a multiple of 2,000")
	flags.DurationVar(&b.phase, "phase", time.Minute, "how long each state is measured")
	flags.IntVar(&b.viewers, "viewers", 1000, "viewers of the dashboard")
	flags.IntVar(&b.idle, "idle", 10_000, "sockets that only watch; 0 leaves them out")
	flags.IntVar(&b.faults, "faults", 60, "faults of the tight preset; the usual one has a quarter")
	flags.IntVar(&b.repeats, "repeats", 50, "repetitions of each query")
	flags.IntVar(&b.large, "large", 500_000, "series of the large footprint; 0 leaves it out")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if b.series < seriesPerTarget || b.series%seriesPerTarget != 0 {
		return fmt.Errorf("-series %d: give a multiple of %d", b.series, seriesPerTarget)
	}
	b.systems = strings.Split(*systems, ",")
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if b.top, err = topFolder(); err != nil {
		return err
	}
	if b.work, err = os.MkdirTemp("", "daymark-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.work)
	b.out = newReport(os.Stdout)
	for _, s := range chosen {
		b.out.begin(s.name, s.about)
		noise := startNoise()
		err := s.run(ctx, b)
		if line := noise.stop(); err == nil {
			b.out.note(line)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	if *write != "" {
		return b.out.replaceIn(*write)
	}
	return nil
}

func choose(only string) ([]section, error) {
	all := sections()
	if only == "" {
		return all, nil
	}
	var chosen []section
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(all, func(s section) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("no section is called %q; there are live, detection, queries, footprint, start", name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// topFolder is the repository that the working directory lies in.
func topFolder() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, ".ci", "peers.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("run this inside the repository (make bench does)")
		}
	}
}
