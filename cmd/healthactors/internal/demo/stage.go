package demo

import (
	"context"
	"maps"
	"slices"
	"time"

	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/docker/dockersim"
)

// stageStep is how often the stage brings the simulated Engine up to date.
const stageStep = 100 * time.Millisecond

// stage plays the games' fates on a simulated Engine.
type stage struct {
	engine *dockersim.Engine
	games  []string
	roles  map[string]fate
	shown  map[string]look
}

func newStage(engine *dockersim.Engine, roles map[string]fate) *stage {
	s := &stage{engine: engine, roles: roles, games: slices.Sorted(maps.Keys(roles)), shown: map[string]look{}}
	s.show(0)
	return s
}

// play shows the fates as time goes by, until ctx ends.
func (s *stage) play(ctx context.Context) {
	begin := time.Now()
	ticker := time.NewTicker(stageStep)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.show(time.Since(begin))
		}
	}
}

// show makes the Engine's containers look as they do at a time since the demo's start.
func (s *stage) show(t time.Duration) {
	for i, game := range s.games {
		before, known := s.shown[game]
		now := s.roles[game](t)
		if known && now == before {
			continue
		}
		if known && (now.gone || now.generation != before.generation) {
			s.engine.Remove(containerID(i, before.generation))
		}
		if !now.gone {
			s.engine.Put(dockersim.Container{
				ID:           containerID(i, now.generation),
				Labels:       map[string]string{docker.GameLabel: game},
				RestartCount: int(now.restarts),
				Status:       now.state,
				Health:       now.health,
				Created:      time.Unix(int64(now.generation), 0),
				Fault:        dockersim.Fault{Hang: now.hangs},
			})
		}
		s.shown[game] = now
	}
}

// containerID is the id of a game's container of a generation.
func containerID(game, generation int) string { return dockersim.NewID(game<<32 | generation) }
