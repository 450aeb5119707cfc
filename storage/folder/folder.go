// Package folder holds Daymark's data folder: where each part keeps its files,
// and the lock that keeps a second Daymark out.
package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// Config says where the folder is. Exactly one of the two paths is set.
type Config struct {
	// Path is the folder (--storage.path): the series lie in Path/series,
	// everything else directly in Path.
	Path string
	// AdoptedTSDB is a Prometheus data folder (--storage.tsdb.path): it holds the
	// series itself, everything else lies in AdoptedTSDB/daymark.
	AdoptedTSDB string
}

// Folder is an open, locked data folder.
type Folder struct {
	root    string
	series  string
	adopted bool
	lock    *lock
}

// adoptedMark is the file that remembers that the series were Prometheus's
// before they were Daymark's. It outlives the first start, when the folder
// would otherwise look like one that Daymark made.
const adoptedMark = "adopted"

// Open creates the folder's layout and takes its lock.
//
// A lock that another process holds is a *LockedError. The caller closes the
// folder after everything that lives in it.
func Open(cfg Config) (*Folder, error) {
	f, err := layout(cfg)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(f.root, 0o700); err != nil {
		return nil, fmt.Errorf("create data folder: %w", err)
	}
	f.lock, err = takeLock(f.Path(lockName))
	if err != nil {
		return nil, err
	}
	if err := f.prepareSeries(); err != nil {
		return nil, errors.Join(err, f.lock.release())
	}
	return f, nil
}

func layout(cfg Config) (*Folder, error) {
	switch {
	case cfg.Path != "" && cfg.AdoptedTSDB != "":
		return nil, errors.New("--storage.path and --storage.tsdb.path exclude each other: give one of them")
	case cfg.AdoptedTSDB != "":
		return &Folder{root: filepath.Join(cfg.AdoptedTSDB, "daymark"), series: cfg.AdoptedTSDB}, nil
	case cfg.Path != "":
		return &Folder{root: cfg.Path, series: filepath.Join(cfg.Path, "series")}, nil
	default:
		return nil, errors.New("no data folder: --storage.path is empty")
	}
}

// prepareSeries creates the folder of the series and finds out whose it was: it
// is adopted if it held data when Daymark first came to it.
func (f *Folder) prepareSeries() error {
	_, err := os.Stat(f.Path(adoptedMark))
	f.adopted = err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read data folder: %w", err)
	}
	if _, err := os.Stat(f.Database()); errors.Is(err, fs.ErrNotExist) && !f.adopted {
		holds, err := holdsSeries(f.series)
		if err != nil {
			return err
		}
		if holds {
			if err := os.WriteFile(f.Path(adoptedMark), []byte("These series were a Prometheus data folder before Daymark came.\n"), 0o600); err != nil {
				return fmt.Errorf("mark data folder as adopted: %w", err)
			}
			f.adopted = true
		}
	}
	if err := os.MkdirAll(f.series, 0o700); err != nil {
		return fmt.Errorf("create folder of the series: %w", err)
	}
	return nil
}

// holdsSeries tells whether dir has what a Prometheus leaves behind: a
// write-ahead log or a block.
func holdsSeries(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read folder of the series: %w", err)
	}
	block := regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`) // a ULID
	for _, e := range entries {
		if e.IsDir() && (e.Name() == "wal" || block.MatchString(e.Name())) {
			return true, nil
		}
	}
	return false, nil
}

// Series is the folder of the time series.
func (f *Folder) Series() string { return f.series }

// Database is the file of the SQLite database.
func (f *Folder) Database() string { return f.Path("daymark.db") }

// Adopted tells whether the series were a Prometheus data folder before Daymark
// came to it.
func (f *Folder) Adopted() bool { return f.adopted }

// Path is where the part called name keeps its file or folder.
func (f *Folder) Path(name string) string { return filepath.Join(f.root, name) }

// SetAddress writes the address at which the process can be reached into the
// lock file, for whoever finds the folder locked.
func (f *Folder) SetAddress(url string) error { return f.lock.write(url) }

// Close gives the lock back. Closing twice is harmless.
func (f *Folder) Close() error { return f.lock.release() }
