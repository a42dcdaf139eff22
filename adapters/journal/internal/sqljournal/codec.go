package sqljournal

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"google.golang.org/protobuf/proto"

	"galaxy/healthactors/actors"
)

// castagnoli has hardware support on the usual processors.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encode returns the stored form of a message and its checksum, which also covers where it is stored.
func encode(stream string, index int64, m proto.Message) (payload []byte, crc int64, err error) {
	payload, err = proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return nil, 0, fmt.Errorf("encode: %w", err)
	}
	if payload == nil {
		payload = []byte{} // NULL is no payload
	}
	return payload, checksum(stream, index, payload), nil
}

// decode reads a stored message into m. Anything but what encode made is damage.
func decode(what, stream string, index int64, payload []byte, crc int64, m proto.Message) error {
	if crc != checksum(stream, index, payload) {
		return damaged(what, stream, index, "its checksum is wrong")
	}
	if err := proto.Unmarshal(payload, m); err != nil {
		return damaged(what, stream, index, "it can't be decoded")
	}
	return nil
}

func checksum(stream string, index int64, payload []byte) int64 {
	crc := crc32.Update(0, castagnoli, []byte(stream))
	crc = crc32.Update(crc, castagnoli, binary.BigEndian.AppendUint64(nil, uint64(index)))
	return int64(crc32.Update(crc, castagnoli, payload))
}

func damaged(what, stream string, index int64, how string) error {
	return fmt.Errorf("%w: %s %d of game %q: %s", actors.ErrDamaged, what, index, stream, how)
}
