package main

// panel is one query of the live dashboard.
type panel struct {
	expr string
	// firstTarget says that it shows nothing but target 0, whose scrapes alone
	// it waits for.
	firstTarget bool
}

// dashboard is the 12 panels that viewers look at: the last hour, a point every
// 5 s.
func dashboard() []panel {
	return []panel{
		{expr: `sum by (region) (rate(http_requests_total{job="shop"}[1m]))`},
		{expr: `sum(rate(http_requests_total{job="shop",status=~"5.."}[1m])) / sum(rate(http_requests_total{job="shop"}[1m]))`},
		{expr: `histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{job="shop",route="/checkout"}[1m])))`},
		{expr: `histogram_quantile(0.99, sum by (le, route) (rate(http_request_duration_seconds_bucket{job="shop",instance="shop-00:8080"}[1m])))`, firstTarget: true},
		{expr: `sum by (region) (increase(orders_total{job="shop",status="paid"}[5m]))`},
		{expr: `sum(rate(revenue_eur_total{job="shop"}[5m])) * 3600`},
		{expr: `sum by (tier) (checkout_active_sessions{job="shop"})`},
		{expr: `1 - avg by (instance) (rate(node_cpu_seconds_total{job="shop",mode="idle"}[1m]))`},
		{expr: `node_memory_bytes{job="shop",kind="kind1"}`},
		{expr: `sum by (instance) (rate(node_network_receive_bytes_total{job="shop"}[1m])) * 8`},
		{expr: `topk(5, app_queue_depth{job="shop",instance="shop-00:8080"})`, firstTarget: true},
		{expr: probe + `{job="shop",instance="shop-00:8080"}`, firstTarget: true},
	}
}

// question is a query of the section about queries.
type question struct {
	name string
	expr string
	span int64 // seconds; 0 is an instant query
	step int64 // seconds
}

func questions() []question {
	const hour = 3600
	return []question{
		{"requests by region", `sum by (region) (rate(http_requests_total{job="shop"}[5m]))`, hour, 15},
		{"share of errors", `sum(rate(http_requests_total{job="shop",status=~"5.."}[5m])) / sum(rate(http_requests_total{job="shop"}[5m]))`, hour, 15},
		{"p95 of a route", `histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{job="shop",route="/checkout"}[5m])))`, hour, 15},
		{"p99 by route", `histogram_quantile(0.99, sum by (le, route) (rate(http_request_duration_seconds_bucket{job="shop",instance="shop-00:8080"}[5m])))`, hour, 15},
		{"one gauge", `node_memory_bytes{job="shop",instance="shop-00:8080",kind="kind1"}`, hour, 15},
		{"cpu by instance", `1 - avg by (instance) (rate(node_cpu_seconds_total{job="shop",mode="idle"}[5m]))`, 6 * hour, 60},
		{"requests by route", `sum by (route) (rate(http_requests_total{job="shop"}[5m]))`, 6 * hour, 60},
		{"topk of a gauge", `topk(5, app_queue_depth{job="shop",instance="shop-00:8080"})`, 6 * hour, 60},
		{"orders of a day", `sum by (region) (increase(orders_total{job="long",status="paid"}[1h]))`, 24 * hour, 300},
		{"sessions of a day", `max by (tier) (max_over_time(checkout_active_sessions{job="long"}[5m]))`, 24 * hour, 300},
		{"instant: revenue", `sum(rate(revenue_eur_total{job="shop"}[5m])) * 3600`, 0, 0},
		{"instant: sessions", `sum by (tier) (checkout_active_sessions{job="shop"})`, 0, 0},
		{"instant: series", `count by (job) ({job=~"shop|long"})`, 0, 0},
		{"instant: p99 by route", `histogram_quantile(0.99, sum by (le, route) (rate(http_request_duration_seconds_bucket{job="shop"}[5m])))`, 0, 0},
	}
}
