package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/units"
	promconfig "github.com/prometheus/prometheus/config"
	"go.yaml.in/yaml/v3"

	"daymark/alerts/alertmanager"
	"daymark/alerts/yamlerr"
	"daymark/collector"
)

// sections are Daymark's own keys at the top level of a configuration file,
// beside Prometheus's.
type sections struct {
	// Host scrapes this machine's own metrics, as job "node".
	Host bool `yaml:"host"`
	// Self scrapes Daymark's own metrics, as job "daymark".
	Self bool `yaml:"self"`
	// Exporters finds and scrapes the exporters that listen on loopback.
	Exporters bool `yaml:"exporters"`
	// Packs is "auto" (the built-in rule packs run) or "off", the default.
	Packs string `yaml:"packs"`
	// AlertmanagerFile is an alertmanager.yml, relative to this file.
	AlertmanagerFile string `yaml:"alertmanager_file"`
	// Alertmanager is an alertmanager.yml, inline.
	Alertmanager yaml.Node     `yaml:"alertmanager"`
	Web          webSection    `yaml:"web"`
	Limits       limitsSection `yaml:"limits"`
}

// webSection is `web:` of the configuration file.
type webSection struct {
	// AllowedHosts are further names under which requests may come, with or without a port.
	AllowedHosts []string `yaml:"allowed_hosts"`
}

// limitsSection is `limits:` of the configuration file. What is absent keeps its
// default.
type limitsSection struct {
	// Scrape holds for each target whose job and global section set none.
	Scrape *collector.Limits `yaml:"scrape"`
	// Exporters holds for those that were found on loopback.
	Exporters *collector.ExporterLimits `yaml:"exporters"`
	Live      liveLimits                `yaml:"live"`
	Web       webLimits                 `yaml:"web"`
}

// liveLimits bound what the viewers of live panels can ask for; 0 keeps a default.
type liveLimits struct {
	WatchesPerViewer int `yaml:"watches_per_viewer"`
	Watches          int `yaml:"watches"` // distinct expressions and steps, in all
}

// webLimits bound requests; 0 keeps a default.
type webLimits struct {
	FormBytes             units.Base2Bytes `yaml:"form_bytes"`   // of a query sent as a form, or a JSON document
	IngestBytes           units.Base2Bytes `yaml:"ingest_bytes"` // of remote write and OTLP, before and after decompression
	ConnectionsPerAddress int              `yaml:"connections_per_address"`
}

// mostIngest is what the libraries that decode samples take at most.
const mostIngest = 32 * units.MiB

// file is a configuration file, read and checked as far as one can without
// building anything from it.
type file struct {
	prometheus *promconfig.Config
	alerting   alertmanager.Config // File and FilePath; no File: the built-in route
	own        sections
	written    written
}

// written is which keys a configuration file has itself. Prometheus's loader
// fills in its defaults, after which nobody can tell.
type written struct {
	Global        map[string]yaml.Node   `yaml:"global"`
	ScrapeConfigs []map[string]yaml.Node `yaml:"scrape_configs"`
}

// leavesOpen says whether the global section is silent about key, and lists the
// jobs of the file that are silent as well. Jobs of scrape_config_files take
// what is put into the global section whenever they are read.
func (f *file) leavesOpen(key string) (jobs []*promconfig.ScrapeConfig, open bool) {
	if _, said := f.written.Global[key]; said {
		return nil, false
	}
	for i, job := range f.prometheus.ScrapeConfigs {
		if _, said := f.written.ScrapeConfigs[i][key]; !said {
			jobs = append(jobs, job)
		}
	}
	return jobs, true
}

// zeroConfig is what runs without a configuration file.
const zeroConfig = `global:
  scrape_interval: 1s
  scrape_timeout: 1s
  evaluation_interval: 1s
storage:
  tsdb:
    retention:
      time: 15d
      size: 5GB
`

// readFile reads the configuration file at path. An empty path is the
// configuration for this machine alone. alertingPath, where set, is the
// alertmanager.yml of the command line.
//
// Mistakes are one line each: file:line:column: what, and what was meant.
func readFile(path, alertingPath string, log *slog.Logger) (*file, error) {
	f := &file{own: sections{Host: true, Self: true, Exporters: true, Packs: packsAuto}}
	var content []byte
	if path == "" {
		conf, err := promconfig.Load(zeroConfig, log)
		if err != nil {
			return nil, fmt.Errorf("configuration without a file: %w", err)
		}
		f.prometheus = conf
	} else {
		var err error
		if content, err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("configuration file: %w", err)
		}
		if err := f.parse(path, content, log); err != nil {
			return nil, err
		}
	}
	return f, f.readAlerting(path, content, alertingPath)
}

