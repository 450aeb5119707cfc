package alertmanager

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/alert"

	"daymark/alerts"
	"daymark/storage/sqlite"
)

func decode(t *testing.T, r io.Reader, into any) {
	t.Helper()
	if err := json.NewDecoder(r).Decode(into); err != nil {
		t.Fatal(err)
	}
}

func TestFailedDeliveriesSayWhy(t *testing.T) {
	hook := newWebhook(t)
	hook.fail()
	dir := t.TempDir()
	am := start(t, dir, parsed(t, hook, atOnce))
	a := firing("A", "job", "payment")
	am.Put(t.Context(), []alerts.Alert{a})
	deliveries := func() []Delivery {
		if active := am.Active(); len(active) == 1 {
			return active[0].Deliveries
		}
		return nil
	}
	waitFor(t, "the failure", func() bool { return len(deliveries()) == 1 && !deliveries()[0].OK })
	if got := deliveries()[0].Error; !strings.Contains(got, "503") || strings.Contains(got, hook.URL) {
		t.Errorf("error %q: it should name the status and not the secret address", got)
	}
	hook.answerWith(nil)
	waitFor(t, "the retry", func() bool { return deliveries()[0].OK })
	am.stop()

	// One row for the failures, however many there were, and one for the success.
	db, err := sqlite.Open(filepath.Join(dir, "daymark.db"), discard())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var failed, delivered int
	row := db.Read().QueryRowContext(t.Context(), `SELECT sum(1-ok), sum(ok) FROM deliveries WHERE fingerprint = ?`, a.Fingerprint())
	if err := row.Scan(&failed, &delivered); err != nil {
		t.Fatal(err)
	}
	if failed != 1 || delivered != 1 {
		t.Errorf("%d failed and %d successful rows, want one of each", failed, delivered)
	}
}

// TestPanicOfANotifierFailsThatAttempt: Alertmanager's notifier for Telegram
// panics when the answer names no chat.
func TestPanicOfANotifierFailsThatAttempt(t *testing.T) {
	chat := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ok":true,"result":{}}`)
	}))
	defer chat.Close()
	text := "route: {receiver: chat, group_wait: 0s}\nreceivers: [{name: chat, telegram_configs: [{api_url: WEBHOOK, bot_token: t, chat_id: 7}]}]\n"
	am := start(t, t.TempDir(), parsed(t, &webhook{Server: chat}, text))
	am.Put(t.Context(), []alerts.Alert{firing("A")})
	waitFor(t, "the failure", func() bool {
		active := am.Active()
		return len(active) == 1 && len(active[0].Deliveries) == 1 && strings.Contains(active[0].Deliveries[0].Error, "panicked")
	})
	results, err := am.Test(t.Context(), "chat", "", -1, "anna")
	if err != nil || len(results) != 1 || results[0].OK || !strings.Contains(results[0].Error, "panicked") {
		t.Errorf("test notification: %+v, %v", results, err)
	}
}

// TestDeliveriesOfEachIntegrationAreKeptApart lets one of two webhooks fail.
func TestDeliveriesOfEachIntegrationAreKeptApart(t *testing.T) {
	fine, broken := newWebhook(t), newWebhook(t)
	broken.fail()
	dir := t.TempDir()
	cfg := parsed(t, fine, atOnce+"      - url: "+broken.URL+"\n")
	am := start(t, dir, cfg)
	am.Put(t.Context(), []alerts.Alert{firing("A", "job", "payment")})
	both := func() bool {
		active := am.Active()
		if len(active) != 1 || len(active[0].Deliveries) != 2 {
			return false
		}
		first, second := active[0].Deliveries[0], active[0].Deliveries[1]
		return first.OK && first.Integration == "webhook" && !second.OK && second.Integration == "webhook[1]"
	}
	waitFor(t, "one delivery and one failure", both)
	am.stop()
	am = start(t, dir, cfg)
	waitFor(t, "the same after a restart", both)
}

func TestDeliveriesAreBounded(t *testing.T) {
	am, _, db := open(t, t.TempDir(), Config{})
	defer db.Close()
	old := convert(firing("Old"), time.Now())
	fresh := convert(firing("Fresh"), time.Now())
	to := channel{"pager", "webhook"}
	am.deliveries.record(t.Context(), to, []*alert.Alert{old, fresh}, nil)
	if n := len(am.deliveries.since(old.Fingerprint(), time.Time{})); n != 1 {
		t.Fatalf("%d deliveries, want 1", n)
	}
	am.deliveries.prune(time.Now().Add(am.cfg.Retention + time.Hour))
	if n := len(am.deliveries.since(old.Fingerprint(), time.Time{})); n != 0 {
		t.Errorf("%d deliveries older than the retention", n)
	}
	var rows int
	if err := db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM deliveries`).Scan(&rows); err != nil || rows != 0 {
		t.Errorf("%d rows older than the retention, %v", rows, err)
	}
}

func TestDeliveryOfAnEarlierTimeIsHistory(t *testing.T) {
	am, _, db := open(t, t.TempDir(), Config{})
	defer db.Close()
	a := firing("A")
	to := channel{"pager", "webhook"}
	am.deliveries.record(t.Context(), to, []*alert.Alert{convert(a, time.Now())}, nil)
	am.deliveries.record(t.Context(), to, []*alert.Alert{convert(resolved(a), time.Now())}, nil)
	fp := convert(a, time.Now()).Fingerprint()
	if got := am.deliveries.since(fp, time.Now().Add(time.Second)); len(got) != 0 {
		t.Errorf("the page of an alert that has resolved since counts for the next: %+v", got)
	}
}
