package docker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/porttest"
	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/docker/dockersim"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func game(id, game string, created time.Time) dockersim.Container {
	return dockersim.Container{
		ID: id, Status: "running", Created: created, Labels: map[string]string{"other": "label", docker.GameLabel: game},
	}
}

func TestRunningListConformance(t *testing.T) {
	porttest.RunningList(t, func(t *testing.T) porttest.RunningListFixture {
		sim, host := simulated(t, "tcp")
		var listed []actors.Entry
		put := func(entries []actors.Entry, container func(actors.Entry) dockersim.Container) {
			for _, entry := range listed {
				sim.Remove(entry.ContainerID)
			}
			listed = entries
			for _, entry := range entries {
				sim.Put(container(entry))
			}
			sim.SetFault(dockersim.Fault{})
		}
		return porttest.RunningListFixture{
			List: docker.NewRunningList(newEngine(t, docker.Config{Host: host})),
			Set: func(_ *testing.T, entries []actors.Entry) {
				put(entries, func(e actors.Entry) dockersim.Container { return game(e.ContainerID, e.GameID, noon) })
			},
			Contain: func(_ *testing.T, containers []actors.Entry) {
				put(containers, func(e actors.Entry) dockersim.Container {
					c := game(e.ContainerID, e.GameID, e.Created)
					if !e.Runs {
						c.Status = "exited"
					}
					return c
				})
			},
			Break: func(*testing.T) { sim.SetFault(dockersim.Fault{Status: 500, Message: "broken"}) },
			Hang: func(*testing.T) (release func()) {
				sim.SetFault(dockersim.Fault{Hang: true})
				return func() { sim.SetFault(dockersim.Fault{}) }
			},
		}
	})
}

func mustRead(t *testing.T, list actors.RunningList) []actors.Entry {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	entries, err := list.Read(ctx)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return entries
}

