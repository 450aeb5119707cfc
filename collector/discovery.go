package collector

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/discovery"
	"k8s.io/klog/v2"

	// The discoveries that the binary carries register themselves; static is
	// part of the discovery package.
	_ "github.com/prometheus/prometheus/discovery/dns"
	_ "github.com/prometheus/prometheus/discovery/file"
	_ "github.com/prometheus/prometheus/discovery/http"
	_ "github.com/prometheus/prometheus/discovery/kubernetes"
	_ "github.com/prometheus/prometheus/discovery/moby"
)

// DiscoveryKeys are the keys of the service discoveries that the binary
// carries, as they are written in a scrape configuration, sorted.
func DiscoveryKeys() []string {
	var keys []string
	for _, name := range discovery.RegisteredConfigNames() {
		if name == "static" {
			keys = append(keys, "static_configs")
			continue
		}
		keys = append(keys, name+"_sd_configs")
	}
	slices.Sort(keys)
	return keys
}

// ExplainDiscovery says what to do about key where it is the key of a service
// discovery that the binary does not carry. Otherwise it is "".
//
// Prometheus's loader knows such a key no better than a misspelt one: `field
// consul_sd_configs not found in type config.ScrapeConfig`.
func ExplainDiscovery(key string) string {
	if !strings.HasSuffix(key, "_sd_configs") || slices.Contains(DiscoveryKeys(), key) {
		return ""
	}
	return fmt.Sprintf("service discovery %q is not part of Daymark; it has %s. Use http_sd_configs or file_sd_configs with a program that lists the targets",
		strings.TrimSuffix(key, "_sd_configs"), strings.Join(DiscoveryKeys(), ", "))
}

// newDiscoveryMetrics registers what all discoveries report on.
func newDiscoveryMetrics(reg prometheus.Registerer) (*discovery.SDMetrics, error) {
	if err := discovery.RegisterK8sClientMetricsWithPrometheus(reg); err != nil {
		return nil, fmt.Errorf("metrics of the Kubernetes client: %w", err)
	}
	m, err := discovery.CreateAndRegisterSDMetrics(reg)
	if err != nil {
		return nil, fmt.Errorf("metrics of service discovery: %w", err)
	}
	return m, nil
}

// captureKubernetesLog sends what the Kubernetes client logs to log; without
// a logger it writes to standard error. The client has one logger for the
// whole process, which must not change while it is in use: the first stays.
func captureKubernetesLog(log *slog.Logger) {
	kubernetesLog.Do(func() { klog.SetSlogLogger(log) })
}

//nolint:gochecknoglobals // guards a global of the Kubernetes client
var kubernetesLog sync.Once
