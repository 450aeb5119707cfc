// Package conformance compares Daymark with the programs it replaces: a real
// prometheus and a real alertmanager, built from the modules that are linked
// in, run beside a real daymark on the same configuration, targets and samples,
// and all are asked the same over HTTP. What may differ stands in
// docs/differences.md, and in the test that allows it.
package conformance

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binaries is the folder that the programs are built into, once for all tests.
var binaries string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "daymark-conformance")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binaries = dir
		return m.Run()
	}())
}

var (
	buildDaymark = sync.OnceValues(func() (string, error) {
		return build("daymark", ".")
	})
	buildPrometheus = sync.OnceValues(func() (string, error) {
		return build("prometheus", "-modfile=.ci/peers.mod", "-tags=remove_all_sd,enable_kubernetes_sd", "github.com/prometheus/prometheus/cmd/prometheus")
	})
)

// build makes a program as the product is built: most of it is in the cache.
func build(name string, args ...string) (string, error) {
	binary := filepath.Join(binaries, name)
	if _, err := goCommand(append([]string{"build", "-p", "2", "-o", binary}, args...)...); err != nil {
		return "", fmt.Errorf("build %s: %w", name, err)
	}
	return binary, nil
}

func goCommand(args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = ".." // the module's root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// server is one of the programs that are compared.
type server struct {
	name string
	url  string // without a slash at the end
	cmd  *exec.Cmd
	logs *syncBuffer
	end  func(syscall.Signal) // ends it and waits
}

// launch starts a program that ends with the test at the latest.
func launch(t *testing.T, name, binary string, args ...string) *server {
	t.Helper()
	s := &server{name: name, cmd: exec.Command(binary, args...), logs: &syncBuffer{}}
	s.cmd.Dir = t.TempDir()
	s.cmd.Stderr = s.logs
	s.cmd.Env = append(os.Environ(), "TZ=UTC")
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	s.end = func(signal syscall.Signal) {
		once.Do(func() {
			_ = s.cmd.Process.Signal(signal)
			kill := time.AfterFunc(30*time.Second, func() { _ = s.cmd.Process.Kill() })
			defer kill.Stop()
			_ = s.cmd.Wait() // a killed program reports its signal
		})
	}
	t.Cleanup(func() {
		s.end(syscall.SIGKILL) // nothing of it is looked at any more
		if t.Failed() {
			t.Logf("log of %s:\n%s", name, s.logs.tail(30))
		}
	})
	return s
}

// startDaymark starts the program that is tested.
func startDaymark(t *testing.T, args ...string) *server {
	t.Helper()
	binary, err := buildDaymark()
	if err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	s := launch(t, "daymark", binary, append([]string{"--web.listen-address=" + address}, args...)...)
	s.url = "http://" + address
	s.awaitReady(t)
	return s
}

// startPrometheus starts its peer.
func startPrometheus(t *testing.T, args ...string) *server {
	t.Helper()
	binary, err := buildPrometheus()
	if err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	s := launch(t, "prometheus", binary, append([]string{"--web.listen-address=" + address}, args...)...)
	s.url = "http://" + address
	s.awaitReady(t)
	return s
}

func (s *server) awaitReady(t *testing.T) {
	t.Helper()
	eventually(t, time.Minute, func() (bool, string) {
		got := s.get(t, "/-/ready")
		return got.status == http.StatusOK, fmt.Sprintf("%s: %s\n%s", s.name, got.body, s.logs.tail(20))
	})
}

// freeAddress is one below the range from which the system gives ports to
// connections, so that nothing takes it before the program does.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 200 {
		address := fmt.Sprintf("127.0.0.1:%d", 20_000+rand.N(12_000))
		if listener, err := net.Listen("tcp", address); err == nil {
			listener.Close()
			return address
		}
	}
	t.Fatal("no free port")
	return ""
}

// answer is what a server said.
type answer struct {
	status int
	header http.Header
	body   string
}

// client gives up on a server that does not answer.
var client = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// do asks; a server that cannot be reached has status 0.
func (s *server) do(t *testing.T, method, path string, body io.Reader, header ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := client.Do(r)
	if err != nil {
		return answer{body: err.Error()}
	}
	defer resp.Body.Close()
	read, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{body: err.Error()}
	}
	return answer{resp.StatusCode, resp.Header, string(read)}
}

func (s *server) get(t *testing.T, path string) answer {
	t.Helper()
	return s.do(t, http.MethodGet, path, nil)
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

func writeFile(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
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
