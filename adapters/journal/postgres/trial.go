package postgres

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

// trial are the writes of a check: the same ones, each time in a transaction that is rolled back, so that the database itself
// says whether they can be made. The transactions are short, since running nodes may wait for them.
type trial struct{ done []func() error }

func (t *trial) migrate(ctx context.Context, conn *lockConn) error {
	return t.do(ctx, conn, func() error { return tryMigrations(ctx, conn) })
}

func (t *trial) hold(ctx context.Context, conn *lockConn, me sqljournal.Holder) error {
	return t.do(ctx, conn, func() error { return recordHolder(ctx, conn, me) })
}

// do takes a step that those after it build upon.
func (t *trial) do(ctx context.Context, conn *lockConn, step func() error) error {
	t.done = append(t.done, step)
	return t.once(ctx, conn, func() error { return nil })
}

// once takes all the steps so far, and one more.
func (t *trial) once(ctx context.Context, conn *lockConn, step func() error) (err error) {
	if _, err := conn.ExecContext(ctx, `BEGIN`); err != nil {
		return err
	}
	defer func() {
		_, rolledBack := conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
		err = cmp.Or(err, rolledBack)
	}()
	// Behind a lock that is waited for, all other nodes wait.
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d", exclusionWait.Milliseconds())); err != nil {
		return err
	}
	for _, step := range append(slices.Clone(t.done), step) {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// tryMigrations does in the transaction that is open what migrate does in its own.
func tryMigrations(ctx context.Context, conn *lockConn) error {
	var known bool
	if err := conn.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'journal_versions')`).
		Scan(&known); err != nil {
		return err
	}
	if !known {
		if _, err := conn.ExecContext(ctx,
			`CREATE TABLE journal_versions (id bigint, version_id bigint NOT NULL, is_applied boolean NOT NULL)`); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
	}
	var version int64
	if err := conn.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM journal_versions WHERE is_applied`).
		Scan(&version); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	files, err := fs.Glob(migrations, "migrations/*.sql") // in their order, without a gap
	if err != nil {
		return err
	}
	for n := version; n < int64(len(files)); n++ {
		text, err := migrations.ReadFile(files[n])
		if err != nil {
			return err
		}
		for _, statement := range append(statementsOf(string(text)), fmt.Sprintf(
			// With an id of its own, so that no sequence goes on.
			`INSERT INTO journal_versions (id, version_id, is_applied) VALUES (-%d, %[1]d, true)`, n+1)) {
			if _, err := conn.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("migrate: migrations/postgres/%s: %w", path.Base(files[n]), err)
			}
		}
	}
	return nil
}

// statementsOf takes a migration apart, which has neither comments nor texts with a semicolon.
func statementsOf(migration string) []string {
	var code strings.Builder
	for line := range strings.Lines(migration) {
		line, _, _ = strings.Cut(line, "--")
		code.WriteString(line + "\n")
	}
	var all []string
	for statement := range strings.SplitSeq(code.String(), ";") {
		if strings.TrimSpace(statement) != "" {
			all = append(all, statement)
		}
	}
	return all
}
