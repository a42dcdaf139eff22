package main

import (
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"galaxy/healthactors/messages"
)

func TestS8SIGHUPIsAStopInOrder(t *testing.T) {
	w := newWorld(t)
	w.container("sick", 0, "running", "unhealthy")
	w.list("sick")
	heedSIGHUP(t)
	p := start(t, w.dir, w.args()...)
	p.eventWith("sick", messages.ReasonHealthcheckUnhealthy)
	p.signal(syscall.SIGHUP)
	if code := p.exits(); code != 0 {
		t.Errorf("exit code %d after SIGHUP", code)
	}
	if !strings.Contains(p.err.String(), "msg=stopped events_pending=0") {
		t.Errorf("the log does not end in order:\n%s", p.err)
	}
}

// heedSIGHUP lets commands that the test starts be hung up, even where the tests themselves run under nohup.
func heedSIGHUP(t *testing.T) {
	t.Helper()
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(heard) })
}

// nohup has SIGHUP ignored before the node starts, and it stays so.
func TestS8UnderNohupSIGHUPIsIgnored(t *testing.T) {
	w := newWorld(t)
	w.container("sick", 0, "running", "unhealthy")
	w.list("sick")
	signal.Ignore(syscall.SIGHUP)
	p := start(t, w.dir, w.args()...)
	heedSIGHUP(t)
	p.eventWith("sick", messages.ReasonHealthcheckUnhealthy)
	p.signal(syscall.SIGHUP)
	w.inspects(10)
	if strings.Contains(p.err.String(), "msg=stopping") {
		t.Error("it stops")
	}
	p.signal(syscall.SIGTERM)
	if code := p.exits(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestSecondSignalEndsAtOnce(t *testing.T) { // S8
	for name, sent := range map[string]syscall.Signal{"SIGTERM": syscall.SIGTERM, "SIGHUP": syscall.SIGHUP} {
		t.Run(name, func(t *testing.T) { secondSignalEndsAtOnce(t, sent) })
	}
}

func secondSignalEndsAtOnce(t *testing.T, sent syscall.Signal) {
	t.Helper()
	heedSIGHUP(t)
	w := newWorld(t)
	w.container("sick", 0, "running", "unhealthy")
	w.list("sick")
	// A broker that is away keeps the stop waiting for the drain time-out.
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := nobody.Addr().String()
	nobody.Close()
	p := start(t, w.dir, w.args("--publish=kafka://"+address, "--drain-timeout=1h")...)
	p.logs("publish")
	w.inspects(2)
	p.signal(sent)
	p.logs("msg=stopping")
	p.signal(sent)
	if code := p.exits(); code == 0 {
		t.Error("exit code 0 although events were left")
	}
}
