package actorstest

import (
	"context"

	"google.golang.org/protobuf/proto"

	"galaxy/healthactors/actors"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// Load reads what an inspector recovers from.
func (h *journalHandle) Load(ctx context.Context, gameID string) (actors.Recovery, error) {
	h.journal.mu.Lock()
	h.journal.loads++
	h.journal.mu.Unlock()
	if err := h.enter(ctx, gameID, reads); err != nil {
		return actors.Recovery{}, err
	}
	defer h.journal.mu.Unlock()
	if f := h.journal.faults[gameID]; f != nil && f.loads != nil {
		return actors.Recovery{}, f.loads
	}
	return h.journal.stream(gameID).recovery(h.older)
}

func (s *storedStream) recovery(older bool) (r actors.Recovery, err error) {
	r.From = s.from
	if s.snapshot != nil {
		r.Snapshot = &v1.Snapshot{}
		if err := proto.Unmarshal(s.snapshot, r.Snapshot); err != nil {
			return actors.Recovery{}, err
		}
	}
	if older {
		r.Snapshot = ofOlder(r.Snapshot)
	} else if s.gained != nil {
		r.Gained = &actors.SavedGained{State: &v1.GainedState{}, From: s.gainedFrom}
		if err := proto.Unmarshal(s.gained, r.Gained.State); err != nil {
			return actors.Recovery{}, err
		}
		if r.Gained.Since, err = eventsIn(s.events[s.gainedFrom:s.from]); err != nil {
			return actors.Recovery{}, err
		}
	}
	r.Events, err = eventsIn(s.events[s.from:])
	return r, err
}

// eventsIn are the stored events up to the first that was removed.
func eventsIn(stored [][]byte) (events []*v1.JournalEvent, err error) {
	for _, data := range stored {
		if data == nil {
			break
		}
		event := &v1.JournalEvent{}
		if err := proto.Unmarshal(data, event); err != nil {
			return nil, err
		}
		events = append(events, event)
	}
	return events, nil
}

// SaveSnapshot removes at once what it may: retention can't be shorter.
func (h *journalHandle) SaveSnapshot(
	ctx context.Context, gameID string, index, keepFrom int64, snapshot *v1.Snapshot, gained *v1.GainedState,
) error {
	h.life.reach(Moment{gameID, SaveSnapshot, false})
	if err := h.enter(ctx, gameID, writes); err != nil {
		return err
	}
	err := h.saveSnapshot(gameID, index, keepFrom, snapshot, gained)
	h.journal.mu.Unlock()
	if err != nil {
		return err
	}
	h.life.reach(Moment{gameID, SaveSnapshot, true})
	return nil
}

// saveSnapshot writes a snapshot; the caller holds the lock.
func (h *journalHandle) saveSnapshot(gameID string, index, keepFrom int64, snapshot *v1.Snapshot, gained *v1.GainedState) error {
	if h.older {
		snapshot = ofOlder(snapshot)
	}
	stored, err := proto.Marshal(snapshot)
	if err != nil {
		return err
	}
	beside, err := proto.Marshal(gained)
	if err != nil {
		return err
	}
	s := h.journal.stream(gameID)
	s.snapshot, s.from, s.keepFrom = stored, index, keepFrom
	if !h.older {
		s.gained, s.gainedFrom = beside, index
		s.removeOld()
	}
	h.journal.saved++
	h.journal.timeline.add(line{
		rank: ofAGame, game: gameID, who: "journal", format: "%s #%d%s: snapshot", args: []any{gameID, index, h.life.by()},
	})
	return nil
}

// removeOld removes what the snapshot gives leave to.
func (s *storedStream) removeOld() { clear(s.events[:min(s.from, s.keepFrom)]) }

// RemoveOld removes what the snapshot gives leave to, of a stream whose snapshot is an older release's. That of this one does so by
// itself.
func (s Stream) RemoveOld() {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	s.journal.stream(s.game).removeOld()
}
