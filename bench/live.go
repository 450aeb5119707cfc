package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	liveInterval = 5 * time.Second
	liveHistory  = time.Hour
)

// liveRow is one state of one server, over one phase.
type liveRow struct {
	system   string
	viewers  string
	cpu      time.Duration // of the server
	beyond   time.Duration // of that, beyond scraping alone
	clients  time.Duration // of the viewers' process
	got      string        // how much of what was due arrived
	age      string
	memory   int64 // anonymous
	messages string
}

// live measures viewers of the 12-panel dashboard: polling ones of the peers,
// connected ones of Daymark, and a program that only broadcasts the same bytes.
func live(ctx context.Context, b *bench) error {
	targets := b.series / seriesPerTarget
	var rows []liveRow
	one := map[string]float64{} // CPU seconds that one viewer costs
	var ours liveFigures
	for _, kind := range b.systems {
		err := b.liveSystem(ctx, kind, targets, &rows, one, &ours)
		if errors.Is(err, errMissing) {
			b.out.note("%s is left out: %s", kind, err)
		} else if err != nil {
			return err
		}
	}
	table := [][]string{}
	for _, r := range rows {
		table = append(table, []string{r.system, r.viewers, seconds(r.cpu), seconds(r.beyond), seconds(r.clients), r.got, r.age, megabytes(r.memory), r.messages})
	}
	b.out.note("%d series every %s, 12 panels over the last hour at 5 s steps; each state for %s. CPU in seconds per phase.", b.series, liveInterval, b.phase)
	b.out.table([]string{"system", "viewers", "server CPU", "beyond scraping", "viewers' CPU", "arrived", "freshness p50 / p99 ms", "anonymous MB", "a viewer's messages"}, table)
	if ours.all > 0 {
		summary := [][]string{
			{"all viewers of Daymark / one polling viewer of Prometheus", ratio(ours.all, one[prometheus]), "≤ 0.10"},
			{"all viewers of Daymark / one polling viewer of VictoriaMetrics", ratio(ours.all, one[victoriametrics]), ""},
			{"fan-out (all viewers − one) / bare broadcaster", ratio(ours.all-ours.one, ours.broadcast), "≤ 2"},
			{"freshness p99, ms", fmt.Sprintf("%.0f", ours.p99), "≤ 250"},
			{"memory for the viewers, MB", megabytes(ours.memory), "≤ 200"},
		}
		b.out.table([]string{"ratio", "measured", "goal"}, summary)
	}
	b.out.note("Versions: %s. Raised for Daymark: 20,000 connections, also of one address.", b.versions(ctx, b.systems...))
	return nil
}

// liveFigures are Daymark's; CPU in seconds per phase beyond scraping.
type liveFigures struct {
	one, all, broadcast float64
	p99                 float64 // ms
	memory              int64
}

