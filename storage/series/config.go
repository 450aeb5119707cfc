package series

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/fileutil"
	"github.com/prometheus/prometheus/util/compression"
	"github.com/prometheus/prometheus/util/features"
	promruntime "github.com/prometheus/prometheus/util/runtime"
)

// Config says where the series lie and how they are kept. Only File is read
// again by Apply; the rest holds from Open to Close.
type Config struct {
	// Path is the folder of the series, a Prometheus data folder.
	Path string
	// File is the configuration file: its storage, remote_write and remote_read
	// sections and the global external labels are read. It is never changed.
	File *promconfig.Config
	// Adopted says that a Prometheus used the folder before: its float chunks stay
	// XOR unless File asks for XOR2, because an older Prometheus cannot read XOR2
	// back. Other folders get XOR2 unless File asks for XOR.
	Adopted bool

	// WALCompression is zstd (also when empty), snappy or none.
	WALCompression string
	// WALSegmentSize is the size in bytes at which the write-ahead log starts a new
	// file, from 10 MiB to 256 MiB; 0 is Prometheus's default.
	WALSegmentSize int64
	// MinBlockDuration is the shortest span of a block on disk; 0 is two hours.
	MinBlockDuration time.Duration
	// MaxBlockDuration is the longest span of a compacted block; 0 is a tenth of
	// the retention time, at most 31 days.
	MaxBlockDuration time.Duration
	// MaxBlockChunkSegmentSize is the size in bytes of a chunk file within a block,
	// at least 1 MiB; 0 is Prometheus's default.
	MaxBlockChunkSegmentSize int64
	// HeadChunksWriteQueueSize is how many chunks may wait to be written to disk;
	// 0 writes them at once.
	HeadChunksWriteQueueSize int
	// SamplesPerChunk is how many samples a chunk aims at; 0 is Prometheus's default.
	SamplesPerChunk int
	// CompactionDelayMaxPercent bounds the delay of Features.DelayedCompaction in
	// percent of the head's span; 0 is Prometheus's default.
	CompactionDelayMaxPercent int
	// BlockReloadInterval is how often blocks that others added or removed are
	// looked for; 0 is one minute.
	BlockReloadInterval time.Duration
	// KeepOverlappingBlocks leaves overlapping blocks uncompacted.
	KeepOverlappingBlocks bool
	// NoLockfile opens the folder without Prometheus's own lock file.
	NoLockfile bool
	// DelayCompactFile names a Thanos shipper's file: blocks it does not list as
	// uploaded are not compacted. Empty: all are.
	DelayCompactFile string

	// RemoteFlushDeadline bounds how long Close and Apply wait for samples on their
	// way to a remote endpoint; 0 is one minute.
	RemoteFlushDeadline time.Duration
	// Features are Prometheus's feature flags that concern storage.
	Features Features
	// FeatureRegistry, where set, is told which features are on, for /api/v1/features.
	FeatureRegistry features.Collector
}

// Features are the feature flags of --enable-feature that concern storage.
type Features struct {
	MetadataWALRecords          bool // metadata-wal-records
	StartTimestampZeroIngestion bool // created-timestamp-zero-ingestion
	StartTimestampStorage       bool // st-storage
	HistogramSTEncoding         bool // histograms-st-encoding
	XOR2Encoding                bool // xor2-encoding: XOR2 in adopted folders too
	DelayedCompaction           bool // delayed-compaction
	FastStartup                 bool // fast-startup
	UncachedIO                  bool // use-uncached-io
	TypeAndUnitLabels           bool // type-and-unit-labels
}

const (
	day                  = 24 * time.Hour
	longestRetention     = 100 * 365 * day
	longestBlock         = 31 * day
	defaultRetention     = 15 * day
	defaultFlush         = time.Minute
	smallestWALSegment   = 10 << 20
	largestWALSegment    = 256 << 20
	smallestChunkSegment = 1 << 20
)

// withDefaults checks what can be checked without opening anything and fills in
// what is absent, on a copy of c.File.
func (c Config) withDefaults() (Config, error) {
	if c.Path == "" {
		return c, errors.New("path is empty")
	}
	if c.WALCompression == "" {
		c.WALCompression = compression.Zstd
	}
	if !slices.Contains(compression.Types(), c.WALCompression) {
		return c, fmt.Errorf("write-ahead log compression %q: must be one of %v", c.WALCompression, compression.Types())
	}
	if c.WALSegmentSize != 0 && (c.WALSegmentSize < smallestWALSegment || c.WALSegmentSize > largestWALSegment) {
		return c, fmt.Errorf("write-ahead log segment size %d: must be between 10MB and 256MB", c.WALSegmentSize)
	}
	if c.MaxBlockChunkSegmentSize != 0 && c.MaxBlockChunkSegmentSize < smallestChunkSegment {
		return c, fmt.Errorf("block chunk segment size %d: must be at least 1MB", c.MaxBlockChunkSegmentSize)
	}
	if c.Features.UncachedIO && !fileutil.UncachedIOSupported() {
		return c, errors.New("use-uncached-io is not supported on this system")
	}
	if c.MinBlockDuration <= 0 {
		c.MinBlockDuration = time.Duration(tsdb.DefaultBlockDuration) * time.Millisecond
	}
	if c.CompactionDelayMaxPercent <= 0 || c.CompactionDelayMaxPercent > 100 {
		c.CompactionDelayMaxPercent = tsdb.DefaultCompactionDelayMaxPercent
	}
	if c.RemoteFlushDeadline <= 0 {
		c.RemoteFlushDeadline = defaultFlush
	}
	c.File = withStorageSection(c.File)
	if err := c.checkEncoding(); err != nil {
		return c, err
	}
	return c, checkRemote(c.File)
}

