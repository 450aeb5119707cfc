package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report prints the tables in Markdown as they come and keeps them, so that a
// document can hold the same text.
type report struct {
	out      io.Writer
	sections map[string]*bytes.Buffer
	names    []string
	current  io.Writer
}

func newReport(out io.Writer) *report {
	return &report{out: out, sections: map[string]*bytes.Buffer{}}
}

func (r *report) begin(name, about string) {
	buf := &bytes.Buffer{}
	r.sections[name], r.names = buf, append(r.names, name)
	r.current = io.MultiWriter(r.out, buf)
	fmt.Fprintf(r.current, "\n## %s: %s\n\n%s, %s\n", name, about, time.Now().UTC().Format("2006-01-02"), machine())
}

// note is a paragraph.
func (r *report) note(format string, args ...any) {
	fmt.Fprintf(r.current, "\n"+format+"\n", args...)
}

// table prints rows of equal length under their heads.
func (r *report) table(heads []string, rows [][]string) {
	fmt.Fprintf(r.current, "\n| %s |\n|%s\n", strings.Join(heads, " | "), strings.Repeat(" --- |", len(heads)))
	for _, row := range rows {
		fmt.Fprintf(r.current, "| %s |\n", strings.Join(row, " | "))
	}
}

// progress is shown while it runs and not kept.
func (r *report) progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s  "+format+"\n", append([]any{time.Now().Format("15:04:05")}, args...)...)
}

// replaceIn puts each section of the run between its marks in a file.
func (r *report) replaceIn(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var missing []error
	for _, name := range r.names {
		begin, end := []byte("<!-- begin "+name+" -->\n"), []byte("<!-- end "+name+" -->")
		i, j := bytes.Index(text, begin), bytes.Index(text, end)
		if i < 0 || j < i {
			missing = append(missing, fmt.Errorf("%s has no %q before %q", file, begin, end))
			continue
		}
		body := bytes.TrimLeft(r.sections[name].Bytes(), "\n")
		text = slices.Concat(text[:i+len(begin)], body, text[j:])
	}
	return errors.Join(append(missing, os.WriteFile(file, text, 0o644))...) //nolint:gosec // a document
}

// machine is its class: how many cores of what, and how much memory.
func machine() string {
	model := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	memory := ""
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		var kib float64
		if _, err := fmt.Sscanf(string(text), "MemTotal: %f kB", &kib); err == nil {
			memory = fmt.Sprintf(", %.0f GB", kib/1024/1024)
		}
	}
	kernel, err := exec.Command("uname", "-sr").Output()
	if err != nil {
		kernel = []byte(runtime.GOOS)
	}
	return fmt.Sprintf("%d cores (%s)%s, %s, %s", runtime.NumCPU(), model, memory, bytes.TrimSpace(kernel), runtime.Version())
}

// quantile is the q-th of values, which it sorts; NaN of none.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	slices.Sort(values)
	return values[min(len(values)-1, int(q*float64(len(values))))]
}

// noise times a fixed piece of work while a section runs: where it takes much
// longer at times, something else had the machine.
type noise struct {
	quit chan struct{}
	done chan struct{}
	took []float64 // ms
}

func startNoise() *noise {
	n := &noise{quit: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(n.done)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		var sink uint64
		for {
			begun := time.Now()
			for i := range uint64(2_000_000) {
				sink = mix(sink, i)
			}
			n.took = append(n.took, float64(time.Since(begun).Microseconds())/1000)
			select {
			case <-tick.C:
			case <-n.quit:
				runtime.KeepAlive(sink)
				return
			}
		}
	}()
	return n
}

func (n *noise) stop() string {
	close(n.quit)
	<-n.done
	return fmt.Sprintf("Noise: a fixed piece of work took %.1f ms (median), %.1f ms (p95), %.1f ms (most), %d times; the measured systems are part of it.",
		quantile(n.took, 0.5), quantile(n.took, 0.95), quantile(n.took, 1), len(n.took))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()) }

func megabytes(n int64) string { return fmt.Sprintf("%.0f", float64(n)/1e6) }

// ratio is how many times b is in a.
func ratio(a, b float64) string {
	if b <= 0 || math.IsNaN(a) {
		return "–"
	}
	if a/b < 0.1 {
		return fmt.Sprintf("%.3f", a/b)
	}
	return fmt.Sprintf("%.2f", a/b)
}
