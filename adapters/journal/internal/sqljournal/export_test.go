package sqljournal

import (
	"context"
	"iter"

	"galaxy/healthactors/actors"
)

// What the tests need of this package that open journals, which it can't do itself.

const (
	RetentionEvents  = retentionEvents
	RetentionStreams = retentionStreams
	RetentionPause   = retentionPause
	MostSince        = mostSince
)

func (j *Journal) DB() Database { return j.db }

func (j *Journal) Commit(ctx context.Context, w *Write) error { return j.committer.commit(ctx, w) }

// Waiting is how many writes wait for the committer.
func (j *Journal) Waiting() int {
	j.committer.mu.Lock()
	defer j.committer.mu.Unlock()
	return len(j.committer.waiting)
}

// PagesOfOpenStreams is OpenStreams with pages of another length.
func (j *Journal) PagesOfOpenStreams(ctx context.Context, length int) iter.Seq2[actors.OpenStream, error] {
	return j.openStreamsBy(ctx, length)
}

// BareCommitter is a committer whose writes are a payload each.
func BareCommitter(store func([]*Write) error) (
	commit func(ctx context.Context, stream string, index int64, payload []byte) error, end func(),
) {
	c := newCommitter(store)
	return func(ctx context.Context, stream string, index int64, payload []byte) error {
		return c.commit(ctx, &Write{Stream: stream, Index: index, Payload: payload, ticket: newTicket()})
	}, c.close
}
