package main

import (
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	remoteapi "github.com/prometheus/client_golang/exp/api/remote"
	"github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/promql/parser"
	promfeatures "github.com/prometheus/prometheus/util/features"

	"daymark/alerts/alertmanager"
	"daymark/alerts/ruler"
	"daymark/collector"
	assets "daymark/embed"
	"daymark/query"
	"daymark/query/live"
	"daymark/storage/folder"
	"daymark/storage/series"
	"daymark/ui/server"
)

// Config is what every part is built from: one field per package, filled from
// the command line and the configuration file.
type Config struct {
	Folder    folder.Config
	Series    series.Config
	Collector collector.Config
	Query     query.Config
	Live      live.Config
	Alerting  alertmanager.Config
	Rules     ruler.Config
	Server    server.Config

	// File is the Prometheus part of the configuration file.
	File *promconfig.Config
	// Setup is what the pages tell about the configuration.
	Setup server.Setup
}

// hostJob is the job of this machine's own metrics: the name that dashboards for
// node_exporter use.
const hostJob = "node"

// registry collects which of Prometheus's features are on, for /api/v1/features.
type registry = promfeatures.Collector

// load reads the configuration file and settles every part's section. Nothing
// is built or changed; what can be wrong with the file is an error here.
//
// The paths inside the data folder are filled in by place.
func load(o *options, on registry, log *slog.Logger) (Config, error) {
	f, err := readFile(o.configFile, o.alertmanagerConfigFile, log)
	if err != nil {
		return Config{}, err
	}
	o.adjust(f)
	external, err := o.external()
	if err != nil {
		return Config{}, err
	}
	ruleFiles, err := expandRuleFiles(f.prometheus.RuleFiles)
	if err != nil {
		return Config{}, err
	}
	hostName, err := os.Hostname()
	if err != nil {
		return Config{}, fmt.Errorf("name of this machine: %w", err)
	}
	c := Config{
		Folder:    folder.Config{Path: o.storagePath, AdoptedTSDB: o.tsdbPath},
		Series:    o.series(on),
		Collector: o.collector(f, on),
		Query:     o.query(on),
		Live:      live.Config{MaxWatchesPerViewer: f.own.Limits.Live.WatchesPerViewer, MaxWatches: f.own.Limits.Live.Watches},
		Alerting:  f.alerting,
		Rules:     o.rules(on),
		Server:    o.server(f, on),
		File:      f.prometheus,
	}
	c.linkTo(external)
	c.Alerting.Retention = time.Duration(o.amRetention)
	c.Series.File, c.Query.File = f.prometheus, f.prometheus
	c.Rules.File, c.Rules.Files, c.Rules.Parser = f.prometheus, ruleFiles, c.Query.Parser
	if o.externalURL != "" {
		c.Server.ExternalURL = external
	}
	c.Rules.PacksOff = f.own.Packs != packsAuto
	if c.Rules.Packs, err = assets.Sub("rules"); err != nil {
		return Config{}, err
	}
	c.Setup = server.Setup{
		ConfigFile: o.configFile, HostName: hostName, Host: f.own.Host, HostJob: hostJob, Self: f.own.Self,
		Packs: f.own.Packs == packsAuto, InProcessInterval: time.Duration(f.prometheus.GlobalConfig.ScrapeInterval),
		AlertmanagerFile: f.alerting.FilePath, Unauthenticated: o.unauthenticated,
	}
	return c, nil
}

// place fills in where each part keeps its files.
func (c *Config) place(f *folder.Folder) {
	c.Series.Path, c.Series.Adopted = f.Series(), f.Adopted()
	c.Query.ActiveQueryPath = f.Path("")
	c.Alerting.DataPath = f.Path("alertmanager")
	c.Server.DataPath = f.Series()
}

// linkTo makes external the URL that links in pages and alerts lead to.
func (c *Config) linkTo(external *url.URL) {
	c.Alerting.ExternalURL, c.Rules.ExternalURL = external, external
}

// validate asks the rules and Alertmanager whether they could work with c, and
// changes nothing.
func (c *Config) validate(log *slog.Logger) error {
	if err := c.Rules.Validate(); err != nil {
		return err
	}
	if err := c.Alerting.Validate(log); err != nil {
		return fmt.Errorf("alertmanager configuration: %w", err)
	}
	return nil
}

// validateAll asks more than a start does, which goes on without the jobs that
// cannot be scraped: a reload and a check tell of them.
func (c *Config) validateAll(log *slog.Logger) error {
	if err := c.validate(log); err != nil {
		return err
	}
	return c.Collector.Validate()
}

