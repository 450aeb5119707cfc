package collector

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/alecthomas/units"
	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/util/features"
	"github.com/prometheus/prometheus/util/logging"
)

// Config says what is scraped.
type Config struct {
	// File holds scrape_configs, scrape_config_files and their global defaults.
	// It must come from Prometheus's loader and is only read.
	File *promconfig.Config
	// Host scrapes this machine, in process, as job "node".
	Host bool
	// Self scrapes Daymark's own metrics, in process, as job "daymark".
	Self bool
	// InProcessInterval is how often Host and Self are scraped; 0 means the
	// file's global scrape_interval.
	InProcessInterval time.Duration
	// Instance is the instance label of Host and Self; "" means this machine's
	// host name.
	Instance string
	// Limits apply to every job that sets none of its own.
	Limits Limits
	// Exporters says whether exporters on loopback are found and scraped.
	Exporters Exporters
	// Features cannot change after New.
	Features Features
}

// Limits are what one scrape may bring before it is refused as a whole. They
// hold where neither the scrape configuration nor the file's global section
// sets the limit; 0 switches a limit off.
type Limits struct {
	// BodySize counts decompressed bytes.
	BodySize units.Base2Bytes `yaml:"body_size"`
	// Samples counts what is left after metric_relabel_configs.
	Samples uint `yaml:"samples"`
	// Labels is the number of labels of one series.
	Labels uint `yaml:"labels"`
	// LabelNameLength and LabelValueLength are in bytes.
	LabelNameLength  uint `yaml:"label_name_length"`
	LabelValueLength uint `yaml:"label_value_length"`
	// Targets is the number of targets of one job.
	Targets uint `yaml:"targets"`
}

// DefaultLimits are for targets that a configuration file names, however they
// are discovered: generous, so that what works with Prometheus works here.
func DefaultLimits() Limits {
	return Limits{BodySize: 64 * units.MiB, Samples: 500_000}
}

// UnmarshalYAML reads the section `limits.scrape`; what it leaves out keeps
// its default.
func (l *Limits) UnmarshalYAML(unmarshal func(any) error) error {
	return l.read("limits.scrape", DefaultLimits(), unmarshal)
}

func (l *Limits) read(section string, defaults Limits, unmarshal func(any) error) error {
	*l = defaults
	type plain Limits
	if err := unmarshal((*plain)(l)); err != nil {
		return err
	}
	if l.BodySize < 0 {
		return fmt.Errorf("%s.body_size is negative: %v", section, l.BodySize)
	}
	return nil
}

// ExporterLimits are limits for exporters that were found on loopback.
type ExporterLimits Limits

// UnmarshalYAML reads the section `limits.exporters`; what it leaves out keeps
// its default.
func (l *ExporterLimits) UnmarshalYAML(unmarshal func(any) error) error {
	return (*Limits)(l).read("limits.exporters", DefaultExporterLimits(), unmarshal)
}

// Features are the scraper's parts of Prometheus's --enable-feature and of its
// hidden flags, by the names they have there.
type Features struct {
	MetadataWALRecords          bool // metadata-wal-records
	CreatedTimestampZeroSamples bool // created-timestamp-zero-ingestion
	StartTimestamps             bool // st-storage: parse start timestamps
	StartTimestampSynthesis     bool // st-synthesis
	TypeAndUnitLabels           bool // type-and-unit-labels
	OpenMetrics2                bool // openmetrics2
	Zstd                        bool // zstd-scrape
	// DiscoveryReloadInterval throttles changes of targets; 0 means 5 s.
	DiscoveryReloadInterval time.Duration
	// Registry is told what the scraper and discovery can do, for
	// /api/v1/features; nil tells nobody.
	Registry features.Collector
}

// poolLabel carries the name of a target's scrape pool on the target itself.
// The scraper does not tell an appender the pool, and asking the manager from
// inside a scrape would deadlock with a reload.
const poolLabel = "__daymark_scrape_pool__"

// plan is a configuration worked out to what the managers are given. What was
// found on loopback is scraped by the manager of this process's own targets:
// discovery would take seconds to pass it on.
type plan struct {
	config    Config
	file      *promconfig.Config // limits filled in; scrape_config_files already read
	inProcess *promconfig.Config
	jobs      map[string]*job // by scrape pool
}

// job is one scrape pool.
type job struct {
	original *promconfig.ScrapeConfig // as the file has it
	applied  *promconfig.ScrapeConfig // with our limits
	limits   Limits                   // that came from Config.Limits rather than from the file
	builtIn  *builtInTarget           // nil for what is not inside this process
	found    *foundJob                // nil for what was not found on loopback
}

