package actors

import (
	"context"
	"time"
)

const (
	// countTimeout bounds how long the end of a node waits for the supervisor's counts.
	countTimeout = 2 * time.Second
	// countEvery is how often the supervisor counts although nobody asks, and countShare bounds the part of its time that it
	// spends on it: one in so many. Counting 300,000 games takes 0.15 s when none is well (BenchmarkCount).
	countEvery = time.Second
	countShare = 20
	// scrapePatience is how long a scrape waits for the counts of now.
	scrapePatience = 250 * time.Millisecond
	// countsAge is how old the counts may be that a scrape gets otherwise: as long as reading in a very long list may take.
	countsAge = 30 * time.Second
)

// countWhenDue keeps counts at hand for scrapes that can't wait until they are answered.
func (s *supervisor) countWhenDue() {
	if last := s.board.counted.Load(); last == nil || time.Since(last.at) >= max(countEvery, countShare*last.took) {
		c := s.count()
		c.took = time.Since(c.at)
		s.board.counted.Store(&c)
	}
}

// recentCounts returns the counts of now, or those of a moment ago from a supervisor that is busy: in a tick over very many
// games, each question waits behind the reports of all inspectors.
func (n *Node) recentCounts(ctx context.Context) (counts, error) {
	ctx, cancel := context.WithTimeout(ctx, scrapePatience)
	defer cancel()
	now, err := n.counts(ctx)
	if last := n.board.counted.Load(); err != nil && last != nil && time.Since(last.at) < countsAge {
		return *last, nil
	}
	return now, err
}
