package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/crypto/bcrypt"
)

// certificate writes a key and a certificate for loopback, and returns those
// who trust it.
func certificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	keyDER, err := x509.MarshalECPrivateKey(key)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "server.crt"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "server.key"), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}), 0o600))
	parsed, err := x509.ParseCertificate(der)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return pool
}

const (
	tlsLines  = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
	usersHead = "basic_auth_users:\n  admin: "
)

func userLines(t *testing.T, password string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	must(t, err)
	return usersHead + string(hash) + "\n"
}

func TestListenPolicy(t *testing.T) {
	dir := t.TempDir()
	certificate(t, dir)
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	both := write("both.yml", tlsLines+userLines(t, "x"))
	encrypted := write("tls.yml", tlsLines)
	named := write("users.yml", userLines(t, "x"))
	mutual := write("mutual.yml", tlsLines+"  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: server.crt\n")
	tests := map[string]struct {
		cfg  Config
		says []string // none: it is allowed
	}{
		"loopback":                        {Config{ListenAddresses: []string{"127.0.0.1:0"}}, nil},
		"another loopback address":        {Config{ListenAddresses: []string{"127.7.7.7:0"}}, nil},
		"IPv6 loopback":                   {Config{ListenAddresses: []string{"[::1]:0"}}, nil},
		"localhost":                       {Config{ListenAddresses: []string{"localhost:0"}}, nil},
		"every address":                   {Config{ListenAddresses: []string{":9090"}}, []string{"--web.listen-address=:9090 --web.config.file=web.yml", "tls_server_config:", "basic_auth_users:", "--web.allow-unauthenticated", "--web.listen-address=127.0.0.1:9090"}},
		"every IPv4 address":              {Config{ListenAddresses: []string{"0.0.0.0:9090"}}, []string{"others can reach 0.0.0.0:9090"}},
		"every IPv6 address":              {Config{ListenAddresses: []string{"[::]:9090"}}, []string{"others can reach [::]:9090"}},
		"an address of the LAN":           {Config{ListenAddresses: []string{"192.168.1.5:9090"}}, []string{"others can reach 192.168.1.5:9090"}},
		"a name that nobody knows":        {Config{ListenAddresses: []string{"host.invalid:9090"}}, []string{"others can reach host.invalid:9090"}},
		"one of two":                      {Config{ListenAddresses: []string{"127.0.0.1:0", "0.0.0.0:9090"}}, []string{"others can reach 0.0.0.0:9090"}},
		"with TLS and users":              {Config{ListenAddresses: []string{"0.0.0.0:9090"}, WebConfigFile: both}, nil},
		"with TLS and certificates":       {Config{ListenAddresses: []string{"0.0.0.0:9090"}, WebConfigFile: mutual}, nil},
		"with TLS alone":                  {Config{ListenAddresses: []string{"0.0.0.0:9090"}, WebConfigFile: encrypted}, []string{"nobody is asked who they are", "basic_auth_users:", "--web.config.file=" + encrypted}},
		"with users alone":                {Config{ListenAddresses: []string{"0.0.0.0:9090"}, WebConfigFile: named}, []string{"clear text", "tls_server_config:"}},
		"where the network is guarded":    {Config{ListenAddresses: []string{"0.0.0.0:9090"}, AllowUnauthenticated: true}, nil},
		"a file that is not there":        {Config{ListenAddresses: []string{"127.0.0.1:0"}, WebConfigFile: filepath.Join(dir, "gone.yml")}, []string{"gone.yml"}},
		"a file with an unknown key":      {Config{ListenAddresses: []string{"127.0.0.1:0"}, WebConfigFile: write("bad.yml", "tls_servr_config: {}\n")}, []string{"tls_servr_config"}},
		"an address without a port":       {Config{ListenAddresses: []string{"127.0.0.1"}}, []string{"127.0.0.1"}},
		"no address":                      {Config{}, []string{"--web.listen-address"}},
		"a password that is no hash":      {Config{ListenAddresses: []string{"127.0.0.1:0"}, WebConfigFile: write("plain.yml", usersHead+"secret\n")}, []string{"plain.yml"}},
		"a certificate that is not there": {Config{ListenAddresses: []string{"127.0.0.1:0"}, WebConfigFile: write("nocert.yml", strings.ReplaceAll(tlsLines, "server.crt", "gone.crt"))}, []string{"gone.crt"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := New(test.cfg, Deps{}, slog.New(slog.DiscardHandler), nil)
			if (err == nil) != (len(test.says) == 0) {
				t.Fatalf("error %v", err)
			}
			for _, want := range test.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error lacks %q:\n%v", want, err)
				}
			}
		})
	}
}

