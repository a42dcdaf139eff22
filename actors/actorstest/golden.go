package actorstest

import (
	"flag"
	"os"
	"path/filepath"
)

var update = flag.Bool("update", false, "write the golden timelines of specs anew")

// Golden fails the spec unless the timeline so far is the one in testdata/NAME.timeline; go test -update writes it anew.
func (w *World) Golden(name string) {
	w.T.Helper()
	path := filepath.Join("testdata", name+".timeline")
	got := w.Timeline()
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			w.T.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			w.T.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		w.T.Fatalf("%v (go test -update writes it)", err)
	}
	if string(want) != got {
		w.T.Fatalf("the timeline differs from %s (go test -update writes it anew), which says:\n%s", path, want)
	}
}
