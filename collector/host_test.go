package collector

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// withSources is a machine that consists of sources.
func withSources(log *slog.Logger, sources ...*source) *machine {
	m := newMachine(log)
	m.prepare.Do(func() { m.sources = sources })
	return m
}

// scrapeMachine asks m as the scraper does, with a scrape timeout of a second.
func scrapeMachine(t *testing.T, m *machine) map[string]*dto.MetricFamily {
	t.Helper()
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/metrics", http.NoBody)
	r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "1")
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// succeeded tells which sources did.
func succeeded(families map[string]*dto.MetricFamily) []string {
	var names []string
	for _, m := range families["node_scrape_collector_success"].GetMetric() {
		if m.GetGauge().GetValue() == 1 {
			names = append(names, m.GetLabel()[0].GetValue())
		}
	}
	slices.Sort(names)
	return names
}

func TestASourceThatHangsDoesNotHideTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		answer := make(chan error)
		var asked atomic.Int64
		value := gauge("good", "A figure.")
		m := withSources(slog.New(slog.NewTextHandler(&log, nil)),
			&source{name: "mount", update: func(chan<- prometheus.Metric) error { asked.Add(1); return <-answer }},
			&source{name: "good", update: func(ch chan<- prometheus.Metric) error { value.send(ch, 7); return nil }},
		)
		for range 3 {
			start := time.Now()
			families := scrapeMachine(t, m)
			if took := time.Since(start); took > 800*time.Millisecond {
				t.Errorf("the answer took %v", took)
			}
			if got := families["node_good"].GetMetric(); len(got) != 1 || got[0].GetGauge().GetValue() != 7 {
				t.Errorf("the other source: %v", got)
			}
			if got := succeeded(families); !slices.Equal(got, []string{"good"}) {
				t.Errorf("succeeded: %v", got)
			}
		}
		if n := asked.Load(); n != 1 {
			t.Errorf("a source that still hangs was asked %d times", n)
		}
		if n := strings.Count(log.String(), "are late"); n != 1 || !strings.Contains(log.String(), "collectors=[mount] within=800ms") {
			t.Errorf("log:\n%s", &log)
		}
		answer <- nil
		synctest.Wait()
		go func() { answer <- nil }()
		if got := succeeded(scrapeMachine(t, m)); !slices.Equal(got, []string{"good", "mount"}) {
			t.Errorf("after it came back: %v", got)
		}
		if !strings.Contains(log.String(), "in time again") {
			t.Errorf("log:\n%s", &log)
		}
	})
}

func TestASourceThatFailsIsLeftAlone(t *testing.T) {
	tests := map[string]struct {
		update  func() error
		warning string
	}{
		"nothing there": {func() error { return errNothing }, ""},
		"failure":       {func() error { return errors.New("broken sensor") }, "broken sensor"},
		"panic":         {func() error { panic("index out of range") }, "panic: index out of range"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				asked := 0
				m := withSources(slog.New(slog.NewTextHandler(&log, nil)),
					&source{name: "s", update: func(chan<- prometheus.Metric) error { asked++; return tt.update() }})
				for range 121 { // two minutes, a scrape each second
					families := scrapeMachine(t, m)
					if got := families["node_scrape_collector_success"].GetMetric(); len(got) != 1 || got[0].GetGauge().GetValue() != 0 {
						t.Fatalf("success: %v", got)
					}
					time.Sleep(time.Second)
				}
				if asked != 3 {
					t.Errorf("asked %d times", asked)
				}
				lines := 0
				if tt.warning != "" {
					lines = 1
				}
				if n := strings.Count(log.String(), "level=WARN"); n != lines || !strings.Contains(log.String(), tt.warning) {
					t.Errorf("log:\n%s", &log)
				}
			})
		})
	}
}

func TestASlowSourceIsPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		value := gauge("slow", "A figure.")
		m := withSources(slog.New(slog.DiscardHandler), &source{name: "slow", pace: 15 * time.Second, update: func(ch chan<- prometheus.Metric) error {
			asked++
			value.send(ch, float64(asked))
			return nil
		}})
		for second := range 31 {
			families := scrapeMachine(t, m)
			if got, want := families["node_slow"].GetMetric()[0].GetGauge().GetValue(), float64(second/15+1); got != want {
				t.Errorf("after %d s: %v, want %v", second, got, want)
			}
			if got := succeeded(families); len(got) != 1 {
				t.Errorf("after %d s: succeeded %v", second, got)
			}
			time.Sleep(time.Second)
		}
	})
}

// TestPortableMetricsMatch holds the metrics of macOS and Windows to the ones
// of Linux: each has a name, a type and labels that the other system has too.
func TestPortableMetricsMatch(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	want := scrapeMachine(t, newMachine(log))
	got := scrapeMachine(t, withSources(log, portableSources()...))
	if sources := succeeded(got); len(sources) != len(portableSources()) {
		t.Errorf("succeeded: %v", sources)
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if want[name] == nil || got[name].GetType() != want[name].GetType() {
			t.Errorf("%s: %v, on Linux %v", name, got[name].GetType(), want[name].GetType())
			continue
		}
		if g, w := labelsOf(got[name]), labelsOf(want[name]); !slices.Equal(g, w) {
			t.Errorf("%s: labels %v, on Linux %v", name, g, w)
		}
	}
	for _, name := range []string{
		"node_cpu_seconds_total", "node_memory_MemTotal_bytes", "node_memory_MemAvailable_bytes", "node_load1", "node_filesystem_size_bytes",
		"node_filesystem_avail_bytes", "node_disk_read_bytes_total", "node_disk_io_time_seconds_total", "node_network_receive_bytes_total",
		"node_boot_time_seconds", "node_uname_info", "node_time_seconds",
	} {
		if len(got[name].GetMetric()) == 0 {
			t.Errorf("%s is missing", name)
		}
	}
	total := func(f map[string]*dto.MetricFamily) float64 {
		return f["node_memory_MemTotal_bytes"].GetMetric()[0].GetGauge().GetValue()
	}
	if total(got) != total(want) {
		t.Errorf("memory: %v, node_exporter says %v", total(got), total(want))
	}
}

func labelsOf(f *dto.MetricFamily) []string {
	var names []string
	for _, l := range f.GetMetric()[0].GetLabel() {
		names = append(names, l.GetName())
	}
	slices.Sort(names)
	return names
}
