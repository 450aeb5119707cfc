package alertmanager

import (
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"time"

	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/featurecontrol"
	"github.com/prometheus/alertmanager/matcher/compat"
	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/version"

	"daymark/alerts/yamlerr"
)

// Config says how alerts are routed and where their records are kept.
type Config struct {
	File        *amconfig.Config // from Parse; nil means the built-in route
	FilePath    string           // where File comes from, for messages; "" without one
	DataPath    string           // the folder of the silences and of the notification log
	ExternalURL *url.URL         // under which people reach Daymark; links in notifications begin with it
	Retention   time.Duration    // how long ended silences, sent notifications and deliveries are remembered; 0 means 120 h

	// MaintenanceInterval is the time between two clean-ups; 0 means 15 min.
	MaintenanceInterval time.Duration
	// AlertGCInterval is how long a resolved alert may stay in memory; 0 means 30 min.
	AlertGCInterval time.Duration
}

// What Alertmanager's own flags default to.
const (
	defaultRetention           = 120 * time.Hour
	defaultMaintenanceInterval = 15 * time.Minute
	defaultAlertGCInterval     = 30 * time.Minute
	dispatchMaintenance        = 30 * time.Second
)

func (c Config) withDefaults() Config {
	c.Retention = orDefault(c.Retention, defaultRetention)
	c.MaintenanceInterval = orDefault(c.MaintenanceInterval, defaultMaintenanceInterval)
	c.AlertGCInterval = orDefault(c.AlertGCInterval, defaultAlertGCInterval)
	return c
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// Validate builds everything that the configuration asks for, templates and
// receivers included, and throws it away. It is what Apply would refuse.
func (c Config) Validate(log *slog.Logger) error {
	_, err := prepare(c, nil, log)
	return err
}

// The receiver and the integration of the built-in route. Its pages are shown
// and go nowhere else.
const (
	BuiltInReceiver    = "daymark"
	BuiltInIntegration = "ui"
)

// builtInRoute pages at once and every alert on its own, because a page in a
// browser disturbs nobody.
const builtInRoute = `route:
  receiver: ` + BuiltInReceiver + `
  group_by: ['...']
  group_wait: 0s
  group_interval: 10s
  repeat_interval: 24h
receivers:
  - name: ` + BuiltInReceiver + `
`

// Parse reads an alertmanager.yml, strictly, with Alertmanager's own loader.
//
// path is the file it comes from: paths in it are relative to that file's
// folder, and each mistake is reported as path:line:column, all of them joined
// by newlines.
func Parse(content []byte, path string) (*amconfig.Config, error) {
	initLibrary()
	conf, err := amconfig.Load(string(content))
	if err != nil {
		return nil, mistakes(yamlerr.Explain(path, content, reflect.TypeFor[amconfig.Config](), err))
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("folder of %s: %w", path, err)
	}
	resolvePaths(conf, dir)
	return conf, nil
}

// mistakes is a list of errors that reads as one line each.
type mistakes []error

func (m mistakes) Error() string {
	lines := make([]string, len(m))
	for i, err := range m {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives errors.As each mistake.
func (m mistakes) Unwrap() []error { return m }

// resolvePaths makes the paths in conf relative to dir, as Alertmanager does
// for a file it loads itself (its own function for this is not exported).
func resolvePaths(conf *amconfig.Config, dir string) {
	for i, glob := range conf.Templates {
		if !filepath.IsAbs(glob) {
			conf.Templates[i] = filepath.Join(dir, glob)
		}
	}
	// Receivers without an http_config of their own share the global one.
	done := map[*commoncfg.HTTPClientConfig]bool{}
	resolve := func(c *commoncfg.HTTPClientConfig) {
		if c != nil && !done[c] {
			done[c] = true
			c.SetDirectory(dir)
		}
	}
	resolve(conf.Global.HTTPConfig)
	for _, receiver := range conf.Receivers {
		for field, value := range reflect.ValueOf(receiver).Fields() {
			if !strings.HasSuffix(field.Name, "Configs") {
				continue
			}
			for i := range value.Len() {
				client := reflect.Indirect(value.Index(i)).FieldByName("HTTPConfig")
				if !client.IsValid() {
					continue // e-mail has none
				}
				if c, ok := reflect.TypeAssert[*commoncfg.HTTPClientConfig](client); ok {
					resolve(c)
				}
			}
		}
	}
}

// parseBuiltIn returns the built-in route as a configuration.
func parseBuiltIn() (*amconfig.Config, error) {
	initLibrary()
	conf, err := amconfig.Load(builtInRoute)
	if err != nil {
		return nil, fmt.Errorf("built-in route: %w", err)
	}
	return conf, nil
}

// release is the Alertmanager inside. A test holds it to go.mod.
const release = "0.34.2"

// initLibrary makes Alertmanager read matchers as its own program does (UTF-8
// first, and the old form where that fails), and tells its API which release it
// is, which amtool compares with its own. Both settings belong to the process
// and must not change while anything reads them, hence once.
//
//nolint:gochecknoglobals // guards settings that the library keeps for the whole process
var initLibrary = sync.OnceFunc(func() {
	compat.InitFromFlags(slog.New(slog.DiscardHandler), featurecontrol.NoopFlags{})
	if version.Version == "" {
		version.Version = release
	}
})
