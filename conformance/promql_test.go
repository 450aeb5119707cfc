package conformance

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
)

// allFeatures are those that change what queries may say and answer.
const allFeatures = "--enable-feature=promql-experimental-functions,promql-binop-fill-modifiers,promql-duration-expr,promql-extended-range-selectors,promql-per-step-stats,exemplar-storage,metadata-wal-records,query-cost,search-api,native-histograms"

var (
	vectors = []string{
		`http_requests_total`, `temperature`, `native_seconds`, `mixed`, `{"dotted.metric"}`, `latency_seconds_bucket`, `int_native_seconds`, `int_custom`, `native_gauge`,
		`flaps`, `sparse`, `huge`, `empty_histogram`, `nothing_here`, `cities_epoch`, `{job="api"}`,
	}
	ranges  = []string{`1m`, `5m`, `10s`, `30m`}
	scalars = []string{`0.5`, `2`, `-1`, `NaN`, `+Inf`, `scalar(constant)`, `time()`}
)

// functionCalls is every function there is, on every kind of argument.
func functionCalls() (list []string) {
	for _, name := range slices.Sorted(maps.Keys(parser.Functions)) {
		f := parser.Functions[name]
		least := len(f.ArgTypes)
		if f.Variadic != 0 {
			least = max(0, least-1)
		}
		for n := least; n <= len(f.ArgTypes); n++ {
			list = append(list, calls(f, f.ArgTypes[:n])...)
		}
		list = append(list, name, name+"()", name+"(1)", name+`("x")`, name+"(constant)", name+"(constant[1m])", name+"(1,2,3,4,5,6,7,8,9,10,11,12)", "sum("+name+"(temperature))")
	}
	return list
}

func calls(f *parser.Function, args []parser.ValueType) []string {
	list := []string{""}
	for i, arg := range args {
		var options []string
		switch arg {
		case parser.ValueTypeVector:
			options = vectors
		case parser.ValueTypeMatrix:
			for j, v := range vectors {
				options = append(options, v+"["+ranges[j%len(ranges)]+"]", v+"[5m:30s]")
			}
		case parser.ValueTypeScalar:
			options = scalars
		case parser.ValueTypeString:
			options = map[string][]string{
				"label_replace":       {`"dst"`, `"$1-x"`, `"code"`, `"(.)00"`},
				"label_join":          {`"dst"`, `","`, `"job"`},
				"histogram_quantiles": {`"", "q"`},
			}[f.Name]
			if options == nil {
				options = []string{`"job"`, `"room"`}
			} else if f.Name != "histogram_quantiles" {
				options = options[min(i-1, len(options)-1):min(i, len(options))]
			} else {
				options = []string{`"q"`}
			}
		}
		var longer []string
		for j, before := range list {
			// The first two arguments in every combination, further ones in turn.
			for k, option := range options {
				if i > 1 && k != j%len(options) {
					continue
				}
				longer = append(longer, strings.TrimPrefix(before+", "+option, ", "))
			}
		}
		list = longer
	}
	for i := range list {
		list[i] = f.Name + "(" + list[i] + ")"
	}
	return list
}

