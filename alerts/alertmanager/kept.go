package alertmanager

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/common/model"

	"daymark/storage/sqlite"
)

// kept holds the alerts from rules on disk. Routing has them in memory alone,
// and rules say nothing about an alert whose end they have not seen: without
// it, what ended while Daymark was down would never be told to have ended.
type kept struct {
	db *sqlite.DB

	mu     sync.Mutex
	firing map[model.Fingerprint]bool // what is on disk, and whether it fires there
}

// load returns the alerts of the time before. Those that fired are believed
// until now + defaultResolveTimeout: long enough for their rules to confirm
// them, and if none does, they end.
func (k *kept) load(ctx context.Context, now time.Time) ([]*alert.Alert, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	rows, err := k.db.Read().QueryContext(ctx, `SELECT labels, annotations, generator_url, starts_ms, ends_ms FROM alerts`)
	if err != nil {
		return nil, fmt.Errorf("read alerts: %w", err)
	}
	defer rows.Close()
	k.firing = map[model.Fingerprint]bool{}
	var list []*alert.Alert
	for rows.Next() {
		var labels, annotations []byte
		var startsMs, endsMs int64
		am := &alert.Alert{UpdatedAt: now}
		if err := rows.Scan(&labels, &annotations, &am.GeneratorURL, &startsMs, &endsMs); err != nil {
			return nil, fmt.Errorf("read alerts: %w", err)
		}
		if err := json.Unmarshal(labels, &am.Labels); err != nil {
			return nil, fmt.Errorf("read alerts: labels: %w", err)
		}
		if err := json.Unmarshal(annotations, &am.Annotations); err != nil {
			return nil, fmt.Errorf("read alerts: annotations: %w", err)
		}
		am.StartsAt, am.EndsAt = time.UnixMilli(startsMs), time.UnixMilli(endsMs)
		if endsMs == 0 {
			am.EndsAt = now.Add(defaultResolveTimeout)
		}
		k.firing[am.Fingerprint()] = endsMs == 0
		list = append(list, am)
	}
	return list, rows.Err()
}

// note writes the alerts whose state has changed. It returns when they are on
// disk.
func (k *kept) note(ctx context.Context, list []*alert.Alert, now time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	changed := map[model.Fingerprint]*alert.Alert{} // to its newest state
	for _, am := range list {
		fp, fires := am.Fingerprint(), !am.ResolvedAt(now)
		was, onDisk := k.firing[fp]
		if changed[fp] != nil || fires != was || fires && !onDisk {
			changed[fp] = am
		}
	}
	if len(changed) == 0 {
		return nil
	}
	err := k.db.Tx(ctx, func(tx *sql.Tx) error {
		for fp, am := range changed {
			if err := write(ctx, tx, fp, am, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep %d alerts: %w", len(changed), err)
	}
	for fp, am := range changed {
		k.firing[fp] = !am.ResolvedAt(now)
	}
	return nil
}

func write(ctx context.Context, tx *sql.Tx, fp model.Fingerprint, am *alert.Alert, now time.Time) error {
	labels, err := json.Marshal(am.Labels)
	if err != nil {
		return fmt.Errorf("labels: %w", err)
	}
	annotations, err := json.Marshal(am.Annotations)
	if err != nil {
		return fmt.Errorf("annotations: %w", err)
	}
	var endsMs int64
	if am.ResolvedAt(now) {
		endsMs = am.EndsAt.UnixMilli()
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO alerts (fingerprint, labels, annotations, generator_url, starts_ms, ends_ms) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (fingerprint) DO UPDATE SET labels = excluded.labels, annotations = excluded.annotations,
			generator_url = excluded.generator_url, starts_ms = excluded.starts_ms, ends_ms = excluded.ends_ms`,
		fp.String(), string(labels), string(annotations), am.GeneratorURL, am.StartsAt.UnixMilli(), endsMs)
	return err
}

// forget removes alerts that routing has dropped: they ended long ago.
func (k *kept) forget(ctx context.Context, list model.Fingerprints) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	err := k.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, fp := range list {
			if _, onDisk := k.firing[fp]; !onDisk {
				continue
			}
			if _, err := tx.ExecContext(ctx, `DELETE FROM alerts WHERE fingerprint = ?`, fp.String()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget %d alerts: %w", len(list), err)
	}
	for _, fp := range list {
		delete(k.firing, fp)
	}
	return nil
}
