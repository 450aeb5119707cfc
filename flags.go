package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	promslogflag "github.com/prometheus/common/promslog/flag"

	"daymark/alerts/yamlerr"
)

// defaultListenAddress is reachable from this machine only.
const defaultListenAddress = "127.0.0.1:5470"

// options are the command line of `daymark serve`. Names follow Prometheus's
// flags where it has one.
type options struct {
	configFile             string
	alertmanagerConfigFile string
	autoReload             bool
	autoReloadInterval     model.Duration

	storagePath     string
	tsdbPath        string
	retentionTime   model.Duration
	retentionSize   units.Base2Bytes
	minBlock        model.Duration
	maxBlock        model.Duration
	walSegment      units.Base2Bytes
	chunkSegment    units.Base2Bytes
	walCompression  bool
	walCompressType string
	noLockfile      bool
	overlapping     bool
	samplesPerChunk int
	chunkQueue      int
	delayPercent    int
	delayFile       string
	blockReload     model.Duration
	flushDeadline   model.Duration

	readSampleLimit int
	readConcurrency int
	readFrameBytes  int

	outageTolerance model.Duration
	forGracePeriod  model.Duration
	resendDelay     model.Duration
	maxRuleEvals    int64

	notifyQueue int
	notifyBatch int
	notifyDrain bool

	lookback       model.Duration
	queryTimeout   model.Duration
	queryParallel  int
	queryMaxSample int

	listen            []string
	webConfigFile     string
	externalURL       string
	routePrefix       string
	readTimeout       model.Duration
	maxConnections    int
	maxNotifications  int
	lifecycle         bool
	adminAPI          bool
	remoteWrite       bool
	remoteWriteProtos []string
	otlp              bool
	pprof             bool
	unauthenticated   bool
	searchLimit       int

	amRetention model.Duration

	autoMaxProcs  bool
	autoMemLimit  bool
	memLimitRatio float64
	memLimitPace  model.Duration

	features  features
	log       promslog.Config
	address   string            // where the server listens, once it does
	given     map[string]string // every flag of the command line and its value, for /api/v1/status/flags
	ignored   []string          // flags that were given and mean nothing here, with the reason
	discovery model.Duration
}

// errUsage marks a command line that could not be read; the text says why.
var errUsage = errors.New("command line")

// errHelp says that help or a version was asked for and has been printed.
var errHelp = errors.New("help was printed")

// parseFlags reads the command line of `daymark serve`. Mistakes are errUsage
// and name the nearest flag there is.
func parseFlags(args []string, stdout io.Writer) (*options, error) {
	o := &options{given: map[string]string{}}
	app := kingpin.New("daymark", `Daymark scrapes, stores, queries, pages and shows it live: one binary.

Commands: serve (the default, with the flags below), check FILE…, version, help.`)
	printed := false
	app.UsageWriter(stdout).ErrorWriter(stdout).Terminate(func(int) { printed = true })
	app.Version(versionText()).HelpFlag.Short('h')

	o.generalFlags(app)
	o.storageFlags(app)
	o.ruleFlags(app)
	o.webFlags(app)
	var featureNames []string
	app.Flag("enable-feature", "Prometheus's feature flags, comma separated.").StringsVar(&featureNames)
	o.ignoredFlags(app)
	promslogflag.AddFlags(app, &o.log)

	if _, err := app.Parse(args); err != nil {
		return nil, fmt.Errorf("%w: %s", errUsage, explainFlag(err, app))
	}
	if printed {
		return nil, errHelp
	}
	own := kingpin.New("", "").Version("")
	for _, f := range app.Model().Flags {
		if own.GetFlag(f.Name) == nil {
			o.given[f.Name] = f.Value.String()
		}
	}
	unknown, err := o.features.parse(featureNames)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	o.ignored = append(o.ignored, unknown...)
	return o, o.validate()
}

