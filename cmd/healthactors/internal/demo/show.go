package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/moby/term"

	"galaxy/healthactors/adapters/kafka/kafkademo"
	"galaxy/healthactors/messages"
)

// show is what a person sees of the demo: what it is about, the events as a consumer of the topic reads them, and what
// it all came to.
type show struct {
	out    io.Writer
	games  int
	colour bool
	table  *table
	begun  time.Time

	// seen has the events that were shown: what is delivered twice is shown once.
	seen    map[string]bool
	reasons map[string]int
	sick    map[string]bool
	// latest is when the last event arrived, in nanoseconds.
	latest atomic.Int64
}

func newShow(out io.Writer, games int) *show {
	s := &show{
		out: out, games: games, begun: time.Now(),
		seen: map[string]bool{}, reasons: map[string]int{}, sick: map[string]bool{},
	}
	width := 0
	if fd, isTerminal := term.GetFdInfo(out); isTerminal {
		s.colour = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if size, err := term.GetWinsize(fd); err == nil {
			width = int(size.Width)
		}
	}
	s.table = newTable(out, s.colour, width)
	return s
}

// open says what there is to see.
func (s *show) open(broker, http string) error {
	_, err := fmt.Fprintf(s.out, `%s
A simulated Docker Engine runs %d games: some crash, fail their health checks,
are stopped, paused, replaced or removed, or don't answer. The node inspects
them every second and publishes what changed to Kafka (--emit=on-change); this
table is a consumer of that topic.

  the same events   kcat -C -b %s -t %s
  the node          http://%s/api/v1/games
  its metrics       http://%[5]s/metrics
  to end            Ctrl-C

`, bold.paint("healthactors demo", s.colour), s.games, broker, messages.DefaultTopic, http)
	if err != nil {
		return err
	}
	return s.table.header()
}

// watch shows the events that arrive from the broker while the node runs, and those that are still on their way when it
// has stopped.
func (s *show) watch(ctx context.Context, broker string, node func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	consuming, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	consumed := make(chan error, 1)
	var shown error
	go func() {
		err := kafkademo.Consume(consuming, broker, messages.DefaultTopic, func(e messages.HealthEvent, _ map[string]string) {
			if shown == nil {
				shown = s.event(e)
			}
			if shown != nil {
				cancel() // Nobody looks any more.
			}
		})
		cancel()
		consumed <- errors.Join(err, shown)
	}()
	err := node(ctx)
	s.awaitSilence(300*time.Millisecond, 3*time.Second)
	stop()
	return errors.Join(err, <-consumed)
}

func (s *show) event(e messages.HealthEvent) error {
	s.latest.Store(time.Now().UnixNano())
	if s.seen[e.EventID] {
		return nil
	}
	s.seen[e.EventID] = true
	for _, reason := range e.Reasons {
		s.reasons[reason]++
	}
	if e.EventType == messages.InspectRecovered {
		s.reasons[e.EventType]++
	}
	s.sick[e.GameID] = true
	return s.table.event(e)
}

// awaitSilence waits until no event has arrived for a while, but not for ever.
func (s *show) awaitSilence(silence, atMost time.Duration) {
	for end := time.Now().Add(atMost); time.Now().Before(end); time.Sleep(silence / 10) {
		if time.Since(time.Unix(0, s.latest.Load())) > silence {
			return
		}
	}
}

// close says what it all came to.
func (s *show) close(inspections int64) error {
	counts := make([]string, 0, len(s.reasons))
	for _, reason := range slices.Sorted(maps.Keys(s.reasons)) {
		counts = append(counts, fmt.Sprintf("  %-24s %d", reason, s.reasons[reason]))
	}
	_, err := fmt.Fprintf(s.out, "\n%s\n%d events of %d of the %d games, from %d inspections in %s\n%s\n",
		bold.paint("That was it", s.colour), len(s.seen), len(s.sick), s.games, inspections,
		time.Since(s.begun).Round(time.Second), strings.Join(counts, "\n"))
	return err
}
