package alertmanager

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/notify"
	"github.com/prometheus/common/model"

	"daymark/storage/sqlite"
)

// Delivery says how the newest attempt to tell one receiver about an alert
// went.
type Delivery struct {
	Receiver    string    // as the configuration names it
	Integration string    // webhook, email, pagerduty, …; webhook[1] for the second of them; "ui" for the built-in route
	At          time.Time // when the attempt ended
	OK          bool
	Error       string // why not, when not OK; without secrets
	Firing      int    // firing alerts in the same notification
	Resolved    int    // resolved alerts in the same notification
}

const (
	deliveriesKept = 50_000 // rows; the oldest go first
	pruneEvery     = 5_000  // rows written between two clean-ups, at most
	errorLimit     = 1_000  // bytes of an error that are kept
	recordTimeout  = 5 * time.Second
)

// deliveries records every attempt to notify in the database, and keeps the
// newest of each alert and receiver at hand. Attempts that fail one after the
// other share a row, which then tells the last of them.
type deliveries struct {
	db        *sqlite.DB
	retention time.Duration
	log       *slog.Logger

	mu      sync.Mutex
	newest  map[model.Fingerprint]map[channel]stored
	written int // rows since the last clean-up
}

// channel is one way to reach a receiver.
type channel struct{ receiver, integration string }

// channelOf tells integrations of the same name apart as Alertmanager's log
// does, save that the first of them goes without its number.
func channelOf(receiver string, i notify.Integration) channel {
	if i.Index() == 0 {
		return channel{receiver, i.Name()}
	}
	return channel{receiver, i.String()}
}

// stored is a delivery and its row.
type stored struct {
	Delivery
	id     int64
	firing bool // the alert itself, in that notification
}

func newDeliveries(db *sqlite.DB, retention time.Duration, log *slog.Logger) (*deliveries, error) {
	d := &deliveries{db: db, retention: retention, log: log, newest: map[model.Fingerprint]map[channel]stored{}}
	if err := d.load(context.Background()); err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	return d, nil
}

