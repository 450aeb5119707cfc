package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/util/notifications"

	"daymark/ui/server"
)

// part is one component that a reload reaches.
type part struct {
	name  string
	apply func(Config) error
}

// reloader swaps configurations: the whole candidate is read and checked
// first, then each part takes it. Where a part still refuses, all go back to
// the configuration that worked.
type reloader struct {
	read  func() (Config, error) // reads and checks a candidate; changes nothing
	parts []part
	log   *slog.Logger
	told  *notifications.Notifications

	succeeded   prometheus.Gauge
	succeededAt prometheus.Gauge

	reloading sync.Mutex // held through a reload: one at a time

	mu      sync.Mutex // guards what follows
	current Config
	last    server.Reload
}

// newReloader starts from the configuration that the parts were built from.
func newReloader(current Config, told *notifications.Notifications, log *slog.Logger, reg prometheus.Registerer) *reloader {
	r := &reloader{
		current: current, told: told, log: log,
		last: server.Reload{At: time.Now()},
		// Prometheus's names: rules and dashboards that watch reloads know them.
		succeeded: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "prometheus_config_last_reload_successful", Help: "Whether the last configuration reload attempt was successful.",
		}),
		succeededAt: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "prometheus_config_last_reload_success_timestamp_seconds", Help: "Timestamp of the last successful configuration reload.",
		}),
	}
	reg.MustRegister(r.succeeded, r.succeededAt)
	r.succeeded.Set(1)
	r.succeededAt.SetToCurrentTime()
	return r
}

// Reload reads the configuration again and applies it. A file that cannot be
// used changes nothing. The error names file, line and reason, or the part
// that refused.
func (r *reloader) Reload(context.Context) error {
	r.reloading.Lock()
	defer r.reloading.Unlock()
	begun := time.Now()
	err := r.reload()
	r.mu.Lock()
	r.last = server.Reload{At: begun, Err: err}
	r.mu.Unlock()
	if err != nil {
		r.succeeded.Set(0)
		r.told.AddNotification(notifications.ConfigurationUnsuccessful)
		r.log.Error("configuration not reloaded, the old one stays in force", "err", err)
		return err
	}
	r.succeeded.Set(1)
	r.succeededAt.SetToCurrentTime()
	r.told.DeleteNotification(notifications.ConfigurationUnsuccessful)
	r.log.Info("configuration reloaded", "duration", time.Since(begun))
	return nil
}

func (r *reloader) reload() error {
	candidate, err := r.read()
	if err != nil {
		return err
	}
	if err := r.apply(candidate); err != nil {
		return r.goBack(err)
	}
	r.putInForce(candidate)
	return nil
}

// putInForce notes that every part runs with c.
func (r *reloader) putInForce(c Config) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current = c
}

func (r *reloader) apply(c Config) error {
	for _, p := range r.parts {
		if err := p.apply(c); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

// goBack applies the old configuration again everywhere, the parts that were
// not reached yet included: applying twice is harmless, missing one is not.
func (r *reloader) goBack(refused error) error {
	old := r.Current()
	for _, p := range r.parts {
		if err := p.apply(old); err != nil {
			refused = errors.Join(refused, fmt.Errorf("%s: apply the old configuration again: %w", p.name, err))
		}
	}
	return refused
}

// Current is the configuration in force.
func (r *reloader) Current() Config {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.current
}

// Setup is what the pages tell about the configuration in force.
func (r *reloader) Setup() server.Setup {
	r.mu.Lock()
	defer r.mu.Unlock()
	setup := r.current.Setup
	setup.LastReload = r.last
	return setup
}

// watch reloads whenever changed says that a file has, until ctx is done.
func (r *reloader) watch(ctx context.Context, interval time.Duration, checksum func() (string, error)) error {
	last, err := checksum()
	if err != nil {
		return fmt.Errorf("watch the configuration: %w", err)
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now, err := checksum()
		if err != nil {
			r.log.Warn("configuration files cannot be read, watching on", "err", err)
			continue
		}
		if now == last {
			continue
		}
		last = now
		// The outcome is logged, and told to the pages, by Reload.
		_ = r.Reload(ctx)
	}
}
