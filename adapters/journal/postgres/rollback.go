package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

const (
	// lookPause is how often the journal is asked for this process's commits while there are none.
	lookPause = 2 * time.Second
	// keptPasses is how many passes of other processes' retention a process without commits is remembered for: most of a week
	// for one process, hours for dozens of them.
	keptPasses = 1000
	// surelyKept is less than that in any case.
	surelyKept = time.Hour
	// forgottenWriters bounds one step of a pass: a few milliseconds.
	forgottenWriters = 500
	// leaveTimeout bounds what the end of a process may wait until it is forgotten.
	leaveTimeout = time.Second
)

// commits are what a process knows of its own commits (R4). It is the committer's.
type commits struct {
	// known is how many commits the journal has had at least, by its own word.
	known int64
	// seen is when it gave it, by the wall clock, which goes on while the machine sleeps.
	seen time.Time
}

// none is the number of commits of a process that the journal doesn't know.
const none = 0

// found takes in how many commits the journal has of this process, and returns how many are missing. That there is none may mean
// that the process was forgotten, while it stood still: for long, or for as long as nobody knows when the clock was set back.
func (c *commits) found(has int64, at time.Time) (lost int64) {
	ago := at.Sub(c.seen)
	if has != none || 0 <= ago && ago < surelyKept {
		lost = max(0, c.known-has)
	}
	c.known, c.seen = has, at
	return lost
}

// lookForCommits asks for the commits of a process. It is asked over the writer's session, whose server has all of them.
var lookForCommits = statement{"journal_look", `
	SELECT coalesce((SELECT commits FROM journal_writers WHERE writer = $1), 0) WHERE NOT pg_is_in_recovery()`}

// look notices a rollback, if there was one.
func (p *database) look() error {
	ctx, cancel := p.Writing()
	defer cancel()
	return lookForCommits.run(ctx, p.write, parameters{{pgtype.TextOID, p.lessee}}, func(row [][]byte) {
		p.counted(number(row[0]))
	})
}

// counted takes in how many commits the journal has, and tells of what is missing.
func (p *database) counted(has int64) {
	if lost := p.commits.found(has, time.Now().Round(0)); lost > 0 {
		p.tellRollback(lost)
	}
}

// forgetEnded is one step of a pass over the processes that the journal knows. It waits for nobody, and nobody for more than
// one step: a process that is committing is passed over, since it is not to be forgotten.
var forgetEnded = statement{"journal_forget", `
	WITH slice AS MATERIALIZED (
		SELECT writer, writer <> $2 AND passes >= $3 AS ended FROM journal_writers
		WHERE writer > $4 AND EXISTS (SELECT FROM journal_holder WHERE token = $1)
		ORDER BY writer LIMIT $5 FOR UPDATE OF journal_writers SKIP LOCKED
	),
	forgotten AS (
		DELETE FROM journal_writers WHERE writer IN (SELECT writer FROM slice WHERE ended)
	),
	aged AS (
		UPDATE journal_writers SET passes = CASE WHEN writer = $2 THEN 0 ELSE passes + 1 END
		WHERE writer IN (SELECT writer FROM slice WHERE NOT ended)
	)
	SELECT coalesce((SELECT max(writer) FROM slice), '') FROM journal_holder WHERE token = $1`}

// ForgetWriters removes the rows of processes that were killed. Their age is counted in passes, since clocks may jump, and a row
// that is missed is taken for a rollback.
func (p *database) ForgetWriters(after string) (last string, err error) {
	ctx, cancel := p.Writing()
	defer cancel()
	held := false
	err = forgetEnded.run(ctx, p.write, parameters{
		{pgtype.TextOID, p.me.Token},
		{pgtype.TextOID, p.lessee},
		{pgtype.Int8OID, keptPasses},
		{pgtype.TextOID, after},
		{pgtype.Int8OID, forgottenWriters},
	}, func(row [][]byte) { held, last = true, string(row[0]) })
	if err == nil && !held {
		err = sqljournal.TakenOver(ctx, p.write)
	}
	return last, err
}

// forgetWriter removes the row of a process, and returns its commits.
var forgetWriter = statement{"journal_leave", `
	WITH left_row AS (DELETE FROM journal_writers WHERE writer = $1 RETURNING commits)
	SELECT coalesce((SELECT commits FROM left_row), 0)`}

// leave has the journal forget this process, which writes nothing from now on; and it is the last time that a rollback can be
// noticed, as when one stopped this node. Where the journal is away, the row stays until it is old.
func (p *database) leave() {
	if p.commits.known == none {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), leaveTimeout)
	defer cancel()
	_ = forgetWriter.run(ctx, p.write, parameters{{pgtype.TextOID, p.lessee}}, func(row [][]byte) {
		p.counted(number(row[0]))
	})
}

// watchRollbacks looks for rollbacks while nothing is written, until ctx ends.
func (p *database) watchRollbacks(ctx context.Context, j *sqljournal.Journal) {
	ticker := time.NewTicker(lookPause)
	defer ticker.Stop()
	var before int64
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		// An error is an outage, of which all who read and write tell.
		_ = j.InTurn(func() error {
			known := p.commits.known
			wrote := known != before
			before = known
			if wrote {
				return nil
			}
			if err := p.look(); err != nil || p.commits.known >= known {
				return err
			}
			return p.Store(nil) // or the next rollback would not be noticed
		})
	}
}

// tellRollback tells of a rollback once.
func (p *database) tellRollback(lost int64) {
	p.log.Error("the journal has gone back in time: commits that it had acknowledged are gone, and what they held may be reported again under other ids",
		"commits_lost", lost)
	if p.rolledBack != nil {
		p.rolledBack()
	}
}
