// Package sqlite keeps Daymark's own records: one database file, one writer,
// numbered migrations. The SQL of each record stands beside its type.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver registers itself as "sqlite"
)

// readers is how many reads run at a time. They never wait for the writer.
const readers = 4

// DB is an open database.
type DB struct {
	writer *sql.DB // one connection
	reader *sql.DB // cannot write
}

// Open opens the database file at path, creates it if it is not there, and
// brings its schema up to date. A file that a newer Daymark has written is an
// error that says which one it needs.
func Open(path string, log *slog.Logger) (*DB, error) {
	known, err := embeddedMigrations()
	if err != nil {
		return nil, err
	}
	return open(path, known, log)
}

func open(path string, known []migration, log *slog.Logger) (*DB, error) {
	// FULL: what a transaction has committed survives a power cut.
	writer, err := sql.Open("sqlite", dsn(path,
		"_txlock=immediate", "_pragma=busy_timeout(10000)", "_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)",
		"_pragma=foreign_keys(ON)", "_pragma=journal_size_limit(67108864)", "_pragma=trusted_schema(OFF)"))
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	writer.SetMaxOpenConns(1)
	if err := migrate(writer, known, log); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), writer.Close())
	}
	reader, err := sql.Open("sqlite", dsn(path,
		"_pragma=busy_timeout(10000)", "_pragma=query_only(ON)", "_pragma=trusted_schema(OFF)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), writer.Close())
	}
	reader.SetMaxOpenConns(readers)
	reader.SetMaxIdleConns(readers)
	return &DB{writer: writer, reader: reader}, nil
}

// dsn is the address of path for the driver, whatever characters path has.
func dsn(path string, options ...string) string {
	path = filepath.ToSlash(path)
	if filepath.VolumeName(path) != "" {
		path = "/" + path // file:///C:/…
	}
	u := url.URL{Path: path}
	return "file:" + strings.ReplaceAll(u.EscapedPath(), "//", "/") + "?" + strings.Join(options, "&")
}

// Tx runs fn in the one writing transaction and commits it if fn returns nil;
// by then it is on disk. Transactions wait for each other: fn does nothing slow
// and calls neither Tx nor Read. An error of fn is returned as it is.
func (db *DB) Tx(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit; ends it after an error or a panic
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	return nil
}

// Read is for queries only; whatever writes through it fails. Each query sees
// what was committed when it began.
func (db *DB) Read() *sql.DB { return db.reader }

// Close waits for what is running, moves everything into the database file and
// closes it. Closing twice is harmless.
func (db *DB) Close() error {
	// The writer last: the last connection to close tidies up the write-ahead log,
	// which a read-only one could not.
	if err := errors.Join(db.reader.Close(), db.writer.Close()); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}
