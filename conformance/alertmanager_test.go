package conformance

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var buildAlertmanager = sync.OnceValues(func() (string, error) {
	modfile, err := alertmanagerModule(filepath.Join(binaries, "alertmanager-module"))
	if err != nil {
		return "", err
	}
	return build("alertmanager", "-modfile="+modfile, "github.com/prometheus/alertmanager/cmd/alertmanager")
})

// alertmanagerModule copies the Alertmanager that is linked in, makes its
// program buildable and returns a module file like .ci/peers.mod that uses the
// copy. Two things are in the way: the module has no built UI, which the program
// embeds, and we have a newer automemlimit, in which a function has another name.
func alertmanagerModule(dir string) (string, error) {
	const module = "github.com/prometheus/alertmanager"
	source, err := goCommand("list", "-m", "-f", "{{.Dir}}", module)
	if err != nil {
		return "", err
	}
	src := filepath.Join(dir, "src")
	if err := os.CopyFS(src, os.DirFS(source)); err != nil {
		return "", err
	}
	page := filepath.Join(src, "ui", "app", "dist", "index.html")
	if err := os.MkdirAll(filepath.Dir(page), 0o700); err != nil {
		return "", err
	}
	main := filepath.Join(src, "cmd", "alertmanager", "main.go")
	text, err := os.ReadFile(main)
	if err != nil {
		return "", err
	}
	text = bytes.ReplaceAll(text, []byte("memlimit.SetGoMemLimitWithOpts("), []byte("memlimit.Set("))
	modfile := filepath.Join(dir, "alertmanager.mod")
	err = errors.Join(
		os.Chmod(main, 0o600), // copied as it is in the module cache: read-only
		os.WriteFile(main, text, 0o600),
		os.WriteFile(page, []byte("<!doctype html>"), 0o600),
		copyFile("../.ci/peers.mod", modfile),
		copyFile("../.ci/peers.sum", strings.TrimSuffix(modfile, ".mod")+".sum"),
	)
	if err != nil {
		return "", err
	}
	_, err = goCommand("mod", "edit", "-replace", module+"="+src, modfile)
	return modfile, err
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}

// startAlertmanager starts the peer of the Alertmanager inside.
func startAlertmanager(t *testing.T, args ...string) *server {
	t.Helper()
	binary, err := buildAlertmanager()
	if err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	s := launch(t, "alertmanager", binary, append([]string{"--web.listen-address=" + address, "--cluster.listen-address="}, args...)...)
	s.url = "http://" + address
	s.awaitReady(t)
	return s
}
