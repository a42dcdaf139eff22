package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"

	driver "modernc.org/sqlite"
)

func (t sqliteTarget) open(ctx context.Context, me holder, log *slog.Logger, fail func(error)) (database, error) {
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
	warning, err := f.inspect(ctx, hold)
	if err != nil {
		return nil, errors.Join(sqliteError(err), s.close())
	}
	if warning != "" {
		log.Warn(warning, "file", f.path)
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

// busyTimeout is how long a statement waits for another program that uses the file.
const busyTimeout = "busy_timeout(5000)"

// connect makes the two pools, which make no file.
func (s *sqlite) connect() (err error) {
	s.write, err = s.pool(1, url.Values{
		"_pragma": {
			busyTimeout, "auto_vacuum(incremental)", "journal_mode(wal)", "synchronous(full)",
			fmt.Sprintf("journal_size_limit(%d)", walKeep), fmt.Sprintf("cache_size(-%d)", writerCache>>10),
		},
		"_txlock": {"immediate"},
	})
	if err == nil {
		s.read, err = s.pool(sqliteReaders, url.Values{"_pragma": {busyTimeout, "query_only(1)"}})
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
		_, err := record(context.Background(), s.write, origin{})
		errs = append(errs, s.fileGone(), err)
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	if s.hold != nil {
		errs = append(errs, s.hold.release())
	}
	return errors.Join(errs...)
}