// aggregations is every aggregation over every kind of vector.
func aggregations() (list []string) {
	for _, op := range []string{"sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "topk(2, ", "topk(0.5, ", "bottomk(1, ", "bottomk(NaN, ", `count_values("v", `, "quantile(0.9, ", "quantile(-1, ", "quantile(NaN, ", "limitk(2, ", "limitk(-1, ", "limit_ratio(0.5, ", "limit_ratio(-0.3, ", "limit_ratio(7, "} {
		name, open, found := strings.Cut(op, "(")
		if found {
			open = "(" + open
		} else {
			open = "("
		}
		for _, v := range vectors {
			list = append(list, name+open+v+")", name+" by (job) "+open+v+")", name+" without (instance, le) "+open+v+")", name+" by (missing, code) "+open+v+")")
		}
		list = append(list, name+open+"rate(http_requests_total[2m]))", name+open+"rate(native_seconds[5m]))", name+open+"constant) by (job)", name+open+"1)", name+open+"constant[1m])", name+"()")
	}
	return list
}

// operations is every operator between vectors and scalars.
func operations() (list []string) {
	for _, op := range []string{"+", "-", "*", "/", "%", "^", "atan2", "==", "!=", ">", "<", ">=", "<=", "== bool", "> bool", "</", ">/"} {
		for _, sides := range [][2]string{
			{"temperature", "2"},
			{"2", "temperature"},
			{"1", "2"},
			{"constant", "constant"},
			{"http_errors_total", "http_errors_total"},
			{"native_seconds", "2"},
			{"2", "native_seconds"},
			{"native_seconds", "native_seconds"},
			{"mixed", "mixed"},
			{"native_seconds", "constant"},
			{"http_requests_total", "http_errors_total"},
			{"huge", "huge"},
			{"int_custom", "native_gauge"},
			{"int_custom", "0"},
			{"native_gauge", "NaN"},
			{"nothing_here", "1"},
			{`"a"`, "1"},
		} {
			list = append(list, sides[0]+" "+op+" "+sides[1])
		}
		list = append(list,
			"http_requests_total "+op+" on (job) group_left limits",
			"limits "+op+" on (job) group_right (code) http_requests_total",
			"http_requests_total "+op+" ignoring (method, code, instance) group_left () limits",
			"http_requests_total "+op+" on (job, instance) group_left (version, region) target_info",
			"http_requests_total "+op+" on (job) limits",
			"limits "+op+" fill (7) quota",
			"limits "+op+" fill_left (1) fill_right (2) quota",
			"limits "+op+" on (job) fill (0) group_left quota",
		)
	}
	for _, op := range []string{"and", "or", "unless"} {
		list = append(list, "up "+op+" temperature", "up "+op+" on (job) limits", "up "+op+" ignoring (instance) limits", "mixed "+op+" native_seconds", "up "+op+" 1", "up "+op+" on (job) group_left limits", "nothing_here "+op+" up", "up "+op+" up == 0")
	}
	return list
}

// handWritten are expressions that no table makes, right and wrong.
var handWritten = strings.Split(strings.TrimSpace(`
constant offset 5m
constant offset -5m
temperature @ 1750000600
temperature @ start()
rate(http_requests_total[5m] @ end() offset 1m)
http_requests_total @ -1
http_requests_total @ NaN
http_requests_total @ 1e300
increase(http_requests_total[5m] smoothed)
rate(http_requests_total[5m] anchored)
http_requests_total smoothed
temperature smoothed
changes(flaps[10m] anchored)
resets(http_requests_total[10m] anchored)
delta(temperature[10m] smoothed)
avg_over_time(temperature[10m] smoothed)
rate(native_seconds[5m] smoothed)
rate(http_requests_total[1m+step()])
rate(http_requests_total[max_of(step(), 2m)])
sum_over_time(constant[range()])
count_over_time(constant[2*1m:step()/2])
constant offset (1m+30s)
rate(http_requests_total[-5m])
rate(http_requests_total[0s])
rate(http_requests_total[5m:])
rate(http_requests_total[5m:0s])
max_over_time(rate(http_requests_total[1m])[10m:1m])
max_over_time(max_over_time(temperature[1m])[10m:1m] @ end())[5m:]
sum(rate(http_requests_total[2m:15s] offset 1m)) by (job)
min_over_time(sum(up)[30m:1m])
absent(nothing{job="a", instance=~"b.*"})
absent(up{job="api"})
absent_over_time(nothing{job="a"}[5m])
absent(sum(nothing))
label_replace(up, "job", "$1 $2", "instance", "(.*):(.*)")
label_replace(up, "bad-name", "x", "job", ".*")
label_replace(up, "~invalid", "", "src", "(.*")
label_replace(up, "instance", "", "", "")
label_replace(up, "__name__", "renamed", "job", "api")
label_join(up, "x", "-", "job", "instance", "missing")
label_join(up, "instance", "", "job")
histogram_quantile(0.9, rate(latency_seconds_bucket[5m]))
histogram_quantile(0.9, sum by (le, job) (rate(latency_seconds_bucket[5m])))
histogram_quantile(2, latency_seconds_bucket)
histogram_quantile(-1, latency_seconds_bucket)
histogram_quantile(0.5, broken_bucket)
histogram_quantile(0.5, only_inf_bucket)
histogram_quantile(0.5, negative_bucket)
histogram_quantile(0.9, sum(rate(native_seconds[5m])))
histogram_quantile(0.9, sum by (job) (rate(native_seconds[5m])))
histogram_quantile(scalar(constant)/100, rate(native_seconds[5m]))
histogram_fraction(0.1, 1, rate(native_seconds[5m]))
histogram_fraction(-Inf, 0.5, latency_seconds_bucket)
histogram_fraction(1, 0, native_seconds)
histogram_quantiles(rate(native_seconds[5m]), "q", 0.1, 0.5, 0.9)
histogram_quantiles(latency_seconds_bucket, "le", 0.1, 2)
histogram_avg(rate(native_seconds[5m])) > 0.1
histogram_count(sum(increase(int_native_seconds[30m])))
rate(mixed[5m])
increase(native_gauge[5m])
delta(native_gauge[5m])
delta(native_seconds[5m])
irate(native_seconds[5m])
rate(temperature[5m])
sum(mixed)
avg(native_seconds)
native_seconds / 0
native_seconds * -1
-native_seconds
-temperature
+up
info(http_requests_total)
info(http_requests_total, {version=~".+"})
info(http_requests_total, {__name__="build_info"})
info(http_requests_total, {__name__=~".*_info", region="eu"})
info(up, {missing="x"})
topk(3, http_requests_total) > 100
topk by (job) (1, http_requests_total)
topk(scalar(nothing_here), up)
bottomk(1e300, up)
topk(-5, up)
sort(http_requests_total)
sort_desc(temperature)
sort_by_label(http_requests_total, "code", "instance")
sort_by_label_desc(http_requests_total, "method")
sort(native_seconds)
count_values("job", up)
count_values("bad name", up)
count_values("v", native_seconds)
quantile(scalar(constant), temperature)
quantile_over_time(1.1, temperature[5m])
predict_linear(memory_bytes[30m], 3600)
deriv(memory_bytes[30m])
double_exponential_smoothing(temperature[10m], 0.5, 0.5)
double_exponential_smoothing(temperature[10m], 1.5, 0.5)
double_exponential_smoothing(temperature[10m], 0.5, 0)
holt_winters(temperature[10m], 0.5, 0.5)
clamp(temperature, 5, 1)
clamp(temperature, NaN, 1)
round(temperature, 0)
round(temperature, 0.3)
vector(scalar(up))
scalar(http_requests_total)
time()
vector(time())
timestamp(up)
timestamp(timestamp(up))
timestamp(up offset 1m)
timestamp(sparse)
minute()
hour(vector(1750000000))
day_of_week(cities_epoch)
days_in_month(cities_epoch)
"a string"
'single \'quoted\''
`+"`raw \\n`"+`
1
-1
0x1F
0b11
0o17
1_000
1e3
.5
5m
-5m
Inf
-Inf
NaN
1 + 2 * 3 ^ 2 ^ 0.5 % 7
1 == bool 1
1 == 1
1 / 0
0 / 0
-1 % 0
{__name__=~"up|constant"}
{__name__=~".*"}
{job!~"api"}
{job=""}
{job=~".*"}
{}
{job=~"(unclosed"}
up{job="api", job!="web"}
up{job="api" or job="web"}
up{"job"="api"}
{"up", job="api"}
{"up", __name__="other"}
up{__name__="other"}
up{job="api"}[5m]
up[5m]
up[5m:1m]
native_seconds[2m]
int_native_seconds[1m]
{"dotted.metric"}
{"名前"}
名前
sum by ("label.with.dots") ({"dotted.metric"})
up{job=~"a.*", instance=~"a:1|b:1"}
up{job=~"api|web", instance!=""}
up{instance=~"(?i)A:1"}
up{instance=~"a.{3}"}

   
up{
up}
up{job}
up{job=}
up{job="api}
up{job="api"
sum(
sum(up
sum up
sum by job (up)
sum(up) by
by(up)
foo bar
up + 
+ + up
up ++ up
up - - up
up == == up
(up
up)
()
up[5m
up[5]
up[5mm]
up[5m:1m:1m]
up[1m30s]
up[30s1m]
up[5m][5m]
rate(up)
rate(up[5m])[5m]
rate(rate(up[5m])[5m])
sum(up[5m])
up[5m] offset 1m offset 2m
up offset 1m @ 5
up @ 5 @ 6
up offset
up offset foo
nosuchfunction(up)
sum(nosuch(up))
rate(up[5m], 1)
histogram_quantile(up, 0.9)
label_replace(up)
up and on () up
up + on (job) group_left group_right up
up * on (job) group_left(job) up
up * ignoring (job) group_left(job) up
up and 1
1 and 1
1 > 2
"a" + "b"
"a" == "a"
up == "a"
up # a comment
# only a comment
up{job="\x61pi"}
up{job="\400"}
up{job="\u00zz"}
up{job='api'}
`+"up{job=`api`}"+`
$__interval
rate(up[$__rate_interval])
up!
up;
up@
@up
up{9job="a"}
9up
up:1m:rate
:up
up{a="b",}
up{,}
up{,a="b"}
up{a="b",,}
sum(up,)
sum by (job,) (up)
sum by () (up)
sum without () (up)
sum by (job) without (job) (up)
topk(up)
topk(1, 2, up)
quantile("a", up)
count_values(1, up)
min_of(1, 2)
max_of(scalar(up), 3)
start()
end()
step()
range()
rate(up[start()])
avg_over_time({__name__=~".+"}[5m])
sum({__name__=~".+"})
mad_over_time(temperature[10m])
ts_of_max_over_time(temperature[10m])
integral(temperature[10m])
start_timestamp(up)
`), "\n")

func expressions() []string {
	return slices.Concat(handWritten, aggregations(), operations(), functionCalls())
}

func seconds(ms int64) string { return strconv.FormatFloat(float64(ms)/1000, 'f', -1, 64) }

// inOrder says that the order of the result means something.
func inOrder(expr string) bool {
	return strings.HasPrefix(expr, "sort") || strings.HasPrefix(expr, "topk(") || strings.HasPrefix(expr, "bottomk(")
}

// TestQueries asks both the same over the same samples, thousands of times.
func TestQueries(t *testing.T) {
	t.Parallel()
	p := startPair(t, writeFile(t, t.TempDir(), "prometheus.yml", "global: {external_labels: {zone: eu}}\n"),
		allFeatures, "--storage.tsdb.retention.time=100y", "--web.enable-remote-write-receiver", "--web.enable-otlp-receiver", "--query.max-samples=200000", "--query.timeout=20s")
	p.fill(t)

	t.Run("expressions", func(t *testing.T) { compareExpressions(t, p) })
	t.Run("parameters", func(t *testing.T) { compareParameters(t, p) })
	t.Run("metadata routes", func(t *testing.T) { compareMetadataRoutes(t, p) })
}

func compareExpressions(t *testing.T, p pair) {
	list := expressions()
	work := make(chan int)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range work {
				expr := list[i]
				change := unordered
				if inOrder(expr) {
					change = annotationsSorted
				}
				// Where the queries look varies, so that all parts of the data are met.
				when := base + int64(i*37%points)*stepMs + int64(i%3)*1234
				instant := url.Values{"query": {expr}, "time": {seconds(when)}}
				span := url.Values{"query": {expr}, "start": {seconds(base - 60_000 + int64(i%7)*300_000)}, "end": {seconds(base + 3_000_000)}, "step": {[]string{"60", "15", "4m", "37.5"}[i%4]}}
				if i%2 == 0 {
					p.get(t, "/api/v1/query", instant, change)
				} else {
					p.post(t, "/api/v1/query", instant, change)
				}
				if i < len(handWritten) || i%4 == 0 {
					p.post(t, "/api/v1/query_range", span, unordered)
				} else if i%4 == 2 {
					p.get(t, "/api/v1/query_range", span, unordered)
				}
				if i < len(handWritten) || i%10 == 0 {
					p.get(t, "/api/v1/format_query", url.Values{"query": {expr}})
					p.get(t, "/api/v1/parse_query", url.Values{"query": {expr}})
				}
			}
		})
	}
	for i := range list {
		work <- i
	}
	close(work)
	wg.Wait()
	t.Logf("%d expressions", len(list))
}

// compareParameters asks with what else a query can carry, right and wrong.
func compareParameters(t *testing.T, p pair) {
	mid := seconds(base + 600_000)
	timings := without("timings", "walltime", "spans")
	for _, query := range []string{
		"", "query=up&time=", "query=up&time=abc", "query=up&time=2025-06-15T15:16:40Z", "query=up&time=2025-06-15T15:16:40.5%2B02:00", "query=up&time=1e300", "query=up&time=-1", "query=up&time=NaN",
		"query=up&timeout=abc", "query=up&timeout=1s&time=" + mid, "query=up&timeout=1ns&time=" + mid, "query=up&timeout=-1s&time=" + mid, "query=up&limit=1&time=" + mid, "query=up&limit=-1", "query=up&limit=x", "query=up[5m]&limit=1&time=" + mid,
		"query=up&lookback_delta=1s&time=" + mid, "query=up&lookback_delta=x&time=" + mid, "query=up&lookback_delta=0&time=" + mid, "query=up&stats=all&time=" + mid, "query=sum(rate(http_requests_total[5m]))&stats=true&time=" + mid, "query=up&stats=none&time=" + mid,
		"query=up&time=" + mid + "&time=5", "query=up&query=down&time=" + mid, "time=" + mid, "query=%ff&time=" + mid, "query=up%00", "query=up&q=%zz",
		"query=sum_over_time({__name__=~\".%2B\"}[2h])&time=" + seconds(base+3_600_000), // more samples than allowed
	} {
		p.both(t, "/api/v1/query?"+query, func(s *server) answer { return s.get(t, "/api/v1/query?"+query) }, unordered, timings)
	}
	for _, query := range []string{
		"", "query=up", "query=up&start=" + mid, "query=up&start=" + mid + "&end=" + mid, "query=up&start=5&end=4&step=1", "query=up&start=1&end=2&step=0", "query=up&start=1&end=2&step=-1", "query=up&start=1&end=2&step=x", "query=up&start=x&end=2&step=1", "query=up&start=1&end=y&step=1",
		"query=up&start=0&end=11001&step=1", "query=up&start=0&end=11000&step=1", "query=up&start=0&end=1e300&step=1", "query=up&start=1&end=2&step=1e300", "query=up&start=1&end=2&step=1ms", "query=up&start=1&end=2&step=0.0001",
		"query=up[5m]&start=1&end=2&step=1", "query=%22a%22&start=1&end=2&step=1", "query=1&start=1&end=2&step=1", "query=up&start=" + mid + "&end=" + mid + "&step=15&limit=1", "query=up&start=" + mid + "&end=" + mid + "&step=15&limit=x", "query=up&start=" + mid + "&end=" + mid + "&step=15&stats=all",
		"query=up&start=" + mid + "&end=" + mid + "&step=15&timeout=1ns", "query=up&start=" + mid + "&end=" + mid + "&step=15&lookback_delta=7s", "query={__name__=~\".%2B\"}&start=" + seconds(base) + "&end=" + seconds(base+3_600_000) + "&step=1",
	} {
		p.both(t, "/api/v1/query_range?"+query, func(s *server) answer { return s.get(t, "/api/v1/query_range?"+query) }, unordered, timings)
	}
	for _, path := range []string{"/api/v1/query_cost", "/api/v1/query_range_cost"} {
		for _, query := range []string{"", "query=up&time=" + mid, "query=rate(http_requests_total[5m])&start=" + seconds(base) + "&end=" + mid + "&step=15", "query=up{&time=" + mid} {
			p.both(t, path+"?"+query, func(s *server) answer { return s.get(t, path+"?"+query) }, annotationsSorted, timings)
		}
	}
	p.both(t, "OPTIONS /api/v1/query", func(s *server) answer { return s.do(t, http.MethodOptions, "/api/v1/query?query=up", nil) })
	// What the router refuses is a text upstream, here it is JSON as every other error.
	for _, method := range []string{"PUT", "DELETE", "PATCH", "HEAD"} {
		p.sameStatus(t, method, "/api/v1/query?query=up")
	}
	for _, path := range []string{"/api/v1/nosuch", "/api/v1/", "/api/v1/label//values", "/api/v1/admin/tsdb/snapshot", "/api/v2/nosuch", "/-/nosuch"} {
		p.sameStatus(t, http.MethodGet, path)
	}
	for _, accept := range []string{"application/json", "text/html", "application/xml", "application/openmetrics-text", "image/png;q=1, */*;q=0"} {
		p.both(t, "Accept: "+accept, func(s *server) answer {
			return s.do(t, "GET", "/api/v1/query?query=up&time="+mid, nil, "Accept", accept)
		}, unordered)
	}
	p.both(t, "a form of another type", func(s *server) answer {
		return s.do(t, "POST", "/api/v1/query", strings.NewReader("query=up"), "Content-Type", "application/json")
	})
	p.both(t, "a form that is none", func(s *server) answer {
		return s.do(t, "POST", "/api/v1/query", strings.NewReader("query=%zz"), "Content-Type", "application/x-www-form-urlencoded")
	})
	for _, path := range []string{"/api/v1/admin/tsdb/snapshot", "/api/v1/admin/tsdb/clean_tombstones", "/api/v1/admin/tsdb/delete_series?match[]=up"} {
		p.both(t, "POST "+path, func(s *server) answer { return s.do(t, "POST", path, nil) })
	}
}

// compareMetadataRoutes asks for names, series, exemplars and the like.
func compareMetadataRoutes(t *testing.T, p pair) {
	from, to := seconds(base), seconds(base+3_600_000)
	for path, queries := range map[string][]string{
		"/api/v1/series": {
			"", "match[]=up", "match[]=up&match[]=constant", "match[]={job=\"api\"}&start=" + from + "&end=" + to, "match[]={__name__=~\".%2B\"}", "match[]={}", "match[]=up{", "match[]=rate(up[5m])", "match[]=up&start=x", "match[]=up&end=x",
			"match[]=up&start=5&end=1", "match[]=up&start=5&end=6", "match[]={job=\"api\"}&limit=2", "match[]=up&limit=-1", "match[]=up&limit=x", "match[]={\"dotted.metric\"}",
		},
		"/api/v1/labels": {
			"", "match[]=up", "match[]=up&match[]=temperature", "match[]={", "start=" + from + "&end=" + to, "start=1&end=2", "start=x", "limit=2", "limit=0", "limit=x", "match[]={}",
		},
		"/api/v1/label/job/values":                      {"", "match[]=up", "match[]=temperature", "limit=1", "start=1&end=2", "match[]={", "start=x"},
		"/api/v1/label/__name__/values":                 {"", "match[]={job=\"api\"}", "limit=3"},
		"/api/v1/label/room/values":                     {""},
		"/api/v1/label/not-a-name/values":               {""},
		"/api/v1/label/U__label_2e_with_2e_dots/values": {""},
		"/api/v1/label/label.with.dots/values":          {""},
		"/api/v1/label/%F0%9F%9A%80/values":             {""},
		"/api/v1/label/%ff/values":                      {""},
		"/api/v1/metadata":                              {"", "metric=up", "metric=nosuch", "limit=1", "limit=x", "limit_per_metric=1", "limit_per_metric=x"},
		"/api/v1/targets":                               {"", "state=active", "state=dropped", "state=any", "state=wrong", "scrapePool=x"},
		"/api/v1/targets/metadata":                      {"", "match_target={job=\"a\"}", "match_target={", "limit=x", "metric=up"},
		"/api/v1/targets/relabel_steps":                 {"", "scrapePool=x", "scrapePool=x&labels={}"},
		"/api/v1/scrape_pools":                          {""},
		"/api/v1/scrape_pools/config":                   {"", "scrapePool=x"},
		"/api/v1/rules":                                 {"", "type=alert", "type=record", "type=wrong", "exclude_alerts=true", "match[]={a=\"b\"}", "match[]={", "group_limit=1", "group_limit=x", "group_next_token=x", "rule_name[]=x", "file[]=y", "rule_group[]=z"},
		"/api/v1/alerts":                                {""},
		"/api/v1/alertmanagers":                         {""},
		"/api/v1/notifications":                         {""},
		"/api/v1/status/walreplay":                      {""},
		"/api/v1/status/config":                         {""},
		"/api/v1/status/tsdb/blocks":                    {""},
		"/api/v1/query_exemplars":                       {"", "query=http_requests_total", "query=http_requests_total&start=" + from + "&end=" + to, "query=rate(http_requests_total{code=\"500\"}[5m])&start=" + from + "&end=" + to, "query=up{&start=" + from + "&end=" + to, "query=1&start=1&end=2", "query=up&start=2&end=1", "query=up&start=x"},
		"/api/v1/search/metric_names":                   {"", "search[]=http", "search[]=htp&fuzz_threshold=60", "match[]=up", "limit=x", "limit=2", "sort_by=alpha", "sort_by=wrong", "include_metadata=true&search[]=http", "fuzz_alg=wrong", "case_sensitive=false&search[]=HTTP"},
		"/api/v1/search/label_names":                    {"", "search[]=jo", "match[]=up&limit=1"},
		"/api/v1/search/label_values":                   {"", "label=job", "label=job&search[]=ap", "label="},
		"/federate":                                     {"", "match[]=up", "match[]={", "match[]={__name__=~\".%2B\"}"},
	} {
		for _, query := range queries {
			change := []func(any) any{annotationsSorted}
			switch {
			case path == "/api/v1/targets/metadata", path == "/api/v1/query_exemplars", path == "/api/v1/series":
				change = append(change, listSorted)
			case strings.HasPrefix(query, "limit=") && path == "/api/v1/metadata":
				continue // which metrics are left out is a matter of a map's order
			}
			p.both(t, path+"?"+query, func(s *server) answer { return s.get(t, path+"?"+query) }, change...)
		}
	}
	post := func(path string, params url.Values) { p.post(t, path, params, listSorted) }
	post("/api/v1/series", url.Values{"match[]": {`up`, `{job="web"}`}})
	post("/api/v1/labels", url.Values{"match[]": {`up`}})
	post("/api/v1/query_exemplars", url.Values{"query": {`http_requests_total`}, "start": {from}, "end": {to}})
	post("/api/v1/format_query", url.Values{"query": {`sum(rate(x{a="b"}[5m]))by(job)`}})
	post("/api/v1/parse_query", url.Values{"query": {`sum(rate(x{a="b"}[5m]))by(job)`}})

	t.Run("features", func(t *testing.T) {
		// The peer is built without most discoveries, and Daymark has no Prometheus UI.
		p.get(t, "/api/v1/features", nil, without("service_discovery_providers", "ui"))
	})
	t.Run("status of the tsdb", func(t *testing.T) {
		// Chunks end earlier or later in another encoding, and which of
		// equals comes first is a matter of chance.
		figures := []func(any) any{without("chunkCount", "name")}
		p.get(t, "/api/v1/status/tsdb", nil, figures...)
		p.get(t, "/api/v1/status/tsdb", url.Values{"limit": {"3"}}, figures...)
		p.get(t, "/api/v1/status/tsdb", url.Values{"limit": {"x"}})
	})
	t.Run("keys of the status", func(t *testing.T) {
		for _, path := range []string{"/api/v1/status/runtimeinfo", "/api/v1/status/buildinfo"} {
			p.get(t, path, nil, func(v any) any {
				data, _ := at(v, "data").(map[string]any)
				return slices.Sorted(maps.Keys(data))
			})
		}
	})
}
