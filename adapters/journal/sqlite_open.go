package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"

	"github.com/pressly/goose/v3"
	driver "modernc.org/sqlite"
)

// oneNode refuses a cluster.
func oneNode(clusterName string) error {
	if clusterName != "" {
		return fmt.Errorf("it is for one node, and cluster %q needs a journal in Postgres", clusterName)
	}
	return nil
}

func (memoryTarget) open(ctx context.Context, me holder, _ *slog.Logger, _ func(error)) (database, error) {
	if err := oneNode(me.cluster()); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", ":memory:?_pragma=auto_vacuum(incremental)")
	if err != nil {
		return nil, err
	}
	// Each connection to memory is a database of its own: there must be one, and it must stay.
	db.SetMaxOpenConns(1)
	s := &sqlite{read: db, write: db, me: me}
	return s.prepared(ctx)
}

func (t sqliteTarget) open(ctx context.Context, me holder, _ *slog.Logger, fail func(error)) (database, error) {
	if err := oneNode(me.cluster()); err != nil {
		return nil, err
	}
	f, err := resolveFile(t.path)
	if err != nil {
		return nil, err
	}
	hold, err := f.acquire(ctx, true)
	if err != nil {
		return nil, err
	}
	s := &sqlite{path: f.path, hold: hold, me: me}
	if err := f.inspect(ctx, hold); err != nil {
		return nil, errors.Join(sqliteError(err), s.close())
	}
	if err := s.connect(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if _, err := s.prepared(ctx); err != nil {
		return nil, err
	}
	if err := s.settle(ctx, fail); err != nil {
		return nil, errors.Join(s.explain(err), s.close())
	}
	return s, nil
}

// connect makes the two pools, which make no file.
func (s *sqlite) connect() (err error) {
	s.write, err = s.pool(1, url.Values{
		"_pragma": {
			"busy_timeout(5000)", "auto_vacuum(incremental)", "journal_mode(wal)", "synchronous(full)",
			fmt.Sprintf("journal_size_limit(%d)", walKeep), fmt.Sprintf("cache_size(-%d)", writerCache>>10),
		},
		"_txlock": {"immediate"},
	})
	if err == nil {
		s.read, err = s.pool(sqliteReaders, url.Values{"_pragma": {"busy_timeout(5000)", "query_only(1)"}})
	}
	return err
}

func (s *sqlite) pool(connections int, parameters url.Values) (*sql.DB, error) {
	parameters.Set("mode", "rw")
	connector, err := driver.NewConnector(sqliteDSN(s.path, parameters))
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(pinned{connector, s})
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// settle makes the file one that can be told from others and watches over it.
func (s *sqlite) settle(ctx context.Context, fail func(error)) (err error) {
	if err := recordName(ctx, s.write, s.path); err != nil {
		return err
	}
	s.open = true
	if err := s.openReaders(ctx); err != nil {
		return err
	}
	if s.log, err = os.Stat(s.path + "-wal"); err != nil {
		return err
	}
	watching, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.watching.Go(func() { s.watch(watching, fail) })
	return nil
}

// openReaders makes all connections for reading, and has each open what it reads from: when the file is gone none could, and
// what it holds has to be read back then.
func (s *sqlite) openReaders(ctx context.Context) error {
	for range sqliteReaders {
		conn, err := s.read.Conn(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }() // into the pool, once there are all of them
		if err := checkVersion(ctx, conn); err != nil {
			return err
		}
	}
	return nil
}

// sqliteDSN escapes the path, which may have characters that mean something in a URI.
func sqliteDSN(path string, parameters url.Values) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + parameters.Encode()
}

// prepared brings the schema up to date and takes hold of the journal.
func (s *sqlite) prepared(ctx context.Context) (_ *sqlite, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(s.explain(err), s.close())
		}
	}()
	// BEFORE the schema, so that a file that was left half made is known as ours.
	if _, err := s.write.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
		return nil, fmt.Errorf("write to it: %w", err)
	}
	if err := migrate(ctx, s.write, goose.DialectSQLite3, "sqlite"); err != nil {
		return nil, err
	}
	if err := writeHolder(ctx, s.write, s.me); err != nil {
		return nil, err
	}
	for query, stmt := range map[string]**sql.Stmt{
		sqliteFindToken: &s.findToken, sqliteInsertEvent: &s.insertEvent,
		sqlitePutStream: &s.putStream, sqlitePutSnapshot: &s.putSnapshot,
	} {
		if *stmt, err = s.write.PrepareContext(ctx, query); err != nil {
			return nil, fmt.Errorf("prepare: %w", err)
		}
	}
	return s, nil
}

// close lets go of the file AFTER the last connection has written its log back. ErrFileGone: it was not where it was opened.
func (s *sqlite) close() error {
	if s.stop != nil {
		s.stop()
		s.watching.Wait()
	}
	var errs []error
	if s.read != nil {
		errs = append(errs, s.read.Close())
	}
	if s.open {
		// SQLite would not write back the log of a file that was moved.
		errs = append(errs, s.fileGone(), recordName(context.Background(), s.write, ""))
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	if s.hold != nil {
		errs = append(errs, s.hold.release())
	}
	return errors.Join(errs...)
}
