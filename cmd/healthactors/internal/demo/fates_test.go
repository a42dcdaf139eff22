package demo

import (
	"testing"
	"time"
)

func TestCastIsAPureFunctionOfTheSeed(t *testing.T) {
	a, b := cast(20, 7), cast(20, 7)
	if len(a) != 20 {
		t.Fatalf("%d games", len(a))
	}
	for game, fate := range a {
		other, ok := b[game]
		if !ok {
			t.Fatalf("the second cast has no %s", game)
		}
		for at := time.Duration(0); at < time.Minute; at += 100 * time.Millisecond {
			if fate(at) != other(at) {
				t.Errorf("%s at %v: %+v and %+v", game, at, fate(at), other(at))
			}
		}
	}
	same := 0
	for game := range cast(20, 8) {
		if _, ok := a[game]; ok {
			same++
		}
	}
	if same == 20 {
		t.Error("another seed has the same games")
	}
}

func TestCastHasManyGames(t *testing.T) {
	for _, n := range []int{1, 3, 100, 101, 1000} {
		if got := len(cast(n, 1)); got != n {
			t.Errorf("%d games, want %d", got, n)
		}
	}
}

// Within half a minute the fates show all that the node can tell, and something within the first two seconds.
func TestFatesShowEverything(t *testing.T) {
	var crashed, soon, unhealthy, recovered, stopped, paused, replaced, hung, gone bool
	for _, role := range fates {
		before := role.fate(0)
		for at := time.Duration(0); at < 30*time.Second; at += stageStep {
			now := role.fate(at)
			crashed = crashed || now.restarts > before.restarts
			unhealthy = unhealthy || now.health == "unhealthy"
			recovered = recovered || before.health == "unhealthy" && now.health == "healthy"
			stopped = stopped || now.state == "exited"
			paused = paused || now.state == "paused"
			replaced = replaced || now.generation > before.generation
			hung = hung || now.hangs
			gone = gone || now.gone
			soon = soon || at < 2*time.Second && (now.health == "unhealthy" || now.state != "running")
			if now.generation == before.generation && now.restarts < before.restarts && now.state != "running" {
				t.Errorf("%s at %v: the count falls while it is %s", role.name, at, now.state)
			}
			before = now
		}
	}
	for what, shown := range map[string]bool{
		"a crash": crashed, "a failing health check": unhealthy, "a recovery": recovered, "a stop": stopped, "a pause": paused,
		"a replacement": replaced, "a hanging container": hung, "a removal": gone, "something soon": soon,
	} {
		if !shown {
			t.Errorf("no fate shows %s", what)
		}
	}
}