const (
	packsAuto = "auto"
	packsOff  = "off"
)

func (f *file) parse(path string, content []byte, log *slog.Logger) error {
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return joinLines(yamlerr.Explain(path, content, reflect.TypeFor[promconfig.Config](), err))
	}
	own, upstream, err := split(path, content, &document)
	if err != nil {
		return err
	}
	f.own = sections{}
	decoder := yaml.NewDecoder(bytes.NewReader(own))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f.own); err != nil && len(bytes.TrimSpace(own)) > 0 {
		return joinLines(yamlerr.Explain(path, own, reflect.TypeFor[sections](), err))
	}
	if err := f.own.validate(path); err != nil {
		return err
	}
	f.prometheus, err = promconfig.Load(string(upstream), log)
	if err != nil {
		return joinLines(explainUpstream(path, content, err))
	}
	if len(document.Content) > 0 {
		if err := document.Decode(&f.written); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	f.prometheus.SetDirectory(filepath.Dir(path))
	if _, err := f.prometheus.GetScrapeConfigs(); err != nil {
		return fmt.Errorf("%s: scrape_config_files: %w", path, err)
	}
	return nil
}

func (s *sections) validate(path string) error {
	if s.Packs == "" {
		s.Packs = packsOff
	}
	if s.Packs != packsAuto && s.Packs != packsOff {
		return fmt.Errorf("%s: packs: %q: must be %q or %q", path, s.Packs, packsAuto, packsOff)
	}
	if s.AlertmanagerFile != "" && !s.Alertmanager.IsZero() {
		return fmt.Errorf("%s: alertmanager and alertmanager_file exclude each other: keep one of them", path)
	}
	for name, limit := range map[string]int64{
		"live.watches_per_viewer":     int64(s.Limits.Live.WatchesPerViewer),
		"live.watches":                int64(s.Limits.Live.Watches),
		"web.form_bytes":              int64(s.Limits.Web.FormBytes),
		"web.ingest_bytes":            int64(s.Limits.Web.IngestBytes),
		"web.connections_per_address": int64(s.Limits.Web.ConnectionsPerAddress),
	} {
		if limit < 0 {
			return fmt.Errorf("%s: limits.%s: %d is negative", path, name, limit)
		}
	}
	if s.Limits.Web.IngestBytes > mostIngest {
		return fmt.Errorf("%s: limits.web.ingest_bytes: %v: must be at most %v", path, s.Limits.Web.IngestBytes, mostIngest)
	}
	return nil
}

// readAlerting finds the Alertmanager configuration: the command line's file,
// the file's own, or none.
func (f *file) readAlerting(path string, content []byte, alertingPath string) error {
	switch {
	case alertingPath != "" && (f.own.AlertmanagerFile != "" || !f.own.Alertmanager.IsZero()):
		return fmt.Errorf("%s has an Alertmanager configuration and --alertmanager.config.file=%s names another: keep one of them", path, alertingPath)
	case !f.own.Alertmanager.IsZero():
		return f.parseAlerting(inline(content, &f.own.Alertmanager), path)
	case f.own.AlertmanagerFile != "":
		alertingPath = f.own.AlertmanagerFile
		if !filepath.IsAbs(alertingPath) {
			alertingPath = filepath.Join(filepath.Dir(path), alertingPath)
		}
	case alertingPath == "":
		return nil
	}
	read, err := os.ReadFile(alertingPath)
	if err != nil {
		return fmt.Errorf("alertmanager configuration: %w", err)
	}
	return f.parseAlerting(read, alertingPath)
}

func (f *file) parseAlerting(content []byte, path string) (err error) {
	f.alerting.FilePath = path
	f.alerting.File, err = alertmanager.Parse(content, path)
	return err
}

