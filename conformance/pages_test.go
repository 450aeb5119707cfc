package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// pages receives notifications of any kind of receiver and keeps them.
type pages struct {
	*httptest.Server
	mu  sync.Mutex
	got []page
}

// page is one notification: to where, about which group, and all of it.
type page struct {
	path, group string
	said        map[string]any
}

func startPages(t *testing.T) *pages {
	t.Helper()
	p := &pages{}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	body := readPage(content)
	if r.URL.Path == "/hand/Endless" {
		without("startsAt", "endsAt")(body) // of an alert without times: those of its arrival
	}
	group := fmt.Sprint(body["groupKey"], body["alias"], body["dedup_key"], body["entity_id"])
	p.got = append(p.got, page{r.URL.Path, group, map[string]any{
		"method": r.Method, "query": r.URL.RawQuery, "body": body,
		"agent": r.UserAgent(), "type": r.Header.Get("Content-Type"), "authorization": r.Header.Get("Authorization"), "own": r.Header.Get("X-Own"),
	}})
	switch {
	case strings.HasPrefix(r.URL.Path, "/chat"):
		_, _ = io.WriteString(w, "ok")
	case strings.HasPrefix(r.URL.Path, "/pager"):
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"status":"success","message":"Event processed"}`)
	case strings.HasPrefix(r.URL.Path, "/flaky") && p.count(r.URL.Path) < 3:
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		_, _ = io.WriteString(w, `{"success":true,"ok":true,"result":{"message_id":1,"chat":{"id":7}}}`)
	}
}

// count is how many have come to that path; the caller holds the lock.
func (p *pages) count(path string) (n int) {
	for _, got := range p.got {
		if got.path == path {
			n++
		}
	}
	return n
}

// readPage reads a body in JSON or of a form. Alerts have no order.
func readPage(content []byte) map[string]any {
	body := map[string]any{}
	if json.Unmarshal(content, &body) != nil {
		body["text"] = string(content)
		if form, err := url.ParseQuery(string(content)); err == nil {
			body["form"] = form
		}
	}
	if list, ok := body["alerts"].([]any); ok {
		sortByText(list)
	}
	return body
}

// all is what has come, for each path and group in the order in which it came.
// Of what comes for ever the beginning counts.
func (p *pages) all() map[string][]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[string][]any{}
	for _, got := range p.got {
		key := got.path + " " + got.group
		if got.path == "/repeat" && len(all[key]) == 3 {
			continue
		}
		all[key] = append(all[key], got.said)
	}
	return all
}

// told tells that at least n pages to that path name all of these words.
func (p *pages) told(path string, n int, words ...string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := 0
	for _, got := range p.got {
		text := fmt.Sprint(got.said["body"])
		if got.path == path && !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) }) {
			found++
		}
	}
	return found >= n
}
