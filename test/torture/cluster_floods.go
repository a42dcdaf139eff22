package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/remote"
)

// clusterFloods floods both ports of one of three nodes with connections that do nothing, and the cluster's with questions in
// the name of addresses that are no member's.
func clusterFloods(o options) (row, error) {
	c, err := newCluster(o, 3)
	if err != nil {
		return row{}, err
	}
	defer c.close()
	c.fleet().start(c.changes)
	flooded, other := c.members[0], c.members[1]
	before, err := flooded.metrics()
	if err != nil {
		return row{}, err
	}
	stopStrangers, err := strangers(flooded.peers.target, flooded.peers.address)
	if err != nil {
		return row{}, err
	}
	stopHTTP, err := flood(flooded.http, idleRequests...)
	if err != nil {
		return row{}, err
	}
	defer stopHTTP()
	stopPeers, err := flood(flooded.peers.target, "", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")
	if err != nil {
		return row{}, err
	}
	defer stopPeers()

	until := time.Now().Add(c.span)
	var wholeLists int
	var incomplete error
	var asking sync.WaitGroup
	asking.Go(func() {
		for time.Now().Before(until) && incomplete == nil {
			incomplete = other.seesAll(c.gameCount())
			wholeLists++
		}
	})
	slowest, unanswered := flooded.probes(until, "/livez", "/readyz", "/metrics")
	after, lost := flooded.metrics()
	asking.Wait()
	stopHTTP()
	stopPeers()
	questions, calls := stopStrangers()
	if err := errors.Join(unanswered, incomplete, lost); err != nil {
		return row{}, err
	}
	r, err := c.report(fmt.Sprintf("%d idle connections to each port of one of three nodes, and questions of strangers", flooders), c.span.String())
	grown := after[memory] - before[memory]
	r.note("a probe was answered after at most %s; the cluster's games were shown %d times; %d questions of strangers; %.0f goroutines; memory grew by %.0f MB",
		round(slowest), wholeLists, questions, after[goroutines], grown/(1<<20))
	if calls > 0 {
		err = errors.Join(err, fmt.Errorf("%d connections to an address that is no member's", calls))
	}
	if after[goroutines] > 5000 || grown > mostGrowth {
		err = errors.Join(err, fmt.Errorf("%.0f goroutines, and memory grew by %.0f MB", after[goroutines], grown/(1<<20)))
	}
	return r, err
}

// seesAll has a node show the games of all members, so many, and wants no member to be one that could not be asked.
func (n *node) seesAll(many int) error {
	body, err := n.get("/api/v1/games?scope=cluster")
	if err != nil {
		return err
	}
	var games []struct {
		Error string `json:"last_error"`
	}
	if err := json.Unmarshal(body, &games); err != nil {
		return err
	}
	if len(games) != many {
		return fmt.Errorf("node %s shows %d games of %d", n.name, len(games), many)
	}
	for _, game := range games {
		if strings.HasPrefix(game.Error, "member ") {
			return fmt.Errorf("node %s shows a game with the error %q", n.name, game.Error)
		}
	}
	return nil
}

// strangers ask at the port of a node, which others know by another address, in the name of many addresses, over and over. One of them is theirs; stop returns how many
// questions they sent, and how many connections came to it.
func strangers(port, node string) (stop func() (questions, calls int64), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	var asked, called atomic.Int64
	var work sync.WaitGroup
	work.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			called.Add(1)
			_ = conn.Close()
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	for range 4 {
		work.Go(func() {
			for ctx.Err() == nil {
				asked.Add(ask(ctx, port, node, listener.Addr().String()))
			}
		})
	}
	return func() (int64, int64) {
		cancel()
		_ = listener.Close()
		work.Wait()
		return asked.Load(), called.Load()
	}, nil
}

// ask sends questions over one connection until it is ended, or for a second, and returns how many it sent.
func ask(ctx context.Context, port, node, from string) (asked int64) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	connection, err := grpc.NewClient(port, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return 0
	}
	defer connection.Close()
	stream, err := remote.NewRemotingClient(connection).Receive(ctx)
	if err != nil {
		return 0
	}
	err = stream.Send(&remote.RemoteMessage{MessageType: &remote.RemoteMessage_ConnectRequest{ConnectRequest: &remote.ConnectRequest{
		ConnectionType: &remote.ConnectRequest_ServerConnection{ServerConnection: &remote.ServerConnection{SystemId: "stranger", Address: from}},
	}}})
	for err == nil {
		b := &remote.MessageBatch{TypeNames: []string{"healthactors.v1.GamesRequest"}, Targets: []*actor.PID{actor.NewPID(node, "games")}}
		for n := range 100 {
			sender := actor.NewPID(from, "future$1")
			if n > 0 {
				sender.Address = fmt.Sprintf("127.66.%d.%d:1", asked>>8&255, asked&255)
			}
			b.Senders = append(b.Senders, sender)
			b.Envelopes = append(b.Envelopes, &remote.MessageEnvelope{Sender: int32(n) + 1})
			asked++
		}
		err = stream.Send(&remote.RemoteMessage{MessageType: &remote.RemoteMessage_MessageBatch{MessageBatch: b}})
	}
	return asked
}
