package sqljournal_test

import (
	"testing"
	"time"

	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/journal/internal/journaltest"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

func TestOneStreamTwice(t *testing.T) {
	oneStreamTwice(t, open(t, config(fileURL(t))))
}

// oneStreamTwice appends to one stream several times at once.
func oneStreamTwice(t *testing.T, j *journal.Journal) {
	t.Helper()
	busy, goOn := make(chan struct{}), make(chan struct{})
	job := make(chan error, 1)
	go func() { job <- j.InTurn(func() error { close(busy); <-goOn; return nil }) }()
	<-busy
	var results []chan error
	for _, index := range []int64{0, 0, 1, 5, 2} {
		w, err := sqljournal.EventWrite("game", index, journaltest.Detection(index), time.Now())
		must(t, err)
		result := make(chan error, 1)
		results = append(results, result)
		go func() { result <- j.Commit(t.Context(), w) }()
		for waiting := 0; waiting < len(results); {
			waiting = j.Waiting()
		}
	}
	close(goOn)
	must(t, <-job)
	for i, refused := range []bool{false, true, false, true, false} {
		if err := <-results[i]; (err != nil) != refused {
			t.Errorf("write %d: %v", i, err)
		}
	}
}
