package docker_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
		return porttest.RunningListFixture{
			List: docker.NewRunningList([]*docker.Engine{newEngine(t, docker.Config{Host: host})}),
			Set: func(_ *testing.T, entries []actors.Entry) {
				for _, entry := range listed {
					sim.Remove(entry.ContainerID)
				}
				listed = entries
				for _, entry := range entries {
					sim.Put(game(entry.ContainerID, entry.GameID, noon))
				}
				sim.SetFault(dockersim.Fault{})
			},
			Break: func(*testing.T) { sim.SetFault(dockersim.Fault{Status: 500, Message: "broken"}) },
			Hang: func(*testing.T) (release func()) {
				sim.SetFault(dockersim.Fault{Hang: true})
				return func() { sim.SetFault(dockersim.Fault{}) }
			},
		}
	})
}

func mustRead(t *testing.T, list *docker.RunningList) actors.Listing {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	listing, err := list.Read(ctx)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return listing
}

// Every labelled container is listed, whatever its state; what is malformed is for the node to refuse (S6).
func TestListsLabelledContainers(t *testing.T) {
	sim, host := simulated(t, "tcp")
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
	for _, entry := range mustRead(t, docker.NewRunningList([]*docker.Engine{newEngine(t, docker.Config{Host: host})})).Entries {
		if entry.Engine != actors.DefaultEngine || entry.Alternative || entry.Malformed != "" {
			t.Errorf("unexpected entry %+v", entry)
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
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

// Of several containers of one game the one created last comes first, of equals the one with the greater id, across
// Engines too; the others are alternatives (S6).
func TestListPrefersTheLatestContainer(t *testing.T) {
	simA, hostA := simulated(t, "tcp")
	simB, hostB := simulated(t, "unix")
	simA.Put(game("a1", "one", noon))
	simA.Put(game("a2", "one", noon.Add(time.Second)))
	simB.Put(game("b1", "one", noon.Add(2*time.Second)))
	simA.Put(game("a4", "two", noon))
	simB.Put(game("b4", "two", noon))
	simB.Put(game("a9", "two", noon))
	simA.Put(game("same", "three", noon))
	simB.Put(game("same", "three", noon))
	got := mustRead(t, docker.NewRunningList([]*docker.Engine{
		newEngine(t, docker.Config{Name: "b", Host: hostB}), newEngine(t, docker.Config{Name: "a", Host: hostA}),
	}))
	want := []actors.Entry{
		{GameID: "one", ContainerID: "b1", Engine: "b"},
		{GameID: "one", ContainerID: "a2", Engine: "a", Alternative: true},
		{GameID: "one", ContainerID: "a1", Engine: "a", Alternative: true},
		{GameID: "three", ContainerID: "same", Engine: "a"},
		{GameID: "three", ContainerID: "same", Engine: "b", Alternative: true},
		{GameID: "two", ContainerID: "b4", Engine: "b"},
		{GameID: "two", ContainerID: "a9", Engine: "b", Alternative: true},
		{GameID: "two", ContainerID: "a4", Engine: "a", Alternative: true},
	}
	if diff := cmp.Diff(want, got.Entries); diff != "" {
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
		"Created is a text":    {`{"Id":"c1","Created":"now",` + game + `}`, actors.Entry{GameID: "bad", ContainerID: "c1", Malformed: "Created is no whole number"}},
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
			list := docker.NewRunningList([]*docker.Engine{newEngine(t, docker.Config{Host: host})})
			defer list.Close()
			tc.want.Engine = actors.DefaultEngine
			want := []actors.Entry{
				tc.want,
				{GameID: "a", ContainerID: "a1", Engine: actors.DefaultEngine},
				{GameID: "bad", ContainerID: "b1", Engine: actors.DefaultEngine},
				{GameID: "c", ContainerID: "c9", Engine: actors.DefaultEngine},
			}
			if diff := cmp.Diff(want, mustRead(t, list).Entries); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
		})
	}
}

// An Engine that fails or hangs costs its own games only (S1).
func TestListOfSeveralEnginesFailsApart(t *testing.T) {
	simA, hostA := simulated(t, "tcp")
	simB, hostB := simulated(t, "tcp")
	simA.Put(game("a1", "one", noon))
	engines := []*docker.Engine{
		newEngine(t, docker.Config{Name: "a", Host: hostA}), newEngine(t, docker.Config{Name: "b", Host: hostB}),
	}
	want := []actors.Entry{{GameID: "one", ContainerID: "a1", Engine: "a"}}
	for name, c := range map[string]struct {
		fault   dockersim.Fault
		timeout time.Duration
		failure string
	}{
		"an error":      {dockersim.Fault{Status: 500, Message: "out of order"}, time.Minute, "500: out of order"},
		"no list":       {dockersim.Fault{Body: []byte(`{"message":"hello"}`)}, time.Minute, "no JSON array"},
		"broken off":    {dockersim.Fault{Body: []byte(`[{"Id":"x","Labels":{`)}, time.Minute, "broke off"},
		"not closed":    {dockersim.Fault{Body: []byte(`[`)}, time.Minute, "broke off"},
		"no JSON":       {dockersim.Fault{Body: []byte(`[{"Id":x}]`)}, time.Minute, "no JSON array"},
		"one list more": {dockersim.Fault{Body: []byte(`[][]`)}, time.Minute, "followed by something"},
		"a hang":        {dockersim.Fault{Hang: true}, 100 * time.Millisecond, "deadline exceeded"},
		"a long hang":   {dockersim.Fault{Hang: true}, time.Minute, actors.ErrStillReading.Error()},
	} {
		simB.SetFault(c.fault)
		list := docker.NewRunningList(engines)
		ctx, cancel := context.WithTimeout(t.Context(), c.timeout)
		got, err := list.Read(ctx)
		cancel()
		list.Close()
		if err != nil {
			t.Errorf("%s: Read: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, got.Entries); diff != "" {
			t.Errorf("%s: entries (-want +got):\n%s", name, diff)
		}
		if len(got.Failed) != 1 || got.Failed["b"] == nil || !strings.Contains(got.Failed["b"].Error(), c.failure) {
			t.Errorf("%s: failed: %v, want b with %q", name, got.Failed, c.failure)
		}
	}

	simA.Down()
	simB.SetFault(dockersim.Fault{Status: 500, Message: "out of order"})
	list := docker.NewRunningList(engines)
	defer list.Close()
	_, err := list.Read(t.Context())
	if !errors.Is(err, actors.ErrEngineUnreachable) || !strings.Contains(err.Error(), "engine a: ") ||
		!strings.Contains(err.Error(), "; engine b: the engine answered 500: out of order") {
		t.Errorf("Read when all Engines fail: %v", err)
	}
}

// What a slow Engine answers after the others is taken by the next reading (S1).
func TestListOfASlowEngineComesLater(t *testing.T) {
	_, hostA := simulated(t, "tcp")
	simB, hostB := simulated(t, "tcp")
	simB.Put(game("b1", "one", noon))
	simB.SetFault(dockersim.Fault{Delay: 400 * time.Millisecond})
	list := docker.NewRunningList([]*docker.Engine{
		newEngine(t, docker.Config{Name: "a", Host: hostA}), newEngine(t, docker.Config{Name: "b", Host: hostB}),
	})
	defer list.Close()
	if first := mustRead(t, list); !errors.Is(first.Failed["b"], actors.ErrStillReading) || len(first.Entries) != 0 {
		t.Errorf("first reading: %+v, want b still being read", first)
	}
	var second actors.Listing
	for range 10 { // each waits for the grace at least
		if second = mustRead(t, list); len(second.Failed) == 0 {
			break
		}
	}
	if len(second.Failed) != 0 || len(second.Entries) != 1 {
		t.Errorf("a later reading: %+v, want b's container", second)
	}
}

// A list of many megabytes is read whole.
func TestListIsLong(t *testing.T) {
	const containers = 20_000
	sim, host := simulated(t, "unix")
	for n := range containers {
		sim.Put(game(dockersim.NewID(n), fmt.Sprintf("game-%d", n), noon))
	}
	if got := len(mustRead(t, docker.NewRunningList([]*docker.Engine{newEngine(t, docker.Config{Host: host})})).Entries); got != containers {
		t.Errorf("%d entries, want %d", got, containers)
	}
}