func (b *bench) liveSystem(ctx context.Context, kind string, targets int, rows *[]liveRow, one map[string]float64, ours *liveFigures) error {
	load, address, err := b.startLoad(ctx, targets, seriesPerTarget)
	if err != nil {
		return err
	}
	defer load.end(os.Interrupt) //nolint:errcheck // it serves nothing any more
	folder := filepath.Join(b.work, "live-"+kind)
	s, err := b.startSystem(ctx, kind, folder, "")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	defer s.end(os.Kill) //nolint:errcheck // its folder goes as well
	b.out.progress("%s: back-fill", kind)
	if err := s.fillUpToNow(ctx, b.seed, history{"shop", targets, seriesPerTarget, time.Now().Add(-liveHistory).Truncate(liveInterval), time.Now(), liveInterval}); err != nil {
		return err
	}
	if err := s.configure(scrapeConfig(address, targets, liveInterval)); err != nil {
		return err
	}
	if err := pause(ctx, 6*liveInterval); err != nil {
		return err
	}
	b.out.progress("%s: without viewers", kind)
	scraping, err := s.over(ctx, b.phase)
	if err != nil {
		return err
	}
	_, before, err := s.memory()
	if err != nil {
		return err
	}
	*rows = append(*rows, liveRow{system: kind, viewers: "0", cpu: scraping, memory: before})
	if kind != daymark {
		for _, n := range []int{1, 10} {
			row, err := b.poll(ctx, s, n, scraping)
			if err != nil {
				return err
			}
			*rows = append(*rows, row)
			if n == 1 {
				one[kind] = row.beyond.Seconds()
			}
		}
		return nil
	}
	counts := []int{1, 10, b.viewers}
	if b.idle > 0 {
		counts = append(counts, b.idle)
	}
	for i, n := range counts {
		record := ""
		if i == 2 {
			record = filepath.Join(b.work, "messages.json")
		}
		row, p99, err := b.watch(ctx, s, address, n, scraping, record)
		if err != nil {
			return err
		}
		*rows = append(*rows, row)
		switch i {
		case 0:
			ours.one = row.beyond.Seconds()
		case 2:
			ours.all, ours.p99, ours.memory = row.beyond.Seconds(), p99, row.memory-before
		}
	}
	row, err := b.broadcast(ctx, filepath.Join(b.work, "messages.json"))
	if err != nil {
		return err
	}
	*rows = append(*rows, row)
	ours.broadcast = row.cpu.Seconds()
	return nil
}

// poll measures polling viewers.
func (b *bench) poll(ctx context.Context, s *system, n int, scraping time.Duration) (liveRow, error) {
	b.out.progress("%s: %d polling", s.kind, n)
	clients, err := startProcess(ctx, "pollers", b.self, "pollers", "-url="+s.url, fmt.Sprint("-n=", n), fmt.Sprint("-phase=", b.phase))
	if err != nil {
		return liveRow{}, err
	}
	row, text, err := b.during(ctx, s, clients, scraping, nil)
	if err != nil {
		return liveRow{}, err
	}
	var p polling
	if err := json.Unmarshal(text, &p); err != nil {
		return liveRow{}, err
	}
	row.viewers = fmt.Sprintf("%d polling", n)
	row.got = fmt.Sprintf("%d of %d refreshes", p.Answered, p.Asked)
	row.messages = fmt.Sprintf("%.0f kB", float64(p.Bytes)/float64(n)/1000)
	return row, nil
}

// during measures a server while its clients, who have printed "ready", watch
// for one phase; begin is called first. It returns what they printed at their end.
func (b *bench) during(ctx context.Context, s *system, clients *process, scraping time.Duration, begin func()) (liveRow, []byte, error) {
	if _, err := clients.line(); err != nil {
		return liveRow{}, nil, err
	}
	if begin != nil {
		begin()
	}
	spent, err := clients.cpu()
	if err != nil {
		return liveRow{}, nil, err
	}
	cpu, err := s.over(ctx, b.phase)
	if err != nil {
		return liveRow{}, nil, err
	}
	_, memory, err := s.memory()
	if err != nil {
		return liveRow{}, nil, err
	}
	text, err := clients.rest()
	if err != nil {
		return liveRow{}, nil, err
	}
	usage := clients.cmd.ProcessState
	return liveRow{
		system: s.kind, cpu: cpu, beyond: max(0, cpu-scraping), memory: memory,
		clients: usage.UserTime() + usage.SystemTime() - spent,
	}, text, nil
}

