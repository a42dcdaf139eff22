package docker

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// The tries to connect to a socket whose backlog is full begin at once, become few, and end with the context. What else a dial can
// say is final.
func TestH10TriesToConnectAreFew(t *testing.T) {
	for name, c := range map[string]struct {
		errno       syscall.Errno
		least, most int
	}{
		"a full backlog": {syscall.EAGAIN, 50, 100},
		"refused":        {syscall.ECONNREFUSED, 1, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			tries := 0
			transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				tries++
				return nil, &net.OpError{Op: "dial", Net: "unix", Err: os.NewSyscallError("connect", c.errno)}
			}}
			e := &Engine{base: url.URL{Scheme: "http", Host: "engine"}, transport: transport}
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err := e.roundTrip(ctx, "/_ping", "")
			if took := time.Since(began); took > 5*time.Second || c.most > 1 != errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v after %v", name, err, took)
			}
			if tries < c.least || tries > c.most {
				t.Errorf("%s: %d tries in 5 s, want %d to %d", name, tries, c.least, c.most)
			}
		})
	}
}
