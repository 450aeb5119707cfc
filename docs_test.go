package main_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeShowsTheExample keeps the README's configuration the one that is
// loaded by a test, and the README short enough to be read.
func TestReadmeShowsTheExample(t *testing.T) {
	readme, example := read(t, "README.md"), read(t, "examples/daymark.yml")
	if !strings.Contains(readme, "```yaml\n"+example+"```\n") {
		t.Error("README.md does not show examples/daymark.yml as it is")
	}
	if lines := strings.Count(readme, "\n"); lines > 150 {
		t.Errorf("README.md has %d lines, more than 150", lines)
	}
}

// TestLinksLead follows every relative link of the documents.
func TestLinksLead(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#\s]+)`)
	for _, doc := range documents(t) {
		for _, match := range link.FindAllStringSubmatch(read(t, doc), -1) {
			if target := match[1]; !strings.Contains(target, "://") {
				if _, err := os.Stat(filepath.Join(filepath.Dir(doc), target)); err != nil {
					t.Errorf("%s links to %s, which is not there", doc, target)
				}
			}
		}
	}
}

// TestDocumentsNameRealTargets holds every `make x` in the documents to the
// Makefile.
func TestDocumentsNameRealTargets(t *testing.T) {
	makefile := read(t, "Makefile")
	use := regexp.MustCompile("(?m)(?:`|^)make ([a-z]+)`?$?")
	for _, doc := range documents(t) {
		for _, match := range use.FindAllStringSubmatch(read(t, doc), -1) {
			if !strings.Contains(makefile, "\n"+match[1]+": ##") {
				t.Errorf("%s speaks of make %s, which the Makefile does not have", doc, match[1])
			}
		}
	}
}

// documents are the Markdown files of the repository that people wrote.
func documents(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(os.DirFS("."), "docs", func(name string, d fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".md") {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
