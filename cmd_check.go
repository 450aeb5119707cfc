package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"daymark/alerts/alertmanager"
	"daymark/alerts/ruler"
	"daymark/storage/series"
)

// errCheck says that `daymark check` found mistakes and has printed them.
var errCheck = errors.New("check found mistakes")

// cmdCheck is `daymark check FILE…`: configuration, rule and Alertmanager
// files, told apart by their top-level keys. Each mistake is printed as
// file:line:column: what is wrong and what was probably meant. The flags of
// serve, such as --enable-feature=…, say how it would be started.
func cmdCheck(args []string, stdout io.Writer) error {
	if len(args) == 0 || args[0] == "-h" || args[0] == "--help" {
		fmt.Fprintln(stdout, "usage: daymark check [--enable-feature=…] FILE…\n\nFILE is a configuration (prometheus.yml), a rule file or an alertmanager.yml.")
		if len(args) == 0 {
			return fmt.Errorf("%w: check needs a file", errUsage)
		}
		return nil
	}
	var flags, files []string
	for _, arg := range args {
		if strings.HasPrefix(arg, "-") {
			flags = append(flags, arg)
		} else {
			files = append(files, arg)
		}
	}
	if len(files) == 0 {
		return fmt.Errorf("%w: check needs a file", errUsage)
	}
	wrong := 0
	for _, path := range files {
		opts, err := parseFlags(append(flags, "--config.file="+path), io.Discard)
		if err != nil {
			return err
		}
		kind, found := checkFile(path, opts)
		mistakes := inOrder(found)
		for _, mistake := range mistakes {
			fmt.Fprintln(stdout, mistake)
		}
		if len(mistakes) == 0 {
			fmt.Fprintf(stdout, "%s: a valid %s\n", path, kind)
		}
		wrong += len(mistakes)
	}
	if wrong > 0 {
		return fmt.Errorf("%w: %d", errCheck, wrong)
	}
	return nil
}

// inOrder lists mistakes one by one, those of a file by their lines.
func inOrder(found []error) []string {
	var mistakes []string
	for _, err := range found {
		mistakes = append(mistakes, strings.Split(err.Error(), "\n")...)
	}
	place := regexp.MustCompile(`^(.*?):(\d+):`)
	slices.SortStableFunc(mistakes, func(a, b string) int {
		of, with := place.FindStringSubmatch(a), place.FindStringSubmatch(b)
		if of == nil || with == nil || of[1] != with[1] {
			return 0
		}
		return cmp.Or(cmp.Compare(len(of[2]), len(with[2])), cmp.Compare(of[2], with[2])) // digits alone
	})
	return mistakes
}

// checkFile tells what kind of file path is, and what is wrong with it.
func checkFile(path string, opts *options) (kind string, mistakes []error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", []error{err}
	}
	var keys map[string]yaml.Node
	_ = yaml.Unmarshal(content, &keys) // what cannot be read is a configuration whose check says why
	has := func(key string) bool { _, ok := keys[key]; return ok }
	switch {
	case has("groups"):
		return "rule file", ruler.Check(path, content, parser.NewParser(opts.query(nil).Parser))
	case has("route") || has("receivers"):
		conf, err := alertmanager.Parse(content, path)
		if err == nil {
			check := alertmanager.Config{File: conf, FilePath: path}
			err = check.Validate(slog.New(slog.DiscardHandler))
		}
		return "Alertmanager configuration", single(err)
	default:
		return "configuration", checkConfiguration(path, opts)
	}
}

// checkConfiguration goes as far as a reload would before it touches anything,
// and wants the rule files that are named to be there.
func checkConfiguration(path string, opts *options) []error {
	log := slog.New(slog.DiscardHandler)
	cfg, err := load(opts, nil, log)
	if err != nil {
		return single(err)
	}
	var mistakes []error
	for _, file := range cfg.File.RuleFiles {
		if _, err := os.Stat(file); err != nil && !strings.ContainsAny(file, `*?[\`) {
			mistakes = append(mistakes, fmt.Errorf("%s: rule_files: %w", path, err))
		}
	}
	cfg.Series.Path = path // nothing is opened
	if _, err := series.New(cfg.Series, nil, nil, log, nil); err != nil {
		mistakes = append(mistakes, fmt.Errorf("%s: %w", path, err))
	}
	if err := cfg.validateAll(log); err != nil {
		mistakes = append(mistakes, err)
	}
	return mistakes
}

func single(err error) []error {
	if err == nil {
		return nil
	}
	return []error{err}
}
