package sqljournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"
)

// The kinds of holders.
const (
	singleNode = "single"
	manyNodes  = "cluster" // they all write under one token
)

// ErrTakenOver says that another node holds the journal that this one held.
var ErrTakenOver = errors.New("the journal was taken over")

// Holder is the node or the cluster that holds a journal, as it stands in its holder row. The row outlives the hold: whether
// it is in force, the lock tells.
type Holder struct {
	kind  string
	name  string
	pid   int
	since time.Time
	// Token is different for each hold, so that a write can prove whose it is.
	Token string
	// Node is this process's own, which the row has only of a single node.
	Node string
}

// NewHolder is this process as the holder from a time on, with the other nodes of its cluster unless that is empty.
func NewHolder(node, cluster string, since time.Time) Holder {
	h := Holder{kind: singleNode, name: node, pid: os.Getpid(), since: since, Token: uuid.NewString(), Node: node}
	if cluster != "" {
		h.kind, h.name = manyNodes, cluster
	}
	return h
}

// Cluster is the name of the cluster whose nodes hold the journal together; empty for a node alone.
func (h Holder) Cluster() string {
	if h.kind == manyNodes {
		return h.name
	}
	return ""
}

func (h Holder) String() string {
	if h.Cluster() != "" {
		return fmt.Sprintf("cluster %q", h.name)
	}
	return fmt.Sprintf("node %q (process %d) since %s", h.name, h.pid, h.since.UTC().Format(time.RFC3339))
}

// Querier is a *sql.DB, *sql.Conn or *sql.Tx.
type Querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Execer is a *sql.DB, *sql.Conn or *sql.Tx.
type Execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// ReadHolder reads the holder row.
func ReadHolder(ctx context.Context, q Querier) (Holder, error) {
	var h Holder
	var since int64
	err := q.QueryRowContext(ctx, `SELECT kind, name, pid, token, since FROM journal_holder`).
		Scan(&h.kind, &h.name, &h.pid, &h.Token, &since)
	h.since = time.UnixMilli(since)
	return h, err
}

// WriteHolder records the new holder. From its commit on, nothing that the old one writes is taken.
func WriteHolder(ctx context.Context, db Execer, h Holder) error {
	_, err := db.ExecContext(ctx, `
		INSERT INTO journal_holder (only_row, kind, name, pid, token, since) VALUES (1, $1, $2, $3, $4, $5)
		ON CONFLICT (only_row) DO UPDATE SET kind = excluded.kind, name = excluded.name, pid = excluded.pid,
			token = excluded.token, since = excluded.since`,
		h.kind, h.name, h.pid, h.Token, h.since.UnixMilli())
	if err != nil {
		return fmt.Errorf("record the holder: %w", err)
	}
	return nil
}

// HeldBy is the error for a node that finds the journal's lock taken.
func HeldBy(ctx context.Context, q Querier) error {
	h, err := ReadHolder(ctx, q)
	if err != nil {
		return errors.New("it is held by another process")
	}
	return fmt.Errorf("it is held by %v", h)
}

// TakenOver is the error for a node that finds another holder in its place.
func TakenOver(ctx context.Context, q Querier) error {
	h, err := ReadHolder(ctx, q)
	if err != nil {
		return fmt.Errorf("%w by another process", ErrTakenOver)
	}
	return fmt.Errorf("%w by %v", ErrTakenOver, h)
}
