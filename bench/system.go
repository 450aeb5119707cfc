package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// system is one of the servers that are compared, running.
type system struct {
	*process
	kind   string
	url    string // without a slash at the end
	folder string // of its data
	config string // its configuration file
}

const (
	daymark         = "daymark"
	prometheus      = "prometheus"
	victoriametrics = "victoriametrics"
)

// programs are found or built once in a run.
type programs struct {
	mu    sync.Mutex
	paths map[string]string
}

// program is the path of a server's binary: Daymark and Prometheus are built
// from the repository, the others come from Debian or from where the
// environment says.
func (b *bench) program(ctx context.Context, kind string) (string, error) {
	b.programs.mu.Lock()
	defer b.programs.mu.Unlock()
	if path, ok := b.programs.paths[kind]; ok {
		return path, nil
	}
	path, err := b.find(ctx, kind)
	if err != nil {
		return "", err
	}
	if b.programs.paths == nil {
		b.programs.paths = map[string]string{}
	}
	b.programs.paths[kind] = path
	return path, nil
}

// errMissing is a peer that is not on this machine.
var errMissing = errors.New("not found")

func (b *bench) find(ctx context.Context, kind string) (string, error) {
	path := filepath.Join(b.work, kind)
	switch kind {
	case daymark:
		return path, b.build(ctx, path, "-ldflags=-s -w", ".")
	case prometheus:
		return path, b.build(ctx, path, "-modfile=.ci/peers.mod", "-tags=remove_all_sd,enable_kubernetes_sd", "-ldflags=-s -w", "github.com/prometheus/prometheus/cmd/prometheus")
	case victoriametrics:
		return installed("BENCH_VICTORIAMETRICS", "victoria-metrics")
	case "alertmanager":
		return installed("BENCH_ALERTMANAGER", "prometheus-alertmanager")
	}
	return "", fmt.Errorf("no system is called %q; there are daymark, prometheus, victoriametrics", kind)
}

func (b *bench) build(ctx context.Context, path string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"build", "-o", path}, args...)...)
	cmd.Dir = b.top
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", filepath.Base(path), err, out)
	}
	return nil
}

func installed(variable, name string) (string, error) {
	if path := os.Getenv(variable); path != "" {
		return path, nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%w: %s (apt-get install it, or give its path in %s)", errMissing, name, variable)
	}
	return path, nil
}

// version is what the program says of itself; a Prometheus that was built from
// its module says nothing, but the module's version is known.
func (b *bench) version(ctx context.Context, kind string) string {
	path, err := b.program(ctx, kind)
	if err != nil {
		return err.Error()
	}
	if kind == prometheus {
		text, err := os.ReadFile(filepath.Join(b.top, ".ci", "peers.mod"))
		if err != nil {
			return err.Error()
		}
		return string(regexp.MustCompile(`prometheus/prometheus v\S+`).Find(text))
	}
	out, err := exec.CommandContext(ctx, path, "--version").CombinedOutput()
	if err != nil {
		return err.Error()
	}
	if found := regexp.MustCompile(`\d+\.\d+\.\d+[-\w]*`).Find(out); found != nil {
		return string(found)
	}
	first, _, _ := strings.Cut(string(out), "\n")
	return first
}

// versions is one line about everything that took part.
func (b *bench) versions(ctx context.Context, kinds ...string) string {
	var all []string
	for _, kind := range kinds {
		all = append(all, kind+" "+b.version(ctx, kind))
	}
	return strings.Join(all, ", ")
}

// scrapeConfig makes a prometheus.yml for the load at an address.
func scrapeConfig(load string, targets int, interval time.Duration) string {
	var y strings.Builder
	fmt.Fprintf(&y, "global:\n  scrape_interval: %s\n  scrape_timeout: %s\nscrape_configs:\n- job_name: shop\n  static_configs:\n", interval, interval)
	for i := range targets {
		fmt.Fprintf(&y, "  - targets: [%q]\n    labels: {instance: %s, __metrics_path__: /t/%d/metrics}\n", load, instance(i), i)
	}
	return y.String()
}

func instance(i int) string { return fmt.Sprintf("shop-%02d:8080", i) }

// raised are the limits of Daymark that only a benchmark reaches; every table
// that they matter to names them.
const raised = "limits:\n  web: {connections_per_address: 20000}\n  live: {watches_per_viewer: 100}\n"

// startSystem starts a server in a folder (which may hold data) and waits
// until it answers queries.
func (b *bench) startSystem(ctx context.Context, kind, folder, config string, args ...string) (*system, error) {
	return b.startSystemWatched(ctx, kind, folder, config, nil, args...)
}

// startSystemWatched calls watch, if there is one, beside the start.
func (b *bench) startSystemWatched(ctx context.Context, kind, folder, config string, watch func(*system), args ...string) (*system, error) {
	binary, err := b.program(ctx, kind)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	file := filepath.Join(folder, "scrape.yml")
	if err := writeConfig(kind, file, config); err != nil {
		return nil, err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	s := &system{kind: kind, url: "http://" + address, folder: filepath.Join(folder, "data"), config: file}
	switch kind {
	case daymark:
		args = append([]string{"--config.file=" + file, "--storage.path=" + s.folder, "--web.listen-address=" + address, "--web.max-connections=20000", "--log.level=warn"}, args...)
	case prometheus:
		args = append([]string{"--config.file=" + file, "--storage.tsdb.path=" + s.folder, "--web.listen-address=" + address, "--web.enable-remote-write-receiver", "--log.level=warn"}, args...)
	case victoriametrics:
		args = append([]string{"-promscrape.config=" + file, "-storageDataPath=" + s.folder, "-httpListenAddr=" + address, "-retentionPeriod=1", "-loggerLevel=WARN"}, args...)
	}
	if s.process, err = startProcess(ctx, kind, binary, args...); err != nil {
		return nil, err
	}
	s.drain()
	if watch != nil {
		go watch(s)
	}
	if err := s.awaitReady(ctx); err != nil {
		_ = s.end(os.Kill) // the first error says more
		return nil, err
	}
	return s, nil
}

func writeConfig(kind, file, config string) error {
	if kind == daymark {
		config = raised + config
	}
	return os.WriteFile(file, []byte(config), 0o600)
}

// configure gives a running system another configuration.
func (s *system) configure(config string) error {
	if err := writeConfig(s.kind, s.config, config); err != nil {
		return err
	}
	return s.cmd.Process.Signal(syscall.SIGHUP)
}

// readyPath answers 200 once queries are answered.
func (s *system) readyPath() string {
	if s.kind == victoriametrics {
		return "/health"
	}
	return "/-/ready"
}

func (s *system) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	for {
		if status, _, err := s.get(ctx, s.readyPath()); err == nil && status == http.StatusOK {
			return nil
		}
		select {
		case <-s.ended:
			return fmt.Errorf("%s ended: %w\n%s", s.name, s.err, &s.log)
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%s does not get ready: %w\n%s", s.name, ctx.Err(), &s.log)
		}
	}
}

func (s *system) get(ctx context.Context, path string) (int, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return 0, nil, err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, body, err
}

func freeAddress(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// startLoad starts the targets in a process of their own.
func (b *bench) startLoad(ctx context.Context, targets, series int) (*process, string, error) {
	p, err := startProcess(ctx, "load", b.self, "load", fmt.Sprint("-targets=", targets), fmt.Sprint("-series=", series), fmt.Sprint("-seed=", b.seed))
	if err != nil {
		return nil, "", err
	}
	address, err := p.line()
	if err != nil {
		return nil, "", err
	}
	p.drain()
	return p, address, nil
}
