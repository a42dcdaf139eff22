package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"galaxy/healthactors/adapters/docker/dockersim"
)

// overload gives a node more games than it can inspect in an interval.
func overload(o options) (row, error) {
	const (
		delay = 50 * time.Millisecond
		slots = 16
	)
	s, err := newStage(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	s.fleet().engine.SetFault(dockersim.Fault{Delay: delay})
	n, err := s.addReady(2*time.Minute, binary)
	if err != nil {
		return row{}, err
	}
	s.fleet().start(s.changes)
	before, err := n.metrics()
	if err != nil {
		return row{}, err
	}
	from := time.Now()
	grown, _, err := s.watch(n, from.Add(s.span), before[memory])
	if err != nil {
		return row{}, err
	}
	after, err := n.metrics()
	if err != nil {
		return row{}, err
	}
	wait := s.history.LongestWait(s.fleet().games, from)
	turn := time.Duration(len(s.fleet().games)) * delay / slots
	s.fleet().engine.SetFault(dockersim.Fault{})
	if err := s.well(time.Now(), time.Minute); err != nil {
		return row{}, err
	}
	r, err := s.report("more games than fit into an interval", s.span.String(), time.Minute)
	r.note("the slots take %s for all games; no game waited longer than %s for its turn; %.0f passes skipped; %.0f inspects/s; memory grew by %.0f MB",
		round(turn), round(wait), after[skipped]-before[skipped], (after[inspections]-before[inspections])/s.span.Seconds(), grown/(1<<20))
	if wait > 2*turn+2*s.interval {
		err = errors.Join(err, fmt.Errorf("a game waited %s for its turn", wait))
	}
	if after[skipped] == before[skipped] {
		err = errors.Join(err, errors.New("no pass was skipped, so it was no overload"))
	}
	if grown > mostGrowth {
		err = errors.Join(err, fmt.Errorf("memory grew by %.0f MB", grown/(1<<20)))
	}
	return r, err
}

// soak runs at full load for long, and looks at whether anything grows.
func soak(o options) (row, error) {
	s, n, err := underLoad(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	type sample struct{ memory, goroutines, descriptors float64 }
	var samples []sample
	for began := time.Now(); time.Since(began) < s.span; {
		time.Sleep(min(time.Second, s.span/100))
		m, err := n.metrics()
		if err != nil {
			return row{}, err
		}
		samples = append(samples, sample{m[memory] / (1 << 20), m[goroutines], m[descriptors]})
	}
	// The greatest of the second quarter, when all is warm, and of the last one.
	most := func(part []sample) (m sample) {
		for _, x := range part {
			m.memory, m.goroutines, m.descriptors = max(m.memory, x.memory), max(m.goroutines, x.goroutines), max(m.descriptors, x.descriptors)
		}
		return m
	}
	quarter := len(samples) / 4
	early, late := most(samples[quarter:2*quarter]), most(samples[3*quarter:])
	m, err := n.metrics()
	if err != nil {
		return row{}, err
	}
	r, err := s.report("soak at full load", s.span.String(), 2*time.Minute)
	r.note("at most, in the second and in the last quarter: memory %.0f and %.0f MB, goroutines %.0f and %.0f, file descriptors %.0f and %.0f; %.0f passes skipped",
		early.memory, late.memory, early.goroutines, late.goroutines, early.descriptors, late.descriptors, m[skipped])
	if late.memory > 1.25*early.memory+10 || late.goroutines > 1.5*early.goroutines+50 || late.descriptors > 1.5*early.descriptors+20 {
		err = errors.Join(err, errors.New("the node grows"))
	}
	return r, err
}

// manyGames has one node watch a great many.
func manyGames(o options) (row, error) {
	s, err := newStage(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	began := time.Now()
	n, err := s.addReady(10*time.Minute, binary)
	if err != nil {
		return row{}, err
	}
	first := time.Since(began)
	s.fleet().start(s.changes)
	before, err := n.metrics()
	if err != nil {
		return row{}, err
	}
	time.Sleep(s.span)
	after, err := n.metrics()
	if err != nil {
		return row{}, err
	}
	const took, passes = "healthactors_tick_duration_seconds_sum", "healthactors_tick_duration_seconds_count"
	r, err := s.report("many games on one node", s.span.String(), 5*time.Minute)
	r.note("first tick completed %s after the start; then %.1f s a tick; %.0f MB of memory; %.0f passes skipped",
		round(first), (after[took]-before[took])/(after[passes]-before[passes]), after[memory]/(1<<20), after[skipped]-before[skipped])
	return r, err
}

// noDescriptors takes all free file descriptors away from a node and breaks its connections, so that it has to open anew.
func noDescriptors(o options) (row, error) {
	s, n, err := underLoad(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	time.Sleep(time.Second)
	from := time.Now()
	limit := func(most string) error { // soft
		_, err := command("prlimit", "--pid", strconv.Itoa(n.cmd.Process.Pid), "--nofile="+most)
		return err
	}
	if err := limit("8:"); err != nil {
		return row{}, err
	}
	s.fleet().engine.Down()
	if err := errors.Join(s.broker.down(), s.fleet().engine.Up(), s.broker.up()); err != nil {
		return row{}, err
	}
	time.Sleep(s.span)
	if !n.running() {
		return row{}, fmt.Errorf("the node has ended:\n%s", n.lastLogs())
	}
	if n.logged("too many open files") == 0 {
		return row{}, errors.New("the node has not run out of file descriptors, so nothing was tried")
	}
	if err := limit("1024:"); err != nil {
		return row{}, err
	}
	back := time.Now()
	if err := s.well(back, time.Minute); err != nil {
		return row{}, err
	}
	s.inDoubt(from)
	if err := s.lively(n); err != nil {
		return row{}, err
	}
	return s.report("out of file descriptors, all connections broken", s.span.String(), time.Minute)
}
