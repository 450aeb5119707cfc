package ruler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	commoncfg "github.com/prometheus/common/config"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/notifier"
	"github.com/prometheus/prometheus/rules"
)

// external sends alerts to the Alertmanagers of `alerting:`, wherever
// discovery finds them.
type external struct {
	notifier  *notifier.Manager
	discovery *discovery.Manager
	giveUp    context.CancelFunc // ends requests under way, and all that would follow
}

// newExternal starts nothing; ctx ends what start starts.
func newExternal(ctx context.Context, cfg Config, log *slog.Logger, reg prometheus.Registerer) (*external, error) {
	if err := checkExternal(cfg.File); err != nil {
		return nil, err
	}
	sdMetrics := cfg.DiscoveryMetrics
	if sdMetrics == nil {
		var err error
		if sdMetrics, err = discovery.CreateAndRegisterSDMetrics(reg); err != nil {
			return nil, err
		}
	}
	options := []func(*discovery.Manager){discovery.Name("notify")}
	if cfg.FeatureRegistry != nil {
		options = append(options, discovery.FeatureRegistry(cfg.FeatureRegistry))
	}
	e := &external{discovery: discovery.NewManager(ctx, log, reg, sdMetrics, options...)}
	if e.discovery == nil {
		return nil, errors.New("metrics of the discovery could not be registered")
	}
	var sending context.Context
	sending, e.giveUp = context.WithCancel(context.Background())
	e.notifier = notifier.NewManager(&notifier.Options{
		Do:              until(sending), //nolint:bodyclose // the notifier closes it
		QueueCapacity:   cfg.NotifierQueue,
		MaxBatchSize:    cfg.NotifierBatch,
		DrainOnShutdown: cfg.NotifierDrain,
		Registerer:      reg,
	}, cfg.scheme(), log)
	return e, nil
}

// until returns how the notifier is to send: no longer than until end. By
// itself it drains its queue however long that takes, and an Alertmanager that
// does not answer would hold up a stop for one timeout after another.
func until(end context.Context) func(context.Context, *http.Client, *http.Request) (*http.Response, error) {
	return func(ctx context.Context, client *http.Client, req *http.Request) (*http.Response, error) {
		ctx, cancel := context.WithCancel(ctx)
		release := context.AfterFunc(end, cancel)
		context.AfterFunc(ctx, func() { release() }) // as the notifier does once it has read the answer
		return client.Do(req.WithContext(ctx))
	}
}

// checkExternal builds and throws away what apply could fail to build: the
// HTTP clients, with their certificates and secrets.
func checkExternal(file *promconfig.Config) error {
	for name, conf := range file.AlertingConfig.AlertmanagerConfigs.ToMap() {
		client, err := commoncfg.NewClientFromConfig(conf.HTTPClientConfig, "alertmanager")
		if err != nil {
			return fmt.Errorf("alerting: alertmanagers: %s: %w", name, err)
		}
		client.CloseIdleConnections()
	}
	return nil
}

// start begins to discover and to send.
func (e *external) start(file *promconfig.Config, parts *sync.WaitGroup) error {
	parts.Go(func() { _ = e.discovery.Run() }) // it only ever returns its context's error
	parts.Go(func() { e.notifier.Run(e.discovery.SyncCh()) })
	return e.apply(file)
}

// apply switches to another configuration.
func (e *external) apply(file *promconfig.Config) error {
	if err := e.notifier.ApplyConfig(file); err != nil {
		return err
	}
	targets := map[string]discovery.Configs{}
	for name, conf := range file.AlertingConfig.AlertmanagerConfigs.ToMap() {
		targets[name] = conf.ServiceDiscoveryConfigs
	}
	return e.discovery.ApplyConfig(targets)
}

// send queues alerts. The notifier itself adds the external labels and
// relabels.
func (e *external) send(link string, list []*rules.Alert) {
	queued := make([]*notifier.Alert, 0, len(list))
	for _, a := range list {
		n := &notifier.Alert{
			StartsAt:     a.FiredAt,
			EndsAt:       a.ValidUntil,
			Labels:       a.Labels,
			Annotations:  a.Annotations,
			GeneratorURL: link,
		}
		if !a.ResolvedAt.IsZero() {
			n.EndsAt = a.ResolvedAt
		}
		queued = append(queued, n)
	}
	e.notifier.Send(queued...)
}

// stop lets what waits be sent, and ends.
func (e *external) stop() { e.notifier.Stop() }
