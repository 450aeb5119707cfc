// Command notices prints the licences of everything that the binary contains
// and that is not Daymark's own: Go's standard library, the Go modules that
// are linked for any of the systems of its arguments (GOOS/GOARCH), and the
// packages and fonts in the pages. A module without a licence is an error.
package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

func main() {
	systems := os.Args[1:]
	if len(systems) == 0 {
		systems = []string{runtime.GOOS + "/" + runtime.GOARCH}
	}
	if err := write(os.Stdout, systems); err != nil {
		fmt.Fprintln(os.Stderr, "notices:", err)
		os.Exit(1)
	}
}

// pages are the notices of what Vite has bundled. The build writes them.
var pages = []string{"embed/ui/third-party.md", "embed/ui/third-party-fonts.md"} //nolint:gochecknoglobals // a constant list

// write prints the notices of the program in the working directory.
func write(w io.Writer, systems []string) error {
	used := map[string]*module{}
	for _, system := range systems {
		if err := linked(used, system); err != nil {
			return fmt.Errorf("%s: %w", system, err)
		}
	}
	root, err := exec.Command("go", "env", "GOROOT", "GOVERSION").Output()
	if err != nil {
		return fmt.Errorf("go env: %w", err)
	}
	goroot, version, _ := strings.Cut(strings.TrimSpace(string(root)), "\n")
	used["Go"] = &module{path: "Go", version: version, dir: goroot, dirs: map[string]bool{goroot: true}}

	texts, err := licences(used)
	if err != nil {
		return err
	}
	fmt.Fprint(w, "# Third-party notices\n\nWhat Daymark's binary contains besides Daymark itself, under which terms.\n")
	for _, t := range texts {
		fmt.Fprintf(w, "\n## %s\n\n~~~~\n%s\n~~~~\n", strings.Join(t.users, ", "), t.text)
	}
	for _, name := range pages {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "\n%s\n", strings.TrimSpace(string(content)))
	}
	return nil
}

// module is one that is linked, and the folders of it that are.
type module struct {
	path, version, dir string
	dirs               map[string]bool
}

// linked adds the modules that the program for system contains.
func linked(used map[string]*module, system string) error {
	goos, goarch, ok := strings.Cut(system, "/")
	if !ok {
		return errors.New("say GOOS/GOARCH, like linux/amd64")
	}
	cmd := exec.Command("go", "list", "-deps", "-json=Dir,Module", ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list: %w: %s", err, problems.String())
	}
	for list := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Dir    string
			Module *struct {
				Path, Version, Dir string
				Main               bool
			}
		}
		if err := list.Decode(&p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("go list: %w", err)
		}
		if p.Module == nil || p.Module.Main {
			continue
		}
		m := used[p.Module.Path]
		if m == nil {
			m = &module{path: p.Module.Path, version: p.Module.Version, dir: p.Module.Dir, dirs: map[string]bool{}}
			used[m.path] = m
		}
		// A folder inside a module may have terms of its own.
		for dir := p.Dir; strings.HasPrefix(dir, m.dir); dir = filepath.Dir(dir) {
			m.dirs[dir] = true
		}
	}
}

// licence is one text and who comes with it.
type licence struct {
	text  string
	users []string
}

var termsFile = regexp.MustCompile(`(?i)^(un)?(licen[cs]e|copying|notice|patents)([-.].*)?$`)

// licences reads the terms of the modules. The same text is listed once, for
// all of its users, however its lines are broken.
func licences(used map[string]*module) ([]licence, error) {
	byText := map[[sha256.Size]byte]*licence{}
	var problems []error
	for _, path := range slices.Sorted(maps.Keys(used)) {
		m, found := used[path], false
		for _, dir := range slices.Sorted(maps.Keys(m.dirs)) {
			files, err := os.ReadDir(dir)
			if err != nil {
				return nil, err
			}
			for _, f := range files {
				if f.IsDir() || !termsFile.MatchString(f.Name()) || filepath.Ext(f.Name()) == ".go" {
					continue
				}
				text, err := os.ReadFile(filepath.Join(dir, f.Name()))
				if err != nil {
					return nil, err
				}
				found = true
				user := m.path + " " + m.version
				if inside, _ := filepath.Rel(m.dir, dir); inside != "." {
					user += " (" + filepath.ToSlash(inside) + ")"
				}
				key := sha256.Sum256([]byte(strings.Join(strings.Fields(string(text)), " ")))
				if byText[key] == nil {
					byText[key] = &licence{text: strings.ReplaceAll(strings.TrimSpace(string(text)), "\r\n", "\n")}
				}
				byText[key].users = append(byText[key].users, user)
			}
		}
		if !found {
			problems = append(problems, fmt.Errorf("%s %s comes without a licence (looked in %s)", m.path, m.version, m.dir))
		}
	}
	out := make([]licence, 0, len(byText))
	for _, t := range byText {
		t.users = slices.Compact(slices.Sorted(slices.Values(t.users)))
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b licence) int {
		return cmp.Or(-cmp.Compare(len(a.users), len(b.users)), cmp.Compare(a.users[0], b.users[0]), cmp.Compare(a.text, b.text))
	})
	return out, errors.Join(problems...)
}
