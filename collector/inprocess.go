package collector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/prometheus/prometheus/model/relabel"
)

// inProcessDomain is where this machine and Daymark seem to live. RFC 6761
// keeps .invalid out of every DNS, so it can never be somebody's host.
const inProcessDomain = "in-process.invalid"

// Jobs of the targets inside this process.
const (
	hostJob = "node"
	selfJob = "daymark"
)

// builtInTarget is one target inside this process.
type builtInTarget struct {
	job  string
	pool string // its scrape pool; the job's name unless the file has that job too
}

// address is what the target is scraped at.
func (t builtInTarget) address() string { return t.job + "." + inProcessDomain }

// builtInTargets are those that p's configuration asks for. The jobs of the
// file must be in p already.
func (p *plan) builtInTargets() []builtInTarget {
	var list []builtInTarget
	add := func(wanted bool, name string) {
		if !wanted {
			return
		}
		t := builtInTarget{job: name, pool: name}
		for p.jobs[t.pool] != nil {
			t.pool += " (in process)"
		}
		list = append(list, t)
	}
	add(p.config.Host, hostJob)
	add(p.config.Self, selfJob)
	return list
}

// scrapeConfig scrapes t as the file's global section says.
func (t builtInTarget) scrapeConfig(cfg Config) (*promconfig.ScrapeConfig, error) {
	s := promconfig.DefaultScrapeConfig
	s.JobName = t.pool
	s.ScrapeInterval = cfg.inProcessInterval()
	s.ScrapeTimeout = min(s.ScrapeInterval, promconfig.DefaultGlobalConfig.ScrapeTimeout)
	s.EnableCompression = false // it would only cost time on the way through memory
	if err := s.Validate(cfg.File.GlobalConfig); err != nil {
		return nil, err
	}
	return &s, nil
}

// targetGroups is what the scrape manager of this process's own targets
// scrapes, by pool.
func (p *plan) targetGroups() (map[string][]*targetgroup.Group, error) {
	instance, err := p.config.instance()
	if err != nil {
		return nil, err
	}
	sets := map[string][]*targetgroup.Group{}
	for pool, j := range p.jobs {
		if j.found != nil {
			sets[pool] = []*targetgroup.Group{j.found.group(instance)}
		}
		if j.builtIn == nil {
			continue
		}
		sets[pool] = []*targetgroup.Group{{
			Source: "in process",
			Targets: []model.LabelSet{{
				model.AddressLabel:  model.LabelValue(j.builtIn.address()),
				model.JobLabel:      model.LabelValue(j.builtIn.job),
				model.InstanceLabel: model.LabelValue(instance),
			}},
		}}
	}
	return sets, nil
}

// poolRule is the relabelling rule that puts the name of its scrape pool on
// each target.
func poolRule(s *promconfig.ScrapeConfig) (*relabel.Config, error) {
	rule := relabel.DefaultRelabelConfig
	rule.TargetLabel = poolLabel
	rule.Replacement = strings.ReplaceAll(s.JobName, "$", "$$")
	if err := rule.Validate(s.MetricNameValidationScheme); err != nil {
		return nil, err
	}
	return &rule, nil
}

// memoryNet joins an HTTP client and an HTTP server inside one process.
type memoryNet struct {
	conns chan net.Conn
	done  chan struct{}
}

func newMemoryNet() *memoryNet {
	return &memoryNet{conns: make(chan net.Conn), done: make(chan struct{})}
}

// dial connects to the server inside this process where address is one of
// those that only exist there, and to whoever listens otherwise.
func (m *memoryNet) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if host, _, err := net.SplitHostPort(address); err != nil || !strings.HasSuffix(host, "."+inProcessDomain) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	client, server := net.Pipe()
	select {
	case m.conns <- server:
		return client, nil
	case <-m.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept waits for the next dial; part of net.Listener.
func (m *memoryNet) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.done:
		return nil, net.ErrClosed
	}
}

// Close ends every dial and Accept; part of net.Listener. It must be called
// once only.
func (m *memoryNet) Close() error {
	close(m.done)
	return nil
}

// Addr is part of net.Listener.
func (m *memoryNet) Addr() net.Addr { return memoryAddr{} }

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return inProcessDomain }

// serve answers scrapes of this process's own targets until stop is called,
// which waits for the last of them.
func (m *memoryNet) serve(host, self http.Handler, log *slog.Logger) (stop func() error) {
	mux := http.NewServeMux()
	for name, h := range map[string]http.Handler{hostJob: host, selfJob: self} {
		if h != nil {
			mux.Handle(builtInTarget{job: name}.address()+"/metrics", h)
		}
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	served := make(chan error, 1)
	go func() { served <- server.Serve(m) }()
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		err := server.Shutdown(ctx)
		if err != nil {
			err = errors.Join(err, server.Close())
		}
		if serveErr := <-served; !errors.Is(serveErr, http.ErrServerClosed) {
			err = errors.Join(err, serveErr)
		}
		if err != nil {
			return fmt.Errorf("server of this process's own metrics: %w", err)
		}
		return nil
	}
}
