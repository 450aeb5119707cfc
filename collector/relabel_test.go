package collector_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
)

func TestRelabelling(t *testing.T) {
	address := serve(t, textFormat, "kept{path=\"/a\",instance=\"theirs\"} 1\ndropped 1\n")
	r := start(t, config(t, `scrape_configs:
	- job_name: shop
	  static_configs:
	  - targets: [%[1]q, 'left.out.invalid:1']
	    labels: {__meta_team: payments}
	  relabel_configs:
	  - {source_labels: [__address__], regex: 'left.*', action: drop}
	  - {source_labels: [__meta_team], target_label: team}
	  - {target_label: instance, replacement: till-1}
	  - {target_label: __scrape_interval__, replacement: 200ms}
	  metric_relabel_configs:
	  - {source_labels: [__name__], regex: dropped, action: drop}
	  - {source_labels: [path], target_label: route, regex: '/(.*)', replacement: 'r-$1'}`, address), nil)

	got := r.target(t, "shop", "up")
	if got.Instance != "till-1" || got.Labels.Get("team") != "payments" || got.Interval != 200*time.Millisecond || got.Samples != 1 {
		t.Errorf("target %+v", got)
	}
	if pool := r.Targets().Pools[0]; pool.Dropped != 1 || len(pool.Targets) != 1 {
		t.Errorf("pool %+v", pool)
	}
	waitFor(t, "the relabelled series", func() bool {
		_, ok := r.last(t, "kept", "team", "payments", "instance", "till-1", "exported_instance", "theirs", "route", "r-a")
		return ok
	})
	if _, ok := r.last(t, "dropped"); ok {
		t.Error("metric_relabel_configs let a series through")
	}
	// The rule that marks the pool is ours, and nobody else's business.
	c, err := r.ScrapePoolConfig("shop")
	if err != nil || len(c.RelabelConfigs) != 4 {
		t.Errorf("configuration of the pool: %d rules, %v", len(c.RelabelConfigs), err)
	}
	if dropped := r.TargetsDropped()["shop"]; len(dropped) != 1 {
		t.Errorf("dropped targets: %v", dropped)
	}
	if diff := cmp.Diff(map[string]int{"shop": 1}, r.TargetsDroppedCounts()); diff != "" {
		t.Error(diff)
	}
}

func TestHonorLabels(t *testing.T) {
	address := serve(t, textFormat, "pushed{job=\"batch\",instance=\"\"} 1\n")
	r := start(t, config(t, "scrape_configs: [{job_name: gateway, honor_labels: true, static_configs: [{targets: [%q]}]}]", address), nil)
	waitFor(t, "the pushed series", func() bool {
		_, ok := r.last(t, "pushed", "job", "batch")
		return ok
	})
}

func TestStalenessOfASeries(t *testing.T) {
	var shrink syncBool
	address := listen(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", textFormat)
		body := "stays 1\n"
		if !shrink.get() {
			body += "goes 1\n"
		}
		_, _ = w.Write([]byte(body))
	}))
	r := start(t, config(t, "scrape_configs: [{job_name: s, static_configs: [{targets: [%q]}]}]", address), nil)
	waitFor(t, "the series", func() bool { _, ok := r.last(t, "goes"); return ok })
	shrink.set()
	waitFor(t, "its stale marker", func() bool { p, _ := r.last(t, "goes"); return p.stale() })
	if p, _ := r.last(t, "stays"); p.stale() {
		t.Error("the other series is stale too")
	}
}

func TestStalenessOfATarget(t *testing.T) {
	address := serve(t, textFormat, "business 1\n")
	list := write(t, "targets.yml", "[{targets: ["+address+"]}]")
	r := start(t, config(t, "scrape_configs: [{job_name: s, file_sd_configs: [{files: [%q]}]}]", list), nil)
	waitFor(t, "the series", func() bool { _, ok := r.last(t, "business"); return ok })
	write(t, list, "[]")
	waitFor(t, "stale markers", func() bool {
		business, _ := r.last(t, "business")
		up, _ := r.last(t, "up")
		return business.stale() && up.stale()
	})
	if n := len(r.TargetsActive()["s"]); n != 0 {
		t.Errorf("%d targets are left", n)
	}
}

func TestStalenessOfADeadTarget(t *testing.T) {
	var dead syncBool
	address := listen(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if dead.get() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", textFormat)
		_, _ = w.Write([]byte("business 1\n"))
	}))
	r := start(t, config(t, "scrape_configs: [{job_name: s, static_configs: [{targets: [%q]}]}]", address), nil)
	waitFor(t, "the series", func() bool { _, ok := r.last(t, "business"); return ok })
	dead.set()
	if got := r.target(t, "s", "down"); got.LastError != "server returned HTTP status 503 Service Unavailable" {
		t.Errorf("error %q", got.LastError)
	}
	waitFor(t, "the stale marker, and up at 0", func() bool {
		business, _ := r.last(t, "business")
		up, _ := r.last(t, "up")
		return business.stale() && up.v == 0
	})
}

func TestUnixSocketTargets(t *testing.T) {
	address, path := serveUnix(t, "socket_metric 1\n")
	r := start(t, config(t, "scrape_configs: [{job_name: sock, static_configs: [{targets: [%q], labels: {__unix_socket__: %q}}]}]", address, path), nil)
	r.target(t, "sock", "up")
	waitFor(t, "the sample", func() bool { _, ok := r.last(t, "socket_metric"); return ok })
}

func TestExtraScrapeMetrics(t *testing.T) {
	address := serve(t, textFormat, "a 1\n")
	r := start(t, config(t, "scrape_configs: [{job_name: x, extra_scrape_metrics: true, static_configs: [{targets: [%q]}]}]", address), nil)
	for name, want := range map[string]float64{"scrape_sample_limit": 500_000, "scrape_timeout_seconds": 0.1, "scrape_body_size_bytes": 4, "scrape_samples_scraped": 1} {
		waitFor(t, name, func() bool { p, ok := r.last(t, name); return ok && p.v == want })
	}
}

func TestScrapePools(t *testing.T) {
	cfg := config(t, "scrape_configs: [{job_name: b, static_configs: [{targets: ['127.0.0.1:1']}]}, {job_name: a}]")
	cfg.Self = true
	r := start(t, cfg, http.NotFoundHandler())
	waitFor(t, "all pools", func() bool { return slices.Equal(r.ScrapePools(), []string{"a", "b", "daymark"}) })
	if _, err := r.ScrapePoolConfig("c"); err == nil {
		t.Error("a pool that does not exist has a configuration")
	}
	if c, err := r.ScrapePoolConfig("daymark"); err != nil || c.ScrapeInterval != model.Duration(100*time.Millisecond) {
		t.Errorf("%+v, %v", c, err)
	}
}
