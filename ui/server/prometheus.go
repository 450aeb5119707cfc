package server

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/regexp"
	"github.com/prometheus/common/model"
	promroute "github.com/prometheus/common/route"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/features"
	"github.com/prometheus/prometheus/util/httputil"
	v1 "github.com/prometheus/prometheus/web/api/v1"
)

// prometheusAPI is Prometheus's own implementation of /api/v1 over our parts.
// It is called once: the API registers metrics.
func (s *Server) prometheusAPI() http.Handler {
	s.announceFeatures()
	external, _ := url.Parse(s.external) // made from a URL
	var appendable storage.AppendableV2
	if s.cfg.EnableRemoteWriteReceiver || s.cfg.EnableOTLP {
		appendable = s.deps.Series
	}
	api := v1.NewAPI(
		s.deps.Query,
		s.deps.Series,
		appendable,
		s.deps.Series,
		func(context.Context) v1.ScrapePoolsRetriever { return s.deps.Collector },
		func(context.Context) v1.TargetRetriever { return s.deps.Collector },
		func(context.Context) v1.AlertmanagerRetriever { return s.deps.Rules },
		func() promconfig.Config { return *s.deps.File() },
		s.cfg.Flags,
		v1.GlobalURLOptions{ListenAddress: s.listeners[0].Addr().String(), Host: external.Host, Scheme: external.Scheme},
		s.whenReady,
		s.deps.Series,
		s.cfg.DataPath,
		s.cfg.EnableAdmin,
		s.cfg.EnableSearch,
		s.cfg.MaxSearchLimit,
		s.log,
		func(context.Context) v1.RulesRetriever { return s.deps.Rules },
		s.cfg.RemoteReadSampleLimit,
		s.cfg.RemoteReadConcurrencyLimit,
		s.cfg.RemoteReadBytesInFrame,
		false, // an agent has no queries
		// No origin matches, and none gets here.
		regexp.MustCompile(`^$`),
		s.runtimeInfo,
		s.prometheusVersion(),
		s.deps.Notifications.Get,
		s.deps.Notifications.Sub,
		s.deps.Gatherer,
		s.reg,
		nil, // the default rendering of statistics
		s.cfg.EnableRemoteWriteReceiver,
		s.cfg.AcceptRemoteWriteProtoMsgs,
		s.cfg.EnableOTLP,
		s.cfg.ConvertOTLPDelta,
		s.cfg.NativeOTLPDelta,
		s.cfg.LookbackDelta,
		s.cfg.EnableTypeAndUnitLabels,
		s.cfg.AppendMetadata,
		nil, // the default statuses of errors
		s.cfg.Features,
		v1.OpenAPIOptions{ExternalURL: s.external, Version: s.prometheusVersion().Version, MaxSearchLimit: s.cfg.MaxSearchLimit},
		s.deps.Query.Parser(),
		s.cfg.EnableQueryCost,
		s.cfg.QueryTimeout,
	)
	prefix := s.cfg.RoutePrefix + "/api/v1"
	router := promroute.New()
	api.Register(router)
	stripped := http.StripPrefix(prefix, router)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The query log tells which address was asked.
		stripped.ServeHTTP(w, r.WithContext(httputil.ContextWithPath(r.Context(), r.URL.Path)))
	})
}

// announceFeatures says in /api/v1/features what the API can do.
func (s *Server) announceFeatures() {
	for name, on := range map[string]bool{
		"lifecycle":             s.cfg.EnableLifecycle,
		"admin":                 s.cfg.EnableAdmin,
		"remote_write_receiver": s.cfg.EnableRemoteWriteReceiver,
		"otlp_write_receiver":   s.cfg.EnableOTLP,
		"query_cost":            s.cfg.EnableQueryCost,
		"search":                s.cfg.EnableSearch,
		"label_values_match":    true,
		"query_warnings":        true,
		"query_stats":           true,
		"time_range_series":     true,
		"time_range_labels":     true,
		"exclude_alerts":        true,
		"openapi_3.1":           true,
		"openapi_3.2":           true,
	} {
		s.cfg.Features.Set(features.API, name, on)
	}
	for _, name := range v1.FuzzAlgorithms() {
		s.cfg.Features.Enable(features.API, "search_fuzz_alg_"+name)
	}
	s.cfg.Features.Set(features.OTLPReceiver, "delta_conversion", s.cfg.ConvertOTLPDelta)
	s.cfg.Features.Set(features.OTLPReceiver, "native_delta_ingestion", s.cfg.NativeOTLPDelta)
}

