package outbox

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestOutbox holds the queues to the rules. A story's words:
//
//	+a        a request of game a; +a* has a parked event to be tried again, +a~2 says that the journal showed nothing twice
//	a.ok      a's delivery lands, all acknowledged; a.fail, with an error; a.okfail, with an error behind an acknowledged event;
//	          a.large, with one that was refused as too large; a.none, without an event
//	a.left    as ok, but not all parked events had their try; a.largeleft, as large likewise
//	a.unshown the journal did not show the parked events
//	resume    the pause ends
//	due.a     the wait of a ends
//	2s        time passes
//	stop      nothing begins any more
//
// What that calls for is expected behind the colon:
//
//	>a        a delivery of a begins, >a! alone, >a* with parked events
//	=a1       a's first request is settled, =a1* and its parked events were tried, =a1? and some were not shown
//	pause1/3  a try failed, the first in a row, and three games wait or are in flight
//	back2@3s  events are published again, after two failures and three seconds
//	parked    the event is parked
//	wait-a2   a waits, since the journal showed nothing twice
func TestOutbox(t *testing.T) {
	tests := []struct{ name, story string }{
		{"P3 games go in the order of their requests", "+a:>a +b:>b b.ok:=b1 a.ok:=a1"},
		{"P3 one delivery of a game at a time", "+a:>a +a: a.ok:=a1,>a a.ok:=a2"},
		{"P3 of the newer requests the last one counts", "+a:>a +a: +a: a.ok:=a1,>a a.ok:=a3"},
		{"P3 a newer request waits through a failure", "+a:>a +a: a.fail:pause1/1 resume:>a a.ok:back1@0s,=a1,>a a.ok:=a2"},
		{"P3 a newer request waits for the older, which waits", "+a~1:wait-a1 +a: due.a:>a a.ok:=a1,>a a.ok:=a2"},

		{"P4 nothing begins during a pause", "+a:>a a.fail:pause1/1 +b: resume:>b"},
		{"P4 a try that fails is one, however many were in flight", "+a:>a +b:>b +c:>c b.fail:pause1/3 c.fail: a.fail: resume:>b b.fail:pause2/3"},
		{"P4 also when another lands after the pause", "+a:>a +b:>b a.fail:pause1/2 resume: b.fail:>a"},
		{"P4 a pause grows with the failures", "+a:>a a.fail:pause1/1 resume:>a a.fail:pause2/1 resume:>a a.fail:pause3/1"},
		{"P4 and is short again after a success", "+a:>a a.fail:pause1/1 resume:>a a.fail:pause2/1 resume:>a a.ok:back2@0s,=a1 +a:>a a.fail:pause1/1"},
		{"P4 an acknowledged event is a success, although the next fails", "+a:>a a.fail:pause1/1 2s: resume:>a a.okfail:back1@2s,pause1/1"},
		{"P4 what was in flight and succeeds ends the outage, not the pause", "+a:>a +b:>b a.fail:pause1/2 b.ok:back1@0s,=b1 +c: resume:>c,>a"},
		{"P4 an outage lasts from its first failure", "+a:>a a.fail:pause1/1 2s: resume:>a a.fail:pause2/1 3s: resume:>a a.ok:back2@5s,=a1"},
		{"P4 no event is no success", "+a:>a a.fail:pause1/1 resume:>a a.none:=a1 +a:>a a.fail:pause2/1"},
		{
			"P4 after a failure one tries again, and each success doubles them",
			"+a:>a +b:>b +c:>c +d:>d +e:>e a.fail:pause1/5 b.fail: c.fail: d.fail: e.fail: resume:>a a.ok:back1@0s,=a1,>b,>c b.ok:=b1,>d,>e",
		},
		{"P4 who never failed goes before who did", "+a:>a +b:>b a.fail:pause1/2 b.fail: +c: +d: resume:>c c.ok:back1@0s,=c1,>d,>a d.ok:=d1,>b"},
		{"P4 who failed goes to the end of those who did", "+a:>a +b:>b a.fail:pause1/2 b.fail: resume:>a a.fail:pause2/2 resume:>b b.fail:pause3/2 resume:>a"},
		{"P4 a failure is forgotten when the request is settled", "+a:>a +b:>b a.fail:pause1/2 b.fail: resume:>a +a: a.ok:back1@0s,=a1,>a,>b"},

		{"P4 too large is tried alone, and then parked", "+a:>a a.large:>a! a.large:parked,=a1"},
		{"P4 too large is no failure", "+a:>a +b:>b a.large: b.ok:=b1,>a! a.ok:=a1 +c:>c"},
		{"P4 alone waits for the rest to land, and the rest for it", "+a:>a +b:>b a.large: +c: b.ok:=b1,>a! +d: a.large:parked,=a1,>c,>d"},
		{"P4 two are alone one after the other", "+a:>a +b:>b a.large: b.large:>a! a.large:parked,=a1,>b! b.ok:=b1"},
		{"P4 what fails alone is tried alone again, before all others", "+a:>a a.large:>a! a.fail:pause1/1 +b: resume:>a! a.ok:back1@0s,=a1,>b"},
		{"P4 a newer request begins with the rest", "+a:>a +a: a.large:>a! a.large:parked,=a1,>a a.ok:=a2"},
		{"P4 after a parked event that was tried alone the others go on", "+a*:>a* a.large:>a!* a.left:>a* a.ok:=a1*"},
		{"P4 also when it is parked again", "+a*:>a* a.large:>a!* a.largeleft:parked,>a* a.ok:=a1*"},
		{"P4 parked events are tried once in a life", "+a*:>a* a.large:>a!* a.largeleft:parked,>a* a.ok:=a1* +a*:>a a.ok:=a2"},
		{"R7 parked events that the journal does not show are tried again in this life", "+a*:>a* a.unshown:=a1? +a~1*:wait-a1 due.a:>a* a.ok:=a2*"},
		{"R7 as often as it takes", "+a*:>a* a.unshown:=a1? +a~1*:wait-a1 due.a:>a* a.unshown:=a2? +a~2*:wait-a2 due.a:>a* a.ok:=a3*"},
		{"R7 also where another request of the game came meanwhile", "+a*:>a* a.large:>a!* a.largeleft:parked,>a* +a*: a.unshown:=a1?,>a* a.ok:=a2*"},
		{"R7 and then no more", "+a*:>a* a.unshown:=a1? +a~1*:wait-a1 due.a:>a* a.ok:=a2* +a*:>a a.ok:=a3"},
		{"P4 an event that was parked here waits for the next start", "+a:>a a.large:>a! a.large:parked,=a1 +a*:>a a.ok:=a2 +b*:>b*"},

		{"R7 what the journal doesn't show is looked for later", "+a~2:wait-a2 +b:>b due.a:>a a.none:=a1"},
		{"R7 also where the request had to wait for another", "+a:>a +a~1: a.none:=a1,wait-a1 due.a:>a"},
		{"R7 a wait that ends in a pause waits for its end", "+a~1:wait-a1 +b:>b b.fail:pause1/2 due.a: resume:>a"},

		{"S8 nothing begins after a stop", "+a:>a +a: +b:>b stop: +c: a.ok:=a1 b.ok:=b1"},
		{"S8 a failure after a stop calls for nothing", "+a:>a stop: a.fail:"},
		{"S8 nobody waits after a stop", "stop: +a~3:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := story{outbox: New[string](), requests: map[string]int{}, inFlight: map[string]Delivery[string]{}}
			for step := range strings.FieldsSeq(tt.story) {
				word, want, _ := strings.Cut(step, ":")
				if got := s.play(t, word); got != want {
					t.Errorf("%s: got %s", step, got)
				}
			}
		})
	}
}