func (o *options) generalFlags(app *kingpin.Application) {
	app.Flag("config.file", "A prometheus.yml, with Daymark's sections beside it. Without one, Daymark watches this machine and itself.").StringVar(&o.configFile)
	app.Flag("alertmanager.config.file", "An alertmanager.yml for the Alertmanager inside. The configuration file may name or hold it as well.").StringVar(&o.alertmanagerConfigFile)
	app.Flag("config.auto-reload", "Reload when a configuration file has changed.").Default("false").BoolVar(&o.autoReload)
	app.Flag("config.auto-reload-interval", "How often to look for changes with --config.auto-reload.").Default("30s").SetValue(&o.autoReloadInterval)
	app.Flag("auto-gomaxprocs", "Set GOMAXPROCS to the container's CPU quota (Go does).").Default("true").BoolVar(&o.autoMaxProcs)
	app.Flag("auto-gomemlimit", "Set GOMEMLIMIT to the container's or the machine's memory.").Default("true").BoolVar(&o.autoMemLimit)
	app.Flag("auto-gomemlimit.ratio", "The share of that memory that GOMEMLIMIT is set to.").Default("0.9").FloatVar(&o.memLimitRatio)
	app.Flag("auto-gomemlimit.refresh-interval", "How often to look whether that memory has changed; 0 is once, at the start.").Default("0s").SetValue(&o.memLimitPace)
	app.Flag("scrape.discovery-reload-interval", "How often discovered targets are taken over.").Hidden().Default("5s").SetValue(&o.discovery)
	app.Flag("data.retention", "How long the Alertmanager inside keeps ended silences and its notification log.").Default("120h").SetValue(&o.amRetention)
}

func (o *options) storageFlags(app *kingpin.Application) {
	app.Flag("storage.path", "Daymark's folder: the series, the database, the lock.").Default("./daymark-data").StringVar(&o.storagePath)
	app.Flag("storage.tsdb.path", "Use this Prometheus data folder for the series; the rest lies in its daymark/ folder.").StringVar(&o.tsdbPath)
	retention := func(name, help string) *kingpin.FlagClause { return app.Flag(name, help) }
	retention("storage.retention.time", "How long samples are kept: 15d unless this, the size or the configuration file says otherwise.").SetValue(&o.retentionTime)
	retention("storage.tsdb.retention.time", "Prometheus's name of --storage.retention.time.").SetValue(&o.retentionTime)
	retention("storage.retention.size", "How many bytes of blocks are kept, for example 5GB.").BytesVar(&o.retentionSize)
	retention("storage.tsdb.retention.size", "Prometheus's name of --storage.retention.size.").BytesVar(&o.retentionSize)
	app.Flag("storage.tsdb.min-block-duration", "The shortest span of a block.").Hidden().Default("2h").SetValue(&o.minBlock)
	app.Flag("storage.tsdb.max-block-duration", "The longest span of a compacted block.").Hidden().SetValue(&o.maxBlock)
	app.Flag("storage.tsdb.max-block-chunk-segment-size", "The size of a chunk file in a block.").Hidden().BytesVar(&o.chunkSegment)
	app.Flag("storage.tsdb.wal-segment-size", "The size of a file of the write-ahead log.").Hidden().BytesVar(&o.walSegment)
	app.Flag("storage.tsdb.wal-compression", "Compress the write-ahead log.").Hidden().Default("true").BoolVar(&o.walCompression)
	app.Flag("storage.tsdb.wal-compression-type", "With which algorithm.").Hidden().Default("zstd").EnumVar(&o.walCompressType, "snappy", "zstd")
	app.Flag("storage.tsdb.no-lockfile", "Do not create Prometheus's lock file in the series folder.").Default("false").BoolVar(&o.noLockfile)
	app.Flag("storage.tsdb.allow-overlapping-compaction", "Compact overlapping blocks.").Hidden().Default("true").BoolVar(&o.overlapping)
	app.Flag("storage.tsdb.samples-per-chunk", "How many samples a chunk aims at.").Hidden().Default("120").IntVar(&o.samplesPerChunk)
	app.Flag("storage.tsdb.head-chunks-write-queue-size", "How many chunks may wait to be written.").Default("0").IntVar(&o.chunkQueue)
	app.Flag("storage.tsdb.delayed-compaction.max-percent", "The longest delay of a compaction.").Hidden().Default("10").IntVar(&o.delayPercent)
	app.Flag("storage.tsdb.delay-compact-file.path", "A Thanos shipper's file: only blocks it lists as uploaded are compacted.").StringVar(&o.delayFile)
	app.Flag("storage.tsdb.block-reload-interval", "How often to look for blocks that others added.").Hidden().Default("1m").SetValue(&o.blockReload)
	app.Flag("storage.remote.flush-deadline", "How long a stop or reload waits for samples on their way to a remote endpoint.").Default("1m").SetValue(&o.flushDeadline)
	app.Flag("storage.remote.read-sample-limit", "The most samples one remote read may return; 0 is no limit.").Default("5e7").IntVar(&o.readSampleLimit)
	app.Flag("storage.remote.read-concurrent-limit", "The most remote reads at once; 0 is no limit.").Default("10").IntVar(&o.readConcurrency)
	app.Flag("storage.remote.read-max-bytes-in-frame", "The largest frame of a streamed remote read.").Default("1048576").IntVar(&o.readFrameBytes)
}

