package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a program that runs beside the benchmark.
type process struct {
	name    string
	cmd     *exec.Cmd
	out     *bufio.Reader // its standard output, for who asked for it
	log     tail
	started time.Time
	ended   chan struct{} // closed when it has gone
	err     error         // why, once ended is closed
}

// startProcess runs a program until end is called, at the latest until ctx is
// done. Its standard error is kept for the message of a failure.
func startProcess(ctx context.Context, name, binary string, args ...string) (*process, error) {
	p := &process{name: name, cmd: exec.CommandContext(ctx, binary, args...), ended: make(chan struct{})}
	p.cmd.Stderr = &p.log
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 30 * time.Second
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	p.started = time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// line is the next line that the program prints.
func (p *process) line() (string, error) {
	text, err := p.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("%s ended before it printed what was waited for: %w\n%s", p.name, err, &p.log)
	}
	return strings.TrimSpace(text), nil
}

// rest is everything else that the program prints, up to its end.
func (p *process) rest() ([]byte, error) {
	all, err := io.ReadAll(p.out)
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Wait(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", p.name, err, &p.log)
	}
	return all, nil
}

// drain throws away what a server prints, so that it never waits for us.
func (p *process) drain() {
	go func() {
		defer close(p.ended)
		_, _ = io.Copy(io.Discard, p.out)
		p.err = p.cmd.Wait()
	}()
}

// end stops a drained process with a signal and waits for it.
func (p *process) end(signal os.Signal) error {
	_ = p.cmd.Process.Signal(signal) // it may have gone already
	select {
	case <-p.ended:
	case <-time.After(2 * time.Minute):
		_ = p.cmd.Process.Kill()
		<-p.ended
		return fmt.Errorf("%s did not end within two minutes", p.name)
	}
	return nil
}

// cpu is the time that the process has spent so far, its own and the
// kernel's for it: a hundredth of a second exact.
func (p *process) cpu() (time.Duration, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "stat"))
	if err != nil {
		return 0, fmt.Errorf("%s has gone: %w\n%s", p.name, err, &p.log)
	}
	// The second field is the name in parentheses and may hold spaces.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields", p.cmd.Process.Pid, len(fields))
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil // USER_HZ is 100 on every Linux that Go runs on
}

// memory is what the process keeps in memory, and how much of that is its own
// (not pages of files).
func (p *process) memory() (resident, anonymous int64, err error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "status"))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			continue // other lines hold no size
		}
		switch name {
		case "VmRSS":
			resident = kib << 10
		case "RssAnon":
			anonymous = kib << 10
		}
	}
	return resident, anonymous, nil
}

// over is the CPU time that the process spends while d passes.
func (p *process) over(ctx context.Context, d time.Duration) (time.Duration, error) {
	before, err := p.cpu()
	if err != nil {
		return 0, err
	}
	if err := pause(ctx, d); err != nil {
		return 0, err
	}
	after, err := p.cpu()
	return after - before, err
}

// pause waits; a benchmark has nothing else to wait for than time.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tail keeps the last 4 KiB that are written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if extra := len(t.buf) - 4096; extra > 0 {
		t.buf = append(t.buf[:0], t.buf[extra:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.buf)
}
