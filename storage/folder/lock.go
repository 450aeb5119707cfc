package folder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	lockName = "lock"
	// A process that only asks who holds the lock has it for a moment; we try
	// again for this long before we say that the folder is in use.
	lockPatience = 60 * time.Millisecond
	lockRetry    = 10 * time.Millisecond
)

// LockedError says that another process uses the folder.
type LockedError struct {
	// PID is the process that holds the lock, 0 if it has not said.
	PID int
	// Address is the URL at which that process can be reached, empty until it
	// listens.
	Address string
	// Path is the lock file.
	Path string
}

// Error names the folder, the process and its address, and what to do.
func (e *LockedError) Error() string {
	holder := "another process"
	if e.PID != 0 {
		holder = fmt.Sprintf("process %d", e.PID)
	}
	if e.Address != "" {
		holder += " at " + e.Address
	}
	return fmt.Sprintf("data folder %s is in use by %s: stop it or choose another folder with --storage.path", filepath.Dir(e.Path), holder)
}

// record is the content of a lock file.
type record struct {
	PID     int    `json:"pid"`
	Address string `json:"address,omitempty"`
}

// lock is a held lock file. The file itself is never removed: a process that
// waits for it would hold a lock on a file that nobody else can see.
type lock struct {
	path string
	mu   sync.Mutex
	file *os.File // nil once released
}

func takeLock(path string) (*lock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock file: %w", err)
	}
	for waited := time.Duration(0); ; waited += lockRetry {
		held, err := tryLock(file, true)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
		}
		if !held {
			break
		}
		if waited >= lockPatience {
			return nil, errors.Join(locked(path, file), file.Close())
		}
		time.Sleep(lockRetry)
	}
	l := &lock{path: path, file: file}
	if err := l.write(""); err != nil {
		return nil, errors.Join(err, l.release())
	}
	return l, nil
}

func locked(path string, file io.ReaderAt) *LockedError {
	r := readRecord(file)
	return &LockedError{PID: r.PID, Address: r.Address, Path: path}
}

// readRecord returns what the holder has written; nothing if it has not yet.
func readRecord(file io.ReaderAt) record {
	var r record
	content, err := io.ReadAll(io.NewSectionReader(file, 0, 4096))
	if err != nil || json.Unmarshal(content, &r) != nil {
		return record{}
	}
	return r
}

// write replaces the content of the lock file by this process and address.
func (l *lock) write(address string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return fmt.Errorf("write lock file %s: %w", l.path, fs.ErrClosed)
	}
	content, err := json.Marshal(record{PID: os.Getpid(), Address: address})
	if err != nil {
		return fmt.Errorf("write lock file: %w", err)
	}
	content = append(content, '\n')
	if _, err := l.file.WriteAt(content, 0); err != nil {
		return fmt.Errorf("write lock file: %w", err)
	}
	if err := l.file.Truncate(int64(len(content))); err != nil {
		return fmt.Errorf("write lock file: %w", err)
	}
	return nil
}

func (l *lock) release() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	file := l.file
	l.file = nil
	// Closing the file gives the lock back, on every system.
	if err := errors.Join(file.Truncate(0), file.Close()); err != nil {
		return fmt.Errorf("release lock file %s: %w", l.path, err)
	}
	return nil
}

// Holder says which process uses the folder dir, without disturbing it. dir is
// what Open was given: the folder itself, or a Prometheus folder whose daymark
// subfolder holds the lock. held is false if nobody does, or there is no folder.
func Holder(dir string) (pid int, address string, held bool, err error) {
	for _, path := range []string{filepath.Join(dir, "daymark", lockName), filepath.Join(dir, lockName)} {
		pid, address, held, err = holder(path)
		if held || err != nil {
			return pid, address, held, err
		}
	}
	return 0, "", false, nil
}

func holder(path string) (pid int, address string, held bool, err error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, "", false, nil
	}
	if err != nil {
		return 0, "", false, fmt.Errorf("open lock file: %w", err)
	}
	defer file.Close() // read only: nothing can be lost; a lock of ours goes with it
	held, err = tryLock(file, false)
	if err != nil {
		return 0, "", false, fmt.Errorf("probe lock file %s: %w", path, err)
	}
	if !held {
		return 0, "", false, nil
	}
	r := readRecord(file)
	return r.PID, r.Address, true, nil
}
