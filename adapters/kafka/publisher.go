// Package kafka publishes events to Apache Kafka, through Watermill and sarama.
package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"galaxy/healthactors/actors"
)

// Publisher is an actors.Broker on a Kafka cluster. It needs no broker to start with, and begins to work as soon as one
// can be reached: a producer that failed is replaced when the next message comes.
type Publisher struct {
	cfg Config
	lim limits

	// ctx ends with Close, and with it every connection.
	ctx    context.Context
	cancel context.CancelFunc
	// producers counts those whose life has not ended.
	producers sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	current *producer
}

var _ actors.Broker = (*Publisher)(nil)

var errClosed = errors.New("the publisher is closed")

// New makes a publisher and lets it connect in the background. It fails only if the configuration can't be used, with an
// error of one line that names the setting; a broker that is away is not an error.
func New(cfg Config) (*Publisher, error) {
	return open(cfg, defaultLimits)
}

func open(cfg Config, lim limits) (*Publisher, error) {
	if _, err := saramaConfig(context.Background(), cfg, lim); err != nil {
		return nil, err
	}
	setLog(cfg.Log)
	p := &Publisher{cfg: cfg, lim: lim}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.current = p.start()
	return p, nil
}

// Publish publishes messages one after the other and stops at the first that fails; see actors.Broker. The subject in
// the metadata is the key; without one Kafka chooses the partition.
func (p *Publisher) Publish(topic string, msgs ...*message.Message) error {
	for _, msg := range msgs {
		if err := p.publish(topic, msg); err != nil {
			return fmt.Errorf("publish to topic %q: %w", topic, err)
		}
	}
	return nil
}

func (p *Publisher) publish(topic string, msg *message.Message) error {
	d, err := p.take()
	if err != nil {
		return err
	}
	defer d.busy.Done()
	if err := p.untilConnected(d); err != nil {
		return err
	}
	// A producer that doesn't answer is cut off, which ends everything that it was given. No goroutine waits beside the
	// caller's: one for each message cost a third of the throughput.
	var silent atomic.Bool
	watchdog := time.AfterFunc(p.lim.publish, func() {
		silent.Store(true)
		d.cut()
	})
	err = d.publish(topic, msg)
	watchdog.Stop()
	switch {
	case err == nil:
		return nil
	case p.ctx.Err() != nil:
		return errClosed
	case silent.Load():
		err = fmt.Errorf("no acknowledgement from Kafka within %v", p.lim.publish)
	}
	if !errors.Is(err, actors.ErrTooLarge) {
		p.fail(d)
	}
	return err
}

// untilConnected waits until the producer has connected, or failed to.
func (p *Publisher) untilConnected(d *producer) error {
	select {
	case <-d.connected:
		return nil
	default:
	}
	patience := time.NewTimer(p.lim.publish)
	defer patience.Stop()
	select {
	case <-d.connected:
		return nil
	case <-patience.C: // it may still connect, and is not given up
		return errors.New("still connecting to Kafka, no broker has answered yet")
	case <-p.ctx.Done():
		return errClosed
	}
}

// take returns the producer for one message, and counts it as busy with it. A failed producer is replaced, but not before
// its least time is over: while Kafka is away errors come at once, and a partition without a leader costs the others no
// more than a new connection now and then.
func (p *Publisher) take() (*producer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errClosed
	}
	if p.current.failed && time.Since(p.current.born) >= p.lim.rest {
		close(p.current.retired)
		p.current = p.start()
	}
	p.current.busy.Add(1)
	return p.current, nil
}

func (p *Publisher) fail(d *producer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d.failed = true
}

func (p *Publisher) start() *producer {
	d := &producer{born: time.Now(), connected: make(chan struct{}), retired: make(chan struct{})}
	ctx, cut := context.WithCancel(p.ctx)
	d.cut = cut
	p.producers.Go(func() { d.run(ctx, p.cfg, p.lim) })
	return d
}

// Close cuts the connections, which ends what is under way with an error; see actors.Broker.
func (p *Publisher) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	close(p.current.retired)
	p.mu.Unlock()
	p.cancel()

	ended := make(chan struct{})
	go func() {
		p.producers.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-time.After(p.lim.close):
		return fmt.Errorf("close the connection to Kafka: it didn't end within %v", p.lim.close)
	}
}
