package main

import (
	"context"
	"database/sql"
	"time"

	"daymark/storage/sqlite"
)

// ignored is the record of exporters that are not to be scraped. The collector
// knows no database, so its SQL stands here.
type ignored struct{ db *sqlite.DB }

// list returns the URLs.
func (i ignored) list(ctx context.Context) (urls []string, err error) {
	rows, err := i.db.Read().QueryContext(ctx, `SELECT url FROM ignored_exporters ORDER BY url`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var url string
		if err := rows.Scan(&url); err != nil {
			return nil, err
		}
		urls = append(urls, url)
	}
	return urls, rows.Err()
}

// set adds a URL or takes it away.
func (i ignored) set(ctx context.Context, url string, ignore bool) error {
	return i.db.Tx(ctx, func(tx *sql.Tx) error {
		if !ignore {
			_, err := tx.ExecContext(ctx, `DELETE FROM ignored_exporters WHERE url = ?`, url)
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO ignored_exporters (url, at_ms) VALUES (?, ?) ON CONFLICT DO NOTHING`, url, time.Now().UnixMilli())
		return err
	})
}
