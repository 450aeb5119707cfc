package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

const faultTargets = 20

// preset is one way to set scraping, evaluation and grouping.
type preset struct {
	name     string
	interval time.Duration // of scrapes and of evaluation
	faults   int
	// waits are the Alertmanager configurations that the peer is measured
	// with; empty is one that omits group_wait, which means 30 s.
	waits []string
}

// detection measures the seconds from a fault at a target to the page at a
// webhook, with Daymark and its peer side by side on the same targets.
func detection(ctx context.Context, b *bench) error {
	presets := []preset{
		{"tight", time.Second, b.faults, []string{"0s"}},
		{"usual", 15 * time.Second, min(faultTargets, max(1, b.faults/4)), []string{"", "0s"}},
	}
	var rows [][]string
	for _, p := range presets {
		some, err := b.detect(ctx, p)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		rows = append(rows, some...)
	}
	b.out.note("%d targets with a gauge each that jumps at a random moment; `expr: bench_fault > 0`, no `for:`. Seconds from the jump to the webhook.", faultTargets)
	b.out.table([]string{"preset", "system", "faults", "median", "p90", "most", "goal for the median"}, rows)
	b.out.note("Versions: %s.", b.versions(ctx, daymark, prometheus, "alertmanager"))
	return nil
}

// plant is the targets and the webhooks.
type plant struct {
	mu     sync.Mutex
	faulty [faultTargets]bool
	// paged holds for each system and target where to tell that it has been
	// paged, or that the page's end has been told.
	paged map[string]*[faultTargets]chan bool
}

func (p *plant) scrape(w http.ResponseWriter, r *http.Request) {
	i, err := strconv.Atoi(r.PathValue("target"))
	if err != nil || i < 0 || i >= faultTargets {
		http.NotFound(w, r)
		return
	}
	p.mu.Lock()
	value := 0
	if p.faulty[i] {
		value = 1
	}
	p.mu.Unlock()
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	fmt.Fprintf(w, "# TYPE bench_fault gauge\nbench_fault %d\n", value)
}

func (p *plant) set(target int, faulty bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faulty[target] = faulty
}

func (p *plant) page(w http.ResponseWriter, r *http.Request) {
	var message struct {
		Alerts []struct {
			Status string            `json:"status"`
			Labels map[string]string `json:"labels"`
		} `json:"alerts"`
	}
	if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	channels := p.paged[r.PathValue("system")]
	if channels == nil {
		http.NotFound(w, r)
		return
	}
	for _, alert := range message.Alerts {
		var i int
		if _, err := fmt.Sscanf(alert.Labels["instance"], "shop-%d:8080", &i); err != nil {
			continue
		}
		select {
		case channels[i] <- alert.Status == "firing":
		default: // nobody waits: a repeated page
		}
	}
}

// routing is an alertmanager.yml that pages a webhook, each target in a group
// of its own.
func routing(wait, hook string) string {
	if wait != "" {
		wait = "\n  group_wait: " + wait
	}
	return fmt.Sprintf("route:\n  receiver: hook\n  group_by: [instance]%s\n  group_interval: 1s\nreceivers:\n- name: hook\n  webhook_configs: [{url: %q, send_resolved: true}]\n", wait, hook)
}

