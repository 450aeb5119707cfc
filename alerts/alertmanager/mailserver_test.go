package alertmanager

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// mailbox is a mail server that insists on RFC 5321, RFC 3207 (STARTTLS) and
// RFC 4954 (AUTH): order of commands, ends and lengths of lines, dots.
type mailbox struct {
	address  string
	tls      *tls.Config // nil: no STARTTLS
	ca       string      // file with the certificate of its authority
	mechs    string      // of AUTH; "": nobody has to say who they are
	user     string
	password string

	mu       sync.Mutex
	refuse   func(command string) string // a reply instead of what it would do
	letters  []letter
	mistakes []string
	sessions int
}

// letter is what arrived.
type letter struct {
	from      string
	to        []string
	content   []byte
	encrypted bool
	user      string
	mech      string
}

func newMailbox(t *testing.T, change func(*mailbox)) *mailbox {
	t.Helper()
	m := &mailbox{mechs: "PLAIN LOGIN", user: "ops", password: "pass-word-1"}
	m.tls, m.ca = testAuthority(t)
	change(m)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.address = listener.Addr().String()
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { m.serve(conn) })
		}
	})
	t.Cleanup(func() { listener.Close(); serving.Wait() })
	return m
}

// testAuthority makes an authority, and a certificate of it for 127.0.0.1.
func testAuthority(t *testing.T) (server *tls.Config, caFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, caFile
}

// session is one connection to a mailbox.
type session struct {
	*mailbox
	conn   net.Conn
	reader *bufio.Reader
	hello  bool
	letter letter
	closed bool
}

func (m *mailbox) serve(conn net.Conn) {
	s := &session{mailbox: m, conn: conn, reader: bufio.NewReader(conn)}
	defer func() { s.conn.Close() }()
	m.mu.Lock()
	m.sessions++
	m.mu.Unlock()
	s.say("220 mail.test ESMTP")
	for !s.closed {
		line, ok := s.line(512)
		if !ok {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		verb = strings.ToUpper(verb)
		m.mu.Lock()
		refused := ""
		if m.refuse != nil {
			refused = m.refuse(verb)
		}
		m.mu.Unlock()
		if refused != "" {
			s.say(refused)
			continue
		}
		s.command(verb, rest)
	}
}

func (s *session) command(verb, rest string) {
	switch verb {
	case "EHLO":
		s.ehlo(rest)
	case "STARTTLS":
		s.startTLS(rest)
	case "AUTH":
		s.auth(rest)
	case "MAIL":
		s.mail(rest)
	case "RCPT":
		s.rcpt(rest)
	case "DATA":
		s.data(rest)
	case "QUIT":
		s.say("221 bye")
		s.closed = true
	case "*": // gives up an exchange of AUTH, also one that has just ended
		s.say("501 as you like")
	case "NOOP":
		s.say("250 ok")
	case "RSET":
		s.letter.from, s.letter.to = "", nil
		s.say("250 ok")
	default:
		s.wrong("502 no such command: " + verb)
	}
}

func (s *session) ehlo(rest string) {
	if rest == "" || strings.ContainsAny(rest, " \t") {
		s.wrong("501 EHLO needs a name: " + rest)
		return
	}
	s.hello = true
	said := []string{"mail.test", "8BITMIME", "PIPELINING", "SIZE 1000000"}
	if s.tls != nil && !s.letter.encrypted {
		said = append(said, "STARTTLS")
	}
	if s.mechs != "" && (s.letter.encrypted || s.tls == nil) {
		said = append(said, "AUTH "+s.mechs)
	}
	for i, line := range said {
		mark := "-"
		if i == len(said)-1 {
			mark = " "
		}
		s.say("250" + mark + line)
	}
}

func (s *session) startTLS(rest string) {
	if s.tls == nil || s.letter.encrypted || !s.hello || rest != "" {
		s.wrong("503 STARTTLS is out of place")
		return
	}
	s.say("220 go on")
	if s.reader.Buffered() > 0 {
		s.wrong("501 something was sent before the handshake")
		s.closed = true
		return
	}
	encrypted := tls.Server(s.conn, s.tls)
	if err := encrypted.Handshake(); err != nil {
		s.closed = true // the client does not trust us: no mistake of its
		return
	}
	s.conn, s.reader = encrypted, bufio.NewReader(encrypted)
	s.hello = false // RFC 3207: everything that was known is forgotten
	s.letter = letter{encrypted: true}
}

func (s *session) auth(rest string) {
	mech, initial, given := strings.Cut(rest, " ")
	if !s.hello || s.letter.user != "" || !slices.Contains(strings.Fields(s.mechs), mech) {
		s.wrong("503 AUTH is out of place: " + mech)
		return
	}
	ask := func(prompt string) string {
		s.say("334 " + base64.StdEncoding.EncodeToString([]byte(prompt)))
		line, _ := s.line(12288)
		return s.decoded(line)
	}
	var user, password string
	switch mech {
	case "PLAIN":
		response := ""
		if given {
			response = s.decoded(initial)
		} else {
			response = ask("")
		}
		parts := strings.Split(response, "\x00")
		if len(parts) != 3 {
			s.wrong("501 PLAIN has three parts")
			return
		}
		user, password = parts[1], parts[2]
	case "LOGIN":
		user, password = ask("Username:"), ask("Password:")
	}
	if user != s.user || password != s.password {
		s.say("535 5.7.8 not known: " + user + " " + password + " " + rest)
		return
	}
	s.letter.user, s.letter.mech = user, mech
	s.say("235 welcome")
}

func (s *session) decoded(text string) string {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		s.wrong("501 no base64: " + text)
	}
	return string(b)
}

