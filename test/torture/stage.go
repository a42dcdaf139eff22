package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"galaxy/healthactors/actors"
)

// binary is the program under test.
var binary string

// stage is all that a scenario needs: games on simulated Engines, a broker, a journal, and nodes that watch. Scenarios make
// it with newStage, add nodes, do harm, and end with close.
type stage struct {
	options
	dir     string
	history *History
	fleets  map[string]*fleet // by Engine
	broker  broker
	// database is where the journal is, when it is in Postgres.
	database *database
	nodes    []*node
	began    time.Time
	// recovered is how long the node took to be well again after the harm, the longest of all times.
	recovered time.Duration
	late      []string // when inspects were skipped while watch looked
	closers   []func()
	closed    sync.Once
}

// stages are those that are open, so that a signal leaves no server behind.
var stages sync.Map

// newStage sets the stage for games on one Engine and a fake or real broker, as the options say.
func newStage(o options) (_ *stage, err error) {
	s := &stage{options: o, history: NewHistory(), fleets: map[string]*fleet{}, began: time.Now()}
	s.kafka = or(s.kafka, "fake")
	if s.dir, err = os.MkdirTemp("", "torture-"); err != nil {
		return nil, err
	}
	if err := os.Chmod(s.dir, 0o711); err != nil { //nolint:gosec // PostgreSQL's own user passes through
		return nil, err
	}
	stages.Store(s, nil)
	s.onClose(func() {
		stages.Delete(s)
		if !s.keep {
			_ = os.RemoveAll(s.dir)
		}
	})
	s.addFleet(actors.DefaultEngine, o.games)
	if err := s.addBroker(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// addBroker starts the Kafka that the options name: fake, three (fake ones) or real.
func (s *stage) addBroker() (err error) {
	switch s.kafka {
	case "fake":
		s.broker, err = newFakeBroker()
	case "three":
		s.broker, err = newFakeBrokers()
	case "real":
		s.broker, err = newRealBroker(s.dir)
	default:
		return fmt.Errorf("-kafka=%s is neither fake, three nor real", s.kafka)
	}
	if err == nil {
		s.onClose(s.broker.close)
	}
	return err
}

// fake is the broker, for scenarios that only a fake one can play.
func (s *stage) fake() (*fakeBroker, error) {
	if b, ok := s.broker.(*fakeBroker); ok {
		return b, nil
	}
	return nil, fmt.Errorf("this scenario needs a fake Kafka, not -kafka=%s", s.kafka)
}

func (s *stage) onClose(f func()) { s.closers = append(s.closers, f) }

// close ends all that runs.
func (s *stage) close() { s.closed.Do(s.closeOnce) }

func (s *stage) closeOnce() {
	for _, n := range s.nodes {
		if n.running() {
			n.kill()
		}
	}
	for n := range s.closers {
		s.closers[len(s.closers)-1-n]()
	}
}

// addFleet adds games on one more Engine.
func (s *stage) addFleet(engine string, games int) *fleet {
	f := newFleet(s.history, engine, games)
	s.fleets[engine] = f
	s.onClose(f.engine.Close)
	return f
}

// fleet is the default Engine's.
func (s *stage) fleet() *fleet { return s.fleets[actors.DefaultEngine] }

// addReady adds node a, and returns when it is ready.
func (s *stage) addReady(patience time.Duration, program string, flags ...string) (*node, error) {
	n, err := s.addNode("a", program, flags...)
	if err != nil {
		return nil, err
	}
	return n, n.ready(patience)
}

// addNode makes a node of a program that watches all fleets, with a journal of its own unless the flags name another, and
// starts it. Flags that come later beat those before.
func (s *stage) addNode(name, program string, flags ...string) (*node, error) {
	n, err := newNode(s.dir, name, program)
	if err != nil {
		return nil, err
	}
	list := filepath.Join(s.dir, "list.json")
	if err := writeList(list, s.fleets); err != nil {
		return nil, err
	}
	given := append([]string{
		"--interval=" + s.interval.String(), "--inspect-timeout=5s", "--running-list=file:" + list,
		"--publish=kafka://" + s.broker.addr(), "--journal=" + s.journalURL(name),
	}, s.flags...)
	n.args = append(n.args, lastOfEach(append(given, flags...))...)
	for engine, f := range s.fleets {
		host, err := f.door(&n.life)
		if err != nil {
			return nil, err
		}
		n.args = append(n.args, "--engine="+engine+"="+host)
	}
	s.nodes = append(s.nodes, n)
	if err := n.start(); err != nil {
		return nil, err
	}
	return n, nil
}

// lastOfEach keeps the last of the flags of one name.
func lastOfEach(flags []string) []string {
	var kept []string
	for i, flag := range flags {
		name, _, _ := strings.Cut(flag, "=")
		beaten := false
		for _, later := range flags[i+1:] {
			beaten = beaten || strings.HasPrefix(later, name+"=")
		}
		if !beaten {
			kept = append(kept, flag)
		}
	}
	return kept
}

func (s *stage) journalURL(name string) string {
	if s.database != nil {
		return s.database.url()
	}
	return "sqlite:" + filepath.Join(s.dir, name+".db")
}

// inDoubt notes that since a time answers may have come to nothing: those too that were still under way when it began, which
// on a busy machine takes a while.
func (s *stage) inDoubt(since time.Time) {
	s.history.Unsure(since.Add(-2*time.Second), time.Now())
}

// well waits until all nodes that run have looked at all games and published what they had to, and notes how long that took.
func (s *stage) well(since time.Time, within time.Duration) error {
	for _, n := range s.nodes {
		if err := errors.Join(n.ready(within), n.ticks(2, within), n.drained(within)); err != nil {
			return err
		}
	}
	s.recovered = max(s.recovered, time.Since(since))
	return nil
}

// finish lets the games get well and the nodes come to rest, stops them in order, and judges what arrived.
func (s *stage) finish(within time.Duration) (Verdict, error) {
	for _, f := range s.fleets {
		f.stop()
	}
	var errs []error
	for _, n := range s.nodes {
		errs = append(errs, n.ready(within), n.ticks(2, within), n.drained(within))
	}
	if err := errors.Join(errs...); err != nil {
		return Verdict{}, err
	}
	for _, n := range s.nodes {
		n.signal(sigterm)
		errs = append(errs, n.ends(15*time.Second))
	}
	all, err := arrived(s.broker.addr())
	if err := errors.Join(append(errs, err)...); err != nil {
		return Verdict{}, err
	}
	return Judge(s.history, all), nil
}

// report is finish for a scenario's end: the row, and an error when a promise broke.
func (s *stage) report(fault, howLong string, within time.Duration) (row, error) {
	v, err := s.finish(within)
	r := row{
		fault: fault, howLong: howLong, verdict: v, recovered: s.recovered,
		load: fmt.Sprintf("%d games, every %s", s.gameCount(), s.interval),
	}
	if err == nil && v.Events == 0 {
		err = errors.New("no event arrived, so nothing was tried")
	}
	return r, err
}

func (s *stage) gameCount() (count int) {
	for _, f := range s.fleets {
		count += len(f.games)
	}
	return count
}