// story plays the part of the publisher.
type story struct {
	outbox   *Outbox[string]
	now      time.Time
	requests map[string]int
	inFlight map[string]Delivery[string]
}

func (s *story) play(t *testing.T, word string) (calledFor string) {
	t.Helper()
	var said []string
	game, landing, lands := strings.Cut(word, ".")
	switch {
	case word[0] == '+':
		said = saysWait(said, s.outbox.Take(s.request(word[1:])))
	case word == "resume":
		s.outbox.Resume()
	case word == "stop":
		s.outbox.Stop()
	case game == "due":
		s.outbox.Due(landing)
	case lands:
		said = says(s.outbox.Land(s.now, s.landing(game, landing)))
	default:
		d, err := time.ParseDuration(word)
		if err != nil {
			t.Fatalf("%s is no word of a story", word)
		}
		s.now = s.now.Add(d)
	}
	for d, ok := s.outbox.Next(); ok; d, ok = s.outbox.Next() {
		s.inFlight[d.Game] = d
		said = append(said, ">"+d.Game+mark(d.Alone, "!")+mark(len(d.Retry) > 0, "*"))
	}
	if s.outbox.InFlight() != len(s.inFlight) {
		t.Errorf("%s: %d in flight, want %d", word, s.outbox.InFlight(), len(s.inFlight))
	}
	return strings.Join(said, ",")
}

func (s *story) request(word string) Request[string] {
	game := word[:1]
	s.requests[game]++
	r := Request[string]{ID: uint64(s.requests[game]), Game: game, ReplyTo: game}
	if _, misses, waits := strings.Cut(word, "~"); waits {
		r.Misses, _ = strconv.Atoi(strings.TrimSuffix(misses, "*"))
	}
	if strings.HasSuffix(word, "*") {
		r.Retry = []Range{{1, 2}}
	}
	return r
}

