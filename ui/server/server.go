// Package server is Daymark's face to the network: Prometheus's and
// Alertmanager's HTTP APIs, Daymark's own, the live websocket and the pages.
package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/util/notifications"

	"daymark/ui/dashboard"
)

// Server answers HTTP. Make it with New, give it its addresses with Listen,
// and let it work with Run.
type Server struct {
	cfg      Config
	deps     Deps
	log      *slog.Logger
	reg      prometheus.Registerer
	metrics  *metrics
	files    *pages
	board    *board
	viewers  *viewers
	instance string
	started  time.Time
	exposed  string // the first address that others can reach, "" if none is
	guarded  accessFile

	dashboards *dashboard.Library

	listeners []net.Listener
	external  string // URL, ending in a slash; known once listening
	table     []route
	root      http.Handler
	gate      gate
	public    map[string]bool // paths that any host may ask for
	access    atomic.Pointer[accessList]

	requests underway
	drain    time.Duration   // how long requests may go on at a stop
	stopping context.Context // done when the server begins to stop
	stop     context.CancelFunc
}

// accessList is what a reload may change about who is let in.
type accessList struct {
	hosts       *hostList
	crossOrigin *http.CrossOriginProtection
}

// New checks cfg, the listen policy included: an address that others can
// reach needs TLS and users or the operator's word, and the error says with
// which lines. Nothing is opened before Listen.
func New(cfg Config, deps Deps, log *slog.Logger, reg prometheus.Registerer) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	access, err := readAccessFile(cfg.WebConfigFile)
	if err != nil {
		return nil, err
	}
	address, err := exposed(context.Background(), cfg.ListenAddresses)
	if err != nil {
		return nil, err
	}
	if err := checkListenPolicy(cfg, address, access); err != nil {
		return nil, err
	}
	files, err := newPages(deps.UI)
	if err != nil {
		return nil, fmt.Errorf("read the pages: %w", err)
	}
	dashboards, err := dashboard.NewLibrary(deps.Dashboards)
	if err != nil {
		return nil, err
	}
	if deps.Notifications == nil {
		deps.Notifications = notifications.NewNotifications(16, reg)
	}
	s := &Server{
		cfg: cfg, deps: deps, log: log, reg: reg, files: files,
		instance: newInstance(), started: time.Now(), exposed: address, guarded: access, drain: drainTime,
		dashboards: dashboards,
	}
	s.stopping, s.stop = context.WithCancel(context.Background())
	s.metrics, err = newMetrics(reg, s.readiness)
	if err != nil {
		return nil, fmt.Errorf("register metrics of the server: %w", err)
	}
	s.board = newBoard(map[string]topic{
		"status":    {read: func(ctx context.Context) (any, any) { return s.status(ctx) }, refresh: time.Second},
		"alerts":    {read: func(ctx context.Context) (any, any) { return s.alerts(ctx) }, refresh: 2 * time.Second},
		"targets":   {read: func(ctx context.Context) (any, any) { return s.targets(ctx) }, refresh: 5 * time.Second},
		"exporters": {read: func(ctx context.Context) (any, any) { return s.exporters(ctx) }, refresh: 5 * time.Second},
	}, log)
	s.viewers = newViewers(cfg.LivePerAddress)
	return s, nil
}

// newInstance names this start of the server.
func newInstance() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// access says who a route is for. Until there are users with roles, everyone
// who passes the door may use all of them but the public ones, which are open.
type access string

const (
	public  access = "public"  // probes: any host, no user
	view    access = "view"    // looks
	ingest  access = "ingest"  // sends samples or alerts
	change  access = "change"  // changes what others see
	operate access = "operate" // reloads, stops, looks inside
)

// body says how much a route reads.
type body string

const (
	none    body = "none"
	form    body = "form"    // a query or a JSON document
	samples body = "samples" // what machines send in bulk
)

func (b body) bytes(limits Limits) int64 {
	switch b {
	case form:
		return limits.FormBytes
	case samples:
		return limits.IngestBytes
	default:
		return 0
	}
}

// policy is what holds for a route besides what holds for all.
type policy struct {
	access access
	body   body
	stream bool // the answer has no end of its own
}

// route is one address. In path, {name} stands for one segment.
type route struct {
	methods string // separated by spaces
	path    string
	policy  policy
	handler http.Handler
}

