package actorstest

import (
	"cmp"
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
	leases  leases
	// clockOff is how wrong the database's clock is.
	clockOff time.Duration
	faults   map[string]*journalFaults // by game; "" for all
	appends  int
	claims   int
	loads    int
	saved    int
}

type storedStream struct {
	events     [][]byte // from index 0; nil where history was removed
	snapshot   []byte
	from       int64 // the snapshot is the state before this index
	keepFrom   int64
	gained     []byte // nil for nothing
	gainedFrom int64
	open       bool
	engine     string // of the lifecycle that began last
	state      journaled
	detected   []string // the ids of all events
	detections []int64  // the indexes of the same
	detectedAt []time.Time
	late       *lateAppend // what is still to be written
}

type lateAppend struct {
	handle *journalHandle
	index  int64
	event  *v1.JournalEvent
}

// NewJournal returns an empty journal.
func NewJournal() *Journal {
	return &Journal{streams: map[string]*storedStream{}, faults: map[string]*journalFaults{"": {}}}
}

// Appends counts the events that were written.
func (j *Journal) Appends() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.appends
}

// Loads counts the recoveries that were tried.
func (j *Journal) Loads() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.loads
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
	life    *life
	older   bool
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
func (h *journalHandle) enter(ctx context.Context, gameID string, c call) error {
	j := h.journal
	if delay := j.delayOf(gameID); delay > 0 {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
		case <-h.ctx.Done():
		}
	}
	j.mu.Lock()
	err := cmp.Or(ctx.Err(), j.failure(gameID, c))
	if err == nil && (h.ctx.Err() != nil || h.life != nil && h.life.process.apart.Load()) {
		err = errCut
	}
	if err != nil {
		j.mu.Unlock()
	}
	return err
}

func (j *Journal) stream(gameID string) *storedStream {
	if j.streams[gameID] == nil {
		j.streams[gameID] = &storedStream{}
	}
	return j.streams[gameID]
}

// Append writes an event. The steps that a spec can wait for lie around it, without the journal's lock.
func (h *journalHandle) Append(ctx context.Context, gameID string, index int64, event *v1.JournalEvent) error {
	step := stepOf(event)
	h.life.reach(Moment{gameID, step, false})
	if err := h.enter(ctx, gameID, writes); err != nil {
		return err
	}
	err := h.appendLate(gameID, index, event)
	h.journal.mu.Unlock()
	if err != nil {
		return err
	}
	h.life.reach(Moment{gameID, step, true})
	return h.journal.failureAfter(gameID)
}

// ErrAnswerLost is the error of an append that is written later.
var ErrAnswerLost = errors.New("the answer was lost")

// appendLate writes what came before and is late, and then the event, unless that will be late too; the caller holds the lock.
func (h *journalHandle) appendLate(gameID string, index int64, event *v1.JournalEvent) error {
	h.journal.landLate(gameID)
	s := h.journal.stream(gameID)
	if f := h.journal.faults[gameID]; f != nil && f.late {
		s.late = &lateAppend{h, index, event}
		return ErrAnswerLost
	}
	return h.append(gameID, index, event)
}

// landLate writes what is late; the caller holds the lock.
func (j *Journal) landLate(gameID string) {
	s := j.stream(gameID)
	if l := s.late; l != nil {
		s.late = nil
		if l.handle.ctx.Err() == nil { // otherwise its process has died, and its transaction with it
			_ = l.handle.append(gameID, l.index, l.event) // nobody waits for its answer
		}
	}
}

// append writes an event; the caller holds the lock.
func (h *journalHandle) append(gameID string, index int64, event *v1.JournalEvent) error {
	j := h.journal
	j.panicIfTold(gameID)
	s := j.stream(gameID)
	if index != int64(len(s.events)) {
		return actors.ErrConflict
	}
	opens := event.GetObserved().GetBeginsLifecycle() && !s.open && h.life.inCluster()
	if (opens || event.GetClaimed() != nil) && !j.holds(h) {
		return actors.ErrNotMember
	}
	if h.older {
		event = withoutHeaders(event)
	}
	stored, err := proto.Marshal(event)
	if err != nil {
		return err
	}
	s.events = append(s.events, stored)
	j.appends++
	if d := event.GetObserved().GetDetection(); d != nil {
		s.detected = append(s.detected, d.GetEventId())
		s.detections = append(s.detections, index)
		s.detectedAt = append(s.detectedAt, time.Now())
	}
	if event.GetClaimed() != nil {
		j.claims++
	}
	switch {
	case event.GetObserved().GetBeginsLifecycle():
		s.open, s.engine = true, event.GetObserved().GetEngine()
	case event.GetStreamClosed() != nil:
		s.open = false
	}
	before := s.state
	s.state = before.after(event)
	j.timeline.add(line{
		rank: ofAGame, game: gameID, who: "journal", format: "%s #%d%s: %s", args: []any{gameID, index, h.life.by(), said{event}},
		before: before, after: s.state,
	})
	return nil
}

func (h *journalHandle) Pending(ctx context.Context, gameID string, after int64, limit int) ([]actors.PendingDetection, error) {
	if err := h.enter(ctx, gameID, reads); err != nil {
		return nil, err
	}
	defer h.journal.mu.Unlock()
	var pending []actors.PendingDetection
	s := h.journal.stream(gameID)
	first, _ := slices.BinarySearch(s.detections, after+1)
	for n, index := range s.detections[first:] {
		if len(pending) == limit || time.Since(s.detectedAt[first+n]) < h.journal.lagOf(gameID) {
			break
		}
		if s.events[index] == nil {
			continue
		}
		event := &v1.JournalEvent{}
		if err := proto.Unmarshal(s.events[index], event); err != nil {
			return nil, err
		}
		if h.older {
			event = withoutHeaders(event)
		}
		pending = append(pending, actors.PendingDetection{Index: index, Observed: event.GetObserved()})
	}
	return pending, nil
}

func (h *journalHandle) OpenStreams(ctx context.Context) iter.Seq2[actors.OpenStream, error] {
	return func(yield func(actors.OpenStream, error) bool) {
		if err := h.enter(ctx, "", reads); err != nil {
			yield(actors.OpenStream{}, err)
			return
		}
		var open []actors.OpenStream
		for gameID, s := range h.journal.streams {
			if s.open {
				open = append(open, actors.OpenStream{GameID: gameID, Engine: s.engine})
			}
		}
		h.journal.mu.Unlock()
		slices.SortFunc(open, func(a, b actors.OpenStream) int { return cmp.Compare(a.GameID, b.GameID) })
		for _, o := range open {
			if !yield(o, nil) {
				return
			}
		}
	}
}

// Detected returns the ids of all events of a game that were ever written, in their order.
func (j *Journal) Detected(gameID string) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.stream(gameID).detected)
}

// Claims counts the claims that were written.
func (j *Journal) Claims() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.claims
}

// OpenStreams returns the games whose streams are open.
func (j *Journal) OpenStreams() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	open := maps.Clone(j.streams)
	maps.DeleteFunc(open, func(_ string, s *storedStream) bool { return !s.open })
	return slices.Sorted(maps.Keys(open))
}
