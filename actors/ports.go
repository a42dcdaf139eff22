package actors

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"galaxy/healthactors/actors/internal/rules"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// The ports: all that the actors need from the world. Adapters and test doubles implement them, and package porttest
// has one conformance suite for each, which every implementation runs.

// Engine is one Docker Engine.
//
// Concurrency: any number of calls at once; the node keeps to --inspect-concurrency itself.
// Cancel: Inspect returns soon after its context ends, with an error that wraps the context's.
type Engine interface {
	// Inspect asks the Engine once for a container. It retries nothing.
	//
	// Errors, besides the context's: ErrNoSuchContainer, when the Engine says that it has no such container (H9);
	// ErrEngineUnreachable, when no answer came because there was no connection (H10). Any other error is an answer
	// that is no observation: a refusal, or one that can't be read or lacks a field. Errors don't repeat the
	// container's id, so that equal failures of many containers have equal texts, and they are short, whatever the
	// Engine sent.
	Inspect(ctx context.Context, containerID string) (Observation, error)
}

var (
	// ErrNoSuchContainer says that the Engine has no such container.
	ErrNoSuchContainer = errors.New("no such container")
	// ErrEngineUnreachable says that the Engine can't be reached.
	ErrEngineUnreachable = errors.New("engine can't be reached")
)

// Observation is one answer of an Engine's inspect. All fields but Health are always set.
type Observation = rules.Observation

// RunningList says which games should be running now: all of them, or those of one Engine (Ports.RunningLists).
//
// Concurrency: one call at a time.
// Cancel: Read returns soon after its context ends, with an error that wraps the context's.
type RunningList interface {
	// Read returns the list as it is now, in its own order, malformed entries included, which the node sifts (S6). The list of
	// one Engine has no entry of another. An error means that nothing is known of the list's games (S1).
	Read(ctx context.Context) ([]Entry, error)
}

// Entry is one line of the running list, as it was found.
type Entry = rules.Entry

// DefaultEngine is the name of the Engine that an entry means when it names none.
const DefaultEngine = rules.DefaultEngine

// Journal keeps one stream of events for each game.
//
// Concurrency: any number of calls at once, for one stream one Append or SaveSnapshot at a time (its inspector's).
// Durability: what Append and SaveSnapshot acknowledged survives the death of the process and of the machine.
// Cancel: a call returns soon after its context ends; whether the write happened is then unknown, and the caller must
// Load the stream anew before it writes again. That holds for every error of a write.
// Errors: equal failures of many games have equal texts: the caller adds the game. ErrDamaged alone may name it.
type Journal interface {
	// Append adds an event at the given index, which must be the stream's next one. It returns once the event is on
	// stable storage (P1). ErrConflict: the index is not the next one, so somebody else writes this stream; nothing
	// was written, and neighbours in the same transaction were not harmed. ErrNotMember: the event is a claim (C2), or in a
	// cluster it opens a stream that is not open (C8), and this node's lease doesn't hold by the database's clock; nothing was
	// written either.
	Append(ctx context.Context, gameID string, index int64, event *v1.JournalEvent) error

	// Load returns what a stream's inspector recovers from: the latest snapshot and the events from its index on.
	// A stream that holds nothing has no snapshot and no events. Indexes of a game never restart, even after
	// retention removed its history.
	Load(ctx context.Context, gameID string) (Recovery, error)

	// SaveSnapshot stores the state before the event at index, with what was gained beside it (C6), and, when keepFrom says so,
	// gives retention leave: events before both index and keepFrom are no longer needed and may be removed when they are old
	// enough. ErrConflict: the index is beyond the stream's next one, or before that of the stored snapshot.
	SaveSnapshot(ctx context.Context, gameID string, index, keepFrom int64, snapshot *v1.Snapshot, gained *v1.GainedState) error

	// Pending returns, in order, at most limit detections of a stream whose index is greater than after.
	Pending(ctx context.Context, gameID string, after int64, limit int) ([]PendingDetection, error)

	// OpenStreams yields each stream that is open: begun by an observation that begins a lifecycle, and not closed since
	// (R1, R2). It stops after the first error.
	OpenStreams(ctx context.Context) iter.Seq2[OpenStream, error]
}

// PendingDetection is an observation in a stream that detected something, and its index there.
type PendingDetection struct {
	Index    int64
	Observed *v1.Observed
}

