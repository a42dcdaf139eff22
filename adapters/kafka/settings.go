package kafka

import (
	"context"
	"net"
	"time"

	"github.com/IBM/sarama"

	"galaxy/healthactors/adapters/operand"
)

// Time limits. A broker that needs longer is as good as away; the caller tries again.
const (
	dialTimeout   = 3 * time.Second
	answerTimeout = 5 * time.Second // one request's answer, the replicas' acknowledgement included
	// publishTimeout is the watchdog: a Publish that has no answer by then ends, and its producer is replaced.
	publishTimeout = 10 * time.Second
	// restPause is the least time between the starts of two producers.
	restPause = time.Second
	// loadingPause and loadingTries bound the wait for a broker that is still loading.
	loadingPause = 100 * time.Millisecond
	loadingTries = 20
	// closeTimeout is how long Close waits for the producers to end after their connections were cut.
	closeTimeout = 5 * time.Second
)

// limits are the constants above, shorter in tests.
type limits struct {
	dial, answer, publish, rest, close time.Duration
}

var defaultLimits = limits{dialTimeout, answerTimeout, publishTimeout, restPause, closeTimeout}

const (
	// maxMessageBytes is more than brokers are configured to accept, so that the broker decides.
	maxMessageBytes = 32 << 20
	// maxBatch bounds the messages in one request: at 2 KB each they stay below a broker's usual limit of 1 MB, which
	// Kafka holds against the batch.
	maxBatch = 512
)

// saramaConfig is how we speak to Kafka. It reads the files that cfg names; what is wrong with them or the configuration is an
// *[operand.Error] of a field. Every connection ends when ctx does.
func saramaConfig(ctx context.Context, cfg Config, lim limits) (*sarama.Config, error) {
	if fault := brokersFault(cfg.Brokers); fault != "" {
		return nil, &operand.Error{Of: "Brokers", Reason: fault, Want: wantURL}
	}
	conf := sarama.NewConfig()
	conf.ClientID = "healthactors"

	// Never lose, never reorder: acknowledged by all in-sync replicas, and one request at a time, with sequence numbers
	// by which the broker recognises a repetition.
	conf.Producer.RequiredAcks = sarama.WaitForAll
	conf.Producer.Idempotent = true
	conf.Net.MaxOpenRequests = 1
	conf.Producer.Return.Successes = true
	conf.Producer.Return.Errors = true

	// A game's key lands where Java's clients put it.
	conf.Producer.Partitioner = sarama.NewMurmur2Partitioner

	conf.Producer.MaxMessageBytes = maxMessageBytes
	conf.Producer.Flush.MaxMessages = maxBatch
	// Flush.Frequency stays 0: a batch fills while the one before it is under way. Waiting 2 ms for more raised the rate
	// from 4,300 messages a second to 6,800 with 256 callers and a broker that takes 5 ms, but lowered that of a single
	// caller with a broker close by from 8,900 to 350.

	conf.Net.ReadTimeout = lim.answer
	conf.Net.WriteTimeout = lim.answer
	conf.Producer.Timeout = lim.answer * 4 / 5 // the broker gives up before we do, and says why
	conf.Metadata.Timeout = lim.answer

	// Retries bridge a change of leader. Whatever takes longer is the caller's to retry.
	conf.Producer.Retry.Max = 3
	pause := pauseUntil(ctx)
	conf.Producer.Retry.BackoffFunc = pause
	conf.Producer.Transaction.Retry.Max = 3
	conf.Metadata.Retry.Max = 3
	conf.Metadata.Retry.BackoffFunc = pause
	conf.Metadata.RefreshFrequency = 5 * time.Minute // as Java's clients: new partitions become known
	conf.Metadata.Full = false                       // our topic only

	conf.Net.Proxy.Enable = true
	conf.Net.Proxy.Dialer = dialer{ctx: ctx, Dialer: net.Dialer{Timeout: lim.dial, KeepAlive: 30 * time.Second}}

	tls, err := tlsConfig(cfg)
	if err != nil {
		return nil, err
	}
	conf.Net.TLS.Enable = tls != nil
	conf.Net.TLS.Config = tls
	if err := setSASL(conf, cfg); err != nil {
		return nil, err
	}
	return conf, conf.Validate()
}

// retryPause is the pause between two tries that sarama makes by itself.
const retryPause = 100 * time.Millisecond

// pauseUntil tells sarama how long to wait before it tries again: not at all once the context has ended, since a closing
// producer tries in vain for one message after the other, and would take seconds to end.
func pauseUntil(ctx context.Context) func(retries, maxRetries int) time.Duration {
	return func(int, int) time.Duration {
		if ctx.Err() != nil {
			return 0
		}
		return retryPause
	}
}

// dialer makes connections that end with a context: sarama has no other way to end a call that nobody answers.
type dialer struct {
	ctx context.Context
	net.Dialer
}

// Dial connects, unless the context has ended.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	conn, err := d.DialContext(d.ctx, network, address)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(d.ctx, func() { _ = conn.Close() })
	return cutConn{Conn: conn, stop: stop}, nil
}

type cutConn struct {
	net.Conn
	stop func() bool
}

func (c cutConn) Close() error {
	c.stop()
	return c.Conn.Close()
}
