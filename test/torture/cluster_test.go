package main

import (
	"testing"
	"time"
)

// answered makes a game's answers from lives and the tenths of a second at which they asked.
func answered(h *History, game string, asked ...[2]int) {
	for _, a := range asked {
		h.Add(game, Answer{At: tenth(a[1]), Life: a[0], Container: "c", State: "running"})
	}
}

func tenth(n int) time.Time { return time.Unix(0, 0).Add(time.Duration(n) * 100 * time.Millisecond) }

func TestTenuresDivideLivesWhereAnotherOneOwnedTheGame(t *testing.T) {
	for _, test := range []struct {
		name   string
		asked  [][2]int
		claims []int
		doubts []doubt
		sure   []bool
	}{
		{"one owner", [][2]int{{1, 0}, {1, 10}, {1, 20}}, nil, nil, []bool{true, true, false}},
		{"another one in between", [][2]int{{1, 0}, {1, 10}, {2, 15}, {1, 20}, {1, 30}}, nil, nil, []bool{true, false, false, true, false}},
		{"a claim in between", [][2]int{{1, 0}, {1, 10}, {1, 20}}, []int{15}, nil, []bool{true, false, false}},
		{"a claim before all", [][2]int{{1, 5}, {1, 10}}, []int{0}, nil, []bool{true, false}},
		{"doubt about one", [][2]int{{1, 0}, {1, 10}, {1, 20}, {1, 30}}, nil, []doubt{{1, tenth(9), tenth(11)}}, []bool{false, false, true, false}},
		{"doubt about all", [][2]int{{1, 0}, {1, 10}}, nil, []doubt{{0, tenth(0), tenth(20)}}, []bool{false, false}},
		{"doubt about somebody else", [][2]int{{1, 0}, {1, 10}}, nil, []doubt{{2, tenth(0), tenth(20)}}, []bool{true, false}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := NewHistory()
			answered(h, "g", test.asked...)
			claims := map[string][]time.Time{}
			for _, at := range test.claims {
				claims["g"] = append(claims["g"], tenth(at))
			}
			got := certain(h.Tenures(claims, test.doubts).answers["g"], nil)
			for i, want := range test.sure {
				if got[i] != want {
					t.Errorf("answer %d is certain: %t, want %t", i, got[i], want)
				}
			}
		})
	}
}

func TestOverlapIsWhatTwoLivesInspectAtOnce(t *testing.T) {
	for _, test := range []struct {
		name  string
		asked [][2]int
		want  overlap
	}{
		{"a hand-over", [][2]int{{1, 0}, {1, 1}, {2, 2}, {2, 3}}, overlap{}},
		{"there and back", [][2]int{{1, 0}, {1, 1}, {2, 2}, {2, 3}, {1, 12}, {1, 13}}, overlap{}},
		{"one goes on", [][2]int{{1, 0}, {2, 1}, {1, 2}, {2, 3}, {1, 4}, {2, 5}}, overlap{300 * time.Millisecond, 4}},
		{"one look after a standstill", [][2]int{{1, 0}, {2, 20}, {2, 21}, {1, 22}, {2, 23}}, overlap{0, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := NewHistory()
			answered(h, "g", test.asked...)
			if got := h.Overlap(tenth(0), tenth(100), 300*time.Millisecond); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestStaleIsWhatALifeInspectsThatIsAnothersByThen(t *testing.T) {
	h := NewHistory()
	answered(h, "g", [2]int{1, 0}, [2]int{2, 40}, [2]int{2, 41}, [2]int{1, 42}, [2]int{2, 43}, [2]int{1, 60})
	if got, want := h.Stale(1, tenth(42), tenth(100), 300*time.Millisecond), (overlap{0, 1}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFirstLooksForAnotherLife(t *testing.T) {
	h := NewHistory()
	answered(h, "g", [2]int{1, 0}, [2]int{1, 10}, [2]int{2, 20}, [2]int{2, 30})
	if first, ok := h.First("g", tenth(5), 1); !ok || !first.Equal(tenth(20)) {
		t.Errorf("got %v %t, want %v", first, ok, tenth(20))
	}
	if _, ok := h.First("g", tenth(31), 1); ok {
		t.Error("found an answer where there is none")
	}
}