func (s *story) landing(game, what string) Landing[string] {
	l := Landing[string]{Game: game, Progress: s.inFlight[game].Progress}
	delete(s.inFlight, game)
	event := "event"
	if strings.HasPrefix(what, "ok") || what == "left" {
		l.Outcome.Acked = []*string{&event}
	}
	if strings.HasPrefix(what, "large") {
		l.Outcome.TooLarge = &event
	}
	if strings.HasSuffix(what, "fail") {
		l.Outcome.Err = errors.New("the broker is away")
	}
	for (what == "ok" || what == "unshown") && len(l.Progress.Retry) > 0 {
		l.Progress.EndRange(what == "ok")
	}
	return l
}

func says(c Commands) (said []string) {
	if r := c.Recovered; r != nil {
		said = append(said, fmt.Sprintf("back%d@%s", r.Failures, r.After))
	}
	if c.Parked {
		said = append(said, "parked")
	}
	if f := c.Failed; f != nil {
		said = append(said, fmt.Sprintf("pause%d/%d", f.Failures, f.GamesWaiting))
	}
	if s := c.Settled; s != nil {
		said = append(said, fmt.Sprintf("=%s%d%s", s.ReplyTo, s.Request, mark(len(s.Tried) > 0, "*")+mark(len(s.Unshown) > 0, "?")))
	}
	return saysWait(said, c.Wait)
}

func saysWait(said []string, w *Wait) []string {
	if w == nil {
		return said
	}
	return append(said, fmt.Sprintf("wait-%s%d", w.Game, w.Misses))
}

func mark(is bool, mark string) string {
	if is {
		return mark
	}
	return ""
}

// TestP4NoMoreThanAWindowIsInFlight however many wait, nor after an outage.
func TestP4NoMoreThanAWindowIsInFlight(t *testing.T) {
	o := New[string]()
	for n := range 3 * windowMost {
		o.Take(Request[string]{Game: strconv.Itoa(n)})
	}
	carry := func() (games []string) {
		for d, ok := o.Next(); ok; d, ok = o.Next() {
			games = append(games, d.Game)
		}
		return games
	}
	inFlight := carry()
	if len(inFlight) != windowMost {
		t.Fatalf("%d in flight, want %d", len(inFlight), windowMost)
	}
	event := "event"
	o.Land(time.Time{}, Landing[string]{Game: inFlight[0], Outcome: Outcome[string]{Acked: []*string{&event}}})
	if more := carry(); len(more) != 1 {
		t.Errorf("%d more after one has landed, want 1", len(more))
	}
}

// TestP4ManyWaitingGamesKeepNoEventInMemory: those behind read it back.
func TestP4ManyWaitingGamesKeepNoEventInMemory(t *testing.T) {
	o, event, kept := New[string](), "event", 0
	for n := range 2 * carriedMost {
		o.Take(Request[string]{Game: strconv.Itoa(n), First: &event})
	}
	for _, v := range o.games {
		if v.request.First != nil {
			kept++
		}
	}
	if kept != carriedMost+1 {
		t.Errorf("%d events in memory, want %d", kept, carriedMost+1)
	}
}

// TestP3R7ARequestGoesOnWhereItStopped: what a delivery got done is done, the next one reads back, and the settlement tells all,
// also that events are missing.
func TestP3R7ARequestGoesOnWhereItStopped(t *testing.T) {
	o, event := New[string](), "event"
	request := Request[string]{ID: 7, Game: "a", ReplyTo: "inspector", After: 40, Pending: 3, First: &event, Retry: []Range{{1, 9}}}
	o.Take(request)

	d, _ := o.Next()
	if d.First != &event || d.Progress.Through != 40 || !reflect.DeepEqual(d.Progress.Retry, request.Retry) {
		t.Errorf("the first delivery begins with %+v", d)
	}
	at := time.Unix(1, 0)
	p := d.Progress
	p.Retry[0].From = 5
	p.Through, p.Settled, p.Parked, p.OldestPendingAt, p.Missing = 42, 2, []int64{4}, at, true
	if request.Retry[0].From != 1 {
		t.Error("a carrier's progress is the request's")
	}
	o.Land(time.Time{}, Landing[string]{Game: "a", Progress: p, Outcome: Outcome[string]{Err: errors.New("the broker is away")}})
	o.Resume()

	d, _ = o.Next()
	if d.First != nil || !reflect.DeepEqual(d.Progress, p) {
		t.Errorf("the second delivery goes on with %+v, want %+v", d, p)
	}
	p.EndRange(true)
	then := o.Land(time.Time{}, Landing[string]{Game: "a", Progress: p})
	want := &Settlement{
		Request: 7, ReplyTo: "inspector", Through: 42, Settled: 2, Parked: []int64{4}, OldestPendingAt: at, Missing: true, Tried: []Range{{5, 9}},
	}
	if !reflect.DeepEqual(then.Settled, want) {
		t.Errorf("settled: %+v, want %+v", then.Settled, want)
	}
}
