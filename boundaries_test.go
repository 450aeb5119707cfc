package main_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const prometheus = "github.com/prometheus/prometheus/"

// mayImport says which of our folders each folder may import besides itself.
// Packages of the top level (main) may import everything.
var mayImport = map[string][]string{
	"embed":     {},
	"storage":   {},
	"collector": {},          // writes through Prometheus's storage.AppendableV2
	"query":     {"storage"}, // reads through Prometheus's storage.Queryable; waits for series.Feed
	"alerts":    {"query", "storage"},
	"ui":        {"alerts", "collector", "query", "storage"},
	"bench":     {}, // a module of its own, which meets Daymark over the network alone
}

// onlyIn names the places that may touch a library directly, with everything
// below it. Everyone else goes through them, so an upgrade is felt in few
// folders.
var onlyIn = map[string][]string{
	"github.com/VictoriaMetrics/fastcache": {"query/cache"},
	"github.com/gorilla/websocket":         {"ui/server", "bench"},
	"github.com/prometheus/alertmanager":   {"alerts/alertmanager"},
	prometheus + "discovery":               {"collector", "alerts/ruler"}, // the ruler finds external Alertmanagers with it
	prometheus + "notifier":                {"alerts/ruler"},
	prometheus + "rules":                   {"alerts/ruler"},
	prometheus + "scrape":                  {"collector"},
	prometheus + "storage/remote":          {"storage/series"},
	prometheus + "tsdb":                    {"storage/series"},
	"modernc.org/sqlite":                   {"storage/sqlite"},
}

// freeForAll are parts of those libraries that the interfaces of others speak:
// words, not machinery.
var freeForAll = []string{
	prometheus + "tsdb/chunkenc", // part of Prometheus's storage interfaces
}

func TestImportsPointToStorage(t *testing.T) {
	for _, violation := range violations(t, os.DirFS(".")) {
		t.Error(violation)
	}
}

// TestBoundariesBite holds the rules themselves to what they promise: each
// row of both tables refuses a file that breaks it.
func TestBoundariesBite(t *testing.T) {
	tests := map[string]struct{ file, imports, want string }{
		"a lower folder importing a higher one": {
			"storage/series/x.go", "daymark/query", "storage/series/x.go imports daymark/query: storage may not import query",
		},
		"the assets anywhere but in main": {
			"ui/server/x.go", "daymark/embed", "ui/server/x.go imports daymark/embed: ui may not import embed",
		},
		"main itself": {
			"query/x.go", "daymark", "query/x.go imports daymark: query may not import main",
		},
		"a folder that the tables do not know": {
			"extra/x.go", "fmt", "extra/x.go: the folder extra is missing from mayImport in boundaries_test.go",
		},
		"a library past its folder": {
			"query/x.go", prometheus + "tsdb", "query/x.go imports " + prometheus + "tsdb: only storage/series may",
		},
		"a package below that library": {
			"ui/server/x.go", prometheus + "tsdb/wlog", "ui/server/x.go imports " + prometheus + "tsdb/wlog: only storage/series may",
		},
		"a library in a folder beside the one that has it": {
			"query/live/x.go", "github.com/VictoriaMetrics/fastcache", "query/live/x.go imports github.com/VictoriaMetrics/fastcache: only query/cache may",
		},
		"a library with two folders": {
			"ui/server/x.go", prometheus + "discovery/file", "ui/server/x.go imports " + prometheus + "discovery/file: only collector, alerts/ruler may",
		},
		"words that are free for all":                    {"query/x.go", prometheus + "tsdb/chunkenc", ""},
		"a package whose name merely begins like one":    {"query/x.go", prometheus + "rulesets", ""},
		"the folder itself":                              {"query/live/x.go", "daymark/query", ""},
		"a library in its folder":                        {"storage/series/x.go", prometheus + "tsdb/wlog", ""},
		"a library in a folder below its folder":         {"alerts/alertmanager/deep/x.go", "github.com/prometheus/alertmanager/nflog", ""},
		"anything in a test":                             {"storage/series/x_test.go", "daymark/query", ""},
		"a file for another system":                      {"storage/x_windows.go", "daymark/ui/server", "storage/x_windows.go imports daymark/ui/server: storage may not import ui"},
		"anything at the top, where the parts are wired": {"main.go", "daymark/embed", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			src := fmt.Sprintf("//go:build never\n\npackage x\n\nimport _ %q\n", tc.imports)
			got := strings.Join(breaks(t, tc.file, []byte(src)), "\n")
			if got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}

	for folder, allowed := range mayImport {
		for other := range mayImport {
			src := fmt.Sprintf("package x\n\nimport _ %q\n", "daymark/"+other+"/x")
			refused := len(breaks(t, folder+"/x.go", []byte(src))) > 0
			if want := other != folder && !slices.Contains(allowed, other); refused != want {
				t.Errorf("%s imports %s: refused is %t, want %t", folder, other, refused, want)
			}
		}
	}
	for library, places := range onlyIn {
		src := fmt.Sprintf("package x\n\nimport _ %q\n", library+"/x")
		if len(breaks(t, "embed/x.go", []byte(src))) == 0 {
			t.Errorf("embed imports %s and nobody minds", library)
		}
		for _, place := range places {
			if found := breaks(t, place+"/x.go", []byte(src)); len(found) > 0 {
				t.Errorf("%s is refused its own library: %s", place, found)
			}
		}
	}
}

// TestSleepsOnlyInBubbles keeps real time out of the tests: a sleep costs
// nothing inside a synctest bubble, and everywhere else it is either too long
// or too short.
func TestSleepsOnlyInBubbles(t *testing.T) {
	for _, file := range goFiles(t, os.DirFS(".")) {
		if !strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed := parse(t, file, nil, parser.SkipObjectResolution)
		if slices.ContainsFunc(parsed.Imports, func(s *ast.ImportSpec) bool { return s.Path.Value == `"testing/synctest"` }) {
			continue
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if call, ok := n.(*ast.SelectorExpr); ok && fmt.Sprint(call.X) == "time" && call.Sel.Name == "Sleep" {
				t.Errorf("%s calls time.Sleep outside a synctest bubble: wait for a condition with a deadline instead", file)
			}
			return true
		})
	}
}

