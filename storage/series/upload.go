package series

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/prometheus/tsdb"
)

// uploadListAge is how long the list of uploaded blocks is used before it is
// read again; compaction asks once for each block.
const uploadListAge = time.Minute

// awaitUpload keeps blocks out of compaction until path, a Thanos shipper's
// file, lists them as uploaded. Compacted blocks are never uploaded and so never
// wait. A file that cannot be read holds nothing back.
func awaitUpload(path string, log *slog.Logger) tsdb.BlockExcludeFilterFunc {
	var (
		mu       sync.Mutex
		uploaded []string
		read     time.Time
	)
	return func(block *tsdb.BlockMeta) bool {
		if block.Compaction.Level > 1 {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		if read.IsZero() || time.Since(read) > uploadListAge {
			list, err := readUploaded(path)
			if err != nil {
				log.Warn("compacting without the list of uploaded blocks", "err", err)
				return false
			}
			uploaded, read = list, time.Now()
		}
		return !slices.Contains(uploaded, block.ULID.String())
	}
}

func readUploaded(path string) ([]string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read list of uploaded blocks: %w", err)
	}
	var list struct {
		Uploaded []string `json:"uploaded"`
	}
	if err := json.Unmarshal(content, &list); err != nil {
		return nil, fmt.Errorf("read list of uploaded blocks %s: %w", path, err)
	}
	return list.Uploaded, nil
}
