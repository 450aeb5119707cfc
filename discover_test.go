package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// needPorts fails the test where a port that an exporter listens on by default
// is taken: Daymark looks for exporters there and nowhere else.
func needPorts(t *testing.T, ports ...int) {
	t.Helper()
	for _, port := range ports {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Fatalf("this test needs port %d for itself: %v", port, err)
		}
		listener.Close()
	}
}

func startRedis(t *testing.T) (address string) {
	t.Helper()
	port := freePort(t)
	startProgram(t, nil, "redis-server", "--port", fmt.Sprint(port), "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir())
	return fmt.Sprintf("redis://127.0.0.1:%d", port)
}

func startNginx(t *testing.T) (status string) {
	t.Helper()
	dir, port := t.TempDir(), freePort(t)
	temporary := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temporary += fmt.Sprintf("  %s_temp_path %s;\n", kind, filepath.Join(dir, kind))
	}
	config := writeFile(t, dir, "nginx.conf", fmt.Sprintf(`daemon off;
pid %s;
events {}
http {
  access_log off;
%s  server {
    listen 127.0.0.1:%d;
    location /stub_status { stub_status; }
  }
}
`, filepath.Join(dir, "pid"), temporary, port))
	startProgram(t, nil, "/usr/sbin/nginx", "-p", dir, "-e", filepath.Join(dir, "error.log"), "-c", config)
	return fmt.Sprintf("http://127.0.0.1:%d/stub_status", port)
}

// foundExporter is an entry of /api/daymark/v1/exporters.
type foundExporter struct{ Kind, URL, State, Reason string }

func (d *daymark) exporters(t *testing.T) map[string]foundExporter {
	t.Helper()
	_, body := get(t, d.url+"/api/daymark/v1/exporters")
	var answer struct{ Found []foundExporter }
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil // not up yet
	}
	byKind := map[string]foundExporter{}
	for _, e := range answer.Found {
		byKind[e.Kind] = e
	}
	return byKind
}

func TestRealExportersAppearByThemselves(t *testing.T) {
	needPorts(t, 9100, 9104, 9113, 9121)
	db := startMariaDB(t)
	redis, status := startRedis(t), startNginx(t)
	startProgram(t, []string{"DATA_SOURCE_NAME=root@unix(" + db.socket + ")/"}, "prometheus-mysqld-exporter", "--web.listen-address=127.0.0.1:9104")
	startProgram(t, nil, "prometheus-redis-exporter", "--redis.addr="+redis, "--web.listen-address=127.0.0.1:9121")
	startProgram(t, nil, "prometheus-node-exporter", "--web.listen-address=127.0.0.1:9100")
	for _, port := range []int{9100, 9104, 9121} {
		eventually(t, time.Minute, func() (bool, string) {
			status, body := get(t, fmt.Sprintf("http://127.0.0.1:%d/metrics", port))
			return status == http.StatusOK, string(body)
		})
	}

	folder := filepath.Join(t.TempDir(), "data")
	began := time.Now()
	d := start(t, "--storage.path="+folder)
	d.waitFor(t, time.Minute, `mysql_up{job="mysqld"} == 1`)
	d.waitFor(t, time.Minute, `redis_up{job="redis"} == 1`)
	took := time.Since(began)
	t.Logf("data of exporters that were there: %s after the start", took.Round(10*time.Millisecond))
	if took > 30*time.Second {
		t.Errorf("it took %s from the start until their data was there", took)
	}
	eventually(t, time.Minute, func() (bool, string) {
		e := d.exporters(t)["node"]
		return e.State == "covered" && strings.Contains(e.Reason, "in process"), fmt.Sprintf("node_exporter: %+v", e)
	})
	if again, said := d.query(t, `up{job="node",instance=~".*:9100"}`); len(again) != 0 {
		t.Errorf("the node_exporter of this machine is scraped, too: %s", said)
	}

	began = time.Now()
	startProgram(t, nil, "prometheus-nginx-exporter", "-nginx.scrape-uri="+status, "-web.listen-address=127.0.0.1:9113")
	d.waitFor(t, 90*time.Second, `nginx_up{job="nginx"} == 1`)
	took = time.Since(began)
	t.Logf("data of an exporter that starts later: %s after its start", took.Round(10*time.Millisecond))
	if took > time.Minute {
		t.Errorf("it took %s from its start until its data was there", took)
	}
	d.waitFor(t, time.Minute, `nginx_connections_accepted`)

	ignore := func(ignored bool) {
		t.Helper()
		body := fmt.Sprintf(`{"url":"http://127.0.0.1:9121/metrics","ignored":%t}`, ignored)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, d.url+"/api/daymark/v1/exporters", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("ignore: %s", resp.Status)
		}
	}
	ignore(true)
	eventually(t, time.Minute, func() (bool, string) {
		left, said := d.query(t, `redis_up`) // marked as stale
		return len(left) == 0, said
	})
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	d = start(t, "--storage.path="+folder)
	eventually(t, time.Minute, func() (bool, string) {
		e := d.exporters(t)["redis"]
		return e.State == "ignored", fmt.Sprintf("redis after a restart: %+v", e)
	})
	ignore(false)
	d.waitFor(t, time.Minute, `redis_up{job="redis"} == 1`)
}

func TestNothingFiresOnAMachineThatIsWell(t *testing.T) {
	d := start(t)
	d.waitFor(t, time.Minute, `node_memory_MemTotal_bytes`)
	for _, pack := range []string{"machine", "daymark"} {
		d.waitFor(t, time.Minute, fmt.Sprintf(`min(prometheus_rule_group_iterations_total{rule_group=~"builtin:%s.yml;.*"}) > 3`, pack))
	}
	if firing, said := d.query(t, `ALERTS{alertstate="firing"}`); len(firing) != 0 {
		t.Errorf("something fires: %s", said)
	}
	if failed, said := d.query(t, `prometheus_rule_evaluation_failures_total > 0`); len(failed) != 0 {
		t.Errorf("rules that cannot be evaluated: %s", said)
	}
}