// The lines that a refusal prints are those that lift it.
func TestListenPolicyPrintsTheLinesToAdd(t *testing.T) {
	dir := t.TempDir()
	certificate(t, dir)
	_, err := New(Config{ListenAddresses: []string{"0.0.0.0:9090"}}, Deps{}, slog.New(slog.DiscardHandler), nil)
	var policy *ListenPolicyError
	if !errors.As(err, &policy) || policy.Address != "0.0.0.0:9090" {
		t.Fatalf("error %v", err)
	}
	_, rest, _ := strings.Cut(err.Error(), "web.yml:\n\n")
	lines, _, _ := strings.Cut(rest, "\nand start with")
	hash, err := bcrypt.GenerateFromPassword([]byte("x"), bcrypt.MinCost)
	must(t, err)
	path := filepath.Join(dir, "web.yml")
	var unindented []string
	for line := range strings.SplitSeq(lines, "\n") {
		unindented = append(unindented, strings.TrimPrefix(line, "  "))
	}
	content := strings.ReplaceAll(strings.Join(unindented, "\n"), "$2y$…", string(hash))
	must(t, os.WriteFile(path, []byte(content), 0o600))
	if _, err := New(Config{ListenAddresses: []string{"0.0.0.0:9090"}, WebConfigFile: path}, Deps{}, slog.New(slog.DiscardHandler), nil); err != nil {
		t.Errorf("with the printed lines:\n%s\n%v", content, err)
	}
}

