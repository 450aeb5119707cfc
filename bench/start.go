package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// start measures cold starts with six hours of history: after an orderly stop
// and after kill -9, and counts the samples that the latter lost.
func start(ctx context.Context, b *bench) error {
	var rows [][]string
	for _, kind := range b.systems {
		some, err := b.startSystemAgain(ctx, kind)
		if errors.Is(err, errMissing) {
			b.out.note("%s is left out: %s", kind, err)
			continue
		} else if err != nil {
			return err
		}
		rows = append(rows, some...)
	}
	b.out.note("6 h of %d series at 15 s, back-filled, then scraped every %s; the page cache of the data dropped before each start. Seconds from the start of the process.", b.series, liveInterval)
	b.out.table([]string{"system", "after", "first answer", "ready", "first scrape answered", "CPU to ready", "scrapes lost"}, rows)
	b.out.note("Scrapes lost: of those that were answered in the minute before kill -9, how many cannot be queried afterwards. Versions: %s.", b.versions(ctx, b.systems...))
	return nil
}

func (b *bench) startSystemAgain(ctx context.Context, kind string) ([][]string, error) {
	targets := b.series / seriesPerTarget
	load, address, err := b.startLoad(ctx, targets, seriesPerTarget)
	if err != nil {
		return nil, err
	}
	defer load.end(os.Interrupt) //nolint:errcheck // it serves nothing any more
	folder := filepath.Join(b.work, "start-"+kind)
	defer os.RemoveAll(folder)
	s, err := b.startSystem(ctx, kind, folder, "")
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.end(os.Kill) }() // the last one; its folder goes as well
	b.out.progress("%s: back-fill of six hours", kind)
	if err := s.fillUpToNow(ctx, b.seed, history{"shop", targets, seriesPerTarget, time.Now().Add(-6 * time.Hour).Truncate(15 * time.Second), time.Now(), 15 * time.Second}); err != nil {
		return nil, err
	}
	config := scrapeConfig(address, targets, liveInterval)
	if err := s.configure(config); err != nil {
		return nil, err
	}
	if err := s.settleScraping(ctx, b.phase); err != nil {
		return nil, err
	}
	var rows [][]string
	for _, after := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		b.out.progress("%s: start after %s", kind, after)
		stopped := time.Now()
		if after == syscall.SIGTERM {
			stopped = time.Time{} // nothing is lost by an orderly stop
		}
		if err := s.end(after); err != nil {
			return nil, err
		}
		if err := dropCache(s.folder); err != nil {
			return nil, err
		}
		row, next, err := b.coldStart(ctx, kind, folder, config, address, stopped)
		if err != nil {
			return nil, err
		}
		s = next
		rows = append(rows, append([]string{kind, map[syscall.Signal]string{syscall.SIGTERM: "an orderly stop", syscall.SIGKILL: "kill -9"}[after]}, row...))
		if err := pause(ctx, b.phase); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// settleScraping lets a system scrape for a while after a back-fill.
func (s *system) settleScraping(ctx context.Context, d time.Duration) error {
	_, err := s.over(ctx, max(d, time.Minute)+time.Minute) // a compaction begins within a minute
	return err
}

// dropCache takes a folder's files out of the page cache, as a boot would.
func dropCache(folder string) error {
	unix.Sync() // what has not been written cannot be dropped
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		return unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
	})
}

// coldStart starts a system and times it; stopped is when it was killed, zero
// after an orderly stop.
func (b *bench) coldStart(ctx context.Context, kind, folder, config, load string, stopped time.Time) ([]string, *system, error) {
	begun := time.Now()
	first := make(chan time.Duration, 1)
	s, err := b.startSystemWatched(ctx, kind, folder, config, func(s *system) {
		for {
			// Whatever it says, it answers: Prometheus's module carries no UI.
			if _, _, err := s.get(ctx, "/"); err == nil || pause(ctx, 2*time.Millisecond) != nil {
				first <- time.Since(s.started)
				return
			}
		}
	})
	if err != nil {
		return nil, nil, err
	}
	ready := time.Since(s.started)
	spent, err := s.cpu()
	if err != nil {
		return nil, s, err
	}
	answered, err := b.firstScrape(ctx, load, begun)
	if err != nil {
		return nil, s, err
	}
	lost := "–"
	if !stopped.IsZero() {
		if lost, err = b.lost(ctx, s, load, stopped); err != nil {
			return nil, s, err
		}
	}
	return []string{seconds(<-first), seconds(ready), seconds(answered.Sub(s.started)), seconds(spent), lost}, s, nil
}

// firstScrape is when the first target answered after a moment.
func (b *bench) firstScrape(ctx context.Context, load string, after time.Time) (time.Time, error) {
	for range 600 {
		scrapes, err := b.scrapes(ctx, load, after)
		if err != nil {
			return time.Time{}, err
		}
		earliest := time.Time{}
		for _, target := range scrapes {
			for _, one := range target {
				if t := time.UnixMicro(int64(one.Ended * 1000)); earliest.IsZero() || t.Before(earliest) {
					earliest = t
				}
			}
		}
		if !earliest.IsZero() {
			return earliest, nil
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return time.Time{}, err
		}
	}
	return time.Time{}, errors.New("nothing was scraped within a minute of the start")
}

// lost counts the scrapes of the minute before a kill that cannot be queried.
func (b *bench) lost(ctx context.Context, s *system, load string, killed time.Time) (string, error) {
	scrapes, err := b.scrapes(ctx, load, killed.Add(-time.Minute))
	if err != nil {
		return "", err
	}
	missing, all := 0, 0
	for i, target := range scrapes {
		status, body, err := s.get(ctx, "/api/v1/query?"+url.Values{"query": {fmt.Sprintf("%s{instance=%q}[5m]", probe, instance(i))}}.Encode())
		if err != nil || status != http.StatusOK {
			return "", fmt.Errorf("status %d: %w: %.300s", status, err, body)
		}
		var answer struct {
			Data struct {
				Result []struct {
					Values [][2]json.RawMessage `json:"values"`
				} `json:"result"`
			} `json:"data"`
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			return "", err
		}
		stored := map[int64]bool{} // by the value, which is the time of the scrape in ms
		for _, r := range answer.Data.Result {
			for _, v := range r.Values {
				if f, err := strconv.ParseFloat(string(v[1][1:len(v[1])-1]), 64); err == nil {
					stored[int64(f*1000+0.5)] = true
				}
			}
		}
		for _, one := range target {
			if one.Ended >= millis(killed) {
				continue
			}
			all++
			if !stored[int64(one.Begun)] {
				missing++
			}
		}
	}
	return fmt.Sprintf("%d of %d", missing, all), nil
}