// newPlan validates all of cfg that can be validated without starting it.
// The error joins one error for each job that cannot be scraped; the plan is
// then still complete unless it is nil.
func newPlan(cfg Config, found ...foundJob) (*plan, error) {
	if cfg.File == nil {
		return nil, errors.New("no scrape configuration")
	}
	listed, err := cfg.File.GetScrapeConfigs()
	if err != nil {
		return nil, err
	}
	p := &plan{config: cfg, jobs: map[string]*job{}}
	var (
		problems error
		fromFile []*promconfig.ScrapeConfig
	)
	for _, original := range listed {
		if err := checkJob(original); err != nil {
			problems = errors.Join(problems, fmt.Errorf("scrape job %q: %w", original.JobName, err))
		}
		j, err := newJob(original, cfg.Limits)
		if err != nil {
			return nil, fmt.Errorf("scrape job %q: %w", original.JobName, err)
		}
		p.jobs[original.JobName] = j
		fromFile = append(fromFile, j.applied)
	}
	p.file = withScrapeConfigs(cfg.File, fromFile)

	var builtIn []*promconfig.ScrapeConfig
	for _, t := range p.builtInTargets() {
		scrapeConfig, err := t.scrapeConfig(cfg)
		if err != nil {
			return nil, fmt.Errorf("job %q of this process: %w", t.job, err)
		}
		j, err := newJob(scrapeConfig, cfg.Limits)
		if err != nil {
			return nil, fmt.Errorf("job %q of this process: %w", t.job, err)
		}
		j.builtIn = &t
		p.jobs[t.pool] = j
		builtIn = append(builtIn, j.applied)
	}
	for _, f := range found {
		scrapeConfig, err := f.add(p)
		if err != nil {
			return nil, fmt.Errorf("job %q of exporters on this machine: %w", f.kind.name, err)
		}
		builtIn = append(builtIn, scrapeConfig)
	}
	p.inProcess = withScrapeConfigs(cfg.File, builtIn)
	return p, problems
}

// Validate finds what Apply would refuse. It joins one error for each job.
func (c Config) Validate() error {
	_, err := newPlan(c)
	return err
}

// discoveries are what the discovery manager is given.
func (p *plan) discoveries() map[string]discovery.Configs {
	out := make(map[string]discovery.Configs, len(p.file.ScrapeConfigs))
	for _, s := range p.file.ScrapeConfigs {
		out[s.JobName] = s.ServiceDiscoveryConfigs
	}
	return out
}

// withScrapeConfigs copies file with other scrape configurations. A copy is
// the only way to hand the scrape manager a configuration that counts as
// loaded; nothing that is shared with file is written to.
func withScrapeConfigs(file *promconfig.Config, list []*promconfig.ScrapeConfig) *promconfig.Config {
	c := *file
	c.ScrapeConfigFiles = nil
	c.ScrapeConfigs = list
	return &c
}

// newJob copies original and fills in the limits that it leaves open.
func newJob(original *promconfig.ScrapeConfig, limits Limits) (*job, error) {
	applied := *original
	j := &job{original: original, applied: &applied}
	if applied.BodySizeLimit == 0 {
		applied.BodySizeLimit, j.limits.BodySize = limits.BodySize, limits.BodySize
	}
	fill := func(own, ours *uint, limit uint) {
		if *own == 0 {
			*own, *ours = limit, limit
		}
	}
	fill(&applied.SampleLimit, &j.limits.Samples, limits.Samples)
	fill(&applied.LabelLimit, &j.limits.Labels, limits.Labels)
	fill(&applied.LabelNameLengthLimit, &j.limits.LabelNameLength, limits.LabelNameLength)
	fill(&applied.LabelValueLengthLimit, &j.limits.LabelValueLength, limits.LabelValueLength)
	fill(&applied.TargetLimit, &j.limits.Targets, limits.Targets)

	mark, err := poolRule(original)
	if err != nil {
		return nil, err
	}
	// Last, so that no rule of the file sees the label or takes it away.
	applied.RelabelConfigs = append(slices.Clip(applied.RelabelConfigs), mark)
	return j, nil
}

// checkJob finds what the scrape manager would find only once it is running.
func checkJob(s *promconfig.ScrapeConfig) error {
	client, err := commonconfig.NewClientFromConfig(s.HTTPClientConfig, s.JobName)
	if err != nil {
		return err
	}
	client.CloseIdleConnections()
	if _, err := promconfig.ToEscapingScheme(s.MetricNameEscapingScheme, s.MetricNameValidationScheme); err != nil {
		return fmt.Errorf("metric_name_escaping_scheme: %w", err)
	}
	failures, err := logging.NewJSONFileLogger(s.ScrapeFailureLogFile)
	if err != nil {
		return fmt.Errorf("scrape_failure_log_file: %w", err)
	}
	if failures != nil {
		return failures.Close()
	}
	return nil
}

// inProcessInterval is how often this machine and Daymark are scraped.
func (c Config) inProcessInterval() model.Duration {
	if c.InProcessInterval > 0 {
		return model.Duration(c.InProcessInterval)
	}
	return c.File.GlobalConfig.ScrapeInterval
}

// instance is the instance label of this machine and Daymark.
func (c Config) instance() (string, error) {
	if c.Instance != "" {
		return c.Instance, nil
	}
	name, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("host name: %w", err)
	}
	return name, nil
}
