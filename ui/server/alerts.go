package server

import (
	"cmp"
	"context"
	"math"
	"net/url"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"daymark/alerts"
	"daymark/alerts/alertmanager"
)

// alerts returns the document, and the same without the values, which change
// with every evaluation.
func (s *Server) alerts(context.Context) (document, lasting alertsDocument) {
	document = alertsOf(s.deps.Alerting.Active(), s.deps.Rules.Active())
	lasting = document
	lasting.Alerts = slices.Clone(document.Alerts)
	for i := range lasting.Alerts {
		lasting.Alerts[i].Value = nil
	}
	return document, lasting
}

// alertsOf puts together what routing knows of the alerts that fire, those
// that others posted included, and what the rules know: values, and the alerts
// that are pending or have not yet got to routing.
func alertsOf(routed []alertmanager.Active, ruled []alerts.Alert) alertsDocument {
	byFingerprint := map[string]alertEntry{}
	for _, active := range routed {
		e := alertEntryOf(active.Alert)
		e.Fingerprint = active.Fingerprint
		e.State = string(alerts.Firing)
		e.Value = nil // only a rule has one
		e.Status = string(active.Status)
		e.SilencedBy = orEmpty(active.SilencedBy)
		for _, one := range active.Silences {
			e.Silences = append(e.Silences, silenceNote{ID: one.ID, CreatedBy: one.Author, Comment: one.Comment, EndsMs: one.EndsAt.UnixMilli()})
		}
		e.InhibitedBy = orEmpty(active.InhibitedBy)
		e.Receivers = orEmpty(active.Receivers)
		for _, delivery := range active.Deliveries {
			e.Deliveries = append(e.Deliveries, deliveryOutcome{
				Receiver: delivery.Receiver, Integration: delivery.Integration,
				AtMs: delivery.At.UnixMilli(), OK: delivery.OK, Error: delivery.Error,
			})
		}
		byFingerprint[e.Fingerprint] = e
	}
	for _, alert := range ruled {
		if alert.State != alerts.Pending && alert.State != alerts.Firing {
			continue
		}
		e := alertEntryOf(alert)
		known, ok := byFingerprint[e.Fingerprint]
		if ok {
			known.Value = e.Value
			e = known
		}
		byFingerprint[e.Fingerprint] = e
	}

	d := alertsDocument{Alerts: make([]alertEntry, 0, len(byFingerprint))}
	for _, e := range byFingerprint {
		if e.State == string(alerts.Firing) {
			d.Firing++
		} else {
			d.Pending++
		}
		d.Alerts = append(d.Alerts, e)
	}
	slices.SortFunc(d.Alerts, func(a, b alertEntry) int {
		return cmp.Or(
			cmp.Compare(a.State, b.State), // firing stands before pending in the alphabet, too
			cmp.Compare(slices.Index(severities(), a.Severity), slices.Index(severities(), b.Severity)),
			cmp.Compare(a.SinceMs, b.SinceMs),
			cmp.Compare(a.Fingerprint, b.Fingerprint),
		)
	})
	if len(d.Alerts) > listLimit {
		d.Truncated = len(d.Alerts) - listLimit
		d.Alerts = d.Alerts[:listLimit]
	}
	return d
}

// severities are those that the UI has a shape for, the worst first.
func severities() []string { return []string{"critical", "warning", "info", "none"} }

// severityOf reads the label by which people say how bad it is, in the words
// that are around.
func severityOf(ls labels.Labels) string {
	switch strings.ToLower(ls.Get("severity")) {
	case "critical", "page", "error", "high", "fatal", "emergency", "disaster":
		return "critical"
	case "warning", "warn", "medium", "ticket", "major", "minor":
		return "warning"
	case "info", "information", "notice", "low":
		return "info"
	default:
		return "none"
	}
}

// alertEntryOf is an alert of a rule that routing has not seen.
func alertEntryOf(a alerts.Alert) alertEntry {
	e := alertEntry{
		Fingerprint:  a.Fingerprint(),
		State:        string(a.State),
		Severity:     severityOf(a.Labels),
		Name:         a.Labels.Get(labels.AlertName),
		Summary:      a.Annotations.Get("summary"),
		Description:  cmp.Or(a.Annotations.Get("description"), a.Annotations.Get("message")),
		RunbookURL:   webURL(a.Annotations.Get("runbook_url")),
		Labels:       a.Labels,
		Annotations:  a.Annotations,
		SinceMs:      millis(a.ActiveAt),
		GeneratorURL: webURL(a.GeneratorURL),
		Status:       string(alertmanager.StatusUnprocessed),
		SilencedBy:   []string{}, Silences: []silenceNote{}, InhibitedBy: []string{}, Receivers: []string{},
		Deliveries: []deliveryOutcome{},
	}
	if e.SinceMs == 0 {
		e.SinceMs = millis(a.StartsAt)
	}
	if !math.IsNaN(a.Value) && !math.IsInf(a.Value, 0) {
		e.Value = &a.Value
	}
	return e
}

// webURL returns text if it is an address that a page may link to, else "":
// whoever writes annotations must not be able to run scripts.
func webURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return text
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
