package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/pressly/goose/v3"
	driver "modernc.org/sqlite"

	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

// Open opens the journal in a file, or with an empty path one in memory, which is gone when it is closed. A missing file is
// created. One that is damaged, held by another node or written by a newer version is refused with an error of one line, and
// nothing in it was changed.
func Open(ctx context.Context, path string, cfg sqljournal.Config) (*sqljournal.Journal, error) {
	return sqljournal.Open(ctx, cfg, func(failed func(error)) (sqljournal.Database, error) {
		return open(ctx, path, cfg, failed)
	})
}

func open(ctx context.Context, path string, cfg sqljournal.Config, failed func(error)) (*database, error) {
	if err := oneNode(cfg.Holder); err != nil {
		return nil, err
	}
	if path != "" {
		return openFile(ctx, path, cfg, failed)
	}
	s, err := newInMemory(cfg.Holder)
	if err != nil {
		return nil, err
	}
	return s.prepared(ctx)
}

// oneNode refuses a cluster.
func oneNode(me sqljournal.Holder) error {
	if me.Cluster() != "" {
		return fmt.Errorf("it is for one node, and cluster %q needs a journal in Postgres", me.Cluster())
	}
	return nil
}

func openFile(ctx context.Context, path string, cfg sqljournal.Config, failed func(error)) (*database, error) {
	f, err := resolveFile(path)
	if err != nil {
		return nil, err
	}
	hold, err := f.acquire(ctx, true)
	if err != nil {
		return nil, err
	}
	s := &database{path: f.path, hold: hold, me: cfg.Holder}
	warning, err := f.inspect(ctx, hold)
	if err != nil {
		return nil, errors.Join(explain(err), s.Close())
	}
	if warning != "" {
		cfg.Log.Warn(warning, "file", f.path)
	}
	if err := s.connect(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if _, err := s.prepared(ctx); err != nil {
		return nil, err
	}
	if err := s.settle(ctx, failed); err != nil {
		return nil, errors.Join(s.Explain(err), s.Close())
	}
	return s, nil
}

// newInMemory is an empty database, which is yet to be prepared.
func newInMemory(me sqljournal.Holder) (*database, error) {
	db, err := sql.Open("sqlite", ":memory:?_pragma=auto_vacuum(incremental)")
	if err != nil {
		return nil, err
	}
	// Each connection to memory is a database of its own: there must be one, and it must stay.
	db.SetMaxOpenConns(1)
	return &database{read: db, write: db, me: me}, nil
}

// dsn escapes the path, which may have characters that mean something in a URI.
func dsn(path string, parameters url.Values) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + parameters.Encode()
}

// busyTimeout is how long a statement waits for another program that uses the file.
const busyTimeout = "busy_timeout(5000)"

// connect makes the two pools, which make no file.
func (s *database) connect() (err error) {
	s.write, err = s.pool(1, url.Values{
		"_pragma": {
			busyTimeout, "auto_vacuum(incremental)", "journal_mode(wal)", "synchronous(full)",
			fmt.Sprintf("journal_size_limit(%d)", walKeep), fmt.Sprintf("cache_size(-%d)", writerCache>>10),
		},
		"_txlock": {"immediate"},
	})
	if err == nil {
		s.read, err = s.pool(readers, url.Values{"_pragma": {busyTimeout, "query_only(1)"}})
	}
	return err
}

func (s *database) pool(connections int, parameters url.Values) (*sql.DB, error) {
	parameters.Set("mode", "rw")
	connector, err := driver.NewConnector(dsn(s.path, parameters))
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(pinned{connector, s})
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// settle makes the file one that can be told from others and watches over it.
func (s *database) settle(ctx context.Context, failed func(error)) (err error) {
	if s.recorded, err = record(ctx, s.write, origin{name: s.path, id: s.hold.id()}); err != nil {
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
	s.watching.Go(func() { s.watch(watching, failed) })
	return nil
}

// openReaders makes all connections for reading, and has each open what it reads from: when the file is gone none could, and
// what it holds has to be read back then.
func (s *database) openReaders(ctx context.Context) error {
	for range readers {
		conn, err := s.read.Conn(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }() // into the pool, once there are all of them
		if err := sqljournal.CheckVersion(ctx, conn); err != nil {
			return err
		}
	}
	return nil
}

// prepared brings the schema up to date and takes hold of the journal.
func (s *database) prepared(ctx context.Context) (_ *database, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(s.Explain(err), s.Close())
		}
	}()
	// BEFORE the schema, so that a file that was left half made is known as ours.
	if _, err := s.write.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
		return nil, fmt.Errorf("write to it: %w", err)
	}
	if err := sqljournal.Migrate(ctx, s.write, goose.DialectSQLite3, migrations); err != nil {
		return nil, err
	}
	if err := sqljournal.WriteHolder(ctx, s.write, s.me); err != nil {
		return nil, err
	}
	for query, stmt := range map[string]**sql.Stmt{
		findToken: &s.findToken, insertEvent: &s.insertEvent,
		putStream: &s.putStream, putSnapshot: &s.putSnapshot,
	} {
		if *stmt, err = s.write.PrepareContext(ctx, query); err != nil {
			return nil, fmt.Errorf("prepare: %w", err)
		}
	}
	if s.recovery, err = s.read.PrepareContext(ctx, sqljournal.SelectRecovery); err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	return s, nil
}
