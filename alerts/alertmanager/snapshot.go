package alertmanager

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/alertmanager/nflog"
	"github.com/prometheus/alertmanager/nflog/nflogpb"
)

// snapshot keeps a state in a file, which is always whole: it is written
// beside, brought to the disk, and then moved into place.
type snapshot struct {
	path  string
	write func(io.Writer) (int64, error)

	asked atomic.Uint64 // calls of save so far
	mu    sync.Mutex    // one writer at a time, so that no older state replaces a newer one
	saved uint64        // the calls whose state is on disk
	size  int64
}

// save returns when the state at the time of the call is on disk, with its
// size in bytes. Callers that wait for each other share one writing.
func (s *snapshot) save() (int64, error) {
	ticket := s.asked.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.saved >= ticket {
		return s.size, nil
	}
	covered := s.asked.Load()
	size, err := s.replace()
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", s.path, err)
	}
	s.saved, s.size = covered, size
	return size, nil
}

func (s *snapshot) replace() (size int64, err error) {
	beside := s.path + ".tmp"
	f, err := os.OpenFile(beside, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			os.Remove(beside)
		}
	}()
	size, err = s.write(f)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	if err := os.Rename(beside, s.path); err != nil {
		return 0, err
	}
	return size, syncFolder(filepath.Dir(s.path))
}

// syncFolder brings a rename in the folder to the disk. Windows does that by
// itself and refuses to be asked.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// keepSilences is the regular clean-up of silences. It goes through the same
// snapshot as the API's writes: Alertmanager's own could put an older state in
// the place of one that has already been acknowledged.
func (a *Alertmanager) keepSilences() (int64, error) {
	_, gcErr := a.silences.GC()
	size, err := a.onDisk.silences.save()
	return size, errors.Join(gcErr, err)
}

// keepNotifications is the regular clean-up of what has been sent.
func (a *Alertmanager) keepNotifications() (int64, error) {
	_, gcErr := a.nflog.GC()
	size, err := a.onDisk.nflog.save()
	a.deliveries.prune(time.Now())
	return size, errors.Join(gcErr, err)
}

func (a *Alertmanager) saveAll() error {
	_, silencesErr := a.onDisk.silences.save()
	_, nflogErr := a.onDisk.nflog.save()
	return errors.Join(silencesErr, nflogErr)
}

// notificationLog is Alertmanager's, and tells when it has changed.
type notificationLog struct {
	inner   *nflog.Log
	changed func()
}

// Query finds what has been sent.
func (l notificationLog) Query(params ...nflog.QueryParam) ([]*nflogpb.Entry, error) {
	return l.inner.Query(params...)
}

// Log notes a notification that has been sent.
func (l notificationLog) Log(r *nflogpb.Receiver, group string, firing, resolved []uint64, store *nflog.Store, expiry time.Duration) error {
	defer l.changed()
	return l.inner.Log(r, group, firing, resolved, store, expiry)
}

// saver brings the notification log to the disk soon after each change, so
// that even a crash pages nobody twice for what they were told before it.
type saver struct {
	file  *snapshot
	log   *slog.Logger
	dirty chan struct{}
}

// savePause is the shortest time between two writings of the notification log.
const savePause = time.Second

func newSaver(file *snapshot, log *slog.Logger) *saver {
	return &saver{file: file, log: log, dirty: make(chan struct{}, 1)}
}

func (s *saver) changed() {
	select {
	case s.dirty <- struct{}{}:
	default: // a writing is due already
	}
}

func (s *saver) run(stop <-chan struct{}) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-stop:
			return
		case <-pause.C:
		}
		select {
		case <-stop:
			return
		case <-s.dirty:
		}
		if _, err := s.file.save(); err != nil {
			s.log.Error("notification log not written, so a crash may repeat pages", "err", err)
		}
		pause.Reset(savePause)
	}
}
