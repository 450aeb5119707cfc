package ruler

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"

	"daymark/storage/series"
	"daymark/storage/sqlite"
)

// Pack is a rule file that comes with the program, and whether it runs.
type Pack struct {
	Name        string // its file's name without the extension
	Title       string
	Description string
	File        string // as groups name it: builtin:NAME.yml
	Enabled     bool   // not switched off by hand
	State       PackState
	Needs       []string // metrics of which one must exist, in the file's order
	Found       []string // those of them that do
	Groups      int
	Rules       int
}

// PackState says whether a pack is evaluated.
type PackState string

// The states of a pack.
const (
	PackOn      PackState = "on"
	PackWaiting PackState = "waiting" // for one of the metrics that it needs
	PackOff     PackState = "off"     // by hand, or because the configuration does not ask for packs
)

// ErrNoPack says that there is no pack of that name.
var ErrNoPack = errors.New("no such rule pack")

const (
	packInterval = 2 * time.Second // between two looks for metrics
	packLookback = time.Hour       // what counts as there: as far back as pending alerts are restored
)

// readPack returns a pack with what the comments at the top of its file say.
// They begin the file, each with "# ":
//
//	# title: What people call it
//	# needs: one_metric, another_metric
//	# needs: a_third
//	#
//	# What it watches, in a few lines. The first comment after it that is
//	# empty ends the description.
//
// A pack that needs nothing is evaluated always.
func readPack(file string, content []byte, groups *rulefmt.RuleGroups) *Pack {
	p := &Pack{Name: strings.TrimSuffix(file, path.Ext(file)), File: builtIn + file, Needs: []string{}, Found: []string{}, Enabled: true}
	for _, g := range groups.Groups {
		p.Groups++
		p.Rules += len(g.Rules)
	}
	var words []string
	lines := bufio.NewScanner(bytes.NewReader(content))
	for lines.Scan() {
		text, comment := strings.CutPrefix(lines.Text(), "#")
		text = strings.TrimSpace(text)
		if !comment || text == "" && len(words) > 0 {
			break
		}
		if title, ok := strings.CutPrefix(text, "title:"); ok {
			p.Title = strings.TrimSpace(title)
		} else if needs, ok := strings.CutPrefix(text, "needs:"); ok {
			p.Needs = append(p.Needs, strings.FieldsFunc(needs, func(r rune) bool { return r == ',' || r == ' ' })...)
		} else if text != "" {
			words = append(words, text)
		}
	}
	p.Description = strings.Join(words, " ")
	if p.Title == "" {
		p.Title = p.Name
	}
	return p
}

// packs knows which packs are switched off and which metrics exist.
type packs struct {
	db *sqlite.DB // nil remembers nothing

	mu     sync.Mutex
	off    map[string]bool
	found  map[string]bool // metrics; one that has been there stays found
	looked bool            // before that, every pack counts as on: its alerts may have to be restored
}

func newPacks(db *sqlite.DB) (*packs, error) {
	p := &packs{db: db, off: map[string]bool{}, found: map[string]bool{}}
	if db == nil {
		return p, nil
	}
	rows, err := db.Read().QueryContext(context.Background(), `SELECT pack FROM pack_switches WHERE enabled = 0`)
	if err != nil {
		return nil, fmt.Errorf("read switches of rule packs: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("read switches of rule packs: %w", err)
		}
		p.off[name] = true
	}
	return p, rows.Err()
}

// state fills in what changes about a pack.
func (p *packs) state(pack Pack, asked bool) Pack {
	p.mu.Lock()
	defer p.mu.Unlock()
	pack.Enabled = !p.off[pack.Name]
	pack.Needs = slices.Clone(pack.Needs)
	pack.Found = []string{}
	for _, name := range pack.Needs {
		if p.found[name] {
			pack.Found = append(pack.Found, name)
		}
	}
	switch {
	case !asked || !pack.Enabled:
		pack.State = PackOff
	case p.looked && len(pack.Needs) > 0 && len(pack.Found) == 0:
		pack.State = PackWaiting
	default:
		pack.State = PackOn
	}
	return pack
}

