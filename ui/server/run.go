package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"github.com/prometheus/prometheus/util/netconnlimit"
	"github.com/prometheus/prometheus/util/notifications"
	"golang.org/x/sync/errgroup"
)

const (
	// Requests that are under way get this long to end when the server stops.
	drainTime = 8 * time.Second
	// Then their contexts are done, and they get this long to notice.
	noticeTime = 30 * time.Second
)

// Listen opens the listen addresses and returns the first, with the port that
// was picked where 0 was asked for. It is called once, before Run, which
// closes what Listen has opened; connections wait until then.
func (s *Server) Listen() (addr string, err error) {
	defer func() {
		if err != nil {
			s.closeListeners()
		}
	}()
	slots := netconnlimit.NewSharedSemaphore(s.cfg.MaxConnections)
	var addrs []net.Addr
	for _, address := range s.cfg.ListenAddresses {
		listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", address)
		if err != nil {
			if errors.Is(err, syscall.EADDRINUSE) {
				return "", fmt.Errorf("another program listens on %s: choose another address with --web.listen-address", address)
			}
			return "", fmt.Errorf("listen on %s: %w", address, err)
		}
		s.listeners = append(s.listeners, netconnlimit.SharedLimitListener(listener, slots))
		addrs = append(addrs, listener.Addr())
		// A name may have led elsewhere when New looked it up.
		if tcp, ok := listener.Addr().(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
			if err := checkListenPolicy(s.cfg, address, s.guarded); err != nil {
				return "", err
			}
			s.exposed = address
		}
	}
	s.external = s.externalURL(addrs[0])
	if err := s.setAccess(s.cfg); err != nil {
		return "", err
	}
	routes := s.handler()
	if s.gate, err = newGate(s.cfg.WebConfigFile, s.guarded.tls, addrs[0], routes, s.log); err != nil {
		return "", err
	}
	door := s.gate.handler
	if s.exposed != "" && !s.cfg.AllowUnauthenticated {
		door = stillGuarded(s.cfg.WebConfigFile, door)
	}
	s.root = s.secure(door, routes)
	return addrs[0].String(), nil
}

// URL is where people reach the server, ending in a slash; known after Listen.
func (s *Server) URL() string { return s.external }

// Ports are the TCP ports it listens on; none before Listen.
func (s *Server) Ports() (ports []int) {
	for _, listener := range s.listeners {
		if tcp, ok := listener.Addr().(*net.TCPAddr); ok {
			ports = append(ports, tcp.Port)
		}
	}
	return ports
}

// externalURL is the configured one, or the first listener as seen from this
// machine.
func (s *Server) externalURL(addr net.Addr) string {
	u := url.URL{Scheme: "http", Path: s.cfg.RoutePrefix}
	if s.guarded.tls {
		u.Scheme = "https"
	}
	host, port, _ := net.SplitHostPort(addr.String()) // comes from a listener
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	u.Host = net.JoinHostPort(host, port)
	if given := s.cfg.ExternalURL; given != nil {
		u.Path = given.Path
		// A port of 0 was written before anyone knew the real one.
		if given.Host != "" && given.Port() != "0" {
			u.Scheme, u.Host = given.Scheme, given.Host
		}
	}
	return u.JoinPath("/").String()
}

// basePath is the path of the external URL, ending in a slash.
func (s *Server) basePath() string {
	u, _ := url.Parse(s.external) // made from a URL
	return u.EscapedPath()
}

// externalSocket is the origin of websockets at the external URL.
func (s *Server) externalSocket() string {
	u, _ := url.Parse(s.external) // made from a URL
	if u.Scheme == "https" {
		return "wss://" + u.Host
	}
	return "ws://" + u.Host
}

