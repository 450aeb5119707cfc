package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// polling is what the polling viewers tell at their end.
type polling struct {
	Viewers   int    `json:"viewers"`
	Asked     int64  `json:"asked"`    // refreshes that a patient person expects: one each 5 s and viewer
	Answered  int64  `json:"answered"` // refreshes with all panels answered
	Bytes     int64  `json:"bytes"`
	Failed    int64  `json:"failed"` // requests
	LastError string `json:"last_error,omitempty"`
}

const refresh = 5 * time.Second

// runPollers does what Grafana does: one query_range for each panel and
// refresh, at most 6 at a time for each viewer, who skips ticks when late. It
// prints "ready" after a first refresh of one viewer.
func runPollers(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("pollers", flag.ContinueOnError)
	base := flags.String("url", "", "of the server")
	n := flags.Int("n", 1, "how many")
	phase := flags.Duration("phase", time.Minute, "how long")
	if err := flags.Parse(args); err != nil {
		return err
	}
	p := &poller{url: *base + "/api/v1/query_range", client: &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 6 * *n, DisableCompression: true}, // gzip is asked for by hand and left packed
	}}
	if ok := p.refresh(ctx); !ok {
		return fmt.Errorf("the first refresh failed: %s", p.result.LastError)
	}
	p.result = polling{Viewers: *n}
	p.bytes.Store(0)
	fmt.Println("ready")

	ctx, cancel := context.WithTimeout(ctx, *phase)
	defer cancel()
	var wg sync.WaitGroup
	for i := range *n {
		wg.Go(func() {
			// Viewers open their pages at different moments.
			if pause(ctx, refresh*time.Duration(i)/time.Duration(*n)) != nil {
				return
			}
			tick := time.NewTicker(refresh)
			defer tick.Stop()
			for {
				if p.refresh(ctx) {
					p.answered.Add(1)
				}
				select {
				case <-tick.C:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	wg.Wait()
	p.result.Asked = int64(*n) * int64(*phase/refresh)
	p.result.Answered, p.result.Bytes, p.result.Failed = p.answered.Load(), p.bytes.Load(), p.failed.Load()
	return json.NewEncoder(os.Stdout).Encode(p.result)
}

type poller struct {
	url                     string
	client                  *http.Client
	answered, bytes, failed atomic.Int64

	mu     sync.Mutex
	result polling
}

// refresh asks for all panels once.
func (p *poller) refresh(ctx context.Context) bool {
	// Grafana aligns both ends to the step.
	end := time.Now().Unix() / 5 * 5
	slots := make(chan struct{}, 6)
	var wg sync.WaitGroup
	var wrong atomic.Bool
	for _, panel := range dashboard() {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			form := url.Values{"query": {panel.expr}, "start": {fmt.Sprint(end - 3600)}, "end": {fmt.Sprint(end)}, "step": {"5"}}
			if err := p.ask(ctx, form); err != nil {
				wrong.Store(true)
				if ctx.Err() != nil {
					return // the end, not a failure
				}
				p.failed.Add(1)
				p.mu.Lock()
				p.result.LastError = err.Error()
				p.mu.Unlock()
			}
		})
	}
	wg.Wait()
	return !wrong.Load()
}

func (p *poller) ask(ctx context.Context, form url.Values) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Encoding", "gzip")
	resp, err := p.client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	p.bytes.Add(n)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s for %s", resp.Status, form.Get("query"))
	}
	return err
}
