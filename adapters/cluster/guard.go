package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/asynkron/protoactor-go/remote"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// maxMessageBytes bounds what a member may send at once: a page of games with the longest names and errors.
const maxMessageBytes = 4 << 20

// guarded are protoactor's remoting options that let through nothing but the questions and answers of this package. Left to
// itself remoting panics at unknown types and wrong indexes, and lets a peer send any message to any actor.
func guarded() []remote.ConfigOption {
	return []remote.ConfigOption{
		func(c *remote.Config) {
			c.ServerOptions = append(c.ServerOptions,
				grpc.MaxRecvMsgSize(maxMessageBytes),
				grpc.StreamInterceptor(guardStream),
				grpc.UnaryInterceptor(func(context.Context, any, *grpc.UnaryServerInfo, grpc.UnaryHandler) (any, error) {
					return nil, status.Error(codes.Unimplemented, "not served")
				}),
			)
		},
	}
}

func guardStream(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = status.Error(codes.InvalidArgument, "unexpected message")
		}
	}()
	return next(server, guardedStream{stream})
}

// guardedStream ends when something comes that no node sends.
type guardedStream struct{ grpc.ServerStream }

func (s guardedStream) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	message, ok := m.(*remote.RemoteMessage)
	if !ok {
		return status.Error(codes.InvalidArgument, "unexpected message")
	}
	if err := check(message); err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	return nil
}

// The messages that nodes send each other, and to whom.
var (
	question = string((&v1.GamesRequest{}).ProtoReflect().Descriptor().FullName())
	answer   = string((&v1.GamesPage{}).ProtoReflect().Descriptor().FullName())
)

// check says what is wrong with a message of remoting.
func check(message *remote.RemoteMessage) error {
	switch kind := message.GetMessageType().(type) {
	case *remote.RemoteMessage_ConnectRequest:
		if kind.ConnectRequest.GetServerConnection() == nil {
			return errors.New("unexpected connection")
		}
		return nil
	case *remote.RemoteMessage_MessageBatch:
		return checkBatch(kind.MessageBatch)
	default:
		return errors.New("unexpected message")
	}
}

func checkBatch(b *remote.MessageBatch) error {
	for _, e := range b.GetEnvelopes() {
		switch {
		case e.GetSerializerId() != 0,
			e.GetTypeId() < 0 || int(e.GetTypeId()) >= len(b.GetTypeNames()),
			e.GetTarget() < 0 || int(e.GetTarget()) >= len(b.GetTargets()) || b.GetTargets()[e.GetTarget()] == nil,
			e.GetSender() < 0 || int(e.GetSender()) > len(b.GetSenders()),
			e.GetSender() > 0 && b.GetSenders()[e.GetSender()-1] == nil:
			return errors.New("a message refers to what is not in its batch")
		}
		kind, target := b.GetTypeNames()[e.GetTypeId()], b.GetTargets()[e.GetTarget()].GetId()
		if kind == question && target == gamesName || kind == answer && strings.HasPrefix(target, "future") {
			continue
		}
		return fmt.Errorf("unexpected message %.100q", kind)
	}
	return nil
}
