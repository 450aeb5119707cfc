package collector

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/scrape"
)

// secretText stands where a secret was; Prometheus writes the same.
const secretText = "<secret>"

// secretWords mark a query parameter whose value nobody should read. The
// separators of a name are taken out first.
//
//nolint:gochecknoglobals // a constant that the language cannot express
var secretWords = []string{"token", "secret", "password", "passwd", "passphrase", "apikey", "accesskey", "privatekey", "auth", "credential", "signature", "session", "jwt", "bearer", "pwd"}

// secretNames are parameters that are secret only as a whole word.
//
//nolint:gochecknoglobals // a constant that the language cannot express
var secretNames = []string{"key", "sig", "pass", "sas"}

// redactURL is u without credentials and with secret parameters blanked.
func redactURL(u *url.URL) string {
	out := *u
	if out.User != nil {
		out.User = nil
	}
	// A target's address is the host as it stands, credentials included.
	if i := strings.LastIndex(out.Host, "@"); i >= 0 {
		out.Host = out.Host[i+1:]
	}
	out.RawQuery = redactQuery(out.Query())
	return out.String()
}

// redactQuery encodes values as url.Values does, but for secrets, whose text
// stays readable. It changes values.
func redactQuery(values url.Values) string {
	for name, list := range values {
		for i, v := range list {
			list[i] = redactParam(name, v)
		}
	}
	return strings.ReplaceAll(values.Encode(), url.QueryEscape(secretText), secretText)
}

// redactParam is the value of a parameter as it may be shown.
func redactParam(name, value string) string {
	switch {
	case isSecret(name):
		return secretText
	case strings.Contains(value, "@"):
		// The value may be an address with credentials: blackbox and
		// multi-target exporters are asked this way.
		if inner, err := url.Parse(value); err == nil && inner.User != nil {
			inner.User = nil
			return inner.String()
		}
	}
	return value
}

// isSecret tells whether a parameter of this name carries a secret.
func isSecret(name string) bool {
	name = strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(name))
	return slices.Contains(secretNames, name) ||
		slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(name, word) })
}

// redactError is err without the secrets of t's address, or nil if there are
// none in it.
func redactError(t *scrape.Target, err error) error {
	full := t.URL()
	clean := redactURL(full)
	if clean == full.String() {
		return nil
	}
	text := redactText(err.Error(), full, clean)
	if text == err.Error() {
		return nil
	}
	return &redactedError{text: text, err: err}
}

// redactText replaces the address and each of its secrets in text, where
// errors quote them whole, percent-encoded or decoded.
func redactText(text string, full *url.URL, clean string) string {
	text = strings.ReplaceAll(text, full.String(), clean)
	var secrets []string
	for name, list := range full.Query() {
		if isSecret(name) {
			secrets = append(secrets, list...)
		}
	}
	if i := strings.LastIndex(full.Host, "@"); i >= 0 {
		_, password, _ := strings.Cut(full.Host[:i], ":")
		secrets = append(secrets, full.Host[:i], password)
	}
	for _, s := range secrets {
		if len(s) < 4 { // too short to tell from ordinary text
			continue
		}
		text = strings.ReplaceAll(text, url.QueryEscape(s), secretText)
		text = strings.ReplaceAll(text, s, secretText)
	}
	return text
}

// redactedError reads without secrets; errors.Is and errors.As see the original.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }

// redactingHandler keeps the secrets of target addresses out of the log. The
// scraper logs a target as its whole address.
type redactingHandler struct{ slog.Handler }

// WithAttrs is part of slog.Handler.
func (h redactingHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = redactAttr(a)
	}
	return redactingHandler{h.Handler.WithAttrs(clean)}
}

// WithGroup is part of slog.Handler.
func (h redactingHandler) WithGroup(name string) slog.Handler {
	return redactingHandler{h.Handler.WithGroup(name)}
}

// Handle is part of slog.Handler.
func (h redactingHandler) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(redactAttr(a))
		return true
	})
	return h.Handler.Handle(ctx, clean)
}

// redactAttr blanks the secrets of a target or of a request that failed.
func redactAttr(a slog.Attr) slog.Attr {
	switch v := a.Value.Any().(type) {
	case *scrape.Target:
		if v != nil {
			return slog.String(a.Key, redactURL(v.URL()))
		}
	case error:
		var failed *url.Error
		if !errors.As(v, &failed) {
			return a
		}
		full, err := url.Parse(failed.URL)
		if err != nil {
			// The text quotes parts of it, in ways that cannot be told here.
			return slog.String(a.Key, failed.Op+": the address is not valid")
		}
		return slog.String(a.Key, redactText(v.Error(), full, redactURL(full)))
	}
	return a
}
