package folder_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"daymark/storage/folder"
)

// holdEnv makes the test binary a process that opens a folder, says so, and
// waits until its input ends.
const holdEnv = "DAYMARK_TEST_HOLD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holdEnv); dir != "" {
		hold(dir)
		return
	}
	os.Exit(m.Run())
}

func hold(dir string) {
	f, err := folder.Open(folder.Config{Path: dir})
	if err == nil {
		err = f.SetAddress("http://127.0.0.1:5470/")
	}
	if err != nil {
		os.Stdout.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	os.Stdout.WriteString("held\n")
	_, _ = bufio.NewReader(os.Stdin).ReadByte()
}

// startHolder runs another process that holds dir.
func startHolder(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), holdEnv+"="+dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || line != "held\n" {
		t.Fatalf("the other process said %q, %v", line, err)
	}
	return cmd
}

func open(t *testing.T, cfg folder.Config) *folder.Folder {
	t.Helper()
	f, err := folder.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestLayoutOfAnOwnFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	f := open(t, folder.Config{Path: dir})
	if got, want := f.Series(), filepath.Join(dir, "series"); got != want {
		t.Errorf("Series() = %s, want %s", got, want)
	}
	if got, want := f.Database(), filepath.Join(dir, "daymark.db"); got != want {
		t.Errorf("Database() = %s, want %s", got, want)
	}
	if got, want := f.Path("silences"), filepath.Join(dir, "silences"); got != want {
		t.Errorf("Path() = %s, want %s", got, want)
	}
	if f.Adopted() {
		t.Error("a new folder counts as adopted")
	}
	for _, path := range []string{f.Series(), filepath.Join(dir, "lock")} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

func TestLayoutBesideAPrometheus(t *testing.T) {
	dir := t.TempDir()
	f := open(t, folder.Config{AdoptedTSDB: dir})
	if f.Series() != dir {
		t.Errorf("Series() = %s, want %s", f.Series(), dir)
	}
	if got, want := f.Database(), filepath.Join(dir, "daymark", "daymark.db"); got != want {
		t.Errorf("Database() = %s, want %s", got, want)
	}
}

func TestFolderWithForeignSeriesIsAdoptedForGood(t *testing.T) {
	tests := map[string]struct {
		found string // what a Prometheus has left
		want  bool
	}{
		"write-ahead log": {"wal", true},
		"block":           {"01JEXAMP1E0123456789ABCDEF", true},
		"nothing of note": {"lost+found", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.MkdirAll(filepath.Join(dir, tt.found), 0o755); err != nil {
				t.Fatal(err)
			}
			f := open(t, folder.Config{AdoptedTSDB: dir})
			if f.Adopted() != tt.want {
				t.Errorf("first start: Adopted() = %v, want %v", f.Adopted(), tt.want)
			}
			// What Daymark writes itself must not change the answer.
			if err := os.MkdirAll(filepath.Join(dir, "wal"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(f.Database(), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if again := open(t, folder.Config{AdoptedTSDB: dir}); again.Adopted() != tt.want {
				t.Errorf("second start: Adopted() = %v, want %v", again.Adopted(), tt.want)
			}
		})
	}
}

func TestExactlyOnePathIsNeeded(t *testing.T) {
	for _, cfg := range []folder.Config{{}, {Path: "a", AdoptedTSDB: "b"}} {
		if _, err := folder.Open(cfg); err == nil {
			t.Errorf("Open(%+v) succeeded", cfg)
		}
	}
}

func TestSecondProcessIsRefusedAndTold(t *testing.T) {
	dir := t.TempDir()
	holder := startHolder(t, dir)

	_, err := folder.Open(folder.Config{Path: dir})
	var locked *folder.LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("Open returned %v, want a *LockedError", err)
	}
	if locked.PID != holder.Process.Pid || locked.Address != "http://127.0.0.1:5470/" {
		t.Errorf("locked by %d at %q, want %d at http://127.0.0.1:5470/", locked.PID, locked.Address, holder.Process.Pid)
	}
	for _, want := range []string{dir, "process", "http://127.0.0.1:5470/"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %s", err, want)
		}
	}

	pid, address, held, err := folder.Holder(dir)
	if pid != holder.Process.Pid || address != "http://127.0.0.1:5470/" || !held || err != nil {
		t.Errorf("Holder() = %d, %q, %v, %v", pid, address, held, err)
	}
}

func TestKilledProcessHoldsNothing(t *testing.T) {
	dir := t.TempDir()
	holder := startHolder(t, dir)
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait() // "signal: killed" is what we want
	if pid, _, held, err := folder.Holder(dir); held || err != nil {
		t.Errorf("Holder() = %d, held %v, %v after the holder was killed", pid, held, err)
	}
	open(t, folder.Config{Path: dir})
}

func TestSecondOpenInTheSameProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	first := open(t, folder.Config{Path: dir})
	_, err := folder.Open(folder.Config{Path: dir})
	var locked *folder.LockedError
	if !errors.As(err, &locked) || locked.PID != os.Getpid() || locked.Address != "" {
		t.Fatalf("Open returned %v, want this process without an address", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, folder.Config{Path: dir})
	if err := first.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	if err := first.SetAddress("http://127.0.0.1:1/"); err == nil {
		t.Error("a closed folder took an address")
	}
}

func TestNobodyHoldsAFolderThatIsNotThere(t *testing.T) {
	if _, _, held, err := folder.Holder(filepath.Join(t.TempDir(), "none")); held || err != nil {
		t.Errorf("Holder() = %v, %v", held, err)
	}
}

func TestHolderOfAnAdoptedFolder(t *testing.T) {
	dir := t.TempDir()
	// Prometheus's own lock file must not be taken for ours.
	if err := os.WriteFile(filepath.Join(dir, "lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := open(t, folder.Config{AdoptedTSDB: dir})
	if err := f.SetAddress("http://127.0.0.1:7/"); err != nil {
		t.Fatal(err)
	}
	pid, address, held, err := folder.Holder(dir)
	if pid != os.Getpid() || address != "http://127.0.0.1:7/" || !held || err != nil {
		t.Errorf("Holder() = %d, %q, %v, %v", pid, address, held, err)
	}
}
