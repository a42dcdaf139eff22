//go:build !race

package cluster

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/remote"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/operand"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// introduce tells each of these who they are, as their leases do.
func introduce(all ...*Cluster) {
	members := make([]actors.Member, len(all))
	for n, c := range all {
		members[n] = actors.Member{Node: fmt.Sprint(n), Address: c.Address(), Since: time.Unix(1, 0)}
	}
	for _, c := range all {
		c.provider.update(members)
	}
}

// listening is an address that counts the connections to it, and says nothing on them.
func listening(t *testing.T) (address string, count *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	count = new(atomic.Int64)
	go func() {
		for {
			if _, err := listener.Accept(); err != nil {
				return
			}
			count.Add(1)
		}
	}()
	return listener.Addr().String(), count
}

// talk opens a connection to a member's port as protoactor does, saying that it comes from an address, sends it batches
// until one is refused or all are sent, and waits for the port to end it or for a while.
func talk(t *testing.T, port, from string, batches ...*remote.MessageBatch) (sent int) {
	t.Helper()
	connection, err := grpc.NewClient(port, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	stream := connect(ctx, t, remote.NewRemotingClient(connection), from)
	for _, batch := range batches {
		if err := stream.Send(&remote.RemoteMessage{MessageType: &remote.RemoteMessage_MessageBatch{MessageBatch: batch}}); err != nil {
			return sent
		}
		sent++
	}
	_ = stream.CloseSend()
	for {
		if _, err := stream.Recv(); err != nil {
			return sent
		}
	}
}

// TestC9NothingIsSentToForeigners asks in the name of an address that is no member's, in all ways that remoting knows, and
// wants nobody to be called there.
func TestC9NothingIsSentToForeigners(t *testing.T) {
	a, _ := member(t, "a", 1, nil)
	b, to := member(t, "b", 1, nil)
	introduce(a, b)
	games := actor.NewPID(to.Address, gamesName)
	page, err := proto.Marshal(&v1.GamesPage{Games: []byte("[]")})
	if err != nil {
		t.Fatal(err)
	}
	for name, batch := range map[string]func(future *actor.PID) *remote.MessageBatch{
		"a question": func(future *actor.PID) *remote.MessageBatch {
			return questions(games, 1, func(int) *actor.PID { return future })
		},
		"a question to be passed on": func(future *actor.PID) *remote.MessageBatch {
			return questions(actor.NewPID(future.GetAddress(), gamesName), 1, func(int) *actor.PID { return future })
		},
		"an answer to be passed on": func(future *actor.PID) *remote.MessageBatch {
			return &remote.MessageBatch{
				TypeNames: []string{answer}, Targets: []*actor.PID{future}, Envelopes: []*remote.MessageEnvelope{{MessageData: page}},
			}
		},
		"an answer that nobody waits for": func(future *actor.PID) *remote.MessageBatch {
			return &remote.MessageBatch{
				TypeNames: []string{answer}, Targets: []*actor.PID{actor.NewPID(to.Address, "future$zz")}, Senders: []*actor.PID{future},
				Envelopes: []*remote.MessageEnvelope{{MessageData: page, Sender: 1}},
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			foreign, calls := listening(t)
			for _, from := range []string{foreign, a.Address(), to.Address} {
				talk(t, to.Address, from, batch(actor.NewPID(foreign, "future$1")))
				if _, err := a.Games(t.Context(), to); err != nil {
					t.Errorf("a member is not answered: %v", err)
				}
			}
			if n := calls.Load(); n > 0 {
				t.Errorf("%d connections to an address that is no member's", n)
			}
		})
	}
}

// used watches what the process has in use until the returned function is called, which says the most of goroutines and of
// bytes on the heap beyond what there was at first.
func used(t *testing.T) (most func() (goroutines int, bytes int64)) {
	t.Helper()
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	before, running := int64(memory.HeapInuse), runtime.NumGoroutine()
	var goroutines int
	var bytes int64
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			runtime.ReadMemStats(&memory)
			goroutines, bytes = max(goroutines, runtime.NumGoroutine()-running), max(bytes, int64(memory.HeapInuse)-before)
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	return func() (int, int64) {
		close(done)
		watching.Wait()
		return goroutines, bytes
	}
}

// TestC9AMillionMessages are sent by strangers and in a member's name, and cost little.
func TestC9AMillionMessages(t *testing.T) {
	a, _ := member(t, "a", 1, nil)
	b, to := member(t, "b", 500, nil)
	introduce(a, b)
	games := actor.NewPID(to.Address, gamesName)
	for _, tt := range []struct {
		name, from string
		size       int
		sender     func(int) *actor.PID
	}{
		{"from nobody's address", "127.9.9.9:1", 250, func(n int) *actor.PID {
			return actor.NewPID(fmt.Sprintf("127.%d.%d.%d:1", n>>16, n>>8&255, n&255), "future$1")
		}},
		{"in a member's name", a.Address(), 250, func(n int) *actor.PID { return actor.NewPID(a.Address(), fmt.Sprint("future$", n)) }},
		{"in large batches", a.Address(), 20_000, func(n int) *actor.PID { return actor.NewPID(a.Address(), fmt.Sprint("future$", n)) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			most := used(t)
			batch := questions(games, tt.size, tt.sender)
			batches := slices.Repeat([]*remote.MessageBatch{batch}, 1_000_000/tt.size/20)
			for range 20 {
				talk(t, to.Address, tt.from, batches...)
			}
			if goroutines, bytes := most(); goroutines > 1000 || bytes > 64<<20 {
				t.Errorf("%d goroutines and %d MB in use", goroutines, bytes>>20)
			}
			if _, err := a.Games(t.Context(), to); err != nil {
				t.Errorf("a member is not answered: %v", err)
			}
		})
	}
}

// deaf is a member's port that takes connections of remoting, and reads no more than how they begin.
type deaf struct {
	remote.UnimplementedRemotingServer
}

func (deaf) Receive(stream remote.Remoting_ReceiveServer) error {
	if _, err := stream.Recv(); err != nil {
		return err
	}
	if err := stream.Send(&remote.RemoteMessage{MessageType: &remote.RemoteMessage_ConnectResponse{ConnectResponse: &remote.ConnectResponse{}}}); err != nil {
		return err
	}
	<-stream.Context().Done()
	return nil
}

// TestC9AMemberThatDoesNotReadItsAnswers asks for thousands of pages.
func TestC9AMemberThatDoesNotReadItsAnswers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	remote.RegisterRemotingServer(server, deaf{})
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	var asked atomic.Int64
	list := make([]actors.GameStatus, 2*gamesPage)
	for n := range list {
		list[n].GameID = fmt.Sprintf("game-%05d", n)
	}
	b, err := Start(t.Context(), Config{Name: "test", Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler), Games: func(context.Context) ([]actors.GameStatus, error) {
		asked.Add(1)
		return list, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	from := listener.Addr().String()
	b.provider.update([]actors.Member{{Node: "b", Address: b.Address()}, {Node: "deaf", Address: from}})
	most := used(t)
	batch := questions(actor.NewPID(b.Address(), gamesName), 200, func(int) *actor.PID { return actor.NewPID(from, "future$1") })
	talk(t, b.Address(), from, slices.Repeat([]*remote.MessageBatch{batch}, 10)...)
	for last := int64(0); last == 0 || asked.Load() > last; time.Sleep(300 * time.Millisecond) {
		last = asked.Load() // until it is done with them
	}
	if goroutines, bytes := most(); goroutines > 200 || bytes > 32<<20 {
		t.Errorf("%d goroutines and %d MB in use", goroutines, bytes>>20)
	}
}

// TestC9MembersAreAnsweredBesideIdleConnections holds more connections than the port does, opened anew as they are closed.
func TestC9MembersAreAnsweredBesideIdleConnections(t *testing.T) {
	files := newAuthority(t)
	const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	for _, tt := range []struct {
		name, sends string
		tls         *operand.TLSFiles
	}{
		{"that say nothing", "", nil},
		{"that open HTTP/2", preface + "\x00\x00\x00\x04\x00\x00\x00\x00\x00", nil},
		{"that never finish the handshake of TLS", "\x16\x03\x01", files.node("b")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, to := member(t, "b", 1, tt.tls)
			most := used(t)
			defer flood(t, to.Address, tt.sends)()
			for range 5 {
				var a *Cluster
				if tt.tls == nil {
					a, _ = member(t, "a", 1, nil)
				} else {
					a, _ = member(t, "a", 1, files.node("a"))
				}
				introduce(a, b)
				answered(t, a, to)
			}
			if goroutines, bytes := most(); goroutines > 3*flooders+1000 || bytes > 64<<20 {
				t.Errorf("%d goroutines and %d MB in use", goroutines, bytes>>20)
			}
		})
	}
}

// answered wants a member to get its answer, if not at the first try: the flood takes up the machine that both stand on.
func answered(t *testing.T, a *Cluster, of actors.Member) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		_, err := a.Games(t.Context(), of)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("a member is not answered: %v", err)
			return
		}
	}
}

