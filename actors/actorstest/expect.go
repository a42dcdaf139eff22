package actorstest

import (
	"fmt"
	"slices"
	"strings"

	"galaxy/healthactors/messages"
)

// Event is an event that a spec expects. What it doesn't say may have any value.
type Event struct {
	game      string
	eventType string
	reasons   []string
	container string
	count     *int64
	state     string
}

// Unhealthy is an inspect_unhealthy event of the game with exactly these reasons.
func (g *Game) Unhealthy(reasons ...string) Event {
	return Event{game: g.ID, eventType: messages.InspectUnhealthy, reasons: reasons}
}

// Recovered is an inspect_recovered event of the game.
func (g *Game) Recovered() Event {
	return Event{game: g.ID, eventType: messages.InspectRecovered}
}

// Count also expects the restart count.
func (e Event) Count(n int64) Event {
	e.count = &n
	return e
}

// In also expects the container.
func (e Event) In(container string) Event {
	e.container = container
	return e
}

// While also expects the state.
func (e Event) While(state string) Event {
	e.state = state
	return e
}

func (e Event) matches(got messages.HealthEvent) bool {
	return e.game == got.GameID && e.eventType == got.EventType && slices.Equal(e.reasons, got.Reasons) &&
		(e.container == "" || e.container == got.ContainerID) &&
		(e.count == nil || *e.count == got.Details.RestartCount) &&
		(e.state == "" || e.state == got.Details.State)
}

func (e Event) String() string {
	s := fmt.Sprintf("%s of %s %v", e.eventType, e.game, e.reasons)
	if e.count != nil {
		s += fmt.Sprintf(", %d restarts", *e.count)
	}
	return s
}

// Expect fails the spec unless exactly these events arrived since the last Expect: those of one game in this order, those
// of different games in any. Repeated deliveries of one event count once (P2).
func (w *World) Expect(events ...Event) {
	w.T.Helper()
	got := w.take()
	want := map[string][]Event{}
	for _, e := range events {
		want[e.game] = append(want[e.game], e)
	}
	for _, g := range got {
		expected := want[g.GameID]
		if len(expected) == 0 || !expected[0].matches(g) {
			w.fail(events, got)
			return
		}
		want[g.GameID] = expected[1:]
	}
	for _, rest := range want {
		if len(rest) > 0 {
			w.fail(events, got)
			return
		}
	}
}

// ExpectNothing fails the spec if an event arrived since the last Expect.
func (w *World) ExpectNothing() {
	w.T.Helper()
	w.Expect()
}

// TakeEvents returns a game's events that arrived since the last Expect, each once; other games' events of that time are
// not looked at any more.
func (w *World) TakeEvents(gameID string) []messages.HealthEvent {
	return slices.DeleteFunc(w.take(), func(e messages.HealthEvent) bool { return e.GameID != gameID })
}

// take returns the events that arrived since the last call, each once.
func (w *World) take() []messages.HealthEvent {
	seen := map[string]bool{}
	var events []messages.HealthEvent
	for n, d := range w.Broker.Arrived() {
		if n >= w.expected && !seen[d.Event.EventID] {
			events = append(events, d.Event)
		}
		seen[d.Event.EventID] = true
	}
	w.expected = len(w.Broker.Arrived())
	return events
}

func (w *World) fail(want []Event, got []messages.HealthEvent) {
	w.T.Helper()
	var b strings.Builder
	b.WriteString("expected:\n")
	for _, e := range want {
		fmt.Fprintf(&b, "  %s\n", e)
	}
	b.WriteString("arrived:\n")
	for _, e := range got {
		fmt.Fprintf(&b, "  %s of %s %v, %d restarts, %s\n", e.EventType, e.GameID, e.Reasons, e.Details.RestartCount, e.Details.State)
	}
	w.T.Fatal(b.String())
}
