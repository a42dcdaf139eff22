package actors_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// What an operator would ask about is in the log: who came, left, was replaced or taken over, and what is well
// again (S9).

func TestS9WhoComesLeavesAndIsReplacedIsALine(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Engine("east")
		game := w.Game("game-7")
		w.Start()
		w.ExpectInfos(actorstest.Line{
			"msg": "a game came onto the running list", "game": "game-7", "container": game.Container(), "engine": "default",
		})
		w.Ticks(2)
		w.ExpectInfos()

		first := game.Container()
		game.Replace("second")
		w.Tick()
		w.ExpectInfos(actorstest.Line{"msg": "a game got another container", "game": "game-7", "container": "second", "was": first})
		game.Move("east")
		w.Tick()
		w.ExpectInfos(actorstest.Line{
			"msg": "a game got another container", "game": "game-7", "container": "second", "engine": "east", "was": "second on default",
		})
		game.Recreate("another-full-id")
		w.Tick()
		w.ExpectInfos(actorstest.Line{
			"msg": "a game got another container", "game": "game-7", "container": "second", "id": "another-full-id", "was": "second",
		})

		game.Leave()
		w.Tick()
		w.ExpectInfos(actorstest.Line{"msg": "a game left the running list", "game": "game-7", "container": "second", "engine": "east"})
		game.Return()
		w.Tick()
		w.ExpectInfos(actorstest.Line{"msg": "a game came onto the running list", "game": "game-7", "container": "second"})
	})
}

// What is journaled of a container while the list already has another one is told of that container.
func TestS9AContainerThatWasRecreatedBeforeItWasReplacedIsNamed(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Logged(slog.LevelInfo)
		first := game.Container()
		game.Recreate("another-full-id")
		game.Delay(4 * time.Second)
		game.Stream().Slow(8 * time.Second)
		w.Pass(15 * time.Second)
		game.Replace("second")
		w.Pass(25 * time.Second)
		w.ExpectInfos(
			actorstest.Line{"msg": "a game got another container", "container": "second", "was": first},
			actorstest.Line{"msg": "a game got another container", "container": first, "id": "another-full-id", "was": first},
		)
	})
}

func TestS9AGameThatComesBackBeforeItsEventsAreDeliveredIsALine(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		w.ExpectInfos(actorstest.Line{"msg": "a game came onto the running list"})
		game.Leave()
		w.Tick()
		game.Return()
		w.Tick()
		w.ExpectInfos(actorstest.Line{"msg": "a game left the running list"}, actorstest.Line{"msg": "a game came onto the running list"})
	})
}

func TestS9MoreThanTenGamesAreOneLine(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(12)
		names := "[game-0 game-1 game-10 game-11 game-2 game-3 game-4 game-5 game-6 game-7]"
		w.Start()
		w.ExpectInfos(actorstest.Line{"msg": "games came onto the running list", "count": "12", "games": names})
		for _, g := range games {
			g.Replace("second-of-" + g.ID)
		}
		w.Tick()
		w.ExpectInfos(actorstest.Line{"msg": "games got another container", "count": "12", "games": names})
		for _, g := range games {
			g.Recreate("another-" + g.ID)
		}
		w.Tick()
		w.ExpectInfos(actorstest.Line{"msg": "games got another container", "count": "12", "games": names})
		for _, g := range games {
			g.Leave()
		}
		w.Tick()
		w.ExpectInfos(actorstest.Line{"msg": "games left the running list", "count": "12", "games": names})
		games[3].Return()
		w.Tick()
		w.ExpectInfos(actorstest.Line{"msg": "a game came onto the running list", "game": "game-3"})
	})
}

func TestS9WhatTheJournalKnowsAtAStartIsOneLine(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(2)
		w.Start()
		w.ExpectInfos(actorstest.Line{"game": "game-0"}, actorstest.Line{"game": "game-1"})
		w.Crash()
		games[0].Replace("second")
		w.Start()
		w.ExpectInfos(
			actorstest.Line{"msg": "games found in the journal", "count": "2", "games": "[game-0 game-1]"},
			actorstest.Line{"msg": "a game got another container", "game": "game-0"},
		)
	})
}

func TestS9AnEngineThatIsWellAgainIsALine(t *testing.T) {
	failures := map[string]error{
		"it can't be reached": actors.ErrEngineUnreachable,
		"it answers nobody":   fmt.Errorf("dial: %w", context.DeadlineExceeded),
		"it fails all":        errors.New("500 Internal Server Error"),
	}
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				games := w.Fleet(3)
				w.GameOn("east", "other")
				w.Start()
				w.Engine(actors.DefaultEngine).Down(failure)
				w.Ticks(3)
				w.Logged(slog.LevelInfo)
				w.Engine(actors.DefaultEngine).Down(nil)
				games[0].Fail(errors.New("no RestartCount")) // one game's trouble is no Engine's
				w.Ticks(2)
				w.ExpectInfos(actorstest.Line{"msg": "the engine is well again", "engine": "default", "after": "30s"})
			})
		})
	}
}

