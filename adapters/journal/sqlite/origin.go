package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

// checkpointPatience is how long writing the log back waits for those who read: one who takes a backup reads for minutes, and
// neither a start nor a stop waits for that.
const checkpointPatience = "busy_timeout(100)"

// origin is what a file says of itself for as long as it is open, and after a crash: then its log lies beside that name, and
// the file alone is not whole. A copy or a backup of an open file says the same, and is another file.
type origin struct {
	name string // under which it was opened last, empty if it was closed in order
	id   string // of hold.id, empty where it is not known
}

// record writes an origin into the file, an empty one when it is closed in order. All of the log is written back with it, since
// whoever finds the file under another name sees the file alone. written is whether it could be: somebody who reads keeps
// what is newer than his reading from it. The file alone then says what it said before, so that a second name that it gets
// meanwhile is not noticed after a crash; and of a file that is moved while somebody reads it the log has to be moved along.
//
// The table is none of the schema's versions: it tells of the file and not of the history, releases that don't know it leave
// it alone, and a stale origin does no harm, because it is the log that counts.
func record(ctx context.Context, db *sql.DB, o origin) (written bool, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close() }()
	for _, statement := range []struct {
		query string
		args  []any
	}{
		{query: `CREATE TABLE IF NOT EXISTS journal_file (
			only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1), open_as TEXT NOT NULL, file_id TEXT NOT NULL)`},
		{query: `INSERT INTO journal_file (only_row, open_as, file_id) VALUES (1, $1, $2)
			ON CONFLICT (only_row) DO UPDATE SET open_as = excluded.open_as, file_id = excluded.file_id`, args: []any{o.name, o.id}},
		{query: "PRAGMA " + checkpointPatience},
	} {
		if _, err := conn.ExecContext(ctx, statement.query, statement.args...); err != nil {
			return false, fmt.Errorf("record the name of the file: %w", err)
		}
	}
	written, err = writeBack(ctx, conn, "TRUNCATE")
	if _, restored := conn.ExecContext(ctx, "PRAGMA "+busyTimeout); err == nil {
		err = restored
	}
	return written, err
}

// writeBack writes the log back into the file, and says whether all of it could be.
func writeBack(ctx context.Context, q sqljournal.Querier, mode string) (bool, error) {
	var busy, frames, written int
	err := q.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &frames, &written)
	if err != nil {
		return false, fmt.Errorf("write the log back into the file: %w", err)
	}
	return busy == 0 && frames == written, nil
}

// recordedOrigin reads what the file says of itself.
func recordedOrigin(ctx context.Context, q sqljournal.Querier) (o origin, err error) {
	var known bool
	err = q.QueryRowContext(ctx, `SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'journal_file'`).Scan(&known)
	if err == nil && known {
		err = q.QueryRowContext(ctx, `SELECT open_as, file_id FROM journal_file`).Scan(&o.name, &o.id)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return origin{}, fmt.Errorf("read under which name it was open: %w", err)
	}
	return o, nil
}
