package ruler

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/util/strutil"

	"daymark/alerts"
)

// outgoing is what becomes of an alert on its way out. Prometheus's notifier
// does the same to what it sends.
type outgoing struct {
	labels      labels.Labels // external labels, for alerts that have none of that name
	relabel     []*relabel.Config
	externalURL string
	queryOffset time.Duration
}

func newOutgoing(cfg Config) *outgoing {
	return &outgoing{
		labels:      cfg.File.GlobalConfig.ExternalLabels,
		relabel:     cfg.File.AlertingConfig.AlertRelabelConfigs,
		externalURL: linkBase(cfg.ExternalURL),
		queryOffset: time.Duration(cfg.File.GlobalConfig.RuleQueryOffset),
	}
}

// leave returns the labels with which an alert leaves, and whether it does.
func (o *outgoing) leave(ls labels.Labels) (labels.Labels, bool) {
	b := labels.NewBuilder(ls)
	o.labels.Range(func(l labels.Label) {
		if ls.Get(l.Name) == "" {
			b.Set(l.Name, l.Value)
		}
	})
	if !relabel.ProcessBuilder(b, o.relabel...) {
		return labels.EmptyLabels(), false
	}
	return b.Labels(), true
}

// notify hands alerts of one rule on. The rules call it, and wait for it.
func (r *Ruler) notify(ctx context.Context, expr string, list ...*rules.Alert) {
	if len(list) == 0 {
		return
	}
	out := r.outgoing.Load()
	link := out.externalURL + strutil.TableLinkForExpression(expr)
	r.external.send(link, list)
	now := time.Now()
	sent := make([]alerts.Alert, 0, len(list))
	for _, a := range list {
		ls, ok := out.leave(a.Labels)
		if !ok {
			continue
		}
		sent = append(sent, convert(a, ls, link, now))
	}
	if len(sent) > 0 {
		r.send(context.WithoutCancel(ctx), sent)
	}
}

// convert returns a rule's alert in our words.
func convert(a *rules.Alert, ls labels.Labels, link string, now time.Time) alerts.Alert {
	converted := alerts.Alert{
		Labels:       ls,
		Annotations:  a.Annotations,
		State:        alerts.Firing,
		StartsAt:     a.FiredAt,
		EndsAt:       a.ValidUntil,
		UpdatedAt:    now,
		ActiveAt:     a.ActiveAt,
		GeneratorURL: link,
		Value:        a.Value,
	}
	switch {
	case !a.ResolvedAt.IsZero():
		converted.State, converted.EndsAt = alerts.Resolved, a.ResolvedAt
	case a.State == rules.StatePending:
		converted.State = alerts.Pending
	}
	return converted
}

// Active returns the alerts that are pending or firing, in the order of their
// groups and rules, with the labels that they leave with (their own, where
// relabelling keeps them from leaving). The caller owns the result.
func (r *Ruler) Active() []alerts.Alert {
	out := r.outgoing.Load()
	var list []alerts.Alert
	for _, group := range r.manager.RuleGroups() {
		for _, rule := range group.Rules() {
			alerting, ok := rule.(*rules.AlertingRule)
			if !ok {
				continue
			}
			link := out.externalURL + strutil.TableLinkForExpression(alerting.Query().String())
			from := len(list)
			for _, a := range alerting.ActiveAlerts() {
				ls, leaves := out.leave(a.Labels)
				if !leaves {
					ls = a.Labels
				}
				list = append(list, convert(a, ls, link, group.GetLastEvaluation()))
			}
			slices.SortFunc(list[from:], func(a, b alerts.Alert) int { return labels.Compare(a.Labels, b.Labels) })
		}
	}
	return list
}
