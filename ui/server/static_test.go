package server

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func TestPageCarriesANonceOfItsOwn(t *testing.T) {
	s := startStack(t, stackConfig{server: Config{ExternalURL: &url.URL{Scheme: "https", Host: "x.example", Path: `/a"b/`}, RoutePrefix: "/"}})
	nonces := map[string]bool{}
	for _, path := range []string{"/", "/alerts", "/graph?g0.expr=up", "/index.html", "/dashboards/a/b"} {
		got := s.get(t, path)
		if got.status != http.StatusOK || got.header.Get("Content-Type") != "text/html; charset=utf-8" || got.header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%s: status %d, %v", path, got.status, got.header)
		}
		found := regexp.MustCompile(`<script nonce="([^"]+)">`).FindStringSubmatch(got.body)
		if found == nil {
			t.Fatalf("%s: no nonce in %s", path, got.body)
		}
		policy := got.header.Get("Content-Security-Policy")
		for _, want := range []string{
			"script-src 'self' 'nonce-" + found[1] + "'", "style-src 'self' 'nonce-" + found[1] + "'", "default-src 'none'",
			"connect-src 'self' ws://127.0.0.1:", "wss://x.example", "frame-ancestors 'none'", "base-uri 'self'",
		} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy lacks %q: %s", path, want, policy)
			}
		}
		if nonces[found[1]] {
			t.Errorf("%s: nonce %s was used before", path, found[1])
		}
		nonces[found[1]] = true
		if !strings.Contains(got.body, `<base href="/a%22b/">`) || strings.Contains(got.body, "{{") {
			t.Errorf("%s: tokens: %s", path, got.body)
		}
		if !strings.Contains(got.body, `content="`+s.files.build+`"`) {
			t.Errorf("%s: no build: %s", path, got.body)
		}
	}
	if got := s.do(t, http.MethodHead, "/alerts", nil); got.status != 200 || got.body != "" {
		t.Errorf("HEAD: status %d, body %q", got.status, got.body)
	}
}

func TestAssets(t *testing.T) {
	s := startStack(t, stackConfig{server: Config{RoutePrefix: "/day/mark/"}})
	script := s.get(t, "/assets/index-abc.js", "Accept-Encoding", "br, gzip")
	if script.header.Get("Content-Encoding") != "gzip" || script.header.Get("Content-Type") != "text/javascript; charset=utf-8" ||
		script.header.Get("Cache-Control") != "public, max-age=31536000, immutable" || script.header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("headers: %v", script.header)
	}
	reader, err := gzip.NewReader(strings.NewReader(script.body))
	must(t, err)
	content, err := io.ReadAll(reader)
	must(t, err)
	want := string(testUI()["assets/index-abc.js"].Data)
	if string(content) != want {
		t.Error("the compressed script differs")
	}
	plain := s.get(t, "/assets/index-abc.js", "Accept-Encoding", "gzip;q=0")
	if plain.body != want || plain.header.Get("Content-Encoding") != "" {
		t.Errorf("plain: %v", plain.header)
	}
	if plain.header.Get("ETag") == script.header.Get("ETag") {
		t.Error("both forms have the same tag")
	}
	if got := s.get(t, "/assets/index-abc.js", "Accept-Encoding", "identity", "If-None-Match", plain.header.Get("ETag")); got.status != http.StatusNotModified {
		t.Errorf("known already: status %d", got.status)
	}
	if got := s.get(t, "/favicon.svg"); got.header.Get("Content-Type") != "image/svg+xml" || got.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("icon: %v", got.header)
	}
	if got := s.get(t, "/assets/Inter-abc.woff2", "Accept-Encoding", "gzip"); got.header.Get("Content-Encoding") != "" || got.header.Get("Content-Type") != "font/woff2" {
		t.Errorf("font: %v", got.header)
	}
}

func TestNothingOutsideOfThePagesIsServed(t *testing.T) {
	s := startStack(t, stackConfig{})
	for _, path := range []string{
		"/../static.go", "/assets/../../static.go", "/assets/..%2f..%2fstatic.go", "/%2e%2e/%2e%2e/etc/passwd",
		"/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/..%5c..%5cwindows/win.ini", "//etc/passwd", "/assets/", "/assets",
	} {
		// The client would tidy the path up.
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url, nil)
		must(t, err)
		req.URL.Opaque = path
		resp, err := s.client.Do(req)
		must(t, err)
		body, err := io.ReadAll(resp.Body)
		must(t, err)
		must(t, resp.Body.Close())
		page := strings.HasPrefix(string(body), "<!doctype html>")
		if resp.StatusCode == http.StatusOK && !page || strings.Contains(string(body), "root:") || strings.Contains(string(body), "package server") {
			t.Errorf("%s: status %d: %.80s", path, resp.StatusCode, body)
		}
	}
}

func TestRoutePrefix(t *testing.T) {
	s := startStack(t, stackConfig{server: Config{ExternalURL: &url.URL{Scheme: "http", Host: "127.0.0.1:0", Path: "/day/mark"}}})
	root := strings.TrimSuffix(s.url, "/day/mark")
	if root == s.url {
		t.Fatalf("the prefix is not that of the external URL: %s", s.url)
	}
	for path, want := range map[string]int{"/": 302, "/day/mark": 307, "/metrics": 404, "/-/healthy": 404, "/api/v1/query?query=1": 404, "/other": 404} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, root+path, nil)
		must(t, err)
		resp, err := s.client.Do(req)
		must(t, err)
		must(t, resp.Body.Close())
		if resp.StatusCode != want {
			t.Errorf("%s: status %d, want %d", path, resp.StatusCode, want)
		}
		if location := resp.Header.Get("Location"); want < 400 && location != "/day/mark/" {
			t.Errorf("%s: leads to %q", path, location)
		}
	}
	for _, path := range []string{"/", "/-/healthy", "/-/ready", "/metrics", "/federate?match[]=up", "/api/v1/query?query=1", "/api/v1/label/job/values", "/api/v2/silences", "/api/daymark/v1/status", "/assets/index-abc.css"} {
		if got := s.get(t, path); got.status != http.StatusOK {
			t.Errorf("%s: status %d: %s", path, got.status, got.body)
		}
	}
	if got := s.get(t, "/"); !strings.Contains(got.body, `<base href="/day/mark/">`) {
		t.Errorf("base: %s", got.body)
	}
}

func TestBuildNamesTheFiles(t *testing.T) {
	build := func(files fstest.MapFS) string {
		p, err := newPages(files)
		must(t, err)
		return p.build
	}
	one := build(fstest.MapFS{"a": {Data: []byte("1")}, "b": {Data: []byte("2")}})
	if one != build(fstest.MapFS{"b": {Data: []byte("2")}, "a": {Data: []byte("1")}}) {
		t.Error("the same files have two names")
	}
	for name, files := range map[string]fstest.MapFS{
		"other content": {"a": {Data: []byte("1")}, "b": {Data: []byte("3")}},
		"other name":    {"a": {Data: []byte("1")}, "c": {Data: []byte("2")}},
		"moved border":  {"a": {Data: []byte("1b2")}},
	} {
		if build(files) == one {
			t.Errorf("%s: the same name", name)
		}
	}
}
