package alertmanager

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/textproto"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/alertmanager/alert"
	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/config/receiver"
	"github.com/prometheus/alertmanager/nflog"
	"github.com/prometheus/alertmanager/notify"
	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
)

const (
	trialTimeout = 30 * time.Second
	answerLimit  = 4 << 10
)

// TestAlert is the alertname of test notifications.
const TestAlert = "DaymarkTest"

var (
	// ErrNoReceiver says that the configuration in use has no such receiver or
	// integration.
	ErrNoReceiver = errors.New("no such receiver")
	// ErrTestRunning says that an earlier test of the same integration has not
	// ended yet.
	ErrTestRunning = errors.New("a test of this integration is still running")
)

// Trial is how the test of one integration went.
type Trial struct {
	Integration string
	Index       int
	OK          bool
	Duration    time.Duration
	Status      int    // of the reply, HTTP or SMTP; 0 without one
	Answer      string // the first 4 KiB of the reply's body, or the mail server's last line; without secrets
	Error       string // without secrets
}

// trials keeps tests of the same integration apart.
type trials struct {
	mu      sync.Mutex
	running map[trialKey]bool
}

type trialKey struct {
	receiver, integration string
	index                 int
}

// begin returns false while a test of the same integration runs.
func (t *trials) begin(k trialKey) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running[k] {
		return false
	}
	if t.running == nil {
		t.running = map[trialKey]bool{}
	}
	t.running[k] = true
	return true
}

func (t *trials) end(k trialKey) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.running, k)
}

// Test sends a notification of a made-up alert to a receiver, through the same
// notifiers and templates as a page, and returns what the other side answered.
// It goes around routes and silences, and no delivery is recorded.
//
// An empty integration means all of the receiver; a negative index all of that
// name. asked says who wanted it; the notification names them. It takes 30 s at
// most, even where a mail server says nothing.
func (a *Alertmanager) Test(ctx context.Context, receiverName, integration string, index int, asked string) ([]Trial, error) {
	c := a.current.Load()
	at := slices.IndexFunc(c.conf.Receivers, func(r amconfig.Receiver) bool { return r.Name == receiverName })
	if at < 0 {
		return nil, fmt.Errorf("%w: %q", ErrNoReceiver, receiverName)
	}
	var list []*trial
	defer func() {
		for _, t := range list {
			t.giveUp()
		}
	}()
	prepare := func(name string, i int, settings reflect.Value) error {
		if integration != "" && (name != integration || index >= 0 && i != index) {
			return nil
		}
		t, err := a.newTrial(c, trialKey{receiverName, name, i}, settings)
		if err != nil {
			return err
		}
		list = append(list, t)
		return nil
	}
	var failed error
	eachIntegration(&c.conf.Receivers[at], func(name string, i int, settings reflect.Value) {
		if failed == nil {
			failed = prepare(name, i, settings)
		}
	})
	if failed == nil && c.builtIn {
		failed = prepare(BuiltInIntegration, 0, reflect.Value{})
	}
	if failed != nil {
		return nil, failed
	}
	if len(list) == 0 && integration != "" {
		return nil, fmt.Errorf("%w: receiver %q has no integration %q with that index", ErrNoReceiver, receiverName, integration)
	}
	results := make([]Trial, len(list))
	var wg sync.WaitGroup
	for i, t := range list {
		wg.Go(func() { results[i] = t.run(ctx, asked) })
	}
	wg.Wait()
	return results, nil
}

// trial is one test.
type trial struct {
	key         trialKey
	trials      *trials
	integration notify.Integration
	recorder    *recorder // nil where nothing goes over HTTP
	secrets     *strings.Replacer
	release     func() // ends the recorder and lets the next test begin; once
}

// newTrial builds the integration anew, so that its requests pass a recorder.
// settings is its entry in the configuration, invalid for the built-in route.
func (a *Alertmanager) newTrial(c *candidate, key trialKey, settings reflect.Value) (*trial, error) {
	if !a.trials.begin(key) {
		return nil, fmt.Errorf("%w: %s %d of receiver %q", ErrTestRunning, key.integration, key.index, key.receiver)
	}
	t := &trial{key: key, trials: &a.trials, secrets: strings.NewReplacer()}
	t.release = sync.OnceFunc(func() { t.trials.end(key) })
	if !settings.IsValid() {
		t.integration = notify.NewIntegration(shown{}, shown{}, key.integration, key.index, key.receiver)
		return t, nil
	}
	t.secrets = redactor(settings)
	one, original := alone(key, settings)
	var options []commoncfg.HTTPClientOption
	if original != nil {
		rec, err := newRecorder(*original, key.integration)
		if err != nil {
			t.release()
			return nil, fmt.Errorf("receiver %q: %s: %w", key.receiver, key.integration, err)
		}
		t.recorder = rec
		t.release = sync.OnceFunc(func() { rec.close(); t.trials.end(key) })
		options = rec.options()
	}
	built, err := receiver.BuildReceiverIntegrations(one, c.templates, slog.New(slog.DiscardHandler), options...)
	if err == nil && len(built) != 1 {
		err = fmt.Errorf("%d notifiers built, want 1", len(built))
	}
	if err != nil {
		t.release()
		return nil, fmt.Errorf("receiver %q: %s: %w", key.receiver, key.integration, err)
	}
	t.integration = built[0]
	return t, nil
}

