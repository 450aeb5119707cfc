package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openFile(t *testing.T, path string) *DB {
	t.Helper()
	db, err := Open(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func setSetting(t *testing.T, db *DB, key, value string) {
	t.Helper()
	if err := db.Tx(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO settings (key, value) VALUES (?, ?)`, key, value)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, db *DB, query string) (n int) {
	t.Helper()
	if err := db.Read().QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPragmas(t *testing.T) {
	db := openFile(t, filepath.Join(t.TempDir(), "daymark.db"))
	want := map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000"}
	for pragma, value := range want {
		var got string
		if err := db.writer.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != value {
			t.Errorf("writer: %s = %q, %v, want %q", pragma, got, err, value)
		}
	}
	if _, err := db.Read().Exec(`INSERT INTO settings (key, value) VALUES ('a', 'b')`); err == nil {
		t.Error("a write through Read succeeded")
	}
}

func TestCommittedRecordsOutliveTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "daymark.db")
	db := openFile(t, path)
	setSetting(t, db, "theme", "dark")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	db = openFile(t, path)
	if n := count(t, db, `SELECT count(*) FROM settings WHERE key = 'theme' AND value = 'dark'`); n != 1 {
		t.Errorf("%d rows after reopening, want 1", n)
	}
	if n := count(t, db, `SELECT count(*) FROM migrations`); n != 5 {
		t.Errorf("%d migrations after reopening, want 5: each runs once", n)
	}
}

func TestPathMayHoldAnything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "100% odd ?x=1#y &z 日.db")
	db := openFile(t, path)
	setSetting(t, db, "a", "b")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if matches, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); err != nil || len(matches) != 1 || matches[0] != path {
		t.Errorf("files in the folder: %q, %v, want only %q", matches, err, path)
	}
}

func TestTransactionThatFailsChangesNothing(t *testing.T) {
	db := openFile(t, filepath.Join(t.TempDir(), "daymark.db"))
	refused := errors.New("refused")
	insert := func(tx *sql.Tx) {
		if _, err := tx.Exec(`INSERT INTO settings (key, value) VALUES ('a', 'b')`); err != nil {
			t.Fatal(err)
		}
	}
	err := db.Tx(t.Context(), func(tx *sql.Tx) error {
		insert(tx)
		return refused
	})
	if !errors.Is(err, refused) {
		t.Errorf("Tx returned %v, want the error of its function", err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = db.Tx(t.Context(), func(tx *sql.Tx) error {
			insert(tx)
			panic("a bug")
		})
	}()
	cancelled, cancel := context.WithCancel(t.Context())
	if err := db.Tx(cancelled, func(tx *sql.Tx) error {
		insert(tx)
		cancel()
		return nil
	}); err == nil {
		t.Error("a cancelled transaction was committed")
	}
	if n := count(t, db, `SELECT count(*) FROM settings`); n != 0 {
		t.Errorf("%d rows, want none", n)
	}
	setSetting(t, db, "a", "b") // the writer is free again
}

func TestManyWritersAndReadersAtOnce(t *testing.T) {
	db := openFile(t, filepath.Join(t.TempDir(), "daymark.db"))
	setSetting(t, db, "n", "0")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if err := db.Tx(t.Context(), func(tx *sql.Tx) error {
					_, err := tx.Exec(`UPDATE settings SET value = value + 1 WHERE key = 'n'`)
					return err
				}); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for range 20 {
				var n int
				if err := db.Read().QueryRow(`SELECT value FROM settings WHERE key = 'n'`).Scan(&n); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := count(t, db, `SELECT value FROM settings WHERE key = 'n'`); n != 160 {
		t.Errorf("n = %d after 160 increments", n)
	}
}

func TestForeignKeysAreEnforced(t *testing.T) {
	db := openFile(t, filepath.Join(t.TempDir(), "daymark.db"))
	err := db.Tx(t.Context(), func(tx *sql.Tx) error {
		if _, err := tx.Exec(`CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a INTEGER REFERENCES a)`); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO b VALUES (1)`)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "FOREIGN KEY") {
		t.Errorf("a dangling reference gave %v", err)
	}
}

func TestDeliveriesTable(t *testing.T) {
	db := openFile(t, filepath.Join(t.TempDir(), "daymark.db"))
	if err := db.Tx(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO deliveries (fingerprint, receiver, integration, at_ms, ok, error) VALUES ('a1b2', 'pager', 'webhook', 1, 1, '')`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var id, firing int
	if err := db.Read().QueryRow(`SELECT id, firing FROM deliveries WHERE fingerprint = 'a1b2'`).Scan(&id, &firing); err != nil || id != 1 || firing != 0 {
		t.Errorf("id %d, firing %d, %v", id, firing, err)
	}
}

const step1, step2 = "-- needs Daymark 0.1.0\nCREATE TABLE a (x TEXT);", "-- needs Daymark 0.2.0\nCREATE TABLE b (x TEXT);"

func migrations(t *testing.T, scripts map[string]string) []migration {
	t.Helper()
	files := fstest.MapFS{}
	for name, script := range scripts {
		files[name] = &fstest.MapFile{Data: []byte(script)}
	}
	list, err := readMigrations(files)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestNewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "daymark.db")
	log := slog.New(slog.DiscardHandler)
	known := migrations(t, map[string]string{"0001_a.sql": step1, "0002_b.sql": step2})
	newer, err := open(path, known, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := newer.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = open(path, known[:1], log)
	var refused *NewerError
	if !errors.As(err, &refused) || refused.Version != 2 || refused.Known != 1 || refused.Needs != "0.2.0" {
		t.Fatalf("opening with an older Daymark gave %v", err)
	}
	for _, want := range []string{path, "0002_b", "Daymark 0.2.0 or later"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

func TestMigrationThatFailsLeavesNothingBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "daymark.db")
	log := slog.New(slog.DiscardHandler)
	broken := migrations(t, map[string]string{"0001_a.sql": step1, "0002_b.sql": step2 + "CREATE TABLE nonsense ("})
	if _, err := open(path, broken, log); err == nil || !strings.Contains(err.Error(), "0002_b") {
		t.Fatalf("a broken migration gave %v", err)
	}
	db, err := open(path, migrations(t, map[string]string{"0001_a.sql": step1, "0002_b.sql": step2}), log)
	if err != nil {
		t.Fatalf("after mending the migration: %v", err)
	}
	defer db.Close()
	if n := count(t, db, `SELECT count(*) FROM migrations`); n != 2 {
		t.Errorf("%d migrations, want 2", n)
	}
}

func TestMigrationFilesAreNumberedWithoutGaps(t *testing.T) {
	tests := map[string]fstest.MapFS{
		"a number is missing":   {"0001_a.sql": {Data: []byte(step1)}, "0003_b.sql": {Data: []byte(step1)}},
		"a number stands twice": {"0001_a.sql": {Data: []byte(step1)}, "0001_b.sql": {Data: []byte(step1)}},
		"the name is odd":       {"1-a.sql": {Data: []byte(step1)}},
		"no Daymark is named":   {"0001_a.sql": {Data: []byte("CREATE TABLE a (x TEXT);")}},
	}
	for name, files := range tests {
		t.Run(name, func(t *testing.T) {
			if list, err := readMigrations(files); err == nil {
				t.Errorf("read %v", list)
			}
		})
	}
}

func TestFileThatIsNoDatabase(t *testing.T) {
	if _, err := Open(t.TempDir(), slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a folder was opened as a database")
	}
}
