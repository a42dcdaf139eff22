package cluster

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/remote"
)

// fakeStream is a stream to a member that does what a test wants.
type fakeStream struct {
	grpc.ClientStream
	send, receive func(context.Context) error
	ctx           context.Context //nolint:containedctx // as grpc's own
}

func (s fakeStream) SendMsg(any) error { return s.send(s.ctx) }
func (s fakeStream) RecvMsg(any) error { return s.receive(s.ctx) }

func nothing(context.Context) error { return nil }

func stuck(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// open is a stream to a member that was opened with the given streams, one for each try.
func open(t *testing.T, p *peers, streams ...fakeStream) grpc.ClientStream {
	t.Helper()
	cc, err := grpc.NewClient("passthrough:///b:1", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cc.Close() })
	next := func(ctx context.Context, _ *grpc.StreamDesc, _ *grpc.ClientConn, _ string, _ ...grpc.CallOption) (grpc.ClientStream, error) {
		s := streams[0]
		streams = streams[1:]
		s.ctx = ctx
		return s, nil
	}
	s, err := p.watch(t.Context(), nil, cc, "", next)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestC9StuckStreamsAreGivenUp, at the greeting and later, and no earlier than they have to be.
func TestC9StuckStreamsAreGivenUp(t *testing.T) {
	for name, stream := range map[string]fakeStream{
		"a member that says nothing": {send: nothing, receive: stuck}, "a member that takes nothing": {send: stuck, receive: nothing},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, newPeers(), stream)
				begun := time.Now()
				err := errors.Join(s.SendMsg(nil), s.RecvMsg(nil))
				if took := time.Since(begun); !errors.Is(err, context.Canceled) || took != sendTimeout {
					t.Errorf("given up after %s: %v", took, err)
				}
			})
		})
	}
}

// TestAGreetingIsSaidAgain where a flooded port has closed the connection before it was read, and nothing later is.
func TestAGreetingIsSaidAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("the connection is gone")
		fails := func(context.Context) error { return gone }
		greeted := 0
		answers := []error{nil, gone}
		s := open(t, newPeers(), fakeStream{send: nothing, receive: fails}, fakeStream{send: fails, receive: nothing}, fakeStream{
			send:    func(context.Context) error { greeted++; return nil },
			receive: func(context.Context) (err error) { err, answers = answers[0], answers[1:]; return err },
		})
		if err := errors.Join(s.SendMsg("hello"), s.RecvMsg(nil)); err != nil || greeted != 1 {
			t.Errorf("greeted %d times, then %v", greeted, err)
		}
		if err := s.RecvMsg(nil); !errors.Is(err, gone) || greeted != 1 {
			t.Errorf("greeted %d times in all, then %v", greeted, err)
		}
	})
}

func TestAnswersAreCountedOnceTheyAreSent(t *testing.T) {
	p := newPeers()
	cc, err := grpc.NewClient("passthrough:///b:1", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer cc.Close()
	p.update([]string{cc.Target()})
	for range maxWaiting {
		p.question(cc.Target(), time.Now())
	}
	s := open(t, p, fakeStream{send: nothing, receive: nothing})
	batch := &remote.MessageBatch{TypeNames: []string{question, answer}, Targets: []*actor.PID{{}}, Envelopes: []*remote.MessageEnvelope{{TypeId: 1}, {}}}
	if err := s.SendMsg(&remote.RemoteMessage{MessageType: &remote.RemoteMessage_MessageBatch{MessageBatch: batch}}); err != nil {
		t.Fatal(err)
	}
	if !p.question(cc.Target(), time.Now()) || p.question(cc.Target(), time.Now()) {
		t.Error("one answer has been sent, and not one more question may wait")
	}
}
