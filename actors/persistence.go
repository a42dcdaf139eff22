package actors

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/asynkron/protoactor-go/persistence"
	"google.golang.org/protobuf/proto"

	"galaxy/healthactors/actors/internal/stream"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

const (
	// journalTimeout bounds each call to the journal. A commit takes milliseconds; a database that takes longer than
	// this is as good as away.
	journalTimeout = 10 * time.Second
	// snapshotInterval is the number of events between two snapshots of a stream, and so bounds what a recovery reads.
	snapshotInterval = 64
)

// journalFailure is what protoactor's persistence panics with when the journal can't take or give a game's events, since it
// has no other way to refuse. A recovery that fails so fails its inspector, which is restarted after a pause; a write that
// fails so costs only itself (R6), see journaling.go.
type journalFailure struct{ err error }

func (f journalFailure) Error() string { return f.err.Error() }
func (f journalFailure) Unwrap() error { return f.err }

// recoveryBegun is the first message of a recovery: the state before the first event that follows.
type recoveryBegun struct{ state stream.State }

// journalProvider lends the journal to protoactor's persistence.
type journalProvider struct {
	ctx     context.Context
	journal Journal
}

func (p *journalProvider) GetState() persistence.ProviderState {
	return &journalState{ctx: p.ctx, journal: p.journal}
}

// journalState serves one incarnation of one inspector. protoactor asks for the snapshot and then for the events; one Load
// answers both. All its methods panic with a journalFailure when the journal fails.
type journalState struct {
	ctx     context.Context
	journal Journal
	events  []stream.Event
}

var _ persistence.ProviderState = (*journalState)(nil)

func (s *journalState) Restart() {}

func (s *journalState) GetSnapshotInterval() int { return snapshotInterval }

func (s *journalState) GetSnapshot(actorName string) (snapshot any, eventIndex int, ok bool) {
	ctx, cancel := context.WithTimeout(s.ctx, journalTimeout)
	defer cancel()
	loaded, err := s.journal.Load(ctx, gameOf(actorName))
	if err != nil {
		panic(journalFailure{fmt.Errorf("recover from the journal: %w", err)})
	}
	r := readRecovery(loaded)
	s.events = r.Events
	return recoveryBegun{stream.Begin(r)}, int(r.From), true
}

// readRecovery is what the journal has loaded, as values.
func readRecovery(loaded Recovery) stream.Recovery {
	r := stream.ReadRecovery(loaded.Snapshot, loaded.From, loaded.Events)
	if g := loaded.Gained; g != nil {
		r.Gained = stream.ReadGained(g.State, g.From, g.Since)
	}
	return r
}

func (s *journalState) GetEvents(_ string, _, _ int, callback func(e any)) {
	for _, event := range s.events {
		callback(event)
	}
	s.events = nil
}

func (s *journalState) PersistEvent(actorName string, _ int, event proto.Message) {
	ctx, cancel := context.WithTimeout(s.ctx, journalTimeout)
	defer cancel()
	e := event.(*eventToAppend)
	if err := s.journal.Append(ctx, gameOf(actorName), e.index, e.JournalEvent); err != nil {
		panic(journalFailure{fmt.Errorf("write to the journal: %w", err)})
	}
}

func (s *journalState) PersistSnapshot(actorName string, _ int, snapshot proto.Message) {
	ctx, cancel := context.WithTimeout(s.ctx, journalTimeout)
	defer cancel()
	saved := snapshot.(*snapshotToSave)
	if err := s.journal.SaveSnapshot(ctx, gameOf(actorName), saved.index, saved.keepFrom, saved.Snapshot, saved.gained); err != nil {
		panic(journalFailure{fmt.Errorf("write a snapshot to the journal: %w", err)})
	}
}

// eventToAppend carries an event's index past protoactor's interface, whose own count stands still when a write fails that
// was done all the same.
type eventToAppend struct {
	*v1.JournalEvent
	index int64
}

// snapshotToSave does the same for a snapshot, with what is stored beside it and the index from which on events must stay.
type snapshotToSave struct {
	*v1.Snapshot
	gained          *v1.GainedState
	index, keepFrom int64
}

var errRetentionIsTheJournals = errors.New("retention removes history, not an actor")

// DeleteSnapshots is never called.
func (s *journalState) DeleteSnapshots(string, int) { panic(errRetentionIsTheJournals) }

// DeleteEvents is never called.
func (s *journalState) DeleteEvents(string, int) { panic(errRetentionIsTheJournals) }

// An inspector's name is unique among all inspectors that ever lived in the process, so that nothing meant for one of
// them reaches its successor: supervisor/INCARNATION/GAME. Game ids may contain slashes.
func inspectorName(incarnation uint64, gameID string) string {
	return fmt.Sprintf("%d/%s", incarnation, gameID)
}

func gameOf(actorName string) string {
	_, rest, _ := strings.Cut(actorName, "/")
	_, gameID, _ := strings.Cut(rest, "/")
	return gameID
}
