package actors

import (
	"maps"
	"testing"
	"time"

	"galaxy/healthactors/actors/internal/stream"
)

// The headers of 816d050 and the releases before it are these bytes, whatever messages.Headers says.
func TestC6HeadersOfTheReleasesThatJournalNone(t *testing.T) {
	west := time.FixedZone("", -2*60*60)
	tests := []struct {
		name, traceparent string
		at                time.Time
		want              map[string]string
	}{
		{"untraced", "", time.Date(2026, 11, 23, 6, 20, 18, 120_000_000, west), map[string]string{
			"ce_specversion": "1.0", "ce_id": "01933f0e", "ce_source": "/healthactors/x", "ce_type": "inspect_unhealthy",
			"ce_subject": "game/ü 7", "ce_time": "2026-11-23T08:20:18.12Z", "content-type": "application/json",
		}},
		{"traced", "00-1-2-01", time.Date(2026, 11, 23, 8, 20, 18, 123456789, time.UTC), map[string]string{
			"ce_specversion": "1.0", "ce_id": "01933f0e", "ce_source": "/healthactors/x", "ce_type": "inspect_unhealthy",
			"ce_subject": "game/ü 7", "ce_time": "2026-11-23T08:20:18.123456789Z", "content-type": "application/json",
			"traceparent": "00-1-2-01",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &stream.Observed{At: tt.at, Detection: &stream.Detection{
				EventID: "01933f0e", EventType: "inspect_unhealthy", Source: "/healthactors/x", Traceparent: tt.traceparent,
			}}
			if got := headersOf("game/ü 7", o); !maps.Equal(got, tt.want) {
				t.Errorf("headers:\n got %v\nwant %v", got, tt.want)
			}
		})
	}
}

func TestC6JournaledHeadersAreThoseOfEveryDelivery(t *testing.T) {
	journaled := map[string]string{"ce_id": "another", "ce_sequence": "17"}
	o := &stream.Observed{Detection: &stream.Detection{EventID: "id", Headers: journaled}}
	first := headersOf("game", o)
	if !maps.Equal(first, journaled) {
		t.Errorf("headers: %v", first)
	}
	clear(first) // a broker's own
	if again := headersOf("game", o); len(again) != 2 {
		t.Errorf("headers of a second delivery: %v", again)
	}
}
