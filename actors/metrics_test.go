package actors_test

import (
	"log/slog"
	"maps"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// TestInspectionsByOutcome: each inspect counts once, by what became of it; an observation that the journal can't take is a
// failed inspect (H10).
func TestInspectionsByOutcome(t *testing.T) {
	for name, tt := range map[string]struct {
		happens func(*actorstest.Game)
		want    map[string]float64
	}{
		"nothing changed":        {func(*actorstest.Game) {}, map[string]float64{"ok": 2}},
		"a restart is journaled": {func(g *actorstest.Game) { g.Restart(1) }, map[string]float64{"ok": 2}},
		"the journal is full": {func(g *actorstest.Game) {
			g.Stream().Full(true)
			g.Restart(1)
		}, map[string]float64{"ok": 1, "error": 1}},
		"garbage":      {func(g *actorstest.Game) { g.Fail(actorstest.ErrGarbage) }, map[string]float64{"ok": 1, "error": 1}},
		"no container": {(*actorstest.Game).Remove, map[string]float64{"ok": 1, "not_found": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				metrics := w.Metrics()
				game := w.Game("game-7")
				w.Start()
				tt.happens(game)
				w.Tick()
				w.TakeEvents("game-7")
				want := map[string]float64{}
				for _, outcome := range []string{"ok", "not_found", "timeout", "error"} {
					want["engine=default,outcome="+outcome] = tt.want[outcome]
				}
				expectSeries(t, metrics, "healthactors_inspections", want)
			})
		})
	}
}

func expectSeries(t *testing.T, metrics *actorstest.Metrics, name string, want map[string]float64) {
	t.Helper()
	if got := metrics.Series(name); !maps.Equal(got, want) {
		t.Errorf("%s: %v, want %v", name, got, want)
	}
}

// What concerns an Engine has its name, and is there before anything happens.
func TestMetricsByEngine(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval = time.Second
		metrics := w.Metrics()
		w.Game("here")
		there := w.GameOn("east", "there")
		there.Hang(true)
		w.Engine("idle")
		w.Start()
		w.Ticks(7)
		expectSeries(t, metrics, "healthactors_inspections", map[string]float64{
			"engine=default,outcome=ok": 8, "engine=default,outcome=not_found": 0, "engine=default,outcome=timeout": 0, "engine=default,outcome=error": 0,
			"engine=east,outcome=ok": 0, "engine=east,outcome=not_found": 0, "engine=east,outcome=timeout": 1, "engine=east,outcome=error": 0,
			"engine=idle,outcome=ok": 0, "engine=idle,outcome=not_found": 0, "engine=idle,outcome=timeout": 0, "engine=idle,outcome=error": 0,
		})
		expectSeries(t, metrics, "healthactors_inspections_skipped",
			map[string]float64{"engine=default": 0, "engine=east": 6, "engine=idle": 0})
		expectSeries(t, metrics, "healthactors_games_stale",
			map[string]float64{"engine=default": 0, "engine=east": 1, "engine=idle": 0})
		if took := metrics.Series("healthactors_inspect_duration"); took["engine=east"] != 5 || len(took) != 2 {
			t.Errorf("durations: %v, want five seconds in the east", took)
		}
	})
}

// A game counts as unhealthy for as long as its last observation of this lifecycle has the reason, also while nobody can look.
func TestH8UnhealthyIsWhoseLastObservationOfThisLifecycleSaysSo(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		metrics := w.Metrics()
		first, second := w.Game("first"), w.Game("second")
		unhealthy := func(restarted, stopped, sick float64) {
			t.Helper()
			expectSeries(t, metrics, "healthactors_games_unhealthy", map[string]float64{
				"reason=restart_count_increased": restarted, "reason=not_running": stopped, "reason=healthcheck_unhealthy": sick,
			})
		}
		w.Engine(actors.DefaultEngine).Down(actors.ErrEngineUnreachable)
		w.Start()
		unhealthy(0, 0, 0)
		w.Engine(actors.DefaultEngine).Down(nil)
		first.State("exited")
		first.Health("unhealthy")
		second.Health("unhealthy")
		w.Tick()
		unhealthy(0, 1, 2)
		first.State("running")
		first.Restart(1)
		w.Tick()
		unhealthy(1, 0, 2)
		first.Fail(actorstest.ErrGarbage)
		w.Tick()
		unhealthy(1, 0, 2)
		first.Fail(nil)
		w.Tick()
		unhealthy(0, 0, 2)
		second.Replace("new")
		second.Hang(true)
		w.Tick()
		unhealthy(0, 0, 1)
		w.Crash()
		metrics = w.Metrics()
		first.Hang(true)
		w.Start()
		unhealthy(0, 0, 1) // as journaled
		first.Leave()
		w.Tick()
		unhealthy(0, 0, 0)
		w.TakeEvents("first")
	})
}

func TestS1TheLastTickIsTheLastThatReadTheList(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		metrics := w.Metrics()
		w.Game("game-7").Delay(time.Second)
		w.List.Fail(actorstest.ErrGarbage)
		w.Clock.Offset(-time.Hour)
		w.Start()
		expectSeries(t, metrics, "healthactors_last_tick_timestamp", map[string]float64{})
		w.List.Fail(nil)
		w.Tick()
		w.Pass(time.Second)
		last := unix(w.Clock.Now())
		expectSeries(t, metrics, "healthactors_last_tick_timestamp", map[string]float64{"": last})
		w.List.Fail(actorstest.ErrGarbage)
		w.Ticks(3)
		expectSeries(t, metrics, "healthactors_last_tick_timestamp", map[string]float64{"": last})
	})
}

func unix(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }

func TestP4FailedTriesAreCounted(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		metrics := w.Metrics()
		games := w.Fleet(20)
		w.Start()
		expectSeries(t, metrics, "healthactors_publish_failures", map[string]float64{"": 0})
		w.Broker.Down(actorstest.ErrBrokerDown)
		for _, g := range games {
			g.Restart(1)
		}
		w.Tick()
		w.Pass(time.Second)
		if logged := float64(len(w.Logged(slog.LevelError))); logged < 3 {
			t.Errorf("errors: %v, want one for each try", logged)
		} else {
			expectSeries(t, metrics, "healthactors_publish_failures", map[string]float64{"": logged})
		}
		w.Broker.Down(nil)
		w.Pass(time.Minute)
		for _, g := range games {
			w.TakeEvents(g.ID)
		}
	})
}

func TestS6RefusedEntriesAreCounted(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.List.ByEngine = true
		metrics := w.Metrics()
		w.Game("game-7")
		east := w.GameOn("east", "there")
		refused := func(n float64) {
			t.Helper()
			expectSeries(t, metrics, "healthactors_entries_refused", map[string]float64{"": n})
		}
		w.Start()
		refused(0)
		w.List.Add(actors.Entry{GameID: "game 7", ContainerID: "c"})
		for range 2 { // alike, and still two
			w.List.Add(actors.Entry{GameID: "game-7", ContainerID: "d"})
		}
		east.Malform("container_id is null")
		w.Tick()
		refused(4)
		w.List.FailEngine("east", actorstest.ErrGarbage)
		w.List.Remove("game 7")
		w.Tick()
		refused(3)
		w.List.FailEngine("east", nil)
		east.Leave()
		w.Tick()
		refused(2)
		w.Logged(slog.LevelWarn)
	})
}
