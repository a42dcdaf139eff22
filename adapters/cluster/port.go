package cluster

import (
	"errors"
	"net"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"galaxy/healthactors/adapters/connections"
)

// Bounds on what others can make the port spend (C9). A member needs one connection with one stream.
const (
	maxConnections   = 256
	maxStreams       = 2
	handshakeTimeout = 5 * time.Second
	unusedTimeout    = 30 * time.Second
	// bufferBytes is what each connection has for reading and for writing.
	bufferBytes = 4 << 10
	// window is how much of a stream may lie unread: the least that gRPC allows.
	window = 64 << 10
	// maxHeaderBytes bounds what opens a stream.
	maxHeaderBytes = 16 << 10
	// strangersBytes is what a connection may send before its first message shows it to be a member's, handshakes included.
	strangersBytes = 64 << 10
	// maxMessageBytes bounds what a member may send at once: several pages, in case an older release sends them together.
	maxMessageBytes = 2 << 20
)

// bounds are gRPC's options that keep the port within them.
func bounds(transport credentials.TransportCredentials) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.Creds(seating{transport, connections.NewLimit(maxConnections)}),
		grpc.ConnectionTimeout(handshakeTimeout),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.MaxHeaderListSize(maxHeaderBytes),
		grpc.MaxRecvMsgSize(maxMessageBytes),
		grpc.ReadBufferSize(bufferBytes),
		grpc.WriteBufferSize(bufferBytes),
		grpc.StaticStreamWindowSize(window),
		grpc.StaticConnWindowSize(window),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: unusedTimeout, Time: unusedTimeout, Timeout: handshakeTimeout}),
		grpc.ForceServerCodecV2(countingCodec{}),
	}
}

// seating are credentials that count connections before they shake hands. Remoting opens its own listener, so nobody else gets
// to see a connection any earlier.
type seating struct {
	credentials.TransportCredentials
	limit *connections.Limit
}

// ServerHandshake implements credentials.TransportCredentials.
func (s seating) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	counted, _ := s.limit.Take(raw)
	taken := &seat{Conn: counted}
	conn, info, err := s.TransportCredentials.ServerHandshake(taken)
	if err != nil {
		_ = taken.Close()
		return nil, nil, err
	}
	return conn, seated{info, taken}, nil
}

// Clone implements credentials.TransportCredentials.
func (s seating) Clone() credentials.TransportCredentials {
	return seating{s.TransportCredentials.Clone(), s.limit}
}

// seated leads a stream to its connection.
type seated struct {
	credentials.AuthInfo
	seat *seat
}

// seat is a connection to the port. It counts as idle until it proves to be a member's.
type seat struct {
	*connections.Conn
	members atomic.Bool
	read    atomic.Int64
}

var errStranger = errors.New("too much from somebody who is no member")

// Read implements net.Conn.
func (s *seat) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	if s.read.Add(int64(n)) > strangersBytes && !s.members.Load() {
		return 0, errStranger
	}
	return n, err
}

// used notes that a member has just used the connection.
func (s *seat) used() {
	s.members.Store(true)
	s.Busy()
}
