package server

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// hostList is the exact list of hosts that the server answers to, and of the
// origins that its pages have. It is what keeps a foreign page that has bound
// its own name to our address (DNS rebinding) from reading anything.
type hostList struct {
	hosts   map[string]bool // as the Host header spells them, lower case
	origins map[string]bool // scheme://host[:port], as browsers spell them
}

// newHostList collects the hosts of the listeners, of the external URL and of
// the configuration.
func newHostList(listeners []net.Addr, addresses []string, external *url.URL, tls bool, extra []string) (*hostList, error) {
	list := &hostList{hosts: map[string]bool{}, origins: map[string]bool{}}
	scheme := "http"
	if tls {
		scheme = "https"
	}
	ports := map[string]bool{}
	for i, listener := range listeners {
		_, port, err := net.SplitHostPort(listener.String())
		if err != nil {
			return nil, fmt.Errorf("listen address %q: %w", listener, err)
		}
		ports[port] = true
		list.add(scheme, listener.String())
		if host, _, err := net.SplitHostPort(addresses[i]); err == nil && host != "" {
			list.add(scheme, net.JoinHostPort(host, port))
		}
		if reachesLoopback(listener) {
			for _, host := range []string{"localhost", "127.0.0.1", "::1"} {
				list.add(scheme, net.JoinHostPort(host, port))
			}
		}
	}
	if external != nil && external.Host != "" {
		list.add(external.Scheme, external.Host)
	}
	for _, entry := range extra {
		if err := list.addConfigured(entry, scheme, ports); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// addConfigured adds an entry of the configuration: scheme://host[:port],
// host:port, or a bare host, which stands for the default ports and for those
// that the server listens on. Without a scheme the server's own one is meant,
// and https, which a proxy in front may add.
func (l *hostList) addConfigured(entry, scheme string, ports map[string]bool) error {
	schemes := []string{scheme, "https"}
	host := entry
	if before, after, found := strings.Cut(entry, "://"); found {
		schemes, host = []string{before}, after
	}
	u, err := url.Parse("http://" + host)
	if err != nil || u.Host != host || u.Hostname() == "" || strings.Contains(host, "*") {
		return fmt.Errorf("allowed host %q: want host, host:port or scheme://host:port, without wildcards", entry)
	}
	for _, scheme := range schemes {
		list := []string{host}
		if u.Port() == "" && !strings.Contains(entry, "://") {
			for port := range ports {
				list = append(list, net.JoinHostPort(u.Hostname(), port))
			}
		}
		for _, hostport := range list {
			l.add(scheme, hostport)
		}
	}
	return nil
}

// add accepts hostport, and the page origin that goes with it. Where the port
// is the scheme's default, both spellings of the host are accepted.
func (l *hostList) add(scheme, hostport string) {
	scheme, hostport = strings.ToLower(scheme), strings.ToLower(hostport)
	defaultPort := map[string]string{"http": ":80", "https": ":443"}[scheme]
	bare := strings.TrimSuffix(hostport, defaultPort)
	l.hosts[hostport] = true
	l.origins[scheme+"://"+bare] = true
	if (&url.URL{Host: bare}).Port() == "" {
		l.hosts[bare], l.hosts[bare+defaultPort] = true, true
	}
}

// answers reports whether the server answers to the request's Host: one of
// the list, or the very address that the connection came in on, which no
// rebound name can be.
func (l *hostList) answers(r *http.Request) bool {
	host := strings.ToLower(r.Host)
	if l.hosts[host] {
		return true
	}
	asked, err := netip.ParseAddrPort(host)
	if err != nil {
		return false
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok {
		return false
	}
	reached := local.AddrPort()
	return netip.AddrPortFrom(asked.Addr().Unmap(), asked.Port()) == netip.AddrPortFrom(reached.Addr().Unmap(), reached.Port())
}

// trusts reports whether a page of origin may use the server: one of the
// list's pages, or one that was loaded from the host that the request names.
// It is asked after answers.
func (l *hostList) trusts(origin string, r *http.Request) bool {
	origin = strings.ToLower(origin)
	if l.origins[origin] {
		return true
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	// A listed host may have other ports or schemes than the page that names
	// it, so only an unlisted one, an address reached directly, counts here.
	host := strings.ToLower(r.Host)
	return !l.hosts[host] && origin == scheme+host
}

// reachesLoopback reports whether a listener takes connections to 127.0.0.1
// or ::1.
func reachesLoopback(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return !ok || tcp.IP == nil || tcp.IP.IsUnspecified() || tcp.IP.IsLoopback()
}
