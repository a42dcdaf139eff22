package actors_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// TestH10WarningsOfTheStartNameTheContainer: an inspector that can't recover knows nothing of its game, but the list does.
func TestH10WarningsOfTheStartNameTheContainer(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Game("game-8")
		w.Start()
		w.Crash()
		w.Logged(slog.LevelWarn)
		game.Stream().Damage(true)
		w.Start()
		w.Pass(w.Config.Interval / 2) // the first tick ends when the inspector has had its second try
		warnings := w.Logged(slog.LevelWarn)
		if len(warnings) != 1 {
			t.Fatalf("warned: %v, want once", warnings)
		}
		said := warnings[0].Attrs
		if said["game"] != "game-7" || said["container"] != game.Container() || said["engine"] != "default" || said["error"] == "" {
			t.Errorf("warned: %v, want game, container, engine and error", warnings[0])
		}
	})
}

// TestH10ManyThatCannotRecoverAreOneWarning, at the start too.
func TestH10ManyThatCannotRecoverAreOneWarning(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(20)
		w.Start()
		w.Crash()
		w.Logged(slog.LevelWarn)
		for _, g := range games {
			g.Stream().Fail(errors.New("out of order"))
		}
		w.Start()
		w.Pass(w.Config.Interval / 2)
		if warnings := w.Logged(slog.LevelWarn); len(warnings) != 1 || warnings[0].Attrs["count"] != "20" {
			t.Errorf("warned: %v, want one with the count", warnings)
		}
	})
}

// A start that takes long is not silent until its first tick.
func TestH10ALongStartWarnsEachInterval(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval = time.Second
		slow, damaged, other := w.Game("game-1"), w.Game("game-2"), w.Game("game-3")
		w.Start()
		w.Crash()
		w.Logged(slog.LevelWarn)
		slow.Stream().Slow(9 * time.Second)
		damaged.Stream().Damage(true)
		other.Stream().Slow(3 * time.Second)
		other.Stream().Damage(true)
		w.Start()
		w.Pass(4 * time.Second)
		if warnings := w.Logged(slog.LevelWarn); len(warnings) != 2 || warnings[0].Attrs["engine"] != "default" {
			t.Errorf("warned: %v, want two with the engine", warnings)
		}
		slow.Stream().Slow(0)
		damaged.Stream().Damage(false)
		other.Stream().Slow(0)
		other.Stream().Damage(false)
		w.Pass(20 * time.Second)
	})
}
