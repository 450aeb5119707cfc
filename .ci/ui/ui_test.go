package main

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestSourcesLeaveOutWhatTheBuildDoesNotRead(t *testing.T) {
	web := fstest.MapFS{"src/App.tsx": {Data: []byte("a")}, "package.json": {Data: []byte("{}")}}
	before, err := sources(web)
	if err != nil {
		t.Fatal(err)
	}
	web["src/App.test.tsx"] = &fstest.MapFile{Data: []byte("a test")}
	web["node_modules/x/index.js"] = &fstest.MapFile{Data: []byte("a package")}
	web["e2e/page.spec.ts"] = &fstest.MapFile{Data: []byte("a browser test")}
	if after, err := sources(web); err != nil || after != before {
		t.Errorf("tests and packages changed the digest (%v)", err)
	}
	web["src/App.tsx"] = &fstest.MapFile{Data: []byte("b")}
	if after, err := sources(web); err != nil || after == before {
		t.Errorf("a changed source did not change the digest (%v)", err)
	}
}

func TestDifferNamesEachFile(t *testing.T) {
	committed := fstest.MapFS{"same.js": {Data: []byte("1")}, "edited.js": {Data: []byte("1")}, "old.js": {}}
	fresh := fstest.MapFS{"same.js": {Data: []byte("1")}, "edited.js": {Data: []byte("2")}, "new.js": {}}
	got, err := differ(committed, fresh)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"edited.js differs", "new.js is not committed", "old.js is committed but not built any more"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
