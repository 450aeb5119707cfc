package collector_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/scrape"
)

func TestTargetsKeepSecrets(t *testing.T) {
	// Nobody listens there, so that the error quotes the address.
	//
	// Credentials in an address never work: the scraper cannot build a request
	// from them. They must not be told all the same.
	r := start(t, config(t, `scrape_configs:
	- job_name: probe
	  params:
	    module: [http_2xx]
	    api_token: [hunter2hunter2]
	    key: ['with space&more']
	    target: ['https://bob:s3cr3t@shop.example/health']
	  basic_auth: {username: prom, password: basicpass}
	  static_configs: [{targets: ['127.0.0.1:1']}]
	- job_name: userinfo
	  static_configs: [{targets: ['alice:wonderland@127.0.0.1:1']}]
	- job_name: dropped
	  static_configs: [{targets: [x], labels: {__param_password: hunter2}}]
	  relabel_configs: [{action: drop}]`), nil)
	got := r.target(t, "probe", "down")
	if want := "http://127.0.0.1:1/metrics?api_token=<secret>&key=<secret>&module=http_2xx&target=https%3A%2F%2Fshop.example%2Fhealth"; got.ScrapeURL != want {
		t.Errorf("URL\n%s\nwant\n%s", got.ScrapeURL, want)
	}
	if !strings.Contains(got.LastError, "connection refused") || !strings.Contains(got.LastError, "module=http_2xx") {
		t.Errorf("error %q", got.LastError)
	}
	other := r.target(t, "userinfo", "down")
	if other.ScrapeURL != "http://127.0.0.1:1/metrics" {
		t.Errorf("URL %s", other.ScrapeURL)
	}
	page := ""
	builder := labels.NewBuilder(labels.EmptyLabels())
	for _, target := range append(r.TargetsActive()["probe"], r.TargetsDropped()["dropped"]...) {
		page += target.URL().String() + target.DiscoveredLabels(builder).String() + target.Labels(builder).String()
		if target.Health() == scrape.HealthBad {
			page += target.LastError().Error()
		}
	}
	for _, target := range r.TargetsActive()["userinfo"] {
		page += target.URL().String() + target.LastError().Error()
	}
	for _, want := range []string{"module=http_2xx", `__param_module="http_2xx"`, `__param_password="<secret>"`, `__address__="127.0.0.1:1"`, `instance="127.0.0.1:1"`, "connection refused"} {
		if !strings.Contains(page, want) {
			t.Errorf("Prometheus's own page lacks %s: %s", want, page)
		}
	}
	waitFor(t, "log lines", func() bool { return strings.Count(r.log.String(), "Scrape failed") > 3 })
	r.stop()
	shown := map[string]string{"target": fmt.Sprintf("%+v", got) + other.ScrapeURL + other.LastError, "log": r.log.String(), "Prometheus's own page": page}
	for where, text := range shown {
		for _, secret := range []string{"hunter2", "with space", "with+space", "s3cr3t", "basicpass", "wonderland"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is in the %s", secret, where)
			}
		}
	}
}

func TestInProcessTargets(t *testing.T) {
	own := prometheus.NewRegistry()
	asked := prometheus.NewCounter(prometheus.CounterOpts{Name: "daymark_questions_total", Help: "Questions."})
	own.MustRegister(asked)
	asked.Add(42)
	address := serve(t, textFormat, "of_the_file 1\n")
	cfg := config(t, "scrape_configs: [{job_name: node, static_configs: [{targets: [%q]}]}]", address)
	cfg.Host, cfg.Self, cfg.Instance, cfg.InProcessInterval = true, true, "web-1", time.Second
	r := start(t, cfg, promhttp.HandlerFor(own, promhttp.HandlerOpts{}))

	// The file has a job "node" too: both live, and ours keeps its labels.
	for pool, job := range map[string]string{"daymark": "daymark", "node (in process)": "node"} {
		got := r.target(t, pool, "up")
		if got.Job != job || got.Instance != "web-1" || got.ScrapeURL != "in process" {
			t.Errorf("%s: %+v", pool, got)
		}
		if diff := cmp.Diff(map[string]string{"job": job, "instance": "web-1"}, got.Labels.Map()); diff != "" {
			t.Error(diff)
		}
	}
	if got := r.target(t, "node", "up"); got.Instance != address {
		t.Errorf("the file's own job: %+v", got)
	}
	waitFor(t, "the samples", func() bool {
		q, ok := r.last(t, "daymark_questions_total", "job", "daymark", "instance", "web-1")
		_, uname := r.last(t, "node_uname_info", "job", "node", "instance", "web-1")
		up, ok2 := r.last(t, "up", "job", "node", "instance", "web-1")
		return ok && q.v == 42 && uname && ok2 && up.v == 1
	})
}

func TestInProcessTargetsComeAndGoWithAReload(t *testing.T) {
	cfg := config(t, "scrape_configs: []")
	r := start(t, cfg, promhttp.HandlerFor(prometheus.NewRegistry(), promhttp.HandlerOpts{}))
	if pools := r.Targets().Pools; len(pools) != 0 {
		t.Fatalf("pools: %+v", pools)
	}
	cfg.Host, cfg.Self, cfg.InProcessInterval = true, true, time.Second
	if err := r.Apply(cfg); err != nil {
		t.Fatal(err)
	}
	r.target(t, "node", "up")
	r.target(t, "daymark", "up")
	cfg.Host = false
	if err := r.Apply(cfg); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "this machine to go", func() bool { return len(r.TargetsActive()) == 1 && len(r.Targets().Pools) == 1 })
}

func TestInProcessFailureIsATargetThatIsDown(t *testing.T) {
	cfg := config(t, "scrape_configs: []")
	cfg.Self = true
	r := start(t, cfg, http.NotFoundHandler())
	if got := r.target(t, "daymark", "down"); got.LastError != "server returned HTTP status 404 Not Found" {
		t.Errorf("error %q", got.LastError)
	}
	waitFor(t, "up at 0", func() bool { p, ok := r.last(t, "up", "job", "daymark"); return ok && p.v == 0 })
}

func TestTheFileCannotReachIntoTheProcess(t *testing.T) {
	cfg := config(t, "scrape_configs: [{job_name: thief, scrape_timeout: 1s, scrape_interval: 1s, static_configs: [{targets: [node.in-process.invalid, daymark.in-process.invalid]}]}]")
	cfg.Host, cfg.InProcessInterval = true, time.Second
	r := start(t, cfg, nil)
	for _, instance := range []string{"node.in-process.invalid", "daymark.in-process.invalid"} {
		waitFor(t, instance, func() bool { p, ok := r.last(t, "up", "instance", instance); return ok && p.v == 0 })
	}
}
