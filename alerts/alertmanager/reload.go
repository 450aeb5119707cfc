package alertmanager

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"reflect"
	"strings"
	"time"

	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/config/receiver"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/eventrecorder"
	"github.com/prometheus/alertmanager/inhibit"
	"github.com/prometheus/alertmanager/notify"
	"github.com/prometheus/alertmanager/template"
	"github.com/prometheus/alertmanager/timeinterval"
	"github.com/prometheus/common/model"
)

// candidate is a configuration of which everything that can fail has been
// built, and nothing runs yet.
type candidate struct {
	conf      *amconfig.Config
	builtIn   bool
	path      string
	templates *template.Template
	routes    *dispatch.Route
	receivers map[string][]notify.Integration
	intervals map[string][]timeinterval.TimeInterval
}

// prepare builds the candidate for c. Deliveries are recorded in record, which
// may be nil when the candidate will not run.
func prepare(c Config, record *deliveries, log *slog.Logger) (*candidate, error) {
	next := &candidate{conf: c.File, builtIn: c.File == nil, path: c.FilePath}
	if next.builtIn {
		conf, err := parseBuiltIn()
		if err != nil {
			return nil, err
		}
		next.conf = conf
	}
	templates, err := template.FromGlobs(next.conf.Templates)
	if err != nil {
		return nil, fmt.Errorf("notification templates: %w", err)
	}
	templates.ExternalURL = withoutSlash(c.ExternalURL)
	next.templates = templates
	next.routes = dispatch.NewRoute(next.conf.Route, nil)

	used := map[string]bool{}
	next.routes.Walk(func(r *dispatch.Route) { used[r.RouteOpts.Receiver] = true })
	next.receivers = make(map[string][]notify.Integration, len(used))
	for _, r := range next.conf.Receivers {
		if !used[r.Name] {
			log.Info("receiver not built because no route uses it", "receiver", r.Name)
			continue
		}
		integrations, err := receiver.BuildReceiverIntegrations(r, templates, log)
		if err != nil {
			return nil, fmt.Errorf("receiver %q: %w", r.Name, err)
		}
		if next.builtIn {
			integrations = append(integrations, notify.NewIntegration(shown{}, shown{}, BuiltInIntegration, 0, r.Name))
		}
		settings := map[string]reflect.Value{}
		eachIntegration(&r, func(name string, index int, entry reflect.Value) {
			settings[fmt.Sprintf("%s[%d]", name, index)] = entry
		})
		for i := range integrations {
			integrations[i] = record.wrap(integrations[i], r.Name, settings[integrations[i].String()])
		}
		next.receivers[r.Name] = integrations
	}

	next.intervals = map[string][]timeinterval.TimeInterval{}
	for _, ti := range next.conf.MuteTimeIntervals {
		next.intervals[ti.Name] = ti.TimeIntervals
	}
	for _, ti := range next.conf.TimeIntervals {
		next.intervals[ti.Name] = ti.TimeIntervals
	}
	next.warn(c.withDefaults().Retention, log)
	return next, nil
}

// warn tells about settings that are valid and yet hardly what was meant.
func (c *candidate) warn(retention time.Duration, log *slog.Logger) {
	c.routes.Walk(func(r *dispatch.Route) {
		if r.RouteOpts.RepeatInterval > retention {
			log.Warn("repeat_interval is longer than notifications are remembered, so they may repeat earlier",
				"route", r.Key(), "repeat_interval", r.RouteOpts.RepeatInterval, "retention", retention)
		}
		if r.RouteOpts.RepeatInterval < r.RouteOpts.GroupInterval {
			log.Warn("repeat_interval is shorter than group_interval, so notifications repeat at the latter",
				"route", r.Key(), "repeat_interval", r.RouteOpts.RepeatInterval, "group_interval", r.RouteOpts.GroupInterval)
		}
	})
}

// integrations counts what the receivers notify through.
func (c *candidate) integrations() (n int) {
	for _, r := range c.receivers {
		n += len(r)
	}
	return n
}

// withoutSlash copies u for use in notifications, whose templates put a slash
// of their own after it.
func withoutSlash(u *url.URL) *url.URL {
	if u == nil {
		return &url.URL{}
	}
	trimmed := *u
	trimmed.Path = strings.TrimRight(u.Path, "/")
	trimmed.RawPath = strings.TrimRight(u.RawPath, "/")
	return &trimmed
}

// routing is what a reload swaps: routes, receivers, inhibition, dispatching.
type routing struct {
	*candidate
	inhibitor  *inhibit.Inhibitor
	dispatcher *dispatch.Dispatcher
}

// swap stops the routing that runs, if any, and starts next in its place. It
// cannot fail. Notifications on their way get a moment to arrive first, so
// that the new dispatcher does not send them again.
func (p *parts) swap(next *candidate) {
	if old := p.routing.Load(); old != nil {
		old.inhibitor.Stop()
		old.dispatcher.Stop()
		p.inFlight.close(drainPatience)
		p.inFlight.open()
	}
	nop := eventrecorder.NopRecorder()
	r := &routing{candidate: next}
	r.inhibitor = inhibit.NewInhibitor(p.alerts, next.conf.InhibitRules, p.log, nop)
	pipeline := p.pipelines.New(
		next.receivers,
		func() time.Duration { return 0 },
		r.inhibitor,
		p.silencer,
		timeinterval.NewIntervener(next.intervals),
		p.groups,
		p.notifications,
		nil,
	)
	r.dispatcher = dispatch.NewDispatcher(
		p.alerts,
		next.routes,
		p.inFlight.through(pipeline),
		p.groups,
		func(d time.Duration) time.Duration { return max(d, notify.MinTimeout) },
		dispatchMaintenance,
		nil,
		p.log,
		nop,
		p.dispatching,
		next.templates,
	)
	p.metrics.configured(next)

	// The inhibitor must know all alerts before anything is sent, or what it
	// should hold back slips through; and the API must not see either half full.
	p.goroutines.Go(r.inhibitor.Run)
	r.inhibitor.WaitForLoading()
	p.goroutines.Go(func() { r.dispatcher.Run(time.Now()) })
	r.dispatcher.WaitForLoading()
	p.routing.Store(r)
	p.api.Update(next.conf, p.mutes)
}

// mutes asks inhibition and silences about the labels; they write who mutes
// them into the marker that ctx carries.
func (p *parts) mutes(ctx context.Context, ls model.LabelSet) {
	p.routing.Load().inhibitor.Mutes(ctx, ls)
	p.silencer.Mutes(ctx, ls)
}