// flooders are how many connections a flood holds, each by a goroutine.
const flooders = 2000

// flood holds connections that have sent a text, and opens those anew that are closed. It returns when all have been opened
// once, and stop ends it.
func flood(t *testing.T, address, text string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var opened, ended sync.WaitGroup
	for range flooders {
		opened.Add(1)
		ended.Go(func() {
			open := sync.OnceFunc(opened.Done)
			defer open()
			for ctx.Err() == nil {
				if conn, err := net.Dial("tcp", address); err == nil {
					unwatch := context.AfterFunc(ctx, func() { _ = conn.Close() })
					_, _ = io.WriteString(conn, text)
					open()
					_, _ = io.Copy(io.Discard, conn) // until it is closed
					unwatch()
					_ = conn.Close()
				}
				select { // as one who floods without using up the whole machine
				case <-ctx.Done():
				case <-time.After(500 * time.Millisecond):
				}
			}
		})
	}
	opened.Wait()
	return func() {
		cancel()
		ended.Wait()
	}
}

// TestAJoinerIsAnsweredOnceItIsKnown asks before the leases have told of it, as a node may that has just joined.
func TestAJoinerIsAnsweredOnceItIsKnown(t *testing.T) {
	a, joiner := member(t, "a", 1, nil)
	b, to := member(t, "b", 1, nil)
	answered := make(chan error, 1)
	a.provider.update([]actors.Member{to})
	go func() {
		_, err := a.Games(context.Background(), to)
		answered <- err
	}()
	select {
	case err := <-answered:
		t.Fatalf("answered before it was known: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	b.provider.update([]actors.Member{to, joiner})
	if err := <-answered; err != nil {
		t.Error(err)
	}
}
