//go:build unix

package series

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// TestCloseDoesNotWaitForALongHistory holds loading up with a segment that is a
// named pipe: reading it waits until somebody writes to the pipe.
func TestCloseDoesNotWaitForALongHistory(t *testing.T) {
	path := t.TempDir()
	segment := filepath.Join(path, "wal", "00000000")
	if err := os.Mkdir(filepath.Dir(segment), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(segment, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := New(Config{Path: path}, nil, nil, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	db.loadingPatience = 10 * time.Millisecond
	opened := make(chan error, 1)
	go func() { opened <- db.Open(t.Context()) }()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for db.Progress().Stage != StageReplaying {
		<-ticker.C
	}
	if p := db.Progress(); p.Total != 2 || p.Done != 0 {
		t.Errorf("progress %+v, want 0 of 2 segments", p)
	}
	if err := db.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if _, err := db.get(); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}

	// What Close has left behind ends by itself, and closes what it has opened.
	writer, err := os.OpenFile(segment, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; !errors.Is(err, ErrClosed) {
		t.Errorf("Open: %v", err)
	}
	if err := os.Remove(segment); err != nil {
		t.Fatal(err)
	}
	next, err := New(Config{Path: path}, nil, nil, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	go func() { opened <- next.Open(t.Context()) }()
	select {
	case <-next.Ready():
	case err := <-opened:
		t.Fatalf("the folder cannot be opened again: %v", err)
	}
	if err := next.Close(); err != nil {
		t.Error(err)
	}
}
