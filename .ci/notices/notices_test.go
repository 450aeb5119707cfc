package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNoticesNameWhatTheBinaryContains(t *testing.T) {
	t.Chdir("../..")
	var out strings.Builder
	if err := write(&out, []string{"linux/amd64", "windows/amd64"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"github.com/prometheus/prometheus v0.", "github.com/prometheus/alertmanager v0.", "modernc.org/sqlite v1.", "Go go1.",
		"github.com/Microsoft/go-winio v", // on Windows alone
		"react-dom - ", "uplot - ", "@fontsource-variable/inter - ", "@fontsource/jetbrains-mono - ", "SIL OPEN FONT LICENSE",
		"Redistribution and use in source and binary forms",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in the notices", want)
		}
	}
	if n := strings.Count(out.String(), "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION"); n > 30 {
		t.Errorf("the Apache licence is listed %d times", n)
	}
}

func TestAModuleWithoutTermsIsAnError(t *testing.T) {
	dir := t.TempDir()
	bare := &module{path: "example.com/bare", version: "v1.0.0", dir: dir, dirs: map[string]bool{dir: true}}
	if _, err := licences(map[string]*module{bare.path: bare}); err == nil || !strings.Contains(err.Error(), "example.com/bare v1.0.0 comes without a licence") {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "LICENSE.txt"), []byte("do what you want\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	texts, err := licences(map[string]*module{bare.path: bare})
	if err != nil || len(texts) != 1 || texts[0].text != "do what you want" || texts[0].users[0] != "example.com/bare v1.0.0" {
		t.Errorf("got %v, %v", texts, err)
	}
}
