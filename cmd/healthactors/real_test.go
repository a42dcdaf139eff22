//go:build integration

package main

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"galaxy/healthactors/adapters/docker/dockertest"
	"galaxy/healthactors/messages"
)

const (
	restarted = messages.ReasonRestartCountIncreased
	down      = messages.ReasonNotRunning
	unhealthy = messages.ReasonHealthcheckUnhealthy
)

// Everything real: Engine, running list and journal in Postgres, Kafka.
func TestRealNodeTellsWhatHappensToContainers(t *testing.T) { // H1–H5, H8, H9
	host := dockertest.Host(t)
	engine := dockertest.Connect(t, host)
	database := newDatabase(t)
	broker := realComponent(t, "HEALTHACTORS_TEST_KAFKA")
	topic := strings.ReplaceAll(t.Name(), "/", "-") + time.Now().Format("150405.000000")

	containers := map[string]string{
		"loop":     engine.Run(dockertest.Spec{Command: "sleep 1; exit 1", Restart: "always"}),
		"sick":     engine.Run(dockertest.Spec{Health: "false"}),
		"well":     engine.Run(dockertest.Spec{Health: "true"}),
		"stopped":  engine.Run(dockertest.Spec{Restart: "always"}),
		"paused":   engine.Run(dockertest.Spec{}),
		"replaced": engine.Run(dockertest.Spec{}),
		"removed":  engine.Run(dockertest.Spec{}),
	}
	execSQL(t, database, "CREATE TABLE runtime_records (game_id text, current_container_id text, status text)")
	for game, container := range containers {
		execSQL(t, database, "INSERT INTO runtime_records VALUES ('"+game+"', '"+container+"', 'running')")
	}
	p := start(t, t.TempDir(), "run", "--interval=200ms", "--docker-host="+host, "--running-list="+database,
		"--journal="+database, "--publish=kafka://"+broker, "--topic="+topic, "--http=127.0.0.1:0")
	events := consumeOnceThere(t, broker, topic)
	eventually(t, "all games are observed", func() bool {
		games := p.games()
		for game := range containers {
			if games[game].ObservedAt == nil {
				return false
			}
		}
		return len(games) == len(containers)
	})

	engine.Stop(containers["stopped"])
	engine.Pause(containers["paused"])
	engine.Remove(containers["removed"])
	removed := time.Now()
	successor := engine.Run(dockertest.Spec{})
	engine.Stop(containers["replaced"])
	execSQL(t, database, "UPDATE runtime_records SET current_container_id = '"+successor+"' WHERE game_id = 'replaced'")
	engine.Pause(successor)

	has := func(game, container, reason, state string) func() bool {
		return func() bool {
			return slices.ContainsFunc(events.of(game), func(e messages.HealthEvent) bool {
				return e.ContainerID == container && slices.Contains(e.Reasons, reason) && e.Details.State == state
			})
		}
	}
	eventually(t, "H2", func() bool { return len(restarts(events.of("loop"))) >= 2 })
	eventually(t, "H4", has("sick", containers["sick"], unhealthy, "running"))
	eventually(t, "H3, stopped", has("stopped", containers["stopped"], down, "exited"))
	eventually(t, "H3, paused", has("paused", containers["paused"], down, "paused"))
	eventually(t, "H8", has("replaced", successor, down, "paused"))
	p.ends()

	increasing(t, restarts(events.of("loop")))
	if found := events.of("well"); len(found) > 0 {
		t.Errorf("a healthy game has events: %+v", found)
	}
	for _, e := range events.of("removed") {
		// While it is being removed, the Engine still shows it, as stopped.
		if e.OccurredAt.After(removed) || e.Details.State == "running" {
			t.Errorf("a removed container has an event: %+v", e)
		}
	}
	for _, line := range p.warnings() {
		if strings.Contains(line, "removed") {
			t.Errorf("H9 is no warning: %s", line)
		}
	}
}