// withStorageSection returns a copy of file whose storage section is complete:
// the TSDB dereferences what an empty file leaves out.
func withStorageSection(file *promconfig.Config) *promconfig.Config {
	copied := promconfig.DefaultConfig
	if file != nil {
		copied = *file
	}
	section := promconfig.TSDBConfig{}
	if copied.StorageConfig.TSDBConfig != nil {
		section = *copied.StorageConfig.TSDBConfig
	}
	retention := promconfig.TSDBRetentionConfig{}
	if section.Retention != nil {
		retention = *section.Retention
	}
	if retention.Time == 0 && retention.Size == 0 && retention.Percentage == 0 {
		retention.Time = model.Duration(defaultRetention)
	}
	if retention.Time < 0 || time.Duration(retention.Time) > longestRetention {
		retention.Time = model.Duration(longestRetention)
	}
	section.Retention = &retention
	copied.StorageConfig.TSDBConfig = &section
	if copied.StorageConfig.ExemplarsConfig == nil {
		exemplars := promconfig.DefaultExemplarsConfig
		copied.StorageConfig.ExemplarsConfig = &exemplars
	}
	return &copied
}

// checkEncoding refuses what the TSDB would refuse, but before anything is open.
func (c Config) checkEncoding() error {
	if c.Features.StartTimestampStorage && c.floatEncoding() == chunkenc.EncXOR {
		return errors.New("storage.tsdb.chunk_encoding.floats: xor cannot hold the start timestamps of the st-storage feature, use xor2")
	}
	return nil
}

// floatEncoding is the encoding of new float chunks.
func (c Config) floatEncoding() chunkenc.Encoding {
	switch c.File.StorageConfig.TSDBConfig.ChunkEncoding.Floats {
	case promconfig.FloatChunkEncodingXOR:
		return chunkenc.EncXOR
	case promconfig.FloatChunkEncodingXOR2:
		return chunkenc.EncXOR2
	}
	if c.Adopted && !c.Features.XOR2Encoding && !c.Features.StartTimestampStorage {
		return chunkenc.EncXOR
	}
	return chunkenc.EncXOR2
}

// options are the TSDB's own.
func (c Config) options(log *slog.Logger) *tsdb.Options {
	section := c.File.StorageConfig.TSDBConfig
	o := tsdb.DefaultOptions()
	o.WALSegmentSize = int(c.WALSegmentSize)
	o.WALCompression = c.WALCompression
	o.MaxBlockChunkSegmentSize = c.MaxBlockChunkSegmentSize
	o.RetentionDuration = time.Duration(section.Retention.Time).Milliseconds()
	o.MaxBytes = int64(section.Retention.Size)
	o.MaxPercentage = section.Retention.Percentage
	o.NoLockfile = c.NoLockfile
	o.HeadChunksWriteQueueSize = c.HeadChunksWriteQueueSize
	o.SamplesPerChunk = c.SamplesPerChunk
	o.MinBlockDuration = c.MinBlockDuration.Milliseconds()
	o.MaxBlockDuration = c.maxBlockDuration().Milliseconds()
	o.EnableExemplarStorage = true
	o.MaxExemplars = c.File.StorageConfig.ExemplarsConfig.MaxExemplars
	o.EnableMemorySnapshotOnShutdown = true
	o.OutOfOrderTimeWindow = section.OutOfOrderTimeWindow
	o.StaleSeriesCompactionThreshold = section.StaleSeriesCompactionThreshold
	o.EnableDelayedCompaction = c.Features.DelayedCompaction
	o.CompactionDelayMaxPercent = c.CompactionDelayMaxPercent
	o.EnableOverlappingCompaction = !c.KeepOverlappingBlocks
	o.UseUncachedIO = c.Features.UncachedIO
	o.BlockReloadInterval = c.BlockReloadInterval
	o.EnableSTAsZeroSample = c.Features.StartTimestampZeroIngestion
	o.EnableSTStorage = c.Features.StartTimestampStorage
	o.EnableHistogramSTEncoding = c.Features.HistogramSTEncoding || c.Features.StartTimestampStorage
	o.EnableFastStartup = c.Features.FastStartup
	o.EnableMetadataWALRecords = c.Features.MetadataWALRecords
	o.FloatChunkEncoding = c.floatEncoding()
	o.FeatureRegistry = c.FeatureRegistry
	if c.DelayCompactFile != "" {
		o.BlockCompactionExcludeFunc = awaitUpload(c.DelayCompactFile, log)
	}
	return o
}

func (c Config) maxBlockDuration() time.Duration {
	if c.MaxBlockDuration > 0 {
		return c.MaxBlockDuration
	}
	retention := time.Duration(c.File.StorageConfig.TSDBConfig.Retention.Time)
	if retention != 0 && retention/10 < longestBlock {
		return retention / 10
	}
	return longestBlock
}

// checkDisk refuses a retention in percent of a disk whose size is unknown and
// warns of file systems that lose data.
func (c Config) checkDisk(log *slog.Logger) error {
	if percentage := c.File.StorageConfig.TSDBConfig.Retention.Percentage; percentage > 0 && promruntime.FsSize(c.Path) == 0 {
		return fmt.Errorf("storage.tsdb.retention.percentage: the size of the disk of %s is unknown, use retention.size", c.Path)
	}
	if fs := promruntime.FsType(c.Path); fs == "NFS_SUPER_MAGIC" {
		log.Warn("series on NFS can be damaged or lost", "path", c.Path)
	}
	return nil
}