// routes is every address there is below the route prefix, except the files
// of the UI. A line without a policy fails the tests.
func (s *Server) routes() []route {
	var (
		look   = policy{access: view, body: none}
		ask    = policy{access: view, body: form}
		send   = policy{access: ingest, body: samples}
		post   = policy{access: ingest, body: form}
		alter  = policy{access: change, body: form}
		run    = policy{access: operate, body: none}
		try    = policy{access: operate, body: form}
		live   = policy{access: view, body: none, stream: true}
		probe  = policy{access: public, body: none}
		prom   = s.prometheusAPI()
		am     = http.StripPrefix(s.cfg.RoutePrefix, s.deps.Alerting.Handler())
		own    = s.documentHandler
		handle = func(f http.HandlerFunc) http.Handler { return f }
	)
	routes := []route{
		{"GET HEAD", "/-/healthy", probe, handle(s.healthy)},
		{"GET HEAD", "/-/ready", probe, handle(s.isReady)},
		{"POST PUT", "/-/reload", run, handle(s.reload)},
		{"POST PUT", "/-/quit", run, handle(s.quit)},
		{"GET HEAD", "/metrics", look, s.metricsHandler()},
		{"GET", "/federate", look, s.federateHandler()},
		{"GET", "/version", look, handle(s.version)},

		{"GET", "/api/daymark/v1/status", look, own("status")},
		{"GET", "/api/daymark/v1/alerts", look, own("alerts")},
		{"GET", "/api/daymark/v1/targets", look, own("targets")},
		{"GET", "/api/daymark/v1/targets/dropped", look, handle(s.droppedTargets)},
		{"GET", "/api/daymark/v1/exporters", look, own("exporters")},
		{"PUT", "/api/daymark/v1/exporters", alter, handle(s.ignoreExporter)},
		{"GET", "/api/daymark/v1/packs", look, handle(s.packs)},
		{"PUT", "/api/daymark/v1/packs/{name}", alter, handle(s.switchPack)},
		{"GET", "/api/daymark/v1/receivers", look, handle(s.receivers)},
		{"POST", "/api/daymark/v1/receivers/{name}/test", try, handle(s.testReceiver)},
		{"GET", "/api/daymark/v1/dashboards", look, s.listDashboards()},
		{"GET", "/api/daymark/v1/dashboards/{uid}", look, handle(s.oneDashboard)},
		{"GET", "/api/daymark/v1/live", live, handle(s.live)},

		{"GET POST OPTIONS", "/api/v1/query", ask, prom},
		{"GET POST OPTIONS", "/api/v1/query_range", ask, prom},
		{"GET POST OPTIONS", "/api/v1/query_exemplars", ask, prom},
		{"GET POST OPTIONS", "/api/v1/format_query", ask, prom},
		{"GET POST OPTIONS", "/api/v1/parse_query", ask, prom},
		{"GET POST OPTIONS", "/api/v1/labels", ask, prom},
		{"GET OPTIONS", "/api/v1/label/{name}/values", look, prom},
		{"GET POST OPTIONS", "/api/v1/series", ask, prom},
		{"GET OPTIONS", "/api/v1/scrape_pools", look, prom},
		{"GET OPTIONS", "/api/v1/scrape_pools/config", look, prom},
		{"GET OPTIONS", "/api/v1/targets", look, prom},
		{"GET OPTIONS", "/api/v1/targets/metadata", look, prom},
		{"GET OPTIONS", "/api/v1/targets/relabel_steps", look, prom},
		{"GET OPTIONS", "/api/v1/alertmanagers", look, prom},
		{"GET OPTIONS", "/api/v1/metadata", look, prom},
		{"GET OPTIONS", "/api/v1/status/config", look, prom},
		{"GET OPTIONS", "/api/v1/status/runtimeinfo", look, prom},
		{"GET OPTIONS", "/api/v1/status/buildinfo", look, prom},
		{"GET OPTIONS", "/api/v1/status/flags", look, prom},
		{"GET OPTIONS", "/api/v1/status/tsdb", look, prom},
		{"GET OPTIONS", "/api/v1/status/tsdb/blocks", look, prom},
		{"GET OPTIONS", "/api/v1/status/self_metrics", look, prom},
		{"GET OPTIONS", "/api/v1/status/walreplay", look, prom},
		{"GET OPTIONS", "/api/v1/features", look, prom},
		{"GET OPTIONS", "/api/v1/notifications", look, prom},
		{"GET OPTIONS", "/api/v1/notifications/live", live, prom},
		{"POST OPTIONS", "/api/v1/read", ask, s.bounded(prom)},
		{"POST OPTIONS", "/api/v1/write", send, s.bounded(prom)},
		{"POST OPTIONS", "/api/v1/otlp/v1/metrics", send, s.bounded(prom)},
		{"GET POST OPTIONS", "/api/v1/search/metric_names", ask, prom},
		{"GET POST OPTIONS", "/api/v1/search/label_names", ask, prom},
		{"GET POST OPTIONS", "/api/v1/search/label_values", ask, prom},
		{"GET OPTIONS", "/api/v1/alerts", look, prom},
		{"GET OPTIONS", "/api/v1/rules", look, prom},
		{"POST PUT OPTIONS", "/api/v1/admin/tsdb/delete_series", alter, s.refreshing(prom)},
		{"POST PUT OPTIONS", "/api/v1/admin/tsdb/clean_tombstones", alter, prom},
		{"POST PUT OPTIONS", "/api/v1/admin/tsdb/snapshot", alter, prom},
		{"GET OPTIONS", "/api/v1/openapi.yaml", look, prom},

		{"GET", "/api/v2/status", look, am},
		{"GET", "/api/v2/receivers", look, am},
		{"GET", "/api/v2/silences", look, am},
		{"POST", "/api/v2/silences", alter, am},
		{"GET", "/api/v2/silence/{id}", look, am},
		{"DELETE", "/api/v2/silence/{id}", alter, am},
		{"GET", "/api/v2/alerts", look, am},
		{"POST", "/api/v2/alerts", post, am},
		{"GET", "/api/v2/alerts/groups", look, am},

		{"GET HEAD POST PUT DELETE OPTIONS", "/api/", ask, handle(unknownAPI)},
		{"GET HEAD", "/", look, handle(s.page)},
	}
	if s.cfg.EnableQueryCost {
		routes = append(routes,
			route{"GET POST OPTIONS", "/api/v1/query_cost", ask, prom},
			route{"GET POST OPTIONS", "/api/v1/query_range_cost", ask, prom})
	}
	if s.cfg.EnablePprof {
		routes = append(routes, s.debugRoutes(policy{access: operate, body: form})...)
	}
	return routes
}

