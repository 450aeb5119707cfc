package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/template"
	promfeatures "github.com/prometheus/prometheus/util/features"

	"daymark/alerts/yamlerr"
)

// features are Prometheus's --enable-feature names that mean something here.
type features struct {
	exemplarStorage          bool
	memorySnapshot           bool
	extraScrapeMetrics       bool
	metadataWAL              bool
	perStepStats             bool
	autoReload               bool
	concurrentRules          bool
	unquotedUTF8Names        bool
	experimentalFunctions    bool
	zeroIngestion            bool
	xor2                     bool
	histogramStartTimes      bool
	startTimeSynthesis       bool
	startTimeStorage         bool
	useStartTimes            bool
	delayedCompaction        bool
	delayedNameRemoval       bool
	fillModifiers            bool
	otlpDeltaToCumulative    bool
	otlpNativeDelta          bool
	openMetrics2             bool
	typeAndUnitLabels        bool
	zstdScrape               bool
	uncachedIO               bool
	fastStartup              bool
	searchAPI                bool
	queryCost                bool
	alwaysOn, withoutMeaning bool // names that are accepted and change nothing
}

// switches maps each name to what it switches.
func (f *features) switches() map[string]*bool {
	return map[string]*bool{
		"auto-reload-config":               &f.autoReload,
		"concurrent-rule-eval":             &f.concurrentRules,
		"created-timestamp-zero-ingestion": &f.zeroIngestion,
		"delayed-compaction":               &f.delayedCompaction,
		"exemplar-storage":                 &f.exemplarStorage,
		"extra-scrape-metrics":             &f.extraScrapeMetrics,
		"fast-startup":                     &f.fastStartup,
		"histograms-st-encoding":           &f.histogramStartTimes,
		"memory-snapshot-on-shutdown":      &f.memorySnapshot,
		"metadata-wal-records":             &f.metadataWAL,
		"native-histograms":                &f.alwaysOn,
		"old-ui":                           &f.withoutMeaning,
		"ooo-native-histograms":            &f.alwaysOn,
		"openmetrics2":                     &f.openMetrics2,
		"otlp-deltatocumulative":           &f.otlpDeltaToCumulative,
		"otlp-native-delta-ingestion":      &f.otlpNativeDelta,
		"promql-binop-fill-modifiers":      &f.fillModifiers,
		"promql-delayed-name-removal":      &f.delayedNameRemoval,
		"promql-duration-expr":             &f.alwaysOn,
		"promql-experimental-functions":    &f.experimentalFunctions,
		"promql-extended-range-selectors":  &f.alwaysOn,
		"promql-per-step-stats":            &f.perStepStats,
		"promql-unquoted-utf8-names":       &f.unquotedUTF8Names,
		"query-cost":                       &f.queryCost,
		"search-api":                       &f.searchAPI,
		"st-storage":                       &f.startTimeStorage,
		"st-synthesis":                     &f.startTimeSynthesis,
		"type-and-unit-labels":             &f.typeAndUnitLabels,
		"use-start-timestamps":             &f.useStartTimes,
		"use-uncached-io":                  &f.uncachedIO,
		"xor2-encoding":                    &f.xor2,
		"zstd-scrape":                      &f.zstdScrape,
	}
}

// parse switches on the features named in lists, each a comma separated list.
// Names it does not know are returned as warnings, as upstream has it: unit
// files outlive feature flags.
func (f *features) parse(lists []string) (warnings []string, err error) {
	switches := f.switches()
	for _, list := range lists {
		for name := range strings.SplitSeq(list, ",") {
			if on, known := switches[name]; known {
				*on = true
				continue
			}
			warnings = append(warnings, unknownFeature(name, switches))
		}
	}
	if f.otlpDeltaToCumulative && f.otlpNativeDelta {
		return nil, errors.New("--enable-feature: otlp-deltatocumulative and otlp-native-delta-ingestion exclude each other")
	}
	return warnings, nil
}

func unknownFeature(name string, switches map[string]*bool) string {
	known := slices.Collect(maps.Keys(switches))
	if near := yamlerr.Nearest(name, known); near != "" {
		return fmt.Sprintf("--enable-feature=%s is ignored: unknown, did you mean %s?", name, near)
	}
	return fmt.Sprintf("--enable-feature=%s is ignored: unknown", name)
}

// announce tells /api/v1/features of what is no single part's to tell. There
// is nothing about a UI: Prometheus's is not here.
func (f *features) announce(on registry, autoReload bool) {
	on.Set(promfeatures.Prometheus, "agent_mode", false)
	on.Set(promfeatures.Prometheus, "server_mode", true)
	on.Set(promfeatures.Prometheus, "auto_reload_config", autoReload || f.autoReload)
	on.Enable(promfeatures.Prometheus, labels.ImplementationName)
	template.RegisterFeatures(on)
	if f.metadataWAL {
		on.Enable(promfeatures.TSDB, "metadata_wal_records")
	}
	if f.startTimeSynthesis {
		on.Enable(promfeatures.Scrape, "st-synthesis")
	}
}
