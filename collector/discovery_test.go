package collector_test

import (
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	promconfig "github.com/prometheus/prometheus/config"

	"daymark/collector"
)

func TestFileDiscovery(t *testing.T) {
	a, b := serve(t, textFormat, "x 1\n"), serve(t, textFormat, "x 2\n")
	list := write(t, "targets.json", `[{"targets": ["`+a+`"], "labels": {"team": "pay"}}]`)
	r := start(t, config(t, "scrape_configs: [{job_name: f, file_sd_configs: [{files: [%q]}]}]", filepath.Dir(list)+"/*.json"), nil)
	if got := r.target(t, "f", "up"); got.Instance != a || got.Labels.Get("team") != "pay" {
		t.Errorf("target %+v", got)
	}
	write(t, list, `[{"targets": ["`+b+`"], "labels": {"team": "search"}}]`)
	waitFor(t, "the other target", func() bool { _, ok := r.last(t, "x", "instance", b, "team", "search"); return ok })
}

func TestHTTPDiscovery(t *testing.T) {
	a, b := serve(t, textFormat, "x 1\n"), serve(t, textFormat, "x 2\n")
	var current atomic.Value
	current.Store(a)
	sd := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "sd" || password != "open" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode([]map[string]any{{"targets": []any{current.Load()}, "labels": map[string]string{"from": "http"}}})
	}))
	r := start(t, config(t, "scrape_configs: [{job_name: h, http_sd_configs: [{url: 'http://%s/', refresh_interval: 100ms, basic_auth: {username: sd, password: open}}]}]", sd), nil)
	if got := r.target(t, "h", "up"); got.Instance != a || got.Labels.Get("from") != "http" {
		t.Errorf("target %+v", got)
	}
	current.Store(b)
	waitFor(t, "the other target", func() bool { _, ok := r.last(t, "x", "instance", b); return ok })
}

// docker speaks the part of Docker's API that lists containers and networks.
func docker(t *testing.T, host string, port int) http.Handler {
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(v); err != nil {
			t.Error(err)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/_ping", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Api-Version", "1.51")
		_, _ = w.Write([]byte("OK"))
	})
	mux.HandleFunc("GET /{version}/containers/json", func(w http.ResponseWriter, r *http.Request) {
		if f := r.URL.Query().Get("filters"); !strings.Contains(f, "monitored") {
			t.Errorf("filters %q", f)
		}
		answer(w, []object{{
			"Id": "c0ffee", "Names": []string{"/payment"}, "Image": "payment:1", "ImageID": "sha256:1",
			"Labels":     object{"team": "pay"},
			"Ports":      []object{{"IP": "0.0.0.0", "PrivatePort": port, "PublicPort": port, "Type": "tcp"}},
			"HostConfig": object{"NetworkMode": "shopnet"},
			"NetworkSettings": object{"Networks": object{
				"shopnet": object{"NetworkID": "n1", "IPAddress": host},
			}},
		}})
	})
	mux.HandleFunc("GET /{version}/networks", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, []object{{"Id": "n1", "Name": "shopnet", "Scope": "local", "Driver": "bridge"}})
	})
	return mux
}

func TestDockerDiscovery(t *testing.T) {
	host, port := split(t, serve(t, textFormat, "x 1\n"))
	dir, err := os.MkdirTemp("", "docker") //nolint:usetesting // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "docker.sock"))
	if err != nil {
		t.Fatal(err)
	}
	daemon := docker(t, host, port)
	socket := &httptest.Server{Listener: l, Config: &http.Server{Handler: daemon}}
	socket.Start()
	t.Cleanup(socket.Close)

	r := start(t, config(t, `scrape_configs:
	- job_name: tcp
	  docker_sd_configs: [{host: 'http://%s', refresh_interval: 1s, filters: [{name: label, values: [monitored]}]}]
	  relabel_configs: &rules
	  - {source_labels: [__meta_docker_container_name, __meta_docker_network_name, __meta_docker_container_label_team], target_label: found}
	- job_name: socket
	  docker_sd_configs: [{host: 'unix://%s', refresh_interval: 1s, filters: [{name: label, values: [monitored]}]}]
	  relabel_configs: *rules`, listen(t, daemon), l.Addr()), nil)
	for _, job := range []string{"tcp", "socket"} {
		if got := r.target(t, job, "up"); got.Labels.Get("found") != "/payment;shopnet;pay" {
			t.Errorf("%s: %+v", job, got)
		}
	}
}

func TestDiscoveryThatIsNotCarried(t *testing.T) {
	_, err := promconfig.Load("scrape_configs: [{job_name: c, consul_sd_configs: [{server: x}]}]", slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "field consul_sd_configs not found in type config.ScrapeConfig") {
		t.Errorf("the loader says %v", err)
	}
	want := `service discovery "consul" is not part of Daymark; it has dns_sd_configs, docker_sd_configs, dockerswarm_sd_configs, file_sd_configs, http_sd_configs, kubernetes_sd_configs, static_configs. Use http_sd_configs or file_sd_configs with a program that lists the targets`
	if got := collector.ExplainDiscovery("consul_sd_configs"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, key := range append(collector.DiscoveryKeys(), "scrape_interval") {
		if got := collector.ExplainDiscovery(key); got != "" {
			t.Errorf("%s: %s", key, got)
		}
	}
	if !slices.IsSorted(collector.DiscoveryKeys()) {
		t.Error("the keys are not sorted")
	}
}