// remember writes a switch down.
func (p *packs) remember(ctx context.Context, name string, enabled bool) error {
	if p.db != nil {
		err := p.db.Tx(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `INSERT INTO pack_switches (pack, enabled, updated_ms) VALUES (?, ?, ?)
				ON CONFLICT (pack) DO UPDATE SET enabled = excluded.enabled, updated_ms = excluded.updated_ms`,
				name, enabled, time.Now().UnixMilli())
			return err
		})
		if err != nil {
			return fmt.Errorf("remember switch of rule pack %q: %w", name, err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.off[name] = !enabled
	return nil
}

// look asks db for the metrics of list that have not been found yet.
func (p *packs) look(ctx context.Context, list []Pack, db *series.DB) error {
	p.mu.Lock()
	known := maps.Clone(p.found)
	p.mu.Unlock()
	now := time.Now()
	from, to := now.Add(-packLookback).UnixMilli(), now.UnixMilli()
	q, err := db.LocalQueryable().Querier(from, to)
	if err != nil {
		return err
	}
	defer q.Close()
	for _, pack := range list {
		for _, name := range pack.Needs {
			if known[name] {
				continue
			}
			set := q.Select(ctx, false, &storage.SelectHints{Start: from, End: to, Limit: 1, Func: "series"},
				labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, name))
			known[name] = set.Next()
			if err := set.Err(); err != nil {
				return err
			}
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.found, p.looked = known, true
	return nil
}

// Packs lists the packs that come with the program, sorted by name. asked says
// whether the configuration asks for them; where it does not, none runs.
func (r *Ruler) Packs() (list []Pack, asked bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.listPacks(), !r.cfg.PacksOff
}

func (r *Ruler) listPacks() []Pack {
	list := []Pack{}
	for _, pack := range r.loader.set.Load().packs {
		list = append(list, r.packs.state(*pack, !r.cfg.PacksOff))
	}
	return list
}

// SwitchPack switches a pack on or off, for good: a restart does not change
// it. The firing alerts of a pack that goes off are told as resolved. It is
// ErrNoPack where there is none of that name.
func (r *Ruler) SwitchPack(ctx context.Context, name string, enabled bool) (Pack, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.loader.set.Load().packs
	at := slices.IndexFunc(list, func(p *Pack) bool { return p.Name == name })
	if at < 0 {
		return Pack{}, fmt.Errorf("%w: %q", ErrNoPack, name)
	}
	if err := r.packs.remember(ctx, name, enabled); err != nil {
		return Pack{}, err
	}
	if r.running {
		firing := r.firingOf(list[at].File)
		if err := r.update(); err != nil {
			return Pack{}, err
		}
		if !enabled {
			r.resolve(ctx, firing)
		}
	}
	r.log.Info("rule pack switched", "pack", name, "enabled", enabled)
	return r.packs.state(*list[at], !r.cfg.PacksOff), nil
}

// firingOf returns the firing alerts of a file's rules, by expression.
func (r *Ruler) firingOf(file string) map[string][]*rules.Alert {
	firing := map[string][]*rules.Alert{}
	for _, group := range r.manager.RuleGroups() {
		if group.File() != file {
			continue
		}
		for _, rule := range group.AlertingRules() {
			for _, a := range rule.ActiveAlerts() {
				if a.State == rules.StateFiring {
					expr := rule.Query().String()
					firing[expr] = append(firing[expr], a)
				}
			}
		}
	}
	return firing
}

// resolve tells that the alerts have ended: nobody evaluates their rules any
// more, and receivers would believe in them for minutes.
func (r *Ruler) resolve(ctx context.Context, firing map[string][]*rules.Alert) {
	now := time.Now()
	for expr, list := range firing {
		for i, a := range list {
			ended := *a
			ended.State, ended.ResolvedAt, ended.ValidUntil = rules.StateInactive, now, now
			list[i] = &ended
		}
		r.notify(ctx, expr, list...)
	}
}

// watchPacks looks for the metrics that packs wait for, until ctx is done.
func (r *Ruler) watchPacks(ctx context.Context, db *series.DB) {
	tick := time.NewTicker(packInterval)
	defer tick.Stop()
	for {
		if err := r.wakePacks(ctx, db); err != nil && ctx.Err() == nil {
			r.log.Warn("rule packs not compared with the metrics there are", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// wakePacks loads the packs whose metrics have appeared.
func (r *Ruler) wakePacks(ctx context.Context, db *series.DB) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.running {
		return nil
	}
	list := r.listPacks()
	before := activeFiles(list)
	if err := r.packs.look(ctx, list, db); err != nil {
		return err
	}
	after := activeFiles(r.listPacks())
	if slices.Equal(before, after) {
		return nil
	}
	r.log.Info("rule packs chosen by the metrics there are", "packs", after)
	return r.update()
}

// activeFiles are the files of the packs that are on.
func activeFiles(list []Pack) []string {
	files := []string{}
	for _, pack := range list {
		if pack.State == PackOn {
			files = append(files, pack.File)
		}
	}
	return files
}

// packNames lists the rule files at the top of packs.
func packNames(packs fs.FS) ([]string, error) {
	if packs == nil {
		return nil, nil
	}
	entries, err := fs.ReadDir(packs, ".")
	if err != nil {
		return nil, fmt.Errorf("built-in rules: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if ext := path.Ext(entry.Name()); !entry.IsDir() && (ext == ".yml" || ext == ".yaml") {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}
