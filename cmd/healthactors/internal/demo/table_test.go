package demo

import (
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"

	"galaxy/healthactors/messages"
)

func event(game, container string, restarts int64, state, health string, reasons ...string) messages.HealthEvent {
	e := messages.HealthEvent{
		EventType: messages.InspectUnhealthy, GameID: game, ContainerID: container, Reasons: reasons,
		OccurredAt: time.Date(2026, 11, 23, 8, 20, 18, 0, time.Local),
		Details:    messages.Details{RestartCount: restarts, State: state, Health: health},
	}
	if len(reasons) == 0 {
		e.EventType = messages.InspectRecovered
	}
	return e
}

// The story of a few games, as it stands on a wide terminal without colour.
func TestTable(t *testing.T) {
	const (
		restarted = messages.ReasonRestartCountIncreased
		down      = messages.ReasonNotRunning
		unhealthy = messages.ReasonHealthcheckUnhealthy
	)
	var out strings.Builder
	table := newTable(&out, false, 0)
	if err := table.header(); err != nil {
		t.Fatal(err)
	}
	for _, e := range []messages.HealthEvent{
		event("ruby-fjord", "c1", 1, "running", "", restarted),
		event("ruby-fjord", "c1", 2, "restarting", "", restarted, down),
		event("jade-lake", "c2", 0, "running", "unhealthy", unhealthy),
		event("jade-lake", "c2", 0, "running", "healthy"),
		event("jade-lake", "c3", 0, "created", "", down),
		event("星の海-peak", "c4", 0, "paused", "", down),
		event("a-game-with-a-long-name", "c5", 12, "running", "unhealthy", restarted, unhealthy),
	} {
		if err := table.event(e); err != nil {
			t.Fatal(err)
		}
	}
	want := `
TIME      GAME          WHAT HAPPENED                    RESTARTS  STATE       HEALTH     REASONS
08:20:18  ruby-fjord    crashed, was restarted           1         running     -          restart_count_increased
08:20:18  ruby-fjord    crashed, is being restarted      2         restarting  -          restart_count_increased, not_running
08:20:18  jade-lake     fails its health check           0         running     unhealthy  healthcheck_unhealthy
08:20:18  jade-lake     is well again                    0         running     healthy    -
08:20:18  jade-lake     new container, is not started    0         created     -          not_running
08:20:18  星の海-peak   is paused                        0         paused      -          not_running
08:20:18  a-game-with…  crashed, fails its health check  12        running     unhealthy  restart_count_increased, healthcheck_unhealthy
`
	if got := "\n" + out.String(); got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
}

func TestNarrowTableFitsItsTerminal(t *testing.T) {
	var out strings.Builder
	e := event("ruby-fjord", "c1", 1, "exited", "", messages.ReasonRestartCountIncreased, messages.ReasonNotRunning)
	if err := newTable(&out, false, 80).event(e); err != nil {
		t.Fatal(err)
	}
	want := `
08:20:18  ruby-fjord    crashed, has stopped             restart_count_increased
                                                         not_running
`
	if got := "\n" + out.String(); got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
	for line := range strings.Lines(out.String()) {
		if width := runewidth.StringWidth(strings.TrimRight(line, "\n")); width > 80 {
			t.Errorf("%d columns: %s", width, line)
		}
	}
}

func TestColourIsAWholeLine(t *testing.T) {
	var out strings.Builder
	if err := newTable(&out, true, 0).event(event("a", "c", 0, "running", "healthy")); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); !strings.HasPrefix(s, "\x1b[32m") || !strings.HasSuffix(s, "\x1b[0m\n") {
		t.Errorf("%q", s)
	}
}
