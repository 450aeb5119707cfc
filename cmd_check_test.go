package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func TestExamplesAreValid(t *testing.T) {
	files, err := filepath.Glob("examples/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	var out bytes.Buffer
	if err := cmdCheck(files, &out); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestCheckTellsFilesApart(t *testing.T) {
	dir := t.TempDir()
	rules := writeFile(t, dir, "rules.yml", "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: up == 0\n")
	tests := map[string]struct {
		content string
		want    string
		wrong   bool
	}{
		"a rule file":              {"groups:\n- name: a\n  rules:\n  - alert: A\n    expr: up == 0\n", "file.yml: a valid rule file", false},
		"a wrong rule file":        {"groups:\n- name: a\n  rules:\n  - alert: A\n    exp: up == 0\n", `file.yml:5:5: unknown key "exp" (did you mean "expr"?)`, true},
		"a wrong expression":       {"groups:\n- name: a\n  rules:\n  - alert: A\n    expr: up == (\n", "file.yml:5", true},
		"an Alertmanager file":     {"route: {receiver: a}\nreceivers: [{name: a}]\n", "file.yml: a valid Alertmanager configuration", false},
		"a missing receiver":       {"route: {receiver: b}\nreceivers: [{name: a}]\n", "b", true},
		"a configuration":          {"global: {}\nrule_files: [" + rules + "]\n", "file.yml: a valid configuration", false},
		"a configuration's rules":  {"global: {}\nrule_files: [" + writeFile(t, dir, "wrong.yml", "groups:\n- nam: a\n") + "]\n", "wrong.yml:2", true},
		"a missing rule file":      {"rule_files: [nowhere.yml]\n", "nowhere.yml", true},
		"a missing certificate":    {"scrape_configs: [{job_name: a, tls_config: {ca_file: nowhere.pem}}]\n", `scrape job "a": unable to read CA cert`, true},
		"a remote that cannot be":  {"remote_write: [{url: 'http://127.0.0.1:1/', tls_config: {ca_file: nowhere.pem}}]\n", "remote_write to http://127.0.0.1:1/", true},
		"a limit that is none":     {"limits: {web: {ingest_bytes: 64MiB}}\n", "limits.web.ingest_bytes", true},
		"a limit below zero":       {"limits: {live: {watches: -1}}\n", "limits.live.watches", true},
		"an empty file is nothing": {"", "file.yml: a valid configuration", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := cmdCheck([]string{writeFile(t, t.TempDir(), "file.yml", tt.content)}, &out)
			if errors.Is(err, errCheck) != tt.wrong {
				t.Errorf("error %v, want one: %t", err, tt.wrong)
			}
			if !strings.Contains(out.String(), tt.want) {
				t.Errorf("printed %q, want %q in it", out.String(), tt.want)
			}
		})
	}
}

func TestCheckKnowsTheFeaturesOfTheStart(t *testing.T) {
	path := writeFile(t, t.TempDir(), "rules.yml", "groups:\n- name: a\n  rules:\n  - record: a\n    expr: sort_by_label(up, \"job\")\n")
	var out bytes.Buffer
	if err := cmdCheck([]string{path}, &out); !errors.Is(err, errCheck) || !strings.Contains(out.String(), "not enabled") {
		t.Errorf("without the feature: %v %s", err, out.String())
	}
	if err := cmdCheck([]string{"--enable-feature=promql-experimental-functions", path}, &out); err != nil {
		t.Errorf("with the feature: %v %s", err, out.String())
	}
	if err := cmdCheck([]string{"--enable-featur=a", path}, &out); !errors.Is(err, errUsage) {
		t.Errorf("an unknown flag gave %v", err)
	}
}

func TestCheckOfAMissingFileSaysSo(t *testing.T) {
	var out bytes.Buffer
	if err := cmdCheck([]string{filepath.Join(t.TempDir(), "no.yml")}, &out); !errors.Is(err, errCheck) {
		t.Errorf("got %v", err)
	}
	if err := cmdCheck(nil, &out); !errors.Is(err, errUsage) {
		t.Errorf("got %v, want a usage error", err)
	}
}

func TestMistakesAreCountedAndInOrder(t *testing.T) {
	path := writeFile(t, t.TempDir(), "rules.yml", "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: up == (\n  - alert: B\n    exp: up\n  - alert: C\n    expr: sum(\n")
	var out bytes.Buffer
	err := cmdCheck([]string{path}, &out)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if err == nil || !strings.HasSuffix(err.Error(), fmt.Sprintf(": %d", len(lines))) {
		t.Errorf("%v for %d lines:\n%s", err, len(lines), out.String())
	}
	last := 0
	for _, line := range lines {
		var at int
		if _, err := fmt.Sscanf(strings.TrimPrefix(line, path+":"), "%d:", &at); err != nil || at < last {
			t.Errorf("out of order, or without a line:\n%s", out.String())
		}
		last = at
	}
}