// defaultRetention is how long samples are kept where nobody says anything.
const defaultRetention = model.Duration(15 * 24 * time.Hour)

// adjust puts the command line's word, and the defaults that depend on it, into
// a configuration where the file is silent.
func (o *options) adjust(f *file) {
	conf := f.prometheus
	if section := conf.StorageConfig.TSDBConfig; section != nil && section.Retention != nil {
		kept, given := section.Retention, o.retentionTime != 0 || o.retentionSize != 0
		silent := kept.Time == 0 && kept.Size == 0 && kept.Percentage == 0
		switch {
		case given && (silent || o.configFile == ""):
			kept.Time, kept.Size = o.retentionTime, o.retentionSize
		case silent:
			kept.Time = defaultRetention
		}
	}
	if o.features.exemplarStorage && conf.StorageConfig.ExemplarsConfig == nil {
		exemplars := promconfig.DefaultExemplarsConfig // the limit that is in force all the same, shown as upstream shows it
		conf.StorageConfig.ExemplarsConfig = &exemplars
	}
	if jobs, open := f.leavesOpen("extra_scrape_metrics"); open && o.features.extraScrapeMetrics {
		on := true
		conf.GlobalConfig.ExtraScrapeMetrics = &on
		for _, job := range jobs {
			job.ExtraScrapeMetrics = &on
		}
	}
	if jobs, open := f.leavesOpen("scrape_protocols"); open && (o.features.zeroIngestion || o.features.startTimeStorage) {
		conf.GlobalConfig.ScrapeProtocols = promconfig.DefaultProtoFirstScrapeProtocols
		for _, job := range jobs {
			job.ScrapeProtocols = promconfig.DefaultProtoFirstScrapeProtocols
		}
	}
}

// expandRuleFiles lists the files that the patterns of rule_files match.
func expandRuleFiles(patterns []string) ([]string, error) {
	var files []string
	for _, pattern := range patterns {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("rule_files: %q: %w", pattern, err)
		}
		files = append(files, matches...)
	}
	return files, nil
}

// external is the URL under which people reach Daymark: what the command line
// says, else the address that the server listens on, else (before it listens)
// the one it is told to.
func (o *options) external() (*url.URL, error) {
	switch {
	case o.externalURL != "":
		return url.Parse(strings.TrimRight(o.externalURL, "/"))
	case o.address != "":
		return url.Parse(strings.TrimRight(o.address, "/"))
	}
	host, port, err := net.SplitHostPort(o.listen[0])
	if err != nil {
		return nil, fmt.Errorf("%w: --web.listen-address %q: %w", errUsage, o.listen[0], err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		if host, err = os.Hostname(); err != nil {
			return nil, fmt.Errorf("name of this machine: %w", err)
		}
	}
	return &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}, nil
}

func (o *options) series(on registry) series.Config {
	return series.Config{
		WALCompression: o.walCompressType, WALSegmentSize: int64(o.walSegment),
		MinBlockDuration: time.Duration(o.minBlock), MaxBlockDuration: time.Duration(o.maxBlock),
		MaxBlockChunkSegmentSize: int64(o.chunkSegment), HeadChunksWriteQueueSize: o.chunkQueue,
		SamplesPerChunk: o.samplesPerChunk, CompactionDelayMaxPercent: o.delayPercent,
		BlockReloadInterval: time.Duration(o.blockReload), KeepOverlappingBlocks: !o.overlapping,
		NoLockfile: o.noLockfile, DelayCompactFile: o.delayFile, RemoteFlushDeadline: time.Duration(o.flushDeadline),
		Features: series.Features{
			MetadataWALRecords: o.features.metadataWAL, StartTimestampZeroIngestion: o.features.zeroIngestion,
			StartTimestampStorage: o.features.startTimeStorage, HistogramSTEncoding: o.features.histogramStartTimes,
			XOR2Encoding: o.features.xor2, DelayedCompaction: o.features.delayedCompaction,
			FastStartup: o.features.fastStartup, UncachedIO: o.features.uncachedIO, TypeAndUnitLabels: o.features.typeAndUnitLabels,
		},
		FeatureRegistry: on,
	}
}