// handler puts the routes together. Lines with the same path share an address
// and divide its methods.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	s.public = map[string]bool{}
	byPath := map[string][]route{}
	s.table = s.routes()
	for _, rt := range s.table {
		byPath[rt.path] = append(byPath[rt.path], rt)
		if rt.policy.access == public {
			s.public[s.cfg.RoutePrefix+rt.path] = true
		}
	}
	for path, list := range byPath {
		mux.Handle(s.cfg.RoutePrefix+path, s.dispatch(list))
	}
	if s.cfg.RoutePrefix != "" {
		mux.Handle("/{$}", s.serve(route{"GET HEAD", "/", policy{access: view, body: none}, http.RedirectHandler(s.cfg.RoutePrefix+"/", http.StatusFound)}))
	}
	return mux
}

// dispatch serves the lines of one path. What none of them takes is refused
// by the first, with the methods of all.
func (s *Server) dispatch(list []route) http.Handler {
	if len(list) == 1 {
		return s.serve(list[0])
	}
	byMethod := map[string]http.Handler{}
	var methods []string
	for _, rt := range list {
		handler := s.serve(rt)
		for method := range strings.FieldsSeq(rt.methods) {
			byMethod[method] = handler
			methods = append(methods, method)
		}
	}
	refused := list[0]
	refused.methods = strings.Join(methods, " ")
	refuse := s.serve(refused)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if handler, ok := byMethod[r.Method]; ok {
			handler.ServeHTTP(w, r)
			return
		}
		refuse.ServeHTTP(w, r)
	})
}

func unknownAPI(w http.ResponseWriter, r *http.Request) {
	writeError(w, r, &requestError{kind: kindNotFound, message: fmt.Sprintf("there is no %s", r.URL.Path)})
}
