package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// footprint measures what scraping costs in CPU, memory and disk, at two sizes.
func footprint(ctx context.Context, b *bench) error {
	var rows [][]string
	sizes := []struct{ targets, series int }{{b.series / seriesPerTarget, seriesPerTarget}}
	if b.large > 0 {
		sizes = append(sizes, struct{ targets, series int }{b.large / 10_000, 10_000})
	}
	for _, size := range sizes {
		for _, kind := range b.systems {
			row, err := b.foot(ctx, kind, size.targets, size.series)
			if errors.Is(err, errMissing) {
				b.out.note("%s is left out: %s", kind, err)
				continue
			} else if err != nil {
				return err
			}
			rows = append(rows, row)
		}
	}
	if row, err := b.alertmanagerFoot(ctx); err == nil {
		rows = append(rows, row)
	} else if !errors.Is(err, errMissing) {
		return err
	}
	b.out.note("Every %s, for %s after a warm-up of %s; then an orderly stop.", liveInterval, 5*b.phase, b.phase)
	b.out.table([]string{"system", "series", "CPU-s per million samples", "resident MB", "anonymous MB", "anonymous bytes a series", "folder MB", "bytes a sample"}, rows)
	b.out.note("Versions: %s.", b.versions(ctx, append([]string{"alertmanager"}, b.systems...)...))
	return nil
}

func (b *bench) foot(ctx context.Context, kind string, targets, series int) ([]string, error) {
	load, address, err := b.startLoad(ctx, targets, series)
	if err != nil {
		return nil, err
	}
	defer load.end(os.Interrupt) //nolint:errcheck // it serves nothing any more
	folder := filepath.Join(b.work, "footprint-"+kind)
	defer os.RemoveAll(folder)
	s, err := b.startSystem(ctx, kind, folder, scrapeConfig(address, targets, liveInterval))
	if err != nil {
		return nil, err
	}
	defer s.end(os.Kill) //nolint:errcheck // a second signal does nothing
	b.out.progress("%s: %d series", kind, targets*series)
	if err := pause(ctx, b.phase); err != nil {
		return nil, err
	}
	begun := time.Now()
	spent, err := s.over(ctx, 5*b.phase)
	if err != nil {
		return nil, err
	}
	resident, anonymous, err := s.memory()
	if err != nil {
		return nil, err
	}
	scrapes, err := b.scrapes(ctx, address, time.Time{}.AddDate(1970, 0, 0))
	if err != nil {
		return nil, err
	}
	during, all := 0, 0
	for _, target := range scrapes {
		for _, one := range target {
			all += series
			if one.Ended >= millis(begun) {
				during += series
			}
		}
	}
	if err := s.end(syscall.SIGTERM); err != nil {
		return nil, err
	}
	size, err := folderSize(s.folder)
	if err != nil {
		return nil, err
	}
	n := float64(targets * series)
	return []string{
		kind, fmt.Sprint(targets * series), fmt.Sprintf("%.2f", spent.Seconds()/float64(during)*1e6), megabytes(resident), megabytes(anonymous),
		fmt.Sprintf("%.0f", float64(anonymous)/n), megabytes(size), fmt.Sprintf("%.2f", float64(size)/float64(all)),
	}, nil
}

// alertmanagerFoot is the memory that the peer needs beside Prometheus.
func (b *bench) alertmanagerFoot(ctx context.Context) ([]string, error) {
	binary, err := b.program(ctx, "alertmanager")
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(b.work, "footprint-alertmanager")
	defer os.RemoveAll(folder)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	file := filepath.Join(folder, "alertmanager.yml")
	if err := os.WriteFile(file, []byte("route: {receiver: none}\nreceivers: [{name: none}]\n"), 0o600); err != nil {
		return nil, err
	}
	listen, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	p, err := startProcess(ctx, "alertmanager", binary, "--config.file="+file, "--storage.path="+folder, "--web.listen-address="+listen, "--cluster.listen-address=", "--log.level=warn")
	if err != nil {
		return nil, err
	}
	p.drain()
	defer p.end(os.Kill) //nolint:errcheck // nothing of it is looked at
	if err := pause(ctx, b.phase); err != nil {
		return nil, err
	}
	resident, anonymous, err := p.memory()
	return []string{"alertmanager, idle", "–", "–", megabytes(resident), megabytes(anonymous), "–", "–", "–"}, err
}

// folderSize is what a folder's files take on disk.
func folderSize(folder string) (int64, error) {
	var sum int64
	err := filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); ok {
			sum += stat.Blocks * 512 // preallocated logs are sparse
		}
		return nil
	})
	return sum, err
}
