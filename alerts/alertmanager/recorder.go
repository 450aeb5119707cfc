package alertmanager

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"

	commoncfg "github.com/prometheus/common/config"
)

// recorder stands between a notifier and its service while a test runs, all
// inside this process. The notifiers keep their clients to themselves and tell
// of a reply only what they make of it; the one thing that they let us choose
// is how to dial. So they dial the recorder, which sends each request on as the
// configuration says (proxy, TLS, credentials, redirects) and keeps the reply.
type recorder struct {
	client *http.Client // as the configuration has it
	server *http.Server
	served chan struct{}
	conns  chan net.Conn
	done   chan struct{}
	tls    *tls.Config // of the recorder as a server

	mu    sync.Mutex
	reply reply
}

// reply is what the service answered to the last request.
type reply struct {
	status int    // 0 without one
	body   string // its first bytes
	err    error  // why there is none
}

// mostForwarded bounds a request or a reply on its way through the recorder.
const mostForwarded = 8 << 20

func newRecorder(conf commoncfg.HTTPClientConfig, name string) (*recorder, error) {
	client, err := commoncfg.NewClientFromConfig(conf, name, commoncfg.WithKeepAlivesDisabled())
	if err != nil {
		return nil, err
	}
	own, err := ownCertificate()
	if err != nil {
		return nil, err
	}
	r := &recorder{client: client, served: make(chan struct{}), conns: make(chan net.Conn), done: make(chan struct{}), tls: own}
	r.server = &http.Server{Handler: http.HandlerFunc(r.forward), ReadHeaderTimeout: trialTimeout, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	go func() {
		defer close(r.served)
		_ = r.server.Serve(r) // ends with close, and says so
	}()
	return r, nil
}

// options make a notifier's client dial the recorder. Its TLS ends here, in
// memory; the way from here on is checked as the configuration says.
func (r *recorder) options() []commoncfg.HTTPClientOption {
	return []commoncfg.HTTPClientOption{
		commoncfg.WithDialContextFunc(r.dial),
		commoncfg.WithNewTLSConfigFunc(func(context.Context, *commoncfg.TLSConfig, ...commoncfg.TLSConfigOption) (*tls.Config, error) {
			return &tls.Config{InsecureSkipVerify: true}, nil //nolint:gosec // the peer is this very process
		}),
		commoncfg.WithHTTP2Disabled(),
		commoncfg.WithKeepAlivesDisabled(),
	}
}

func (r *recorder) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case r.conns <- server:
		return client, nil
	case <-r.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept waits for the next dial; part of net.Listener. Whether the client
// speaks TLS shows in its first byte.
func (r *recorder) Accept() (net.Conn, error) {
	select {
	case c := <-r.conns:
		return &sniffed{Conn: c, tls: r.tls}, nil
	case <-r.done:
		return nil, net.ErrClosed
	}
}

// Close ends every dial and Accept; part of net.Listener.
func (r *recorder) Close() error {
	close(r.done)
	return nil
}

// Addr is part of net.Listener.
func (r *recorder) Addr() net.Addr { return &net.IPAddr{IP: net.IPv6loopback} }

// close ends the recorder and waits for it.
func (r *recorder) close() {
	_ = r.server.Close()
	<-r.served
	r.client.CloseIdleConnections()
}

// forward sends a request of the notifier on, and the reply back.
func (r *recorder) forward(w http.ResponseWriter, in *http.Request) {
	status, body, header, err := r.send(in)
	kept := reply{status: status, body: string(body[:min(len(body), answerLimit)]), err: err}
	r.mu.Lock()
	r.reply = kept
	r.mu.Unlock()
	if err != nil {
		http.Error(w, "no answer", http.StatusBadGateway)
		return
	}
	for _, name := range []string{"Content-Type", "Location", "Retry-After"} {
		if v := header.Get(name); v != "" {
			w.Header().Set(name, v)
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a notifier that has given up is no error
}

func (r *recorder) send(in *http.Request) (status int, body []byte, header http.Header, err error) {
	content, err := io.ReadAll(io.LimitReader(in.Body, mostForwarded))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("read the notification: %w", err)
	}
	address := *in.URL
	address.Scheme, address.Host = "http", in.Host
	if s, ok := in.Context().Value(http.LocalAddrContextKey).(sniffedAddr); ok && s.encrypted() {
		address.Scheme = "https"
	}
	out, err := http.NewRequestWithContext(in.Context(), in.Method, address.String(), bytes.NewReader(content))
	if err != nil {
		return 0, nil, nil, err
	}
	out.Header = in.Header.Clone()
	out.Header.Del("Connection")
	out.Header.Del("Accept-Encoding") // the client asks for what it can undo
	resp, err := r.client.Do(out)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, mostForwarded))
	return resp.StatusCode, body, resp.Header, err
}

// last is the newest reply.
func (r *recorder) last() reply {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reply
}

// sniffed is a connection that turns into TLS where the client begins so.
type sniffed struct {
	net.Conn
	tls   *tls.Config
	once  sync.Once
	inner net.Conn
	err   error

	mu        sync.Mutex
	encrypted bool
}

// sniffedAddr is the local address of such a connection: all that a handler
// gets to know of it.
type sniffedAddr struct{ conn *sniffed }

func (a sniffedAddr) Network() string { return "memory" }
func (a sniffedAddr) String() string  { return "recorder" }

func (a sniffedAddr) encrypted() bool {
	a.conn.mu.Lock()
	defer a.conn.mu.Unlock()
	return a.conn.encrypted
}

// LocalAddr identifies the connection.
func (s *sniffed) LocalAddr() net.Addr { return sniffedAddr{s} }

func (s *sniffed) Read(p []byte) (int, error) {
	s.once.Do(s.decide)
	if s.err != nil {
		return 0, s.err
	}
	return s.inner.Read(p)
}

func (s *sniffed) Write(p []byte) (int, error) {
	s.once.Do(s.decide)
	if s.err != nil {
		return 0, s.err
	}
	return s.inner.Write(p)
}

// decide reads the first byte: 22 begins the handshake of TLS, and no method
// of HTTP.
func (s *sniffed) decide() {
	buffered := bufio.NewReader(s.Conn)
	first, err := buffered.Peek(1)
	if err != nil {
		s.err = err
		return
	}
	s.inner = peeked{s.Conn, buffered}
	if first[0] != 22 {
		return
	}
	s.mu.Lock()
	s.encrypted = true
	s.mu.Unlock()
	s.inner = tls.Server(s.inner, s.tls)
}

// peeked is a connection of which a reader has a part already.
type peeked struct {
	net.Conn
	reader *bufio.Reader
}

func (p peeked) Read(b []byte) (int, error) { return p.reader.Read(b) }

// ownCertificate makes a certificate that lives as long as a test.
func ownCertificate() (*tls.Config, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("key of the recorder: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), DNSNames: []string{"recorder.invalid"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, errors.Join(errors.New("certificate of the recorder"), err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, nil
}
