package main

import (
	"errors"
	"fmt"
	"syscall"
	"time"
)

// stopAndContinue has the node stand still for longer than each of its time-outs.
func stopAndContinue(o options) (row, error) {
	s, n, err := underLoad(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	time.Sleep(2 * time.Second)
	stopped := time.Now()
	n.signal(syscall.SIGSTOP)
	time.Sleep(s.span)
	n.signal(syscall.SIGCONT)
	continued := time.Now()
	s.inDoubt(stopped) // answers that the node got to read too late
	if err := s.well(continued, 30*time.Second); err != nil {
		return row{}, err
	}
	return s.report("SIGSTOP, longer than each time-out", s.span.String(), time.Minute)
}

// underLoad is a stage with one node that is ready, and games that change.
func underLoad(o options, flags ...string) (*stage, *node, error) {
	s, err := newStage(o)
	if err != nil {
		return nil, nil, err
	}
	n, err := s.addReady(30*time.Second, binary, flags...)
	if err != nil {
		s.close()
		return nil, nil, err
	}
	s.fleet().start(s.changes)
	return s, n, nil
}

// terminate stops the node in order at full load, while the broker is there, while it is away, and with a second signal.
func terminate(o options) (row, error) {
	const drain = 2 * time.Second
	s, n, err := underLoad(o, "--drain-timeout="+drain.String())
	if err != nil {
		return row{}, err
	}
	defer s.close()
	var slowest time.Duration
	for k := range s.times {
		pause(2*time.Second, k%2 == 0)
		took, err := s.stopInOrder(n, drain)
		if err != nil {
			return row{}, err
		}
		slowest = max(slowest, took)
	}
	if err := s.broker.down(); err != nil {
		return row{}, err
	}
	time.Sleep(2 * time.Second)
	away, err := s.stopInOrder(n, drain)
	if err != nil {
		return row{}, fmt.Errorf("while the broker is away: %w", err)
	}
	atOnce, err := s.stopAtOnce(n)
	if err != nil {
		return row{}, err
	}
	if err := errors.Join(s.broker.up(), n.start()); err != nil {
		return row{}, err
	}
	r, err := s.report("SIGTERM at full load; with the broker away; a second SIGTERM", fmt.Sprintf("%d times, then once each", s.times), time.Minute)
	r.note("exit code 0 within %s, with the broker away and --drain-timeout=%s within %s; at once means %s",
		round(slowest), drain, round(away), round(atOnce))
	return r, err
}

// stopInOrder stops a node and starts it again.
func (s *stage) stopInOrder(n *node, drain time.Duration) (took time.Duration, err error) {
	began := time.Now()
	n.signal(sigterm)
	if err := n.ends(drain + time.Second); err != nil {
		return 0, err
	}
	took = time.Since(began)
	if err := errors.Join(s.settled(), n.start(), n.ready(30*time.Second)); err != nil {
		return 0, err
	}
	s.recovered = max(s.recovered, time.Since(began)-took)
	return took, nil
}

// stopAtOnce sends a second signal while a stop waits for the broker.
func (s *stage) stopAtOnce(n *node) (took time.Duration, err error) {
	n.signal(sigterm)
	time.Sleep(500 * time.Millisecond)
	if !n.running() {
		return 0, errors.New("the node has not waited for the broker")
	}
	began := time.Now()
	n.signal(sigterm)
	select {
	case <-n.gone:
	case <-time.After(time.Second):
		return 0, errors.New("the second SIGTERM has not ended the node within 1s")
	}
	return time.Since(began), s.settled()
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Millisecond) }
