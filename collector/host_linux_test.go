package collector_test

import (
	"maps"
	"net"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/scrape"
)

// nodeExporter is Debian's package of the real thing.
const nodeExporter = "prometheus-node-exporter"

// TestHostMetricsAreNodeExporters scrapes this machine in process and through
// a real node_exporter side by side.
func TestHostMetricsAreNodeExporters(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	exporter := exec.CommandContext(t.Context(), nodeExporter, "--web.listen-address="+address)
	if err := exporter.Start(); err != nil {
		t.Fatalf("%v (make test installs it)", err)
	}
	t.Cleanup(func() {
		_ = exporter.Process.Kill()
		_ = exporter.Wait()
	})
	cfg := config(t, `scrape_configs: [{job_name: exporter, scrape_interval: 1s, scrape_timeout: 1s, static_configs: [{targets: [%q]}]}]`, address)
	cfg.Host, cfg.Instance, cfg.InProcessInterval = true, "here", time.Second
	r := start(t, cfg, nil)
	for _, job := range []string{"exporter", "node"} {
		waitFor(t, job, func() bool { p, ok := r.last(t, "up", "job", job); return ok && p.v == 1 })
	}
	theirs, ours := families(r, "exporter"), families(r, "node")
	for _, name := range []string{
		"node_uname_info", "node_cpu_seconds_total", "node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes", "node_memory_MemFree_bytes",
		"node_memory_Buffers_bytes", "node_memory_Cached_bytes", "node_memory_SwapTotal_bytes", "node_memory_SwapFree_bytes", "node_load1", "node_filesystem_avail_bytes",
		"node_network_receive_bytes_total", "node_boot_time_seconds", "node_scrape_collector_success", "node_scrape_collector_duration_seconds",
	} {
		if _, ok := ours[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(theirs)) {
		if !strings.HasPrefix(name, "node_") || name == "node_exporter_build_info" {
			continue // about the program, not about the machine
		}
		// Older versions pass on every field of /proc/meminfo, ours those that
		// it knows.
		if _, ok := ours[name]; !ok && strings.HasPrefix(name, "node_memory_") {
			continue
		}
		if ours[name].Type != theirs[name].Type {
			t.Errorf("%s: ours is a %q, node_exporter's a %q", name, ours[name].Type, theirs[name].Type)
			continue
		}
		want, got := labelNames(t, r, name, "exporter"), labelNames(t, r, name, "node")
		for label := range want {
			if !got[label] {
				t.Errorf("%s: no label %q; ours are %v", name, label, slices.Sorted(maps.Keys(got)))
			}
		}
	}
	t.Logf("%d families here, %d in node_exporter", len(ours), len(theirs))
}

// families are the metrics of a job's only target, without those on Go and
// the process.
func families(r *running, pool string) map[string]scrape.MetricMetadata {
	out := map[string]scrape.MetricMetadata{}
	for _, m := range r.TargetsActive()[pool][0].ListMetadata() {
		out[m.MetricFamily] = m
	}
	return out
}

func labelNames(t *testing.T, r *running, metric, job string) map[string]bool {
	t.Helper()
	q, err := r.db.Querier(0, 1<<62)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	names := map[string]bool{}
	set := q.Select(t.Context(), false, nil, labels.MustNewMatcher(labels.MatchEqual, "__name__", metric), labels.MustNewMatcher(labels.MatchEqual, "job", job))
	for set.Next() {
		set.At().Labels().Range(func(l labels.Label) { names[l.Name] = true })
	}
	return names
}

// BenchmarkScrapeOfThisMachine is whole scrapes, through memory into a TSDB.
// cpu-ms/scrape is the processor time of the process for each.
func BenchmarkScrapeOfThisMachine(b *testing.B) {
	cfg := config(b, "scrape_configs: []")
	cfg.Host, cfg.InProcessInterval = true, 50*time.Millisecond
	r := start(b, cfg, nil)
	r.target(b, "node", "up")
	first, used := len(r.points(b)), processorTime(b)
	b.ResetTimer()
	waitFor(b, "the scrapes", func() bool { return len(r.points(b)) >= first+b.N })
	b.StopTimer()
	b.ReportMetric(float64((processorTime(b)-used).Microseconds())/1000/float64(b.N), "cpu-ms/scrape")
	b.ReportMetric(float64(r.Targets().Pools[0].Targets[0].Samples), "samples")
}

// points are the scrapes of this machine so far.
func (r *running) points(t testing.TB) []point {
	t.Helper()
	for _, points := range r.stored(t, "up", "job", "node") {
		return points
	}
	return nil
}

func processorTime(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
