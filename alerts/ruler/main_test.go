package ruler

import (
	"context"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	promconfig "github.com/prometheus/prometheus/config"
	_ "github.com/prometheus/prometheus/discovery/file" // one of the tests finds an Alertmanager with it
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"go.uber.org/goleak"

	"daymark/alerts"
	"daymark/query"
	"daymark/storage/series"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// deadline is how long a condition may take to come true on a busy machine.
const deadline = 30 * time.Second

func waitFor(t *testing.T, what string, condition func() bool) {
	t.Helper()
	timeout := time.NewTimer(deadline)
	defer timeout.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-timeout.C:
			t.Fatalf("not within %s: %s", deadline, what)
		}
	}
}

// promConfig is a configuration file that evaluates often.
func promConfig(t *testing.T, rest string) *promconfig.Config {
	t.Helper()
	conf, err := promconfig.Load("global:\n  evaluation_interval: 100ms\n"+rest, promslog.NewNopLogger())
	if err != nil {
		t.Fatal(err)
	}
	return conf
}

// ruleFile writes a rule file and returns its path.
func ruleFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	writeFile(t, path, content)
	return path
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// instance is a ruler that runs over a real TSDB.
type instance struct {
	*Ruler
	db     *series.DB
	engine *query.Engine
	reg    *prometheus.Registry
	stop   func()

	mu   sync.Mutex
	sent []alerts.Alert
}

// receive is the instance's Send.
func (i *instance) receive(_ context.Context, list []alerts.Alert) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.sent = append(i.sent, list...)
}

// told returns the alerts that were sent in that state.
func (i *instance) told(state alerts.State) (list []alerts.Alert) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, a := range i.sent {
		if a.State == state {
			list = append(list, a)
		}
	}
	return list
}

// start runs a ruler on the series in dir until stop or the end of the test.
// The alerts go to send, or where told looks when that is nil.
func start(t *testing.T, dir string, cfg Config, send Send) *instance {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	reg := prometheus.NewPedanticRegistry()
	db, err := series.New(series.Config{Path: dir, File: cfg.File}, nil, nil, log, reg)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := query.New(query.Config{File: cfg.File}, db, log, reg)
	if err != nil {
		t.Fatal(err)
	}
	i := &instance{db: db, engine: engine, reg: reg}
	if send == nil {
		send = i.receive
	}
	if cfg.ExternalURL == nil {
		cfg.ExternalURL = &url.URL{Scheme: "http", Host: "daymark.example", Path: "/"}
	}
	if i.Ruler, err = New(cfg, engine, db, send, log, reg); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var parts sync.WaitGroup
	run := func(name string, part func(context.Context) error) {
		parts.Go(func() {
			if err := part(ctx); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	run("series", db.Open)
	run("ruler", func(ctx context.Context) error { return i.Run(ctx, db.Ready()) })
	i.stop = sync.OnceFunc(func() {
		cancel()
		parts.Wait()
		for _, c := range []io.Closer{engine, db} {
			if err := c.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}
	})
	t.Cleanup(i.stop)
	waitFor(t, "the series are ready", func() bool {
		select {
		case <-db.Ready():
			return true
		default:
			return false
		}
	})
	return i
}

// write appends one sample now.
func (i *instance) write(t *testing.T, value float64, ls ...string) {
	t.Helper()
	app := i.db.AppenderV2(t.Context())
	if _, err := app.Append(0, labels.FromStrings(ls...), 0, time.Now().UnixMilli(), value, nil, nil, storage.AOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
}

// named returns the active alerts of that name.
func (i *instance) named(name string) []alerts.Alert {
	return slices.DeleteFunc(i.Active(), func(a alerts.Alert) bool { return a.Labels.Get("alertname") != name })
}
