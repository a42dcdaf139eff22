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

func rest() {}
`
	all := code(t, map[string]string{"actors/sum.go": file})
	changes, err := resolve([]mutation{
		{"H2/no sum", "(*sum).add", `*s += by[0]`, ``},
		{"H1/the other way", "judge", `a > b`, `a < b`},
		{"H1/equal too", "judge", `>`, `>=`},
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
`
	if files["actors/sum.go"] != want {
		t.Errorf("woven:\n%s\nwant:\n%s", files["actors/sum.go"], want)
	}
	if files["actors/mutant.go"] == "" || len(files) != 2 {
		t.Errorf("%d files are woven", len(files))
	}
}
