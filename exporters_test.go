package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// startProgram runs a real server until the test ends. A program that is not
// installed fails the test: `make test` installs them all.
func startProgram(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%v (make test installs it)", err)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), env...)
	out := &syncBuffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("output of %s:\n%s", name, out.tail(30))
		}
	})
}

// mariaDB is a database server of this test's own.
type mariaDB struct {
	socket string
}

// maxConnections is small, so that a test can fill the pool.
const maxConnections = 12

// startMariaDB makes a database in a folder of its own and starts it.
func startMariaDB(t *testing.T) *mariaDB {
	t.Helper()
	dir, err := os.MkdirTemp("", "daymark-db") //nolint:usetesting // the path of a socket may have 107 bytes, which t.TempDir can exceed
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	data := filepath.Join(dir, "data")
	db := &mariaDB{socket: filepath.Join(dir, "s")}
	user := "--user=" + currentUser()
	install := exec.Command("mariadb-install-db", "--no-defaults", "--datadir="+data, user, "--auth-root-authentication-method=normal", "--skip-test-db")
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("mariadb-install-db: %v (make test installs it)\n%s", err, out)
	}
	startProgram(t, nil, "mariadbd", "--no-defaults", "--datadir="+data, "--socket="+db.socket, user, "--skip-networking",
		"--innodb-buffer-pool-size=16M", fmt.Sprintf("--max-connections=%d", maxConnections))
	eventually(t, time.Minute, func() (bool, string) {
		out, err := db.command(t.Context(), "select 1").CombinedOutput()
		return err == nil, string(out)
	})
	return db
}

func currentUser() string {
	if os.Getuid() == 0 {
		return "root"
	}
	return os.Getenv("USER")
}

func (db *mariaDB) command(ctx context.Context, statement string) *exec.Cmd {
	return exec.CommandContext(ctx, "mariadb", "--no-defaults", "--user=root", "--socket="+db.socket, "-e", statement)
}

// fill holds n connections open until the test ends.
func (db *mariaDB) fill(t *testing.T, n int) {
	t.Helper()
	for range n {
		cmd := db.command(t.Context(), "select sleep(600)")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	}
}

// shop is a service whose payments become slow when told to.
type shop struct {
	slow atomic.Bool
}

// startShop serves the metrics of a payment service that takes a payment every
// few milliseconds.
func startShop(t *testing.T) (*shop, string) {
	t.Helper()
	reg := prometheus.NewRegistry()
	took := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "payment_duration_seconds", Help: "Time of a payment.", Buckets: []float64{0.1, 0.25, 0.5, 1, 2, 5, 10},
	}, []string{"provider"})
	reg.MustRegister(took)
	s := &shop{}
	server := httptest.NewServer(promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			seconds := 0.3
			if s.slow.Load() {
				seconds = 9
			}
			took.WithLabelValues("acme").Observe(seconds)
		}
	}()
	t.Cleanup(func() { cancel(); <-finished })
	return s, strings.TrimPrefix(server.URL, "http://")
}

// page is what Alertmanager's webhook receiver sends.
type page struct {
	Status      string `json:"status"`
	ExternalURL string `json:"externalURL"`
	Alerts      []struct {
		Status      string            `json:"status"`
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
	} `json:"alerts"`
}

// startPager is a webhook receiver; each page it is sent comes out of the channel.
func startPager(t *testing.T) (string, <-chan page) {
	t.Helper()
	pages := make(chan page, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var p page
		if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
			t.Errorf("page: %v", err)
			return
		}
		pages <- p
	}))
	t.Cleanup(server.Close)
	return server.URL, pages
}

// awaitPage waits for the alert of that name in that status.
func awaitPage(t *testing.T, pages <-chan page, status, alert string) map[string]string {
	t.Helper()
	patience := time.NewTimer(2 * time.Minute)
	defer patience.Stop()
	for {
		select {
		case p := <-pages:
			for _, a := range p.Alerts {
				if a.Labels["alertname"] == alert && a.Status == status {
					return a.Annotations
				}
			}
		case <-patience.C:
			t.Fatalf("no page that %s is %s", alert, status)
		}
	}
}

