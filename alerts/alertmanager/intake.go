package alertmanager

import (
	"context"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/provider"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"

	"daymark/alerts"
)

// Put takes alerts from rules. It returns at once: rule evaluation never waits
// for routing, whatever routing waits for. After the end of Run it does
// nothing; before Run the alerts wait for it.
//
// Labels with empty values are dropped. An alert that cannot be routed (no
// labels, or a start after its end) is refused and counted, and so are the oldest of
// more than 100,000 waiting ones.
func (a *Alertmanager) Put(_ context.Context, list []alerts.Alert) {
	a.incoming.put(list, time.Now())
}

// queueLimit bounds the alerts that wait to be routed.
const queueLimit = 100_000

// intake queues alerts between rules and routing, and remembers of each what
// Alertmanager has no field for.
type intake struct {
	log     *slog.Logger
	kept    *kept
	refused prometheus.Counter
	dropped prometheus.Counter

	mu     sync.Mutex
	queue  []*alert.Alert
	last   map[model.Fingerprint]int // where in queue the newest state of an alert waits
	known  map[model.Fingerprint]alerts.Alert
	closed bool
	more   chan struct{}
}

func newIntake(keep *kept, log *slog.Logger, reg prometheus.Registerer) *intake {
	q := &intake{
		log:   log,
		kept:  keep,
		last:  map[model.Fingerprint]int{},
		known: map[model.Fingerprint]alerts.Alert{},
		more:  make(chan struct{}, 1),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "daymark_alerts_invalid_total",
			Help: "Alerts from rules that cannot be routed because of their labels or times.",
		}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "daymark_alerts_dropped_total",
			Help: "Alerts from rules that were dropped because too many waited to be routed.",
		}),
	}
	reg.MustRegister(q.refused, q.dropped)
	return q
}

func (q *intake) put(list []alerts.Alert, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	for _, a := range list {
		am := convert(a, now)
		if err := am.Validate(); err != nil {
			q.refused.Inc()
			q.log.Warn("alert refused", "labels", a.Labels.String(), "err", err)
			continue
		}
		fp := am.Fingerprint()
		q.known[fp] = a
		// A newer report of the same state takes the place of the one that still
		// waits; a change of state must be seen by routing as a change.
		if at, waits := q.last[fp]; waits && q.queue[at].ResolvedAt(now) == am.ResolvedAt(now) {
			q.queue[at] = am
			continue
		}
		q.last[fp] = len(q.queue)
		q.queue = append(q.queue, am)
	}
	q.dropOldest()
	select {
	case q.more <- struct{}{}:
	default: // deliver knows already
	}
}

// dropOldest keeps the queue within its limit.
func (q *intake) dropOldest() {
	excess := len(q.queue) - queueLimit
	if excess <= 0 {
		return
	}
	q.dropped.Add(float64(excess))
	q.log.Error("too many alerts wait to be routed, so the oldest are dropped", "count", excess)
	q.queue = append([]*alert.Alert(nil), q.queue[excess:]...)
	for fp, at := range q.last {
		if at -= excess; at >= 0 {
			q.last[fp] = at
		} else {
			delete(q.last, fp)
			delete(q.known, fp)
		}
	}
}

// convert redoes for one alert what Alertmanager's API does with those that
// come over HTTP. There its times have milliseconds, as those in the database
// of what is kept, and receivers see them.
func convert(a alerts.Alert, now time.Time) *alert.Alert {
	am := &alert.Alert{
		Alert: model.Alert{
			Labels:       alerts.LabelSet(a.Labels),
			Annotations:  alerts.LabelSet(a.Annotations),
			StartsAt:     a.StartsAt.Truncate(time.Millisecond),
			EndsAt:       a.EndsAt.Truncate(time.Millisecond),
			GeneratorURL: a.GeneratorURL,
		},
		UpdatedAt: a.UpdatedAt,
	}
	for name, value := range am.Labels {
		if value == "" {
			delete(am.Labels, name)
		}
	}
	readable(am.Labels)
	readable(am.Annotations)
	if am.UpdatedAt.IsZero() {
		am.UpdatedAt = now
	}
	if am.StartsAt.IsZero() {
		am.StartsAt = now
		if !am.EndsAt.IsZero() {
			am.StartsAt = am.EndsAt
		}
	}
	if am.EndsAt.IsZero() {
		am.Timeout = true
		am.EndsAt = now.Add(defaultResolveTimeout)
	}
	return am
}

// readable replaces what is not UTF-8, as JSON does with it on the way from
// Prometheus to Alertmanager: a template may cut a character in two, and the
// page must not be lost for that.
func readable(set model.LabelSet) {
	for name, value := range set {
		if !utf8.ValidString(string(value)) {
			set[name] = model.LabelValue([]rune(value))
		}
	}
}

// defaultResolveTimeout is how long an alert without an end is believed.
const defaultResolveTimeout = 5 * time.Minute

// deliver hands the queue to routing until stop is closed, what waits then
// included: its end is told after the restart if it is too late for it now.
func (q *intake) deliver(stop <-chan struct{}, to provider.Alerts) {
	for {
		select {
		case <-stop:
			q.flush(to)
			return
		case <-q.more:
			q.flush(to)
		}
	}
}

// flush keeps the queue on disk, then routes it: nobody is told of an alert
// whose end could be forgotten.
func (q *intake) flush(to provider.Alerts) {
	q.mu.Lock()
	list := q.queue
	q.queue = nil
	clear(q.last)
	q.mu.Unlock()
	if len(list) == 0 {
		return
	}
	ctx := context.Background() // a stop must not keep alerts from the disk
	if err := q.kept.note(ctx, list, time.Now()); err != nil {
		q.log.Error("alerts are routed, but their end will be forgotten by a restart", "err", err)
	}
	if err := to.Put(ctx, list...); err != nil {
		q.log.Error("alerts not routed", "count", len(list), "err", err)
	}
}

// close takes no more alerts; those that wait are still delivered.
func (q *intake) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
}

// of returns what the rule said last about the alert.
func (q *intake) of(fp model.Fingerprint) (alerts.Alert, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	a, ok := q.known[fp]
	return a, ok
}

// forget drops what is known about alerts that routing has dropped.
func (q *intake) forget(list model.Fingerprints) {
	q.mu.Lock()
	gone := make(model.Fingerprints, 0, len(list))
	for _, fp := range list {
		if _, waits := q.last[fp]; !waits {
			delete(q.known, fp)
			gone = append(gone, fp)
		}
	}
	q.mu.Unlock()
	if err := q.kept.forget(context.Background(), gone); err != nil {
		q.log.Warn("ended alerts stay in the database", "err", err)
	}
}
