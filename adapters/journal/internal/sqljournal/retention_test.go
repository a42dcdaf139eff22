package sqljournal_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/journal/internal/journaltest"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// history is a journal with a clock of its own, and a retention of one hour.
type history struct {
	*journal.Journal
	t   *testing.T
	now time.Time
}

func newHistory(t *testing.T, url string) *history {
	h := &history{t: t, now: time.Unix(1_700_000_000, 0)}
	cfg := config(url)
	cfg.Clock = func() time.Time { return h.now }
	h.Journal = open(t, cfg)
	return h
}

func (h *history) append(game string, first, n int64) {
	h.t.Helper()
	for i := first; i < first+n; i++ {
		must(h.t, h.Append(h.t.Context(), game, i, journaltest.Detection(i)))
	}
}

func (h *history) snapshot(game string, index, keepFrom int64) {
	h.t.Helper()
	must(h.t, h.SaveSnapshot(h.t.Context(), game, index, keepFrom, &v1.Snapshot{}, &v1.GainedState{}))
}

func (h *history) later(d time.Duration) { h.now = h.now.Add(d) }

func (h *history) retain() {
	h.t.Helper()
	must(h.t, h.RemoveOld(h.t.Context()))
}

// want says which indexes are left of a game; from > to is none.
func (h *history) want(game string, from, to int64) {
	h.t.Helper()
	var n, first, last int64
	must(h.t, h.DB().Reader().QueryRowContext(h.t.Context(), `
		SELECT count(*), coalesce(min(idx), 0), coalesce(max(idx), -1) FROM journal_events WHERE stream = $1`, game).
		Scan(&n, &first, &last))
	if n != last-first+1 || to >= from && (first != from || last != to) || to < from && n > 0 {
		h.t.Errorf("game %s keeps %d events, from %d to %d; want from %d to %d", game, n, first, last, from, to)
	}
}

// Only what is old, delivered and behind a snapshot is removed.
func TestRetentionOfEvents(t *testing.T) { retentionOfEvents(t, "memory:") }

func retentionOfEvents(t *testing.T, url string) {
	h := newHistory(t, url)
	for _, game := range []string{"delivered", "pending", "no snapshot", "half"} {
		h.append(game, 0, 20)
	}
	h.append("long", 0, 3*sqljournal.RetentionEvents)
	h.snapshot("delivered", 20, 20)
	h.snapshot("pending", 20, 7)
	h.snapshot("half", 10, 20)
	h.snapshot("long", 3*sqljournal.RetentionEvents, 2*sqljournal.RetentionEvents+50)

	h.retain()
	h.want("delivered", 0, 19) // too young

	h.later(2 * time.Hour)
	h.append("delivered", 20, 5)
	h.append("half", 20, 5)
	h.retain()
	h.want("delivered", 19, 24) // the event before the snapshot shows the next index
	h.want("pending", 7, 19)
	h.want("no snapshot", 0, 19)
	h.want("half", 9, 24)
	h.want("long", 2*sqljournal.RetentionEvents+50, 3*sqljournal.RetentionEvents-1)

	h.snapshot("delivered", 25, 25)
	h.retain()
	h.want("delivered", 20, 24) // young ones

	for _, game := range []string{"delivered", "pending", "half"} {
		r, err := h.Load(t.Context(), game)
		must(t, err)
		must(t, h.Append(t.Context(), game, r.From+int64(len(r.Events)), journaltest.Detection(1)))
	}
	pending, err := h.Pending(t.Context(), "pending", -1, 100)
	must(t, err)
	if len(pending) != 14 {
		t.Errorf("%d detections are pending, want 14", len(pending))
	}
}

// A closed stream is removed as a whole, and its indexes go on.
func TestRetentionOfStreams(t *testing.T) { retentionOfStreams(t, "memory:") }

func retentionOfStreams(t *testing.T, url string) {
	h := newHistory(t, url)
	h.append("open", 0, 5)
	h.append("young", 0, 5)
	h.append("back", 0, 5)
	must(t, h.Append(t.Context(), "back", 5, journaltest.Closed()))
	for i := range 3 * sqljournal.RetentionStreams {
		game := fmt.Sprint("closed-", i)
		h.append(game, 0, 3)
		h.snapshot(game, 2, 0)
		must(t, h.Append(t.Context(), game, 3, journaltest.Closed()))
	}
	h.later(2 * time.Hour)
	must(t, h.Append(t.Context(), "young", 5, journaltest.Closed()))
	h.append("back", 6, 1)
	h.retain()

	h.want("open", 0, 4)
	h.want("young", 0, 5)
	h.want("back", 0, 6)
	for i := range 3 * sqljournal.RetentionStreams {
		h.want(fmt.Sprint("closed-", i), 1, 0)
	}
	for _, game := range []string{"closed-0", "new"} {
		r, err := h.Load(t.Context(), game)
		must(t, err)
		if r.From != 4 || r.Snapshot != nil {
			t.Errorf("game %s goes on as %+v, want from 4", game, r)
		}
	}
	if err := h.Append(t.Context(), "closed-0", 0, journaltest.Detection(0)); err == nil {
		t.Error("an index was used again")
	}
	h.append("closed-0", 4, 2)
	journaltest.WantOpen(t, h.Journal, "back", "closed-0", "open")

	must(t, h.Append(t.Context(), "open", 5, journaltest.Closed()))
	h.later(2 * time.Hour)
	h.retain()
	r, err := h.Load(t.Context(), "new")
	must(t, err)
	if r.From != 6 {
		t.Errorf("the floor is %d, want that of the longest stream that was removed, 6", r.From)
	}
	h.want("closed-0", 4, 5) // below the floor by now, and still good
	h.append("closed-0", 6, 1)
}

// What retention removes, the file gives back.
func TestRetentionShrinksTheFile(t *testing.T) {
	h := newHistory(t, fileURL(t))
	var wg sync.WaitGroup // together they share commits
	for i := range 400 {
		wg.Go(func() {
			game := fmt.Sprint("game-", i)
			for index := range int64(4) {
				if err := h.Append(t.Context(), game, index, journaltest.Detection(index)); err != nil {
					t.Error(err)
				}
			}
			if err := h.Append(t.Context(), game, 4, journaltest.Closed()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	size := func() (pages int64) {
		must(t, h.DB().Reader().QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages))
		return pages
	}
	full := size()
	h.later(2 * time.Hour)
	h.retain()
	if left := size(); left > full/10 {
		t.Errorf("%d of %d pages are left", left, full)
	}
}

// It happens by itself, and ends with the journal.
func TestRetentionRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, err := journal.Open(t.Context(), config("memory:"))
		must(t, err)
		defer closeJournal(t, j)
		must(t, j.Append(t.Context(), "game", 0, journaltest.Detection(0)))
		must(t, j.Append(t.Context(), "game", 1, journaltest.Closed()))
		load := func() actors.Recovery {
			r, err := j.Load(t.Context(), "game")
			must(t, err)
			return r
		}
		time.Sleep(59 * time.Minute)
		if r := load(); len(r.Events) != 2 {
			t.Errorf("before its time, %d events of 2 are left", len(r.Events))
		}
		time.Sleep(sqljournal.RetentionPause + time.Minute)
		if r := load(); len(r.Events) != 0 || r.From != 2 {
			t.Errorf("after its time the game loads as %+v", r)
		}
	})
}
