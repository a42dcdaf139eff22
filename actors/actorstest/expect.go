package actorstest

import (
	"fmt"
	"slices"
	"strings"
	"time"

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
	health    *string
	at        time.Time
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

// Feeling also expects the health.
func (e Event) Feeling(health string) Event {
	e.health = &health
	return e
}

// At also expects the time of the observation.
func (e Event) At(at time.Time) Event {
	e.at = at
	return e
}

func (e Event) matches(got messages.HealthEvent) bool {
	return e.game == got.GameID && e.eventType == got.EventType && slices.Equal(e.reasons, got.Reasons) &&
		(e.container == "" || e.container == got.ContainerID) &&
		(e.count == nil || *e.count == got.Details.RestartCount) &&
		(e.state == "" || e.state == got.Details.State) &&
		(e.health == nil || *e.health == got.Details.Health) &&
		(e.at.IsZero() || e.at.Equal(got.OccurredAt))
}

func (e Event) String() string {
	s := fmt.Sprintf("%s: %s %v", e.game, e.eventType, e.reasons)
	if e.count != nil {
		s += fmt.Sprintf(", %d restarts", *e.count)
	}
	if e.state != "" {
		s += ", " + e.state
	}
	if e.health != nil {
		s += fmt.Sprintf(", health %q", *e.health)
	}
	if e.container != "" {
		s += ", container " + e.container
	}
	if !e.at.IsZero() {
		s += ", at " + e.at.Format(time.RFC3339Nano)
	}
	return s
}

// told is an event in the words of the timeline.
func told(e messages.HealthEvent) string {
	s := fmt.Sprintf("%s %v, %d restarts, %s", e.EventType, e.Reasons, e.Details.RestartCount, e.Details.State)
	if e.Details.Health != "" {
		s += fmt.Sprintf(", health %q", e.Details.Health)
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

// ExpectNothingFor lets time pass, and fails the spec if an event has arrived by then since the last Expect.
func (w *World) ExpectNothingFor(d time.Duration) {
	w.T.Helper()
	w.Pass(d)
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
	fmt.Fprintf(&b, "events by %s\n", time.Since(w.timeline.began))
	b.WriteString("expected:\n")
	for _, e := range want {
		fmt.Fprintf(&b, "  %s\n", e)
	}
	if len(want) == 0 {
		b.WriteString("  none\n")
	}
	b.WriteString("arrived:\n")
	for _, e := range got {
		fmt.Fprintf(&b, "  %s: %s, container %s, at %s\n", e.GameID, told(e), e.ContainerID, e.OccurredAt.Format(time.RFC3339Nano))
	}
	if len(got) == 0 {
		b.WriteString("  none\n")
	}
	w.T.Fatal(b.String())
}
