package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/util/notifications"

	"daymark/ui/server"
)

// recorder is parts that note which configuration they were given; the one
// called refuses says no to every configuration but the first.
type recorder struct {
	refuses string
	calls   []string
}

func (r *recorder) part(name string) part {
	return part{name, func(c Config) error {
		r.calls = append(r.calls, name+" "+c.Setup.ConfigFile)
		if name == r.refuses && c.Setup.ConfigFile != "old" {
			return errors.New("no room")
		}
		return nil
	}}
}

func newTestReloader(r *recorder, candidate Config, err error) *reloader {
	reg := prometheus.NewRegistry()
	reload := newReloader(Config{Setup: server.Setup{ConfigFile: "old"}}, notifications.NewNotifications(1, reg), silent(), reg)
	reload.read = func() (Config, error) { return candidate, err }
	reload.parts = []part{r.part("storage"), r.part("collector"), r.part("rules")}
	return reload
}

func TestAPartThatRefusesSendsEveryPartBack(t *testing.T) {
	r := &recorder{refuses: "collector"}
	reload := newTestReloader(r, Config{Setup: server.Setup{ConfigFile: "new"}}, nil)
	err := reload.Reload(t.Context())
	if err == nil || err.Error() != "collector: no room" {
		t.Errorf("got %v, want the part and its reason", err)
	}
	want := []string{"storage new", "collector new", "storage old", "collector old", "rules old"}
	if diff := cmp.Diff(want, r.calls); diff != "" {
		t.Error(diff)
	}
	if got := reload.Current().Setup.ConfigFile; got != "old" {
		t.Errorf("%q is in force, want the old configuration", got)
	}
	if reload.Setup().LastReload.Err == nil {
		t.Error("the pages are not told of the failure")
	}
}

func TestABadFileReachesNoPart(t *testing.T) {
	r := &recorder{}
	reload := newTestReloader(r, Config{}, errors.New("prometheus.yml:3:1: unknown key"))
	if err := reload.Reload(t.Context()); err == nil || len(r.calls) != 0 {
		t.Errorf("error %v, calls %v: want an error and no call", err, r.calls)
	}
}

func TestChangedFilesAreReloaded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		reload := newTestReloader(r, Config{Setup: server.Setup{ConfigFile: "new"}}, nil)
		var content atomic.Value
		content.Store("a")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- reload.watch(ctx, time.Second, func() (string, error) { return content.Load().(string), nil })
		}()
		time.Sleep(3500 * time.Millisecond)
		synctest.Wait()
		if len(r.calls) != 0 {
			t.Errorf("an unchanged file was reloaded: %v", r.calls)
		}
		content.Store("b")
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if want := []string{"storage new", "collector new", "rules new"}; !slices.Equal(r.calls, want) {
			t.Errorf("got %v, want %v once", r.calls, want)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestHangupReloads(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Fatal("SIGHUP does not exist here: run this suite on a unix")
	}
	dir := t.TempDir()
	path := writeFile(t, dir, "daymark.yml", "global: {scrape_interval: 1s}\nself: true\n")
	d := start(t, "--config.file="+path)
	d.waitFor(t, 30*time.Second, `up{job="daymark"} == 1`)
	writeFile(t, dir, "daymark.yml", "global: {scrape_interval: 1s, external_labels: {site: sunny}}\nself: true\n")
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, 30*time.Second, func() (bool, string) {
		_, body := get(t, d.url+"/api/v1/status/config")
		return strings.Contains(string(body), "site: sunny"), string(body)
	})
}

// TestReloadSwapsWhatIsWatched follows a target and a rule in and out.
func TestReloadSwapsWhatIsWatched(t *testing.T) {
	dir := t.TempDir()
	rule := func(name string) string {
		return fmt.Sprintf("groups: [{name: g, interval: 1s, rules: [{alert: %s, expr: vector(1)}]}]\n", name)
	}
	writeFile(t, dir, "rules.yml", rule("First"))
	const config = "global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [rules.yml]\n"
	path := writeFile(t, dir, "daymark.yml", config+"self: true\n")
	d := start(t, "--config.file="+path)
	d.waitFor(t, 30*time.Second, `up{job="daymark"} == 1`)
	d.waitFor(t, 30*time.Second, `ALERTS{alertname="First",alertstate="firing"}`)

	writeFile(t, dir, "rules.yml", rule("Second"))
	writeFile(t, dir, "daymark.yml", config)
	if status, body := post(t, d.url+"/-/reload"); status != 200 {
		t.Fatalf("reload answered %d %s", status, body)
	}
	d.waitFor(t, 30*time.Second, `ALERTS{alertname="Second",alertstate="firing"}`)
	eventually(t, 30*time.Second, func() (bool, string) { // as upstream, a job that is gone leaves no stale markers
		gone, said := d.query(t, `count_over_time(up{job="daymark"}[3s]) or ALERTS{alertname="First"}`)
		return gone != nil && len(gone) == 0, said
	})
}

// TestARefusedReloadKeepsTheAddressInPages has a part refuse a file that reads
// well: what goes back into force is what ran, the port that was picked included.
func TestARefusedReloadKeepsTheAddressInPages(t *testing.T) {
	pager, pages := startPager(t)
	dir := t.TempDir()
	config := fmt.Sprintf("alertmanager: {route: {receiver: a, group_wait: 0s}, receivers: [{name: a, webhook_configs: [{url: '%s'}]}]}\n", pager)
	path := writeFile(t, dir, "daymark.yml", config)
	d := start(t, "--config.file="+path)
	writeFile(t, dir, "daymark.yml", config+"remote_write: [{url: 'http://127.0.0.1:1/', tls_config: {ca_file: missing.pem}}]\n")
	if status, body := post(t, d.url+"/-/reload"); status != http.StatusInternalServerError || !strings.Contains(body, "series storage") {
		t.Fatalf("reload answered %d %s, want a refusal of the series storage", status, body)
	}
	resp, err := client().Post(d.url+"/api/v2/alerts", "application/json", strings.NewReader(`[{"labels": {"alertname": "After"}}]`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	select {
	case p := <-pages:
		if p.ExternalURL != d.url {
			t.Errorf("the page leads to %s, want %s", p.ExternalURL, d.url)
		}
	case <-time.After(30 * time.Second):
		t.Error("no page")
	}
}

func TestAStartGoesOnWithoutAJobThatCannotBeScraped(t *testing.T) {
	path := writeFile(t, t.TempDir(), "daymark.yml", "global: {scrape_interval: 1s}\nself: true\nscrape_configs: [{job_name: bad, tls_config: {ca_file: missing.pem}}]\n")
	d := start(t, "--config.file="+path)
	d.waitFor(t, 30*time.Second, `up{job="daymark"} == 1`)
}
