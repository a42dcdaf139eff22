package runninglist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/operand"
)

// Postgres is a running list that a query on a Postgres database returns: first the game id, then the container id,
// and perhaps the Engine's name. It implements actors.RunningList.
//
// Values of any type are taken as the text that Postgres makes of them, so that uuid, enum and integer keys need no cast.
// NULL is malformed (S6), for the Engine too: a query that may find none says COALESCE(engine, 'default').
type Postgres struct {
	pool  *pgxpool.Pool
	query string
}

// NewPostgres returns the running list that query returns on the database at a postgres:// URL. It connects at the
// first reading. What is wrong with the URL or the query is an *[operand.Error] of URL or Query.
func NewPostgres(databaseURL, query string) (*Postgres, error) {
	if strings.TrimSpace(query) == "" {
		return nil, &operand.Error{Of: "Query", Reason: "is empty", Want: "a query that returns game ids and container ids"}
	}
	config, err := parseURL(databaseURL)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 1 // Readings come one at a time.
	config.MinConns, config.MinIdleConns = 0, 0
	config.ConnConfig.MaxProtocolMessageBodyLen = maxBytes
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "healthactors"
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, fmt.Errorf("prepare the Postgres connection: %w", err)
	}
	return &Postgres{pool: pool, query: query}, nil
}

func parseURL(databaseURL string) (*pgxpool.Config, error) {
	const of, want = "URL", "postgres://USER@HOST:PORT/DATABASE"
	if !operand.IsPostgres(databaseURL) {
		return nil, &operand.Error{Of: of, Reason: "is not a Postgres URL", Want: want}
	}
	config, err := pgxpool.ParseConfig(databaseURL)
	if fault := operand.PostgresFault(databaseURL, err); fault != "" {
		return nil, &operand.Error{Of: of, Reason: fault, Want: want}
	}
	return config, nil
}

// Close ends the connection. It waits for a reading that is under way.
func (p *Postgres) Close() {
	p.pool.Close()
}

// Check tries the query once: that the database answers, the query is right, and what it returns is a running list.
func (p *Postgres) Check(ctx context.Context) error {
	_, err := p.Read(ctx)
	return err
}

// Read runs the query in a read-only transaction. When ctx ends, the query is cancelled on the server too.
func (p *Postgres) Read(ctx context.Context) ([]actors.Entry, error) {
	entries, err := p.read(ctx)
	if err != nil {
		return nil, fmt.Errorf("query the running list: %w", oneLine{err})
	}
	return entries, nil
}

func (p *Postgres) read(ctx context.Context) ([]actors.Entry, error) {
	tx, err := p.pool.BeginTx(ctx, pgx.TxOptions{BeginQuery: begin(ctx)})
	if err != nil {
		return nil, err
	}
	// There is nothing to commit. After an error the rollback fails too, and that ends the connection with all that
	// is still on its way.
	defer func() { _ = tx.Rollback(ctx) }()
	entries, err := readRows(tx.Conn().PgConn().ExecParams(ctx, p.query, nil, nil, nil, nil))
	if _, ok := errors.AsType[*pgproto3.ExceededMaxBodyLenErr](err); ok { // A single row.
		return nil, errTooManyBytes
	}
	return entries, err
}

// begin returns the statements that open the transaction. The server gives up a little after ctx does, in case it isn't
// told that ctx has ended.
func begin(ctx context.Context) string {
	statements := "begin read only; set local client_encoding = 'UTF8'"
	if deadline, ok := ctx.Deadline(); ok {
		left := max(time.Until(deadline), 0) + time.Second
		statements += fmt.Sprintf("; set local statement_timeout = %d", left.Milliseconds())
	}
	return statements
}

// readRows reads the result to its end.
func readRows(rows *pgconn.ResultReader) ([]actors.Entry, error) {
	columns := slices.Clone(rows.FieldDescriptions())
	if len(columns) == 0 { // The query failed, or is not one that returns rows.
		if _, err := rows.Close(); err != nil {
			return nil, err
		}
	}
	if len(columns) != 2 && len(columns) != 3 {
		return nil, fmt.Errorf(
			"the query returns %d columns; want game id and container id, and perhaps the Engine's name", len(columns))
	}
	var entries []actors.Entry
	size := 0
	for rows.NextRow() {
		if len(entries) == maxEntries {
			return nil, errTooManyEntries
		}
		values := rows.Values()
		for i := range values {
			if size += len(values[i]); size > maxBytes {
				return nil, errTooManyBytes
			}
			if columns[i].DataTypeOID == pgtype.BPCharOID && values[i] != nil {
				values[i] = bytes.TrimRight(values[i], " ") // char(n) is padded with blanks, which SQL ignores.
			}
		}
		entries = append(entries, row(values))
	}
	_, err := rows.Close()
	return entries, err
}

// row returns the entry of a row of two or three values, nil for NULL.
func row(values [][]byte) actors.Entry {
	var entry actors.Entry
	fields := []field{
		{name: "game_id", value: &entry.GameID},
		{name: "container_id", value: &entry.ContainerID},
		{name: "engine", value: &entry.Engine},
	}
	for i, value := range values {
		if value == nil {
			fields[i].problem = "is null"
			continue
		}
		*fields[i].value = string(value)
	}
	entry.Malformed = problems(fields)
	return entry
}

// oneLine writes an error on one line; the driver's have a line for each attempt to connect.
type oneLine struct{ error }

func (e oneLine) Error() string { return operand.OneLine(e.error.Error()) }
func (e oneLine) Unwrap() error { return e.error }
