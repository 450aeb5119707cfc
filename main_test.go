package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(childMark) != "" { // the kill tests run this binary as the server
		main()
		return
	}
	goleak.VerifyTestMain(m,
		// Kept by libraries for as long as the process lives.
		goleak.IgnoreTopFunction("go.opencensus.io/stats/view.(*worker).start"),
		goleak.IgnoreTopFunction("k8s.io/klog/v2.(*flushDaemon).run.func1"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"),
	)
}

// childMark in the environment makes the test binary behave as daymark itself.
const childMark = "DAYMARK_TEST_CHILD"

// daymark is a running Daymark, in this process.
type daymark struct {
	url  string
	stop func() error // returns what run returned
	logs *syncBuffer
}

// start runs Daymark until the test ends, on a free port and in its own folder
// unless args say otherwise.
func start(t *testing.T, args ...string) *daymark {
	t.Helper()
	all := append([]string{"--web.listen-address=127.0.0.1:0"}, args...)
	if !slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "--storage.") }) {
		all = append(all, "--storage.path="+filepath.Join(t.TempDir(), "data"))
	}
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	d := &daymark{logs: &syncBuffer{}}
	done := make(chan error, 1)
	go func() {
		err := run(ctx, all, in, d.logs)
		in.CloseWithError(io.EOF)
		done <- err
	}()
	stopped := sync.OnceValue(func() error { cancel(); return <-done })
	d.stop = stopped
	t.Cleanup(func() {
		if err := stopped(); err != nil {
			t.Errorf("daymark ended with %v", err)
		}
		if t.Failed() {
			t.Logf("log of daymark:\n%s", d.logs.tail(200))
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	go func() { _, _ = io.Copy(io.Discard, out) }()
	if err != nil {
		t.Fatalf("daymark did not start: %v\n%s", stopped(), d.logs.tail(50))
	}
	_, d.url, _ = strings.Cut(strings.TrimSpace(line), " is at ")
	d.url = strings.TrimSuffix(d.url, "/")
	return d
}

// syncBuffer is a buffer that several goroutines may write to.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) tail(lines int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := strings.Split(s.b.String(), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// eventually waits until ok holds, and fails the test with what it last said.
func eventually(t *testing.T, patience time.Duration, ok func() (bool, string)) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		done, said := ok()
		if done {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("not within %s: %s", patience, said)
		}
	}
}

// client gives up on a server that does not answer, and keeps no connection.
func client() *http.Client {
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
}

func get(t *testing.T, address string) (status int, body []byte) {
	t.Helper()
	resp, err := client().Get(address)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	if err != nil {
		return 0, []byte(err.Error())
	}
	return resp.StatusCode, body
}

func post(t *testing.T, address string) (status int, body string) {
	t.Helper()
	resp, err := client().Post(address, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	read, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(read)
}

// sample is one element of an instant vector.
type sample struct {
	Metric map[string]string `json:"metric"`
	Value  [2]any            `json:"value"`
}

// query asks for an instant vector. An error is returned as text, so that
// callers can wait for a server that is still starting.
func (d *daymark) query(t *testing.T, expr string) ([]sample, string) {
	t.Helper()
	status, body := get(t, d.url+"/api/v1/query?query="+url.QueryEscape(expr))
	var answer struct {
		Data struct {
			Result []sample `json:"result"`
		} `json:"data"`
	}
	if status != http.StatusOK {
		return nil, fmt.Sprintf("%s: %d %s", expr, status, body)
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Sprintf("%s: %v", expr, err)
	}
	return answer.Data.Result, fmt.Sprintf("%s: %v", expr, answer.Data.Result)
}

// waitFor waits until expr has a result.
func (d *daymark) waitFor(t *testing.T, patience time.Duration, expr string) []sample {
	t.Helper()
	var found []sample
	eventually(t, patience, func() (bool, string) {
		result, said := d.query(t, expr)
		found = result
		return len(result) > 0, said
	})
	return found
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func TestWithNothingConfiguredThisMachineMoves(t *testing.T) {
	began := time.Now()
	d := start(t)
	d.waitFor(t, 30*time.Second, `node_cpu_seconds_total{job="node"}`)
	t.Logf("first sample of this machine %s after the start", time.Since(began).Round(10*time.Millisecond))
	d.waitFor(t, 30*time.Second, `up{job="node"} == 1 and count_over_time(up{job="node"}[1m]) > 2`)
	d.waitFor(t, 30*time.Second, `up{job="daymark"} == 1`)
	for _, path := range []string{"/", "/-/healthy", "/-/ready", "/metrics", "/api/v1/rules", "/api/v2/status", "/api/daymark/v1/status"} {
		if status, body := get(t, d.url+path); status != http.StatusOK {
			t.Errorf("%s: %d %.200s", path, status, body)
		}
	}
	status, body := get(t, d.url+"/api/v1/rules")
	if status != http.StatusOK || !bytes.Contains(body, []byte("builtin:")) {
		t.Errorf("no built-in rules: %d %.300s", status, body)
	}
}

func TestASecondDaymarkOnTheSameFolderSaysWhoHoldsIt(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	d := start(t, "--storage.path="+folder)
	err := run(t.Context(), []string{"--storage.path=" + folder, "--web.listen-address=127.0.0.1:0"}, io.Discard, io.Discard)
	if err == nil {
		t.Fatal("the second one started")
	}
	for _, want := range []string{folder, fmt.Sprint(os.Getpid()), d.url} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %s", err, want)
		}
	}
}

func TestReloadKeepsTheOldConfigurationWhereTheNewOneIsWrong(t *testing.T) {
	dir := t.TempDir()
	const good = "global: {scrape_interval: 1s}\nself: true\n"
	path := writeFile(t, dir, "daymark.yml", good)
	d := start(t, "--config.file="+path)
	d.waitFor(t, 30*time.Second, `up{job="daymark"} == 1`)

	tests := map[string]struct{ content, want string }{
		"an unknown key":               {"global:\n  scrape_intervall: 1s\n", "daymark.yml:2:3"},
		"a rule file":                  {"global: {}\nrule_files: [" + writeFile(t, dir, "bad.yml", "groups:\n- name: a\n  rules:\n  - alert: X\n    expr: sum(\n") + "]\n", "bad.yml:5"},
		"a webhook without an address": {"global: {}\nalertmanager: {route: {receiver: a}, receivers: [{name: a, webhook_configs: [{url_file: ''}]}]}\n", "one of url or url_file must be configured"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			writeFile(t, dir, "daymark.yml", tt.content)
			status, body := post(t, d.url+"/-/reload")
			if status != http.StatusInternalServerError || !strings.Contains(body, tt.want) {
				t.Errorf("reload answered %d %q, want 500 with %q", status, body, tt.want)
			}
			if _, body := get(t, d.url+"/api/v1/status/config"); !bytes.Contains(body, []byte("scrape_interval: 1s")) {
				t.Errorf("the old configuration is gone: %s", body)
			}
			d.waitFor(t, 30*time.Second, "prometheus_config_last_reload_successful == 0")
		})
	}

	writeFile(t, dir, "daymark.yml", good+"host: true\n")
	if status, body := post(t, d.url+"/-/reload"); status != http.StatusOK {
		t.Fatalf("reload answered %d %s", status, body)
	}
	d.waitFor(t, 30*time.Second, `up{job="node"} == 1`)
}
