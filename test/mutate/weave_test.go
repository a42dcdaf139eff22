package main

import "testing"

func TestWeave(t *testing.T) {
	file := `package actors

// judge judges.
func judge(a, b int) bool { return a > b }

func (s *sum) add(by ...int) (err error) {
	*s += by[0]
	return nil
}

func (q *queue[E]) first() E { return q.all[0] }

func of[K comparable, V any](m map[K]V, key K) V { return m[key] }

func rest() {}
`
	all := code(t, map[string]string{"actors/sum.go": file})
	changes, err := resolve([]mutation{
		{"H2/no sum", "(*sum).add", `*s += by[0]`, ``},
		{"H1/the other way", "judge", `a > b`, `a < b`},
		{"H1/equal too", "judge", `>`, `>=`},
		{"S4/the second", "(*queue[E]).first", `0`, `1`},
		{"S4/none", "of", `return m[key]`, `return *new(V)`},
	}, all)
	if err != nil {
		t.Fatal(err)
	}
	files := weave(changes)
	want := `package actors

// judge judges.
func judge_0(a, b int) bool { return a > b }

func (s *sum) add_0(by ...int) (err error) {
	*s += by[0]
	return nil
}

func (q *queue[E]) first_0() E { return q.all[0] }

func of_0[K comparable, V any](m map[K]V, key K) V { return m[key] }

func rest() {}

func judge(p0 int, p1 int) bool {
	switch mutant {
	case 2:
		return judge_2(p0, p1)
	case 3:
		return judge_3(p0, p1)
	default:
		return judge_0(p0, p1)
	}
}

//line H1/the other way:1
func judge_2(a, b int) bool { return a < b }

//line H1/equal too:1
func judge_3(a, b int) bool { return a >= b }

func (self *sum) add(p0 ...int) (err error) {
	switch mutant {
	case 1:
		return self.add_1(p0...)
	default:
		return self.add_0(p0...)
	}
}

//line H2/no sum:1
func (s *sum) add_1(by ...int) (err error) {
	
	return nil
}

func (self *queue[E]) first() E {
	switch mutant {
	case 4:
		return self.first_4()
	default:
		return self.first_0()
	}
}

//line S4/the second:1
func (q *queue[E]) first_4() E { return q.all[1] }

func of[K comparable, V any](p0 map[K]V, p1 K) V {
	switch mutant {
	case 5:
		return of_5[K, V](p0, p1)
	default:
		return of_0[K, V](p0, p1)
	}
}

//line S4/none:1
func of_5[K comparable, V any](m map[K]V, key K) V { return *new(V) }
`
	if files["actors/sum.go"] != want {
		t.Errorf("woven:\n%s\nwant:\n%s", files["actors/sum.go"], want)
	}
	if files["actors/mutant.go"] == "" || len(files) != 2 {
		t.Errorf("%d files are woven", len(files))
	}
}
