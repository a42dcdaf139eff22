package postgres

import (
	"context"
	"errors"
	"fmt"

	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

// Journal is a journal in Postgres, which a cluster can hold.
type Journal struct {
	*sqljournal.Journal
	db *database
}

// Open opens the journal in a database and takes hold of it; a missing one is created in the current schema. One that is held
// by another node or written by a newer version is refused with an error of one line, and nothing in it was changed.
// rolledBack is called for each time that the running journal is noticed to have gone back in time (R4); nil for nobody. It
// must not wait for the journal.
func Open(ctx context.Context, t Target, cfg sqljournal.Config, rolledBack func()) (*Journal, error) {
	var p *database
	j, err := sqljournal.Open(ctx, cfg, func(failed func(error)) (_ sqljournal.Database, err error) {
		p, err = open(ctx, t, cfg, failed, rolledBack)
		return p, err
	})
	if err != nil {
		return nil, err
	}
	if err := j.InTurn(func() error { return p.Store(nil) }); err != nil {
		return nil, errors.Join(fmt.Errorf("write to it: %w", err), j.Close())
	}
	p.working.Go(func() { p.watchRollbacks(p.background, j) })
	return &Journal{j, p}, nil
}

func open(ctx context.Context, t Target, cfg sqljournal.Config, failed func(error), rolledBack func()) (*database, error) {
	p := newDatabase(t, cfg.Holder, lasting{})
	p.log, p.failed, p.rolledBack = cfg.Log, failed, rolledBack
	p.read, p.write = sessions(t.forReaders()), sessions(t.forWriter(cfg.Holder))
	p.loader = newLoader(p.readStreams)
	p.write.SetMaxOpenConns(1)
	p.read.SetMaxOpenConns(readers)
	p.read.SetMaxIdleConns(readers)
	conn, err := t.connect(ctx)
	if err == nil {
		err = p.takeHold(ctx, conn)
	}
	if err != nil {
		_ = conn.Close()
		_ = p.Close()
		return nil, explain(err)
	}
	p.background, p.stop = context.WithCancel(context.Background())
	g := &guard{target: t, me: p.me, log: p.log, failed: failed}
	p.working.Go(func() { g.run(p.background, conn) })
	p.working.Go(func() { keepOpen(p.background, p.read, readersKept) })
	return p, nil
}
