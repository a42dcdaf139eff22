package journal

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
	event, _, err := encode("game", 3, detection(3))
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

// FuzzURL: whatever the URL is, an error is one line that shows no password, and neither does what is shown of a URL that can be
// used.
func FuzzURL(f *testing.F) {
	f.Add("postgres://", "node", "", "db:none/health", "x=1")
	f.Add("postgres:", "node", "/@?#", "db", "connect_timeout=soon&PASSWORD=1")
	f.Add("", "node", "%zz\n", "[::1]", "sslmode=perhaps")
	f.Add("mysql://", "", ":", "db/health", "")
	f.Fuzz(func(t *testing.T, scheme, user, password, rest, query string) {
		if strings.Contains(query+rest, "file") || strings.Contains(query+rest, "ssl") || strings.HasPrefix(scheme, "sqlite:") {
			return // reads files, or is one
		}
		for _, raw := range []string{
			scheme + user + ":gehe1m" + password + "@" + rest + "?" + query,
			scheme + rest + "?" + query + "&password=gehe1m" + password,
		} {
			text, err := mask(raw), Validate(raw)
			if err != nil {
				text = err.Error()
			}
			// Of a URL that can be used, lines are the log's to escape.
			if strings.Contains(text, "gehe1m") || err != nil && strings.Contains(text, "\n") {
				t.Errorf("%q is shown as %q", raw, text)
			}
		}
	})
}
