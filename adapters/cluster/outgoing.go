package cluster

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"github.com/asynkron/protoactor-go/remote"
)

const (
	// sendTimeout is how long a member may take to be reached, and to take what it is sent, before its connection is given up.
	sendTimeout = 5 * time.Second
	// maxReplyBytes bounds what a member may say on a connection that this node opened: that it is there, or that it is leaving.
	maxReplyBytes = 16 << 10
)

// tryAgain is the pause before a member that could not be reached is called again.
var tryAgain = backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second}

// outgoing are remoting's options for the connections that this node opens to members (C9). Left to itself, remoting waits
// forever for a member that never reads, keeps everything that is meant for it, and sets 16 MB aside for each member.
func outgoing(p *peers) remote.ConfigOption {
	return func(c *remote.Config) {
		c.MaxRetryCount = 1            // every try except the last would leave its connection behind
		c.EndpointWriterQueueSize = 16 // grows as needed
		c.EndpointWriterBatchSize = 1  // so that no message is longer than a page
		c.DialOptions = append(c.DialOptions,
			grpc.WithConnectParams(grpc.ConnectParams{Backoff: tryAgain, MinConnectTimeout: sendTimeout}),
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReplyBytes), grpc.WaitForReady(true)),
			grpc.WithStreamInterceptor(p.watch),
		)
	}
}

// watch opens a stream that ends if the member doesn't take what it is sent, and counts the answers that the member took.
func (p *peers) watch(
	ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption,
) (grpc.ClientStream, error) {
	ctx, cancel := context.WithCancel(ctx)
	s := &watchedStream{
		peers: p, address: cc.Target(), silent: time.AfterFunc(sendTimeout, cancel), cancel: cancel, done: ctx.Done(),
		open: func() (grpc.ClientStream, error) { return open(ctx, desc, cc, method, opts...) },
	}
	var err error
	if s.ClientStream, err = s.open(); err != nil {
		s.silent.Stop()
		cancel()
		return nil, err
	}
	return s, nil
}

// watchedStream is a stream to the member at an address.
type watchedStream struct {
	grpc.ClientStream
	peers   *peers
	address string
	// silent cancels the stream unless the member says soon that it is there.
	silent *time.Timer
	cancel context.CancelFunc
	done   <-chan struct{} // closed by cancel
	open   func() (grpc.ClientStream, error)
	// greeting is what this node said first, until it has been answered.
	greeting any
	answered bool
}

// SendMsg implements grpc.ClientStream.
func (s *watchedStream) SendMsg(m any) error {
	if !s.answered {
		s.greeting = m
	}
	stuck := time.AfterFunc(sendTimeout, s.cancel)
	defer stuck.Stop()
	err := s.ClientStream.SendMsg(m)
	if message, ok := m.(*remote.RemoteMessage); ok {
		s.peers.answered(s.address, answers(message.GetMessageBatch()))
	}
	return err
}

// RecvMsg implements grpc.ClientStream. Remoting waits here for the answer to its greeting before it does anything else.
func (s *watchedStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	for pause := tryAgain.BaseDelay; err != nil && !s.answered; pause *= 2 {
		select {
		case <-s.done:
			return err
		case <-time.After(pause):
			err = s.greetAgain(m)
		}
	}
	s.answered = true
	s.silent.Stop()
	if err != nil {
		s.cancel()
	}
	return err
}

// greetAgain opens the stream anew. A port that is flooded may close a connection before it has read anything from it.
func (s *watchedStream) greetAgain(m any) error {
	stream, err := s.open()
	if err != nil {
		return err
	}
	s.ClientStream = stream
	if err := stream.SendMsg(s.greeting); err != nil {
		return err
	}
	return stream.RecvMsg(m)
}

// answers counts those in a batch.
func answers(b *remote.MessageBatch) (many int) {
	for _, e := range b.GetEnvelopes() {
		if b.GetTypeNames()[e.GetTypeId()] == answer {
			many++
		}
	}
	return many
}
