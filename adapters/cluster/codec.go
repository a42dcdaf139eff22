package cluster

import (
	"errors"

	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // registers the codec
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// maxParts is how many strings and messages one message may have in it. A batch of eight questions has about fifty.
const maxParts = 1000

var errTooManyParts = errors.New("a message of too many parts")

// countingCodec reads Protobuf, and refuses messages of many tiny parts before it decodes them: an empty part takes two bytes
// on the wire and a hundred in memory.
type countingCodec struct{}

func codec() encoding.CodecV2 { return encoding.GetCodecV2("proto") }

// Name implements encoding.CodecV2.
func (countingCodec) Name() string { return codec().Name() }

// Marshal implements encoding.CodecV2.
func (countingCodec) Marshal(v any) (mem.BufferSlice, error) { return codec().Marshal(v) }

// Unmarshal implements encoding.CodecV2.
func (countingCodec) Unmarshal(data mem.BufferSlice, v any) error {
	message, ok := v.(proto.Message)
	if !ok {
		return errors.New("not a message")
	}
	bytes := data.MaterializeToBuffer(mem.DefaultBufferPool())
	defer bytes.Free()
	if left := count(bytes.ReadOnlyData(), message.ProtoReflect().Descriptor(), maxParts); left < 0 {
		return errTooManyParts
	}
	return proto.Unmarshal(bytes.ReadOnlyData(), message)
}

// count subtracts the parts of an encoded message from a number, and stops when it is below zero. What can't be read is left
// to the codec.
func count(b []byte, kind protoreflect.MessageDescriptor, left int) int {
	for len(b) > 0 && left >= 0 {
		number, wire, n := protowire.ConsumeTag(b)
		if n < 0 {
			return left
		}
		b = b[n:]
		if wire != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(number, wire, b); n < 0 {
				return left
			}
			b = b[n:]
			continue
		}
		part, n := protowire.ConsumeBytes(b)
		if n < 0 {
			return left
		}
		b = b[n:]
		left--
		if field := kind.Fields().ByNumber(number); field != nil && field.Message() != nil {
			left = count(part, field.Message(), left)
		}
	}
	return left
}
