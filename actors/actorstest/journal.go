package actorstest

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"galaxy/healthactors/actors"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// Journal is a journal in memory that outlives the nodes that write to it.
type Journal struct {
	timeline *timeline

	mu      sync.Mutex
	streams map[string]*storedStream
	fail    map[string]error // by game; "" for all
	after   map[string]error
	delay   time.Duration
	appends int
	saved   int
	panics  map[string]bool
}

type storedStream struct {
	events   [][]byte // from index 0; nil where history was removed
	snapshot []byte
	at       int64
	open     bool
}

// NewJournal returns an empty journal.
func NewJournal() *Journal {
	return &Journal{streams: map[string]*storedStream{}, fail: map[string]error{}, after: map[string]error{}, panics: map[string]bool{}}
}

// Fail makes every call for a game fail before anything is written, for all games when gameID is empty; nil mends it.
func (j *Journal) Fail(gameID string, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.fail[gameID] = err
}

// FailAfter makes every append of a game fail after it was written: the outcome is unknown to the writer.
func (j *Journal) FailAfter(gameID string, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.after[gameID] = err
}

// PanicOnce makes the next append of a game panic, in the goroutine of its inspector.
func (j *Journal) PanicOnce(gameID string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.panics[gameID] = true
}

// Slow makes every call take that long.
func (j *Journal) Slow(d time.Duration) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.delay = d
}

// Appends counts the events that were written.
func (j *Journal) Appends() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.appends
}

// Snapshots counts the snapshots that were written.
func (j *Journal) Snapshots() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.saved
}

// Open opens the journal, as a node does. Close cuts the connection.
func (j *Journal) Open() interface {
	actors.Journal
	Close() error
} {
	return j.connect()
}

func (j *Journal) connect() *journalHandle {
	ctx, cancel := context.WithCancel(context.Background())
	return &journalHandle{journal: j, ctx: ctx, cut: cancel}
}

// journalHandle is one node's connection. When it is cut, nothing more is written through it.
type journalHandle struct {
	journal *Journal
	ctx     context.Context
	cut     context.CancelFunc
}

var _ actors.Journal = (*journalHandle)(nil)

// Close cuts the connection.
func (h *journalHandle) Close() error {
	h.cut()
	return nil
}

var errCut = errors.New("the journal's connection is cut")

// enter waits as the script says, and then holds the journal's lock if there is no error.
func (h *journalHandle) enter(ctx context.Context, gameID string) error {
	j := h.journal
	j.mu.Lock()
	delay := j.delay
	j.mu.Unlock()
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
		case <-h.ctx.Done():
		}
	}
	j.mu.Lock()
	for _, err := range []error{ctx.Err(), j.fail[gameID], j.fail[""]} {
		if err != nil {
			j.mu.Unlock()
			return err
		}
	}
	if h.ctx.Err() != nil {
		j.mu.Unlock()
		return errCut
	}
	return nil
}

func (j *Journal) stream(gameID string) *storedStream {
	if j.streams[gameID] == nil {
		j.streams[gameID] = &storedStream{}
	}
	return j.streams[gameID]
}

func (h *journalHandle) Append(ctx context.Context, gameID string, index int64, event *v1.JournalEvent) error {
	if err := h.enter(ctx, gameID); err != nil {
		return err
	}
	j := h.journal
	defer j.mu.Unlock()
	if j.panics[gameID] {
		delete(j.panics, gameID)
		panic("the journal's double was told to panic")
	}
	s := j.stream(gameID)
	if index != int64(len(s.events)) {
		return actors.ErrConflict
	}
	stored, err := proto.Marshal(event)
	if err != nil {
		return err
	}
	s.events = append(s.events, stored)
	j.appends++
	switch {
	case event.GetObserved().GetBeginsLifecycle():
		s.open = true
	case event.GetStreamClosed() != nil:
		s.open = false
	}
	j.timeline.add("journal", "%s %d: %s", gameID, index, describe(event))
	return j.after[gameID]
}

// describe says what an event is in a few words.
func describe(event *v1.JournalEvent) string {
	switch kind := event.GetKind().(type) {
	case *v1.JournalEvent_Observed:
		switch {
		case kind.Observed.GetDetection() != nil:
			return "observed and detected " + kind.Observed.GetDetection().GetEventType()
		case kind.Observed.GetBeginsLifecycle():
			return "observed for the first time"
		default:
			return "observed"
		}
	case *v1.JournalEvent_LifecycleEnded:
		return "lifecycle ended"
	case *v1.JournalEvent_DeliveryMarked:
		return "delivery marked"
	case *v1.JournalEvent_StreamClosed:
		return "stream closed"
	default:
		return "unknown"
	}
}

func (h *journalHandle) Load(ctx context.Context, gameID string) (actors.Recovery, error) {
	if err := h.enter(ctx, gameID); err != nil {
		return actors.Recovery{}, err
	}
	defer h.journal.mu.Unlock()
	s := h.journal.stream(gameID)
	r := actors.Recovery{From: s.at}
	if s.snapshot != nil {
		r.Snapshot = &v1.Snapshot{}
		if err := proto.Unmarshal(s.snapshot, r.Snapshot); err != nil {
			return actors.Recovery{}, err
		}
	}
	for _, stored := range s.events[s.at:] {
		event := &v1.JournalEvent{}
		if err := proto.Unmarshal(stored, event); err != nil {
			return actors.Recovery{}, err
		}
		r.Events = append(r.Events, event)
	}
	return r, nil
}

// SaveSnapshot removes at once what it may: retention can't be shorter.
func (h *journalHandle) SaveSnapshot(ctx context.Context, gameID string, index, keepFrom int64, snapshot *v1.Snapshot) error {
	if err := h.enter(ctx, gameID); err != nil {
		return err
	}
	defer h.journal.mu.Unlock()
	stored, err := proto.Marshal(snapshot)
	if err != nil {
		return err
	}
	s := h.journal.stream(gameID)
	s.snapshot, s.at = stored, index
	clear(s.events[:min(index, keepFrom)])
	h.journal.saved++
	h.journal.timeline.add("journal", "%s %d: snapshot", gameID, index)
	return nil
}

func (h *journalHandle) Pending(ctx context.Context, gameID string, after int64, limit int) ([]*v1.PendingDetection, error) {
	if err := h.enter(ctx, gameID); err != nil {
		return nil, err
	}
	defer h.journal.mu.Unlock()
	var pending []*v1.PendingDetection
	s := h.journal.stream(gameID)
	for index := max(0, after+1); index < int64(len(s.events)) && len(pending) < limit; index++ {
		if s.events[index] == nil {
			continue
		}
		event := &v1.JournalEvent{}
		if err := proto.Unmarshal(s.events[index], event); err != nil {
			return nil, err
		}
		if event.GetObserved().GetDetection() != nil {
			pending = append(pending, &v1.PendingDetection{Index: index, Observed: event.GetObserved()})
		}
	}
	return pending, nil
}

func (h *journalHandle) OpenStreams(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := h.enter(ctx, ""); err != nil {
			yield("", err)
			return
		}
		var open []string
		for gameID, s := range h.journal.streams {
			if s.open {
				open = append(open, gameID)
			}
		}
		h.journal.mu.Unlock()
		for _, gameID := range slices.Sorted(slices.Values(open)) {
			if !yield(gameID, nil) {
				return
			}
		}
	}
}

// OpenStreams returns the games whose streams are open.
func (j *Journal) OpenStreams() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	open := maps.Clone(j.streams)
	maps.DeleteFunc(open, func(_ string, s *storedStream) bool { return !s.open })
	return slices.Sorted(maps.Keys(open))
}
