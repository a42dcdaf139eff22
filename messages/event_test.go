package messages_test

import (
	"maps"
	"reflect"
	"testing"
	"time"

	"galaxy/healthactors/messages"
)

// The bytes of an event are a promise: consumers compare them, and every delivery of one event has the same.
func TestEncode(t *testing.T) {
	east := time.FixedZone("", 2*60*60)
	for want, event := range map[string]messages.HealthEvent{
		`{"event_id":"01933f0e-8c1a-7a52-9a3e-4f1d2b6c7d80","event_type":"inspect_unhealthy","game_id":"game-7",` +
			`"container_id":"b3f1","occurred_at":"2026-11-23T08:20:18.123456789Z",` +
			`"reasons":["restart_count_increased","not_running","healthcheck_unhealthy"],` +
			`"details":{"restart_count":4,"state":"restarting","health":"unhealthy"}}`: {
			EventID: "01933f0e-8c1a-7a52-9a3e-4f1d2b6c7d80", EventType: messages.InspectUnhealthy,
			GameID: "game-7", ContainerID: "b3f1",
			OccurredAt: time.Date(2026, 11, 23, 10, 20, 18, 123456789, east),
			Reasons: []string{
				messages.ReasonRestartCountIncreased, messages.ReasonNotRunning, messages.ReasonHealthcheckUnhealthy,
			},
			Details: messages.Details{RestartCount: 4, State: "restarting", Health: "unhealthy"},
		},
		// Nothing is left out and nothing is null.
		`{"event_id":"","event_type":"inspect_recovered","game_id":"ゲーム\u0026\"","container_id":"",` +
			`"occurred_at":"0001-01-01T00:00:00Z","reasons":[],"details":{"restart_count":0,"state":"","health":""}}`: {
			EventType: messages.InspectRecovered, GameID: `ゲーム&"`,
		},
	} {
		value, err := event.Encode()
		if err != nil || string(value) != want {
			t.Errorf("Encode: %v\n got %s\nwant %s", err, value, want)
		}
	}
}

func TestEncodeFails(t *testing.T) {
	beyond := messages.HealthEvent{OccurredAt: time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)} // no RFC 3339
	if value, err := beyond.Encode(); err == nil {
		t.Errorf("Encode of the year 12026: %s", value)
	}
}

func TestDecode(t *testing.T) {
	event, err := messages.Decode([]byte(`{"event_id":"1","color":"red","details":{"restart_count":2,"mood":"bad"}}`))
	want := messages.HealthEvent{EventID: "1", Details: messages.Details{RestartCount: 2}}
	if err != nil || !reflect.DeepEqual(event, want) {
		t.Errorf("Decode of an event with unknown fields: %+v, %v", event, err)
	}
	for _, bad := range []string{"", "[]", "{", `{"details":1}`, `{"occurred_at":"today"}`, `{} {}`} {
		if event, err := messages.Decode([]byte(bad)); err == nil {
			t.Errorf("Decode of %q: %+v", bad, event)
		}
	}
}

func TestHeaders(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 20, 18, 5, time.FixedZone("", 2*60*60))
	got := messages.Headers("id", messages.InspectUnhealthy, "game-7", messages.Source, "", at)
	want := map[string]string{
		"ce_specversion": "1.0", "ce_id": "id", "ce_source": "/healthactors", "ce_type": "inspect_unhealthy",
		"ce_subject": "game-7", "ce_time": "2026-11-23T08:20:18.000000005Z", "content-type": "application/json",
	}
	if !maps.Equal(got, want) {
		t.Errorf("Headers:\n got %v\nwant %v", got, want)
	}
	const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	want["traceparent"] = traceparent
	got = messages.Headers("id", messages.InspectUnhealthy, "game-7", messages.Source, traceparent, at)
	if !maps.Equal(got, want) {
		t.Errorf("Headers when traced:\n got %v\nwant %v", got, want)
	}
}

// FuzzDecode: whatever arrives is refused or read, and what was read encodes to a value that reads back the same.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"event_id":"1","event_type":"inspect_unhealthy","game_id":"game-7","container_id":"b3f1",` +
		`"occurred_at":"2026-11-23T08:20:18.123456789Z","reasons":["not_running"],` +
		`"details":{"restart_count":4,"state":"exited","health":""}}`))
	f.Add([]byte(`{"reasons":null,"details":{}}`))
	f.Add([]byte(`{"occurred_at":"2026-11-23T08:20:18+14:00","game_id":"\ud800","reasons":[""]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, value []byte) {
		event, err := messages.Decode(value)
		if err != nil {
			return
		}
		encoded, err := event.Encode()
		if err != nil {
			return // a time that is none in UTC, such as the last hours of the year 9999 in the west
		}
		again, err := messages.Decode(encoded)
		if err != nil {
			t.Fatalf("%s encodes to %s, which can't be read: %v", value, encoded, err)
		}
		twice, err := again.Encode()
		if err != nil || string(twice) != string(encoded) {
			t.Errorf("%s encodes to\n%s, and that to\n%s, %v", value, encoded, twice, err)
		}
	})
}
