package main

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/docker/dockersim"
)

// slowList has the list of one of several Engines take longer and longer: each game, its own too, is inspected at every tick
// all the same, and a game that leaves it is dropped when its list comes (S1, S2).
func slowList(o options) (row, error) {
	s, err := newStage(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	slow := s.fleets[actors.DefaultEngine]
	games := slices.Clone(slow.games)
	for n := range 2 {
		games = append(games, s.addFleet(fmt.Sprint("engine-", n), o.games).games...)
	}
	n, err := s.addReady(30*time.Second, binary, "--running-list=docker:")
	if err != nil {
		return row{}, err
	}
	for _, f := range s.fleets {
		f.start(s.changes)
	}
	var fewest []string
	for left, delay := range []time.Duration{300 * time.Millisecond, s.interval * 9 / 10, s.interval * 3 / 2} {
		slow.engine.SetListFault(dockersim.Fault{Delay: delay})
		time.Sleep(2 * delay) // a reading that began before has ended
		slow.engine.Remove(slow.ids[left])
		games = slices.DeleteFunc(games, func(game string) bool { return game == slow.games[left] })
		from := time.Now()
		time.Sleep(s.span)
		if err := s.keepsPace(games, from, from.Add(s.span)); err != nil {
			return row{}, fmt.Errorf("while one engine's list takes %s: %w", delay, err)
		}
		fewest = append(fewest, strconv.Itoa(s.history.Fewest(games, from, from.Add(s.span))))
		if known, err := n.get("/api/v1/games"); err != nil || bytes.Contains(known, []byte(strconv.Quote(slow.games[left]))) {
			return row{}, fmt.Errorf("%s, which left, is still known %s later: %w", slow.games[left], s.span, err)
		}
	}
	slow.engine.SetListFault(dockersim.Fault{})
	if err := s.well(time.Now(), 30*time.Second); err != nil {
		return row{}, err
	}
	r, err := s.report("one of 3 Engines takes 0.3 s, 0.9 and 1.5 intervals to list its containers", fmt.Sprintf("%s each", s.span), time.Minute)
	r.note("in these times each game of all Engines was inspected at least %v times", fewest)
	return r, err
}
