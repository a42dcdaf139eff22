package actors

import (
	"strings"
	"testing"
	"time"
)

// look is what a reading of the leases, at some time, says of node b: which renewal it is at and how long it holds.
type look struct {
	// at is when the reading began, took until its answer.
	at, took  time.Duration
	renewal   string
	expiresIn time.Duration
	// member: node b is one.
	member bool
	// due is when the next reading would first miss it; 0 means whenever.
	due time.Duration
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func TestC7Observer(t *testing.T) {
	const back = 60 * time.Second
	for name, c := range map[string]struct {
		length time.Duration
		looks  []look
	}{
		"it renews": {3 * time.Second, []look{
			{at: 0, renewal: "1", expiresIn: ms(2800), member: true, due: ms(2801)},
			{at: ms(500), renewal: "2", expiresIn: ms(2800), member: true},
			{at: ms(1000), renewal: "3", expiresIn: ms(2800), member: true, due: ms(3801)},
		}},
		"it runs out by the database's clock": {3 * time.Second, []look{
			{at: 0, renewal: "1", expiresIn: ms(2800), member: true},
			{at: ms(2500), renewal: "1", expiresIn: ms(300), member: true, due: ms(2801)},
			{at: ms(2801), renewal: "1", expiresIn: -ms(1), member: false},
			{at: ms(3000), renewal: "2", expiresIn: ms(3000), member: true},
		}},
		"it ran out before anybody looked": {3 * time.Second, []look{
			{at: 0, renewal: "1", expiresIn: -time.Hour, member: false},
		}},
		"the clock goes back and it falls silent": {3 * time.Second, []look{
			{at: 0, renewal: "1", expiresIn: ms(2800), member: true},
			{at: ms(1000), renewal: "1", expiresIn: back + ms(1800), member: true, due: ms(3000)},
			{at: ms(2999), renewal: "1", expiresIn: back, member: true, due: ms(3000)},
			{at: ms(3000), renewal: "1", expiresIn: back, member: false},
			{at: ms(4000), renewal: "1", expiresIn: back, member: false},
			{at: ms(4500), renewal: "2", expiresIn: ms(3000), member: true},
		}},
		"the clock goes back and it renews": {3 * time.Second, []look{
			{at: 0, renewal: "1", expiresIn: ms(2800), member: true},
			{at: ms(1000), renewal: "1", expiresIn: back, member: true},
			{at: ms(2500), renewal: "2", expiresIn: ms(2900), member: true},
			{at: ms(4900), renewal: "3", expiresIn: ms(2900), member: true},
		}},
		"the clock goes forth and it renews": {3 * time.Second, []look{
			{at: 0, renewal: "1", expiresIn: ms(2800), member: true},
			{at: ms(500), renewal: "1", expiresIn: -back, member: true, due: ms(2801)},
			{at: ms(1000), renewal: "2", expiresIn: ms(2900), member: true},
		}},
		"it renews and the clock goes forth before anybody looks": {3 * time.Second, []look{
			{at: 0, renewal: "1", expiresIn: ms(2800), member: true},
			{at: ms(500), renewal: "2", expiresIn: -back, member: true, due: ms(3001)},
			{at: ms(2999), renewal: "2", expiresIn: -back, member: true},
			{at: ms(3000), renewal: "2", expiresIn: -back, member: false},
		}},
		"the clock goes forth and it falls silent": {3 * time.Second, []look{
			{at: 0, renewal: "1", expiresIn: ms(2800), member: true},
			{at: ms(2500), renewal: "1", expiresIn: -back, member: true, due: ms(2801)},
			{at: ms(2801), renewal: "1", expiresIn: -back, member: false},
		}},
		"answers are slow": {3 * time.Second, []look{
			{at: 0, took: ms(900), renewal: "1", expiresIn: back, member: true, due: ms(3000)},
			{at: ms(900), took: ms(100), renewal: "1", expiresIn: back, member: true, due: ms(3800)},
			{at: ms(1000), took: ms(900), renewal: "1", expiresIn: ms(700), member: true, due: ms(1701)},
			{at: ms(1900), took: ms(800), renewal: "1", expiresIn: back, member: true},
			{at: ms(2700), took: ms(900), renewal: "1", expiresIn: back, member: true},
			{at: ms(3500), took: ms(900), renewal: "1", expiresIn: back, member: true}, // renewed 2.6 s after the first answer at the latest
			{at: ms(3600), took: ms(900), renewal: "1", expiresIn: back, member: false},
		}},
		"this node did not read for a while": {3 * time.Second, []look{
			{at: 0, renewal: "1", expiresIn: back, member: true},
			{at: ms(2701), renewal: "1", expiresIn: back, member: true, due: ms(5701)},
			{at: ms(5000), renewal: "1", expiresIn: back, member: true},
			{at: ms(5701), renewal: "1", expiresIn: back, member: false},
		}},
		"it has a longer lease": {30 * time.Second, []look{
			{at: 0, renewal: "1", expiresIn: ms(29_000), member: true},
			{at: ms(2500), renewal: "1", expiresIn: ms(26_500), member: true},
			{at: ms(5000), renewal: "1", expiresIn: ms(24_000), member: true},
			{at: ms(7500), renewal: "2", expiresIn: ms(29_000), member: true},
		}},
		"its release doesn't tell its lease": {0, []look{
			{at: 0, renewal: "1", expiresIn: back, member: true},
			{at: ms(2500), renewal: "1", expiresIn: back, member: true},
			{at: ms(3000), renewal: "1", expiresIn: back, member: false},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			o := observer{node: "a", lease: 3 * time.Second}
			zero := time.Now()
			for n, l := range c.looks {
				members, due := o.observe(reading{zero.Add(l.at), zero.Add(l.at + l.took), []Member{
					{Node: "a", Renewal: "same", Length: time.Second, ExpiresIn: -time.Hour}, // the own one is renewed as it is read
					{Node: "b", Renewal: l.renewal, Length: c.length, ExpiresIn: l.expiresIn},
				}})
				if got := len(members) == 2; got != l.member || members[0].Node != "a" {
					t.Errorf("reading %d: the members are %v", n, members)
				}
				if l.due != 0 && !due.Equal(zero.Add(l.due)) {
					t.Errorf("reading %d: the next is due %s after the start, want %s", n, due.Sub(zero), l.due)
				}
			}
		})
	}
}

// A lease that was given up is nobody's at once, and the observer forgets it.
func TestC5ObserverForgets(t *testing.T) {
	o := observer{node: "a", lease: 3 * time.Second}
	now := time.Now()
	own, other := Member{Node: "a"}, Member{Node: "b", Renewal: "1", ExpiresIn: time.Second}
	o.observe(reading{now, now, []Member{own, other}})
	if members, _ := o.observe(reading{now.Add(ms(500)), now.Add(ms(500)), []Member{own}}); len(members) != 1 || len(o.seen) != 0 {
		t.Errorf("the members are %v, and the observer remembers %v", members, o.seen)
	}
}

func TestWithoutNumbers(t *testing.T) {
	a, b := "read tcp 127.0.0.1:50222->127.0.0.1:5432: connection reset", "read tcp 127.0.0.1:4711->127.0.0.1:5432: connection reset"
	if withoutNumbers(a) != withoutNumbers(b) || !strings.Contains(withoutNumbers(a), "connection reset") {
		t.Errorf("%q and %q are different reasons", withoutNumbers(a), withoutNumbers(b))
	}
}
