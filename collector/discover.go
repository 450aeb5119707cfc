package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/prometheus/prometheus/scrape"
)

// Exporters says whether and how exporters on loopback are looked for.
type Exporters struct {
	// Probe looks for them. It, and Limits, may change with Apply; the rest keeps
	// the values given to New.
	Probe bool
	// Limits hold for what is found.
	Limits Limits
	// Ports are probed; nil means the well-known ones.
	Ports []int
	// Interval between two rounds; 0 means 30 s. A round begins at once.
	Interval time.Duration
	// ScrapeInterval of what is found; 0 means 5 s.
	ScrapeInterval time.Duration
	// ForgetAfter is how long one that has gone stays listed, and down; 0 means
	// 5 min.
	ForgetAfter time.Duration
	// Ignored returns the URLs that are not to be scraped, Ignore adds one or
	// takes it away; both outlive the process. nil remembers nothing.
	Ignored func(context.Context) ([]string, error)
	Ignore  func(ctx context.Context, url string, ignored bool) error
	// UserAgent is how a probe introduces itself.
	UserAgent string
}

// DefaultExporterLimits are for exporters that nobody has asked for.
func DefaultExporterLimits() Limits {
	return Limits{BodySize: 16 * units.MiB, Samples: 50_000, Labels: 64, LabelValueLength: 4 << 10}
}

func (e Exporters) withDefaults() Exporters {
	if e.Ports == nil {
		for _, kind := range exporterKinds() {
			e.Ports = append(e.Ports, kind.ports...)
		}
		slices.Sort(e.Ports)
		e.Ports = slices.Compact(e.Ports)
	}
	e.Interval = cmp.Or(e.Interval, 30*time.Second)
	e.ScrapeInterval = cmp.Or(e.ScrapeInterval, 5*time.Second)
	e.ForgetAfter = cmp.Or(e.ForgetAfter, 5*time.Minute)
	e.UserAgent = cmp.Or(e.UserAgent, "Daymark (looks for exporters)")
	return e
}

// after is e in place of old, by a reload.
func (e Exporters) after(old Exporters) Exporters {
	old.Probe, old.Limits = e.Probe, e.Limits
	return old
}

// Exporter is an exporter that was found on loopback.
type Exporter struct {
	Kind, Title string
	Port        int
	URL         string
	Job         string
	State       ExporterState
	Reason      string // why it is not scraped
	FoundAt     time.Time
	LastSeen    time.Time // when it last answered, a probe or a scrape
}

// ExporterState says what becomes of an exporter.
type ExporterState string

// The states of an exporter.
const (
	ExporterScraped ExporterState = "scraped"
	ExporterIgnored ExporterState = "ignored" // somebody said so
	ExporterCovered ExporterState = "covered" // its metrics are here already
)

// ErrNoExporter says that no exporter was found at a URL.
var ErrNoExporter = errors.New("no exporter was found there")

// exporters is what has been found.
type exporters struct {
	config Exporters
	kinds  []exporterKind
	client *http.Client
	kick   chan struct{} // a round is wanted now

	mu      sync.Mutex
	found   map[string]Exporter // by URL
	ignored map[string]bool     // URLs
	own     map[int]bool        // ports of this process
	begun   map[string]bool     // kinds that have been scraped
}

const (
	probeTimeout  = 4 * time.Second
	probeConnect  = time.Second
	probeBytes    = 4 << 20 // as much of an answer is looked at
	probesAtATime = 8
)

