package series

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/prometheus/prometheus/tsdb/fileutil"
	"github.com/prometheus/prometheus/tsdb/record"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"
	"github.com/prometheus/prometheus/tsdb/wlog"
	"github.com/prometheus/prometheus/util/compression"
)

// rewriteSegment is larger than any segment, so that one rewritten stays one.
const rewriteSegment = 1 << 30

// recoverKilled mends what a killed process leaves in dir, before the TSDB reads
// it. The TSDB alone would lose acknowledged out-of-order samples in two ways:
//
//   - A write-ahead log that ends within a record makes it skip the write-behind
//     log, which holds those samples, until the next start.
//   - The write-behind log marks which samples have also been mapped to a chunk
//     file, and those are not read again. A chunk may not have reached its file
//     when the process died, and after a chunk was mapped by a compaction the mark
//     names no chunk at all. Without marks every sample is read again, and those
//     that a chunk holds as well are merged.
//
// Nothing is done after an orderly stop. Each step can itself be interrupted.
func recoverKilled(dir string, noLockfile bool, log *slog.Logger) (err error) {
	if !noLockfile {
		if _, err := os.Stat(filepath.Join(dir, "lock")); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		lock, err := tsdbutil.NewDirLocker(dir, "tsdb", log, nil)
		if err != nil {
			return err
		}
		if err := lock.Lock(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, lock.Release()) }()
	}
	if err := cutTornTail(filepath.Join(dir, "wal"), log); err != nil {
		return fmt.Errorf("mend write-ahead log: %w", err)
	}
	behind := filepath.Join(dir, wlog.WblDirName)
	if err := cutTornTail(behind, log); err != nil {
		return fmt.Errorf("mend write-behind log: %w", err)
	}
	if err := dropMarks(behind, filepath.Join(dir, "wbl-rewrite"), log); err != nil {
		return fmt.Errorf("mend write-behind log: %w", err)
	}
	return nil
}

// segments returns the numbers of the segments in dir that hold anything.
func segments(dir string) ([]int, error) {
	first, last, err := wlog.Segments(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && last < 0 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list segments: %w", err)
	}
	var numbers []int
	for n := first; n <= last; n++ {
		info, err := os.Stat(wlog.SegmentName(dir, n))
		if err != nil {
			return nil, fmt.Errorf("list segments: %w", err)
		}
		if info.Size() > 0 {
			numbers = append(numbers, n)
		}
	}
	return numbers, nil
}

// readRecords calls each for every whole record of a segment. It returns the
// offset at which the last of them ends, and what stands in the way after it.
func readRecords(segment string, each func(record []byte) error) (end int64, broken, err error) {
	file, err := wlog.OpenReadSegment(segment)
	if err != nil {
		return 0, nil, fmt.Errorf("open segment: %w", err)
	}
	buffered := wlog.NewSegmentBufReader(file)
	defer buffered.Close() // read only: nothing can be lost
	reader := wlog.NewReader(buffered)
	for reader.Next() {
		if err := each(reader.Record()); err != nil {
			return 0, nil, err
		}
		end = reader.Offset()
	}
	return end, reader.Err(), nil
}

// cutTornTail removes the record that was being written when the process died:
// it was not acknowledged. Only the last segment can have one.
func cutTornTail(dir string, log *slog.Logger) error {
	numbers, err := segments(dir)
	if err != nil || len(numbers) == 0 {
		return err
	}
	segment := wlog.SegmentName(dir, numbers[len(numbers)-1])
	end, broken, err := readRecords(segment, func([]byte) error { return nil })
	if err != nil || broken == nil {
		return err
	}
	log.Warn("removing what was being written when the process was killed", "segment", segment, "offset", end, "err", broken)
	if err := os.Truncate(segment, end); err != nil {
		return fmt.Errorf("cut segment: %w", err)
	}
	return nil
}

// dropMarks rewrites the segments of the write-behind log in dir that hold marks
// of mapped chunks; scratch is a folder for that.
func dropMarks(dir, scratch string, log *slog.Logger) error {
	numbers, err := segments(dir)
	if err != nil {
		return err
	}
	for _, number := range numbers {
		segment := wlog.SegmentName(dir, number)
		marks := 0
		if _, _, err := readRecords(segment, func(rec []byte) error {
			if isMark(rec) {
				marks++
			}
			return nil
		}); err != nil {
			return err
		}
		if marks == 0 {
			continue
		}
		if err := rewriteWithoutMarks(segment, scratch, log); err != nil {
			return err
		}
		log.Info("out-of-order samples are read again in full, because the process was killed", "segment", segment, "marks", marks)
	}
	return nil
}

func isMark(rec []byte) bool {
	var decoder record.Decoder
	return decoder.Type(rec) == record.MmapMarkers
}

func rewriteWithoutMarks(segment, scratch string, log *slog.Logger) (err error) {
	if err := os.RemoveAll(scratch); err != nil {
		return fmt.Errorf("clear scratch folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	out, err := wlog.NewSize(log, nil, scratch, rewriteSegment, compression.Zstd)
	if err != nil {
		return fmt.Errorf("create segment: %w", err)
	}
	_, broken, err := readRecords(segment, func(rec []byte) error {
		if isMark(rec) {
			return nil
		}
		return out.Log(rec)
	})
	// Closing also puts it on disk.
	if err := errors.Join(broken, err, out.Close()); err != nil {
		return fmt.Errorf("rewrite segment %s: %w", segment, err)
	}
	if err := fileutil.Rename(wlog.SegmentName(scratch, 0), segment); err != nil {
		return fmt.Errorf("replace segment: %w", err)
	}
	return nil
}
