package messagestest

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"galaxy/healthactors/messages"
)

type example struct {
	Headers map[string]string
	Payload map[string]any
}

func examples(t *testing.T) []example {
	t.Helper()
	var document struct {
		Components struct {
			Messages map[string]struct{ Examples []example }
		}
	}
	if err := yaml.Unmarshal(messages.AsyncAPI, &document); err != nil {
		t.Fatal(err)
	}
	return document.Components.Messages["healthEvent"].Examples
}

func TestExamplesAreValid(t *testing.T) {
	schema := published(t)
	found := examples(t)
	if len(found) != 2 {
		t.Fatalf("%d examples, want 2", len(found))
	}
	for _, e := range found {
		if err := schema.Validate("game-7", e.Headers, encoded(t, e.Payload)); err != nil {
			t.Error(err)
		}
	}
}

// What Published must notice, each as one change to a valid message.
func TestPublishedIsStrict(t *testing.T) {
	schema := published(t)
	for want, change := range map[string]func(*example){
		"'color' not allowed":       func(e *example) { e.Payload["color"] = "red" },
		"'exit_code' not allowed":   func(e *example) { e.Payload["details"].(map[string]any)["exit_code"] = 1 },
		"'ce_color' not allowed":    func(e *example) { e.Headers["ce_color"] = "red" },
		"missing property 'health'": func(e *example) { delete(e.Payload["details"].(map[string]any), "health") },
		"missing property 'ce_id'":  func(e *example) { delete(e.Headers, "ce_id") },
		"/event_type'":              func(e *example) { e.Payload["event_type"] = "inspect_unknown" },
		"/reasons/0'":               func(e *example) { e.Payload["reasons"] = []any{"bad_mood"} },
		"/reasons'":                 func(e *example) { e.Payload["reasons"] = nil },
		"/details/restart_count'":   func(e *example) { e.Payload["details"].(map[string]any)["restart_count"] = "4" },
		"/container_id'":            func(e *example) { e.Payload["container_id"] = "../x" },
		"/occurred_at'":             func(e *example) { e.Payload["occurred_at"] = "2026-11-23T08:20:18+01:00" },
		"/ce_source'":               func(e *example) { e.Headers["ce_source"] = "somebody" },
		`ce_subject is "game-8"`:    func(e *example) { e.Headers["ce_subject"] = "game-8" },
		`ce_id is "other"`:          func(e *example) { e.Headers["ce_id"] = "other" },
	} {
		e := examples(t)[0]
		change(&e)
		err := schema.Validate("game-7", e.Headers, encoded(t, e.Payload))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	e := examples(t)[0]
	if schema.Validate("game-8", e.Headers, encoded(t, e.Payload)) == nil {
		t.Error("a key that is not the game id passes")
	}
}

// For consumers the document is open: what a later version adds is valid.
func TestDocumentIsOpen(t *testing.T) {
	var document any
	if err := yaml.Unmarshal(messages.AsyncAPI, &document); err != nil {
		t.Fatal(err)
	}
	schema, err := compile(document)
	if err != nil {
		t.Fatal(err)
	}
	e := examples(t)[0]
	maps.Copy(e.Payload, map[string]any{"color": "red", "reasons": []any{"bad_mood"}})
	e.Headers["ce_color"] = "red"
	if err := schema.Validate("game-7", e.Headers, encoded(t, e.Payload)); err != nil {
		t.Error(err)
	}
}

func published(t *testing.T) *Schema {
	t.Helper()
	schema, err := Published()
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func encoded(t *testing.T, payload any) []byte {
	t.Helper()
	value, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	return value
}
