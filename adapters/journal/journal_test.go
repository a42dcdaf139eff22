package journal

import (
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// config is a node's, for the tests that don't care.
func config(url string) Config {
	return Config{
		URL: url, Retention: time.Hour, Holder: "a", Clock: time.Now, Log: slog.New(slog.DiscardHandler),
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
