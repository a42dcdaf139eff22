package kafka

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"

	"github.com/IBM/sarama"
	"github.com/rcrowley/go-metrics"
)

// sarama keeps its logger and the switch for its metrics in package variables, which it reads without a lock. So they
// are set once, before anything runs.
func init() {
	sarama.Logger = saramaLog{}
	metrics.UseNilMetrics = true // nobody reads them, and their meters keep a goroutine forever
}

// log is where sarama's log lines go: to the logger of the publisher that was made last.
var log atomic.Pointer[slog.Logger]

func setLog(logger *slog.Logger) {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	log.Store(logger)
}

type saramaLog struct{}

func (saramaLog) Print(v ...any) { debug(func() string { return fmt.Sprint(v...) }) }

func (saramaLog) Printf(format string, v ...any) {
	debug(func() string { return fmt.Sprintf(format, v...) })
}

func (saramaLog) Println(v ...any) { debug(func() string { return fmt.Sprintln(v...) }) }

func debug(text func() string) {
	logger := log.Load()
	if logger == nil || !logger.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	logger.Debug("sarama: " + strings.TrimSpace(text()))
}
