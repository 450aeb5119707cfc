package server

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestHostAndOrigin(t *testing.T) {
	s := startStack(t, stackConfig{server: Config{
		ExternalURL:  &url.URL{Scheme: "https", Host: "Metrics.Example.com", Path: "/"},
		AllowedHosts: []string{"daymark.lan", "other.lan:8443", "https://proxy.lan"},
	}})
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.url, "http://"))
	must(t, err)
	const cross = "pages of"
	tests := map[string]struct {
		method string
		path   string
		header []string
		status int
		says   string
	}{
		"its own address":                      {"GET", "/api/v1/query?query=1", []string{"Host", "127.0.0.1:" + port}, 200, ""},
		"localhost":                            {"GET", "/api/v1/query?query=1", []string{"Host", "localhost:" + port}, 200, ""},
		"upper case":                           {"GET", "/api/v1/query?query=1", []string{"Host", "LOCALHOST:" + port}, 200, ""},
		"IPv6 loopback":                        {"GET", "/api/v1/query?query=1", []string{"Host", "[::1]:" + port}, 200, ""},
		"the external URL":                     {"GET", "/api/v1/query?query=1", []string{"Host", "metrics.example.com"}, 200, ""},
		"the external URL with its port":       {"GET", "/api/v1/query?query=1", []string{"Host", "metrics.example.com:443"}, 200, ""},
		"the external URL with another port":   {"GET", "/api/v1/query?query=1", []string{"Host", "metrics.example.com:8080"}, 403, "does not answer to the host"},
		"a configured host":                    {"GET", "/api/v1/query?query=1", []string{"Host", "daymark.lan:" + port}, 200, ""},
		"a configured host behind a proxy":     {"GET", "/api/v1/query?query=1", []string{"Host", "daymark.lan"}, 200, ""},
		"a configured host and port":           {"GET", "/api/v1/query?query=1", []string{"Host", "other.lan:8443"}, 200, ""},
		"a configured host on another port":    {"GET", "/api/v1/query?query=1", []string{"Host", "other.lan:8444"}, 403, "other.lan:8444"},
		"a rebound name":                       {"GET", "/api/v1/query?query=1", []string{"Host", "evil.example:" + port}, 403, "allowed_hosts: ["},
		"a rebound name on a page":             {"GET", "/", []string{"Host", "evil.example:" + port}, 403, "evil.example"},
		"a rebound name on metrics":            {"GET", "/metrics", []string{"Host", "evil.example"}, 403, "evil.example"},
		"a rebound name on the websocket":      {"GET", "/api/daymark/v1/live", []string{"Host", "evil.example"}, 403, "evil.example"},
		"a longer name":                        {"GET", "/", []string{"Host", "localhost.evil.example:" + port}, 403, "evil.example"},
		"localhost on another port":            {"GET", "/", []string{"Host", "localhost:1"}, 403, "localhost:1"},
		"a probe by address":                   {"GET", "/-/healthy", []string{"Host", "10.1.2.3:9090"}, 200, ""},
		"a probe in disguise":                  {"GET", "/-%2Fhealthy", []string{"Host", "evil.example"}, 403, "evil.example"},
		"a probe by a foreign name":            {"HEAD", "/-/ready", []string{"Host", "evil.example"}, 200, ""},
		"its own page":                         {"POST", "/-/reload", []string{"Origin", s.url}, 200, ""},
		"its own page at the external URL":     {"POST", "/-/reload", []string{"Origin", "https://metrics.example.com"}, 200, ""},
		"the same behind a proxy's own Host":   {"POST", "/-/reload", []string{"Origin", "https://metrics.example.com", "Sec-Fetch-Site", "same-origin"}, 200, ""},
		"a page of a configured host":          {"POST", "/-/reload", []string{"Origin", "https://proxy.lan"}, 200, ""},
		"the same without encryption":          {"POST", "/-/reload", []string{"Origin", "http://proxy.lan"}, 403, cross},
		"its own page reads":                   {"GET", "/api/v1/query?query=1", []string{"Origin", s.url}, 200, ""},
		"its own page reads silences":          {"GET", "/api/v2/silences", []string{"Origin", s.url}, 200, ""},
		"a listed host in clear text":          {"POST", "/-/reload", []string{"Host", "proxy.lan", "Origin", "http://proxy.lan"}, 403, cross},
		"a foreign page":                       {"POST", "/-/reload", []string{"Origin", "https://evil.example"}, 403, cross},
		"a foreign page that only reads":       {"GET", "/api/v1/query?query=1", []string{"Origin", "https://evil.example"}, 403, cross},
		"a page of another local server":       {"GET", "/api/v1/query?query=1", []string{"Origin", "http://localhost:1"}, 403, cross},
		"a page of the right host, wrong port": {"POST", "/-/reload", []string{"Origin", "https://metrics.example.com:8443"}, 403, cross},
		"a page of no origin":                  {"POST", "/-/reload", []string{"Origin", "null"}, 403, cross},
		"a preflight":                          {"OPTIONS", "/api/v1/query", []string{"Origin", "https://evil.example", "Access-Control-Request-Method", "POST"}, 403, cross},
		"no browser at all":                    {"POST", "/-/reload", nil, 200, ""},
		"a foreign form":                       {"POST", "/-/reload", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 403, "another site"},
		"a form of a neighbour":                {"POST", "/api/v2/silences", []string{"Sec-Fetch-Site", "same-site"}, 403, "another site"},
		"a foreign image":                      {"GET", "/api/v1/query?query=1", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"}, 403, "another site"},
		"a foreign frame":                      {"GET", "/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, 403, "another site"},
		"a link from elsewhere":                {"GET", "/alerts", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 200, ""},
		"its own script":                       {"GET", "/api/v1/query?query=1", []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors"}, 200, ""},
		"typed into the address bar":           {"GET", "/", []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate"}, 200, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := s.do(t, test.method, test.path, nil, test.header...)
			if got.status != test.status || !strings.Contains(got.body, test.says) {
				t.Errorf("status %d, want %d and %q: %s", got.status, test.status, test.says, got.body)
			}
			for header := range got.header {
				if strings.HasPrefix(header, "Access-Control-") {
					t.Errorf("CORS header %s", header)
				}
			}
		})
	}
	if s.reloads == 0 {
		t.Error("no reload arrived at all")
	}
}

// A page that was loaded by the machine's address, which no list names, may
// use the server, and a page of another address may not.
func TestAddressThatTheConnectionReached(t *testing.T) {
	list, err := newHostList([]net.Addr{&net.TCPAddr{IP: net.IPv4zero, Port: 9090}}, []string{":9090"}, nil, false, nil)
	must(t, err)
	request := func(host string, local *net.TCPAddr) *http.Request {
		r, err := http.NewRequestWithContext(withLocalAddr(t.Context(), local), http.MethodGet, "http://x/", nil)
		must(t, err)
		r.Host = host
		return r
	}
	lan := &net.TCPAddr{IP: net.IPv4(192, 168, 1, 5), Port: 9090}
	if !list.answers(request("192.168.1.5:9090", lan)) {
		t.Error("the address that the connection reached is refused")
	}
	if !list.answers(request("[::ffff:192.168.1.5]:9090", lan)) {
		t.Error("the same address in its IPv6 form is refused")
	}
	for _, host := range []string{"192.168.1.6:9090", "192.168.1.5:9091", "192.168.1.5", "host.lan:9090", ""} {
		if list.answers(request(host, lan)) {
			t.Errorf("host %q is answered", host)
		}
	}
	r := request("192.168.1.5:9090", lan)
	if !list.trusts("http://192.168.1.5:9090", r) {
		t.Error("a page of that address is refused")
	}
	for _, origin := range []string{"http://192.168.1.6:9090", "https://192.168.1.5:9090", "http://192.168.1.5"} {
		if list.trusts(origin, r) {
			t.Errorf("a page of %s is trusted", origin)
		}
	}
}

func TestAllowedHostsAreChecked(t *testing.T) {
	for _, entry := range []string{"", "*", "*.example.com", "host/path", "user@host", "http://", "a b"} {
		if _, err := newHostList(nil, nil, nil, false, []string{entry}); err == nil {
			t.Errorf("allowed host %q is accepted", entry)
		}
	}
}

func TestApplyReplacesTheAllowedHosts(t *testing.T) {
	s := startStack(t, stackConfig{server: Config{AllowedHosts: []string{"old.lan"}}})
	must(t, s.Apply(Config{AllowedHosts: []string{"new.lan"}}))
	if got := s.get(t, "/metrics", "Host", "new.lan"); got.status != 200 {
		t.Errorf("new host: status %d", got.status)
	}
	if got := s.get(t, "/metrics", "Host", "old.lan"); got.status != 403 {
		t.Errorf("old host: status %d", got.status)
	}
	if err := s.Apply(Config{AllowedHosts: []string{"*"}}); err == nil {
		t.Error("a wildcard is accepted")
	}
	if got := s.get(t, "/metrics", "Host", "new.lan"); got.status != 200 {
		t.Errorf("after a refused change: status %d", got.status)
	}
}

func TestSecurityHeadersEverywhere(t *testing.T) {
	s := startStack(t, stackConfig{})
	for _, path := range []string{"/", "/alerts", "/assets/index-abc.js", "/favicon.svg", "/nothing.txt", "/metrics", "/-/healthy", "/api/v1/query?query=1", "/api/v1/nothing", "/api/v2/status", "/api/daymark/v1/alerts"} {
		got := s.get(t, path)
		for header, want := range map[string]string{
			"X-Content-Type-Options":       "nosniff",
			"X-Frame-Options":              "DENY",
			"Referrer-Policy":              "no-referrer",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got.header.Get(header) != want {
				t.Errorf("%s: %s is %q", path, header, got.header.Get(header))
			}
		}
		policy := got.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: content security policy %q", path, policy)
		}
	}
	if got := s.get(t, "/metrics", "Host", "evil.example"); got.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Error("a refusal has no security headers")
	}
}

