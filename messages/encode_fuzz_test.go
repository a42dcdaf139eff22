package messages_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"
	"unicode/utf8"

	"galaxy/healthactors/messages"
)

// FuzzEncode: whatever an Engine says of a container, its event is one line of JSON that reads back as it was.
func FuzzEncode(f *testing.F) {
	f.Add("game-7", "b3f1", "running", "unhealthy", int64(4), int64(1795422018123456789))
	f.Add("игра/7\u2028", "<&>", "\x00\n", `"\ud800`, int64(-1), int64(0))
	f.Fuzz(func(t *testing.T, game, container, state, health string, count, nanoseconds int64) {
		event := messages.HealthEvent{
			EventID: "id", EventType: messages.InspectUnhealthy, GameID: game, ContainerID: container,
			OccurredAt: time.Unix(0, nanoseconds).UTC(), Reasons: []string{messages.ReasonNotRunning},
			Details: messages.Details{RestartCount: count, State: state, Health: health},
		}
		value, err := event.Encode()
		if err != nil {
			t.Fatal(err) // the years of a nanosecond count are all RFC 3339's
		}
		if !utf8.Valid(value) || !json.Valid(value) || bytes.ContainsAny(value, "\r\n") {
			t.Errorf("%q is not one line of JSON", value)
		}
		got, err := messages.Decode(value)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{game, container, state, health} {
			if !utf8.ValidString(text) {
				return // it reads back with U+FFFD
			}
		}
		if !reflect.DeepEqual(got, event) {
			t.Errorf("%+v reads back as %+v", event, got)
		}
		if again, err := got.Encode(); err != nil || !bytes.Equal(again, value) {
			t.Errorf("%s encodes again to %s, %v", value, again, err)
		}
	})
}