// OpenStream is a stream that was begun and not closed.
type OpenStream struct {
	GameID string
	// Engine is where the game's container ran when its last lifecycle began; empty where the journal doesn't know.
	Engine string
}

var (
	// ErrConflict says that an append was refused because its index is not the stream's next one.
	ErrConflict = errors.New("the stream has another next index")
	// ErrNotMember says that a claim, or an event that would have opened a stream, was refused because this node's lease
	// doesn't hold.
	ErrNotMember = errors.New("this node's lease doesn't hold")
	// ErrDamaged says that stored data can't be read back as they were written.
	ErrDamaged = errors.New("the journal is damaged")
)

// Recovery is what an inspector starts from.
type Recovery struct {
	// Snapshot is the state before the event at index From; nil when there is none.
	Snapshot *v1.Snapshot
	// From is the index of the first of Events, or the stream's next index when there is none.
	From   int64
	Events []*v1.JournalEvent
	// Gained is what the last SaveSnapshot has stored beside its snapshot; nil when there is none.
	Gained *SavedGained
}

// SavedGained is what a game's state has gained that older releases don't know, before the event at index From (C6). From is that
// of the recovery, unless a node of an older release, which leaves it alone, has saved a snapshot since.
type SavedGained struct {
	State *v1.GainedState
	From  int64
	// Since are the events from there on up to the recovery's From. They break off where one is no longer stored, and there are
	// none at all where they would be too many.
	Since []*v1.JournalEvent
}

// Broker publishes events: it is Watermill's publisher.
//
// Publish gets one message at a time, whose metadata are the CloudEvents headers of package messages; the subject is
// the partition key. It returns nil only when the broker has acknowledged the message, and an error when that is not
// known: the message may have been written all the same, and the same message is published again. It never blocks for
// ever, whatever the broker does. Messages of one key that were published one after the other are never reordered.
// ErrTooLarge: the broker refused this message, or the batch that it was in, as too large.
// ErrBrokerGone: no message can ever be published again, so the node can't go on (a closed stdout).
//
// Concurrency: any number of calls at once. Close is called once, after the last Publish has begun; it makes those
// under way return soon, with an error for what is not acknowledged, and returns when they have.
type Broker = message.Publisher

var (
	// ErrTooLarge says that a message was refused as too large.
	ErrTooLarge = errors.New("message too large")
	// ErrBrokerGone says that publishing has ended for good.
	ErrBrokerGone = errors.New("nothing can be published any more")
)

// Leases is the membership of a cluster, kept in the database that holds the journal. A node alone has none.
//
// Concurrency: one call at a time; the node renews and releases the one lease that it was started with.
// Cancel: a call returns soon after its context ends, with an error; what it did is then unknown.
type Leases interface {
	// Connect returns when there is a session to renew over, at once where there is one already. To make one may take as long
	// as it takes, also where a call before it gave up (C7).
	Connect(ctx context.Context) error
	// Renew renews this node's lease by the database's clock, in one round trip over the session that Connect has made. After
	// an error Connect is called before the next Renew. A lease that ran out is renewed too, as long as nobody took the node's
	// name. It returns all leases that the database has, also those that ran out, this node's included, sorted by name. games
	// is how many games the node has, for the others to see. ErrNameTaken: another process has taken the node's name, for good.
	Renew(ctx context.Context, games int64) ([]Member, error)
	// Release gives the lease up, so that the others need not wait until it runs out.
	Release(ctx context.Context) error
}

// ErrNameTaken says that another process is the node of this name.
var ErrNameTaken = errors.New("the node's name is taken")

// Member is a node as its lease tells.
type Member struct {
	Node string
	// Address is where the member answers the others.
	Address string
	// Engines are the names of those that it serves, sorted.
	Engines []string
	// Games is how many it had when it last renewed its lease.
	Games int64
	// Since is when it became a member; a lease that ran out and was renewed afterwards makes it one anew.
	Since time.Time
	// Renewal is another one after each renewal, whatever the database's clock does (C7).
	Renewal string
	// Length is the lease's; zero where the node's release doesn't tell.
	Length time.Duration
	// ExpiresIn is how long the lease holds from the reading on by the database's clock; it is not positive when it ran out.
	ExpiresIn time.Duration
}

// Clock tells the wall-clock time that observations are stamped with. It may jump; nothing waits by it.
type Clock func() time.Time
