// Command release builds what is published, into dist/: for each system of its
// arguments (GOOS/GOARCH; all that Daymark supports if there are none) an
// archive with the binary, the licence and the third-party notices, and
// SHA256SUMS over all of them.
//
// Every binary is built twice, from copies of the commit in different folders
// and with build caches that share nothing, and the two must be the same byte
// for byte. Whoever has the same commit and the same Go gets the same files.
package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// supported are the systems that Daymark is published for.
var supported = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64"} //nolint:gochecknoglobals // a constant list

func main() {
	out := flag.String("o", "dist", "the `folder` to write to; it is emptied first")
	flag.Parse()
	systems := flag.Args()
	if len(systems) == 0 {
		systems = supported
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := release(ctx, *out, systems); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1) //nolint:gocritic // stop only detaches the signal
	}
}

// release publishes the commit that is checked out in the working directory.
func release(ctx context.Context, dist string, systems []string) (err error) {
	top, err := os.Getwd()
	if err != nil {
		return err
	}
	commit, err := committed(ctx)
	if err != nil {
		return err
	}
	version, err := sourceVersion()
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "daymark-release-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	var copies [2]workshop
	for i := range copies {
		// Names of different lengths: a path inside the binary would move everything behind it.
		copies[i] = workshop{folder: filepath.Join(work, strings.Repeat("source", i+1)), cache: filepath.Join(work, "cache"+strconv.Itoa(i))}
		if err := run(ctx, top, nil, "git", "clone", "--quiet", "--no-hardlinks", top, copies[i].folder); err != nil {
			return err
		}
		if err := run(ctx, copies[i].folder, nil, "git", "checkout", "--quiet", "--detach", commit.hash); err != nil {
			return err
		}
	}

	if err := os.RemoveAll(dist); err != nil {
		return err
	}
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	notices, err := output(ctx, copies[0].folder, "go", append([]string{"run", "./.ci/notices"}, supported...)...)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dist, "THIRD_PARTY_NOTICES.md"), notices, 0o644); err != nil {
		return err
	}
	var sums strings.Builder
	for _, system := range systems {
		begun := time.Now()
		binary, err := twice(ctx, copies, system)
		if err != nil {
			return err
		}
		fmt.Printf("%-14s %s  %.1f MB  twice the same, %s\n", system, digest(binary), float64(len(binary))/1e6, time.Since(begun).Round(time.Second))
		name, err := pack(dist, version, system, binary, notices, commit.time)
		if err != nil {
			return err
		}
		archive, err := os.ReadFile(filepath.Join(dist, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%s  %s\n", digest(archive), name)
	}
	fmt.Fprintf(&sums, "%s  THIRD_PARTY_NOTICES.md\n", digest(notices))
	return os.WriteFile(filepath.Join(dist, "SHA256SUMS"), []byte(sums.String()), 0o644)
}

// commit is what is published.
type commit struct {
	hash string
	time time.Time // the archives' files bear it
}

// committed is the commit that is checked out. Changes that are not committed
// are an error: nobody else could build them.
func committed(ctx context.Context) (commit, error) {
	changes, err := output(ctx, ".", "git", "status", "--porcelain")
	if err != nil {
		return commit{}, err
	}
	if len(changes) > 0 {
		return commit{}, fmt.Errorf("commit these first, a release is made of a commit:\n%s", changes)
	}
	line, err := output(ctx, ".", "git", "show", "--no-patch", "--format=%H %ct", "HEAD")
	if err != nil {
		return commit{}, err
	}
	hash, at, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return commit{}, fmt.Errorf("time of commit %s: %w", hash, err)
	}
	return commit{hash: hash, time: time.Unix(seconds, 0).UTC()}, nil
}

// sourceVersion is the version that version.go declares.
func sourceVersion() (string, error) {
	source, err := os.ReadFile("version.go")
	if err != nil {
		return "", fmt.Errorf("run this from the repository's top folder (make release does): %w", err)
	}
	found := regexp.MustCompile(`daymarkVersion = "([^"]+)"`).FindSubmatch(source)
	if found == nil {
		return "", errors.New("version.go declares no daymarkVersion")
	}
	return string(found[1]), nil
}

