// Command cross checks that Daymark compiles for systems other than this one:
// for each GOOS/GOARCH of its arguments it checks the types of the program and
// of everything it imports, from source.
//
// A cross build proves a little more and takes minutes for each system, nearly
// all of them spent on code generation for libraries. What breaks in practice
// is a name that a file for another system lacks, and that is found here in
// seconds. Bodies of functions are checked in our own packages only.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

func main() {
	failed := false
	for _, system := range os.Args[1:] {
		checked, err := check(system)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", system, err)
			failed = true
			continue
		}
		fmt.Printf("%s: %d packages, types hold\n", system, checked)
	}
	if failed {
		os.Exit(1)
	}
}

// listed is what go list says about a package.
type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	ImportMap  map[string]string
	Module     *struct {
		Main      bool
		GoVersion string
	}

	files []*ast.File
	err   error
}

func (p *listed) ours() bool { return p.Module != nil && p.Module.Main }

// check returns how many packages it has checked for system, "os/arch".
func check(system string) (int, error) {
	goos, goarch, ok := strings.Cut(system, "/")
	if !ok {
		return 0, errors.New("want os/arch")
	}
	packages, err := list(goos, goarch)
	if err != nil {
		return 0, err
	}
	fset := token.NewFileSet()
	parse(fset, packages)
	done := map[string]*types.Package{"unsafe": types.Unsafe}
	var problems []error
	for _, p := range packages { // go list puts what is imported first
		if p.ImportPath == "unsafe" {
			continue
		}
		if p.err != nil {
			return 0, p.err
		}
		cfg := types.Config{
			Importer:         importer{p.ImportMap, done},
			Sizes:            types.SizesFor("gc", goarch),
			IgnoreFuncBodies: !p.ours(),
			Error:            func(err error) { problems = append(problems, err) },
		}
		if p.Module != nil && p.Module.GoVersion != "" {
			cfg.GoVersion = "go" + p.Module.GoVersion
		}
		// The error is one of those that Error has seen.
		done[p.ImportPath], _ = cfg.Check(p.ImportPath, fset, p.files, nil)
	}
	return len(packages), errors.Join(problems...)
}

// list names the packages that make up the program on another system.
func list(goos, goarch string) ([]*listed, error) {
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,GoFiles,ImportMap,Module", "./...")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var packages []*listed
	for decoder := json.NewDecoder(out); ; {
		p := new(listed)
		err := decoder.Decode(p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("read go list: %w", err), cmd.Wait())
		}
		packages = append(packages, p)
	}
	if err := cmd.Wait(); err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	return packages, nil
}

// parse reads the files of all packages, on all cores.
func parse(fset *token.FileSet, packages []*listed) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, p := range packages {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			for _, name := range p.GoFiles {
				file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
				if err != nil {
					p.err = err
					return
				}
				if !p.ours() {
					dropBodies(file)
				}
				p.files = append(p.files, file)
			}
		})
	}
	wg.Wait()
}

// dropBodies keeps memory for what is looked at. A generic function or one
// without a body of its own is the same to the type checker.
func dropBodies(file *ast.File) {
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
			f.Body = &ast.BlockStmt{Lbrace: f.Body.Lbrace, Rbrace: f.Body.Rbrace}
		}
	}
}

// importer finds packages that have been checked before.
type importer struct {
	renamed map[string]string // import path → package, where they differ
	done    map[string]*types.Package
}

// Import returns the package that path stands for.
func (i importer) Import(path string) (*types.Package, error) {
	if renamed, ok := i.renamed[path]; ok {
		path = renamed
	}
	if p := i.done[path]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("%s was not listed", path)
}