func (o *options) collector(f *file, on registry) collector.Config {
	limits := collector.DefaultLimits()
	if f.own.Limits.Scrape != nil {
		limits = *f.own.Limits.Scrape
	}
	found := collector.DefaultExporterLimits()
	if f.own.Limits.Exporters != nil {
		found = collector.Limits(*f.own.Limits.Exporters)
	}
	return collector.Config{
		File: f.prometheus, Host: f.own.Host, Self: f.own.Self, Limits: limits,
		Exporters: collector.Exporters{Probe: f.own.Exporters, Limits: found, UserAgent: "Daymark/" + daymarkVersion + " (looks for exporters)"},
		Features: collector.Features{
			MetadataWALRecords: o.features.metadataWAL, CreatedTimestampZeroSamples: o.features.zeroIngestion,
			StartTimestamps: o.features.startTimeStorage, StartTimestampSynthesis: o.features.startTimeSynthesis,
			TypeAndUnitLabels: o.features.typeAndUnitLabels, OpenMetrics2: o.features.openMetrics2,
			Zstd: o.features.zstdScrape, DiscoveryReloadInterval: time.Duration(o.discovery), Registry: on,
		},
	}
}

func (o *options) query(on registry) query.Config {
	return query.Config{
		Timeout: time.Duration(o.queryTimeout), LookbackDelta: time.Duration(o.lookback),
		MaxConcurrency: o.queryParallel, MaxSamples: o.queryMaxSample,
		Parser: parser.Options{
			EnableExperimentalFunctions: o.features.experimentalFunctions,
			EnableBinopFillModifiers:    o.features.fillModifiers,
			EnableUnquotedUTF8Names:     o.features.unquotedUTF8Names,
		},
		PerStepStats: o.features.perStepStats, DelayedNameRemoval: o.features.delayedNameRemoval,
		TypeAndUnitLabels: o.features.typeAndUnitLabels, UseStartTimestamps: o.features.useStartTimes,
		QueryCost: o.features.queryCost, FeatureRegistry: on,
	}
}

func (o *options) rules(on registry) ruler.Config {
	return ruler.Config{
		OutageTolerance: time.Duration(o.outageTolerance), ForGracePeriod: time.Duration(o.forGracePeriod),
		ResendDelay: time.Duration(o.resendDelay), MaxConcurrentEvals: o.maxRuleEvals, ConcurrentEvals: o.features.concurrentRules,
		NotifierQueue: o.notifyQueue, NotifierBatch: o.notifyBatch, NotifierDrain: o.notifyDrain,
		FeatureRegistry: on,
	}
}

func (o *options) server(f *file, on registry) server.Config {
	b := readBuild()
	accepted := make(remoteapi.MessageTypes, 0, len(o.remoteWriteProtos))
	for _, name := range o.remoteWriteProtos {
		accepted = append(accepted, remoteapi.WriteMessageType(name))
	}
	return server.Config{
		ListenAddresses: o.listen, WebConfigFile: o.webConfigFile, RoutePrefix: o.routePrefix,
		AllowUnauthenticated: o.unauthenticated, AllowedHosts: f.own.Web.AllowedHosts,
		EnableAdmin: o.adminAPI, EnableLifecycle: o.lifecycle, EnablePprof: o.pprof,
		EnableRemoteWriteReceiver: o.remoteWrite, EnableOTLP: o.otlp,
		MaxConnections: o.maxConnections, LivePerAddress: f.own.Limits.Web.ConnectionsPerAddress,
		ReadTimeout: time.Duration(o.readTimeout),
		Limits:      server.Limits{FormBytes: int64(f.own.Limits.Web.FormBytes), IngestBytes: int64(f.own.Limits.Web.IngestBytes)},
		Flags:       o.given, Version: daymarkVersion, Revision: b.revision,
		LookbackDelta: time.Duration(o.lookback), QueryTimeout: time.Duration(o.queryTimeout),
		RemoteReadSampleLimit: orNone(o.readSampleLimit), RemoteReadConcurrencyLimit: orNone(o.readConcurrency), RemoteReadBytesInFrame: o.readFrameBytes,
		AcceptRemoteWriteProtoMsgs: accepted, EnableSearch: o.features.searchAPI, MaxSearchLimit: orNone(o.searchLimit),
		EnableQueryCost: o.features.queryCost, EnableTypeAndUnitLabels: o.features.typeAndUnitLabels,
		AppendMetadata: o.features.metadataWAL, ConvertOTLPDelta: o.features.otlpDeltaToCumulative,
		NativeOTLPDelta: o.features.otlpNativeDelta, Features: on,
	}
}

// orNone is a limit of the command line, where 0 means that there is none, for
// the server, where 0 means its default.
func orNone(limit int) int {
	if limit == 0 {
		return math.MaxInt32
	}
	return limit
}
