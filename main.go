// Daymark is one binary that scrapes metrics into its own time-series store,
// evaluates PromQL alert rules, pages people and streams live panels to its
// web pages.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	_ "time/tzdata" // zones, where the system has none

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/promslog"
	promfeatures "github.com/prometheus/prometheus/util/features"
	"github.com/prometheus/prometheus/util/notifications"
	_ "golang.org/x/crypto/x509roots/fallback" // certificates, where the system has none
	"golang.org/x/sync/errgroup"

	"daymark/alerts/alertmanager"
	"daymark/alerts/ruler"
	"daymark/collector"
	assets "daymark/embed"
	"daymark/query"
	"daymark/query/live"
	"daymark/storage/folder"
	"daymark/storage/series"
	"daymark/storage/sqlite"
	"daymark/ui/server"
)

func main() {
	ctx, stop := untilSignal(context.Background())
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "daymark:", err)
		os.Exit(exitCode(err)) //nolint:gocritic // stop only detaches signals
	}
}

// run is the program: it runs the command that args name, serve if none.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	command := "serve"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		command, args = args[0], args[1:]
	}
	switch command {
	case "serve":
		return serve(ctx, args, stdout, stderr)
	case "check":
		return cmdCheck(args, stdout)
	case "version":
		return cmdVersion(stdout)
	case "help":
		return serve(ctx, []string{"--help"}, stdout, stderr)
	}
	return fmt.Errorf("%w: unknown command %q: there are serve (the default), check, version and help", errUsage, command)
}

// serve builds the parts in the order in which data flows, runs them until ctx
// is done, and closes storage last, when nobody can write any more.
func serve(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	opts, err := parseFlags(args, stdout)
	if errors.Is(err, errHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	reloads, deaf := hangups()
	defer deaf()
	opts.log.Writer = stderr
	log := promslog.New(&opts.log)
	component := func(name string) *slog.Logger { return log.With("component", name) }
	reg, gatherer := newRegistry()
	on := promfeatures.NewRegistry()
	opts.features.announce(on, opts.autoReload)
	for _, warning := range opts.ignored {
		log.Warn("flag without effect", "reason", warning)
	}

	cfg, err := load(opts, on, log)
	if err != nil {
		return err
	}
	data, err := folder.Open(cfg.Folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	cfg.place(data)
	if err := cfg.validate(log); err != nil {
		return err
	}
	process, err := tune(opts, cfg, component("process"))
	if err != nil {
		return err
	}
	defer process.Close()

	scraping := &collector.Late{} // remote write asks the scraper for metadata, and the scraper writes to storage
	seriesDB, err := series.New(cfg.Series, collector.SourceOf, scraping, component("series"), reg)
	if err != nil {
		return fmt.Errorf("series storage: %w", err)
	}
	defer func() { err = errors.Join(err, seriesDB.Close()) }()
	sqliteDB, err := sqlite.Open(data.Database(), component("sqlite"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sqliteDB.Close()) }()

	self := promhttp.HandlerFor(gatherer, promhttp.HandlerOpts{EnableOpenMetrics: true})
	record := ignored{sqliteDB}
	cfg.Collector.Exporters.Ignored, cfg.Collector.Exporters.Ignore = record.list, record.set
	scraper, err := collector.New(cfg.Collector, seriesDB, self, component("collector"), reg)
	if err != nil {
		return fmt.Errorf("collector: %w", err)
	}
	scraping.Set(scraper)
	engine, err := query.New(cfg.Query, seriesDB, component("query"), reg)
	if err != nil {
		return fmt.Errorf("query engine: %w", err)
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	hub := live.NewHub(cfg.Live, engine, seriesDB.Subscribe, component("live"), reg)

	alerting, err := alertmanager.New(cfg.Alerting, sqliteDB, component("alertmanager"), reg)
	if err != nil {
		return fmt.Errorf("alertmanager: %w", err)
	}
	cfg.Rules.DiscoveryMetrics, cfg.Rules.Database = scraper.DiscoveryMetrics(), sqliteDB
	rules, err := ruler.New(cfg.Rules, engine, seriesDB, alerting.Put, component("ruler"), reg)
	if err != nil {
		return fmt.Errorf("rules: %w", err)
	}

	told := notifications.NewNotifications(opts.maxNotifications, reg)
	config := newReloader(cfg, told, log, reg)
	pages, err := assets.Sub("ui")
	if err != nil {
		return err
	}
	dashboards, err := assets.Sub("dashboards")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	web, err := server.New(cfg.Server, server.Deps{
		Series: seriesDB, Query: engine, Live: hub, Collector: scraper, Rules: rules, Alerting: alerting,
		UI: pages, Dashboards: dashboards, Gatherer: gatherer, File: config.file, Reload: config.Reload, Stop: cancel,
		Setup: config.Setup, Notifications: told,
	}, component("server"), reg)
	if err != nil {
		return err
	}
	config.read = func() (Config, error) { return reread(opts, on, data, component("config")) }
	config.parts = []part{
		{"series storage", func(c Config) error { return seriesDB.Apply(c.Series) }},
		{"query engine", func(c Config) error { return engine.Apply(c.Query) }},
		{"collector", func(c Config) error { return scraper.Apply(c.Collector) }},
		{"alertmanager", func(c Config) error { return alerting.Apply(c.Alerting) }},
		{"rules", func(c Config) error { return rules.Apply(c.Rules) }},
		{"server", func(c Config) error { return web.Apply(c.Server) }},
		{"process", process.Apply},
		{"live panels", func(Config) error { hub.Refresh(); return nil }}, // what a subquery's default step is may have changed
	}

	if _, err := web.Listen(); err != nil {
		return err
	}
	scraper.SkipPorts(web.Ports()...)
	if err := data.SetAddress(web.URL()); err != nil {
		return err
	}
	if opts.address = web.URL(); opts.externalURL == "" { // now that port 0 has a number, links can name it
		external, err := opts.external()
		if err != nil {
			return err
		}
		cfg.linkTo(external)
		if err := errors.Join(alerting.Apply(cfg.Alerting), rules.Apply(cfg.Rules)); err != nil {
			return err
		}
	}
	config.putInForce(cfg)
	fmt.Fprintf(stdout, "Daymark %s is at %s\n", daymarkVersion, web.URL())

	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return seriesDB.Open(ctx) }) // replays history; the others wait for Ready
	g.Go(func() error { return scraper.Run(ctx, seriesDB.Ready()) })
	g.Go(func() error { return hub.Run(ctx) })
	g.Go(func() error { return alerting.Run(ctx) })
	g.Go(func() error { return rules.Run(ctx, seriesDB.Ready()) })
	g.Go(func() error { return web.Run(ctx) })
	g.Go(func() error { return config.listen(ctx, reloads) })
	g.Go(func() error { return config.watchFiles(ctx, opts) })
	return g.Wait()
}
