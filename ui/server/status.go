package server

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/prometheus/util/httputil"

	"daymark/collector"
)

// listLimit bounds the alerts, and the targets, of one document.
const listLimit = 500

// documentHandler answers with one of Daymark's own documents.
func (s *Server) documentHandler(name string) http.Handler {
	return httputil.CompressionHandler{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		document, _ := s.board.topics[name].read(r.Context())
		writeJSON(w, r, document)
	})}
}

// status returns the document, and the same without what the passing of time
// alone changes.
func (s *Server) status(context.Context) (document, lasting statusDocument) {
	setup, file := s.deps.Setup(), s.deps.File()
	d := statusDocument{
		Version:             s.cfg.Version,
		Build:               s.files.build,
		Instance:            s.instance,
		Protocol:            liveProtocol,
		StartedMs:           s.started.UnixMilli(),
		NowMs:               time.Now().UnixMilli(),
		Loading:             s.loading(),
		HostName:            setup.HostName,
		ConfigFile:          setup.ConfigFile,
		Host:                setup.Host,
		Self:                setup.Self,
		Packs:               setup.Packs,
		HostJob:             setup.HostJob,
		ScrapeIntervalMs:    time.Duration(file.GlobalConfig.ScrapeInterval).Milliseconds(),
		InProcessIntervalMs: setup.InProcessInterval.Milliseconds(),
		Jobs:                []jobSummary{},
		Paging: pagingSummary{
			BuiltIn:    s.deps.Alerting.BuiltIn(),
			Receivers:  []string{},
			ConfigFile: setup.AlertmanagerFile,
		},
		Unauthenticated: setup.Unauthenticated || (s.exposed != "" && !s.guarded.users),
		ExternalURL:     s.external,
		RetentionMs:     retention(file).Milliseconds(),
		LastCommitMs:    millis(s.deps.Series.LastCommit()),
		LastReload:      reloadResult{OK: setup.LastReload.Err == nil, AtMs: millis(setup.LastReload.At)},
	}
	d.Ready = d.Loading == nil
	if d.InProcessIntervalMs == 0 {
		d.InProcessIntervalMs = d.ScrapeIntervalMs
	}
	if err := setup.LastReload.Err; err != nil {
		d.LastReload.Error = err.Error()
	}
	for _, receiver := range s.deps.Alerting.Config().Receivers {
		d.Paging.Receivers = append(d.Paging.Receivers, receiver.Name)
	}
	pools := s.deps.Collector.Targets().Pools
	// The file's order first; this machine and Daymark itself stand in no file.
	position := map[string]int{}
	for i, job := range file.ScrapeConfigs {
		position[job.JobName] = i - len(file.ScrapeConfigs)
	}
	slices.SortStableFunc(pools, func(a, b collector.Pool) int { return position[a.Name] - position[b.Name] })
	for _, pool := range pools {
		d.Jobs = append(d.Jobs, jobSummary{Name: pool.Name, IntervalMs: pool.Interval.Milliseconds(), Targets: len(pool.Targets)})
	}
	lasting = d
	lasting.NowMs, lasting.LastCommitMs = 0, 0
	return d, lasting
}

// millis is t as the wire spells it, 0 for no time at all.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