func (o *options) ruleFlags(app *kingpin.Application) {
	app.Flag("rules.alert.for-outage-tolerance", "The longest outage after which the `for` of an alert goes on.").Default("1h").SetValue(&o.outageTolerance)
	app.Flag("rules.alert.for-grace-period", "The least time between a restart and an alert whose `for` went on.").Default("10m").SetValue(&o.forGracePeriod)
	app.Flag("rules.alert.resend-delay", "The least time before a firing alert is sent again.").Default("1m").SetValue(&o.resendDelay)
	app.Flag("rules.max-concurrent-evals", "The most independent rules evaluated at once with the concurrent-rule-eval feature.").Default("4").Int64Var(&o.maxRuleEvals)
	app.Flag("alertmanager.notification-queue-capacity", "How many alerts may wait for external Alertmanagers.").Default("10000").IntVar(&o.notifyQueue)
	app.Flag("alertmanager.notification-batch-size", "The most alerts in one request to an external Alertmanager.").Default("256").IntVar(&o.notifyBatch)
	app.Flag("alertmanager.drain-notification-queue-on-shutdown", "Send what waits for external Alertmanagers before stopping.").Default("true").BoolVar(&o.notifyDrain)
	app.Flag("query.lookback-delta", "How far back a sample may lie to count as current.").Default("5m").SetValue(&o.lookback)
	app.Flag("query.timeout", "The longest a query may take.").Default("2m").SetValue(&o.queryTimeout)
	app.Flag("query.max-concurrency", "The most queries at once.").Default("20").IntVar(&o.queryParallel)
	app.Flag("query.max-samples", "The most samples one query may hold in memory.").Default("50000000").IntVar(&o.queryMaxSample)
}

func (o *options) webFlags(app *kingpin.Application) {
	app.Flag("web.listen-address", "Where to listen; may be repeated. Port 0 picks a free one.").Default(defaultListenAddress).StringsVar(&o.listen)
	app.Flag("web.config.file", "TLS and users, in exporter-toolkit's format.").StringVar(&o.webConfigFile)
	app.Flag("web.external-url", "The URL under which people reach Daymark; its path goes before every route.").StringVar(&o.externalURL)
	app.Flag("web.route-prefix", "The prefix of the routes, where it differs from the path of --web.external-url.").StringVar(&o.routePrefix)
	app.Flag("web.allow-unauthenticated", "Listen beyond loopback without TLS and users: others guard this network.").Default("false").BoolVar(&o.unauthenticated)
	app.Flag("web.read-timeout", "The longest a request may take to arrive.").Default("5m").SetValue(&o.readTimeout)
	app.Flag("web.max-connections", "The most connections at once, over all listeners.").Default("4096").IntVar(&o.maxConnections)
	app.Flag("web.max-notifications-subscribers", "The most readers of /api/v1/notifications/live.").Default("16").IntVar(&o.maxNotifications)
	app.Flag("web.enable-lifecycle", "Also stop by POST /-/quit.").Default("false").BoolVar(&o.lifecycle)
	app.Flag("web.enable-admin-api", "Serve the routes that delete series and take snapshots.").Default("false").BoolVar(&o.adminAPI)
	app.Flag("web.enable-remote-write-receiver", "Take samples by remote write.").Default("true").BoolVar(&o.remoteWrite)
	app.Flag("web.remote-write-receiver.accepted-protobuf-messages", "Which remote write messages are taken.").
		Default("prometheus.WriteRequest", "io.prometheus.write.v2.Request").EnumsVar(&o.remoteWriteProtos, "prometheus.WriteRequest", "io.prometheus.write.v2.Request")
	app.Flag("web.enable-otlp-receiver", "Take samples by OTLP.").Default("true").BoolVar(&o.otlp)
	app.Flag("web.enable-pprof", "Serve /debug/pprof.").Default("false").BoolVar(&o.pprof)
	app.Flag("web.search.max-limit", "The highest limit of the search API; 0 is none.").Default("10000").IntVar(&o.searchLimit)
}

