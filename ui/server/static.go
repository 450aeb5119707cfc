package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// pages is the built UI.
type pages struct {
	files map[string]*file // by path, index.html among them
	build string           // names these very bytes
}

// file is one file of the UI, compressed when it is first asked for.
type file struct {
	content []byte
	gzipped func() []byte // nil where compression gains nothing
}

// newPages reads the UI; a nil or empty one is a server without pages.
func newPages(ui fs.FS) (*pages, error) {
	p := &pages{files: map[string]*file{}}
	hash := sha256.New()
	if ui != nil {
		// WalkDir goes in lexical order, so equal files give an equal name.
		err := fs.WalkDir(ui, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(ui, name)
			if err != nil {
				return err
			}
			fmt.Fprintf(hash, "%s\x00%d\x00", name, len(content))
			hash.Write(content)
			p.files[name] = newFile(content)
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	p.build = hex.EncodeToString(hash.Sum(nil))[:16]
	return p, nil
}

func newFile(content []byte) *file {
	return &file{content: content, gzipped: sync.OnceValue(func() []byte {
		var b bytes.Buffer
		w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
		_, _ = w.Write(content)                               // a buffer takes everything
		_ = w.Close()
		if b.Len() > len(content)*9/10 {
			return nil
		}
		return b.Bytes()
	})}
}

// contentTypes are ours, because the machine's own table may be missing or
// wrong, and browsers are told not to guess.
func contentType(name string) string {
	kind, ok := map[string]string{
		".html":        "text/html; charset=utf-8",
		".js":          "text/javascript; charset=utf-8",
		".mjs":         "text/javascript; charset=utf-8",
		".css":         "text/css; charset=utf-8",
		".json":        "application/json",
		".map":         "application/json",
		".webmanifest": "application/manifest+json",
		".svg":         "image/svg+xml",
		".png":         "image/png",
		".ico":         "image/x-icon",
		".woff2":       "font/woff2",
		".wasm":        "application/wasm",
		".txt":         "text/plain; charset=utf-8",
	}[path.Ext(name)]
	if !ok {
		return "application/octet-stream"
	}
	return kind
}

// page serves the files of the UI, and its page for every address that the UI
// itself resolves: those without a file's extension, outside of the APIs.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, s.cfg.RoutePrefix), "/")
	if f, ok := s.files.files[name]; ok && name != "index.html" {
		serveFile(w, r, name, f)
		return
	}
	first, _, _ := strings.Cut(name, "/")
	switch first {
	case "api", "-", "assets", "debug", "metrics", "federate":
		writeError(w, r, &requestError{kind: kindNotFound, message: fmt.Sprintf("there is no %s", r.URL.Path)})
		return
	}
	if path.Ext(name) != "" && name != "index.html" {
		writeError(w, r, &requestError{kind: kindNotFound, message: fmt.Sprintf("there is no %s", r.URL.Path)})
		return
	}
	index, ok := s.files.files["index.html"]
	if !ok {
		writeError(w, r, &requestError{kind: kindNotFound, message: "this binary was built without the pages (make ui)"})
		return
	}
	s.serveIndex(w, r, index)
}

// serveIndex fills in what belongs to this answer alone: a nonce, and where
// everything lies.
func (s *Server) serveIndex(w http.ResponseWriter, r *http.Request, index *file) {
	nonce := newNonce()
	scheme := "ws://"
	if r.TLS != nil {
		scheme = "wss://"
	}
	sockets := []string{scheme + r.Host}
	if external := s.externalSocket(); external != sockets[0] {
		sockets = append(sockets, external)
	}
	header := w.Header()
	header.Set("Content-Security-Policy", pagePolicy(nonce, sockets))
	header.Set("Content-Type", contentType("index.html"))
	header.Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return
	}
	_, _ = strings.NewReplacer(
		"{{nonce}}", html.EscapeString(nonce),
		"{{base}}", html.EscapeString(s.basePath()),
		"{{build}}", html.EscapeString(s.files.build),
	).WriteString(w, string(index.content)) // a client that left is no error
}

// serveFile serves a file as it is. Those under assets/ have their hash in
// their name and never change; the others are asked for again each time.
func serveFile(w http.ResponseWriter, r *http.Request, name string, f *file) {
	header := w.Header()
	header.Set("Content-Type", contentType(name))
	header.Add("Vary", "Accept-Encoding")
	if strings.HasPrefix(name, "assets/") {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		header.Set("Cache-Control", "no-cache")
	}
	content := f.content
	if acceptsGzip(r) {
		if gzipped := f.gzipped(); gzipped != nil {
			content = gzipped
			header.Set("Content-Encoding", "gzip")
		}
	}
	sum := sha256.Sum256(content)
	header.Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}

func acceptsGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(coding), ";")
		quality = strings.ReplaceAll(quality, " ", "")
		if strings.EqualFold(name, "gzip") {
			return quality != "q=0" && quality != "q=0.0" && quality != "q=0.00" && quality != "q=0.000"
		}
	}
	return false
}
