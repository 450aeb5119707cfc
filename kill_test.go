package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestKilledWhileScraping is the short form of TestSoakKilledWhileScraping. The
// last stop is an orderly one, under the same load.
func TestKilledWhileScraping(t *testing.T) {
	survive(t, ordeal{series: 2000, interval: time.Second, scrapes: 3, stops: []syscall.Signal{syscall.SIGKILL, syscall.SIGKILL, syscall.SIGTERM}})
}

// ordeal is a series of ends that a Daymark has to survive while it scrapes.
type ordeal struct {
	series   int
	interval time.Duration
	scrapes  int // how many to see before each stop
	stops    []syscall.Signal
}

// survive starts Daymark as a process of its own, ends it again and again while
// it scrapes, and holds it to this: what could be read before can be read
// after, every series of it.
func survive(t *testing.T, o ordeal) {
	dir := t.TempDir()
	target := startLoad(t, o.series)
	config := writeFile(t, dir, "prometheus.yml", fmt.Sprintf(`global: {scrape_interval: %s, scrape_timeout: %s}
scrape_configs:
  - job_name: load
    static_configs: [{targets: ['%s']}]
`, o.interval, o.interval, target.address))
	args := []string{"--config.file=" + config, "--storage.path=" + filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:0"}

	began := time.Now()
	for n, signal := range append(o.stops, syscall.SIGTERM) {
		child := startChild(t, args)
		readable := child.await(t, began, o.scrapes*(n+1))
		child.verify(t, began, readable, o.series)
		if n > 0 {
			child.mustHold(t, began, target.seen, n)
		}
		pause := time.NewTimer(rand.N(o.interval))
		<-pause.C // a moment of the scrape interval that nobody chose
		var said string
		if target.seen, said = child.scrapes(t, began); len(target.seen) < len(readable) {
			t.Fatalf("before stop %d: %s, and %d were readable", n+1, said, len(readable))
		}
		ended := time.Now()
		child.end(t, signal)
		t.Logf("stop %d (%s): %d scrapes readable, gone after %s", n+1, signal, len(target.seen), time.Since(ended).Round(time.Millisecond))
	}
}

// crowd is a target with many series, all of which count its scrapes.
type crowd struct {
	address string
	seen    []scrapeAt // what could be read at the last stop
}

func startLoad(t *testing.T, series int) *crowd {
	t.Helper()
	var scrapes atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := scrapes.Add(1)
		b := bufio.NewWriter(w)
		defer b.Flush()
		fmt.Fprintf(b, "# TYPE load_scrapes counter\nload_scrapes %d\n# TYPE load_series gauge\n", n)
		for i := range series {
			fmt.Fprintf(b, "load_series{n=\"%d\"} %d\n", i, n)
		}
	}))
	t.Cleanup(server.Close)
	return &crowd{address: strings.TrimPrefix(server.URL, "http://")}
}

// child is a Daymark in a process of its own.
type child struct {
	daymark
	cmd *exec.Cmd
}

func startChild(t *testing.T, args []string) *child {
	t.Helper()
	c := &child{cmd: exec.Command(os.Args[0], args...)}
	c.logs = &syncBuffer{}
	c.cmd.Env = append(os.Environ(), childMark+"=1")
	c.cmd.Stderr = c.logs
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.cmd.Process.Kill(); _ = c.cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("daymark did not start: %v\n%s", err, c.logs.tail(50))
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	_, address, _ := strings.Cut(strings.TrimSpace(line), " is at ")
	c.url = strings.TrimSuffix(address, "/")
	return c
}

// end sends the signal and waits until the process is gone.
func (c *child) end(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := c.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	patience := time.AfterFunc(30*time.Second, func() { _ = c.cmd.Process.Signal(syscall.SIGQUIT) })
	defer patience.Stop()
	err := c.cmd.Wait()
	if signal == syscall.SIGTERM && err != nil {
		t.Errorf("an orderly stop ended with %v\n%s", err, c.logs.tail(100))
	}
}

// scrapeAt is one scrape that can be read back: when it was, and its number.
type scrapeAt struct {
	at    string // as the API prints it: exact
	value string
}

// scrapes lists the scrapes that can be read, oldest first.
func (c *child) scrapes(t *testing.T, since time.Time) ([]scrapeAt, string) {
	t.Helper()
	expr := fmt.Sprintf("load_scrapes[%ds]", int(time.Since(since).Seconds())+60)
	status, body := get(t, c.url+"/api/v1/query?query="+url.QueryEscape(expr))
	if status != http.StatusOK {
		return nil, fmt.Sprintf("%d %s", status, body)
	}
	var answer struct {
		Data struct {
			Result []struct {
				Values [][2]json.RawMessage `json:"values"`
			} `json:"result"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err.Error()
	}
	var list []scrapeAt
	for _, series := range answer.Data.Result {
		for _, v := range series.Values {
			list = append(list, scrapeAt{at: string(v[0]), value: string(v[1])})
		}
	}
	return list, fmt.Sprintf("%d scrapes", len(list))
}

// await waits until at least n scrapes can be read.
func (c *child) await(t *testing.T, since time.Time, n int) []scrapeAt {
	t.Helper()
	var list []scrapeAt
	eventually(t, 2*time.Minute, func() (bool, string) {
		found, said := c.scrapes(t, since)
		list = found
		return len(list) >= n, said + "\n" + c.logs.tail(20)
	})
	return list
}

// mustHold checks that everything that was seen before is still there.
func (c *child) mustHold(t *testing.T, since time.Time, seen []scrapeAt, stops int) {
	t.Helper()
	now, said := c.scrapes(t, since)
	have := map[scrapeAt]bool{}
	for _, s := range now {
		have[s] = true
	}
	for _, s := range seen {
		if !have[s] {
			t.Errorf("after stop %d: the scrape number %s of %s is lost (%s)", stops, s.value, s.at, said)
		}
	}
}

// verify checks that every series has a sample of each of the scrapes.
func (c *child) verify(t *testing.T, since time.Time, list []scrapeAt, series int) {
	t.Helper()
	last := list[len(list)-1].at
	expr := fmt.Sprintf("sum(count_over_time(load_series[%ds] @ %s))", int(time.Since(since).Seconds())+60, last)
	result, said := c.query(t, expr)
	if len(result) != 1 {
		t.Fatal(said)
	}
	if got, want := fmt.Sprint(result[0].Value[1]), fmt.Sprint(series*len(list)); got != want {
		t.Errorf("%s samples up to scrape %s, want %s: %d series of %d scrapes", got, last, want, series, len(list))
	}
}
