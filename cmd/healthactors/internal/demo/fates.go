package demo

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// look is what a game's container looks like at one moment.
type look struct {
	// generation tells a container from the one that replaced it.
	generation int
	restarts   int64
	state      string
	health     string
	// gone: there is no container. hangs: the Engine doesn't answer for it.
	gone, hangs bool
}

// fate says what a game's container looks like at a time since the demo's start. It is a pure function, and repeats
// itself, so that a demo can run for as long as one likes.
type fate func(t time.Duration) look

// fates in the order in which games get them: a demo of a few games shows the most telling ones.
var fates = []struct {
	name string
	fate fate
}{
	{"crash loop", crashLoop},
	{"failing health check", failingHealthCheck},
	{"stopped", stopped},
	{"recovering", recovering},
	{"paused", paused},
	{"replaced", replaced},
	{"hanging", hanging},
	{"removed", removed},
}

// Of the games beyond the first of each fate, one in fateShare has a fate, and the others are healthy.
const fateShare = 4

// cast is a demo's games with their fates: a pure function of the seed.
func cast(games int, seed uint64) map[string]fate {
	random := rand.New(rand.NewPCG(seed, 0))
	names := gameNames(games, random)
	roles := make(map[string]fate, games)
	for i, name := range names {
		switch {
		case i < len(fates):
			roles[name] = fates[i].fate
		case i%fateShare == 0:
			// Later rounds of the same fates are out of step with the first.
			roles[name] = after(time.Duration(random.Int64N(int64(20*time.Second))), fates[(i/fateShare)%len(fates)].fate)
		default:
			roles[name] = healthy
		}
	}
	return roles
}

// gameNames returns distinct names that are easy to tell apart.
func gameNames(n int, random *rand.Rand) []string {
	colours := []string{"amber", "azure", "coral", "ivory", "jade", "lilac", "onyx", "pearl", "ruby", "umber"}
	places := []string{"bay", "cave", "dune", "fjord", "glade", "isle", "lake", "moor", "peak", "reef"}
	names := make([]string, n)
	for i, k := range random.Perm(max(n, len(colours)*len(places)))[:n] {
		names[i] = colours[k%10] + "-" + places[k/10%10]
		if round := k / 100; round > 0 {
			names[i] += fmt.Sprintf("-%d", round+1)
		}
	}
	return names
}

// after starts a fate later; until then all is as at its start.
func after(delay time.Duration, f fate) fate {
	return func(t time.Duration) look {
		if t < delay {
			return f(0)
		}
		return f(t - delay)
	}
}

func healthy(time.Duration) look { return look{state: "running", health: "healthy"} }

// crashLoop crashes every four seconds and is down for a moment each time.
func crashLoop(t time.Duration) look {
	const period = 4 * time.Second
	t += 2500 * time.Millisecond // the first crash comes soon
	l := look{state: "running", restarts: int64(t / period)}
	if t%period < time.Second && t > period {
		l.state = "restarting"
	}
	return l
}

// failingHealthCheck is unhealthy for ten seconds out of twenty-four.
func failingHealthCheck(t time.Duration) look {
	l := healthy(t)
	switch at := t % (24 * time.Second); {
	case t < time.Second:
		l.health = "starting"
	case within(at, 3, 13):
		l.health = "unhealthy"
	}
	return l
}

// stopped exits, and a person starts it again, which resets its restart count (H7).
func stopped(t time.Duration) look {
	l := look{state: "running", restarts: 2}
	if t >= 15*time.Second {
		l.restarts = 0
	}
	if within(t%(30*time.Second), 4, 15) {
		l.state = "exited"
	}
	return l
}

// recovering is sick from the start and gets well.
func recovering(t time.Duration) look {
	l := healthy(t)
	if within(t%(40*time.Second), 0, 8) {
		l.health = "unhealthy"
	}
	return l
}

// paused is frozen for six seconds out of twenty.
func paused(t time.Duration) look {
	l := look{state: "running"}
	if within(t%(20*time.Second), 6, 12) {
		l.state = "paused"
	}
	return l
}

// replaced gets a new container now and then, which takes a moment to start. Its restart count begins anew (H8).
func replaced(t time.Duration) look {
	const period = 16 * time.Second
	l := look{state: "running", health: "healthy"}
	l.generation = int((t + period/2) / period)
	if at := (t + period/2) % period; l.generation > 0 && at < 2*time.Second {
		l.state, l.health = "created", ""
	}
	if l.generation == 0 && t > 4*time.Second {
		l.restarts = 1 // so that the old one has been heard of
	}
	return l
}

// hanging is a container that its Engine doesn't answer for, six seconds out of thirty.
func hanging(t time.Duration) look {
	l := look{state: "running"}
	l.hangs = within(t%(30*time.Second), 5, 11)
	return l
}

// removed has no container for ten seconds out of thirty: telling so is another service's job (H9).
func removed(t time.Duration) look {
	const period = 30 * time.Second
	l := look{state: "running", generation: int((t + period/3) / period)}
	l.gone = within(t%period, 10, 20)
	return l
}

func within(t time.Duration, from, to int) bool {
	return time.Duration(from)*time.Second <= t && t < time.Duration(to)*time.Second
}
