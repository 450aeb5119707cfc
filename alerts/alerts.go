// Package alerts holds the words that rules, notifications and pages share:
// what an alert is, and the states it goes through.
package alerts

import (
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// State says how far an alert has come.
type State string

// The states of an alert, in the order in which it goes through them.
const (
	Inactive State = "inactive" // its condition does not hold
	Pending  State = "pending"  // its condition holds, but not yet as long as the rule's `for`
	Firing   State = "firing"   // it is to be told
	Resolved State = "resolved" // it was firing, and its condition holds no more
)

// Alert is one alert of one rule: the rule's labels and those of the series
// that set it off.
type Alert struct {
	Labels      labels.Labels
	Annotations labels.Labels
	State       State

	StartsAt  time.Time // since when it fires; zero while pending
	EndsAt    time.Time // when it resolved, or until when to believe that it still fires; zero: not known
	UpdatedAt time.Time // when its rule was last evaluated
	ActiveAt  time.Time // since when its condition holds; survives a restart

	GeneratorURL string  // leads to the rule's expression
	Value        float64 // of the expression, when it was last evaluated
}

// Fingerprint identifies the alert by its labels, as Alertmanager's API does:
// 16 hexadecimal digits.
func (a Alert) Fingerprint() string {
	return LabelSet(a.Labels).Fingerprint().String()
}

// LabelSet returns ls as Alertmanager spells labels. The caller owns the
// result.
func LabelSet(ls labels.Labels) model.LabelSet {
	set := make(model.LabelSet, ls.Len())
	ls.Range(func(l labels.Label) { set[model.LabelName(l.Name)] = model.LabelValue(l.Value) })
	return set
}

// FromLabelSet returns Alertmanager's labels in Prometheus's form.
func FromLabelSet(set model.LabelSet) labels.Labels {
	b := labels.NewScratchBuilder(len(set))
	for name, value := range set {
		b.Add(string(name), string(value))
	}
	b.Sort()
	return b.Labels()
}
