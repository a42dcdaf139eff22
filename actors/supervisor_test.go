package actors

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// spawner is an actor's context that only notes what is spawned.
type spawner struct {
	actor.Context
	spawned []string
}

func (s *spawner) SpawnNamed(_ *actor.Props, name string) (*actor.PID, error) {
	s.spawned = append(s.spawned, name)
	return actor.NewPID("here", "supervisor/"+name), nil
}

// TestTerminated: what becomes of a game whose inspector has stopped (S2). These are moments that no spec can choose.
func TestTerminated(t *testing.T) {
	tests := []struct {
		name     string
		standing standing
		stopped  string
		spawns   bool
		known    bool
	}{
		{"S2 it is off the list: forgotten", offList, "supervisor/7/g", false, false},
		{"S2 it came back meanwhile: another inspector", onList, "supervisor/7/g", true, true},
		{"S2 an earlier inspector: nothing", offList, "supervisor/6/g", false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSupervisor(&shared{})
			s.spawned = 7
			s.games["g"] = &game{id: "g", standing: tt.standing, phase: stopping, incarnation: 7, pid: actor.NewPID("here", "supervisor/7/g")}
			ctx := &spawner{}
			s.terminated(ctx, &actor.Terminated{Who: actor.NewPID("here", tt.stopped)})
			if spawns := len(ctx.spawned) == 1; spawns != tt.spawns {
				t.Errorf("spawned: %v", ctx.spawned)
			}
			if _, known := s.games["g"]; known != tt.known {
				t.Errorf("the game is known: %t", known)
			}
		})
	}
}

// clockwork is an actor that begins a beat whose first tick was some time ago, and counts the ticks.
type clockwork struct {
	*supervisor
	ticked chan struct{}
}

func (c *clockwork) Receive(ctx actor.Context) {
	switch ctx.Message().(type) {
	case *actor.Started:
		c.scheduleTick(ctx)
	case tick:
		close(c.ticked)
	}
}

// TestS3ALateTickDoesNotDelayTheNext: the grid is that of the first tick.
func TestS3ALateTickDoesNotDelayTheNext(t *testing.T) {
	for late, wait := range map[time.Duration]time.Duration{
		0: 10 * time.Second, 3 * time.Second: 7 * time.Second, 24 * time.Second: 6 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			system := actor.NewActorSystem(actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger {
				return slog.New(slog.DiscardHandler)
			}))
			s := newSupervisor(&shared{Config: Config{Interval: 10 * time.Second}, process: process{system: system}})
			s.ticks.first = time.Now().Add(-late)
			ticked := make(chan struct{})
			pid := system.Root.Spawn(actor.PropsFromProducer(func() actor.Actor { return &clockwork{s, ticked} }))
			began := time.Now()
			<-ticked
			if waited := time.Since(began); waited != wait {
				t.Errorf("a tick that is %s late: the next comes after %s, want %s", late, waited, wait)
			}
			if err := system.Root.StopFuture(pid).Wait(); err != nil {
				t.Error(err)
			}
			system.Shutdown()
			time.Sleep(time.Minute)
		})
	}
}
