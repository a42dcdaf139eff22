// Package stdout publishes events as lines of JSON.
package stdout

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"galaxy/healthactors/actors"
)

// writeTimeout is how long one line may take. A reader that reads nothing for longer is as good as gone.
const writeTimeout = 5 * time.Second

// Publisher is an actors.Broker that writes the value of each message as one line. Topic, key and headers are not
// written. A line that was begun is finished before another begins.
//
// A write that nobody reads can't be cut off: it holds one goroutine until it returns or the process ends, and until
// then every Publish fails.
type Publisher struct {
	lines   lineWriter
	timeout time.Duration
	// turn holds a token while a line is being written.
	turn chan struct{}

	close  sync.Once
	closed chan struct{}
}

var _ actors.Broker = (*Publisher)(nil)

var errClosed = errors.New("the publisher is closed")

// New makes a publisher that writes to w and doesn't close it. A program whose w is its own stdout must arrange to survive
// SIGPIPE (os/signal), or a closed stdout kills it before it can say so.
func New(w io.Writer) *Publisher {
	return &Publisher{
		lines:   lineWriter{w: w},
		timeout: writeTimeout,
		turn:    make(chan struct{}, 1),
		closed:  make(chan struct{}),
	}
}

// Publish writes messages one after the other and stops at the first that fails; see actors.Broker.
func (p *Publisher) Publish(_ string, msgs ...*message.Message) error {
	for _, msg := range msgs {
		if err := p.write(msg.Payload); err != nil {
			return fmt.Errorf("write event %s: %w", msg.UUID, err)
		}
	}
	return nil
}

func (p *Publisher) write(value []byte) error {
	timer := time.NewTimer(p.timeout)
	defer timer.Stop()
	select {
	case <-p.closed:
		return errClosed
	default:
	}
	select {
	case p.turn <- struct{}{}:
	case <-timer.C:
		return fmt.Errorf("the line before has not been taken within %v", p.timeout)
	case <-p.closed:
		return errClosed
	}
	written := make(chan error, 1)
	go func() {
		defer func() { <-p.turn }()
		written <- p.lines.write(value)
	}()
	select {
	case err := <-written:
		return err
	case <-timer.C:
		return fmt.Errorf("nobody has taken it within %v", p.timeout)
	case <-p.closed:
		return errClosed
	}
}

// Close lets the calls under way return; see actors.Broker.
func (p *Publisher) Close() error {
	p.close.Do(func() { close(p.closed) })
	return nil
}

// lineWriter writes whole lines, one call at a time.
type lineWriter struct {
	w io.Writer
	// rest is what a failed write left unwritten of a line.
	rest []byte
}

func (l *lineWriter) write(value []byte) error {
	if len(l.rest) > 0 {
		if err := l.flush(); err != nil {
			return err
		}
	}
	line := make([]byte, 0, len(value)+1)
	line = append(append(line, value...), '\n')
	l.rest = line
	err := l.flush()
	if len(l.rest) == len(line) {
		l.rest = nil // nothing of it was written, so it need not be finished
	}
	return err
}

// flush writes rest, as far as it can.
func (l *lineWriter) flush() error {
	n, err := l.w.Write(l.rest)
	l.rest = l.rest[n:]
	if err == nil && len(l.rest) > 0 {
		err = io.ErrShortWrite
	}
	if gone(err) {
		return fmt.Errorf("%w: %w", actors.ErrBrokerGone, err)
	}
	return err
}

// gone says whether an error means that nobody will ever read again.
func gone(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) || errors.Is(err, os.ErrClosed) ||
		errors.Is(err, syscall.EBADF)
}
