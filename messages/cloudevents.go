package messages

import "time"

// The headers of a message: CloudEvents 1.0, Kafka binding, binary mode, and W3C's Trace Context. In Watermill they are metadata.
const (
	HeaderSpecVersion = "ce_specversion"
	HeaderID          = "ce_id"
	HeaderSource      = "ce_source"
	HeaderType        = "ce_type"
	HeaderSubject     = "ce_subject"
	HeaderTime        = "ce_time"
	HeaderContentType = "content-type"
	HeaderTraceParent = "traceparent"
)

// Source is the CloudEvents source of a node that is in no cluster.
const Source = "/healthactors"

// Headers returns the headers of an event. The subject is the game id, which is the message's key too; traceparent is empty
// for an event that was detected untraced.
func Headers(eventID, eventType, gameID, source, traceparent string, occurredAt time.Time) map[string]string {
	headers := map[string]string{
		HeaderSpecVersion: "1.0",
		HeaderID:          eventID,
		HeaderSource:      source,
		HeaderType:        eventType,
		HeaderSubject:     gameID,
		HeaderTime:        occurredAt.UTC().Format(time.RFC3339Nano),
		HeaderContentType: "application/json",
	}
	if traceparent != "" {
		headers[HeaderTraceParent] = traceparent
	}
	return headers
}
