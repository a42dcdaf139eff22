package actors

import (
	"testing"
	"time"
)

func TestPauseDoublesUpToTheLongest(t *testing.T) {
	b := backoff{100 * time.Millisecond, time.Second}
	tests := []struct {
		failures int
		jitter   float64
		want     time.Duration
	}{
		{1, 0, 100 * time.Millisecond},
		{2, 0, 200 * time.Millisecond},
		{4, 0, 800 * time.Millisecond},
		{5, 0, time.Second},
		{1000, 0, time.Second},
		{2, 0.5, 150 * time.Millisecond},
	}
	for _, tt := range tests {
		if got := b.pause(tt.failures, tt.jitter); got != tt.want {
			t.Errorf("after %d failures, jitter %v: %s, want %s", tt.failures, tt.jitter, got, tt.want)
		}
	}
}
