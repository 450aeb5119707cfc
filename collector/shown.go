package collector

import (
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/scrape"
)

// shown replaces each target whose address holds a secret by a copy without
// it. /api/v1/targets writes out the address and the labels that discovery
// found, parameters included. It changes targets.
func (c *Collector) shown(targets map[string][]*scrape.Target) map[string][]*scrape.Target {
	jobs := c.plan.Load().jobs
	for pool, list := range targets {
		j := jobs[pool]
		if j == nil {
			delete(targets, pool) // its job is on its way out
			continue
		}
		clean := make([]*scrape.Target, len(list))
		for i, t := range list {
			clean[i] = c.withoutSecrets(j, t)
		}
		targets[pool] = clean
	}
	return targets
}

// withoutSecrets is t, a target of j, itself where there is nothing to hide.
func (c *Collector) withoutSecrets(j *job, t *scrape.Target) *scrape.Target {
	builder := labels.NewBuilder(labels.EmptyLabels())
	found, hidden := model.LabelSet{}, false
	t.DiscoveredLabels(builder).Range(func(l labels.Label) {
		value := l.Value
		if name, isParam := strings.CutPrefix(l.Name, model.ParamLabelPrefix); isParam {
			value = redactParam(name, value)
		}
		hidden = hidden || value != l.Value
		found[model.LabelName(l.Name)] = model.LabelValue(value)
	})
	full := t.URL()
	if clean := redactURL(full); !hidden && clean == full.String() {
		return t
	}

	config := *j.applied
	config.Params = full.Query()
	redactQuery(config.Params)
	own := labels.NewBuilder(t.Labels(builder))
	for _, name := range []string{
		model.AddressLabel, model.SchemeLabel, model.MetricsPathLabel,
		model.ScrapeIntervalLabel, model.ScrapeTimeoutLabel, scrape.UnixSocketLabel,
	} {
		if v := t.GetValue(name); v != "" {
			own.Set(name, v)
		}
	}
	if i := strings.LastIndex(full.Host, "@"); i >= 0 {
		own.Set(model.AddressLabel, full.Host[i+1:])
	}
	out := scrape.NewTarget(own.Labels(), &config, found, nil)
	out.SetMetadataStore(t)
	if !t.LastScrape().IsZero() {
		out.Report(t.LastScrape(), t.LastScrapeDuration(), c.lastError(t))
	}
	return out
}
