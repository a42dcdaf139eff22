package messages

import _ "embed"

// AsyncAPI is the AsyncAPI 3 document of the topic, in YAML: its messages' JSON Schema, headers and key.
//
//go:embed asyncapi.yaml
var AsyncAPI []byte