// prometheusVersion is what clients of the API learn about its generation;
// they switch features on by it, so it is the library's, not Daymark's.
func (s *Server) prometheusVersion() *v1.PrometheusVersion {
	return &v1.PrometheusVersion{
		Version:   apiVersion(),
		Revision:  s.cfg.Revision,
		Branch:    "daymark-" + s.cfg.Version,
		BuildUser: s.cfg.BuildUser,
		BuildDate: s.cfg.BuildDate,
		GoVersion: runtime.Version(),
	}
}

// apiVersion is the release of Prometheus whose API we carry: its module
// v0.316.0 is release 3.16.0.
func apiVersion() string {
	const fallback = "3.0.0"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return fallback
	}
	for _, dep := range info.Deps {
		if dep.Path != "github.com/prometheus/prometheus" {
			continue
		}
		parts := strings.SplitN(strings.TrimPrefix(dep.Version, "v0."), ".", 2)
		if n, err := strconv.Atoi(parts[0]); err == nil && len(parts) == 2 && n >= 300 {
			return fmt.Sprintf("%d.%d.%s", n/100, n%100, parts[1])
		}
	}
	return fallback
}

// runtimeInfo answers /api/v1/status/runtimeinfo.
func (s *Server) runtimeInfo() (v1.RuntimeInfo, error) {
	setup := s.deps.Setup()
	cwd, err := os.Getwd()
	if err != nil {
		return v1.RuntimeInfo{}, fmt.Errorf("working directory: %w", err)
	}
	hostname, err := os.Hostname()
	if err != nil {
		return v1.RuntimeInfo{}, fmt.Errorf("host name: %w", err)
	}
	info := v1.RuntimeInfo{
		StartTime:           s.started.UTC(),
		CWD:                 cwd,
		Hostname:            hostname,
		ServerTime:          time.Now().UTC(),
		ReloadConfigSuccess: setup.LastReload.Err == nil,
		LastConfigTime:      setup.LastReload.At.UTC(),
		GoroutineCount:      runtime.NumGoroutine(),
		GOMAXPROCS:          runtime.GOMAXPROCS(0),
		GOMEMLIMIT:          debug.SetMemoryLimit(-1),
		GOGC:                os.Getenv("GOGC"),
		GODEBUG:             os.Getenv("GODEBUG"),
		StorageRetention:    retentionText(s.deps.File()),
	}
	families, err := s.deps.Gatherer.Gather()
	if err != nil {
		return info, fmt.Errorf("gather metrics: %w", err)
	}
	for _, family := range families {
		if family.GetName() == "prometheus_tsdb_wal_corruptions_total" && len(family.Metric) > 0 {
			info.CorruptionCount = int64(family.Metric[0].GetCounter().GetValue())
		}
	}
	return info, nil
}

// retention is how long samples are kept, 0 where only the size counts.
func retention(file *promconfig.Config) time.Duration {
	if tsdb := file.StorageConfig.TSDBConfig; tsdb != nil && tsdb.Retention != nil {
		return time.Duration(tsdb.Retention.Time)
	}
	return 0
}

// retentionText says it as Prometheus does: "15d or 5GiB".
func retentionText(file *promconfig.Config) string {
	tsdb := file.StorageConfig.TSDBConfig
	if tsdb == nil || tsdb.Retention == nil {
		return ""
	}
	var parts []string
	if tsdb.Retention.Time != 0 {
		parts = append(parts, model.Duration(tsdb.Retention.Time).String())
	}
	if tsdb.Retention.Size != 0 {
		parts = append(parts, tsdb.Retention.Size.String())
	}
	if tsdb.Retention.Percentage != 0 {
		parts = append(parts, strconv.FormatFloat(tsdb.Retention.Percentage, 'g', -1, 64)+"%")
	}
	return strings.Join(parts, " or ")
}

// refreshing evaluates all live panels anew after a request that has taken
// series away: no commit tells them so.
func (s *Server) refreshing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		if r.Method != http.MethodOptions {
			s.deps.Live.Refresh()
		}
	})
}