// consumeOnceThere reads a topic as soon as somebody has published to it.
func consumeOnceThere(t *testing.T, broker, topic string) *topicEvents {
	t.Helper()
	eventually(t, "the topic is there", func() bool {
		code, _, _ := output(t, t.TempDir(), nil, "check", "--docker-host="+dockertest.Host(t), "--journal=memory:",
			"--publish=kafka://"+broker, "--topic="+topic)
		return code == 0
	})
	return consume(t, broker, topic)
}

// restarts are the restart counts of the events that tell of one.
func restarts(events []messages.HealthEvent) []int64 {
	var counts []int64
	for _, e := range events {
		if slices.Contains(e.Reasons, restarted) {
			counts = append(counts, e.Details.RestartCount)
		}
	}
	return counts
}

func increasing(t *testing.T, counts []int64) {
	t.Helper()
	for i := 1; i < len(counts); i++ {
		if counts[i] <= counts[i-1] {
			t.Errorf("a restart is told twice: %v", counts)
			return
		}
	}
}

// An Engine that goes away and comes back is one line in the log per tick, costs no baseline and invents no event; both
// with the list from its labels and with one that is read elsewhere.
func TestRealEngineStopsAndStarts(t *testing.T) { // S1 H7 H10
	daemon := dockertest.StartDaemon(t)
	engine := dockertest.Connect(t, daemon.Host)
	// It crashes once and lives on, so that its baseline is 1.
	crashed := engine.Run(dockertest.Spec{
		Command: "test -f /was && exec sleep 100000; touch /was; exit 1", Restart: "always",
		Labels: map[string]string{"galaxy.game_id": "crashed"},
	})
	other := engine.Run(dockertest.Spec{Restart: "always", Labels: map[string]string{"galaxy.game_id": "other"}})
	eventually(t, "it lives on", func() bool {
		o := inspect(t, daemon.Host, crashed)
		return o.RestartCount == 1 && o.State == "running"
	})

	dir := t.TempDir()
	writeList(t, dir, map[string]string{"crashed": crashed, "other": other})
	const interval = 250 * time.Millisecond
	lists := []string{"docker:", "file:running.json"}
	nodes := make([]*process, len(lists))
	for i, list := range lists {
		nodes[i] = start(t, dir, "run", "--interval="+interval.String(), "--docker-host="+daemon.Host, "--running-list="+list,
			"--journal=memory:", "--http=127.0.0.1:0")
		eventually(t, "the games are observed", func() bool {
			games := nodes[i].games()
			return games["crashed"].Baseline != nil && *games["crashed"].Baseline == 1 && games["other"].Baseline != nil
		})
	}

	daemon.Stop()
	gone := time.Now()
	for i, p := range nodes {
		eventually(t, "each tick warns", func() bool { return len(p.warnings()) >= 4 })
		if baseline := p.games()["crashed"].Baseline; baseline == nil || *baseline != 1 {
			t.Errorf("%s: the baseline is lost: %v", lists[i], baseline)
		}
	}
	daemon.Start()
	back := time.Now()
	for i, p := range nodes {
		eventually(t, "the games are observed again", func() bool {
			for _, game := range p.games() {
				if game.LastError != "" || game.ObservedAt == nil || game.ObservedAt.Before(back) || game.State != "running" {
					return false
				}
			}
			return true
		})
		if more := crowded(p.warnings(), interval/2); len(more) > 0 {
			t.Errorf("%s: more than one warning in a tick:\n%s", lists[i], strings.Join(more, ""))
		}
	}
	// What happens from now on is told.
	engine.Stop(other)
	for i, p := range nodes {
		e := p.event()
		for e.OccurredAt.Before(gone) && e.Details.State == "exited" {
			e = p.event() // An Engine that stops still tells how it stops its containers.
		}
		if e.OccurredAt.Before(back) || e.GameID != "other" || !slices.Equal(e.Reasons, []string{down}) {
			t.Errorf("%s: an event was invented: %+v", lists[i], e)
		}
		p.ends()
	}
}

// crowded returns the lines of a log that came within less than a time after the one before.
func crowded(lines []string, least time.Duration) []string {
	var found []string
	var before time.Time
	for _, line := range lines {
		stamp, _, _ := strings.Cut(strings.TrimPrefix(line, "time="), " ")
		at, err := time.Parse(time.RFC3339, stamp)
		if err != nil || at.Sub(before) < least {
			found = append(found, line)
		}
		before = at
	}
	return found
}

