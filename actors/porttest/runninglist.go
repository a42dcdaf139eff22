package porttest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"galaxy/healthactors/actors"
)

// RunningListFixture is a running list under test and the world behind it.
type RunningListFixture struct {
	List actors.RunningList
	// Set makes the list hold these entries and no others. They are well-formed, one for each game, and name no
	// Engine.
	Set func(t *testing.T, entries []actors.Entry)
	// Contain makes the list hold these containers and no others, several of one game among them; they differ in game,
	// container, Created (in whole seconds) and Runs. It is nil where the list is not one of containers.
	Contain func(t *testing.T, containers []actors.Entry)
	// Break makes the list unreadable until the next Set.
	Break func(t *testing.T)
	// Hang makes readings block until release is called.
	Hang func(t *testing.T) (release func())
}

// RunningList holds an implementation to what actors.RunningList promises. The factory is called for each test, and
// cleans up after itself by t.Cleanup.
func RunningList(t *testing.T, factory func(t *testing.T) RunningListFixture) {
	t.Run("an empty list is no error", func(t *testing.T) {
		f := factory(t)
		f.Set(t, nil)
		wantEntries(t, f.List, nil)
	})

	t.Run("every reading shows the list as it is now", func(t *testing.T) {
		f := factory(t)
		for _, entries := range [][]actors.Entry{
			{{GameID: "game-1", ContainerID: "aaaa"}},
			{{GameID: "game-1", ContainerID: "bbbb"}, {GameID: "game-2", ContainerID: "cccc"}},
			{{GameID: "game-2", ContainerID: "cccc"}},
			{},
		} {
			f.Set(t, entries)
			wantEntries(t, f.List, entries)
		}
	})

	t.Run("a long list is read whole", func(t *testing.T) {
		f := factory(t)
		entries := make([]actors.Entry, 5000)
		for i := range entries {
			entries[i] = actors.Entry{GameID: fmt.Sprintf("game-%04d", i), ContainerID: fmt.Sprintf("%064x", i)}
		}
		f.Set(t, entries)
		wantEntries(t, f.List, entries)
	})

	t.Run("a list of containers says when they were created and whether they run, and no other does (S6)", func(t *testing.T) {
		f := factory(t)
		if f.Contain == nil {
			f.Set(t, []actors.Entry{{GameID: "game-1", ContainerID: "aaaa"}})
			for _, e := range mustList(t, f.List) {
				if !e.Created.IsZero() || e.Runs {
					t.Errorf("the list is none of containers, and says %+v", e)
				}
			}
			return
		}
		begin := time.Unix(1_700_000_000, 0)
		containers := []actors.Entry{
			{GameID: "game-1", ContainerID: "aaaa", Created: begin.Add(time.Second)},
			{GameID: "game-1", ContainerID: "bbbb", Created: begin, Runs: true},
			{GameID: "game-1", ContainerID: "cccc", Created: begin.Add(time.Second), Runs: true},
			{GameID: "game-2", ContainerID: "dddd", Created: begin},
		}
		for range 2 {
			f.Contain(t, containers)
			if diff := gocmp.Diff(sorted(containers), sorted(mustList(t, f.List))); diff != "" {
				t.Errorf("Read returned other containers (-want +got):\n%s", diff)
			}
			for n := range containers {
				containers[n].Runs = !containers[n].Runs
			}
		}
	})

	t.Run("a list that can't be read is an error and no list (S1)", func(t *testing.T) {
		f := factory(t)
		entries := []actors.Entry{{GameID: "game-1", ContainerID: "aaaa"}}
		f.Set(t, entries)
		wantEntries(t, f.List, entries)
		f.Break(t)
		for range 2 {
			wantUnreadable(t, f.List)
		}
		f.Set(t, entries)
		wantEntries(t, f.List, entries)
	})

	t.Run("a context that has ended reads nothing", func(t *testing.T) {
		f := factory(t)
		entries := []actors.Entry{{GameID: "game-1", ContainerID: "aaaa"}}
		f.Set(t, entries)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		wantNoListing(ended, t, f.List, context.Canceled)
		wantEntries(t, f.List, entries)
	})

	t.Run("a reading that hangs ends with its context (S1)", func(t *testing.T) {
		f := factory(t)
		f.Set(t, []actors.Entry{{GameID: "game-1", ContainerID: "aaaa"}})
		release := f.Hang(t)
		for range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			wantNoListing(ctx, t, f.List, context.DeadlineExceeded)
			cancel()
		}
		ctx, cancel := context.WithCancel(t.Context())
		timer := time.AfterFunc(50*time.Millisecond, cancel)
		wantNoListing(ctx, t, f.List, context.Canceled)
		timer.Stop()
		release()
		entries := []actors.Entry{{GameID: "game-2", ContainerID: "bbbb"}}
		f.Set(t, entries)
		wantEntries(t, f.List, entries)
	})
}

// listPatience bounds a call that should return soon, on a machine that is busy with other things.
const listPatience = 20 * time.Second

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), listPatience)
	t.Cleanup(cancel)
	return ctx
}

// wantEntries reads the list and compares it with want, in any order: only the list itself knows its order.
func wantEntries(t *testing.T, list actors.RunningList, want []actors.Entry) {
	t.Helper()
	if diff := gocmp.Diff(written(want), written(mustList(t, list))); diff != "" {
		t.Fatalf("Read returned other entries (-want +got):\n%s", diff)
	}
}

func mustList(t *testing.T, list actors.RunningList) []actors.Entry {
	t.Helper()
	entries, err := list.Read(soon(t))
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return entries
}

// written returns the sorted entries without what only a list of containers says.
func written(entries []actors.Entry) []actors.Entry {
	entries = sorted(entries)
	for i := range entries {
		entries[i].Created, entries[i].Runs = time.Time{}, false
	}
	return entries
}

// sorted returns the entries by game and container, with the Engine that they mean.
func sorted(entries []actors.Entry) []actors.Entry {
	entries = append([]actors.Entry{}, entries...)
	for i := range entries {
		entries[i].Engine = cmp.Or(entries[i].Engine, actors.DefaultEngine)
	}
	slices.SortFunc(entries, func(a, b actors.Entry) int {
		return cmp.Or(cmp.Compare(a.GameID, b.GameID), cmp.Compare(a.ContainerID, b.ContainerID))
	})
	return entries
}

// wantUnreadable reads the list and expects an error and no entry.
func wantUnreadable(t *testing.T, list actors.RunningList) {
	t.Helper()
	entries, err := list.Read(soon(t))
	if err == nil {
		t.Fatal("Read returned no error")
	}
	if len(entries) > 0 {
		t.Fatalf("Read returned %d entries of a list that can't be read", len(entries))
	}
}

// wantNoListing reads the list and expects an error that wraps cause, soon and without a single entry.
func wantNoListing(ctx context.Context, t *testing.T, list actors.RunningList, cause error) {
	t.Helper()
	begun := time.Now()
	entries, err := list.Read(ctx)
	if !errors.Is(err, cause) {
		t.Fatalf("Read: %v, want an error that wraps %q", err, cause)
	}
	if len(entries) > 0 {
		t.Fatalf("Read returned %d entries with the error %v", len(entries), err)
	}
	if took := time.Since(begun); took > listPatience {
		t.Fatalf("Read returned after %v", took)
	}
}
