package actors

import (
	"maps"
	"time"

	"galaxy/healthactors/actors/internal/stream"
)

// headersOf are the headers with which an event leaves, at each delivery: those of the release that detected it, which may be
// an older or a later one than this (C6).
func headersOf(gameID string, o *stream.Observed) map[string]string {
	if o.Detection.Headers == nil {
		return headersOf816d050(gameID, o)
	}
	return maps.Clone(o.Detection.Headers) // the message's own, for whoever takes it further
}

// headersOf816d050 are those that this release and the ones before it build at each delivery, since they journal none. What they
// detected may still wait for its delivery, so this stays as it is whatever becomes of the headers of later events.
func headersOf816d050(gameID string, o *stream.Observed) map[string]string {
	event := o.Detection
	headers := map[string]string{
		"ce_specversion": "1.0",
		"ce_id":          event.EventID,
		"ce_source":      event.Source,
		"ce_type":        event.EventType,
		"ce_subject":     gameID,
		"ce_time":        o.At.UTC().Format(time.RFC3339Nano),
		"content-type":   "application/json",
	}
	if event.Traceparent != "" {
		headers["traceparent"] = event.Traceparent
	}
	return headers
}