// With --emit=on-change each change is told once, also when the node is killed between two of them, or during one.
func TestRealOnChangeAcrossKills(t *testing.T) { // H6 R1
	host := dockertest.Host(t)
	engine := dockertest.Connect(t, host)
	container := engine.Run(dockertest.Spec{})
	marker := engine.Run(dockertest.Spec{})
	dir := t.TempDir()
	writeList(t, dir, map[string]string{"game": container, "marker": marker})
	node := func() *process {
		return start(t, dir, "run", "--interval=100ms", "--docker-host="+host, "--running-list=file:running.json",
			"--emit=on-change", "--http=127.0.0.1:0")
	}
	delivered := map[string]bool{}
	wants := func(p *process, game, eventType string) {
		t.Helper()
		e := p.event()
		for delivered[e.EventID] {
			e = p.event() // P2: after a kill an event may be delivered once more.
		}
		delivered[e.EventID] = true
		if e.GameID != game || e.EventType != eventType {
			t.Errorf("got %+v, want %s of %s", e, eventType, game)
		}
	}
	observed := func(p *process, n int) {
		t.Helper()
		for range n {
			last := p.games()["game"].ObservedAt
			eventually(t, "the game is observed once more", func() bool {
				at := p.games()["game"].ObservedAt
				return at != nil && (last == nil || at.After(*last))
			})
		}
	}

	p := node()
	observed(p, 1)
	engine.Pause(container)
	wants(p, "game", messages.InspectUnhealthy)
	observed(p, 3)
	p.signal(syscall.SIGKILL)
	p.exits()

	p = node() // still paused: nothing new
	observed(p, 3)
	engine.Pause(marker)
	wants(p, "marker", messages.InspectUnhealthy)
	p.signal(syscall.SIGKILL)
	p.exits()

	engine.Unpause(container) // while nobody watches
	p = node()
	wants(p, "game", messages.InspectRecovered)
	observed(p, 3)
	engine.Unpause(marker)
	wants(p, "marker", messages.InspectRecovered)
	p.ends()
}

// Restarts while the node is dead are told at the first observation, each once, wherever the journal is.
func TestRealKilledWhileContainersCrash(t *testing.T) { // R1
	host := dockertest.Host(t)
	engine := dockertest.Connect(t, host)
	for name, journal := range map[string]func(*testing.T) string{
		"sqlite":   func(*testing.T) string { return "sqlite:healthactors.db" },
		"postgres": newDatabase,
	} {
		t.Run(name, func(t *testing.T) {
			url := journal(t)
			container := engine.Run(dockertest.Spec{Command: "sleep 0.2; exit 1", Restart: "always"})
			dir := t.TempDir()
			writeList(t, dir, map[string]string{"loop": container})
			node := func() *process {
				return start(t, dir, "run", "--interval=50ms", "--docker-host="+host, "--running-list=file:running.json",
					"--journal="+url, "--http=")
			}
			var told []messages.HealthEvent
			for range 3 {
				p := node()
				told = append(told, p.eventWith("loop", restarted))
				p.signal(syscall.SIGKILL)
				for line := range p.lines { // what it had written when it died
					if e, err := messages.Decode([]byte(line)); err == nil {
						told = append(told, e)
					}
				}
				p.exits()
				before := inspect(t, host, container).RestartCount
				eventually(t, "it crashes unwatched", func() bool { return inspect(t, host, container).RestartCount > before })
			}
			p := node()
			e := p.eventWith("loop", restarted)
			if actual := inspect(t, host, container).RestartCount; e.Details.RestartCount > actual {
				t.Errorf("event %+v, but the Engine counts %d", e, actual)
			}
			told = append(told, e)
			p.ends()
			slices.SortStableFunc(told, func(a, b messages.HealthEvent) int { return strings.Compare(a.EventID, b.EventID) })
			increasing(t, restarts(slices.CompactFunc(told, func(a, b messages.HealthEvent) bool { return a.EventID == b.EventID })))
		})
	}
}