func TestOversizedRequests(t *testing.T) {
	s := startStack(t, stackConfig{server: Config{Limits: Limits{HeaderBytes: 8 << 10, FormBytes: 1000, IngestBytes: 2000}}})
	long := strings.Repeat("a", 3000)
	endless := func() io.Reader { return struct{ io.Reader }{strings.NewReader(long)} } // without a length
	formType := []string{"Content-Type", "application/x-www-form-urlencoded"}
	tests := map[string]struct {
		path   string
		body   io.Reader
		header []string
		status int
		says   string
	}{
		"form with a length":          {"/api/v1/query", strings.NewReader("query=" + long), formType, 413, "1000 bytes"},
		"form without a length":       {"/api/v1/query", struct{ io.Reader }{strings.NewReader("query=" + long)}, formType, 413, "1000 bytes"},
		"silence":                     {"/api/v2/silences", strings.NewReader(`{"comment":"` + long + `"}`), []string{"Content-Type", "application/json"}, 413, "1000 bytes"},
		"remote write":                {"/api/v1/write", strings.NewReader(long), []string{"Content-Encoding", "snappy", "Content-Type", "application/x-protobuf"}, 413, "2000 bytes"},
		"remote write without length": {"/api/v1/write", endless(), []string{"Content-Encoding", "snappy", "Content-Type", "application/x-protobuf"}, 413, "2000"},
		"remote write that grows":     {"/api/v1/write", strings.NewReader("\xb9\x17aaaa"), []string{"Content-Encoding", "snappy", "Content-Type", "application/x-protobuf"}, 413, "decompresses to 3001 bytes"},
		"OTLP that grows":             {"/api/v1/otlp/v1/metrics", gzipped(t, long), []string{"Content-Encoding", "gzip", "Content-Type", "application/x-protobuf"}, 413, "2000 bytes"},
		"a body where none belongs":   {"/-/reload", strings.NewReader("x"), nil, 413, "0 bytes"},
		"a form that fits":            {"/api/v1/query", strings.NewReader("query=1"), formType, 200, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := s.do(t, http.MethodPost, test.path, test.body, test.header...)
			if got.status != test.status || !strings.Contains(got.body, test.says) {
				t.Errorf("status %d, want %d and %q: %s", got.status, test.status, test.says, got.body)
			}
		})
	}
}

