package alertmanager

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/client_golang/prometheus"

	"daymark/alerts"
	"daymark/storage/sqlite"
)

// childFolder names the variable that makes the test binary an Alertmanager on
// that folder, to be killed.
const childFolder = "DAYMARK_TEST_ALERTMANAGER"

// runChild serves the API on loopback, prints its address, and never ends by
// itself.
func runChild(dir string) {
	err := func() error {
		log := slog.New(slog.NewTextHandler(os.Stderr, nil))
		db, err := sqlite.Open(filepath.Join(dir, "daymark.db"), log)
		if err != nil {
			return err
		}
		am, err := New(Config{DataPath: filepath.Join(dir, "alertmanager")}, db, log, prometheus.NewRegistry())
		if err != nil {
			return err
		}
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		fmt.Println(listener.Addr())
		go http.Serve(listener, am.Handler()) //nolint:errcheck // ends with the process
		return am.Run(context.Background())
	}()
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// child is an Alertmanager in a process of its own.
type child struct {
	cmd *exec.Cmd
	url string
}

func startChild(t *testing.T, dir string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childFolder+"="+dir)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: cmd}
	t.Cleanup(c.kill)
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("child says no address: %v", err)
	}
	c.url = "http://" + strings.TrimSpace(address)
	waitFor(t, "the child answers", func() bool {
		resp, err := http.Get(c.url + "/api/v2/status")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return c
}

// kill is kill -9.
func (c *child) kill() {
	if c.cmd.ProcessState == nil {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait() // reports the signal
	}
}

// silences returns the states of all silences by id.
func (c *child) silences(t *testing.T) map[string]string {
	t.Helper()
	resp, err := http.Get(c.url + "/api/v2/silences")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var list []struct {
		ID     string
		Status struct{ State string }
	}
	decode(t, resp.Body, &list)
	states := map[string]string{}
	for _, s := range list {
		states[s.ID] = s.Status.State
	}
	return states
}

// TestKillAfterTheAnswerLosesNoSilence kills the process the moment that the
// API has acknowledged a silence, and then its end.
func TestKillAfterTheAnswerLosesNoSilence(t *testing.T) {
	defer http.DefaultClient.CloseIdleConnections()
	dir := t.TempDir()
	var ids []string
	for range 3 {
		c := startChild(t, dir)
		id := postSilence(t, func(body string) *http.Response {
			resp, err := http.Post(c.url+"/api/v2/silences", "application/json", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			return resp
		}, "alertname", "A")
		c.kill()
		ids = append(ids, id)
		c = startChild(t, dir)
		states := c.silences(t)
		for i, id := range ids {
			want := "expired"
			if i == len(ids)-1 {
				want = "active"
			}
			if states[id] != want {
				t.Errorf("after kill -9 silence %d is %q, want %q", i, states[id], want)
			}
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, c.url+"/api/v2/silence/"+id, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("expire: %d", resp.StatusCode)
		}
		c.kill()
	}
	if states := startChild(t, dir).silences(t); states[ids[2]] != "expired" {
		t.Errorf("after kill -9 the expired silence is %q", states[ids[2]])
	}
}

// TestSilenceIsOnDiskWhenAcknowledged looks at the file instead of the
// process.
func TestSilenceIsOnDiskWhenAcknowledged(t *testing.T) {
	dir := t.TempDir()
	am := start(t, dir, Config{})
	id := am.silence(t, "alertname", "A")
	content, err := os.ReadFile(filepath.Join(dir, "alertmanager", "silences"))
	if err != nil || !strings.Contains(string(content), id) {
		t.Fatalf("silence %s is not on disk: %v", id, err)
	}
	// A folder that cannot be written is told, not swallowed.
	am.onDisk.silences.path = filepath.Join(dir, "gone", "silences")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, "/api/v2/silence/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	if code := am.do(req); code != http.StatusInternalServerError {
		t.Errorf("expiring answered %d though it is not on disk", code)
	}
	am.onDisk.silences.path = filepath.Join(dir, "alertmanager", "silences")
}

// TestSnapshotsAreShared holds the writer to what the API relies on: whoever
// returns from save finds its state on disk, however many save at once.
func TestSnapshotsAreShared(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	var writes int
	state := make(chan int, 1)
	state <- 0
	s := &snapshot{path: path, write: func(w io.Writer) (int64, error) {
		writes++
		n := <-state
		state <- n
		written, err := fmt.Fprint(w, n)
		return int64(written), err
	}}
	done := make(chan error)
	for range 50 {
		go func() {
			n := <-state + 1
			state <- n
			if _, err := s.save(); err != nil {
				done <- err
				return
			}
			content, err := os.ReadFile(path)
			var onDisk int
			if err == nil {
				_, err = fmt.Sscan(string(content), &onDisk)
			}
			if err == nil && onDisk < n {
				err = fmt.Errorf("%d on disk after saving %d", onDisk, n)
			}
			done <- err
		}()
	}
	for range 50 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if writes > 50 {
		t.Errorf("%d writes for 50 saves", writes)
	}
}

func TestRestartDoesNotPageAgain(t *testing.T) {
	hook := newWebhook(t)
	dir := t.TempDir()
	am := start(t, dir, parsed(t, hook, atOnce))
	a := firing("A", "job", "payment")
	am.Put(t.Context(), []alerts.Alert{a})
	waitFor(t, "the page", func() bool { return len(hook.pages()) == 1 })
	am.stop()

	am = start(t, dir, parsed(t, hook, atOnce))
	again := a // after a restart rules report it with a new start and the old ActiveAt
	again.StartsAt, again.UpdatedAt, again.EndsAt = time.Now(), time.Now(), time.Now().Add(time.Minute)
	again.ActiveAt = time.Now() // until its state is restored
	am.Put(t.Context(), []alerts.Alert{again})
	waitFor(t, "it is known where it was sent", func() bool {
		active := am.Active()
		return len(active) == 1 && len(active[0].Deliveries) == 1
	})
	if d := am.Active()[0].Deliveries[0]; d.Receiver != "pager" || d.Integration != "webhook" || !d.OK || d.Firing != 1 {
		t.Errorf("delivery %+v", d)
	}
	am.Put(t.Context(), []alerts.Alert{firing("B", "job", "web")})
	waitFor(t, "another page", func() bool { return len(hook.pages()) == 2 })
	if got := hook.pages()[1].names(); got[0] != "B" {
		t.Errorf("after the restart %v was sent", got)
	}
	am.Put(t.Context(), []alerts.Alert{resolved(again)})
	waitFor(t, "the end", func() bool { return len(hook.pages()) == 3 })
	if got := hook.pages()[2]; got.Status != "resolved" {
		t.Errorf("third page %+v", got)
	}
}

// TestNotificationLogIsWrittenSoon keeps a crash from paging twice.
func TestNotificationLogIsWrittenSoon(t *testing.T) {
	dir := t.TempDir()
	hook := newWebhook(t)
	am := start(t, dir, parsed(t, hook, atOnce))
	am.Put(t.Context(), []alerts.Alert{firing("A", "job", "payment")})
	waitFor(t, "it is on disk", func() bool {
		content, err := os.ReadFile(filepath.Join(dir, "alertmanager", "nflog"))
		return err == nil && strings.Contains(string(content), "payment")
	})
}

// TestEndDuringAnOutageIsTold ends an alert while nobody watches: no rule ever
// reports it again, and its receiver must still learn that it is over.
func TestEndDuringAnOutageIsTold(t *testing.T) {
	hook := newWebhook(t)
	dir := t.TempDir()
	am := start(t, dir, parsed(t, hook, atOnce))
	am.Put(t.Context(), []alerts.Alert{firing("Forgotten", "job", "payment"), firing("Confirmed", "job", "web")})
	waitFor(t, "both pages", func() bool { return len(hook.pages()) == 2 })
	am.stop()

	longAgo := time.Now().Add(-defaultResolveTimeout)
	old, err := sqlite.Open(filepath.Join(dir, "daymark.db"), discard())
	if err != nil {
		t.Fatal(err)
	}
	k := &kept{db: old}
	list, err := k.load(t.Context(), longAgo) // as a start that long ago would have had them
	if err != nil || len(list) != 2 {
		t.Fatalf("%d alerts on disk, %v", len(list), err)
	}
	for _, a := range list {
		if !a.ResolvedAt(time.Now()) || a.ResolvedAt(longAgo) {
			t.Errorf("%s: believed until %s, want %s after the start", a.Labels, a.EndsAt, defaultResolveTimeout)
		}
	}
	var forgotten []*alert.Alert
	for _, a := range list {
		if a.Labels["alertname"] == "Forgotten" {
			a.EndsAt = time.Now()
			forgotten = append(forgotten, a)
		}
	}
	if err := k.note(t.Context(), forgotten, time.Now()); err != nil { // time has run out for it
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}

	am = start(t, dir, parsed(t, hook, atOnce))
	waitFor(t, "the end", func() bool { return len(hook.pages()) == 3 })
	if got := hook.pages()[2]; got.Status != "resolved" || got.names()[0] != "Forgotten" {
		t.Errorf("after the restart %+v was sent", got)
	}
	waitFor(t, "the other one is still known", func() bool { return len(am.Active()) == 1 })
	if got := am.Active()[0]; got.Labels.Get("alertname") != "Confirmed" || len(got.Deliveries) != 1 {
		t.Errorf("active after the restart: %+v", got)
	}
}

// TestEndThatWaitedAtTheStopIsTold puts an end into the queue of a routing that
// has stopped taking.
func TestEndThatWaitedAtTheStopIsTold(t *testing.T) {
	hook := newWebhook(t)
	dir := t.TempDir()
	am := start(t, dir, parsed(t, hook, atOnce))
	a := firing("A", "job", "payment")
	am.Put(t.Context(), []alerts.Alert{a})
	waitFor(t, "the page", func() bool { return len(hook.pages()) == 1 })
	am.Put(t.Context(), []alerts.Alert{resolved(a)})
	am.stop()
	start(t, dir, parsed(t, hook, atOnce))
	waitFor(t, "the end", func() bool { return len(hook.pages()) == 2 })
	if got := hook.pages()[1]; got.Status != "resolved" {
		t.Errorf("second page %+v", got)
	}
}
