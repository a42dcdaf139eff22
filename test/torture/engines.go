package main

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/docker/dockersim"
)

// keepsPace wants each of some games to have been inspected at every tick of a time. A machine that has other work misses some
// all the same, so that one of ten may be missing; rows say how many there were.
func (s *stage) keepsPace(games []string, from, to time.Time) error {
	want := int(to.Sub(from)/s.interval)*9/10 - 1 // the borders may fall within a tick
	if fewest := s.history.Fewest(games, from, to); fewest < want {
		return fmt.Errorf("a game was inspected %d times within %s, want %d", fewest, to.Sub(from), want)
	}
	return nil
}

// someHang has a fifth of the games time out for ever.
func someHang(o options) (row, error) {
	s, n, err := underLoad(o, "--inspect-timeout=1s")
	if err != nil {
		return row{}, err
	}
	defer s.close()
	f := s.fleet()
	for g := range len(f.games) / 5 {
		f.change(g, func(c *dockersim.Container) { c.Fault.Hang = true })
	}
	others := f.games[len(f.games)/5:]
	hung := time.Now()
	// The first time-out of a game may delay others (S4): as many of them as there are slots pass in a second.
	time.Sleep(time.Duration(len(f.games)/5/16+3) * time.Second)
	from := time.Now()
	time.Sleep(s.span)
	s.recovered = s.history.LongestWait(others, hung)
	pace := s.keepsPace(others, from, from.Add(s.span))
	m, err := n.metrics()
	if err != nil {
		return row{}, err
	}
	f.all(func(c *dockersim.Container) { c.Fault.Hang = false })
	if err := s.well(time.Now(), time.Minute); err != nil {
		return row{}, err
	}
	r, err := s.report(fmt.Sprintf("%d of %d containers time out for ever", len(f.games)/5, len(f.games)), s.span.String(), time.Minute)
	r.note("the others' longest wait was while the first time-outs passed; then each of the %d was inspected at least %d times; %.0f time-outs",
		len(others), s.history.Fewest(others, from, from.Add(s.span)), m[timeouts])
	return r, errors.Join(err, pace)
}

// sickness is a way in which a whole Engine is sick.
var sickness = []struct {
	name string
	ail  func(*dockersim.Engine) error
	cure func(*dockersim.Engine) error
}{
	{"down", func(e *dockersim.Engine) error { e.Down(); return nil }, (*dockersim.Engine).Up},
	{"hangs", fault(dockersim.Fault{Hang: true}), fault(dockersim.Fault{})},
	{"resets connections", fault(dockersim.Fault{Reset: true}), fault(dockersim.Fault{})},
	{"answers 500", fault(dockersim.Fault{Status: http.StatusInternalServerError, Message: "something is wrong"}), fault(dockersim.Fault{})},
	{"answers garbage", fault(dockersim.Fault{Body: []byte("<html>")}), fault(dockersim.Fault{})},
	{"answers slowly", fault(dockersim.Fault{Delay: 100 * time.Millisecond}), fault(dockersim.Fault{})},
	{"speaks another API version", speaks("1.41", "1.44"), speaks("1.24", "1.51")},
}

func fault(f dockersim.Fault) func(*dockersim.Engine) error {
	return func(e *dockersim.Engine) error { e.SetFault(f); return nil }
}

func speaks(minimum, maximum string) func(*dockersim.Engine) error {
	return func(e *dockersim.Engine) error { e.SetAPI(minimum, maximum); return nil }
}

// engineSick has the Engine be sick in each way, one after the other.
func engineSick(o options) (row, error) {
	s, _, err := underLoad(o, "--inspect-timeout=2s")
	if err != nil {
		return row{}, err
	}
	defer s.close()
	var names []string
	for _, sick := range sickness {
		from := time.Now()
		if err := sick.ail(s.fleet().engine); err != nil {
			return row{}, err
		}
		time.Sleep(s.span)
		if err := sick.cure(s.fleet().engine); err != nil {
			return row{}, err
		}
		s.inDoubt(from)
		if err := s.well(time.Now(), 30*time.Second); err != nil {
			return row{}, fmt.Errorf("the engine %s: %w", sick.name, err)
		}
		names = append(names, sick.name)
	}
	return s.report(fmt.Sprintf("the Engine %s, one after the other", strings.Join(names, ", ")), fmt.Sprintf("%s each", s.span), time.Minute)
}

// oneSick has one of several Engines be sick in each way; the games of the others must not notice.
func oneSick(o options) (row, error) {
	const engines = 4
	s, err := newStage(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	var others []string
	for n := range engines - 1 {
		others = slices.Concat(others, s.addFleet(fmt.Sprint("engine-", n), o.games).games)
	}
	_, err = s.addReady(30*time.Second, binary, "--inspect-timeout=2s")
	if err != nil {
		return row{}, err
	}
	for _, f := range s.fleets {
		f.start(s.changes)
	}
	sickOne := s.fleets[actors.DefaultEngine].engine
	fewest := -1
	for _, sick := range sickness {
		from := time.Now()
		if err := sick.ail(sickOne); err != nil {
			return row{}, err
		}
		time.Sleep(s.span)
		if err := s.keepsPace(others, from, from.Add(s.span)); err != nil {
			return row{}, fmt.Errorf("while one engine %s, of the others' games: %w", sick.name, err)
		}
		if count := s.history.Fewest(others, from, from.Add(s.span)); fewest < 0 || count < fewest {
			fewest = count
		}
		if err := sick.cure(sickOne); err != nil {
			return row{}, err
		}
		s.inDoubt(from)
	}
	if err := s.well(time.Now(), 30*time.Second); err != nil {
		return row{}, err
	}
	r, err := s.report(fmt.Sprintf("one of %d Engines sick, in each of these ways", engines), fmt.Sprintf("%s each", s.span), time.Minute)
	r.note("each game of the other Engines was inspected at least %d times in %s", fewest, s.span)
	return r, err
}