// alone returns a receiver with a copy of that one integration, whose HTTP
// client has nothing of its own left: the recorder adds it, and original is
// what. It is nil for integrations whose client cannot be led through the
// recorder.
func alone(key trialKey, settings reflect.Value) (one amconfig.Receiver, original *commoncfg.HTTPClientConfig) {
	one = amconfig.Receiver{Name: key.receiver}
	entry := reflect.New(settings.Type().Elem())
	entry.Elem().Set(settings.Elem())
	if client := entry.Elem().FieldByName("HTTPConfig"); client.IsValid() {
		if conf, ok := reflect.TypeAssert[*commoncfg.HTTPClientConfig](client); ok && conf != nil && !ownClient(entry.Elem()) {
			original = conf
			bare := commoncfg.DefaultHTTPClientConfig
			bare.FollowRedirects = false // the recorder has followed them
			if key.integration == "incidentio" {
				bare.Authorization = conf.Authorization // it wants to see one
			}
			client.Set(reflect.ValueOf(&bare))
		}
	}
	if headers := entry.Elem().FieldByName("Headers"); headers.IsValid() && headers.Kind() == reflect.Map {
		own := reflect.MakeMap(headers.Type()) // e-mail fills it in
		for _, key := range headers.MapKeys() {
			own.SetMapIndex(key, headers.MapIndex(key))
		}
		headers.Set(own)
	}
	for field, value := range reflect.ValueOf(&one).Elem().Fields() {
		if name, ok := strings.CutSuffix(field.Name, "Configs"); ok && strings.ToLower(name) == key.integration {
			value.Set(reflect.Append(value, entry))
		}
	}
	return one, original
}

// ownClient says whether Amazon's library will make its own client, which it
// does where it is told to and where it is to trust a bundle of its own.
func ownClient(settings reflect.Value) bool {
	asked := settings.FieldByName("UseAWSHTTPClient")
	return asked.IsValid() && (asked.Bool() || os.Getenv("AWS_CA_BUNDLE") != "")
}

// giveUp ends a test that did not begin.
func (t *trial) giveUp() { t.release() }

// run sends the notification. Where the notifier does not end in time, the
// next test of this integration has to wait until it does.
func (t *trial) run(ctx context.Context, asked string) Trial {
	ctx, cancel := context.WithTimeout(ctx, trialTimeout)
	defer cancel()
	began := time.Now()
	release := t.release
	t.release = func() {} // from here on the goroutine's
	done := make(chan error, 1)
	go func() { // e-mail does not heed ctx, and ends when the server does
		_, err := tell(t.about(ctx, began), &t.integration, t.alert(asked, began))
		release() // first, so that whoever gets the result can test again
		done <- err
	}()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		select { // its own words are better, if it has some
		case err = <-done:
		case <-time.After(lastWord):
			err = fmt.Errorf("no answer within %s", time.Since(began).Round(time.Second))
		}
	}
	return t.result(err, time.Since(began))
}

// about is the context of a notification as the dispatcher makes it.
func (t *trial) about(ctx context.Context, now time.Time) context.Context {
	group := model.LabelSet{model.AlertNameLabel: TestAlert}
	ctx = notify.WithReceiverName(ctx, t.key.receiver)
	// One key for all tests of a receiver: services that deduplicate show one.
	ctx = notify.WithGroupKey(ctx, fmt.Sprintf("{}:%s/%s", group, t.key.receiver))
	ctx = notify.WithGroupLabels(ctx, group)
	ctx = notify.WithRouteLabels(ctx, model.LabelSet{})
	ctx = notify.WithNow(ctx, now)
	ctx = notify.WithRepeatInterval(ctx, time.Hour)
	ctx = notify.WithNotificationReason(ctx, notify.ReasonFirstNotification)
	return notify.WithNflogStore(ctx, nflog.NewStore(nil))
}

// alert is what the test notification is about.
func (t *trial) alert(asked string, now time.Time) *alert.Alert {
	return &alert.Alert{
		UpdatedAt: now,
		Alert: model.Alert{
			Labels: model.LabelSet{model.AlertNameLabel: TestAlert, "severity": "info"},
			Annotations: model.LabelSet{
				"summary": "Test notification from Daymark: nothing is wrong",
				"description": model.LabelValue(fmt.Sprintf("%s asked Daymark to test receiver %q (%s). If you can read this, pages reach you. There is nothing to do.",
					asked, t.key.receiver, t.key.integration)),
			},
			StartsAt: now,
			EndsAt:   now.Add(5 * time.Minute),
		},
	}
}

// result puts together what happened. The other side's words may repeat what
// it was sent, secrets included.
func (t *trial) result(err error, took time.Duration) Trial {
	out := Trial{Integration: t.key.integration, Index: t.key.index, OK: err == nil, Duration: took}
	if t.recorder != nil {
		reply := t.recorder.last()
		out.Status, out.Answer = reply.status, t.secrets.Replace(reply.body)
		if err != nil && reply.err != nil {
			err = reply.err // the notifier only knows that the recorder had no answer
		}
	}
	if t.key.integration == "email" {
		out.Status, out.Answer = lastSMTPLine(err)
		out.Answer = t.secrets.Replace(out.Answer)
	}
	if t.key.integration == BuiltInIntegration {
		out.Answer = "shown in these pages; nobody else is told"
	}
	if err != nil {
		out.Error = shorten(t.secrets.Replace(notify.RedactURL(err).Error()))
	}
	out.Answer = cut(out.Answer, answerLimit)
	return out
}

// lastSMTPLine is what the mail server said last: the notifier ends without an
// error only after the 250 that takes the message over.
func lastSMTPLine(err error) (status int, line string) {
	if err == nil {
		return 250, "250 (the server has taken the message over)"
	}
	if said, ok := errors.AsType[*textproto.Error](err); ok {
		return said.Code, fmt.Sprintf("%d %s", said.Code, said.Msg)
	}
	return 0, ""
}

// cut keeps at most limit bytes of s, and no half of a character.
func cut(s string, limit int) string {
	if len(s) > limit {
		s = s[:limit]
	}
	return strings.ToValidUTF8(s, "�")
}