// TestRealExportersPageAWebhook runs an unmodified prometheus.yml, as it stands
// on thousands of machines, against real exporters, fills the pool of a real
// database and slows a service down.
func TestRealExportersPageAWebhook(t *testing.T) {
	db := startMariaDB(t)
	nodePort, mysqlPort := freePort(t), freePort(t)
	startProgram(t, nil, "prometheus-node-exporter", fmt.Sprintf("--web.listen-address=127.0.0.1:%d", nodePort))
	startProgram(t, []string{"DATA_SOURCE_NAME=root@unix(" + db.socket + ")/"}, "prometheus-mysqld-exporter",
		fmt.Sprintf("--web.listen-address=127.0.0.1:%d", mysqlPort))
	service, shopAddress := startShop(t)
	pager, pages := startPager(t)

	dir := t.TempDir()
	config := writeFile(t, dir, "prometheus.yml", fmt.Sprintf(`# my global config
global:
  scrape_interval: 1s
  evaluation_interval: 1s
  external_labels:
    monitor: codelab

rule_files:
  - "*_rules.yml"

scrape_configs:
  - job_name: node
    static_configs:
      - targets: ['127.0.0.1:%d']
  - job_name: mysql
    static_configs:
      - targets: ['127.0.0.1:%d']
    relabel_configs:
      - target_label: service
        replacement: orders
  - job_name: shop
    static_configs:
      - targets: ['%s']
`, nodePort, mysqlPort, shopAddress))
	writeFile(t, dir, "story_rules.yml", `groups:
  - name: story
    rules:
      - record: job:payment_duration_seconds:p99
        expr: histogram_quantile(0.99, sum by (job, le) (rate(payment_duration_seconds_bucket[5s])))
      - alert: PoolFillingUp
        expr: mysql_global_status_threads_connected / mysql_global_variables_max_connections > 0.7
        labels: {severity: critical}
        annotations:
          summary: "{{ $labels.service }}: {{ $value | humanizePercentage }} of the connections are taken"
      - alert: PaymentsSlow
        expr: job:payment_duration_seconds:p99 > 2
        for: 2s
        labels: {severity: critical}
        annotations:
          summary: "p99 of payments is {{ $value | humanizeDuration }}"
`)
	alerting := writeFile(t, dir, "alertmanager.yml", fmt.Sprintf(`route:
  receiver: pager
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
receivers:
  - name: pager
    webhook_configs:
      - url: %s
`, pager))
	d := start(t, "--config.file="+config, "--alertmanager.config.file="+alerting)

	d.waitFor(t, time.Minute, `mysql_up == 1`)
	d.waitFor(t, time.Minute, `node_memory_MemTotal_bytes{job="node"} > 0`)
	d.waitFor(t, time.Minute, `job:payment_duration_seconds:p99 < 1`)
	if firing, said := d.query(t, "ALERTS"); len(firing) != 0 {
		t.Fatalf("something fires on a good day: %s", said)
	}
	if own, said := d.query(t, `up{job="daymark"} or up{job="node",instance!~"127.*"}`); len(own) != 0 {
		t.Errorf("an unmodified prometheus.yml scrapes nothing of Daymark's own: %s", said)
	}

	filled := time.Now()
	db.fill(t, maxConnections-2)
	annotations := awaitPage(t, pages, "firing", "PoolFillingUp")
	t.Logf("paged %s after the pool began to fill", time.Since(filled).Round(10*time.Millisecond))
	if !strings.HasPrefix(annotations["summary"], "orders: ") || !strings.Contains(annotations["summary"], "%") {
		t.Errorf("summary %q", annotations["summary"])
	}
	service.slow.Store(true)
	awaitPage(t, pages, "firing", "PaymentsSlow")
	service.slow.Store(false)
	awaitPage(t, pages, "resolved", "PaymentsSlow")

	eventually(t, 30*time.Second, func() (bool, string) {
		_, body := get(t, d.url+"/api/daymark/v1/alerts")
		return strings.Contains(string(body), `"integration":"webhook"`) && strings.Contains(string(body), `"ok":true`), string(body)
	})
}