func newExporters(cfg Exporters) (*exporters, error) {
	e := &exporters{
		config: cfg.withDefaults(), kinds: exporterKinds(), kick: make(chan struct{}, 1),
		found: map[string]Exporter{}, ignored: map[string]bool{}, own: map[int]bool{}, begun: map[string]bool{},
	}
	dialer := &net.Dialer{Timeout: probeConnect}
	e.client = &http.Client{
		Timeout:       probeTimeout,
		Transport:     &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if cfg.Ignored != nil {
		list, err := cfg.Ignored(context.Background())
		if err != nil {
			return nil, fmt.Errorf("exporters to ignore: %w", err)
		}
		for _, address := range list {
			e.ignored[address] = true
		}
	}
	return e, nil
}

// SkipPorts says which ports are this process's own.
func (c *Collector) SkipPorts(ports ...int) {
	c.exporters.mu.Lock()
	defer c.exporters.mu.Unlock()
	for _, port := range ports {
		c.exporters.own[port] = true
	}
}

// Exporters lists what was found on loopback, by kind and port. probing says
// whether anybody looks, and how often.
func (c *Collector) Exporters() (list []Exporter, probing bool, interval time.Duration) {
	seen := c.lastScrapes()
	c.exporters.mu.Lock()
	defer c.exporters.mu.Unlock()
	list = []Exporter{}
	for _, e := range c.exporters.found {
		if at := seen[e.URL]; at.After(e.LastSeen) {
			e.LastSeen = at
		}
		list = append(list, e)
	}
	slices.SortFunc(list, compareExporters)
	return list, c.plan.Load().config.Exporters.Probe, c.exporters.config.Interval
}

func compareExporters(a, b Exporter) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Port, b.Port), cmp.Compare(a.URL, b.URL))
}

// IgnoreExporter says whether the exporter at a URL is not to be scraped, for
// good, and takes effect at once. It is ErrNoExporter where none was found.
func (c *Collector) IgnoreExporter(ctx context.Context, address string, ignored bool) (Exporter, error) {
	e := c.exporters
	e.mu.Lock()
	_, known := e.found[address]
	e.mu.Unlock()
	if !known {
		return Exporter{}, fmt.Errorf("%w: %s", ErrNoExporter, address)
	}
	if e.config.Ignore != nil {
		if err := e.config.Ignore(ctx, address, ignored); err != nil {
			return Exporter{}, fmt.Errorf("remember to ignore %s: %w", address, err)
		}
	}
	e.mu.Lock()
	if ignored {
		e.ignored[address] = true
	} else {
		delete(e.ignored, address)
	}
	one, known := e.found[address]
	if known {
		one.State, one.Reason = ExporterScraped, ""
		if ignored {
			one.State, one.Reason = ExporterIgnored, reasonIgnored
		}
		e.found[address] = one
	}
	e.mu.Unlock()
	if !known {
		return Exporter{}, fmt.Errorf("%w: %s", ErrNoExporter, address)
	}
	e.again() // it may be covered
	return one, c.scrapeFound()
}

const (
	reasonIgnored = "ignored by hand"
	reasonOwn     = "this machine's own metrics are already scraped in process"
)

// again asks for a round now.
func (e *exporters) again() {
	select {
	case e.kick <- struct{}{}:
	default: // one is due already
	}
}

