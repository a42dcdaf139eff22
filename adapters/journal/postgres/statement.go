package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

// statement is one that takes a single answer of the database, whenever it is run (C1): its first run on a session brings it
// along, to be prepared.
type statement struct{ name, sql string }

// parameters are those of a statement, in their order.
type parameters []parameter

type parameter struct {
	oid   uint32
	value any
}

// run runs the statement in a transaction of its own, and hands over each row that it returns, whose columns are valid only
// then. What it did is on stable storage when there is no error. After an error the session is given up, unless it is known to
// be as good as before.
func (s statement) run(ctx context.Context, db *sql.DB, ps parameters, each func(row [][]byte)) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	err = conn.Raw(func(driver any) error {
		session := driver.(*stdlib.Conn).Conn()
		err := s.runOn(ctx, session, ps, each)
		if err != nil && !s.refusedOn(session, err) {
			_ = session.Close(ctx)
		}
		return err
	})
	return cmp.Or(err, conn.Close())
}

// runIn runs the statement in the transaction that is open in a session.
func (s statement) runIn(ctx context.Context, conn *sql.Conn, ps parameters, each func(row [][]byte)) error {
	return conn.Raw(func(driver any) error { return s.runOn(ctx, driver.(*stdlib.Conn).Conn(), ps, each) })
}

func (s statement) runOn(ctx context.Context, session *pgx.Conn, ps parameters, each func(row [][]byte)) error {
	values, types, err := ps.encoded(session.TypeMap())
	if err != nil {
		return err
	}
	conn := session.PgConn()
	sent := conn.StartPipeline(ctx)
	if conn.CustomData()[s.name] == nil {
		sent.SendPrepare(s.name, s.sql, types)
	}
	inBinary := []int16{pgx.BinaryFormatCode}
	sent.SendQueryPrepared(s.name, values, inBinary, inBinary)
	err = answered(sent, each, func() { conn.CustomData()[s.name] = s })
	return cmp.Or(err, sent.Close())
}

// refusedOn says whether an error is the server's answer to the statement, after which its session goes on: it is in the middle
// of nothing, and has the statement, of which it says neither that it can't be run as it is nor that it is not there.
func (s statement) refusedOn(session *pgx.Conn, err error) bool {
	conn := session.PgConn()
	e, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || session.IsClosed() || conn.TxStatus() != 'I' || conn.CustomData()[s.name] == nil {
		return false
	}
	class := e.Code[:min(2, len(e.Code))]
	return class != "0A" && class != "26" && class != "42"
}

// answered reads all that was sent is answered with. Without an error, the server has said that it is committed. A statement stays
// prepared even when running it fails.
func answered(sent *pgconn.Pipeline, each func(row [][]byte), prepared func()) error {
	if err := sent.Sync(); err != nil {
		return err
	}
	for {
		result, err := sent.GetResults()
		if err != nil {
			return err
		}
		switch result := result.(type) {
		case *pgconn.StatementDescription:
			prepared()
		case *pgconn.ResultReader:
			for result.NextRow() {
				each(result.Values())
			}
			if _, err := result.Close(); err != nil {
				return err
			}
		case *pgconn.PipelineSync:
			return nil
		case nil:
			return errors.New("the server's answer has no end")
		}
	}
}

// encoded are the parameters as they are sent, and their types.
func (ps parameters) encoded(types *pgtype.Map) (values [][]byte, oids []uint32, err error) {
	for i, p := range ps {
		value, err := types.Encode(p.oid, pgx.BinaryFormatCode, p.value, []byte{}) // nil would make an empty text NULL
		if err != nil {
			return nil, nil, fmt.Errorf("encode parameter %d: %w", i+1, err)
		}
		values, oids = append(values, value), append(oids, p.oid)
	}
	return values, oids, nil
}

// number is a column of the type bigint.
func number(column []byte) int64 { return int64(binary.BigEndian.Uint64(column)) }
