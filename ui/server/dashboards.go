package server

import (
	"fmt"
	"net/http"
	"regexp"

	"github.com/prometheus/prometheus/util/httputil"

	"daymark/ui/dashboard"
)

// dashboardsDocument is the body of GET /api/daymark/v1/dashboards.
type dashboardsDocument struct {
	Dashboards []dashboardSummary `json:"dashboards"`
}

// dashboardSummary is one dashboard in the list, which is sorted by title.
type dashboardSummary struct {
	UID         string   `json:"uid"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Tags        []string `json:"tags"`
	BuiltIn     bool     `json:"built_in"`
	Panels      int      `json:"panels"` // without rows
}

// dashboardDocument is the body of GET /api/daymark/v1/dashboards/{uid}.
type dashboardDocument struct {
	Meta      dashboardMeta        `json:"meta"`
	Dashboard *dashboard.Dashboard `json:"dashboard"` // as it is stored: docs/dashboards.md
}

// dashboardMeta is what is known of a dashboard beside its document.
type dashboardMeta struct {
	UID     string `json:"uid"`
	BuiltIn bool   `json:"built_in"`
	File    string `json:"file"` // builtin:NAME of what the binary carries
}

// listDashboards answers with every dashboard there is.
func (s *Server) listDashboards() http.Handler {
	return httputil.CompressionHandler{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		document := dashboardsDocument{Dashboards: []dashboardSummary{}}
		for _, entry := range s.dashboards.All() {
			document.Dashboards = append(document.Dashboards, dashboardSummary{
				UID: entry.UID, Title: entry.Title, Description: entry.Description,
				Tags: append([]string{}, entry.Tags...), BuiltIn: entry.BuiltIn, Panels: entry.PanelCount(),
			})
		}
		writeJSON(w, r, document)
	})}
}

// oneDashboard answers with the dashboard that the path names.
func (s *Server) oneDashboard(w http.ResponseWriter, r *http.Request) {
	uid := r.PathValue("uid")
	entry, ok := s.dashboards.Get(uid)
	if !ok {
		writeError(w, r, &requestError{kind: kindNotFound, message: fmt.Sprintf("there is no dashboard with the uid %q; GET /api/daymark/v1/dashboards lists those there are", uid)})
		return
	}
	httputil.CompressionHandler{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, r, dashboardDocument{
			Meta:      dashboardMeta{UID: entry.UID, BuiltIn: entry.BuiltIn, File: entry.File},
			Dashboard: entry.WithConstants(s.dashboardConstants()),
		})
	})}.ServeHTTP(w, r)
}

// dashboardConstants are the names under which a dashboard finds this machine:
// constants of these names get the value, as patterns, where its metrics are
// collected in process, and keep their own elsewhere.
func (s *Server) dashboardConstants() map[string]string {
	setup := s.deps.Setup()
	if !setup.Host {
		return nil
	}
	return map[string]string{"host_job": regexp.QuoteMeta(setup.HostJob), "host_instance": regexp.QuoteMeta(setup.HostName)}
}
