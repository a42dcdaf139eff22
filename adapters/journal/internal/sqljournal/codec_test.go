package sqljournal

import (
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"galaxy/healthactors/actors"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// FuzzRecord: a stored record is read as it was written, or is damaged: whatever its bytes are, and wherever one of them,
// or the place where it is stored, has changed.
func FuzzRecord(f *testing.F) {
	event, _, err := encode("game", 3, &v1.JournalEvent{Kind: &v1.JournalEvent_Observed{Observed: &v1.Observed{
		ContainerId: "b3f1", Engine: "default", RestartCount: 3, State: "running", Detection: &v1.Detection{EventId: "event-3"},
	}}})
	must(f, err)
	f.Add("game", int64(3), event, uint(5), byte(1))
	f.Add("", int64(-1), []byte{}, uint(0), byte(0xff))
	f.Add("игра/7", int64(1)<<62, []byte("\x0a\xff\xff\xff\xff\x0f"), uint(0), byte(0x80))
	f.Fuzz(func(t *testing.T, game string, index int64, payload []byte, at uint, flip byte) {
		crc := checksum(game, index, payload)
		for _, m := range []proto.Message{new(v1.JournalEvent), new(v1.Snapshot)} {
			if err := decode("record", game, index, payload, crc, m); err != nil {
				wantDamaged(t, err)
				continue
			}
			again, crcAgain, err := encode(game, index, m)
			must(t, err)
			if err := decode("record", game, index, again, crcAgain, proto.Clone(m)); err != nil {
				t.Errorf("%v reads back as %v", m, err)
			}
		}
		wantDamaged(t, decode("record", game, index+1, payload, crc, new(v1.JournalEvent)))
		if flip != 0 && len(payload) > 0 {
			payload[at%uint(len(payload))] ^= flip
			wantDamaged(t, decode("record", game, index, payload, crc, new(v1.JournalEvent)))
		}
	})
}

func wantDamaged(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, actors.ErrDamaged) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one line that says it is damaged", err)
	}
}
