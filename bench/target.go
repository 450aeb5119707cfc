package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// scrape is one answer that a target gave; times are milliseconds since the
// epoch.
type scrape struct {
	Begun float64 `json:"begun"`
	Ended float64 `json:"ended"` // the last byte was handed to the system
}

// target serves one exposition and remembers when it was asked.
type target struct {
	mu      sync.Mutex
	page    *exposition
	scrapes []scrape
}

func (t *target) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	begun := time.Now()
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	page := t.page.write(begun)
	w.Header().Set("Content-Length", strconv.Itoa(len(page)))
	if _, err := w.Write(page); err != nil {
		return // the scraper went away
	}
	_ = http.NewResponseController(w).Flush() // an error means the same
	t.scrapes = append(t.scrapes, scrape{millis(begun), millis(time.Now())})
}

func millis(t time.Time) float64 { return float64(t.UnixMicro()) / 1000 }

// since lists the scrapes that ended after a moment in milliseconds.
func (t *target) since(ms float64) []scrape {
	t.mu.Lock()
	defer t.mu.Unlock()
	var some []scrape
	for _, s := range t.scrapes {
		if s.Ended >= ms {
			some = append(some, s)
		}
	}
	return some
}

// runLoad serves targets until it is stopped. It prints its address.
func runLoad(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	n := flags.Int("targets", 10, "how many `targets`")
	size := flags.Int("series", seriesPerTarget, "`series` of each")
	seed := flags.Uint64("seed", 1, "of the values")
	churn := flags.Float64("churn", 0, "`share` of the pods that are replaced each minute")
	if err := flags.Parse(args); err != nil {
		return err
	}
	mux := http.NewServeMux()
	targets := make([]*target, *n)
	for i := range targets {
		targets[i] = &target{page: newExposition(lines(*seed, i, *size), *churn)}
		mux.Handle(fmt.Sprintf("GET /t/%d/metrics", i), targets[i])
	}
	mux.HandleFunc("GET /scrapes", func(w http.ResponseWriter, r *http.Request) {
		after, err := strconv.ParseFloat(cmp.Or(r.FormValue("since"), "0"), 64)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		all := make([][]scrape, len(targets))
		for i, t := range targets {
			all[i] = t.since(after)
		}
		_ = json.NewEncoder(w).Encode(all) // the reader went away
	})
	return serve(ctx, mux)
}

// serve listens on a free port of loopback, prints its address and serves
// until ctx ends.
func serve(ctx context.Context, handler http.Handler) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
