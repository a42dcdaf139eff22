package modeltest

import (
	"flag"
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	cmap "github.com/orcaman/concurrent-map"
	"pgregory.net/rapid"

	"galaxy/healthactors/actors/actorstest"
)

var hours = flag.Float64("model.hours", 200, "game-hours that the model test simulates at least, at one tick a minute")

// patience is the real time in which a story must end. Most take some milliseconds; many hours with a journal that fails
// take a minute, beside other work.
const patience = 5 * time.Minute

// Each start of a node makes an actor system, and each of those makes 1024 times this many maps: half of the whole
// time of the test.
func init() { cmap.SHARD_COUNT = 1 }

// TestModel lives through random stories and compares what was published with the model. It holds H1–H10, S1–S6, S8, P2,
// P3, P5, R1 and R2 all at once, in all their combinations.
func TestModel(t *testing.T) {
	simulate(t, *hours*(1-clusterShare), stories(), run)
}

// simulate lives through stories on all processors until so many game-hours have passed. live lives through one.
func simulate[S any](
	t *testing.T, hours float64, stories *rapid.Generator[S], live func(*testing.T, S) (lived time.Duration, timeline string, err error),
) {
	t.Helper()
	draw := func(r *rapid.T) S { return stories.Draw(r, "story") }
	for n := range runtime.GOMAXPROCS(0) {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			simulated, began := time.Duration(0), time.Now()
			for simulated.Hours() < hours/float64(runtime.GOMAXPROCS(0)) {
				check(t, draw, func(s S) (string, error) {
					lived, timeline, err := live(t, s)
					simulated += lived
					return timeline, err
				})
			}
			t.Logf("%.0f game-hours in %s", simulated.Hours(), time.Since(began).Round(time.Second))
		})
	}
}

// run lives through a story in a bubble of its own.
func run(t *testing.T, s story) (lived time.Duration, timeline string, err error) {
	// Virtual time stands still while a node has something to do; one that always has would keep the test silent for ever.
	watchdog := time.AfterFunc(patience, func() { panic(fmt.Sprintf("no end of this story:\n%#v", s)) })
	defer watchdog.Stop()
	actorstest.Spec(t, func(w *actorstest.World) {
		d := newDriver(w, s)
		if pending := d.live(s); pending != 0 {
			err = fmt.Errorf("P4: %d events are pending, and nothing keeps them from being published", pending)
		} else {
			err = d.judge()
		}
		lived = d.lived()
		if err != nil {
			timeline = w.Timeline()
		}
	})
	return lived, timeline, err
}
