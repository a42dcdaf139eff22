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
	entries, err := list.Read(soon(t))
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	if diff := gocmp.Diff(byGame(want), byGame(entries)); diff != "" {
		t.Fatalf("Read returned other entries (-want +got):\n%s", diff)
	}
}

// byGame returns the entries by game, with the Engine that they mean, without what only some lists can say.
func byGame(entries []actors.Entry) []actors.Entry {
	entries = append([]actors.Entry{}, entries...)
	for i := range entries {
		entries[i].Engine = cmp.Or(entries[i].Engine, actors.DefaultEngine)
		entries[i].Created = time.Time{} // only a list of containers has it
	}
	slices.SortFunc(entries, func(a, b actors.Entry) int { return cmp.Compare(a.GameID, b.GameID) })
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