func TestS9AListThatCanBeReadAgainIsALine(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Game("game-7")
		w.Start()
		w.List.Fail(errors.New("no such file"))
		w.Ticks(3)
		w.Logged(slog.LevelInfo)
		w.List.Fail(nil)
		w.Ticks(2)
		w.ExpectInfos(actorstest.Line{"msg": "the running list can be read again", "after": "30s"})
	})
}

func TestS9AnEnginesPartOfTheListThatCanBeReadAgainIsALine(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.List.ByEngine = true
		w.Game("game-7")
		w.GameOn("east", "game-8")
		w.Start()
		w.List.FailEngine("east", errors.New("refused"))
		w.Ticks(2)
		w.Logged(slog.LevelInfo)
		w.List.FailEngine("east", nil)
		w.Tick()
		w.ExpectInfos(actorstest.Line{"msg": "the running list can be read again", "engine": "east", "after": "20s"})
	})
}

func TestS9ABrokerThatIsWellAgainIsALine(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Logged(slog.LevelInfo)
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Ticks(6)
		w.ExpectInfos()
		w.Broker.Down(nil)
		w.Pass(time.Minute)
		w.ExpectInfos(actorstest.Line{"msg": "events are published again"}, actorstest.Line{"msg": "event published"})
	})
}

func TestS9AJournalThatIsWellAgainIsALine(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(2)
		w.Start()
		w.Logged(slog.LevelInfo)
		w.Journal.All().Fail(errors.New("connection refused"))
		for _, g := range games {
			g.Restart(1)
		}
		w.Ticks(3)
		w.ExpectInfos()
		games[0].Stream().Fail(errors.New("connection refused"))
		w.Journal.All().Fail(nil)
		w.Ticks(2)
		w.ExpectInfos(actorstest.Line{"msg": "event published", "game": "game-1"})
		games[0].Stream().Fail(nil)
		w.Ticks(2)
		w.ExpectInfos(actorstest.Line{"msg": "the journal is well again"}, actorstest.Line{"msg": "event published", "game": "game-0"})
	})
}

func TestS9AJournalThatIsAwayAtTheStartIsWellAgain(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Game("game-7")
		w.Start()
		w.Crash()
		w.Logged(slog.LevelInfo)
		w.Journal.All().Fail(errors.New("connection refused"))
		w.Start()
		w.Pass(time.Minute)
		w.ExpectInfos()
		w.Journal.All().Fail(nil)
		w.Pass(time.Minute)
		w.ExpectInfos(actorstest.Line{"msg": "the journal is well again"}, actorstest.Line{"msg": "games found in the journal", "count": "1"})
	})
}

func TestS9WhoComesAndGoesInAClusterIsALine(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		fleet := w.Fleet(30)
		b := w.NodeNamed("b")
		w.Start()
		w.ExpectInfos(
			actorstest.Line{"msg": "joined the cluster", "members": "[a]"},
			actorstest.Line{"msg": "games came onto the running list", "count": "30"},
		)
		b.Start()
		w.Tick()
		infos := w.Logged(slog.LevelInfo)
		expectOne(t, infos, actorstest.Line{"msg": "a member joined the cluster", "member": "b"})
		expectOne(t, infos, actorstest.Line{"msg": "joined the cluster", "members": "[a b]"})
		taken := expectOne(t, infos, actorstest.Line{"msg": "games taken over"})
		if own := strconv.Itoa(len(watchedBy(b, fleet))); own == "0" || taken.Attrs["count"] != own {
			t.Errorf("%s games were taken over, b watches %s", taken.Attrs["count"], own)
		}
		b.Crash()
		w.Pass(5 * time.Second)
		infos = w.Logged(slog.LevelInfo)
		expectOne(t, infos, actorstest.Line{"msg": "a member is gone from the cluster", "member": "b"})
		if back := expectOne(t, infos, actorstest.Line{"msg": "games taken over"}); back.Attrs["count"] != taken.Attrs["count"] {
			t.Errorf("%s games were taken over from b, which had taken %s", back.Attrs["count"], taken.Attrs["count"])
		}
		b.Start()
		w.Tick()
		expectOne(t, w.Logged(slog.LevelInfo), actorstest.Line{"msg": "a member joined the cluster", "member": "b"})
	})
}

// expectOne returns the one record among them that is this line.
func expectOne(t *testing.T, records []actorstest.LogRecord, l actorstest.Line) (found actorstest.LogRecord) {
	t.Helper()
	count := 0
	for _, r := range records {
		if l.Matches(r) {
			count++
			found = r
		}
	}
	if count != 1 {
		t.Fatalf("%d lines %v among %v, want one", count, l, records)
	}
	return found
}
