package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"testing"
	"time"
)

func TestArchivesDependOnTheirContentAlone(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	files := []packed{{name: "daymark", mode: 0o755, content: []byte("program")}, {name: "examples/rules.yml", mode: 0o644, content: []byte("groups: []\n")}}
	for name, write := range map[string]func(io.Writer, string, []packed, time.Time) error{"tar": writeTar, "zip": writeZip} {
		var first, second bytes.Buffer
		if err := write(&first, "daymark_1", files, at); err != nil {
			t.Fatal(err)
		}
		if err := write(&second, "daymark_1", files, at); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: two archives of the same files differ", name)
		}
	}
}

func TestArchivesUnpack(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	files := []packed{{name: "daymark", mode: 0o755, content: []byte("program")}}
	var buf bytes.Buffer
	if err := writeTar(&buf, "daymark_1", files, at); err != nil {
		t.Fatal(err)
	}
	unzipped, err := gzip.NewReader(&buf)
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewReader(unzipped)
	header, err := archive.Next()
	if err != nil || header.Name != "daymark_1/daymark" || header.Mode != 0o755 || !header.ModTime.Equal(at) {
		t.Fatalf("got %+v, %v", header, err)
	}
	if content, err := io.ReadAll(archive); err != nil || string(content) != "program" {
		t.Errorf("got %q, %v", content, err)
	}

	buf.Reset()
	if err := writeZip(&buf, "daymark_1", files, at); err != nil {
		t.Fatal(err)
	}
	zipped, err := zip.NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if f := zipped.File[0]; f.Name != "daymark_1/daymark" || f.Mode().Perm() != 0o755 {
		t.Errorf("got %s %v", f.Name, f.Mode())
	}
}

func TestTheVersionIsReadFromTheSource(t *testing.T) {
	if _, err := sourceVersion(); err == nil {
		t.Error("a version in a folder without version.go")
	}
	t.Chdir("../..")
	if v, err := sourceVersion(); err != nil || v == "" {
		t.Errorf("got %q, %v", v, err)
	}
}
