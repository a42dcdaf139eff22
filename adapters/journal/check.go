package journal

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"galaxy/healthactors/actors"
)

// Found is what a check found in a journal that a node could open.
type Found struct {
	// Warnings are what Open, or the journal later, would warn of.
	Warnings []string
	// Members are the present members of the node's cluster, the node that is to be started included.
	Members []actors.Member
}

// Check says whether Open, and Lease for a node that is to become a member, would succeed now, and changes nothing: it takes the
// same steps as they do, and what they would write it writes where it does not last. A name that is still leased is waited
// for as Lease does it.
func Check(ctx context.Context, cfg Config, lease *LeaseConfig) (Found, error) {
	t, err := parse(cfg.URL)
	if err != nil {
		return Found{}, err
	}
	found, err := t.check(ctx, newHolder(cfg), lease)
	if err != nil {
		return Found{}, fmt.Errorf("open the journal %s: %w", mask(cfg.URL), err)
	}
	return found, nil
}

func (memoryTarget) check(_ context.Context, me holder, _ *LeaseConfig) (Found, error) {
	return Found{}, oneNode(me.cluster())
}

func (t sqliteTarget) check(ctx context.Context, me holder, _ *LeaseConfig) (found Found, err error) {
	if err := oneNode(me.cluster()); err != nil {
		return found, err
	}
	f, err := resolveFile(t.path)
	if err != nil {
		return found, err
	}
	if err := canWrite(filepath.Dir(f.path)); err != nil {
		return found, fmt.Errorf("the directory %s can't be written: %w", filepath.Dir(f.path), err)
	}
	if err := f.canUseBeside(); err != nil {
		return found, err
	}
	h, err := f.acquire(ctx, false)
	if err != nil {
		return found, err
	}
	defer func() { _ = h.release() }()
	warning, err := f.inspect(ctx, h)
	if err == nil && !h.empty() {
		err = f.tryPreparing(ctx, me)
	}
	if warning != "" {
		found.Warnings = []string{warning}
	}
	return found, sqliteError(err)
}

// canUseBeside looks at what lies beside the file, such as a log that another user has left, which a start opens for writing.
func (f sqliteFile) canUseBeside() error {
	for _, ending := range []string{".lock", "-wal", "-shm"} {
		path := f.path + ending
		info, err := os.Stat(path)
		switch {
		case isGone(err):
		case err != nil:
			return err
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s is not a file", path)
		case ending == ".lock": // it is only read, by acquire
		default:
			if err := canUse(path); err != nil {
				return fmt.Errorf("%s can't be written: %w", path, err)
			}
		}
	}
	return nil
}

// tryPreparing prepares a copy in memory of what the file has but its history, as a start would prepare the file.
func (f sqliteFile) tryPreparing(ctx context.Context, me holder) error {
	db, err := f.openReadOnly()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	trial, err := newInMemory(me)
	if err != nil {
		return err
	}
	if err := copySchema(ctx, db, trial.write); err != nil {
		return fmt.Errorf("read its tables: %w", err)
	}
	if _, err := trial.prepared(ctx); err != nil {
		return err // it is closed by then
	}
	return trial.close()
}

// copySchema copies the tables, and the rows by which a start decides what there is to do.
func copySchema(ctx context.Context, from, to *sql.DB) error {
	statements, err := scanStrings(from.QueryContext(ctx,
		`SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY rowid`))
	if err != nil {
		return err
	}
	tables, err := scanStrings(from.QueryContext(ctx,
		`SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ('journal_meta', 'journal_versions')`))
	if err != nil {
		return err
	}
	for _, table := range tables {
		rows, err := scanStrings(from.QueryContext(ctx, rowsOf[table]))
		if err != nil {
			return err
		}
		statements = append(statements, rows...)
	}
	for _, statement := range statements {
		if _, err := to.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// rowsOf writes the rows of a table as the statements that insert them.
var rowsOf = map[string]string{
	"journal_meta": `SELECT format('INSERT INTO journal_meta (only_row, least_reader, floor) VALUES (%d, %d, %d)',
		only_row, least_reader, floor) FROM journal_meta`,
	"journal_versions": `SELECT format('INSERT INTO journal_versions (version_id, is_applied) VALUES (%d, %d)',
		version_id, is_applied) FROM journal_versions ORDER BY id`,
}

func (t postgresTarget) check(ctx context.Context, me holder, lease *LeaseConfig) (found Found, err error) {
	conn, err := t.connect(ctx)
	defer func() { _ = conn.Close() }()
	if err != nil {
		return found, postgresError(err)
	}
	// The lock is held for as long as the check takes; a node that starts meanwhile waits, or is of the same cluster.
	try := &trial{}
	p := newPostgres(t, me, try)
	if err = p.takeHold(ctx, conn); err == nil {
		err = try.do(ctx, conn, func() error { return p.tryStore(ctx, conn) })
	}
	if err != nil {
		return found, postgresError(err)
	}
	if found.Warnings, err = missingRights(ctx, conn); err != nil {
		return found, postgresError(err)
	}
	if lease != nil {
		found.Members, err = p.tryLease(ctx, conn, try, *lease)
	}
	return found, postgresError(err)
}

// tryStore writes what Open writes first: a commit of this process without events.
func (p *postgres) tryStore(ctx context.Context, conn *lockConn) error {
	return postgresStore.runIn(ctx, conn.Conn, p.parameters(nil), func([][]byte) {})
}

// tryLease takes the lease as a node that starts does. No transaction is open while it waits for the name, lest the renewal of
// the node that has it wait as well.
func (p *postgres) tryLease(ctx context.Context, conn *lockConn, try *trial, cfg LeaseConfig) (members []actors.Member, err error) {
	l := &Lease{cfg: cfg, p: p, session: conn.Conn, log: slog.New(slog.DiscardHandler), failed: func(error) {}}
	err = l.take(ctx, func(ctx context.Context, expired bool, renewal string) (own bool, known []actors.Member, err error) {
		err = try.once(ctx, conn, func() error {
			own, known, err = l.query(ctx, 0, expired, renewal)
			return err
		})
		members = slices.DeleteFunc(known, func(m actors.Member) bool { return m.ExpiresIn <= 0 })
		return own, known, err
	})
	if err != nil {
		return nil, fmt.Errorf("take the lease of node %q: %w", cfg.Node, err)
	}
	return members, nil
}

// missingRights names what a node runs without, and warns of when it would need it.
func missingRights(ctx context.Context, conn *lockConn) ([]string, error) {
	tables, err := scanStrings(conn.QueryContext(ctx, `
		SELECT tablename::text FROM pg_tables
		WHERE schemaname = current_schema() AND tablename LIKE 'journal\_%' AND tablename <> 'journal_versions'
			AND NOT has_table_privilege(format('%I.%I', schemaname, tablename), 'DELETE')
		ORDER BY tablename`))
	warnings := make([]string, len(tables))
	for n, table := range tables {
		warnings[n] = fmt.Sprintf("a right is missing: to delete from %s, so that old history stays", table)
	}
	return warnings, err
}