// split parts a configuration file into Daymark's sections and the rest. Both
// parts keep their lines where they are, so that errors name the right ones.
func split(path string, content []byte, document *yaml.Node) (own, upstream []byte, err error) {
	if len(document.Content) == 0 {
		return nil, content, nil
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, nil, fmt.Errorf("%s:%d: a configuration file is a mapping of sections such as global and scrape_configs", path, root.Line)
	}
	ownKeys := map[string]bool{}
	yamlerr.Fields(reflect.TypeFor[sections](), func(name string, _ reflect.Type) { ownKeys[name] = true })
	if root.Style&yaml.FlowStyle != 0 {
		return splitFlow(root, ownKeys)
	}
	lines := bytes.SplitAfter(content, []byte("\n"))
	ours, theirs := slices.Clone(lines), slices.Clone(lines)
	last := len(lines)
	for i := len(root.Content) - 2; i >= 0; i -= 2 {
		key := root.Content[i]
		blank := ours
		if ownKeys[key.Value] {
			blank = theirs
		}
		for n := key.Line - 1; n < last; n++ {
			blank[n] = newline(lines[n])
		}
		last = key.Line - 1
	}
	for n := range last { // a directive or a document marker
		ours[n] = newline(lines[n])
	}
	return bytes.Join(ours, nil), bytes.Join(theirs, nil), nil
}

func newline(line []byte) []byte {
	if bytes.HasSuffix(line, []byte("\n")) {
		return []byte("\n")
	}
	return nil
}

// splitFlow parts a file that is written as one {…}; its lines are lost.
func splitFlow(root *yaml.Node, ownKeys map[string]bool) (own, upstream []byte, err error) {
	ours, theirs := *root, *root
	ours.Content, theirs.Content = nil, nil
	for i := 0; i+1 < len(root.Content); i += 2 {
		part := &theirs
		if ownKeys[root.Content[i].Value] {
			part = &ours
		}
		part.Content = append(part.Content, root.Content[i], root.Content[i+1])
	}
	if len(ours.Content) > 0 {
		if own, err = yaml.Marshal(&ours); err != nil {
			return nil, nil, fmt.Errorf("read configuration file: %w", err)
		}
	}
	if upstream, err = yaml.Marshal(&theirs); err != nil {
		return nil, nil, fmt.Errorf("read configuration file: %w", err)
	}
	return own, upstream, nil
}

// inline returns a section's text as a document of its own, each line where it
// was.
func inline(content []byte, section *yaml.Node) []byte {
	if section.Kind != yaml.MappingNode || section.Style&yaml.FlowStyle != 0 || section.Anchor != "" {
		text, err := yaml.Marshal(section)
		if err != nil {
			return nil
		}
		return text
	}
	indent := section.Column - 1
	var b bytes.Buffer
	for n, line := range bytes.SplitAfter(content, []byte("\n")) {
		trimmed := bytes.TrimLeft(line, " ")
		inside := n >= section.Line-1 && len(line)-len(trimmed) >= indent
		blankOrComment := len(bytes.TrimSpace(line)) == 0 || trimmed[0] == '#'
		switch {
		case n < section.Line-1 || blankOrComment && !inside:
			b.Write(newline(line))
		case inside:
			b.Write(line[indent:])
		default:
			return b.Bytes()
		}
	}
	return b.Bytes()
}

// explainUpstream says where in the file Prometheus's loader found a mistake,
// and what was probably meant.
func explainUpstream(path string, content []byte, err error) []error {
	explained := yamlerr.Explain(path, content, reflect.TypeFor[promconfig.Config](), err)
	for _, one := range explained {
		var e *yamlerr.Error
		if !errors.As(one, &e) {
			continue
		}
		key, unknown := strings.CutPrefix(e.Reason, "unknown key ")
		key = strings.SplitN(strings.TrimPrefix(key, `"`), `"`, 2)[0]
		switch {
		case !unknown:
		case collector.ExplainDiscovery(key) != "":
			e.Reason = collector.ExplainDiscovery(key)
		case !strings.Contains(e.Reason, "did you mean"):
			if near := yamlerr.Nearest(key, knownKeys()); near != "" && near != key {
				e.Reason += fmt.Sprintf(" (did you mean %q?)", near)
			}
		}
	}
	return explained
}

// knownKeys are all keys that may stand anywhere in a configuration file.
func knownKeys() []string {
	keys := collector.DiscoveryKeys()
	seen := map[reflect.Type]bool{}
	var collect func(t reflect.Type)
	collect = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || seen[t] {
			return
		}
		seen[t] = true
		yamlerr.Fields(t, func(name string, field reflect.Type) {
			keys = append(keys, name)
			collect(field)
		})
	}
	collect(reflect.TypeFor[promconfig.Config]())
	collect(reflect.TypeFor[sections]())
	return append(keys, "targets", "labels", "files", "refresh_interval", "names", "role", "namespaces")
}

// joinLines is errors as one error with a line for each.
func joinLines(list []error) error { return errors.Join(list...) }