func (d *deliveries) load(ctx context.Context) error {
	rows, err := d.db.Read().QueryContext(ctx, `SELECT id, fingerprint, receiver, integration, at_ms, ok, error, firing, resolved FROM deliveries ORDER BY id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var s stored
		var fingerprint string
		var atMs int64
		if err := rows.Scan(&s.id, &fingerprint, &s.Receiver, &s.Integration, &atMs, &s.OK, &s.Error, &s.Firing, &s.Resolved); err != nil {
			return err
		}
		fp, err := model.ParseFingerprint(fingerprint)
		if err != nil {
			return fmt.Errorf("row %d: %w", s.id, err)
		}
		s.At = time.UnixMilli(atMs)
		s.firing = s.Firing > 0
		d.remember(fp, s)
	}
	return rows.Err()
}

// remember must be called with mu held, or before anybody else has d.
func (d *deliveries) remember(fp model.Fingerprint, s stored) {
	of := d.newest[fp]
	if of == nil {
		of = map[channel]stored{}
		d.newest[fp] = of
	}
	of[channel{s.Receiver, s.Integration}] = s
}

// wrap returns integration with every attempt of it recorded, and with the
// secrets of its settings left out of every error. A nil d records nothing.
func (d *deliveries) wrap(integration notify.Integration, receiver string, settings reflect.Value) notify.Integration {
	r := &recorded{inner: integration, to: channelOf(receiver, integration), settings: settings, deliveries: d}
	return notify.NewIntegration(r, &r.inner, integration.Name(), integration.Index(), receiver)
}

// recorded is an integration whose attempts are noted.
type recorded struct {
	inner      notify.Integration
	to         channel
	settings   reflect.Value // its entry in the configuration; invalid for the built-in route
	deliveries *deliveries
	left       atomic.Int64 // attempts that go on though their time is over
}

// Notify passes the alerts on and notes how that went.
func (r *recorded) Notify(ctx context.Context, list ...*alert.Alert) (retry bool, err error) {
	return attempt(ctx, func() (bool, error) {
		retry, err := r.notify(ctx, list)
		if err != nil && r.settings.IsValid() {
			err = withoutSecrets(err, r.settings)
		}
		if err != nil && errors.Is(context.Cause(ctx), context.Canceled) {
			return retry, err // we gave up, which says nothing about the receiver
		}
		if r.deliveries != nil {
			r.deliveries.record(ctx, r.to, list, err)
		}
		return retry, err
	})
}

const (
	lastWord = 500 * time.Millisecond // for an integration to say itself why it was cut off
	leftMost = 20                     // attempts that one integration may leave behind
)

// notify ends with ctx even where the integration does not: e-mail waits for
// what its server says however long that takes, and the next page, a reload and
// the stop would wait with it.
func (r *recorded) notify(ctx context.Context, list []*alert.Alert) (bool, error) {
	if left := r.left.Load(); left >= leftMost {
		return true, fmt.Errorf("%d attempts still wait for an answer", left)
	}
	type outcome struct {
		retry bool
		err   error
	}
	done := make(chan outcome, 1)
	var late atomic.Bool
	go func() { // ends with the attempt, which nobody can end
		retry, err := tell(ctx, &r.inner, list...)
		done <- outcome{retry, err}
		if late.Swap(true) {
			r.left.Add(-1)
		}
	}()
	select {
	case o := <-done:
		return o.retry, o.err
	case <-ctx.Done():
	}
	timer := time.NewTimer(lastWord)
	defer timer.Stop()
	select {
	case o := <-done:
		return o.retry, o.err
	case <-timer.C:
	}
	r.left.Add(1)
	if late.Swap(true) { // it has ended just now
		r.left.Add(-1)
	}
	return true, fmt.Errorf("no answer: %w", ctx.Err())
}

// tell lets an integration send. One that panics at an answer that it did not
// expect has failed; that is no reason to stop watching everything else.
func tell(ctx context.Context, to *notify.Integration, list ...*alert.Alert) (retry bool, err error) {
	defer func() {
		if v := recover(); v != nil {
			retry, err = false, fmt.Errorf("%s panicked, perhaps at an unexpected answer: %v", to.Name(), v)
		}
	}()
	return to.Notify(ctx, list...)
}

// record notes one attempt for each alert in it. A failure to note it is
// logged: the page itself is what counts.
func (d *deliveries) record(ctx context.Context, to channel, list []*alert.Alert, failure error) {
	now := time.Now()
	s := stored{Delivery: Delivery{Receiver: to.receiver, Integration: to.integration, At: now, OK: failure == nil}}
	if failure != nil {
		s.Error = shorten(failure.Error())
	}
	for _, a := range list {
		if a.ResolvedAt(now) {
			s.Resolved++
		} else {
			s.Firing++
		}
	}
	// The attempt is over even if its deadline is, too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	if err := d.write(ctx, to, list, s); err != nil {
		d.log.Warn("delivery not recorded", "receiver", to.receiver, "integration", to.integration, "err", err)
	}
}

func (d *deliveries) write(ctx context.Context, to channel, list []*alert.Alert, s stored) error {
	ids := make([]int64, len(list))
	err := d.db.Tx(ctx, func(tx *sql.Tx) error {
		for i, a := range list {
			var err error
			if ids[i], err = d.writeRow(ctx, tx, a.Fingerprint(), to, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	d.mu.Lock()
	for i, a := range list {
		s.id, s.firing = ids[i], !a.ResolvedAt(s.At)
		d.remember(a.Fingerprint(), s)
	}
	d.written += len(list)
	full := d.written >= pruneEvery
	d.mu.Unlock()
	if full {
		d.prune(s.At)
	}
	return nil
}

// writeRow returns the id of the row that now tells s.
func (d *deliveries) writeRow(ctx context.Context, tx *sql.Tx, fp model.Fingerprint, to channel, s stored) (int64, error) {
	d.mu.Lock()
	before, told := d.newest[fp][to]
	d.mu.Unlock()
	if told && !before.OK && !s.OK {
		result, err := tx.ExecContext(ctx, `UPDATE deliveries SET at_ms = ?, error = ?, firing = ?, resolved = ? WHERE id = ?`,
			s.At.UnixMilli(), s.Error, s.Firing, s.Resolved, before.id)
		if err != nil {
			return 0, err
		}
		if n, err := result.RowsAffected(); err != nil || n == 1 {
			return before.id, err
		}
	}
	result, err := tx.ExecContext(ctx, `INSERT INTO deliveries (fingerprint, receiver, integration, at_ms, ok, error, firing, resolved) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		fp.String(), s.Receiver, s.Integration, s.At.UnixMilli(), s.OK, s.Error, s.Firing, s.Resolved)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// shorten keeps an error to what a person reads.
func shorten(s string) string {
	if len(s) <= errorLimit {
		return s
	}
	return strings.ToValidUTF8(s[:errorLimit], "") + "…"
}

// prune drops what is older than the retention, and the oldest rows beyond
// deliveriesKept.
func (d *deliveries) prune(now time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), recordTimeout)
	defer cancel()
	oldest := now.Add(-d.retention)
	err := d.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM deliveries WHERE at_ms < ?
			OR id <= (SELECT coalesce(max(id), 0) FROM deliveries) - ?`, oldest.UnixMilli(), deliveriesKept)
		return err
	})
	if err != nil {
		d.log.Warn("old deliveries not removed", "err", err)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.written = 0
	last := int64(0)
	for _, of := range d.newest {
		for _, s := range of {
			last = max(last, s.id)
		}
	}
	for fp, of := range d.newest {
		for to, s := range of {
			if s.At.Before(oldest) || s.id <= last-deliveriesKept {
				delete(of, to)
			}
		}
		if len(of) == 0 {
			delete(d.newest, fp)
		}
	}
}

// since returns the newest delivery to each receiver that counts for an alert
// that is active since then, sorted by receiver: one after that time, or an
// earlier one after which the receiver still believes the alert to fire, as
// after a restart. The caller owns the result.
func (d *deliveries) since(fp model.Fingerprint, then time.Time) []Delivery {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]Delivery, 0, len(d.newest[fp]))
	for _, s := range d.newest[fp] {
		if s.firing || !s.At.Before(then.Truncate(time.Millisecond)) {
			list = append(list, s.Delivery)
		}
	}
	slices.SortFunc(list, func(a, b Delivery) int {
		return strings.Compare(a.Receiver+"\x00"+a.Integration, b.Receiver+"\x00"+b.Integration)
	})
	return list
}

// shown is the integration of the built-in route. A page is delivered when it
// is recorded, because what is recorded is shown.
type shown struct{}

// Notify has nobody to tell.
func (shown) Notify(context.Context, ...*alert.Alert) (bool, error) { return false, nil }

// SendResolved says that the end of an alert is a page as well.
func (shown) SendResolved() bool { return true }
