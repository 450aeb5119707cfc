package alertmanager

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"

	amconfig "github.com/prometheus/alertmanager/config"
	amcommoncfg "github.com/prometheus/alertmanager/config/common"
	commoncfg "github.com/prometheus/common/config"
)

const (
	hiddenSecret   = "<secret>"
	shortestOfPath = 8 // bytes of a part of a secret URL that is hidden by itself
	secretFileSize = 64 << 10
)

// redactor hides the secrets of an integration, in every form in which the
// other side may repeat them.
func redactor(settings reflect.Value) *strings.Replacer {
	found := map[string]bool{}
	collectSecrets(settings, found)
	var list []string
	for s := range found {
		for _, form := range []string{s, url.QueryEscape(s), url.PathEscape(s), jsonInner(s), base64.StdEncoding.EncodeToString([]byte(s))} {
			if !slices.Contains(list, form) {
				list = append(list, form)
			}
		}
	}
	// The longest first, so that no part of one is left standing.
	slices.SortFunc(list, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	pairs := make([]string, 0, 2*len(list))
	for _, s := range list {
		pairs = append(pairs, s, hiddenSecret)
	}
	return strings.NewReplacer(pairs...)
}

// withoutSecrets is err with the secrets of an integration hidden in its words:
// services repeat what they were sent, and errors are logged and shown.
func withoutSecrets(err error, settings reflect.Value) error {
	before := err.Error()
	if after := redactor(settings).Replace(before); after != before {
		return &redacted{said: after, err: err}
	}
	return err
}

// redacted says less than the error that it stands for.
type redacted struct {
	said string
	err  error
}

func (r *redacted) Error() string { return r.said }

// Unwrap lets Alertmanager find the reason that it counts.
func (r *redacted) Unwrap() error { return r.err }

func jsonInner(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		return s
	}
	return string(quoted[1 : len(quoted)-1])
}

// collectSecrets walks through settings.
func collectSecrets(v reflect.Value, found map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			collectSecrets(v.Elem(), found)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			collectSecrets(v.Index(i), found)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			collectSecrets(v.MapIndex(key), found)
		}
	case reflect.String:
		switch v.Type() {
		case reflect.TypeFor[commoncfg.Secret]():
			addSecret(v.String(), found)
		case reflect.TypeFor[amcommoncfg.SecretTemplateURL](), reflect.TypeFor[amconfig.SecretTemplateURL]():
			addSecretURL(v.String(), found)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[amcommoncfg.SecretURL]() {
			if u, ok := reflect.TypeAssert[*url.URL](v.FieldByName("URL")); ok && u != nil {
				addSecretURL(u.String(), found)
			}
			return
		}
		collectFields(v, found)
	}
}

func collectFields(v reflect.Value, found map[string]bool) {
	if u, ok := reflect.TypeAssert[url.URL](v); ok { // of a proxy, say
		if password, has := u.User.Password(); has {
			addSecret(password, found)
		}
		return
	}
	for field, value := range v.Fields() {
		switch {
		case !field.IsExported():
		case value.Kind() == reflect.String && strings.HasSuffix(field.Name, "File"):
			addSecretFile(field.Name, value.String(), found)
		default:
			collectSecrets(value, found)
		}
	}
	if auth, ok := reflect.TypeAssert[commoncfg.BasicAuth](v); ok {
		addSecret(base64.StdEncoding.EncodeToString([]byte(auth.Username+":"+string(auth.Password))), found)
	}
	if mail, ok := reflect.TypeAssert[amconfig.EmailConfig](v); ok {
		addMailLogin(mail, found)
	}
}

// addMailLogin hides what AUTH PLAIN makes of the password.
func addMailLogin(c amconfig.EmailConfig, found map[string]bool) {
	password := string(c.AuthPassword)
	if c.AuthPasswordFile != "" {
		content, err := readSecretFile(c.AuthPasswordFile)
		if err != nil {
			return
		}
		password = content
	}
	if password != "" {
		addSecret(base64.StdEncoding.EncodeToString([]byte(c.AuthIdentity+"\x00"+c.AuthUsername+"\x00"+password)), found)
	}
}

// addSecretFile hides what a file holds. Certificates are no secrets, and a
// file that cannot be read cannot be repeated by anybody.
func addSecretFile(field, path string, found map[string]bool) {
	if path == "" || field == "CAFile" || field == "CertFile" {
		return
	}
	text, err := readSecretFile(path)
	if err != nil {
		return
	}
	if strings.Contains(text, "://") {
		addSecretURL(text, found)
		return
	}
	addSecret(text, found)
}

// readSecretFile is what a file holds, without the space around it; of a very
// large one nothing, since it is no secret.
func readSecretFile(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil || info.Size() > secretFileSize {
		return "", err
	}
	content, err := os.ReadFile(path)
	return strings.TrimSpace(string(content)), err
}

func addSecret(s string, found map[string]bool) {
	if s != "" {
		found[s] = true
	}
}

// addSecretURL hides a URL, its path and its parts. The host is no secret.
func addSecretURL(s string, found map[string]bool) {
	addSecret(s, found)
	u, err := url.Parse(s)
	if err != nil {
		return
	}
	if len(u.Path) > 1 {
		addSecret(u.RequestURI(), found)
		addSecret(u.Path, found)
	}
	for part := range strings.SplitSeq(u.Path, "/") {
		if len(part) >= shortestOfPath {
			addSecret(part, found)
		}
	}
	for _, values := range u.Query() {
		for _, v := range values {
			if len(v) >= shortestOfPath {
				addSecret(v, found)
			}
		}
	}
	if password, has := u.User.Password(); has {
		addSecret(password, found)
	}
}
