package collector_test

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/miekg/dns"
	"golang.org/x/sys/unix"
)

const (
	dnsServer    = "127.0.0.153"
	dnsRoot      = "DAYMARK_TEST_DNS_ROOT"      // set in the process that sees another /etc/resolv.conf
	dnsNamespace = "DAYMARK_TEST_DNS_NAMESPACE" // set where it has a network of its own
)

// TestDNSDiscovery lets the discovery ask a real DNS server. The discovery
// reads /etc/resolv.conf and nothing else, so that the test runs again in a
// process of its own that has another one: root changes its root directory,
// anybody else gets a user namespace to do it in.
func TestDNSDiscovery(t *testing.T) {
	if root := os.Getenv(dnsRoot); root != "" {
		testDNSDiscovery(t, root)
		return
	}
	root := t.TempDir()
	for name, text := range map[string]string{"etc/resolv.conf": "nameserver " + dnsServer + "\noptions attempts:1 timeout:1\n", "tmp/unused": ""} {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDNSDiscovery$", "-test.v", "-test.timeout=1m")
	child.Env = append(os.Environ(), dnsRoot+"="+root, "TMPDIR=/tmp")
	if os.Getuid() != 0 {
		child.Env = append(child.Env, dnsNamespace+"=1")
		child.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		}
	}
	var output bytes.Buffer
	child.Stdout, child.Stderr = &output, &output
	if err := child.Run(); err != nil || !strings.Contains(output.String(), "--- PASS: TestDNSDiscovery") {
		t.Errorf("%v (needs root, or user namespaces)\n%s", err, &output)
	}
}

func testDNSDiscovery(t *testing.T, root string) {
	if os.Getenv(dnsNamespace) != "" {
		loopbackUp(t)
	}
	if err := syscall.Chroot(root); err != nil {
		t.Fatal(err)
	}
	if err := os.Chdir("/"); err != nil { //nolint:usetesting // there is no way back from here
		t.Fatal(err)
	}
	host, port := split(t, serve(t, textFormat, "x 1\n"))
	zone := map[uint16][]dns.RR{
		dns.TypeSRV: {&dns.SRV{Hdr: header("_metrics._tcp.shop.example.", dns.TypeSRV), Target: "localhost.", Port: uint16(port)}},
		dns.TypeA:   {&dns.A{Hdr: header("till.shop.example.", dns.TypeA), A: net.ParseIP(host)}},
	}
	conn, err := net.ListenPacket("udp", dnsServer+":53")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, question *dns.Msg) {
		answer := new(dns.Msg).SetReply(question)
		answer.Rcode = dns.RcodeNameError
		for _, record := range zone[question.Question[0].Qtype] {
			if record.Header().Name == question.Question[0].Name {
				answer.Rcode = dns.RcodeSuccess
				answer.Answer = append(answer.Answer, record)
			}
		}
		_ = w.WriteMsg(answer)
	})}
	served := make(chan error, 1)
	go func() { served <- server.ActivateAndServe() }()
	t.Cleanup(func() {
		if err := errors.Join(server.Shutdown(), <-served); err != nil {
			t.Error(err)
		}
	})

	r := start(t, config(t, `scrape_configs:
	- job_name: srv
	  dns_sd_configs: [{names: [_metrics._tcp.shop.example]}]
	  relabel_configs:
	  - {source_labels: [__meta_dns_name, __meta_dns_srv_record_target], target_label: found}
	  - {source_labels: [__address__], regex: 'localhost.*:(.*)', target_label: __address__, replacement: '%[1]s:$1'}
	- job_name: a
	  dns_sd_configs: [{names: [till.shop.example], type: A, port: %[2]d}]`, host, port), nil)
	if got := r.target(t, "srv", "up"); got.Labels.Get("found") != "_metrics._tcp.shop.example;localhost." {
		t.Errorf("SRV: %+v", got)
	}
	if got := r.target(t, "a", "up"); got.Instance != net.JoinHostPort(host, strconv.Itoa(port)) {
		t.Errorf("A: %+v", got)
	}
}

func header(name string, kind uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET, Ttl: 1}
}

// loopbackUp switches on the loopback interface of a new network namespace.
func loopbackUp(t *testing.T) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		t.Fatal(err)
	}
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request); err != nil {
		t.Fatalf("loopback interface: %v", err)
	}
}
