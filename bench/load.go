package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// seriesPerTarget is how many series a target has, as long as no section says
// otherwise.
const seriesPerTarget = 2000

// label names one label and the values it takes.
type label struct {
	name   string
	values []string
}

// family is a metric of the synthetic shop. Its series are the combinations of
// its labels, repeated for as many pods as the target's size asks for.
type family struct {
	name   string
	kind   kind
	share  float64 // of the target's series
	labels []label
}

type kind int

const (
	counter kind = iota
	gauge
	histogram
	slowGauge // changes once a minute
	constant
)

// bounds are those of Prometheus's default histogram; with +Inf 12 buckets.
var bounds = [...]float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10} //nolint:gochecknoglobals // a constant list

// families is the load: 45 % series of classic histograms, 30 % counters and
// 25 % gauges.
func families() []family {
	regions := label{"region", []string{"eu-west", "eu-north", "us-east", "us-west", "ap-south", "ap-east"}}
	routes := label{"route", []string{"/checkout", "/cart", "/search", "/product", "/login", "/logout", "/orders", "/refund", "/stock", "/profile", "/help", "/"}}
	return []family{
		{"http_request_duration_seconds", histogram, 0.45, []label{routes, regions}},
		{"http_requests_total", counter, 0.144, []label{routes, {"status", []string{"200", "201", "302", "400", "404", "500", "502", "503"}}, regions}},
		{"orders_total", counter, 0.027, []label{regions, {"status", []string{"paid", "failed", "refunded"}}, {"payment", []string{"card", "invoice", "wallet"}}}},
		{"revenue_eur_total", counter, 0.075, []label{regions, numbered("product", 50)}},
		{"node_cpu_seconds_total", counter, 0.032, []label{{"mode", []string{"idle", "user", "system", "iowait", "irq", "softirq", "steal", "nice"}}, numbered("cpu", 8)}},
		{"node_network_receive_bytes_total", counter, 0.022, []label{numbered("device", 44)}},
		{"app_queue_depth", gauge, 0.12, []label{regions, numbered("queue", 40)}},
		{"checkout_active_sessions", gauge, 0.009, []label{regions, {"tier", []string{"free", "plus", "business"}}}},
		{"node_memory_bytes", gauge, 0.03, []label{numbered("kind", 60)}},
		{"stock_level", slowGauge, 0.075, []label{numbered("sku", 25), regions}},
		{"app_limit", constant, 0.0155, []label{numbered("limit", 31)}},
	}
}

func numbered(name string, n int) label {
	l := label{name: name}
	for i := range n {
		l.values = append(l.values, name+strconv.Itoa(i))
	}
	return l
}

// probe is the one series more of each target: the time of the scrape itself,
// in seconds, by which the freshness of a panel is measured.
const probe = "bench_scrape_time_seconds"

// line is one series of a target: how it is written and what it is worth.
type line struct {
	family int
	labels [][2]string // the name first, in the order of the exposition
	pod    int
	kind   kind
	le     int // of a histogram: the bucket; len(bounds) is +Inf, then sum, then count
	seed   uint64
}

const (
	leSum   = len(bounds) + 1
	leCount = len(bounds) + 2
)

// lines are the series of target number t, about n of them and the same for
// every run with the seed.
func lines(seed uint64, t, n int) []line {
	var all []line
	for f, fam := range families() {
		combinations := 1
		for _, l := range fam.labels {
			combinations *= len(l.values)
		}
		each := 1
		if fam.kind == histogram {
			each = len(bounds) + 3
		}
		quota := int(math.Round(fam.share * float64(n) / float64(each)))
		for i := range quota {
			// A stride that has no factor in common with the combinations
			// meets every value of every label, also where the quota does not
			// reach all combinations.
			combination := i * 7919 % combinations
			labels := make([][2]string, 0, len(fam.labels)+2)
			rest := combination
			for _, l := range fam.labels {
				labels = append(labels, [2]string{l.name, l.values[rest%len(l.values)]})
				rest /= len(l.values)
			}
			s := line{family: f, kind: fam.kind, pod: i / combinations, seed: mix(seed, uint64(t)<<40|uint64(f)<<32|uint64(i))}
			if fam.kind != histogram {
				s.labels = append([][2]string{{"__name__", fam.name}}, labels...)
				all = append(all, s)
				continue
			}
			for le := range each {
				s.le = le
				s.labels = histogramLabels(fam.name, labels, le)
				all = append(all, s)
			}
		}
	}
	return all
}