// discover looks for exporters until ctx is done.
func (c *Collector) discover(ctx context.Context) {
	e := c.exporters
	tick := time.NewTicker(e.config.Interval)
	defer tick.Stop()
	defer e.client.CloseIdleConnections()
	for {
		if c.round(ctx) {
			if err := c.scrapeFound(); err != nil {
				c.log.Error("exporters found on this machine are not scraped", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-e.kick:
		}
	}
}

// round probes all ports once and says whether what is scraped may have changed.
func (c *Collector) round(ctx context.Context) (changed bool) {
	e := c.exporters
	if !c.plan.Load().config.Exporters.Probe {
		e.mu.Lock()
		defer e.mu.Unlock()
		changed = len(e.found) > 0
		e.found = map[string]Exporter{}
		return changed
	}
	e.mu.Lock()
	before := maps.Clone(e.found)
	ports := slices.DeleteFunc(slices.Clone(e.config.Ports), func(p int) bool { return e.own[p] })
	e.mu.Unlock()

	covered, seen := c.coveredPorts(), c.lastScrapes()
	scraped := map[int]bool{} // who answers a scrape needs no probe, but may be covered now
	for _, one := range before {
		if at, ok := seen[one.URL]; ok && time.Since(at) < e.config.Interval && covered[one.Port] == "" && one.Kind != nodeKind {
			scraped[one.Port] = true
		}
	}
	ports = slices.DeleteFunc(ports, func(p int) bool { return scraped[p] })
	answers := e.probeAll(ctx, ports)
	if ctx.Err() != nil {
		return false
	}

	now := time.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, a := range answers {
		one, known := e.found[a.url]
		if !known || one.Kind != a.kind.name {
			one = Exporter{Kind: a.kind.name, Title: a.kind.title, Job: a.kind.name, Port: a.port, URL: a.url, FoundAt: now}
			c.log.Info("exporter found on this machine", "kind", one.Kind, "url", one.URL)
		}
		one.LastSeen = now
		one.State, one.Reason = ExporterScraped, ""
		switch {
		case e.ignored[a.url]:
			one.State, one.Reason = ExporterIgnored, reasonIgnored
		case covered[a.port] != "":
			one.State, one.Reason = ExporterCovered, covered[a.port]
		case a.thisMachine && c.plan.Load().config.Host:
			one.State, one.Reason = ExporterCovered, reasonOwn
		}
		e.found[a.url] = one
	}
	for address, one := range e.found {
		if at := seen[address]; at.After(one.LastSeen) {
			one.LastSeen = at
			e.found[address] = one
		}
		if now.Sub(one.LastSeen) > e.config.ForgetAfter {
			c.log.Info("exporter has gone", "kind", one.Kind, "url", one.URL)
			delete(e.found, address)
		}
	}
	return !maps.EqualFunc(before, e.found, func(a, b Exporter) bool { return a.State == b.State && a.Kind == b.Kind })
}

// answer is an exporter that a probe found.
type answer struct {
	kind        *exporterKind
	url         string
	port        int
	thisMachine bool // a node_exporter that tells of the machine we run on
}

func (e *exporters) probeAll(ctx context.Context, ports []int) []answer {
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		list []answer
	)
	slots := make(chan struct{}, probesAtATime)
	for _, port := range ports {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if a, ok := e.probe(ctx, port); ok {
				mu.Lock()
				defer mu.Unlock()
				list = append(list, a)
			}
		})
	}
	wg.Wait()
	return list
}

// probe asks one port. The address of IPv6 is asked only where nobody listens
// on that of IPv4: most who listen on both are the same program.
func (e *exporters) probe(ctx context.Context, port int) (answer, bool) {
	for _, host := range []string{"127.0.0.1", "::1"} {
		address := (&url.URL{Scheme: "http", Host: net.JoinHostPort(host, strconv.Itoa(port)), Path: "/metrics"}).String()
		p, listening := e.ask(ctx, address)
		if !listening {
			continue
		}
		kind := p.kind(e.kinds)
		if kind == nil {
			return answer{}, false
		}
		return answer{kind: kind, url: address, port: port, thisMachine: kind.name == nodeKind && p.ofThisMachine()}, true
	}
	return answer{}, false
}

// ask reads the metrics at address. What is no exporter is no error, whatever
// it answers.
func (e *exporters) ask(ctx context.Context, address string) (p page, listening bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return page{}, false
	}
	req.Header.Set("User-Agent", e.config.UserAgent)
	req.Header.Set("Accept", "text/plain;version=0.0.4;q=1,*/*;q=0.1")
	resp, err := e.client.Do(req)
	if err != nil {
		operation, dialled := errors.AsType[*net.OpError](err)
		return page{}, !dialled || operation.Op != "dial"
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return page{}, true
	}
	return readPage(io.LimitReader(resp.Body, probeBytes)), true
}

// coveredPorts are the ports of this machine that the file's jobs scrape, with
// the reason to give.
func (c *Collector) coveredPorts() map[int]string {
	local := localHosts()
	covered := map[int]string{}
	for pool, targets := range c.file.TargetsActive() {
		for _, t := range targets {
			u := t.URL()
			port, err := strconv.Atoi(u.Port())
			if err == nil && local[u.Hostname()] && u.Path == "/metrics" {
				covered[port] = fmt.Sprintf("job %q of the configuration scrapes it already", pool)
			}
		}
	}
	return covered
}

