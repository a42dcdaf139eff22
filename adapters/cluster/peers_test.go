package cluster

import (
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/remote"

	"galaxy/healthactors/adapters/connections"
)

// questions is a batch of so many questions to a member, each with a sender of its own.
func questions(target *actor.PID, many int, sender func(int) *actor.PID) *remote.MessageBatch {
	b := &remote.MessageBatch{TypeNames: []string{question}, Targets: []*actor.PID{target}}
	for n := range many {
		b.Senders = append(b.Senders, sender(n))
		b.Envelopes = append(b.Envelopes, &remote.MessageEnvelope{Sender: int32(n) + 1})
	}
	return b
}

// TestC9QuestionsWaiting has a member ask, and counts how many of its questions may wait.
func TestC9QuestionsWaiting(t *testing.T) {
	now := time.Now()
	ask := func(p *peers, address string, many int) (taken int) {
		for range many {
			if p.question(address, now) {
				taken++
			}
		}
		return taken
	}
	for _, tt := range []struct {
		name   string
		before func(*peers)
		want   int
	}{
		{"as many as may wait", func(*peers) {}, maxWaiting},
		{"answers make room", func(p *peers) { ask(p, "a:1", maxWaiting); p.answered("a:1", 3) }, 3},
		{"answers too many make no more room", func(p *peers) { ask(p, "a:1", maxWaiting); p.answered("a:1", 99) }, maxWaiting},
		{"another's answers make no room", func(p *peers) { ask(p, "a:1", maxWaiting); p.answered("b:1", 3) }, 0},
		{"another's questions take no room", func(p *peers) { ask(p, "b:1", maxWaiting) }, maxWaiting},
		{"what was never answered is forgotten", func(p *peers) { ask(p, "a:1", maxWaiting); now = now.Add(longestWait + 1) }, maxWaiting},
		{"who stays keeps its questions", func(p *peers) { ask(p, "a:1", 2); p.update([]string{"a:1"}) }, maxWaiting - 2},
		{"who has left has none", func(p *peers) { p.update([]string{"b:1"}) }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPeers()
			p.update([]string{"a:1", "b:1"})
			tt.before(p)
			if got := ask(p, "a:1", 2*maxWaiting); got != tt.want {
				t.Errorf("%d questions may wait, want %d", got, tt.want)
			}
		})
	}
}

// TestC9OnlyWhoWasAskedAnswers, once, and while it is waited for.
func TestC9OnlyWhoWasAskedAnswers(t *testing.T) {
	p := newPeers()
	p.ask("future$1", "a:1")
	p.ask("future$2", "a:1")
	p.forget("future$2")
	for _, tt := range []struct {
		name, future, from string
		want               bool
	}{
		{"another member", "future$1", "b:1", false},
		{"a guess", "future$3", "a:1", false},
		{"too late", "future$2", "a:1", false},
		{"the one that was asked", "future$1", "a:1", true},
		{"the same again", "future$1", "a:1", false},
	} {
		if got := p.answer(tt.future, tt.from); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}

func TestAwaitingAMember(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPeers()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		known := make(chan bool)
		go func() { known <- p.await(ctx, "a:1") }()
		synctest.Wait()
		p.update([]string{"b:1"})
		synctest.Wait()
		p.update([]string{"a:1", "b:1"})
		if !<-known {
			t.Error("a member that came meanwhile is not known")
		}
		if p.await(ctx, "c:1") || ctx.Err() == nil {
			t.Error("nobody waited for one that never came")
		}
	})
}

// TestC9StrangersSayLittle: what is no member's is cut off before it has sent much.
func TestC9StrangersSayLittle(t *testing.T) {
	for _, members := range []bool{false, true} {
		here, there := net.Pipe()
		counted, _ := connections.NewLimit(1).Take(here)
		taken := &seat{Conn: counted}
		if members {
			taken.used()
		}
		go func() {
			_, _ = there.Write(make([]byte, 2*strangersBytes))
			_ = there.Close()
		}()
		read, err := io.Copy(io.Discard, taken)
		if members != (read == 2*strangersBytes) || members != (err == nil) {
			t.Errorf("a member's: %t: %d bytes read, then %v", members, read, err)
		}
		_ = taken.Close()
	}
}

// TestC9TheCodecCounts what would take far more memory than bytes on the wire.
func TestC9TheCodecCounts(t *testing.T) {
	batch := func(b *remote.MessageBatch) *remote.RemoteMessage {
		return &remote.RemoteMessage{MessageType: &remote.RemoteMessage_MessageBatch{MessageBatch: b}}
	}
	headers := map[string]string{}
	for n := range maxParts {
		headers[strings.Repeat("x", n)] = ""
	}
	for _, tt := range []struct {
		name    string
		message *remote.RemoteMessage
		want    bool
	}{
		{"a batch of eight questions", batch(questions(actor.NewPID("a:1", gamesName), maxWaiting, func(int) *actor.PID { return actor.NewPID("b:1", "future$1") })), true},
		{"a page", batch(&remote.MessageBatch{Envelopes: []*remote.MessageEnvelope{{MessageData: make([]byte, pageBytes)}}}), true},
		{"many envelopes", batch(&remote.MessageBatch{Envelopes: slices.Repeat([]*remote.MessageEnvelope{{}}, maxParts)}), false},
		{"many names", batch(&remote.MessageBatch{TypeNames: make([]string, maxParts)}), false},
		{"many headers", batch(&remote.MessageBatch{Envelopes: []*remote.MessageEnvelope{{MessageHeader: &remote.MessageHeader{HeaderData: headers}}}}), false},
	} {
		data, err := proto.Marshal(tt.message)
		if err != nil {
			t.Fatal(err)
		}
		var read remote.RemoteMessage
		err = countingCodec{}.Unmarshal(mem.BufferSlice{mem.SliceBuffer(data)}, &read)
		if (err == nil) != tt.want || tt.want && !proto.Equal(&read, tt.message) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err := (countingCodec{}).Unmarshal(mem.BufferSlice{mem.SliceBuffer(data[:len(data)-1])}, &read); err == nil {
			t.Errorf("%s, cut short: no error", tt.name)
		}
	}
	if name := (countingCodec{}).Name(); encoding.GetCodecV2(name) == nil {
		t.Errorf("the codec %q is none of gRPC's", name)
	}
}