// watch measures connected viewers of Daymark.
func (b *bench) watch(ctx context.Context, s *system, load string, n int, scraping time.Duration, record string) (liveRow, float64, error) {
	b.out.progress("%s: %d connected", s.kind, n)
	begun := time.Now()
	args := []string{"viewers", "-url=" + strings.Replace(s.url, "http", "ws", 1) + "/api/daymark/v1/live", "-origin=" + s.url, fmt.Sprint("-n=", n), fmt.Sprint("-phase=", b.phase)}
	if record != "" {
		args = append(args, "-record="+record)
	}
	clients, err := startProcess(ctx, "viewers", b.self, args...)
	if err != nil {
		return liveRow{}, 0, err
	}
	row, text, err := b.during(ctx, s, clients, scraping, nil)
	if err != nil {
		return liveRow{}, 0, err
	}
	var w watching
	if err := json.Unmarshal(text, &w); err != nil {
		return liveRow{}, 0, err
	}
	scrapes, err := b.scrapes(ctx, load, begun.Add(-time.Minute))
	if err != nil {
		return liveRow{}, 0, err
	}
	fresh, got, due := w.judge(scrapes)
	row.viewers = fmt.Sprintf("%d connected", n)
	row.got = fmt.Sprintf("%d of %d steps", got, due)
	if w.Gone > 0 || w.Snapshots > 0 {
		row.got += fmt.Sprintf(", %d gone, %d snapshots again", w.Gone, w.Snapshots)
	}
	p99 := quantile(fresh, 0.99)
	row.age = fmt.Sprintf("%.0f / %.0f", quantile(fresh, 0.5), p99)
	row.messages = fmt.Sprintf("%d, %.0f kB", w.Messages/int64(n), float64(w.Bytes)/float64(n)/1000)
	return row, p99, nil
}

func (b *bench) scrapes(ctx context.Context, load string, since time.Time) ([][]scrape, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/scrapes?since=%f", load, millis(since)), nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var all [][]scrape
	return all, json.NewDecoder(resp.Body).Decode(&all)
}

// judge tells how fresh points were at their arrival, in ms since the last
// answered scrape that their step depends on (so what the server takes to parse
// and store it counts), or since the step's time if that is later. It counts
// the steps that arrived, and those that should have: what any viewer had,
// every viewer should have, but for the first and the last step of the phase.
func (w *watching) judge(scrapes [][]scrape) (fresh []float64, got, due int) {
	for panel, steps := range w.Arrivals {
		sources := scrapes
		if dashboard()[panel].firstTarget {
			sources = scrapes[:1]
		}
		lowest, highest := int64(math.MaxInt64), int64(0)
		for step := range steps {
			lowest, highest = min(lowest, step), max(highest, step)
		}
		for step := lowest + 5000; step < highest; step += 5000 {
			arrivals := steps[step]
			due += w.Viewers
			got += len(arrivals)
			after := float64(step)
			for _, target := range sources {
				for _, s := range target {
					if s.Begun <= float64(step) {
						after = max(after, s.Ended)
					}
				}
			}
			for _, arrival := range arrivals {
				fresh = append(fresh, arrival-after)
			}
		}
	}
	return fresh, got, due
}

// broadcast measures the program that only sends.
func (b *bench) broadcast(ctx context.Context, file string) (liveRow, error) {
	b.out.progress("broadcaster: %d connected", b.viewers)
	p, err := startProcess(ctx, "broadcast", b.self, "broadcast", "-messages="+file)
	if err != nil {
		return liveRow{}, err
	}
	address, err := p.line()
	if err != nil {
		return liveRow{}, err
	}
	p.drain()
	defer p.end(os.Interrupt) //nolint:errcheck // it has sent everything
	clients, err := startProcess(ctx, "viewers", b.self, "viewers", "-raw", "-url=ws://"+address+"/", "-origin=http://"+address, fmt.Sprint("-n=", b.viewers), fmt.Sprint("-phase=", b.phase))
	if err != nil {
		return liveRow{}, err
	}
	s := &system{process: p, kind: "broadcaster", url: "http://" + address}
	row, text, err := b.during(ctx, s, clients, 0, func() {
		go func() { // it answers when it has sent everything
			if r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/start", nil); err == nil {
				if resp, err := http.DefaultClient.Do(r); err == nil {
					resp.Body.Close()
				}
			}
		}()
	})
	if err != nil {
		return liveRow{}, err
	}
	var w watching
	if err := json.Unmarshal(text, &w); err != nil {
		return liveRow{}, err
	}
	row.viewers = fmt.Sprintf("%d connected", b.viewers)
	row.messages = fmt.Sprintf("%d, %.0f kB", w.Messages/int64(b.viewers), float64(w.Bytes)/float64(b.viewers)/1000)
	return row, nil
}