// localHosts are the names and addresses of this machine.
func localHosts() map[string]bool {
	local := map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true}
	if name, err := (Config{}).instance(); err == nil {
		local[name] = true
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return local
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok {
			local[n.IP.String()] = true
		}
	}
	return local
}

// lastScrapes is when each exporter last answered a scrape, by URL.
func (c *Collector) lastScrapes() map[string]time.Time {
	seen := map[string]time.Time{}
	jobs := c.plan.Load().jobs
	for pool, targets := range c.inProcess.TargetsActive() {
		if j := jobs[pool]; j == nil || j.found == nil {
			continue
		}
		for _, t := range targets {
			if t.Health() == scrape.HealthGood {
				seen[t.URL().String()] = t.LastScrape()
			}
		}
	}
	return seen
}

// scrapeFound gives what has been found to the scrape manager.
func (c *Collector) scrapeFound() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, err := c.newPlan(c.plan.Load().config)
	if p == nil {
		return err
	}
	c.plan.Store(p) // what err says of the file's jobs has been told at the start
	if !c.running {
		return nil // Run hands it over
	}
	return c.handOwn(p)
}

// newPlan is cfg with what has been found.
func (c *Collector) newPlan(cfg Config) (*plan, error) {
	c.exporters.mu.Lock()
	defer c.exporters.mu.Unlock()
	byKind := map[string][]Exporter{}
	for _, one := range c.exporters.found {
		if one.State == ExporterScraped && cfg.Exporters.Probe {
			byKind[one.Kind] = append(byKind[one.Kind], one)
		}
	}
	var list []foundJob
	for _, kind := range c.exporters.kinds {
		// A job without targets stays: the library marks series as stale where a
		// target goes, and not where its whole job does.
		targets := byKind[kind.name]
		if len(targets) > 0 {
			c.exporters.begun[kind.name] = true
		}
		if c.exporters.begun[kind.name] {
			slices.SortFunc(targets, compareExporters)
			list = append(list, foundJob{kind: kind, targets: targets, interval: c.exporters.config.ScrapeInterval})
		}
	}
	return newPlan(cfg, list...)
}

// foundJob is the exporters of one kind that were found.
type foundJob struct {
	kind     exporterKind
	targets  []Exporter
	interval time.Duration
}

// add puts the job into p. The jobs of the file and of this process must be in
// p already: a job of the same name goes first.
func (f foundJob) add(p *plan) (*promconfig.ScrapeConfig, error) {
	s := promconfig.DefaultScrapeConfig
	s.JobName = f.kind.name
	for p.jobs[s.JobName] != nil {
		s.JobName += " (found)"
	}
	s.ScrapeInterval = model.Duration(f.interval)
	s.ScrapeTimeout = s.ScrapeInterval
	s.HonorLabels = f.kind.keepLabels
	s.HTTPClientConfig.FollowRedirects = false
	if err := s.Validate(p.config.File.GlobalConfig); err != nil {
		return nil, err
	}
	j, err := newJob(&s, p.config.Exporters.Limits)
	if err != nil {
		return nil, err
	}
	j.found = &f
	p.jobs[s.JobName] = j
	return j.applied, nil
}

// group is what the scrape manager is given.
func (f foundJob) group(instance string) *targetgroup.Group {
	g := &targetgroup.Group{Source: "found on this machine"}
	for _, one := range f.targets {
		u, err := url.Parse(one.URL)
		if err != nil {
			continue // made by probe
		}
		g.Targets = append(g.Targets, model.LabelSet{
			model.AddressLabel:  model.LabelValue(u.Host),
			model.JobLabel:      model.LabelValue(f.kind.name),
			model.InstanceLabel: model.LabelValue(net.JoinHostPort(instance, strconv.Itoa(one.Port))),
		})
	}
	return g
}
