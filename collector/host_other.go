//go:build !linux

package collector

import "log/slog"

// hostSources are gopsutil's.
func hostSources(*slog.Logger) ([]*source, error) { return portableSources(), nil }
