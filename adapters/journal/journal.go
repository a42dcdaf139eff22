// Package journal opens the journal that keeps the games' event streams: in SQLite or in Postgres, as its URL says.
//
// What the two share is in internal/sqljournal, and what differs in a package for each.
package journal

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
	"galaxy/healthactors/adapters/journal/postgres"
	"galaxy/healthactors/adapters/journal/sqlite"
	"galaxy/healthactors/adapters/operand"
)

// Config says which journal to open.
type Config struct {
	// URL is "sqlite:PATH", "postgres://…", or "memory:", which is gone when the journal is closed.
	URL string
	// Retention is how long delivered history is kept; it is positive.
	Retention time.Duration
	// Holder is this node's name, which another node that wants the same journal is told.
	Holder string
	// Cluster is the name of the cluster whose nodes share the journal, which is then in Postgres; empty for a node alone.
	Cluster string
	// RolledBack is called for each time that a running journal is noticed to have gone back in time, as after a failover that
	// lost commits (R4); nil for nobody. It must not wait for the journal.
	RolledBack func()
	Log        *slog.Logger
	// Clock stamps what is written; retention goes by these stamps.
	Clock actors.Clock
}

func (c Config) holder() sqljournal.Holder {
	return sqljournal.NewHolder(c.Holder, c.Cluster, c.Clock())
}

// shared is what all journals go by.
func (c Config) shared() sqljournal.Config {
	return sqljournal.Config{Retention: c.Retention, Holder: c.holder(), Log: c.Log, Clock: c.Clock}
}

// Journal is an open journal.
type Journal struct {
	*sqljournal.Journal
	postgres *postgres.Journal // the same one, where it is in Postgres
}

// Open opens the journal and takes hold of it; a missing one is created. A journal that is damaged, held by another node
// or written by a newer version is refused with an error of one line, and nothing in it was changed.
func Open(ctx context.Context, cfg Config) (*Journal, error) {
	t, err := parse(cfg.URL)
	if err != nil {
		return nil, err
	}
	j, err := t.open(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open the journal %s: %w", operand.Mask(cfg.URL), err)
	}
	return j, nil
}

func (t sqliteTarget) open(ctx context.Context, cfg Config) (*Journal, error) {
	j, err := sqlite.Open(ctx, t.path, cfg.shared())
	if err != nil {
		return nil, err
	}
	return &Journal{Journal: j}, nil
}

func (t postgresTarget) open(ctx context.Context, cfg Config) (*Journal, error) {
	j, err := postgres.Open(ctx, t.Target, cfg.shared(), cfg.RolledBack)
	if err != nil {
		return nil, err
	}
	return &Journal{Journal: j.Journal, postgres: j}, nil
}

// Lease makes this process a member of the cluster that holds the journal, as postgres.Journal.Lease does; no other journal
// has leases.
func (j *Journal) Lease(ctx context.Context, cfg postgres.LeaseConfig) (*postgres.Lease, error) {
	if j.postgres == nil {
		return nil, postgres.ErrNoCluster
	}
	return j.postgres.Lease(ctx, cfg)
}
