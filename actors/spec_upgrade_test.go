package actors_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// Nodes of the release before on the same journal (C6).

// betweenTwoContainers plays a story that goes on when an older node has rewritten the snapshot of a game, whose sick container is
// gone, and whose new one has not come yet.
func betweenTwoContainers(t *testing.T, story func(w *actorstest.World, game *actorstest.Game)) {
	t.Helper()
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Emit = actors.EmitOnChange
		w.Lease = lease
		game := w.Game("game-7")
		w.Start()
		untilSnapshot(w, game)
		game.State("exited")
		w.Tick()
		game.Replace("second")
		game.Remove()
		w.Tick()
		w.TakeEvents(game.ID)
		w.Stop(time.Second)

		older := w.NodeNamed("b")
		older.Older = true
		rewriteSnapshot(w, older)
		w.ExpectNothing()
		story(w, game)
	})
}

// rewriteSnapshot starts a node, which claims the stream, and stops it until it has saved a snapshot.
func rewriteSnapshot(w *actorstest.World, older *actorstest.Process) {
	for written := w.Journal.Snapshots(); w.Journal.Snapshots() == written; {
		older.Start()
		older.Stop(time.Second)
	}
}

func TestC6H8AnOlderNodesSnapshotKeepsTheReasonsOfTheOldContainer(t *testing.T) {
	betweenTwoContainers(t, func(w *actorstest.World, game *actorstest.Game) {
		w.Start()
		game.State("running")
		w.Tick()
		w.Expect(game.Recovered().In("second"))
		w.Ticks(2)
		w.Crash()
		w.Start()
		w.ExpectNothing()
	})
}

// What an older node has published is not published again by this one.
func TestC6H8WhatAnOlderNodeObservedCounts(t *testing.T) {
	betweenTwoContainers(t, func(w *actorstest.World, game *actorstest.Game) {
		older := w.NodeNamed("b")
		game.State("running")
		older.Start()
		w.TakeEvents(game.ID) // it may have forgotten that there is something to recover from
		older.Stop(time.Second)
		rewriteSnapshot(w, older)
		w.Start()
		w.Ticks(2)
		w.ExpectNothing()
	})
}

// Where retention took the events between, nobody knows whether there was something to recover from: nothing is invented.
func TestC6H8WhatIsNotKnownAnyMoreIsForgotten(t *testing.T) {
	betweenTwoContainers(t, func(w *actorstest.World, game *actorstest.Game) {
		w.Journal.Of(game.ID).RemoveOld()
		w.Start()
		game.State("running")
		w.Ticks(2)
		w.ExpectNothing()
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).In("second"))
	})
}

// What an older node has detected, and journaled without headers, leaves with those that it would have built itself.
func TestC6AnEventOfAnOlderReleaseHasItsHeaders(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		traced(w)
		w.Older = true
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		detected := w.Journal.Detected(game.ID)[0]
		w.Crash()
		w.Broker.Down(nil)
		w.Older = false
		w.Start()
		w.Expect(game.Unhealthy(restarted))
		got := w.Broker.Arrived()[0].Metadata
		if !strings.HasPrefix(got["traceparent"], "00-") {
			t.Errorf("traceparent %q", got["traceparent"])
		}
		delete(got, "traceparent")
		if want := map[string]string{
			"ce_specversion": "1.0", "ce_id": detected, "ce_source": "/healthactors", "ce_type": "inspect_unhealthy", "ce_subject": "game-7",
			"ce_time": "2000-01-01T00:00:10Z", "content-type": "application/json",
		}; !maps.Equal(got, want) {
			t.Errorf("headers:\n got %v\nwant %v", got, want)
		}
	})
}

// An older node builds headers at each delivery: those of this release's events are the same.
func TestC6P2AnOlderNodeDeliversTheSame(t *testing.T) {
	for name, trace := range map[string]bool{"traced": true, "untraced": false} {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				if trace {
					traced(w)
				}
				game := w.Game("game-7")
				w.Start()
				w.Broker.LoseAcks(1)
				w.CrashWhen(game.After(actorstest.Publish))
				game.Restart(1)
				w.Tick()
				w.Older = true
				w.Start()
				w.Pass(5 * time.Second)
				w.Expect(game.Unhealthy(restarted))
				expectSameDeliveries(t, w)
				if arrived := w.Broker.Arrived(); len(arrived) < 2 || (arrived[0].Metadata["traceparent"] != "") != trace {
					t.Errorf("arrived: %+v", arrived)
				}
			})
		})
	}
}

func TestC6TheHeadersAreJournaledWithTheDetection(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
		detected, err := w.Journal.Open().Pending(t.Context(), game.ID, -1, 1)
		if err != nil || len(detected) != 1 {
			t.Fatalf("detected: %v, %v", detected, err)
		}
		journaled := map[string]string{}
		for _, h := range detected[0].Observed.GetDetection().GetHeaders() {
			journaled[h.GetKey()] = h.GetValue()
		}
		if arrived := w.Broker.Arrived()[0].Metadata; !maps.Equal(journaled, arrived) {
			t.Errorf("journaled %v, arrived %v", journaled, arrived)
		}
	})
}

// What a later release has added to its headers leaves unchanged, after a takeover or a way back.
func TestC6HeadersThatALaterReleaseJournaledLeaveUnchanged(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		later := map[string]string{"ce_id": "e", "ce_subject": game.ID, "ce_sequence": "17", "ce_time": "2026-11-23T08:20:18.120000000Z"}
		event := &v1.JournalEvent{Kind: &v1.JournalEvent_Observed{Observed: &v1.Observed{
			ContainerId: game.Container(), Engine: actors.DefaultEngine, EngineContainerId: game.Container(), State: "running",
			BeginsLifecycle: true, Detection: &v1.Detection{EventId: "e", EventType: "inspect_much_later", Value: []byte(`{"event_id":"e"}`)},
		}}}
		for key, value := range later {
			d := event.GetObserved().GetDetection()
			d.Headers = append(d.Headers, &v1.Header{Key: key, Value: value})
		}
		if err := w.Journal.Open().Append(t.Context(), game.ID, 0, event); err != nil {
			t.Fatal(err)
		}
		w.Start()
		if arrived := w.Broker.Arrived(); len(arrived) != 1 || !maps.Equal(arrived[0].Metadata, later) {
			t.Errorf("arrived: %+v", arrived)
		}
	})
}
