// Command ui keeps the built UI in embed/ui beside its sources in ui/web.
//
// It builds only when the sources differ from those that the build was made
// of, whose digest lies in embed/ui/.sources, so that whoever changes nothing
// needs no Node. With -compare it builds into a temporary folder instead and
// fails unless the result is what embed/ui holds, byte for byte.
package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const digestFile = ".sources" // go:embed leaves out what begins with a dot

func main() {
	compare := flag.Bool("compare", false, "build elsewhere and fail if embed/ui differs")
	force := flag.Bool("force", false, "build even if the sources are the same")
	flag.Parse()
	if err := run(*compare, *force); err != nil {
		fmt.Fprintln(os.Stderr, "ui:", err)
		os.Exit(1)
	}
}

func run(compare, force bool) error {
	web, built := filepath.Join("ui", "web"), filepath.Join("embed", "ui")
	digest, err := sources(os.DirFS(web))
	if err != nil {
		return fmt.Errorf("read the sources: %w", err)
	}
	if compare {
		return compareBuild(web, built, digest)
	}
	last, err := os.ReadFile(filepath.Join(built, digestFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if string(last) == digest && !force {
		return nil
	}
	if !installed(web) {
		if err := npm(web, "ci", "--no-audit", "--no-fund"); err != nil {
			return err
		}
	}
	if err := npm(web, "run", "build"); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(built, digestFile), []byte(digest), 0o644)
}

// installed says whether the npm packages are there and no older than the lock
// file. npm leaves a copy of that file when it is done.
func installed(web string) bool {
	lock, err := os.Stat(filepath.Join(web, "package-lock.json"))
	if err != nil {
		return false
	}
	done, err := os.Stat(filepath.Join(web, "node_modules", ".package-lock.json"))
	return err == nil && !done.ModTime().Before(lock.ModTime())
}

// compareBuild expects the npm packages to be installed.
func compareBuild(web, built, digest string) error {
	fresh, err := os.MkdirTemp("", "daymark-ui-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	if err := npm(web, "run", "build", "--", "--outDir", fresh, "--emptyOutDir"); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(fresh, digestFile), []byte(digest), 0o644); err != nil {
		return err
	}
	differences, err := differ(os.DirFS(built), os.DirFS(fresh))
	if err != nil {
		return err
	}
	if len(differences) > 0 {
		return fmt.Errorf("embed/ui is not what ui/web builds to; run make ui and commit the result:\n  %s", strings.Join(differences, "\n  "))
	}
	fmt.Println("embed/ui is what ui/web builds to")
	return nil
}

func npm(dir string, args ...string) error {
	cmd := exec.Command("npm", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("npm %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// sources is a digest of everything in the web folder that the built UI
// depends on: not of tests, the linter's settings and what the tools leave.
func sources(web fs.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(web, ".", func(name string, d fs.DirEntry, err error) error {
		base := path.Base(name)
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{"node_modules", "e2e", "scripts", "dist", "coverage", "test-results", "playwright-report"}, base):
			return fs.SkipDir
		case d.IsDir(), strings.Contains(base, ".test."), strings.HasSuffix(base, ".tsbuildinfo"), strings.HasSuffix(base, ".md"),
			slices.Contains([]string{"eslint.config.js", "playwright.config.ts", "vitest.config.ts", ".prettierrc", ".DS_Store"}, base):
			return nil
		}
		content, err := fs.ReadFile(web, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %x\n", name, sha256.Sum256(content))
		return nil
	})
	return fmt.Sprintf("%x\n", sum.Sum(nil)), err
}

// differ names the files that stand in one folder only or differ.
func differ(committed, fresh fs.FS) ([]string, error) {
	had, err := contents(committed)
	if err != nil {
		return nil, err
	}
	made, err := contents(fresh)
	if err != nil {
		return nil, err
	}
	var found []string
	for name, content := range made {
		if old, ok := had[name]; !ok {
			found = append(found, name+" is not committed")
		} else if !bytes.Equal(old, content) {
			found = append(found, name+" differs")
		}
		delete(had, name)
	}
	for name := range had {
		found = append(found, name+" is committed but not built any more")
	}
	slices.Sort(found)
	return found, nil
}

func contents(dir fs.FS) (map[string][]byte, error) {
	files := make(map[string][]byte)
	err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[name], err = fs.ReadFile(dir, name)
		return err
	})
	return files, err
}
