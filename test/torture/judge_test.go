package main

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"galaxy/healthactors/messages"
)

var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func at(second float64) time.Time { return start.Add(time.Duration(second * float64(time.Second))) }

// answers reads "SECOND LIFE RESTARTS STATE HEALTH" lines, or "SECOND LIFE CONTAINER/RESTARTS …".
func answers(t *testing.T, text string) *History {
	t.Helper()
	h := NewHistory()
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		a := Answer{At: at(number(t, f[0])), Life: int(number(t, f[1])), State: f[3], Health: f[4]}
		a.Container, a.Restarts = container(t, f[2])
		h.Add("g", a)
	}
	return h
}

func container(t *testing.T, text string) (string, int64) {
	c, restarts, ok := strings.Cut(text, "/")
	if !ok {
		c, restarts = "c", text
	}
	return c, int64(number(t, restarts))
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// arrivals reads "ID SECOND RESTARTS STATE HEALTH REASONS" lines, where the reasons' letters are r, n and u. An id with a !
// has other bytes, and one with a second partition ends in @1.
func arrivals(t *testing.T, text string) []Delivery {
	t.Helper()
	var all []Delivery
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		d := Delivery{Game: "g", Type: messages.InspectUnhealthy, At: at(number(t, f[1])), State: f[3], Health: f[4]}
		d.Container, d.Restarts = container(t, f[2])
		id, elsewhere := strings.CutSuffix(f[0], "@1")
		if elsewhere {
			d.Partition = 1
		}
		id, other := strings.CutSuffix(id, "!")
		if other {
			d.Sum[0] = 1
		}
		d.ID = id
		for _, letter := range f[5] {
			d.Reasons = append(d.Reasons, map[rune]string{
				'r': messages.ReasonRestartCountIncreased, 'n': messages.ReasonNotRunning, 'u': messages.ReasonHealthcheckUnhealthy,
			}[letter])
		}
		all = append(all, d)
	}
	return all
}

// The checker itself: what departs from the contract is found, and nothing else.
func TestJudge(t *testing.T) {
	const sick = `
		1 1 0 running healthy
		2 1 0 running unhealthy
		3 1 2 exited healthy
		4 1 2 running healthy`
	const told = `
		a 2.1 0 running unhealthy u
		b 3.1 2 exited healthy rn`
	for name, c := range map[string]struct {
		happened, arrived string
		unsure            []Span
		want              string // lost, invented, twice, reordered, altered
	}{
		"all is told":                    {happened: sick, arrived: told, want: "0 0 0 0 0"},
		"a second delivery (P2)":         {happened: sick, arrived: told + "\n a 2.1 0 running unhealthy u", want: "0 0 0 0 0"},
		"nothing happened":               {want: "0 0 0 0 0"},
		"an event is missing":            {happened: sick, arrived: "b 3.1 2 exited healthy rn", want: "1 0 0 0 0"},
		"a restart is missing":           {happened: sick, arrived: "a 2.1 0 running unhealthy u", want: "1 0 0 0 0"},
		"other bytes (P2)":               {happened: sick, arrived: told + "\n a! 2.1 0 running unhealthy u", want: "0 0 0 0 1"},
		"another id for one answer (P2)": {happened: sick, arrived: told + "\n c 3.2 2 exited healthy rn", want: "0 0 1 0 0"},
		"the wrong order (P3)": {happened: sick, arrived: `
			b 3.1 2 exited healthy rn
			a 2.1 0 running unhealthy u`, want: "0 0 0 1 0"},
		"another partition (P3)": {happened: sick, arrived: `
			a 2.1 0 running unhealthy u
			b@1 3.1 2 exited healthy rn`, want: "0 0 0 1 0"},
		"an event of a healthy answer":   {happened: sick, arrived: told + "\n c 4.1 2 running healthy r", want: "0 1 0 0 0"},
		"an event of no answer":          {happened: sick, arrived: told + "\n c 3.5 2 exited unhealthy nu", want: "0 1 0 0 0"},
		"an event before its answer":     {happened: sick, arrived: "a 1.9 0 running unhealthy u\n b 3.1 2 exited healthy rn", want: "1 1 0 0 0"},
		"a reason too many (H3)":         {happened: sick, arrived: "a 2.1 0 running unhealthy nu\n b 3.1 2 exited healthy rn", want: "0 1 0 0 0"},
		"a step that is not told (H2)":   {happened: sick, arrived: "a 2.1 0 running unhealthy u\n b 3.1 2 exited healthy n", want: "1 0 0 0 0"},
		"a step that is told twice (H2)": {happened: "1 1 0 exited healthy\n 2 1 1 exited healthy\n 3 1 1 exited healthy\n 4 1 1 running healthy", arrived: "a 1.1 0 exited healthy n\n b 2.1 1 exited healthy rn\n c 3.1 1 exited healthy rn", want: "0 1 0 0 0"},
		"the last answer of a life may die with it": {
			happened: "1 1 0 running healthy\n 2 1 0 running unhealthy\n 3 2 0 running healthy", want: "0 0 0 0 0",
		},
		"but a restart in it comes with the next (R1)": {
			happened: "1 1 0 running healthy\n 2 1 0 running healthy\n 3 1 1 running healthy\n 4 2 1 running healthy\n 5 2 1 running healthy", want: "1 0 0 0 0",
		},
		"and it does": {
			happened: "1 1 0 running healthy\n 2 1 0 running healthy\n 3 1 1 running healthy\n 4 2 1 running healthy\n 5 2 1 running healthy",
			arrived:  "a 4.1 1 running healthy r", want: "0 0 0 0 0",
		},
		"an answer that the journal could not take (H10)": {
			happened: sick, arrived: "b 3.1 2 exited healthy rn", unsure: []Span{{at(1.5), at(2.5)}}, want: "0 0 0 0 0",
		},
		"a reset count (H7)": {
			happened: "1 1 5 running healthy\n 2 1 5 running healthy\n 3 1 0 running healthy\n 4 1 1 running healthy\n 5 1 1 running healthy",
			arrived:  "a 4.1 1 running healthy r", want: "0 0 0 0 0",
		},
		"another container begins anew (H8)": {
			happened: "1 1 a/0 running healthy\n 2 1 b/3 running healthy\n 3 1 b/3 running healthy\n 4 1 b/3 running healthy", want: "0 0 0 0 0",
		},
		"of another container's first answer no restart is told (H8)": {
			happened: "1 1 a/0 running healthy\n 2 1 b/3 running healthy\n 3 1 b/3 running healthy\n 4 1 b/4 running healthy\n 5 1 b/4 running healthy", arrived: "a 4.1 b/4 running healthy r", want: "0 0 0 0 0",
		},
	} {
		h := answers(t, c.happened)
		h.unsure = c.unsure
		v := Judge(h, arrivals(t, c.arrived))
		got := fmt.Sprint(len(v.Lost), len(v.Invented), len(v.Twice), len(v.Reordered), len(v.Altered))
		if got != c.want || v.Holds() != (c.want == "0 0 0 0 0") {
			t.Errorf("%s: lost, invented, twice, reordered, altered: %s, want %s\n%+v", name, got, c.want, v)
		}
	}
}

