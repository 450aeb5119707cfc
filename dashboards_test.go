package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/promql/parser"

	"daymark/ui/dashboard"
)

// builtIn is a dashboard as the running Daymark gives it.
func (d *daymark) builtIn(t *testing.T, uid string) *dashboard.Dashboard {
	t.Helper()
	status, body := get(t, d.url+"/api/daymark/v1/dashboards/"+uid)
	if status != http.StatusOK {
		t.Fatalf("dashboard %s: status %d: %s", uid, status, body)
	}
	var document struct {
		Dashboard json.RawMessage `json:"dashboard"`
	}
	if err := json.Unmarshal(body, &document); err != nil {
		t.Fatal(err)
	}
	board, err := dashboard.Parse(document.Dashboard, parser.NewParser(parser.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	return board
}

// expressions returns every expression of a dashboard as the UI asks it, by
// where it stands. Those of panels that say what it means when there is
// nothing are left out unless all are wanted.
func expressions(t *testing.T, board *dashboard.Dashboard, all bool) map[string]string {
	t.Helper()
	values := map[string]string{"__rate_interval": "10s", "__interval": "1s", "__range": "15m"}
	for _, variable := range board.Templating.List {
		var value string
		if err := json.Unmarshal(variable.Current.Value, &value); err != nil {
			t.Fatalf("variable %s: %v", variable.Name, err)
		}
		values[variable.Name] = value
	}
	exprs := map[string]string{}
	board.All(func(path string, p *dashboard.Panel) {
		if p.FieldConfig.Defaults.NoValue != "" && !all {
			return
		}
		for _, target := range p.Targets {
			expr, missing := dashboard.Substitute(target.Expr, values)
			if len(missing) > 0 {
				t.Errorf("%s %s: no value for %q", path, p.Title, missing)
			}
			exprs[fmt.Sprintf("%s %q, target %s", path, p.Title, target.RefID)] = expr
		}
	})
	return exprs
}

// expectData waits until every expression has given something.
func (d *daymark) expectData(t *testing.T, exprs map[string]string) {
	t.Helper()
	eventually(t, 30*time.Second, func() (bool, string) {
		for at, expr := range exprs {
			if result, _ := d.query(t, expr); len(result) > 0 {
				delete(exprs, at)
			}
		}
		return len(exprs) == 0, fmt.Sprintf("nothing from %q", exprs)
	})
}

// TestBuiltInDashboardsOfThisMachineHaveData asks every expression of the two
// dashboards that need nothing configured.
func TestBuiltInDashboardsOfThisMachineHaveData(t *testing.T) {
	d := start(t)
	machine := d.builtIn(t, "machine")
	for _, variable := range machine.Templating.List {
		if string(variable.Current.Value) == `".+"` {
			t.Errorf("%s is not filled", variable.Name)
		}
	}
	d.expectData(t, expressions(t, machine, false))
	d.expectData(t, expressions(t, d.builtIn(t, "daymark"), true))
}

// TestBuiltInDashboardsOfServicesHaveData asks every expression of the others
// against a service that exposes the names of the story and of OpenTelemetry.
func TestBuiltInDashboardsOfServicesHaveData(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(storyMetrics()))
	t.Cleanup(service.Close)
	file := filepath.Join(t.TempDir(), "prometheus.yml")
	config := "global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: payment\n  static_configs: [{targets: ['" + strings.TrimPrefix(service.URL, "http://") + "']}]\n"
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	d := start(t, "--config.file="+file)
	d.expectData(t, expressions(t, d.builtIn(t, "http"), true))
	d.expectData(t, expressions(t, d.builtIn(t, "payment"), true))
}

// storyMetrics exposes what a shop under load would: each scrape sees a little
// more of everything.
func storyMetrics() func(http.ResponseWriter, *http.Request) {
	var scrapes atomic.Int64
	return func(w http.ResponseWriter, _ *http.Request) {
		n := float64(scrapes.Add(1))
		counter := func(name, labels string, perScrape float64) { fmt.Fprintf(w, "%s{%s} %g\n", name, labels, n*perScrape) }
		histogram := func(name, labels string, perScrape float64) {
			share := 0.0
			for _, le := range append([]float64{}, prometheus.DefBuckets...) {
				share += 1 / float64(len(prometheus.DefBuckets))
				fmt.Fprintf(w, "%s_bucket{%s,le=\"%g\"} %g\n", name, labels, le, n*perScrape*share)
			}
			fmt.Fprintf(w, "%s_bucket{%s,le=\"+Inf\"} %g\n%s_count{%s} %g\n%s_sum{%s} %g\n", name, labels, n*perScrape, name, labels, n*perScrape, name, labels, n*perScrape*0.3)
		}
		for _, code := range []string{"200", "504"} {
			labels := `service="gateway",route="/pay",method="POST",region="eu",code="` + code + `"`
			counter("http_requests_total", labels, 20)
			histogram("http_request_duration_seconds", labels, 20)
			histogram("http_server_request_duration_seconds", `http_route="/search",http_request_method="GET",http_response_status_code="`+code+`"`, 5)
		}
		for _, outcome := range []string{"success", "failure", "timeout"} {
			counter("payments_total", `provider="acme",region="eu",outcome="`+outcome+`"`, 4)
			histogram("payment_duration_seconds", `provider="acme",region="eu",outcome="`+outcome+`"`, 4)
			histogram("provider_request_duration_seconds", `provider="acme",outcome="`+outcome+`"`, 4)
		}
		histogram("http_client_request_duration_seconds", `server_address="pay.example.com"`, 4)
		histogram("pool_wait_duration_seconds", `pool="provider"`, 4)
		for _, state := range []string{"in_use", "idle", "waiting"} {
			fmt.Fprintf(w, "pool_connections{pool=\"provider\",state=%q} 40\n", state)
		}
		fmt.Fprintln(w, `pool_connections_max{pool="provider"} 200`)
		fmt.Fprintln(w, `db_client_connection_count{db_client_connection_pool_name="orders",db_client_connection_state="used"} 7`)
		fmt.Fprintln(w, `db_client_connection_max{db_client_connection_pool_name="orders"} 20`)
		fmt.Fprintln(w, `go_sql_in_use_connections{db_name="users"} 3`)
		fmt.Fprintln(w, `hikaricp_connections_active{pool="basket"} 5`)
		counter("revenue_dollars_total", `region="eu"`, 100)
	}
}
