package modeltest

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// failures are told once more behind all else, the story and the seed last: of a long log often the end alone is kept.
var failures struct {
	sync.Mutex
	told []string
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, f := range failures.told {
		fmt.Print("\n", f, "\n")
	}
	os.Exit(code)
}

// check looks for a story that ends badly, and fails with the shortest that it finds.
func check[S any](t *testing.T, draw func(*rapid.T) S, live func(S) (timeline string, err error)) {
	t.Helper()
	h := &hearing{T: t}
	defer h.note()
	rapid.Check(h, func(r *rapid.T) {
		s := draw(r)
		timeline, err := live(s)
		if err != nil {
			h.story = fmt.Sprintf("%#v", s)
			r.Logf("the timeline:\n%s", timeline)
			r.Fatal(err)
		}
	})
}

// hearing is a test that hears what rapid says of its failure, the seed above all, and which story failed last: after its
// search that is the shortest.
type hearing struct {
	*testing.T
	said, story string
}

// Errorf implements rapid.TB.
func (h *hearing) Errorf(format string, args ...any) {
	h.Helper()
	h.said = fmt.Sprintf(format, args...)
	h.T.Errorf(format, args...)
}

func (h *hearing) note() {
	if h.said == "" {
		return
	}
	why, repeat, _ := strings.Cut(h.said, "\nTo reproduce")
	repeat, _, _ = strings.Cut(repeat, "\nFailed test output")
	failures.Lock()
	defer failures.Unlock()
	failures.told = append(failures.told, fmt.Sprintf("%s: %s\nThe shortest story:\n%s\nTo reproduce%s", h.Name(), why, h.story, repeat))
}