// Restarts that were reported before a rollback may be reported once more after it, and nothing else (R4).
func TestJudgeAfterARollback(t *testing.T) {
	const happened = "1 1 0 running healthy\n 2 1 1 running healthy\n 3 1 1 running healthy\n 4 1 1 exited healthy\n 5 1 1 running healthy"
	for name, c := range map[string]struct {
		from          float64
		arrived, want string
	}{
		"it is not told again":          {2.4, "a 2.1 1 running healthy r\n b 4.1 1 exited healthy n", "0 0"},
		"it is":                         {2.4, "a 2.1 1 running healthy r\n b 3.1 1 running healthy r\n c 4.1 1 exited healthy n", "0 0"},
		"it is told of a second answer": {2.4, "a 2.1 1 running healthy r\n b 3.1 1 running healthy r\n c 4.1 1 exited healthy rn", "0 1"},
		"it is, and the answer before came in the rollback": {1.5, "a 2.1 1 running healthy r\n b 3.1 1 running healthy r\n c 4.1 1 exited healthy n", "0 0"},
		"something else is lost":                            {2.4, "a 2.1 1 running healthy r", "1 0"},
		"another reason is invented":                        {2.4, "a 2.1 1 running healthy r\n b 3.1 1 running healthy ru\n c 4.1 1 exited healthy n", "0 1"},
	} {
		h := answers(t, happened)
		h.RolledBack(at(c.from), at(2.5))
		v := Judge(h, arrivals(t, c.arrived))
		if got := fmt.Sprint(len(v.Lost), len(v.Invented)); got != c.want {
			t.Errorf("%s: lost, invented: %s, want %s\n%+v", name, got, c.want, v)
		}
	}
}

// A game that nobody inspected can't have an event.
func TestJudgeUnknownGame(t *testing.T) {
	v := Judge(NewHistory(), arrivals(t, "a 1 0 exited healthy n"))
	if len(v.Invented) != 1 || v.Deliveries != 1 {
		t.Errorf("%+v, want one invented", v)
	}
}

func TestCount(t *testing.T) {
	h := answers(t, "1 1 0 running healthy\n 2 1 0 exited healthy\n 3 1 0 running unhealthy")
	if all, sick := h.Count(at(2)); all != 2 || sick != 2 {
		t.Errorf("%d answers and %d sick since 2 s, want 2 and 2", all, sick)
	}
}

func TestPace(t *testing.T) {
	h := answers(t, "1 1 0 running healthy\n 2 1 0 exited healthy\n 5 1 0 running unhealthy")
	if n := h.Fewest([]string{"g"}, at(1.5), at(6)); n != 2 {
		t.Errorf("%d answers, want 2", n)
	}
	if n := h.Fewest([]string{"g", "unknown"}, at(1), at(6)); n != 0 {
		t.Errorf("%d answers of an unknown game", n)
	}
	if d := h.LongestWait([]string{"g"}, at(0)); d != 3*time.Second {
		t.Errorf("%s between two answers, want 3s", d)
	}
}
