package postgres

import (
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

const (
	// connectTimeout bounds one try to connect, unless the URL has a connect_timeout.
	connectTimeout = 5 * time.Second
	// stalledAfter is how long the transaction of a cluster's node may be silent before the server ends it. What a stopped
	// node has written and not committed keeps its successor's claims waiting, and all that shares a batch with them.
	stalledAfter = time.Second
)

// Target is the database that a journal is in, or will be.
type Target struct{ config *pgx.ConnConfig }

// NewTarget is the database that a configuration of the driver's names.
func NewTarget(config *pgx.ConnConfig) Target {
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "healthactors"
	}
	config.RuntimeParams["synchronous_commit"] = "on" // whatever the server's default: P1
	return Target{config: config}
}

// forReaders is the configuration of the readers' connections. To plan a batch takes as long as to read or to store it, so it
// is planned once for each session, and for a journal that grows.
func (t Target) forReaders() *pgx.ConnConfig {
	config := t.config.Copy()
	config.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	config.RuntimeParams["enable_seqscan"] = "off"
	config.RuntimeParams["jit"] = "off"
	return config
}

// forWriter is the configuration of the writer's connection.
func (t Target) forWriter(me sqljournal.Holder) *pgx.ConnConfig {
	config := t.forReaders()
	if me.Cluster() != "" {
		config.RuntimeParams["idle_in_transaction_session_timeout"] = strconv.FormatInt(stalledAfter.Milliseconds(), 10)
	}
	return config
}

// forLease is the configuration of a lease's connection. A commit that a crash of the server undoes only makes the lease run
// out sooner, and needs no fsync to wait for; and a renewal that took longer than the lease is of no use.
func (t Target) forLease(length time.Duration) *pgx.ConnConfig {
	config := t.config.Copy()
	config.RuntimeParams["synchronous_commit"] = "off"
	config.RuntimeParams["statement_timeout"] = strconv.FormatInt(max(1, length.Milliseconds()), 10)
	config.DefaultQueryExecMode = pgx.QueryExecModeExec // one round trip, on a new session too
	return config
}