func TestEncryptionAndUsers(t *testing.T) {
	dir := t.TempDir()
	roots := certificate(t, dir)
	file := filepath.Join(dir, "web.yml")
	must(t, os.WriteFile(file, []byte(tlsLines+userLines(t, "secret")), 0o600))
	s := startStack(t, stackConfig{server: Config{ListenAddresses: []string{"0.0.0.0:0"}, WebConfigFile: file}})
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.url, "http://"))
	must(t, err)
	s.url = "https://127.0.0.1:" + port
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	s.client.Transport = transport
	right := func(path string, header ...string) answer {
		return s.get(t, path, append([]string{"Authorization", basic("admin", "secret")}, header...)...)
	}

	for _, path := range []string{"/", "/metrics", "/api/v1/query?query=1", "/api/daymark/v1/status", "/api/daymark/v1/live", "/api/v2/status", "/assets/index-abc.js", "/-/", "/-/ready/x", "/-/healthy/"} {
		got := s.get(t, path)
		if got.status != http.StatusUnauthorized || got.header.Get("WWW-Authenticate") == "" || got.header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s without a user: status %d", path, got.status)
		}
	}
	for _, path := range []string{"/-/healthy", "/-/ready"} {
		if got := s.get(t, path, "Host", "10.0.0.1"); got.status != http.StatusOK {
			t.Errorf("%s without a user: status %d", path, got.status)
		}
	}
	if got := s.do(t, "POST", "/-/healthy", nil); got.status != http.StatusMethodNotAllowed {
		t.Errorf("POST to a probe: status %d", got.status)
	}
	if got := s.get(t, "/metrics", "Authorization", basic("admin", "wrong")); got.status != http.StatusUnauthorized {
		t.Errorf("wrong password: status %d", got.status)
	}
	if got := right("/metrics"); got.status != http.StatusOK {
		t.Errorf("right password: status %d", got.status)
	}
	if got := right("/metrics", "Host", "evil.example"); got.status != http.StatusForbidden {
		t.Errorf("right password, foreign host: status %d", got.status)
	}
	if got := right("/api/daymark/v1/status"); !strings.Contains(got.body, `"unauthenticated":false,"external_url":"https://localhost:`) {
		t.Errorf("status: %s", got.body)
	}
	if got := right("/"); !strings.Contains(got.header.Get("Content-Security-Policy"), "wss://127.0.0.1:"+port) {
		t.Errorf("page: %s", got.header.Get("Content-Security-Policy"))
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/-/healthy", nil)
	must(t, err)
	resp, err := s.client.Do(req)
	must(t, err)
	must(t, resp.Body.Close())
	if resp.ProtoMajor != 2 {
		t.Errorf("spoke %s", resp.Proto)
	}

	t.Run("websocket", func(t *testing.T) {
		dialer := websocket.Dialer{TLSClientConfig: &tls.Config{RootCAs: roots}, Subprotocols: []string{liveProtocol}}
		address := "wss://127.0.0.1:" + port + "/api/daymark/v1/live"
		_, refused, err := dialer.DialContext(t.Context(), address, nil)
		if err == nil || refused.StatusCode != http.StatusUnauthorized {
			t.Fatalf("without a user: %v", err)
		}
		conn, resp, err := dialer.DialContext(t.Context(), address, http.Header{"Authorization": {basic("admin", "secret")}, "Origin": {"https://127.0.0.1:" + port}})
		must(t, err)
		must(t, resp.Body.Close())
		must(t, conn.Close())
	})
	t.Run("no way around the encryption", func(t *testing.T) {
		for _, path := range []string{"/-/healthy", "/metrics"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:"+port+path, nil)
			must(t, err)
			resp, err := s.client.Do(req)
			must(t, err)
			must(t, resp.Body.Close())
			if resp.StatusCode != http.StatusBadRequest {
				t.Errorf("%s in clear text: status %d", path, resp.StatusCode)
			}
		}
		old := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MaxVersion: tls.VersionTLS11}}
		defer old.CloseIdleConnections()
		if resp, err := (&http.Client{Transport: old}).Get(s.url + "/-/healthy"); err == nil {
			must(t, resp.Body.Close())
			t.Error("TLS 1.1 is spoken")
		}
	})
	t.Run("the file changes while it runs", func(t *testing.T) {
		must(t, os.WriteFile(file, []byte(tlsLines+userLines(t, "another one")), 0o600))
		if got := right("/metrics"); got.status != http.StatusUnauthorized {
			t.Errorf("the old password: status %d", got.status)
		}
		if got := s.get(t, "/metrics", "Authorization", basic("admin", "another one")); got.status != http.StatusOK {
			t.Errorf("the new password: status %d", got.status)
		}
		must(t, os.WriteFile(file, []byte(tlsLines), 0o600))
		if got := s.get(t, "/metrics"); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "no longer asks") {
			t.Errorf("without users: status %d: %s", got.status, got.body)
		}
		if got := s.get(t, "/-/healthy"); got.status != http.StatusOK {
			t.Errorf("probe: status %d", got.status)
		}
	})
}

func TestUnauthenticatedIsTold(t *testing.T) {
	s := startStack(t, stackConfig{server: Config{ListenAddresses: []string{"0.0.0.0:0"}, AllowUnauthenticated: true}})
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.url, "http://"))
	must(t, err)
	s.url = "http://127.0.0.1:" + port
	if got := s.get(t, "/api/daymark/v1/status"); !strings.Contains(got.body, `"unauthenticated":true`) {
		t.Errorf("status: %s", got.body)
	}
}

// Users on loopback: the file alone decides, there is no policy to keep.
func TestUsersOnLoopback(t *testing.T) {
	file := filepath.Join(t.TempDir(), "web.yml")
	must(t, os.WriteFile(file, []byte(userLines(t, "secret")), 0o600))
	s := startStack(t, stackConfig{server: Config{WebConfigFile: file}})
	if got := s.get(t, "/metrics"); got.status != http.StatusUnauthorized {
		t.Errorf("without a user: status %d", got.status)
	}
	if got := s.get(t, "/metrics", "Authorization", basic("admin", "secret")); got.status != http.StatusOK {
		t.Errorf("with a user: status %d", got.status)
	}
	if got := s.get(t, "/-/ready"); got.status != http.StatusOK {
		t.Errorf("probe: status %d", got.status)
	}
}

func basic(user, password string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	return r.Header.Get("Authorization")
}
