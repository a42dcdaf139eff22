//go:build integration

package postgres

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

// node is how a journal is opened.
type node struct {
	url, holder, cluster string
	retention            time.Duration
	log                  *slog.Logger
	rolledBack           func()
}

// config is a node's, for the tests that don't care.
func config(url string) node {
	return node{url: url, holder: "a", retention: time.Hour, log: slog.New(slog.DiscardHandler)}
}

// member is a configuration for a node of the cluster.
func member(url, cluster string) node {
	n := config(url)
	n.cluster = cluster
	return n
}

func (n node) as() sqljournal.Holder { return sqljournal.NewHolder(n.holder, n.cluster, time.Now()) }

func (n node) open(ctx context.Context) (*Journal, error) {
	parsed, err := pgx.ParseConfig(n.url)
	if err != nil {
		return nil, err
	}
	cfg := sqljournal.Config{Retention: n.retention, Holder: n.as(), Log: n.log, Clock: time.Now}
	return Open(ctx, NewTarget(parsed), cfg, n.rolledBack)
}

func start(t *testing.T, n node) *Journal {
	t.Helper()
	j, err := n.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeJournal(t, j) })
	return j
}

func closeJournal(t *testing.T, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// checkOnly is what Check says to a node of a cluster, or with an empty name to a node alone.
func checkOnly(t *testing.T, url, cluster string) error {
	t.Helper()
	_, _, err := Check(t.Context(), targetOf(t, url), member(url, cluster).as(), nil)
	return err
}

func targetOf(t *testing.T, url string) Target {
	t.Helper()
	parsed, err := pgx.ParseConfig(url)
	must(t, err)
	return NewTarget(parsed)
}

func second[T any](_ T, err error) error { return err }
