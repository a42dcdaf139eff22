package cluster

import (
	"strings"
	"testing"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/remote"
)

// TestC9WhatOthersMaySend holds batches to node b:1 from a:1 against what is let in: questions of its own, and answers. What it
// says about indexes is TestC9HostileMessages'.
func TestC9WhatOthersMaySend(t *testing.T) {
	const self, from = "b:1", "a:1"
	asks := func(target, sender *actor.PID) *remote.MessageBatch {
		return questions(target, 1, func(int) *actor.PID { return sender })
	}
	answers := func(target *actor.PID) *remote.MessageBatch {
		return &remote.MessageBatch{TypeNames: []string{answer}, Targets: []*actor.PID{target}, Envelopes: []*remote.MessageEnvelope{{}}}
	}
	games, future := actor.NewPID(self, gamesName), actor.NewPID(from, "future$1")
	for _, tt := range []struct {
		name  string
		batch *remote.MessageBatch
		want  string // the error, empty for none
	}{
		{"a question", asks(games, future), ""},
		{"an answer", answers(actor.NewPID(self, "future$1")), ""},
		{"a question to another node", asks(actor.NewPID("c:1", gamesName), future), "to another node"},
		{"an answer to another node", answers(actor.NewPID("c:1", "future$1")), "to another node"},
		{"a question in another's name", asks(games, actor.NewPID("c:1", "future$1")), "in another's name"},
		{"a question in this node's name", asks(games, actor.NewPID(self, "future$1")), "in another's name"},
		{"a question of an actor that asks nothing", asks(games, actor.NewPID(from, gamesName)), "in another's name"},
		{"a question to another actor", asks(actor.NewPID(self, "activator"), future), "unexpected message"},
		{"an answer to an actor that asks nothing", answers(games), "unexpected message"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := checkBatch(tt.batch, self, from)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v, want %q", err, tt.want)
			}
		})
	}
}
