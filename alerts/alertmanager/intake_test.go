package alertmanager

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/provider"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"daymark/alerts"
	"daymark/storage/sqlite"
)

// stuck is routing that takes nothing until it is released.
type stuck struct {
	provider.Alerts
	release chan struct{}
	got     chan []*alert.Alert
}

func (s *stuck) Put(_ context.Context, list ...*alert.Alert) error {
	<-s.release
	s.got <- list
	return nil
}

func openIntake(t *testing.T) *intake {
	t.Helper()
	db, err := sqlite.Open(filepath.Join(t.TempDir(), "daymark.db"), discard())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return newIntake(&kept{db: db, firing: map[model.Fingerprint]bool{}}, discard(), prometheus.NewRegistry())
}

// TestPutDoesNotWaitForRouting fills the queue while routing is stuck: Put
// returns, reports of the same state take one place, and changes of state
// keep their order.
func TestPutDoesNotWaitForRouting(t *testing.T) {
	q := openIntake(t)
	routing := &stuck{release: make(chan struct{}), got: make(chan []*alert.Alert)}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		q.deliver(stop, routing)
	}()
	q.put([]alerts.Alert{firing("First")}, time.Now())
	waitFor(t, "routing is stuck with the first alert", func() bool {
		q.mu.Lock()
		defer q.mu.Unlock()
		return len(q.queue) == 0
	})

	a, b := firing("A"), firing("B")
	for n := range 1000 {
		a.Value = float64(n)
		q.put([]alerts.Alert{a, b}, time.Now())
	}
	q.put([]alerts.Alert{resolved(a)}, time.Now())
	q.put([]alerts.Alert{resolved(a)}, time.Now())
	a.StartsAt, a.EndsAt = time.Now(), time.Now().Add(time.Minute)
	q.put([]alerts.Alert{a}, time.Now())

	close(routing.release)
	if first := <-routing.got; len(first) != 1 {
		t.Errorf("first batch %v", first)
	}
	var got []string
	for _, am := range <-routing.got {
		got = append(got, fmt.Sprint(am.Labels[model.AlertNameLabel], " ", am.Status()))
	}
	if want := []string{"A firing", "B firing", "A resolved", "A firing"}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	close(stop)
	<-done
}

func TestTooManyWaitingAlertsDropTheOldest(t *testing.T) {
	q := openIntake(t)
	list := make([]alerts.Alert, 0, queueLimit+2)
	for n := range queueLimit + 2 {
		list = append(list, alerts.Alert{Labels: labels.FromStrings("alertname", "A", "n", fmt.Sprint(n)), StartsAt: time.Now()})
	}
	q.put(list, time.Now())
	if len(q.queue) != queueLimit || q.queue[0].Labels["n"] != "2" {
		t.Errorf("%d waiting, the first is %v", len(q.queue), q.queue[0].Labels)
	}
	// The places of the others are still right.
	list[5].EndsAt = time.Now().Add(time.Hour).Truncate(time.Millisecond) // as it is told to receivers
	q.put(list[5:6], time.Now())
	if len(q.queue) != queueLimit || !q.queue[3].EndsAt.Equal(list[5].EndsAt) {
		t.Errorf("%d waiting, the fourth is %v", len(q.queue), q.queue[3])
	}
}

func TestAlertsThatCannotBeRoutedAreRefused(t *testing.T) {
	q := openIntake(t)
	early := firing("A")
	early.EndsAt = early.StartsAt.Add(-time.Hour)
	q.put([]alerts.Alert{early, {Labels: labels.FromStrings("only", "")}, firing("B")}, time.Now())
	if len(q.queue) != 1 {
		t.Errorf("%d waiting, want 1", len(q.queue))
	}
}

// TestFailingReceiverDoesNotDelayAReload holds a reload to a moment though a
// page is being retried.
// TestTimesHaveMilliseconds: an alert that a rule hands over tells the same
// times as one that a Prometheus sends, and as after a restart.
func TestTimesHaveMilliseconds(t *testing.T) {
	a := firing("A")
	a.StartsAt = time.Date(2026, 1, 2, 3, 4, 5, 678_999_999, time.UTC)
	a.EndsAt = a.StartsAt.Add(time.Minute)
	got := convert(a, time.Now())
	if want := time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC); !got.StartsAt.Equal(want) || !got.EndsAt.Equal(want.Add(time.Minute)) {
		t.Errorf("from %s to %s", got.StartsAt, got.EndsAt)
	}
	a.StartsAt, a.EndsAt = time.Time{}, time.Time{}
	if got := convert(a, time.Now()); got.StartsAt.IsZero() || !got.Timeout {
		t.Errorf("without times: from %s to %s", got.StartsAt, got.EndsAt)
	}
}

func TestFailingReceiverDoesNotDelayAReload(t *testing.T) {
	hook := newWebhook(t)
	hook.fail()
	am := start(t, t.TempDir(), parsed(t, hook, atOnce))
	am.Put(t.Context(), []alerts.Alert{firing("A", "job", "payment")})
	waitFor(t, "the failure", func() bool {
		active := am.Active()
		return len(active) == 1 && len(active[0].Deliveries) == 1
	})
	began := time.Now()
	if err := am.Apply(parsed(t, hook, atOnce)); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took >= drainPatience {
		t.Errorf("the reload took %s", took)
	}
	hook.answerWith(nil)
	waitFor(t, "the page after the reload", func() bool { return len(hook.pages()) == 1 })
}

// TestMuteMailServerDelaysNobody has a mail server accept the connection and
// say nothing, which Alertmanager's e-mail would wait out for ever.
func TestMuteMailServerDelaysNobody(t *testing.T) {
	hook := newWebhook(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	callers := make(chan net.Conn, 100)
	go func() {
		defer close(callers)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			callers <- conn
		}
	}()
	hangUp := sync.OnceFunc(func() {
		listener.Close()
		for conn := range callers {
			conn.Close()
		}
	})
	defer hangUp()
	impatient := time.AfterFunc(10*drainPatience, hangUp) // or the test itself would wait for ever
	defer impatient.Stop()

	am := start(t, t.TempDir(), parsed(t, hook, `
route: {receiver: mail, group_wait: 0s}
receivers:
- name: mail
  email_configs: [{to: a@example.com, from: b@example.com, smarthost: "`+listener.Addr().String()+`", require_tls: false}]
`))
	am.Put(t.Context(), []alerts.Alert{firing("A", "job", "payment")})
	waitFor(t, "the call", func() bool { return len(callers) > 0 })
	began := time.Now()
	if err := am.Apply(parsed(t, hook, atOnce)); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took >= 3*drainPatience {
		t.Errorf("the reload took %s", took)
	}
	waitFor(t, "the page after the reload", func() bool { return len(hook.pages()) == 1 })
}
