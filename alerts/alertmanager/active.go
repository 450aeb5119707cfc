package alertmanager

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/marker"
	"github.com/prometheus/alertmanager/silence"
	"github.com/prometheus/common/model"

	"daymark/alerts"
)

// Status says what routing makes of a firing alert.
type Status string

// What routing makes of a firing alert.
const (
	StatusActive      Status = "active"      // its receivers are told
	StatusSuppressed  Status = "suppressed"  // silenced, inhibited, or muted by a time interval
	StatusUnprocessed Status = "unprocessed" // not yet looked at
)

// Active is an alert that fires, and what becomes of it.
type Active struct {
	alerts.Alert
	Fingerprint string
	Status      Status
	SilencedBy  []string   // ids of silences
	Silences    []Silence  // the same, as far as they still stand
	InhibitedBy []string   // fingerprints of alerts
	MutedBy     []string   // names of time intervals
	Receivers   []string   // whom its routes name
	Deliveries  []Delivery // the newest to each of them since the alert became active
}

// Silence says who muted an alert, why, and until when.
type Silence struct {
	ID      string
	Author  string // as they gave their name
	Comment string
	EndsAt  time.Time
}

// Active returns every firing alert, those from rules and those that others
// have posted, sorted by fingerprint. The caller owns the result, except for
// what the labels share. Before and after Run there are none.
func (a *Alertmanager) Active() []Active {
	p := a.running.Load()
	if p == nil {
		return nil
	}
	now := time.Now()
	muted, grouped := p.groupState(now)
	iterator := p.alerts.GetPending()
	defer iterator.Close()
	var list []Active
	for next := range iterator.Next() {
		am := next.Data
		if am.ResolvedAt(now) {
			continue
		}
		fp := am.Fingerprint()
		active := a.describe(am)
		active.MutedBy = muted[fp]
		for _, route := range p.routing.Load().routes.Match(am.Labels) {
			active.Receivers = append(active.Receivers, route.RouteOpts.Receiver)
		}
		slices.Sort(active.Receivers)
		active.Receivers = slices.Compact(active.Receivers)
		p.judge(am.Labels, &active)
		active.Silences = a.silencesOf(active.SilencedBy)
		if !grouped[fp] {
			active.Status = StatusUnprocessed
		}
		list = append(list, active)
	}
	slices.SortFunc(list, func(a, b Active) int { return strings.Compare(a.Fingerprint, b.Fingerprint) })
	return list
}

// describe puts together what is known about an alert itself.
func (a *Alertmanager) describe(am *alert.Alert) Active {
	fp := am.Fingerprint()
	active := Active{Fingerprint: fp.String()}
	said, fromRule := a.incoming.of(fp)
	if fromRule {
		active.Alert = said
	}
	active.Labels, active.Annotations = alerts.FromLabelSet(am.Labels), alerts.FromLabelSet(am.Annotations)
	active.State = alerts.Firing
	active.StartsAt, active.EndsAt, active.UpdatedAt = am.StartsAt, am.EndsAt, am.UpdatedAt
	active.GeneratorURL = am.GeneratorURL
	if active.ActiveAt.IsZero() {
		active.ActiveAt = am.StartsAt
	}
	// Deliveries of an earlier time that the alert fired are history.
	active.Deliveries = a.deliveries.since(fp, active.ActiveAt)
	return active
}

// silencesOf looks silences up. One that has been dropped meanwhile is left out.
func (a *Alertmanager) silencesOf(ids []string) []Silence {
	var list []Silence
	for _, id := range ids {
		found, err := a.silences.QueryOne(context.Background(), silence.QIDs(id))
		if err != nil {
			continue
		}
		list = append(list, Silence{ID: id, Author: found.CreatedBy, Comment: found.Comment, EndsAt: found.EndsAt.AsTime()})
	}
	return list
}

// judge asks silences and inhibition.
func (p *parts) judge(ls model.LabelSet, active *Active) {
	m := marker.NewAlertMarker()
	p.mutes(marker.WithContext(context.Background(), m), ls)
	status := m.Status(ls.Fingerprint())
	active.SilencedBy, active.InhibitedBy = status.SilencedBy, status.InhibitedBy
	active.Status = StatusActive
	if status.State == alert.AlertStateSuppressed || len(active.MutedBy) > 0 {
		active.Status = StatusSuppressed
	}
}

// groupState says which time intervals mute an alert now, and which alerts
// routing has looked at.
func (p *parts) groupState(now time.Time) (muted map[model.Fingerprint][]string, grouped map[model.Fingerprint]bool) {
	muted, grouped = map[model.Fingerprint][]string{}, map[model.Fingerprint]bool{}
	groups, _, err := p.alertGroups(context.Background(),
		func(*dispatch.Route) bool { return true },
		func(a *alert.Alert, _ time.Time) bool { return !a.ResolvedAt(now) })
	if err != nil { // only of a context that ended
		return muted, grouped
	}
	for _, group := range groups {
		by, _ := p.groups.Muted(group.RouteID, group.GroupKey)
		for _, am := range group.Alerts {
			fp := am.Fingerprint()
			grouped[fp] = true
			muted[fp] = append(muted[fp], by...)
		}
	}
	for fp, by := range muted {
		slices.Sort(by)
		muted[fp] = slices.Compact(by)
	}
	return muted, grouped
}

// alertGroups asks the dispatcher that runs.
func (p *parts) alertGroups(ctx context.Context, routes func(*dispatch.Route) bool, list func(*alert.Alert, time.Time) bool) (dispatch.AlertGroups, map[model.Fingerprint][]string, error) {
	return p.routing.Load().dispatcher.Groups(ctx, routes, list)
}

// forgetting tells the intake which alerts routing has dropped, and else is
// the silencer, which wants to know it too.
type forgetting struct {
	*silence.Silencer
	incoming *intake
}

// PostGC is called after alerts have been dropped.
func (f forgetting) PostGC(list model.Fingerprints) {
	f.Silencer.PostGC(list)
	f.incoming.forget(list)
}
