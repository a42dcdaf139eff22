package postgres

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

// lineRetry is the pause between two attempts to connect while nobody waits for a session.
const lineRetry = time.Second

// line has the next session ready before it is needed, so that one that breaks costs a renewal nothing, and makes sessions
// beside the renewals, so that these need not wait until one is made (C7).
type line struct {
	ready  chan made
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// made is what became of an attempt to connect.
type made struct {
	session *sql.Conn
	err     error
}

func newLine(db *sql.DB) *line {
	db.SetMaxIdleConns(-1) // a session that was given back is over
	ctx, cancel := context.WithCancel(context.Background())
	l := &line{ready: make(chan made), cancel: cancel}
	l.work.Go(func() {
		for {
			session, err := db.Conn(ctx) // bounded by the time-out of connecting
			var again <-chan time.Time
			if err != nil {
				again = time.After(lineRetry)
			}
			select {
			case l.ready <- made{session, err}:
			case <-again:
			case <-ctx.Done():
				if err == nil {
					_ = session.Close()
				}
				return
			}
		}
	})
	return l
}

// next returns the next session, or why the last attempt to make one failed.
func (l *line) next(ctx context.Context) (*sql.Conn, error) {
	for {
		select {
		case m := <-l.ready:
			if m.err == nil && !lives(m.session) {
				_ = m.session.Close()
				continue
			}
			return m.session, m.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// lives says whether the server has not ended the session, as far as can be told without waiting for an answer.
func lives(session *sql.Conn) bool {
	return session.Raw(func(conn any) error {
		return conn.(*stdlib.Conn).Conn().PgConn().CheckConn() //nolint:staticcheck // Ping, which is to be preferred, takes an answer's time
	}) == nil
}

func (l *line) close() {
	l.cancel()
	l.work.Wait()
}
