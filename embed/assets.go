// Package assets holds what the binary carries besides its code: the rule
// packs, the dashboards and the built pages. Only main imports it, and hands each part to the
// package that needs it.
package assets

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

//go:embed all:ui dashboards/*.json rules/*.yml
var files embed.FS

// Sub returns the files below one folder: "dashboards", "rules" or "ui". A folder that the
// binary does not carry is an error.
func Sub(name string) (fs.FS, error) {
	if info, err := fs.Stat(files, name); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("embedded folder %q: %w", name, errors.Join(fs.ErrNotExist, err))
	}
	return fs.Sub(files, name)
}
