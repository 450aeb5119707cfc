package server

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v2"
)

// accessFile is what the listen policy needs of a --web.config.file.
type accessFile struct {
	tls   bool // every connection is encrypted
	users bool // every request names a user, or every connection shows a certificate
}

// readAccessFile reads a --web.config.file; "" says nothing of either.
func readAccessFile(path string) (accessFile, error) {
	if path == "" {
		return accessFile{}, nil
	}
	if err := web.Validate(path); err != nil {
		return accessFile{}, fmt.Errorf("web configuration %s: %w", path, err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return accessFile{}, fmt.Errorf("web configuration: %w", err)
	}
	var file web.Config
	if err := yaml.UnmarshalStrict(content, &file); err != nil {
		return accessFile{}, fmt.Errorf("web configuration %s: %w", path, err)
	}
	file.TLSConfig.SetDirectory(filepath.Dir(path))
	return accessFile{
		tls:   file.TLSConfig.IsEnabled(),
		users: len(file.Users) > 0 || file.TLSConfig.ClientAuth == "RequireAndVerifyClientCert",
	}, nil
}

// exposed returns the first of the addresses that others than this machine
// can reach, "" if none is. A name that does not resolve counts as reachable.
func exposed(ctx context.Context, addresses []string) (string, error) {
	for _, address := range addresses {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return "", fmt.Errorf("listen address %q: %w", address, err)
		}
		if !loopback(ctx, host) {
			return address, nil
		}
	}
	return "", nil
}

func loopback(ctx context.Context, host string) bool {
	if host == "" {
		return false
	}
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	found, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil || len(found) == 0 {
		return false
	}
	for _, addr := range found {
		if !addr.IP.IsLoopback() {
			return false
		}
	}
	return true
}

// checkListenPolicy refuses an address that others can reach unless the web
// configuration asks for TLS and users, or the operator says that the network
// is guarded. The error holds the exact lines to add.
func checkListenPolicy(cfg Config, address string, access accessFile) error {
	if address == "" || cfg.AllowUnauthenticated || (access.tls && access.users) {
		return nil
	}
	file := cmp.Or(cfg.WebConfigFile, "web.yml")
	var b strings.Builder
	fmt.Fprintf(&b, "others can reach %s, and ", address)
	switch {
	case access.users:
		b.WriteString("passwords would cross the network in clear text")
	case access.tls:
		b.WriteString("nobody is asked who they are")
	default:
		b.WriteString("nobody is asked who they are, nor is anything encrypted")
	}
	fmt.Fprintf(&b, ".\n\nTo listen there, add to %s:\n\n", file)
	if !access.tls {
		b.WriteString("  tls_server_config:\n    cert_file: server.crt\n    key_file: server.key\n")
	}
	if !access.users {
		b.WriteString("  basic_auth_users:\n    admin: $2y$…   # the output of: htpasswd -nBC 12 admin, without \"admin:\"\n")
	}
	fmt.Fprintf(&b, "\nand start with\n\n  --web.listen-address=%s --web.config.file=%s\n", address, file)
	fmt.Fprintf(&b, "\nOn a network that others guard (a mesh, a cluster's policy), start with\n\n  --web.listen-address=%s --web.allow-unauthenticated\n", address)
	if _, port, err := net.SplitHostPort(address); err == nil {
		fmt.Fprintf(&b, "\nTo serve this machine alone, start with\n\n  --web.listen-address=%s", net.JoinHostPort("127.0.0.1", port))
	}
	return &ListenPolicyError{Address: address, message: b.String()}
}

// ListenPolicyError says that an address which others can reach asks nobody
// who they are, and which lines would change that. Its text has several lines.
type ListenPolicyError struct {
	Address string
	message string
}

// Error returns the explanation and the lines to add.
func (e *ListenPolicyError) Error() string { return e.message }