// workshop is a copy of the source and a build cache of its own.
type workshop struct{ folder, cache string }

// twice builds for system in both workshops and returns the binary, which
// must be the same.
func twice(ctx context.Context, copies [2]workshop, system string) ([]byte, error) {
	goos, goarch, ok := strings.Cut(system, "/")
	if !ok {
		return nil, fmt.Errorf("%q: say GOOS/GOARCH, like linux/amd64", system)
	}
	var binaries [2][]byte
	for i, w := range copies {
		built := filepath.Join(w.cache, "daymark")
		// This machine's preferences stay out.
		env := []string{"GOOS=" + goos, "GOARCH=" + goarch, "CGO_ENABLED=0", "GOCACHE=" + w.cache, "GOFLAGS=", "GOAMD64=v1", "GOARM64=v8.0"}
		if err := run(ctx, w.folder, env, "go", "build", "-trimpath", "-buildvcs=true", "-ldflags=-s -w", "-o", built, "."); err != nil {
			return nil, fmt.Errorf("%s: %w", system, err)
		}
		var err error
		if binaries[i], err = os.ReadFile(built); err != nil {
			return nil, err
		}
	}
	if a, b := digest(binaries[0]), digest(binaries[1]); a != b {
		return nil, fmt.Errorf("%s: two builds of one commit differ: %s (%d bytes) and %s (%d bytes)", system, a, len(binaries[0]), b, len(binaries[1]))
	}
	return binaries[0], nil
}

// pack writes the archive for system and returns its name. The archive
// depends on nothing but its arguments and the files of the commit.
func pack(dist, version, system string, binary, notices []byte, at time.Time) (string, error) {
	folder := fmt.Sprintf("daymark_%s_%s", version, strings.ReplaceAll(system, "/", "_"))
	windows := strings.HasPrefix(system, "windows/")
	program := "daymark"
	if windows {
		program += ".exe"
	}
	files := []packed{{name: program, mode: 0o755, content: binary}, {name: "THIRD_PARTY_NOTICES.md", mode: 0o644, content: notices}}
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md", "examples/daymark.yml", "examples/rules.yml", "examples/alertmanager.yml", "deploy/daymark.service"} {
		content, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		files = append(files, packed{name: name, mode: 0o644, content: content})
	}
	name := folder + ".tar.gz"
	write := writeTar
	if windows {
		name, write = folder+".zip", writeZip
	}
	out, err := os.Create(filepath.Join(dist, name))
	if err != nil {
		return "", err
	}
	if err := write(out, folder, files, at); err != nil {
		return "", errors.Join(fmt.Errorf("%s: %w", name, err), out.Close())
	}
	return name, out.Close()
}

// packed is a file of an archive.
type packed struct {
	name    string
	mode    int64
	content []byte
}

func writeTar(w io.Writer, folder string, files []packed, at time.Time) error {
	zipped, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(zipped)
	for _, f := range files {
		header := &tar.Header{Name: folder + "/" + f.name, Mode: f.mode, Size: int64(len(f.content)), ModTime: at, Format: tar.FormatUSTAR}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := archive.Write(f.content); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), zipped.Close())
}

func writeZip(w io.Writer, folder string, files []packed, at time.Time) error {
	archive := zip.NewWriter(w)
	for _, f := range files {
		header := &zip.FileHeader{Name: folder + "/" + f.name, Method: zip.Deflate, Modified: at}
		header.SetMode(os.FileMode(f.mode)) //nolint:gosec // two constants
		entry, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := entry.Write(f.content); err != nil {
			return err
		}
	}
	return archive.Close()
}

func digest(content []byte) string { return fmt.Sprintf("%x", sha256.Sum256(content)) }

// run runs a command in dir; what it says on standard error is shown.
func run(ctx context.Context, dir string, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	cmd.Env = append(os.Environ(), env...)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return nil
}

// output is what a command in dir prints.
func output(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return out, nil
}
