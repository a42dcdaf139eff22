//go:build !race

// Protoactor sets a logger of gRPC, which is one for the whole process, each time that remoting is started. With several nodes in
// one process, as here and nowhere else, the race detector is right to complain, and so these tests run without it.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/remote"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/operand"
)

// member starts a node's side of a cluster that watches so many games.
func member(t *testing.T, name string, games int, tls *operand.TLSFiles) (*Cluster, actors.Member) {
	t.Helper()
	list := make([]actors.GameStatus, games)
	for n := range list {
		list[n] = actors.GameStatus{GameID: fmt.Sprintf("game-%s-%05d", name, n), Node: name, Reasons: []string{}}
	}
	c, err := Start(t.Context(), Config{
		Name: "test", Listen: "127.0.0.1:0", TLS: tls, Log: slog.New(slog.DiscardHandler),
		Games: func(context.Context) ([]actors.GameStatus, error) {
			if games == 0 {
				return nil, errors.New("the node is stopping")
			}
			return list, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, actors.Member{Node: name, Address: c.Address(), Since: time.Now()}
}

func TestMembersAskEachOtherForTheirGames(t *testing.T) {
	a, _ := member(t, "a", 1, nil)
	other, b := member(t, "b", 2*gamesPage+1, nil)
	introduce(a, other)
	got, err := a.Games(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2*gamesPage+1 {
		t.Fatalf("%d games came", len(got))
	}
	want := actors.GameStatus{GameID: "game-b-01000", Node: "b", Reasons: []string{}}
	if diff := cmp.Diff(want, got[1000]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAMemberThatCantAnswerSaysWhy(t *testing.T) {
	a, _ := member(t, "a", 1, nil)
	other, b := member(t, "b", 0, nil)
	introduce(a, other)
	if _, err := a.Games(t.Context(), b); err == nil || !strings.Contains(err.Error(), `member "b"`) ||
		!strings.Contains(err.Error(), "the node is stopping") {
		t.Errorf("error: %v", err)
	}
}

func TestAMemberThatIsAwayDoesNotHang(t *testing.T) {
	a, _ := member(t, "a", 1, nil)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts connections, and never says a word
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = gone.Close()
	for _, address := range []string{silent.Addr().String(), gone.Addr().String(), "no address"} {
		began := time.Now()
		_, err := a.Games(t.Context(), actors.Member{Node: "b", Address: address})
		if err == nil || !strings.Contains(err.Error(), address) {
			t.Errorf("%s: error %v", address, err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s: took %s", address, took)
		}
	}
}

// ownNode is a node with a game that knows the members' shares from its list.
type ownNode struct{ members []actors.Member }

func (o ownNode) Members(context.Context) ([]actors.Member, error) { return o.members, nil }
func (o ownNode) Games(context.Context) ([]actors.GameStatus, error) {
	return []actors.GameStatus{{GameID: "m", Node: "a"}}, nil
}

func (o ownNode) ShareOf(_ context.Context, member string) ([]actors.GameStatus, error) {
	return []actors.GameStatus{{GameID: "k", Node: member}}, nil
}

func TestTheViewShowsTheGamesOfAMemberThatIsAwayAsTheListHasThem(t *testing.T) {
	a, self := member(t, "a", 1, nil)
	other, b := member(t, "b", 1, nil)
	introduce(a, other)
	gone := actors.Member{Node: "c", Address: "no address"}
	games := func(members ...actors.Member) (shown []string) {
		t.Helper()
		list, err := NewView(a, "test", "a", ownNode{members}).Games(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range list {
			shown = append(shown, g.GameID+" of "+g.Node)
			if away := strings.Contains(g.LastError, `member "c"`); away != (g.Node == "c") {
				t.Errorf("%s of %s has the last error %q", g.GameID, g.Node, g.LastError)
			}
		}
		return shown
	}
	if diff := cmp.Diff([]string{"game-b-00000 of b", "k of c", "m of a"}, games(self, b, gone)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"m of a"}, games()); diff != "" {
		t.Errorf("while its lease doesn't hold: -want +got:\n%s", diff)
	}
}

func TestTheProviderFollowsTheMembers(t *testing.T) {
	a, self := member(t, "a", 1, nil)
	other, b := member(t, "b", 1, nil)
	introduce(other, a)
	update := func(members ...actors.Member) {
		t.Helper()
		a.Update(members)
		if got := a.cluster.MemberList.Length(); got != len(members) {
			t.Errorf("protoactor knows %d members, want %d", got, len(members))
		}
	}
	update(self, b)
	update(self)
	update(self, b) // its lease held all the while, by the database's clock (C7)
	b.Since = b.Since.Add(time.Second)
	update(self, b) // it has taken a new lease
	if _, err := a.Games(t.Context(), b); err != nil {
		t.Errorf("a member that came back can't be asked: %v", err)
	}
}

func TestATakenAddressIsAnError(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for listen, want := range map[string]string{
		taken.Addr().String(): "the address is in use", "192.0.2.1:0": "not an address of this machine",
		"nonsense": "Listen has no port", "127.0.0.1:99999": "Listen has a port that is not a number", "[::]:0": "Listen is not an address that the others",
	} {
		_, err := Start(t.Context(), Config{Name: "test", Listen: listen, Log: slog.New(slog.DiscardHandler)})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("listen on %s: error %v, want %q", listen, err, want)
		}
	}
}

// TestC9HostileMessages sends what no node sends, and wants the node to live on and to answer those that are its equals.
func TestC9HostileMessages(t *testing.T) {
	a, _ := member(t, "a", 1, nil)
	b, target := member(t, "b", 1, nil)
	introduce(a, b)
	pid, future := actor.NewPID(target.Address, gamesName), actor.NewPID(a.Address(), "future$1")
	to := func(kind string, pids ...*actor.PID) *remote.MessageBatch {
		return &remote.MessageBatch{TypeNames: []string{kind}, Targets: pids, Senders: []*actor.PID{future}}
	}
	with := func(b *remote.MessageBatch, e *remote.MessageEnvelope) *remote.MessageBatch {
		b.Envelopes = append(b.Envelopes, e)
		return b
	}
	batches := map[string]*remote.MessageBatch{
		"an unknown type":             with(to("no.such.Type", pid), &remote.MessageEnvelope{Sender: 1}),
		"a stop of the actor":         with(to("actor.Stop", pid), &remote.MessageEnvelope{Sender: 1}),
		"no target":                   with(to(question), &remote.MessageEnvelope{Target: 7, Sender: 1}),
		"no type":                     with(to(question, pid), &remote.MessageEnvelope{TypeId: -1, Sender: 1}),
		"an unknown encoding":         with(to(question, pid), &remote.MessageEnvelope{SerializerId: 9, Sender: 1}),
		"another actor":               with(to(question, actor.NewPID(target.Address, "activator")), &remote.MessageEnvelope{Sender: 1}),
		"a sender from nowhere":       with(to(question, pid), &remote.MessageEnvelope{Sender: 3}),
		"no sender":                   with(to(question, pid), &remote.MessageEnvelope{}),
		"a sender that asks nothing":  with(questions(pid, 1, func(int) *actor.PID { return actor.NewPID(a.Address(), gamesName) }), &remote.MessageEnvelope{Sender: 1}),
		"the node itself as a sender": questions(pid, 1, func(int) *actor.PID { return actor.NewPID(target.Address, "future$1") }),
		"garbage":                     with(to(question, pid), &remote.MessageEnvelope{Sender: 1, MessageData: []byte{0xff, 0xff, 0xff}}),
		"too many parts":              questions(pid, maxParts, func(int) *actor.PID { return future }),
	}
	for name, batch := range batches {
		t.Run(name, func(t *testing.T) {
			connection, err := grpc.NewClient(target.Address, grpc.WithTransportCredentials(insecure.NewCredentials()))
			if err != nil {
				t.Fatal(err)
			}
			defer connection.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			client := remote.NewRemotingClient(connection)
			stream := connect(ctx, t, client, a.Address())
			if err := stream.Send(&remote.RemoteMessage{MessageType: &remote.RemoteMessage_MessageBatch{MessageBatch: batch}}); err != nil {
				t.Fatal(err)
			}
			if _, err := stream.Recv(); err == nil || ctx.Err() != nil {
				t.Errorf("the stream goes on: %v", err)
			}
			if _, err := client.ListProcesses(ctx, &remote.ListProcessesRequest{}); err == nil {
				t.Error("processes are listed")
			}
			if _, err := a.Games(t.Context(), target); err != nil {
				t.Errorf("the node no longer answers: %v", err)
			}
		})
	}
}

// connect opens a stream as protoactor does, saying that it comes from an address.
func connect(ctx context.Context, t *testing.T, client remote.RemotingClient, from string) remote.Remoting_ReceiveClient {
	t.Helper()
	stream, err := client.Receive(ctx)
	if err == nil {
		err = stream.Send(&remote.RemoteMessage{MessageType: &remote.RemoteMessage_ConnectRequest{ConnectRequest: &remote.ConnectRequest{
			ConnectionType: &remote.ConnectRequest_ServerConnection{ServerConnection: &remote.ServerConnection{SystemId: "x", Address: from}},
		}}})
	}
	if err == nil {
		_, err = stream.Recv()
	}
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

func TestIsLoopback(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:0": true, "[::1]:7400": true, "localhost:1": true, "127.9.9.9:1": true,
		"0.0.0.0:1": false, ":1": false, "10.0.0.1:1": false, "node.example:1": false, "nonsense": false,
	} {
		if got := IsLoopback(address); got != want {
			t.Errorf("%s: %t", address, got)
		}
	}
}

// FuzzCheck holds the check of foreign messages to its promise: what it lets through refers to nothing that isn't there.
func FuzzCheck(f *testing.F) {
	f.Add(int32(0), int32(0), int32(0), int32(0), 1, 1, question, gamesName)
	f.Add(int32(-1), int32(2), int32(1), int32(1), 0, 0, answer, "future$1")
	f.Fuzz(func(t *testing.T, kind, target, sender, serializer int32, targets, senders int, typeName, id string) {
		b := &remote.MessageBatch{
			TypeNames: []string{typeName}, Targets: make([]*actor.PID, min(3, max(0, targets))), Senders: make([]*actor.PID, min(3, max(0, senders))),
			Envelopes: []*remote.MessageEnvelope{{TypeId: kind, Target: target, Sender: sender, SerializerId: serializer}},
		}
		for n := range b.Targets {
			b.Targets[n] = actor.NewPID("127.0.0.1:1", id)
		}
		for n := range b.Senders {
			b.Senders[n] = actor.NewPID("127.0.0.1:2", "future$1")
		}
		if checkBatch(b, "127.0.0.1:1", "127.0.0.1:2") != nil {
			return
		}
		_ = b.GetTypeNames()[kind]
		_ = b.GetTargets()[target]
		if sender > 0 {
			_ = b.GetSenders()[sender-1]
		}
		if typeName != question && typeName != answer {
			t.Errorf("%q was let through", typeName)
		}
	})
}
