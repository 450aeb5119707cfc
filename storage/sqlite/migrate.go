package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"regexp"
	"strconv"
	"time"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one numbered step of the schema. It runs once, ever.
type migration struct {
	version int
	name    string // of the file, without .sql
	needs   string // the first Daymark that has it
	script  string
}

// ledger remembers which migrations have run. It is as old as the database, so
// it is made outside of them; every Daymark can read it.
const ledger = `CREATE TABLE IF NOT EXISTS migrations (
	version    INTEGER PRIMARY KEY,
	name       TEXT NOT NULL,
	needs      TEXT NOT NULL,
	applied_ms INTEGER NOT NULL
) STRICT`

func embeddedMigrations() ([]migration, error) {
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return readMigrations(sub)
}

// readMigrations reads NNNN_name.sql files, numbered 1, 2, 3, … without a gap.
// Each begins with the comment "-- needs Daymark X.Y.Z".
func readMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "*.sql") // sorted
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	fileName := regexp.MustCompile(`^(\d{4})_[a-z0-9_]+\.sql$`)
	firstLine := regexp.MustCompile(`^-- needs Daymark (\d+\.\d+\.\d+)\n`)
	list := make([]migration, 0, len(names))
	for i, name := range names {
		number := fileName.FindStringSubmatch(name)
		if number == nil {
			return nil, fmt.Errorf("migration %s: the name must be like 0001_settings.sql", name)
		}
		version, err := strconv.Atoi(number[1])
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("migration %s: number %d is missing", name, i+1)
		}
		script, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		needs := firstLine.FindSubmatch(script)
		if needs == nil {
			return nil, fmt.Errorf("migration %s: the first line must say which Daymark it needs", name)
		}
		list = append(list, migration{
			version: version, name: name[:len(name)-len(path.Ext(name))], needs: string(needs[1]), script: string(script),
		})
	}
	return list, nil
}

// migrate runs the migrations that have not run yet, each in one transaction
// with its line in the ledger.
func migrate(writer *sql.DB, known []migration, log *slog.Logger) error {
	ctx := context.Background() // a start is not interrupted half way
	if _, err := writer.ExecContext(ctx, ledger); err != nil {
		return fmt.Errorf("create ledger of migrations: %w", err)
	}
	last, err := lastMigration(ctx, writer)
	if err != nil {
		return err
	}
	if last.version > len(known) {
		return &NewerError{Version: last.version, Name: last.name, Needs: last.needs, Known: len(known)}
	}
	for _, m := range known[last.version:] {
		if err := m.run(ctx, writer); err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
		log.Info("database migrated", "migration", m.name)
	}
	return nil
}

func lastMigration(ctx context.Context, writer *sql.DB) (migration, error) {
	var m migration
	err := writer.QueryRowContext(ctx, `SELECT version, name, needs FROM migrations ORDER BY version DESC LIMIT 1`).
		Scan(&m.version, &m.name, &m.needs)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return migration{}, fmt.Errorf("read ledger of migrations: %w", err)
	}
	return m, nil
}

func (m migration) run(ctx context.Context, writer *sql.DB) error {
	tx, err := writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	if _, err := tx.ExecContext(ctx, m.script); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO migrations (version, name, needs, applied_ms) VALUES (?, ?, ?, ?)`,
		m.version, m.name, m.needs, time.Now().UnixMilli()); err != nil {
		return fmt.Errorf("write ledger: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	return nil
}

// NewerError says that a newer Daymark has changed the schema beyond what this
// one knows. Nothing has been written.
type NewerError struct {
	// Version and Name are of the newest migration in the file.
	Version int
	Name    string
	// Needs is the oldest Daymark that knows it.
	Needs string
	// Known is the newest version that this Daymark knows.
	Known int
}

// Error says which Daymark is needed.
func (e *NewerError) Error() string {
	return fmt.Sprintf("a newer Daymark has written it (schema %d, %s; this Daymark knows %d): use Daymark %s or later, or restore a backup from before the upgrade",
		e.Version, e.Name, e.Known, e.Needs)
}
