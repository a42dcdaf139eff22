package postgres

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"galaxy/healthactors/adapters/journal/internal/journaltest"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

func TestMain(m *testing.M) { journaltest.Main(m, openAs) }

// openAs opens a journal for a node.
func openAs(ctx context.Context, url, node string) (journaltest.Journal, error) {
	parsed, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	return Open(ctx, NewTarget(parsed), sqljournal.Config{
		Retention: time.Hour, Holder: sqljournal.NewHolder(node, "", time.Now()), Log: slog.New(slog.DiscardHandler), Clock: time.Now,
	}, nil)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
