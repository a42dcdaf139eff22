package actors_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// Every detection is delivered, at least once and always as the same bytes.

func TestP2AnEventIsOfTheTimeOfItsObservation(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		w.Journal.Slow(time.Second)
		w.Broker.Slow(time.Second)
		w.Tick()
		observed := w.Clock.Now()
		w.Pass(5 * time.Second)
		w.Expect(game.Unhealthy(restarted).At(observed))
	})
}

func TestP2WithoutAFailureNothingIsDeliveredTwice(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Slow(25 * time.Second) // longer than two intervals
		game.State("exited")
		w.Ticks(20)
		w.Broker.Slow(0)
		w.Pass(30 * time.Second)
		if events, deliveries := len(w.TakeEvents("game-7")), len(w.Broker.Arrived()); events != 23 || deliveries != events {
			t.Errorf("%d deliveries of %d events, want 23", deliveries, events)
		}
	})
}

// What is detected while an event of the game is in flight needs no third one to be published.
func TestP2WhatIsDetectedMeanwhileIsPublishedToo(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Slow(15 * time.Second)
		expected := restarts(w, game, 2)
		w.Pass(time.Minute)
		w.Expect(expected...)
	})
}

// What waits is more than a page, and what was put off comes without a new detection.
func TestP2EveryPageIsPublishedAfterAnOutage(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		expected := restarts(w, game, 150)
		w.Broker.Down(nil)
		w.Pass(20 * time.Second)
		w.Expect(expected...)
		game.ExpectPending(0)
	})
}

func TestP2EveryDeliveryOfADetectionIsTheSame(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.LoseAcks(2)
		game.Restart(1)
		w.Tick()
		w.Pass(5 * time.Second)
		arrived := w.Broker.Arrived()
		if len(arrived) != 3 {
			t.Fatalf("deliveries: %d, want two without an acknowledgement and one with", len(arrived))
		}
		first := arrived[0]
		for _, d := range arrived[1:] {
			if d.UUID != first.UUID || string(d.Value) != string(first.Value) || fmt.Sprint(d.Metadata) != fmt.Sprint(first.Metadata) {
				t.Errorf("delivery differs:\n%+v\n%+v", d, first)
			}
		}
		w.TakeEvents("game-7")
		game.Restart(1)
		w.Tick()
		if second := w.TakeEvents("game-7"); len(second) != 1 || second[0].EventID == first.Event.EventID {
			t.Errorf("second detection: %+v, want one with an id of its own", second)
		}
	})
}

func TestP2ADetectionKilledBeforeItsMarkIsDeliveredAgain(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		w.Broker.Slow(time.Second)
		w.Pass(w.Config.Interval + 900*time.Millisecond)
		w.Journal.Fail("game-7", errors.New("away")) // the mark can't be written
		w.Pass(time.Second)
		w.Crash()
		w.Journal.Fail("game-7", nil)
		w.Start()
		w.Pass(2 * time.Second)
		w.Expect(game.Unhealthy(restarted))
		if n := len(w.Broker.Arrived()); n < 2 {
			t.Errorf("deliveries: %d, want more than one", n)
		}
	})
}
