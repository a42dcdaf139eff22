package journal

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

// errTakenOver says that another node holds the journal that this one held.
var errTakenOver = errors.New("the journal was taken over")

// holder is the node or the cluster that holds a journal, as it stands in its holder row. The row outlives the hold: whether
// it is in force, the lock tells.
type holder struct {
	kind  string
	name  string
	pid   int
	token string // different for each hold, so that a write can prove whose it is
	node  string // this process's own, which the row has only of a single node
	since time.Time
}

func newHolder(cfg Config) holder {
	h := holder{kind: singleNode, name: cfg.Holder, pid: os.Getpid(), node: cfg.Holder, token: uuid.NewString(), since: cfg.Clock()}
	if cfg.Cluster != "" {
		h.kind, h.name = manyNodes, cfg.Cluster
	}
	return h
}

// cluster is the name of the cluster whose nodes hold the journal together; empty for a node alone.
func (h holder) cluster() string {
	if h.kind == manyNodes {
		return h.name
	}
	return ""
}

func (h holder) String() string {
	if h.cluster() != "" {
		return fmt.Sprintf("cluster %q", h.name)
	}
	return fmt.Sprintf("node %q (process %d) since %s", h.name, h.pid, h.since.UTC().Format(time.RFC3339))
}

// querier is a *sql.DB, *sql.Conn or *sql.Tx.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// execer is a *sql.DB, *sql.Conn or *sql.Tx.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func readHolder(ctx context.Context, q querier) (holder, error) {
	var h holder
	var since int64
	err := q.QueryRowContext(ctx, `SELECT kind, name, pid, token, since FROM journal_holder`).
		Scan(&h.kind, &h.name, &h.pid, &h.token, &since)
	h.since = time.UnixMilli(since)
	return h, err
}

// writeHolder records the new holder. From its commit on, nothing that the old one writes is taken.
func writeHolder(ctx context.Context, db execer, h holder) error {
	_, err := db.ExecContext(ctx, `
		INSERT INTO journal_holder (only_row, kind, name, pid, token, since) VALUES (1, $1, $2, $3, $4, $5)
		ON CONFLICT (only_row) DO UPDATE SET kind = excluded.kind, name = excluded.name, pid = excluded.pid,
			token = excluded.token, since = excluded.since`,
		h.kind, h.name, h.pid, h.token, h.since.UnixMilli())
	if err != nil {
		return fmt.Errorf("record the holder: %w", err)
	}
	return nil
}

// heldBy is the error for a node that finds the journal's lock taken.
func heldBy(ctx context.Context, q querier) error {
	h, err := readHolder(ctx, q)
	if err != nil {
		return errors.New("it is held by another process")
	}
	return fmt.Errorf("it is held by %v", h)
}

// takenOver is the error for a node that finds another holder in its place.
func takenOver(ctx context.Context, q querier) error {
	h, err := readHolder(ctx, q)
	if err != nil {
		return fmt.Errorf("%w by another process", errTakenOver)
	}
	return fmt.Errorf("%w by %v", errTakenOver, h)
}
