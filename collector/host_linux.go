package collector

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/client_golang/prometheus"
	node "github.com/prometheus/node_exporter/collector"
)

// pace is how often a collector is asked whose figures move slowly compared
// with what it costs to read them; in between its last answer is repeated.
// All others are asked at each scrape.
func pace(collector string) time.Duration {
	switch collector {
	case "netclass": // 23 files for each interface: a third of the cost of a scrape
		return 15 * time.Second
	case "btrfs", "edac", "fibrechannel", "infiniband", "mdadm", "nvme", "powersupplyclass": // state, and slow drivers
		return 15 * time.Second
	case "cpufreq", "hwmon", "thermal_zone": // sensors: some drivers take milliseconds, and wake sleeping parts
		return 5 * time.Second
	case "arp", "entropy", "sockstat", "udp_queues": // tables to count through, for gauges that few watch
		return 5 * time.Second
	case "dmi", "os", "selinux": // change with a reboot or an upgrade
		return time.Minute
	}
	return 0
}

// parseNodeFlags gives node_exporter's settings their default values. They
// are flags of the global command line of the kingpin library, which Daymark's
// own command line does not use.
//
//nolint:gochecknoglobals // guards the globals of node_exporter and kingpin
var parseNodeFlags = sync.OnceValue(func() error {
	_, err := kingpin.CommandLine.Parse(nil)
	return err
})

// hostSources are node_exporter's collectors.
func hostSources(log *slog.Logger) ([]*source, error) {
	if err := parseNodeFlags(); err != nil {
		return nil, fmt.Errorf("node_exporter's defaults: %w", err)
	}
	quiet := slog.New(quietHandler{log.Handler()})
	var sources []*source
	for _, name := range nodeCollectors() {
		// One by one: a collector that cannot even be made must not take the
		// others with it.
		made, err := node.NewNodeCollector(quiet, name)
		if err != nil {
			log.Debug("collector left out", "collector", name, "err", err)
			continue
		}
		sources = append(sources, &source{name: name, pace: pace(name), update: func(ch chan<- prometheus.Metric) error {
			return applicable(made.Collectors[name].Update(ch))
		}})
	}
	return sources, nil
}

// applicable is err, or errNothing where err means that this machine, or this
// container, does not have or does not show what is asked for.
func applicable(err error) error {
	if errors.Is(err, node.ErrNoData) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: %w", errNothing, err)
	}
	return err
}

// nodeCollectors are the names of the collectors that node_exporter has
// switched on by default. It tells them nowhere but in its flags.
func nodeCollectors() []string {
	var names []string
	for _, f := range kingpin.CommandLine.Model().Flags {
		name, isCollector := strings.CutPrefix(f.Name, "collector.")
		if isCollector && f.IsBoolFlag() && !strings.Contains(name, ".") && slices.Equal(f.Default, []string{"true"}) {
			names = append(names, name)
		}
	}
	return names
}

// quietHandler lowers everything to Debug: node_exporter logs what is missing
// each time it looks.
type quietHandler struct{ slog.Handler }

// Enabled is part of slog.Handler.
func (h quietHandler) Enabled(ctx context.Context, _ slog.Level) bool {
	return h.Handler.Enabled(ctx, slog.LevelDebug)
}

// Handle is part of slog.Handler.
func (h quietHandler) Handle(ctx context.Context, r slog.Record) error {
	r.Level = slog.LevelDebug
	return h.Handler.Handle(ctx, r)
}

// WithAttrs is part of slog.Handler.
func (h quietHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quietHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup is part of slog.Handler.
func (h quietHandler) WithGroup(name string) slog.Handler {
	return quietHandler{h.Handler.WithGroup(name)}
}