// setAccess replaces the list of hosts and origins by that of cfg.
func (s *Server) setAccess(cfg Config) error {
	var addrs []net.Addr
	for _, listener := range s.listeners {
		addrs = append(addrs, listener.Addr())
	}
	external, _ := url.Parse(s.external) // made from a URL
	hosts, err := newHostList(addrs, s.cfg.ListenAddresses, external, s.guarded.tls, cfg.AllowedHosts)
	if err != nil {
		return err
	}
	protection := http.NewCrossOriginProtection()
	for origin := range hosts.origins {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			return fmt.Errorf("trust pages of %q: %w", origin, err)
		}
	}
	s.access.Store(&accessList{hosts: hosts, crossOrigin: protection})
	return nil
}

// Apply takes over the allowed hosts of cfg. Everything else about the server
// comes from flags and stays as it is until the next start.
func (s *Server) Apply(cfg Config) error {
	if s.access.Load() == nil {
		s.cfg.AllowedHosts = cfg.AllowedHosts
		return nil
	}
	return s.setAccess(cfg)
}

// Run serves until ctx is done. Then websockets are told and closed, and
// requests under way may end; after eight seconds what is left is cut off, and
// Run returns when its handlers have, so that storage can be closed.
func (s *Server) Run(ctx context.Context) error {
	if s.root == nil {
		if _, err := s.Listen(); err != nil {
			return err
		}
	}
	server := &http.Server{
		Handler:           s.requests.count(s.root),
		ReadHeaderTimeout: min(s.cfg.Limits.HeaderTimeout, s.cfg.ReadTimeout),
		ReadTimeout:       s.cfg.ReadTimeout,
		MaxHeaderBytes:    s.cfg.Limits.HeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug), // broken handshakes and the like: the peer's affair
	}
	if s.gate.tls != nil {
		server.TLSConfig = s.gate.tls
		if !s.gate.http2 {
			server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var work errgroup.Group
	for _, listener := range s.listeners {
		work.Go(func() error {
			defer cancel() // one listener that fails ends them all
			err := serveOn(server, listener)
			if errors.Is(err, http.ErrServerClosed) {
				return nil
			}
			return fmt.Errorf("serve on %s: %w", listener.Addr(), err)
		})
	}
	work.Go(func() error { return s.announceLoading(ctx) })
	work.Go(func() error { return s.board.run(s.stopping) })
	work.Go(func() error {
		<-ctx.Done()
		return s.shutdown(server)
	})
	return work.Wait()
}

func serveOn(server *http.Server, listener net.Listener) error {
	if server.TLSConfig != nil {
		return server.ServeTLS(listener, "", "")
	}
	return server.Serve(listener)
}

// announceLoading keeps the notification that history is loading.
func (s *Server) announceLoading(ctx context.Context) error {
	if s.loading() == nil {
		return nil
	}
	const text = "Daymark is starting and loading its history."
	s.deps.Notifications.AddNotification(text)
	defer s.deps.Notifications.DeleteNotification(text)
	select {
	case <-s.deps.Series.Ready():
	case <-ctx.Done():
	}
	return nil
}

// shutdown ends everything: what would go on for ever at once, then what will
// end by itself, then the rest.
func (s *Server) shutdown(server *http.Server) error {
	s.deps.Notifications.AddNotification(notifications.ShuttingDown)
	s.stop()
	ctx, cancel := context.WithTimeout(context.Background(), s.drain)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("requests cut off at the stop", "waited", s.drain)
		err = server.Close()
	}
	s.viewers.wait()
	ctx, cancel = context.WithTimeout(context.Background(), noticeTime)
	defer cancel()
	if left := s.requests.drained(ctx); left > 0 {
		s.log.Error("requests that do not end are left behind", "requests", left, "waited", noticeTime)
	}
	return err
}

func (s *Server) closeListeners() {
	for _, listener := range s.listeners {
		_ = listener.Close() // another error is under way
	}
	s.listeners = nil
}

// untilStop returns a context that ends with parent or when the server stops.
func (s *Server) untilStop(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	release := context.AfterFunc(s.stopping, cancel)
	return ctx, func() { release(); cancel() }
}