// violations says, one sentence each, what breaks the tables below root.
func violations(t *testing.T, root fs.FS) (found []string) {
	t.Helper()
	for _, file := range goFiles(t, root) {
		src, err := fs.ReadFile(root, file)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, breaks(t, file, src)...)
	}
	return found
}

// breaks checks one file. Build tags are not looked at, so the files of every
// system count.
func breaks(t *testing.T, file string, src []byte) (found []string) {
	t.Helper()
	folder, _, nested := strings.Cut(file, "/")
	if !nested || strings.HasSuffix(file, "_test.go") {
		return nil
	}
	allowed, known := mayImport[folder]
	if !known {
		return []string{fmt.Sprintf("%s: the folder %s is missing from mayImport in boundaries_test.go", file, folder)}
	}
	for _, spec := range parse(t, file, src, parser.ImportsOnly).Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if other, ours := ourFolder(imported); ours && other != folder && !slices.Contains(allowed, other) {
			found = append(found, fmt.Sprintf("%s imports %s: %s may not import %s", file, imported, folder, other))
		}
		if slices.Contains(freeForAll, imported) {
			continue
		}
		for _, library := range slices.Sorted(maps.Keys(onlyIn)) {
			places := onlyIn[library]
			at := func(place string) bool { return within(path.Dir(file), place) }
			if within(imported, library) && !slices.ContainsFunc(places, at) {
				found = append(found, fmt.Sprintf("%s imports %s: only %s may", file, imported, strings.Join(places, ", ")))
			}
		}
	}
	return found
}

// ourFolder names the top-level folder that an import path of this module
// lies in ("main" for the module itself).
func ourFolder(imported string) (string, bool) {
	rest, ours := strings.CutPrefix(imported+"/", "daymark/")
	if !ours {
		return "", false
	}
	folder, _, _ := strings.Cut(rest, "/")
	if folder == "" {
		return "main", true
	}
	return folder, true
}

// within says whether path p is dir or lies below it.
func within(p, dir string) bool { return p == dir || strings.HasPrefix(p, dir+"/") }

// goFiles lists the Go files below root that the go command looks at, and
// those that a build tag hides from it.
func goFiles(t *testing.T, root fs.FS) (files []string) {
	t.Helper()
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch base := path.Base(name); {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules"):
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(name, ".go"):
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func parse(t *testing.T, file string, src []byte, mode parser.Mode) *ast.File {
	t.Helper()
	var from any
	if src != nil {
		from = src
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, from, mode)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
