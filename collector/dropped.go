package collector

import (
	"errors"
	"fmt"
	"maps"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
	"go.yaml.in/yaml/v3"
)

// ErrNoJob says that there is no scrape job of that name.
var ErrNoJob = errors.New("no such scrape job")

// Dropped is a target that was discovered and is not scraped.
type Dropped struct {
	Labels   labels.Labels // as discovered, without secrets
	Address  string        // as discovered
	Rule     int           // the rule of relabel_configs that dropped it, counted from 1; 0 where none did
	Action   string        // of that rule
	RuleYAML string        // that rule
	Reason   string        // where no rule did
}

// DroppedTargets runs the relabelling rules of a job one by one on the targets
// that were dropped. count is how many there are; at most limit are listed, and
// no more than keep_dropped_targets allows. It is ErrNoJob where there is no
// such job.
func (c *Collector) DroppedTargets(name string, limit int) (list []Dropped, count int, err error) {
	j := c.plan.Load().jobs[name]
	if j == nil {
		return nil, 0, fmt.Errorf("%w: %q", ErrNoJob, name)
	}
	raw := merged(c.file.TargetsDropped(), c.inProcess.TargetsDropped())
	clean := c.shown(maps.Clone(raw))[name]
	list = []Dropped{}
	for i, t := range raw[name][:min(len(raw[name]), limit)] {
		if i >= len(clean) {
			break // the job has just gone
		}
		d, err := droppedBy(j.original.RelabelConfigs, t.DiscoveredLabels(labels.NewBuilder(labels.EmptyLabels())))
		if err != nil {
			return nil, 0, fmt.Errorf("relabelling rule of job %q: %w", name, err)
		}
		d.Labels = clean[i].DiscoveredLabels(labels.NewBuilder(labels.EmptyLabels()))
		d.Address = d.Labels.Get(model.AddressLabel)
		list = append(list, d)
	}
	return list, max(c.TargetsDroppedCounts()[name], len(list)), nil
}

// droppedBy finds the first rule that does not keep a target.
func droppedBy(rules []*relabel.Config, found labels.Labels) (Dropped, error) {
	builder := labels.NewBuilder(found)
	for i, rule := range rules {
		if relabel.ProcessBuilder(builder, rule) {
			continue
		}
		text, err := yaml.Marshal(rule)
		if err != nil {
			return Dropped{}, err
		}
		return Dropped{Rule: i + 1, Action: string(rule.Action), RuleYAML: string(text)}, nil
	}
	if builder.Get(model.AddressLabel) == "" {
		return Dropped{Reason: "no address is left after relabelling"}, nil
	}
	return Dropped{Reason: "no rule drops it now: the rules have just changed"}, nil
}