var pathOf = regexp.MustCompile(`^(FROM|TO):<([^<>\s]+@[^<>\s]+)>( BODY=8BITMIME)?$`)

func (s *session) mail(rest string) {
	path := pathOf.FindStringSubmatch(rest)
	switch {
	case !s.hello || s.letter.from != "":
		s.wrong("503 MAIL is out of place")
	case path == nil || path[1] != "FROM":
		s.wrong("501 no sender: " + rest)
	case s.mechs != "" && s.letter.user == "":
		s.wrong("530 5.7.0 who are you?")
	default:
		s.letter.from = path[2]
		s.say("250 ok")
	}
}

func (s *session) rcpt(rest string) {
	path := pathOf.FindStringSubmatch(rest)
	switch {
	case s.letter.from == "":
		s.wrong("503 RCPT is out of place")
	case path == nil || path[1] != "TO":
		s.wrong("501 no recipient: " + rest)
	default:
		s.letter.to = append(s.letter.to, path[2])
		s.say("250 ok")
	}
}

func (s *session) data(rest string) {
	if len(s.letter.to) == 0 || rest != "" {
		s.wrong("503 DATA is out of place")
		return
	}
	s.say("354 go on")
	var content bytes.Buffer
	for {
		line, ok := s.line(1000)
		if !ok {
			return
		}
		if line == "." {
			break
		}
		if stuffed, ok := strings.CutPrefix(line, "."); ok {
			if !strings.HasPrefix(stuffed, ".") {
				s.note("a line begins with a dot that is not doubled: " + line)
			}
			line = stuffed
		}
		content.WriteString(line + "\r\n")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mailbox.refuse != nil {
		if refused := s.mailbox.refuse("."); refused != "" {
			s.say(refused)
			return
		}
	}
	s.letter.content = content.Bytes()
	s.letters = append(s.letters, s.letter)
	s.letter.from, s.letter.to = "", nil
	s.say("250 2.0.0 queued")
}

// line reads up to CRLF; a line may have limit bytes with it.
func (s *session) line(limit int) (string, bool) {
	_ = s.conn.SetReadDeadline(time.Now().Add(deadline))
	line, err := s.reader.ReadString('\n')
	if err != nil {
		return "", false
	}
	text, ended := strings.CutSuffix(line, "\r\n")
	if !ended || strings.ContainsAny(text, "\r\n") {
		s.note(fmt.Sprintf("a line that does not end with CRLF: %q", line))
	}
	if len(line) > limit {
		s.note(fmt.Sprintf("a line of %d bytes, more than %d: %.60q…", len(line), limit, line))
	}
	return text, true
}

func (s *session) say(line string) { fmt.Fprint(s.conn, line+"\r\n") }

// wrong refuses what the protocol does not allow.
func (s *session) wrong(reply string) {
	s.note(reply)
	s.say(reply)
}

func (s *session) note(mistake string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mistakes = append(s.mistakes, mistake)
}

// waitFor returns the letters as soon as there are n.
func (m *mailbox) waitFor(t *testing.T, n int) []letter {
	t.Helper()
	var list []letter
	waitFor(t, fmt.Sprintf("%d letters", n), func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		if len(m.mistakes) > 0 {
			t.Fatalf("against the protocol: %q", m.mistakes)
		}
		list = slices.Clone(m.letters)
		return len(list) >= n
	})
	return list
}
