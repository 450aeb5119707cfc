package server

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/prometheus/exporter-toolkit/web"
)

// gate is exporter-toolkit's door: TLS and basic authentication as a
// --web.config.file asks for them, both read again as the file changes.
type gate struct {
	handler http.Handler // asks for a user, then serves
	tls     *tls.Config  // nil for plain text
	http2   bool
}

// newGate puts the door that the file at path describes before inner; without
// a file it stands open.
//
// exporter-toolkit knows no exceptions from authentication, and the probes
// need one. So it is given a server whose listener is closed: it sets that
// server up and returns, and handler and TLS are taken from there, unchanged.
func newGate(path string, encrypted bool, addr net.Addr, inner http.Handler, log *slog.Logger) (gate, error) {
	if path == "" {
		return gate{handler: inner}, nil
	}
	server := &http.Server{Handler: inner}
	err := web.Serve(closedListener{addr}, server, &web.FlagConfig{WebConfigFile: &path}, log)
	if !errors.Is(err, net.ErrClosed) {
		return gate{}, fmt.Errorf("web configuration %s: %w", path, err)
	}
	g := gate{handler: server.Handler}
	if encrypted { // net/http fills TLSConfig in for plain text, too
		g.tls, g.http2 = server.TLSConfig, server.TLSNextProto["h2"] != nil
	}
	return g, nil
}

// closedListener is a listener that nobody can connect to.
type closedListener struct{ addr net.Addr }

func (l closedListener) Accept() (net.Conn, error) { return nil, net.ErrClosed }
func (l closedListener) Close() error              { return nil }
func (l closedListener) Addr() net.Addr            { return l.addr }

// stillGuarded refuses every request once the web configuration no longer
// asks for what the listen policy demanded at the start: the file is read
// again while we run, and an edit must not open the door.
func stillGuarded(path string, next http.Handler) http.Handler {
	var (
		mu      sync.Mutex
		seen    os.FileInfo
		guarded bool
	)
	ok := func() bool {
		info, err := os.Stat(path)
		if err != nil {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		if seen == nil || !info.ModTime().Equal(seen.ModTime()) || info.Size() != seen.Size() {
			access, err := readAccessFile(path)
			seen, guarded = info, err == nil && access.tls && access.users
		}
		return guarded
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ok() {
			writeError(w, r, &requestError{kind: kindUnavailable, message: fmt.Sprintf("%s no longer asks for TLS and users, which this listen address needs", path)})
			return
		}
		next.ServeHTTP(w, r)
	})
}
