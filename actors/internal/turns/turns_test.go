package turns

import (
	"strings"
	"testing"
	"testing/synctest"
)

// TestTurns holds the slots to S4 and S5, and what becomes of a turn that is cut off to S2. A story's words: +a asks for a turn, +~a for one in the lane, -a gives its slot
// back, xa withdraws; what has a slot then is expected behind the colon.
func TestTurns(t *testing.T) {
	tests := []struct {
		name  string
		slots int
		story string
	}{
		{"S5 no more than the slots", 2, "+a:a +b:ab +c:ab -a:bc"},
		{"S4 in the order of waiting", 1, "+a:a +b:a +c:a -a:b +a:b -b:c -c:a"},
		{"S4 the lane is a quarter", 8, "+~a:a +~b:ab +~c:ab +d:abd -a:bdc"},
		{"S4 the lane is at least one", 2, "+~a:a +~b:a +c:ac -a:cb"},
		{"S4 the lane waits in the same order", 2, "+a:a +b:ab +~c:ab +d:ab -a:bc -b:cd"},
		{"S4 nor does the lane go first", 2, "+a:a +b:ab +c:ab +~d:ab -a:bc -b:cd"},
		{"S4 the lane may have an only slot", 1, "+~a:a +b:a -a:b"},
		{"S2 a withdrawn turn is nobody's", 1, "+a:a +b:a +c:a xb:a -a:c"},
		{"S2 a turn that has come can't be withdrawn", 1, "+a:a xa:a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { playTurns(t, tt.slots, tt.story) })
		})
	}
}

func playTurns(t *testing.T, slots int, story string) {
	queue := New(slots)
	waiting := map[string]*Turn{}
	ends := map[string]chan struct{}{}
	started := make(chan string, 10)
	running := ""
	for step := range strings.FieldsSeq(story) {
		word, want, _ := strings.Cut(step, ":")
		name := strings.TrimLeft(word, "+-x~")
		switch word[0] {
		case '+':
			end := make(chan struct{})
			ends[name] = end
			waiting[name] = queue.Enqueue(strings.Contains(word, "~"), func() {
				started <- name
				<-end
			})
		case '-':
			running = strings.ReplaceAll(running, name, "")
			close(ends[name])
		case 'x':
			if withdrawn := queue.Withdraw(waiting[name]); withdrawn == strings.Contains(running, name) {
				t.Errorf("%s: withdrawn %t", step, withdrawn)
			}
		}
		synctest.Wait()
		for len(started) > 0 {
			running += <-started
		}
		if running != want {
			t.Errorf("%s: %s have a slot", step, running)
		}
	}
	for name, end := range ends {
		if strings.Contains(running, name) {
			close(end)
		} else {
			queue.Withdraw(waiting[name])
		}
	}
}
