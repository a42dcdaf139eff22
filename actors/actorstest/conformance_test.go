package actorstest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/porttest"
	"galaxy/healthactors/messages"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// The doubles keep the promises of the ports, as the adapters do.

func TestEngineConforms(t *testing.T) {
	porttest.Engine(t, func(*testing.T) (actors.Engine, porttest.EngineControl) {
		e := NewEngine(actors.DefaultEngine)
		return e, engineControl{e}
	})
}

type engineControl struct{ *Engine }

func (c engineControl) Put(o actors.Observation) { c.Engine.Put(o.ID, o) }
func (c engineControl) Hang(id string)           { c.Engine.Hang(id, true) }

// Fail leaves the message out: an Engine's words are the adapter's to clean, and a double has none to clean.
func (c engineControl) Fail(id, _ string) { c.Engine.Fail(id, errors.New("500 Internal Server Error")) }

func (c engineControl) SetReachable(reachable bool) {
	if reachable {
		c.Down(nil)
		return
	}
	c.Down(fmt.Errorf("connection refused: %w", actors.ErrEngineUnreachable))
}

func TestListConforms(t *testing.T) {
	porttest.RunningList(t, func(*testing.T) porttest.RunningListFixture {
		l := &List{}
		set := func(_ *testing.T, entries []actors.Entry) {
			l.Fail(nil)
			l.Set(slices.Clone(entries)...)
		}
		return porttest.RunningListFixture{
			List:    l,
			Set:     set,
			Contain: set,
			Break:   func(*testing.T) { l.Fail(errors.New("broken")) },
			Hang: func(*testing.T) func() {
				l.Hang(true)
				return func() { l.Hang(false) }
			},
		}
	})
}

func TestJournalConforms(t *testing.T) {
	porttest.Journal(t, func(*testing.T) porttest.JournalFixture {
		j := NewJournal()
		older := j.connect()
		older.older = true
		return porttest.JournalFixture{
			Open: func() actors.Journal { return j.Open() },
			OlderSnapshot: func(t *testing.T, game string, index int64, snapshot *v1.Snapshot) {
				if err := older.SaveSnapshot(t.Context(), game, index, index, snapshot, nil); err != nil {
					t.Fatal(err)
				}
			},
		}
	})
}

func TestBrokerConforms(t *testing.T) {
	porttest.Broker(t, func(*testing.T) porttest.BrokerFixture {
		b := NewBroker()
		return porttest.BrokerFixture{
			Broker:  b.connect(),
			Topic:   messages.DefaultTopic,
			Arrived: func(testing.TB) []porttest.Arrival { return arrivals(b) },
			Outages: map[string]func(testing.TB) func(){
				"down": func(testing.TB) func() {
					b.Down(ErrBrokerDown)
					return func() { b.Down(nil) }
				},
				"lost acknowledgements": func(testing.TB) func() {
					b.LoseAcks(5)
					return func() {}
				},
			},
		}
	})
}

func arrivals(b *Broker) []porttest.Arrival {
	var all []porttest.Arrival
	for _, d := range b.Arrived() {
		all = append(all, porttest.Arrival{
			Value: d.Value, Key: d.Metadata[messages.HeaderSubject], Headers: d.Metadata, UUID: d.UUID,
		})
	}
	return all
}