func TestOversizedHeader(t *testing.T) {
	s := startStack(t, stackConfig{server: Config{Limits: Limits{HeaderBytes: 8 << 10}}})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/metrics", nil)
	must(t, err)
	req.Header.Set("X-Long", strings.Repeat("a", 20<<10))
	resp, err := s.client.Do(req)
	must(t, err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestSlowHeaderIsCut(t *testing.T) {
	s := startStack(t, stackConfig{server: Config{Limits: Limits{HeaderTimeout: 50 * time.Millisecond}}})
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	must(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: loc")
	must(t, err)
	must(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	if _, err := io.ReadAll(conn); err != nil {
		t.Errorf("the connection is still open: %v", err)
	}
}

func TestConnectionsAreLimited(t *testing.T) {
	s := startStack(t, stackConfig{server: Config{MaxConnections: 2}})
	address := strings.TrimPrefix(s.url, "http://")
	ask := func(conn net.Conn) (string, error) {
		must(t, conn.SetDeadline(time.Now().Add(300*time.Millisecond)))
		if _, err := io.WriteString(conn, "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			return "", err
		}
		return bufio.NewReader(conn).ReadString('\n')
	}
	var open []net.Conn
	for range 3 {
		conn, err := net.Dial("tcp", address)
		must(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		open = append(open, conn)
	}
	for _, conn := range open[:2] {
		if line, err := ask(conn); err != nil || !strings.Contains(line, "200") {
			t.Fatalf("connection within the limit: %q, %v", line, err)
		}
	}
	if line, err := ask(open[2]); err == nil {
		t.Fatalf("the third of two connections was answered: %q", line)
	}
	must(t, open[0].Close())
	must(t, open[2].SetDeadline(time.Now().Add(10*time.Second)))
	if line, err := bufio.NewReader(open[2]).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
		t.Errorf("after another has gone: %q, %v", line, err)
	}
}
