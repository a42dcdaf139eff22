// Package messagestest holds published messages to the AsyncAPI document.
package messagestest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"galaxy/healthactors/messages"
)

// Schema is what the AsyncAPI document says of a message: its key, its headers and its value.
type Schema struct {
	key, headers, value *jsonschema.Schema
}

const message = "#/components/messages/healthEvent"

// Published compiles the schema more strictly than consumers should: a field, a header or a value that the document
// doesn't declare is an error.
func Published() (*Schema, error) {
	var document any
	if err := yaml.Unmarshal(messages.AsyncAPI, &document); err != nil {
		return nil, fmt.Errorf("read the AsyncAPI document: %w", err)
	}
	return compile(tightened(document))
}

func compile(document any) (*Schema, error) {
	// By way of JSON, whose types the compiler expects.
	text, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("read the AsyncAPI document: %w", err)
	}
	document, err = jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("read the AsyncAPI document: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource("asyncapi.json", document); err != nil {
		return nil, fmt.Errorf("read the AsyncAPI document: %w", err)
	}
	var s Schema
	for part, schema := range map[string]**jsonschema.Schema{
		"/bindings/kafka/key": &s.key, "/headers": &s.headers, "/payload": &s.value,
	} {
		if *schema, err = compiler.Compile("asyncapi.json" + message + part); err != nil {
			return nil, fmt.Errorf("compile the schema of a message's %s: %w", part, err)
		}
	}
	return &s, nil
}

// tightened closes what the document leaves open to later versions.
func tightened(node any) any {
	switch node := node.(type) {
	case map[string]any:
		for name, child := range node {
			node[name] = tightened(child)
		}
		if _, isSchema := node["properties"].(map[string]any); isSchema {
			node["additionalProperties"] = false
		}
		if values, ok := node["x-known-values"]; ok {
			node["enum"] = values
		}
	case []any:
		for i, child := range node {
			node[i] = tightened(child)
		}
	}
	return node
}

// Validate returns what is wrong with a message, the agreement of key, headers and value included.
func (s *Schema) Validate(key string, headers map[string]string, value []byte) error {
	decoded, err := jsonschema.UnmarshalJSON(bytes.NewReader(value))
	if err != nil {
		return fmt.Errorf("value: %w", err)
	}
	if err := s.value.Validate(decoded); err != nil {
		return fmt.Errorf("value: %w", err)
	}
	if err := s.key.Validate(key); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	generic := map[string]any{}
	for name, value := range headers {
		generic[name] = value
	}
	if err := s.headers.Validate(generic); err != nil {
		return fmt.Errorf("headers: %w", err)
	}
	event, err := messages.Decode(value)
	if err != nil {
		return err
	}
	return errors.Join(
		equal("key", key, event.GameID),
		equal(messages.HeaderSubject, headers[messages.HeaderSubject], event.GameID),
		equal(messages.HeaderID, headers[messages.HeaderID], event.EventID),
		equal(messages.HeaderType, headers[messages.HeaderType], event.EventType),
		equal(messages.HeaderTime, headers[messages.HeaderTime], decoded.(map[string]any)["occurred_at"].(string)),
		equal("_watermill_message_uuid", headers["_watermill_message_uuid"], event.EventID),
	)
}

func equal(name, got, want string) error {
	if got != want {
		return fmt.Errorf("%s is %q, the value says %q", name, got, want)
	}
	return nil
}