// ignoredFlags are Prometheus's and Alertmanager's flags that unit files and
// manifests often carry and that have nothing to act on here.
func (o *options) ignoredFlags(app *kingpin.Application) {
	const alwaysAligned = "timestamps of scrapes are always aligned, by at most 2ms"
	for name, why := range map[string]string{
		"web.console.templates": "Daymark serves no console templates",
		"web.console.libraries": "Daymark serves no console templates",
		"web.user-assets":       "Daymark serves no files of the user's",
		"web.page-title":        "the pages carry Daymark's own titles",
		"web.cors.origin":       "Daymark lets no other web page read it",
		"web.timeout":           "--web.read-timeout is the setting here",

		"scrape.adjust-timestamps":   alwaysAligned,
		"scrape.timestamp-tolerance": alwaysAligned,
	} {
		flag := app.Flag(name, "Accepted and ignored: "+why+".").Hidden().PreAction(func(*kingpin.ParseContext) error {
			o.ignored = append(o.ignored, fmt.Sprintf("--%s is ignored: %s", name, why))
			return nil
		})
		if name == "scrape.adjust-timestamps" { // the one that takes no value
			flag.Bool()
			continue
		}
		flag.String()
	}
}

// explainFlag adds the nearest flag to an error about an unknown one.
func explainFlag(err error, app *kingpin.Application) string {
	unknown := regexp.MustCompile(`^unknown long flag '--(?:no-)?(.+)'$`).FindStringSubmatch(err.Error())
	if unknown == nil {
		return err.Error()
	}
	if unknown[1] == "agent" || strings.HasPrefix(unknown[1], "storage.agent.") {
		return fmt.Sprintf("--%s: Daymark has no agent mode; use remote_write in the configuration file", unknown[1])
	}
	var names []string
	for _, f := range app.Model().Flags {
		names = append(names, f.Name)
	}
	if near := yamlerr.Nearest(unknown[1], names); near != "" {
		return fmt.Sprintf("unknown flag --%s, did you mean --%s?", unknown[1], near)
	}
	return fmt.Sprintf("unknown flag --%s, see daymark --help", unknown[1])
}

// validate checks what a single flag cannot know, and settles the defaults
// that depend on others.
func (o *options) validate() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{errUsage}, args...)...)
	}
	if o.tsdbPath != "" {
		if o.storagePath != "./daymark-data" {
			return bad("--storage.path and --storage.tsdb.path exclude each other: give one of them")
		}
		o.storagePath = ""
	}
	if !o.walCompression {
		o.walCompressType = "none"
	}
	if o.memLimitRatio <= 0 || o.memLimitRatio > 1 {
		return bad("--auto-gomemlimit.ratio %g: must be above 0 and at most 1", o.memLimitRatio)
	}
	if o.searchLimit < 0 {
		return bad("--web.search.max-limit %d: must not be negative (0 is no limit)", o.searchLimit)
	}
	if o.queryParallel < 1 {
		return bad("--query.max-concurrency %d: must be at least 1", o.queryParallel)
	}
	if o.autoReload && time.Duration(o.autoReloadInterval) < time.Second {
		o.autoReloadInterval = model.Duration(time.Second)
	}
	slices.Sort(o.ignored)
	if o.externalURL == "" {
		return nil
	}
	u, err := url.Parse(o.externalURL)
	if err != nil {
		return bad("--web.external-url: %v", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return bad("--web.external-url %q: must look like https://daymark.example/path", o.externalURL)
	}
	return nil
}