func histogramLabels(name string, labels [][2]string, le int) [][2]string {
	switch le {
	case leSum:
		return append([][2]string{{"__name__", name + "_sum"}}, labels...)
	case leCount:
		return append([][2]string{{"__name__", name + "_count"}}, labels...)
	}
	bound := "+Inf"
	if le < len(bounds) {
		bound = strconv.FormatFloat(bounds[le], 'g', -1, 64)
	}
	return append(append([][2]string{{"__name__", name + "_bucket"}}, labels...), [2]string{"le", bound})
}

// mix is splitmix64: a well spread number of two others.
func mix(a, b uint64) uint64 {
	z := a + (b+1)*0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// unit maps a seed to [0, 1).
func unit(x uint64) float64 { return float64(x>>11) / (1 << 53) }

// at is the value at time t, in seconds since the epoch: a pure function, so
// that a back-fill continues into the scrapes. Counters never fall.
func (l *line) at(t float64) float64 {
	a, b := unit(mix(l.seed, 1)), unit(mix(l.seed, 2))
	age := t - 1.75e9
	period := 600 + 3000*a
	// The integral of 1 + sin: a rate that swings between 0 and twice itself.
	swing := func(phase float64) float64 {
		return age + period/(2*math.Pi)*(math.Cos(phase)-math.Cos(2*math.Pi*age/period+phase))
	}
	switch l.kind {
	case counter:
		return math.Floor((0.2 + 20*b) * swing(6*b))
	case gauge:
		noise := unit(mix(l.seed, uint64(int64(t))))
		return math.Floor(1000 * (1 + b) * (1.2 + math.Sin(2*math.Pi*age/period+6*b) + 0.2*noise))
	case slowGauge:
		return math.Floor(500 * unit(mix(l.seed, uint64(int64(t/60)))))
	case constant:
		return math.Floor(10_000 * b)
	}
	fast, slow := (1+30*b)*swing(6*b), (0.1+2*a)*swing(3+6*b)
	switch l.le {
	case leCount:
		return math.Floor(fast + slow)
	case leSum:
		return fast*0.04 + slow*1.8
	case len(bounds):
		return math.Floor(fast + slow)
	}
	// Two log-normal-like humps, one around 30 ms and one around 1.5 s.
	share := func(middle float64) float64 {
		return 1 / (1 + math.Pow(middle/bounds[l.le], 2.5))
	}
	return math.Floor(fast*share(0.03) + slow*share(1.5))
}

// podName changes each time the pod is replaced: churn is the share of pods
// that are replaced every minute.
func podName(pod int, t, churn float64) string {
	generation := 0
	if churn > 0 {
		generation = int(t/60*churn + unit(mix(uint64(pod), 3)))
	}
	return fmt.Sprintf("pod-%d-%d", pod, generation)
}

// exposition writes a target's series in the text format. It is not safe for
// concurrent use.
type exposition struct {
	lines []line
	heads []string // "name{labels" without the pod
	churn float64
	buf   []byte
}

func newExposition(all []line, churn float64) *exposition {
	e := &exposition{lines: all, churn: churn, heads: make([]string, len(all))}
	for i, l := range all {
		var b strings.Builder
		b.WriteString(l.labels[0][1])
		b.WriteByte('{')
		for _, pair := range l.labels[1:] {
			fmt.Fprintf(&b, "%s=%q,", pair[0], pair[1])
		}
		e.heads[i] = b.String()
	}
	return e
}

// write returns the page at time now; it is valid until the next call.
func (e *exposition) write(now time.Time) []byte {
	t := float64(now.UnixMilli()) / 1000
	e.buf = e.buf[:0]
	family, pods := -1, map[int]string{}
	known := families()
	for i := range e.lines {
		l := &e.lines[i]
		if l.family != family {
			family = l.family
			e.buf = fmt.Appendf(e.buf, "# TYPE %s %s\n", known[family].name, typeName(known[family].kind))
		}
		pod, ok := pods[l.pod]
		if !ok {
			pod = podName(l.pod, t, e.churn)
			pods[l.pod] = pod
		}
		e.buf = append(e.buf, e.heads[i]...)
		e.buf = append(e.buf, `pod="`...)
		e.buf = append(e.buf, pod...)
		e.buf = append(e.buf, `"} `...)
		e.buf = strconv.AppendFloat(e.buf, l.at(t), 'g', -1, 64)
		e.buf = append(e.buf, '\n')
	}
	e.buf = fmt.Appendf(e.buf, "# TYPE %s gauge\n%s %s\n", probe, probe, strconv.FormatFloat(t, 'f', 3, 64))
	return e.buf
}

func typeName(k kind) string {
	switch k {
	case counter:
		return "counter"
	case histogram:
		return "histogram"
	default:
		return "gauge"
	}
}
