package connections

import (
	"net"
	"slices"
	"testing"
)

// fake is a connection that notes its name when it is closed.
type fake struct {
	net.Conn
	name   string
	closed *[]string
}

func (f fake) Close() error {
	*f.closed = append(*f.closed, f.name)
	return nil
}

func TestWhoGivesWay(t *testing.T) {
	for _, tt := range []struct {
		name string
		// does is done with four connections of four that are allowed; then e and f come.
		does func(a, b, c, d *Conn)
		want []string
	}{
		{"the one that came first", func(_, _, _, _ *Conn) {}, []string{"a", "b"}},
		{"no busy one while others are idle", func(a, _, _, _ *Conn) { a.Busy() }, []string{"b", "c"}},
		{"the one that is idle for longest", func(a, _, _, _ *Conn) { a.Busy(); a.Idle() }, []string{"b", "c"}},
		{"idle ones before busy ones", func(a, b, c, _ *Conn) { c.Busy(); b.Busy(); a.Busy() }, []string{"d", "e"}},
		{
			"of too many busy ones the one that is so for longest, and no newcomer",
			func(a, b, c, d *Conn) { d.Busy(); c.Busy(); b.Busy(); a.Busy(); d.Busy() },
			[]string{"c", "e"},
		},
		{"nobody while there is room", func(a, b, _, _ *Conn) { _ = a.Close(); _ = b.Close() }, []string{"a", "b"}},
		{"nobody twice", func(a, _, _, _ *Conn) { _ = a.Close(); a.Busy(); a.Idle(); _ = a.Close() }, []string{"a", "a", "b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var closed []string
			limit := NewLimit(4)
			take := func(name string) *Conn {
				before := len(closed)
				c, gave := limit.Take(fake{name: name, closed: &closed})
				if gave != (len(closed) > before) {
					t.Errorf("%s: one gave way: %t, closed %v", name, gave, closed[before:])
				}
				return c
			}
			tt.does(take("a"), take("b"), take("c"), take("d"))
			take("e")
			take("f")
			if !slices.Equal(closed, tt.want) {
				t.Errorf("closed %v, want %v", closed, tt.want)
			}
		})
	}
}

func TestSpareClosesIdleOnesOnly(t *testing.T) {
	var closed []string
	limit := NewLimit(3)
	if limit.Spare() {
		t.Error("closed one of none")
	}
	busy, _ := limit.Take(fake{name: "a", closed: &closed})
	busy.Busy()
	limit.Take(fake{name: "b", closed: &closed})
	if !limit.Spare() || limit.Spare() || !slices.Equal(closed, []string{"b"}) {
		t.Errorf("closed %v, want the idle one", closed)
	}
}
