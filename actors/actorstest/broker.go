package actorstest

import (
	"bytes"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/messages"
)

// ErrBrokerDown is the error of a broker that is away.
var ErrBrokerDown = errors.New("the broker is away")

// Broker is a scripted broker that keeps all it was sent.
type Broker struct {
	// Watch, if it is set before the node starts, is called with the outcome of each publish, before the node gets it.
	// Calls come from many goroutines at once.
	Watch    func(gameID, eventID string, err error)
	timeline *timeline

	mu       sync.Mutex
	down     error
	delay    map[string]time.Duration // by game; "" for all
	loseAcks int
	fail     map[string]error
	arrived  []Delivery
	tries    int
	underWay map[string]int
	crowded  map[string]bool // games whose publish under way was not the only one all the time
	overlaps int
	together error
}

// Delivery is a message that arrived.
type Delivery struct {
	Event    messages.HealthEvent
	Value    []byte
	UUID     string
	Metadata map[string]string
}

// Same says whether two deliveries have the same bytes, headers and id (P2).
func (d Delivery) Same(other Delivery) bool {
	return bytes.Equal(d.Value, other.Value) && d.UUID == other.UUID && maps.Equal(d.Metadata, other.Metadata)
}

// NewBroker returns a broker that accepts everything.
func NewBroker() *Broker {
	return &Broker{fail: map[string]error{}, delay: map[string]time.Duration{}, underWay: map[string]int{}, crowded: map[string]bool{}}
}

// Down makes every publish fail; nil mends it.
func (b *Broker) Down(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault("is down", b.down, err)
	b.down = err
}

// Slow makes every publish take that long.
func (b *Broker) Slow(d time.Duration) { b.SlowFor("", d) }

// SlowFor makes every publish of one game's events take that long.
func (b *Broker) SlowFor(gameID string, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault(of("a publish takes", gameID), b.delay[gameID], d)
	b.delay[gameID] = d
}

// LoseAcks makes the next n messages arrive without an acknowledgement.
func (b *Broker) LoseAcks(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault("loses acknowledgements", b.loseAcks, n)
	b.loseAcks = n
}

// Refuse makes every publish of one game's events fail; nil mends it.
func (b *Broker) Refuse(gameID string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault(of("refuses events", gameID), b.fail[gameID], err)
	b.fail[gameID] = err
}

// RefuseTogether makes every publish fail that is not the only one under way, as when a whole batch is refused; nil mends
// it.
func (b *Broker) RefuseTogether(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault("refuses events together", b.together, err)
	b.together = err
}

func (b *Broker) fault(what string, before, after any) {
	b.timeline.fault("broker", what, before, after)
}

// of adds the game to what is told of a fault.
func of(what, gameID string) string {
	if gameID == "" {
		return what
	}
	return what + " of " + gameID
}

// Overlaps counts the publishes that began while another of the same game was under way.
func (b *Broker) Overlaps() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.overlaps
}

// Arrived returns everything that arrived, repeated deliveries included, in order of arrival.
func (b *Broker) Arrived() []Delivery {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Delivery(nil), b.arrived...)
}

// Tries counts the calls to Publish.
func (b *Broker) Tries() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tries
}

// connect returns a node's connection to the broker.
func (b *Broker) connect() *brokerHandle {
	return &brokerHandle{broker: b, closed: make(chan struct{})}
}

// brokerHandle is one node's connection. When it is cut, nothing more arrives through it.
type brokerHandle struct {
	life   *life
	broker *Broker
	mu     sync.Mutex
	once   sync.Once
	closed chan struct{}
	calls  sync.WaitGroup
}

var _ actors.Broker = (*brokerHandle)(nil)

var errClosed = errors.New("the connection is closed")

func (h *brokerHandle) cut() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.once.Do(func() { close(h.closed) })
}

// enter says whether a call may begin; Close waits for it then.
func (h *brokerHandle) enter() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.closed:
		return false
	default:
		h.calls.Add(1)
		return true
	}
}

func (h *brokerHandle) Close() error {
	h.cut()
	h.calls.Wait()
	return nil
}

func (h *brokerHandle) Publish(topic string, sent ...*message.Message) error {
	if !h.enter() {
		return errClosed
	}
	defer h.calls.Done()
	for _, msg := range sent {
		if err := h.publish(msg); err != nil {
			return err
		}
	}
	return nil
}

func (h *brokerHandle) publish(msg *message.Message) (err error) {
	b, game := h.broker, msg.Metadata.Get(messages.HeaderSubject)
	if b.Watch != nil {
		defer func() { b.Watch(game, msg.UUID, err) }()
	}
	h.life.reach(Moment{game, Publish, false})
	delay := b.begin(game)
	defer b.end(game)
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-h.closed:
		}
	}
	if h.isCut() {
		return errClosed
	}
	if err := b.receive(msg, game, h.life); err != nil {
		return err
	}
	h.life.reach(Moment{game, Publish, true})
	if h.isCut() {
		return errClosed
	}
	if err := b.acknowledge(msg.UUID, game); err != nil {
		return err
	}
	h.life.reach(Moment{game, Acknowledge, true})
	return nil
}

func (h *brokerHandle) isCut() bool {
	select {
	case <-h.closed:
		return true
	default:
		return false
	}
}

// begin says how long a publish will take.
func (b *Broker) begin(game string) (delay time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tries++
	b.underWay[game]++
	if b.underWay[game] > 1 {
		b.overlaps++
	}
	if len(b.underWay) > 1 {
		for each := range b.underWay {
			b.crowded[each] = true
		}
	}
	return max(b.delay[""], b.delay[game])
}

func (b *Broker) end(game string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.underWay[game]--; b.underWay[game] == 0 {
		delete(b.underWay, game)
		delete(b.crowded, game)
	}
}

// receive takes a message in, or refuses it as the script says.
func (b *Broker) receive(msg *message.Message, game string, l *life) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.down != nil:
		return b.down
	case b.together != nil && b.crowded[game]:
		return b.together
	case b.fail[game] != nil:
		return b.fail[game]
	}
	event, err := messages.Decode(msg.Payload)
	if err != nil {
		return err
	}
	b.arrived = append(b.arrived, Delivery{event, append([]byte(nil), msg.Payload...), msg.UUID, msg.Metadata})
	b.tell(game, "%s of %s arrives%s: %s", event.EventID, game, l.by(), told(event))
	return nil
}

func (b *Broker) acknowledge(id, game string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.loseAcks == 0 {
		return nil
	}
	b.loseAcks--
	b.tell(game, "the acknowledgement of %s is lost", id)
	return errors.New("the acknowledgement is lost")
}

func (b *Broker) tell(game, format string, args ...any) {
	b.timeline.add(line{rank: ofAGame, game: game, who: "broker", format: format, args: args})
}