func (b *bench) detect(ctx context.Context, p preset) ([][]string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	names := []string{daymark}
	for _, wait := range p.waits {
		names = append(names, "prometheus + alertmanager, group_wait "+orDefault(wait))
	}
	plant := &plant{paged: map[string]*[faultTargets]chan bool{}}
	for i := range names {
		var channels [faultTargets]chan bool
		for j := range channels {
			channels[j] = make(chan bool, 4)
		}
		plant.paged[strconv.Itoa(i)] = &channels
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /t/{target}/metrics", plant.scrape)
	mux.HandleFunc("POST /hook/{system}", plant.page)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go server.Serve(listener) //nolint:errcheck // it is closed below
	defer server.Close()

	ended, err := b.startPagers(ctx, p, listener.Addr().String())
	defer ended()
	if err != nil {
		return nil, err
	}
	b.out.progress("%s: %d faults", p.name, p.faults)
	if err := pause(ctx, 3*p.interval); err != nil {
		return nil, err
	}
	delays, err := b.injure(ctx, p, plant, len(names))
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for i, name := range names {
		d, goal := delays[i], ""
		if i == 0 {
			goal = fmt.Sprintf("≤ %.1f", p.interval.Seconds()/2+0.2)
		}
		rows = append(rows, []string{p.name, name, strconv.Itoa(len(d)), fmt.Sprintf("%.2f", quantile(d, 0.5)), fmt.Sprintf("%.2f", quantile(d, 0.9)), fmt.Sprintf("%.2f", quantile(d, 1)), goal})
	}
	return rows, nil
}

func orDefault(wait string) string {
	if wait == "" {
		return "left out (30 s)"
	}
	return wait
}

// startPagers starts Daymark, and Prometheus with an Alertmanager for each of
// the preset's configurations. What it returns ends them all, also after an
// error.
func (b *bench) startPagers(ctx context.Context, p preset, address string) (end func(), err error) {
	var running []*process
	end = func() {
		for _, r := range running {
			_ = r.end(os.Kill) // nothing of them is looked at
		}
		_ = os.RemoveAll(filepath.Join(b.work, "detection"))
	}
	folder := filepath.Join(b.work, "detection")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return end, err
	}
	rules := filepath.Join(folder, "rules.yml")
	text := "groups:\n- name: bench\n  rules:\n  - alert: BenchFault\n    expr: bench_fault > 0\n    labels: {severity: page}\n"
	if err := os.WriteFile(rules, []byte(text), 0o600); err != nil {
		return end, err
	}
	config := fmt.Sprintf("%srule_files: [%q]\n", scrapeConfig(address, faultTargets, p.interval), rules)
	config = "global:\n  evaluation_interval: " + p.interval.String() + config[len("global:"):]

	file := filepath.Join(folder, "daymark-alertmanager.yml")
	if err := os.WriteFile(file, []byte(routing("0s", "http://"+address+"/hook/0")), 0o600); err != nil {
		return end, err
	}
	ours, err := b.startSystem(ctx, daymark, filepath.Join(folder, daymark), config, "--alertmanager.config.file="+file)
	if err != nil {
		return end, err
	}
	running = append(running, ours.process)

	binary, err := b.program(ctx, "alertmanager")
	if errors.Is(err, errMissing) {
		return end, fmt.Errorf("the peer of this section is missing: %w", err)
	} else if err != nil {
		return end, err
	}
	var targets []string
	for i, wait := range p.waits {
		file := filepath.Join(folder, fmt.Sprintf("alertmanager-%d.yml", i))
		if err := os.WriteFile(file, []byte(routing(wait, fmt.Sprintf("http://%s/hook/%d", address, i+1))), 0o600); err != nil {
			return end, err
		}
		listen, err := freeAddress(ctx)
		if err != nil {
			return end, err
		}
		am, err := startProcess(ctx, "alertmanager", binary, "--config.file="+file, "--storage.path="+filepath.Join(folder, fmt.Sprint("alertmanager-", i)), "--web.listen-address="+listen, "--cluster.listen-address=", "--log.level=warn")
		if err != nil {
			return end, err
		}
		am.drain()
		running = append(running, am)
		targets = append(targets, strconv.Quote(listen))
	}
	theirs, err := b.startSystem(ctx, prometheus, filepath.Join(folder, prometheus), config+"alerting:\n  alertmanagers:\n  - static_configs:\n    - targets: ["+strings.Join(targets, ", ")+"]\n")
	if err != nil {
		return end, err
	}
	running = append(running, theirs.process)
	return end, nil
}

// injure makes faults and returns the seconds until each system paged.
func (b *bench) injure(ctx context.Context, p preset, plant *plant, systems int) ([][]float64, error) {
	var (
		mu     sync.Mutex
		wg     sync.WaitGroup
		delays = make([][]float64, systems)
		failed = make(chan error, faultTargets)
		random = rand.New(rand.NewPCG(b.seed, 7)) //nolint:gosec // moments, not secrets
	)
	for target := range min(faultTargets, p.faults) {
		faults := p.faults / faultTargets
		if target < p.faults%faultTargets {
			faults++
		}
		var pauses []time.Duration
		for range faults {
			pauses = append(pauses, time.Duration(random.Float64()*4*float64(p.interval)))
		}
		wg.Go(func() {
			for _, d := range pauses {
				if pause(ctx, d) != nil {
					return
				}
				begun := time.Now()
				plant.set(target, true)
				var each sync.WaitGroup
				for i := range systems {
					each.Go(func() {
						if err := await(ctx, plant.paged[strconv.Itoa(i)][target], true); err != nil {
							failed <- fmt.Errorf("system %d, target %d: %w", i, target, err)
							return
						}
						mu.Lock()
						delays[i] = append(delays[i], time.Since(begun).Seconds())
						mu.Unlock()
					})
				}
				each.Wait()
				plant.set(target, false)
				for i := range systems {
					if err := await(ctx, plant.paged[strconv.Itoa(i)][target], false); err != nil {
						failed <- fmt.Errorf("system %d, target %d, its end: %w", i, target, err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failed:
		return nil, err
	default:
		return delays, ctx.Err()
	}
}

// await waits until a page, or its end, has been told.
func await(ctx context.Context, told <-chan bool, firing bool) error {
	deadline := time.After(3 * time.Minute)
	for {
		select {
		case got := <-told:
			if got == firing {
				return nil
			}
		case <-deadline:
			return errors.New("nothing came for three minutes")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
