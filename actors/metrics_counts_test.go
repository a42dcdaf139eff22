package actors

import (
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"galaxy/healthactors/actors/internal/rules"
	"galaxy/healthactors/actors/internal/stream"
)

// TestRecentCounts: a scrape gets the counts of now, those of a moment ago when the supervisor is busy, and none when it
// hangs.
func TestRecentCounts(t *testing.T) {
	for name, tt := range map[string]struct {
		answers bool
		counted time.Duration // ago; 0 is never
		want    int64         // games; 0 is an error
	}{
		"an answer":               {true, time.Second, 7},
		"busy":                    {false, time.Second, 5},
		"busy since it was born":  {false, 0, 0},
		"it hangs":                {false, countsAge, 0},
		"an answer, the first":    {true, 0, 7},
		"an answer after a while": {true, time.Hour, 7},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := actor.NewActorSystem(actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger {
					return slog.New(slog.DiscardHandler)
				}))
				n := &Node{shared: &shared{process: process{system: system, supervisorGone: make(chan struct{})}}}
				n.supervisor = system.Root.Spawn(actor.PropsFromFunc(func(ctx actor.Context) {
					if q, ok := ctx.Message().(countAll); ok && tt.answers {
						q.reply <- counts{games: 7}
					}
				}))
				if tt.counted > 0 {
					n.board.counted.Store(&counts{at: time.Now().Add(-tt.counted), games: 5})
				}
				began := time.Now()
				c, err := n.recentCounts(t.Context())
				if (err != nil) != (tt.want == 0) || c.games != tt.want {
					t.Errorf("%d games, %v; want %d", c.games, err, tt.want)
				}
				if waited := time.Since(began); waited > scrapePatience {
					t.Errorf("it took %s", waited)
				}
				if err := system.Root.StopFuture(n.supervisor).Wait(); err != nil {
					t.Error(err)
				}
				system.Shutdown()
				time.Sleep(time.Minute)
			})
		})
	}
}

// A supervisor that is never asked counts all the same, once a second.
func TestASupervisorCountsEachSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSupervisor(&shared{Config: Config{Interval: time.Second}})
		games := func() int64 {
			s.countWhenDue()
			return s.board.counted.Load().games
		}
		if n := games(); n != 0 {
			t.Fatalf("%d games", n)
		}
		s.games["g"] = &game{id: "g", standing: onList}
		if n := games(); n != 0 {
			t.Errorf("%d games, counted again at once", n)
		}
		time.Sleep(countEvery)
		if n := games(); n != 1 {
			t.Errorf("%d games after a second, want 1", n)
		}
	})
}

// BenchmarkCount shows what counting costs the supervisor of 300,000 games, all well or all not.
func BenchmarkCount(b *testing.B) {
	for name, reasons := range map[string]rules.Reasons{"healthy": 0, "unhealthy": rules.NotRunning} {
		b.Run(name, func(b *testing.B) {
			s := newSupervisor(&shared{Config: Config{Interval: time.Second}, Ports: Ports{Engines: map[string]Engine{DefaultEngine: nil}}})
			for i := range 300_000 {
				id := fmt.Sprintf("game-%06d", i)
				g := &game{id: id, standing: onList, since: time.Now(), place: rules.Place{Container: "c", Engine: DefaultEngine}}
				g.observe(&stream.Observed{Observed: rules.Observed{Place: g.place, Reasons: reasons}})
				s.games[id] = g
			}
			for b.Loop() {
				s.count()
			}
		})
	}
}
