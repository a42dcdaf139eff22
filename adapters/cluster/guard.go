package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/asynkron/protoactor-go/remote"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// guard stands where messages come in, and lets through nothing but questions of the other members and answers that this node
// waits for (C9). Left to itself remoting panics at unknown types and wrong indexes, lets a peer send any message to any actor,
// passes messages on to any address, and answers to any.
type guard struct {
	peers *peers
	// self is this node's own address, known once the port is open.
	self func() string
}

// options are remoting's options for the port. Connections use the credentials.
func (g guard) options(transport credentials.TransportCredentials) remote.ConfigOption {
	return func(c *remote.Config) {
		c.ServerOptions = append(append(c.ServerOptions, bounds(transport)...),
			grpc.StreamInterceptor(g.stream),
			grpc.UnaryInterceptor(func(context.Context, any, *grpc.UnaryServerInfo, grpc.UnaryHandler) (any, error) {
				return nil, status.Error(codes.Unimplemented, "not served")
			}),
		)
	}
}

func (g guard) stream(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = status.Error(codes.InvalidArgument, "unexpected message")
		}
	}()
	client, _ := peer.FromContext(stream.Context())
	by, ok := client.AuthInfo.(seated)
	if !ok {
		return status.Error(codes.Internal, "a stream without a connection")
	}
	return next(server, &guardedStream{ServerStream: stream, guard: g, seat: by.seat})
}

// guardedStream ends when something comes that no node sends.
type guardedStream struct {
	grpc.ServerStream
	guard
	seat *seat
	// from is the address that the other side says it has, empty until it says so. With mutual TLS only members can say anything.
	from string
}

// RecvMsg implements grpc.ServerStream.
func (s *guardedStream) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	message, ok := m.(*remote.RemoteMessage)
	if !ok {
		return status.Error(codes.InvalidArgument, "unexpected message")
	}
	if err := s.check(message); err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	return nil
}

// check says what is wrong with a message, and removes from it what is valid but not wanted.
func (s *guardedStream) check(message *remote.RemoteMessage) error {
	switch kind := message.GetMessageType().(type) {
	case *remote.RemoteMessage_ConnectRequest:
		from := kind.ConnectRequest.GetServerConnection().GetAddress()
		if from == "" || s.from != "" {
			return errors.New("unexpected connection")
		}
		s.from = from
		if s.peers.has(from) {
			s.seat.used()
		}
		return nil
	case *remote.RemoteMessage_MessageBatch:
		b := kind.MessageBatch
		if err := checkBatch(b, s.self(), s.from); err != nil {
			return err
		}
		if !s.isMembers() {
			b.Envelopes = nil
			return nil
		}
		s.seat.used()
		b.Envelopes = slices.DeleteFunc(b.Envelopes, func(e *remote.MessageEnvelope) bool { return !s.wanted(b, e) })
		return nil
	default:
		return errors.New("unexpected message")
	}
}

// isMembers says whether the other side has a member's address, and gives a node that has just joined the time to become known.
func (s *guardedStream) isMembers() bool {
	ctx, cancel := context.WithTimeout(s.Context(), askTimeout)
	defer cancel()
	return s.peers.await(ctx, s.from)
}

// wanted says whether a member's envelope is to be delivered: a question, unless too many are waiting, or the answer to a
// question that this node asked it.
func (s *guardedStream) wanted(b *remote.MessageBatch, e *remote.MessageEnvelope) bool {
	if b.GetTypeNames()[e.GetTypeId()] == question {
		return s.peers.question(s.from, time.Now())
	}
	return s.peers.answer(b.GetTargets()[e.GetTarget()].GetId(), s.from)
}

// The messages that nodes send each other.
var (
	question = string((&v1.GamesRequest{}).ProtoReflect().Descriptor().FullName())
	answer   = string((&v1.GamesPage{}).ProtoReflect().Descriptor().FullName())
)

// futures is the prefix of the ids of actors that wait for answers.
const futures = "future"

// checkBatch says what is wrong with messages that the node at one address was sent from another.
func checkBatch(b *remote.MessageBatch, self, from string) error {
	for _, e := range b.GetEnvelopes() {
		switch {
		case e.GetSerializerId() != 0,
			e.GetTypeId() < 0 || int(e.GetTypeId()) >= len(b.GetTypeNames()),
			e.GetTarget() < 0 || int(e.GetTarget()) >= len(b.GetTargets()) || b.GetTargets()[e.GetTarget()] == nil,
			e.GetSender() < 0 || int(e.GetSender()) > len(b.GetSenders()),
			e.GetSender() > 0 && b.GetSenders()[e.GetSender()-1] == nil:
			return errors.New("a message refers to what is not in its batch")
		}
		kind, target := b.GetTypeNames()[e.GetTypeId()], b.GetTargets()[e.GetTarget()]
		if target.GetAddress() != self {
			return errors.New("a message to another node")
		}
		switch {
		case kind == question && target.GetId() == gamesName && e.GetSender() > 0:
			// It is answered to its sender.
			sender := b.GetSenders()[e.GetSender()-1]
			if sender.GetAddress() != from || from == self || !strings.HasPrefix(sender.GetId(), futures) {
				return errors.New("a question in another's name")
			}
		case kind == answer && strings.HasPrefix(target.GetId(), futures) && e.GetSender() == 0:
		default:
			return fmt.Errorf("unexpected message %.100q", kind)
		}
	}
	return nil
}