// Every labelled container is listed, whatever its state; what is malformed is for the node to refuse (S6).
func TestListsLabelledContainers(t *testing.T) {
	sim, host := simulated(t, "tcp")
	running := map[string]bool{"game-running": true, "game-paused": true, "game-restarting": true, "white space\n": true, "": true}
	for i, status := range []string{"running", "exited", "paused", "restarting", "dead", "created"} {
		c := game(dockersim.NewID(i), "game-"+status, noon)
		c.Status = status
		sim.Put(c)
	}
	sim.Put(dockersim.Container{ID: dockersim.NewID(90), Status: "running"})
	sim.Put(game("odd", "white space\n", noon))
	sim.Put(game("none", "", noon))
	sim.Put(game("long", strings.Repeat("x", 1000), noon))

	var got []string
	for _, entry := range mustRead(t, docker.NewRunningList(newEngine(t, docker.Config{Host: host}))) {
		if entry.Engine != actors.DefaultEngine || !entry.Created.Equal(noon) || entry.Malformed != "" {
			t.Errorf("unexpected entry %+v", entry)
		}
		if want := running[entry.GameID] || len(entry.GameID) == 256; entry.Runs != want {
			t.Errorf("%q runs: %t, want %t (S6)", entry.GameID, entry.Runs, want)
		}
		got = append(got, fmt.Sprintf("%.20q %.4s", entry.GameID, entry.ContainerID))
		if len(entry.GameID) != 256 && strings.HasPrefix(entry.GameID, "xxx") {
			t.Errorf("a label of 1000 bytes became a game id of %d", len(entry.GameID))
		}
	}
	want := []string{
		`"" none`, `"game-created" ` + dockersim.NewID(5)[:4], `"game-dead" ` + dockersim.NewID(4)[:4],
		`"game-exited" ` + dockersim.NewID(1)[:4], `"game-paused" ` + dockersim.NewID(2)[:4],
		`"game-restarting" ` + dockersim.NewID(3)[:4], `"game-running" ` + dockersim.NewID(0)[:4],
		`"white space\n" odd`, `"xxxxxxxxxxxxxxxxxxxx" long`,
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

// Each of several containers of one game is listed, and when it was created, for the node to prefer one (S6).
func TestListSaysWhenContainersWereCreated(t *testing.T) {
	sim, host := simulated(t, "unix")
	sim.Put(game("a1", "one", noon))
	sim.Put(game("a2", "one", noon.Add(time.Second)))
	sim.Put(game("a3", "one", time.Unix(-1, 0)))
	want := []actors.Entry{
		{GameID: "one", ContainerID: "a1", Engine: "a", Created: noon, Runs: true},
		{GameID: "one", ContainerID: "a2", Engine: "a", Created: noon.Add(time.Second), Runs: true},
		{GameID: "one", ContainerID: "a3", Engine: "a", Created: time.Unix(0, 0), Runs: true},
	}
	got := mustRead(t, docker.NewRunningList(newEngine(t, docker.Config{Name: "a", Host: host})))
	slices.SortFunc(got, func(a, b actors.Entry) int { return strings.Compare(a.ContainerID, b.ContainerID) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

// A row that is malformed is one malformed entry, which is named as well as can be (S6).
func TestListRefusesRowsAndNotTheirNeighbours(t *testing.T) {
	const game = `"Labels":{"galaxy.game_id":"bad"}`
	for name, tc := range map[string]struct {
		row  string
		want actors.Entry
	}{
		"null":                 {`null`, actors.Entry{Malformed: "the container is no object"}},
		"a number":             {`7`, actors.Entry{Malformed: "the container is no object"}},
		"a list":               {`[{"Id":"c1",` + game + `}]`, actors.Entry{Malformed: "the container is no object"}},
		"Id is a number":       {`{"Id":7,` + game + `}`, actors.Entry{GameID: "bad", Malformed: "Id is no string of UTF-8"}},
		"no Id":                {`{` + game + `}`, actors.Entry{GameID: "bad", Malformed: "Id is missing"}},
		"Id is null":           {`{"Id":null,` + game + `}`, actors.Entry{GameID: "bad", Malformed: "Id is missing"}},
		"a long Id":            {`{"Id":"` + strings.Repeat("x", 300) + `",` + game + `}`, actors.Entry{GameID: "bad", Malformed: "Id is longer than 255 bytes"}},
		"Created is a text":    {`{"Id":"c1","Created":"now","State":null,` + game + `}`, actors.Entry{GameID: "bad", ContainerID: "c1", Malformed: "Created is no whole number"}},
		"State is a number":    {`{"Id":"c1","State":7,` + game + `}`, actors.Entry{GameID: "bad", ContainerID: "c1", Malformed: "State is no string of UTF-8"}},
		"State is an object":   {`{"Id":"c1","State":{"Running":true},` + game + `}`, actors.Entry{GameID: "bad", ContainerID: "c1", Malformed: "State is no string of UTF-8"}},
		"Labels is a list":     {`{"Id":"c1","Labels":["galaxy.game_id"]}`, actors.Entry{ContainerID: "c1", Malformed: "Labels is no object"}},
		"the label's a number": {`{"Id":"c1","Labels":{"galaxy.game_id":7}}`, actors.Entry{ContainerID: "c1", Malformed: `the label "galaxy.game_id" is no string of UTF-8`}},
		"another's an object":  {`{"Id":"c1","Labels":{"x":{},"galaxy.game_id":"bad"}}`, actors.Entry{GameID: "bad", ContainerID: "c1", Malformed: `the label "x" is no string of UTF-8`}},
		"all wrong":            {`{"Id":[],"Created":{},"Labels":{"galaxy.game_id":null,"x":1}}`, actors.Entry{Malformed: `Id is no string of UTF-8, Created is no whole number, the label "galaxy.game_id" is no string of UTF-8`}},
		"a byte in the label":  {`{"Id":"c1","Labels":{"galaxy.game_id":"b` + "\xff" + `d"}}`, actors.Entry{ContainerID: "c1", Malformed: `the label "galaxy.game_id" is no string of UTF-8`}},
		"a byte in the Id":     {`{"Id":"c` + "\xff" + `",` + game + `}`, actors.Entry{GameID: "bad", Malformed: "Id is no string of UTF-8"}},
		"a byte elsewhere":     {`{"Id":"c1","Image":"` + "\xff" + `",` + game + `}`, actors.Entry{GameID: "bad", ContainerID: "c1", Malformed: "the container is not valid UTF-8"}},
		"half a surrogate":     {`{"Id":"c1","Labels":{"galaxy.game_id":"\ud800"}}`, actors.Entry{ContainerID: "c1", Malformed: `the label "galaxy.game_id" is no string of UTF-8`}},
	} {
		t.Run(name, func(t *testing.T) {
			sim, host := simulated(t, "tcp")
			sim.SetFault(dockersim.Fault{Body: []byte(`[{"Id":"a1","Labels":{"galaxy.game_id":"a"}},` + tc.row +
				`,{"Id":"b1","Labels":{"galaxy.game_id":"bad"}},{"Id":"x1","Labels":null},{"Id":"c9","Labels":{"galaxy.game_id":"c"}}]`)})
			list := docker.NewRunningList(newEngine(t, docker.Config{Host: host}))
			tc.want.Engine = actors.DefaultEngine
			want := []actors.Entry{
				{GameID: "a", ContainerID: "a1", Engine: actors.DefaultEngine},
				tc.want,
				{GameID: "bad", ContainerID: "b1", Engine: actors.DefaultEngine},
				{GameID: "c", ContainerID: "c9", Engine: actors.DefaultEngine},
			}
			if diff := cmp.Diff(want, mustRead(t, list), cmpopts.IgnoreFields(actors.Entry{}, "Created")); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
		})
	}
}

// A row whose state is missing, or none that is known, is a container that doesn't run (S6).
func TestS6AStateThatNobodyKnowsDoesNotRun(t *testing.T) {
	sim, host := simulated(t, "tcp")
	list := docker.NewRunningList(newEngine(t, docker.Config{Host: host}))
	for state, runs := range map[string]bool{
		``: false, `"State":null,`: false, `"State":"",`: false, `"State":"Running",`: false, `"State":"hibernating",`: false,
		`"State":"removing",`: false, `"Status":"running",`: false, `"State":"exited","State":"running",`: true,
		`"State":"running",`: true, `"State":"paused",`: true, `"State":"restarting",`: true,
	} {
		sim.SetListFault(dockersim.Fault{Body: []byte(`[{` + state + `"Id":"c1","Created":7,"Labels":{"galaxy.game_id":"a"}}]`)})
		want := []actors.Entry{{GameID: "a", ContainerID: "c1", Engine: actors.DefaultEngine, Created: time.Unix(7, 0), Runs: runs}}
		if diff := cmp.Diff(want, mustRead(t, list)); diff != "" {
			t.Errorf("%s: entries (-want +got):\n%s", state, diff)
		}
	}
}

// A list that can't be read whole is an error that says why, and no list (S1).
func TestListThatIsNone(t *testing.T) {
	sim, host := simulated(t, "tcp")
	list := docker.NewRunningList(newEngine(t, docker.Config{Host: host}))
	for name, c := range map[string]struct {
		fault   dockersim.Fault
		failure string
	}{
		"an error":      {dockersim.Fault{Status: 500, Message: "out of order"}, "500: out of order"},
		"no list":       {dockersim.Fault{Body: []byte(`{"message":"hello"}`)}, "no JSON array"},
		"broken off":    {dockersim.Fault{Body: []byte(`[{"Id":"x","Labels":{`)}, "broke off"},
		"not closed":    {dockersim.Fault{Body: []byte(`[`)}, "broke off"},
		"no JSON":       {dockersim.Fault{Body: []byte(`[{"Id":x}]`)}, "no JSON array"},
		"one list more": {dockersim.Fault{Body: []byte(`[][]`)}, "followed by something"},
	} {
		sim.SetListFault(c.fault)
		if got, err := list.Read(t.Context()); err == nil || !strings.Contains(err.Error(), c.failure) || len(got) > 0 {
			t.Errorf("%s: read %v, %v, want an error with %q", name, got, err, c.failure)
		}
	}
	sim.Down()
	if _, err := list.Read(t.Context()); !errors.Is(err, actors.ErrEngineUnreachable) {
		t.Errorf("Read when the Engine is down: %v", err)
	}
}

// A list of many megabytes is read whole.
func TestListIsLong(t *testing.T) {
	const containers = 20_000
	sim, host := simulated(t, "unix")
	for n := range containers {
		sim.Put(game(dockersim.NewID(n), fmt.Sprintf("game-%d", n), noon))
	}
	if got := len(mustRead(t, docker.NewRunningList(newEngine(t, docker.Config{Host: host})))); got != containers {
		t.Errorf("%d entries, want %d", got, containers)
	}
}
