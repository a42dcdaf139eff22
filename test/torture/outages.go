package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"galaxy/healthactors/adapters/docker/dockersim"
	"galaxy/healthactors/messages"
)

// mostGrowth is how much memory a node may take more while its broker is away.
const mostGrowth = 100 << 20

// brokerAway takes the broker away while every game is sick, so that every tick detects as much as there is to detect.
func brokerAway(o options) (row, error) {
	s, n, err := underLoad(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	s.fleet().stop()
	s.fleet().all(fallSick)
	if err := n.ticks(3, time.Minute); err != nil {
		return row{}, err
	}
	before, err := n.metrics()
	if err != nil {
		return row{}, err
	}
	if err := s.broker.down(); err != nil {
		return row{}, err
	}
	went := time.Now()
	grown, disk, err := s.watch(n, went.Add(s.span), before[memory])
	if err != nil {
		return row{}, err
	}
	_, detected := s.history.Count(went)
	fewest := s.history.Fewest(s.fleet().games, went, went.Add(s.span))
	s.fleet().all(getWell)
	after, err := n.metrics()
	if err != nil {
		return row{}, err
	}
	if err := s.broker.up(); err != nil {
		return row{}, err
	}
	back := time.Now()
	first, speed, err := s.drain(n)
	if err != nil {
		return row{}, err
	}
	s.recovered = time.Since(back)
	r, err := s.report("broker away ("+s.kafka+" Kafka), every game sick", s.span.String(), 5*time.Minute)
	r.note("%d detected meanwhile; %.0f ticks, %.0f inspects skipped; each game was inspected at least %d times; "+
		"memory grew by %.0f MB; the slowest sync of another file took %s; the first event left %s after the broker was back, then %.0f events/s",
		detected, after[ticksOK]-before[ticksOK], after[skipped]-before[skipped], fewest, grown/(1<<20), round(disk), round(first), speed)
	if pace := s.keepsPace(s.fleet().games, went, went.Add(s.span)); pace != nil {
		err = errors.Join(err, fmt.Errorf("while the broker was away: %w; skipped: %v", pace, s.late))
	}
	if grown > mostGrowth {
		err = errors.Join(err, fmt.Errorf("memory grew by %.0f MB", grown/(1<<20)))
	}
	return r, err
}

// watch looks at a node's memory until a time, and returns by how much it grew at most, and how long a sync of another file
// on the same disk took at most: on a machine where that takes seconds, the journal is slow too.
func (s *stage) watch(n *node, until time.Time, from float64) (grown float64, slowest time.Duration, err error) {
	began, passed := time.Now(), -1.0
	for time.Now().Before(until) {
		time.Sleep(min(time.Second, time.Until(until)))
		m, err := n.metrics()
		if err != nil {
			return 0, 0, err
		}
		grown = max(grown, m[memory]-from)
		if passed >= 0 && m[skipped] > passed {
			s.late = append(s.late, fmt.Sprintf("%.0f after %s (a sync took %s then)", m[skipped]-passed, time.Since(began).Round(time.Second), round(slowest)))
		}
		passed = m[skipped]
		took, err := syncTime(filepath.Join(s.dir, "probe"))
		if err != nil {
			return 0, 0, err
		}
		slowest = max(slowest, took)
	}
	return grown, slowest, nil
}

// syncTime is how long the disk takes for a small write.
func syncTime(path string) (time.Duration, error) {
	began := time.Now()
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	if _, err := file.Write(make([]byte, 4096)); err != nil {
		return 0, err
	}
	err = file.Sync()
	return time.Since(began), err
}

// drain waits until a node's backlog is published, and returns how long the first event took and how fast it went then.
func (s *stage) drain(n *node) (first time.Duration, speed float64, err error) {
	began := time.Now()
	start, err := n.metrics()
	if err != nil {
		return 0, 0, err
	}
	err = eventually(time.Minute, "the first event of the backlog has left", func() (bool, error) {
		m, err := n.metrics()
		return err == nil && m[published] > start[published], nil
	})
	first = time.Since(began)
	if err := errors.Join(err, n.drained(10*time.Minute)); err != nil {
		return 0, 0, err
	}
	took := time.Since(began) - first
	end, err := n.metrics()
	return first, (end[published] - start[published]) / took.Seconds(), err
}

// brokerTroubles are ways in which a broker is bad company; each lasts for the span and then ends.
var brokerTroubles = map[string]func(s *stage) error{
	"broker that accepts and never answers": func(s *stage) error {
		end, err := s.broker.beSilent()
		if err != nil {
			return err
		}
		time.Sleep(s.span)
		end()
		return nil
	},
	"acknowledgements lost, 30 of 100": func(s *stage) error {
		b, err := s.fake()
		if err != nil {
			return err
		}
		b.lossy.Store(300)
		time.Sleep(s.span)
		b.lossy.Store(0)
		return nil
	},
	"broker that comes and goes each second": func(s *stage) error {
		for began := time.Now(); time.Since(began) < s.span; {
			if err := s.broker.down(); err != nil {
				return err
			}
			time.Sleep(time.Second)
			if err := s.broker.up(); err != nil {
				return err
			}
			time.Sleep(time.Second)
		}
		return nil
	},
	"leader that moves, 5 times a second": func(s *stage) error {
		b, err := s.fake()
		if err != nil {
			return err
		}
		for k, began := 0, time.Now(); time.Since(began) < s.span; k++ {
			if err := b.cluster.MoveTopicPartition(messages.DefaultTopic, int32(k%partitions), int32(k/partitions%brokers)); err != nil {
				return err
			}
			time.Sleep(200 * time.Millisecond)
		}
		return nil
	},
}

// trouble makes a scenario of one of them.
func trouble(fault string) func(options) (row, error) {
	return func(o options) (row, error) {
		s, _, err := underLoad(o)
		if err != nil {
			return row{}, err
		}
		defer s.close()
		time.Sleep(time.Second)
		if err := brokerTroubles[fault](s); err != nil {
			return row{}, err
		}
		if err := s.well(time.Now(), 2*time.Minute); err != nil {
			return row{}, err
		}
		return s.report(fault, s.span.String(), time.Minute)
	}
}

// brokerLate starts a node without any broker, and then without its topic.
func brokerLate(o options) (row, error) {
	s, err := newStage(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	b, err := s.fake()
	if err != nil {
		return row{}, err
	}
	if err := errors.Join(b.down(), b.cluster.DeleteTopic(messages.DefaultTopic)); err != nil {
		return row{}, err
	}
	n, err := s.addReady(30*time.Second, binary)
	if err != nil {
		return row{}, err
	}
	s.fleet().start(s.changes)
	time.Sleep(s.span / 2)
	if err := b.up(); err != nil {
		return row{}, err
	}
	time.Sleep(s.span / 2)
	m, err := n.metrics()
	if err == nil && (m[published] > 0 || m[pending] == 0) {
		err = fmt.Errorf("without a topic %v events are published and %v pending", m[published], m[pending])
	}
	if err != nil {
		return row{}, err
	}
	if err := b.cluster.CreateTopic(messages.DefaultTopic, partitions, nil); err != nil {
		return row{}, err
	}
	if err := s.well(time.Now(), 2*time.Minute); err != nil {
		return row{}, err
	}
	return s.report("start without a broker, then with one that knows no such topic", s.span.String(), time.Minute)
}

// tooLarge has some games say so much that the broker refuses their events. They are parked, and arrive after the limit was
// raised and the node started anew; they alone come out of order (P4).
func tooLarge(o options) (row, error) {
	// The limit lets one ordinary event pass, but no two in one batch, and none with about the longest state that a node takes.
	const limit, longest, every = 900, 250, 50
	s, n, err := underLoad(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	if err := setLimit(s.broker.addr(), limit); err != nil {
		return row{}, err
	}
	s.fleet().stop()
	s.fleet().all(fallSick)
	long := strings.Repeat("x", longest)
	for g := 0; g < len(s.fleet().games); g += every {
		s.fleet().change(g, func(c *dockersim.Container) { c.Status = long })
	}
	time.Sleep(s.span / 2)
	for g := 0; g < len(s.fleet().games); g += every {
		s.fleet().change(g, func(c *dockersim.Container) { c.Status = "exited" })
	}
	time.Sleep(s.span / 2)
	if err := s.well(time.Now(), time.Minute); err != nil {
		return row{}, err
	}
	m, err := n.metrics()
	if err == nil && m[parked] == 0 {
		err = errors.New("no event was parked")
	}
	if err != nil {
		return row{}, err
	}
	s.fleet().all(getWell)
	if err := errors.Join(n.ticks(2, time.Minute), n.drained(time.Minute), setLimit(s.broker.addr(), 1<<20)); err != nil {
		return row{}, err
	}
	if _, err := s.stopInOrder(n, 10*time.Second); err != nil {
		return row{}, err
	}
	r, err := s.report("message too large, of every fiftieth game", s.span.String(), time.Minute)
	r.note("%.0f events were parked, and arrived after the limit was raised and the node started anew, after later ones of their games", m[parked])
	if n := len(r.verdict.Reordered); n == 0 {
		err = errors.Join(err, errors.New("nothing arrived late, so nothing was parked"))
	}
	r.verdict.Reordered = nil
	return r, err
}
