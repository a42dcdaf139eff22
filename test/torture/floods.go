package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// fewFiles is how many files a flooded node may open, sockets included, and flooders how many connections do nothing on each of its ports.
const (
	fewFiles = 300
	flooders = 1200
)

// flood holds idle connections to an address, each after it has sent one of some texts, and opens those anew that are closed.
// It returns once it has opened as many as it holds, and stop ends it.
func flood(address string, texts ...string) (stop func(), err error) {
	ctx, cancel := context.WithCancel(context.Background())
	dialer := net.Dialer{Timeout: time.Second}
	var opened, ended sync.WaitGroup
	for n := range flooders {
		opened.Add(1)
		ended.Go(func() {
			open := sync.OnceFunc(opened.Done)
			defer open()
			for ctx.Err() == nil {
				if conn, err := dialer.DialContext(ctx, "tcp", address); err == nil {
					unwatch := context.AfterFunc(ctx, func() { _ = conn.Close() })
					_, _ = io.WriteString(conn, texts[n%len(texts)])
					open()
					_, _ = io.Copy(io.Discard, conn) // until it is closed
					unwatch()
					_ = conn.Close()
				}
				select {
				case <-ctx.Done():
				case <-time.After(rand.N(10 * time.Second)): // it is about connections that do nothing, not about many calls
				}
			}
		})
	}
	stop = func() {
		cancel()
		ended.Wait()
	}
	if !inTime(20*time.Second, opened.Wait) {
		stop()
		return nil, errors.New("the flood could not be opened")
	}
	return stop, nil
}

// inTime says whether something has ended in time.
func inTime(limit time.Duration, wait func()) bool {
	done := make(chan struct{})
	go func() {
		wait()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-time.After(limit):
		return false
	}
}

// idleRequests are what connections have sent that do nothing over HTTP: nothing, half a header, and a request that has been
// answered.
var idleRequests = []string{"", "GET /livez HTTP/1.1\r\nHost:", "GET /livez HTTP/1.1\r\nHost: node\r\n\r\n"}

// withFewFiles is the program in a shell that lets it open few files.
func (s *stage) withFewFiles() (string, error) {
	path := filepath.Join(s.dir, "few-files")
	return path, os.WriteFile(path, fmt.Appendf(nil, "#!/bin/sh\nulimit -n %d && exec %s \"$@\"\n", fewFiles, strconv.Quote(binary)), 0o700) //nolint:gosec // it is a program
}

// probes asks a node for paths over and over until a time, each time over a new connection, and returns how long an answer took
// at most. No answer within a second is an error.
func (n *node) probes(until time.Time, paths ...string) (slowest time.Duration, err error) {
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for time.Now().Before(until) {
		for _, path := range paths {
			asked := time.Now()
			request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+n.http+path, nil)
			if err != nil {
				return slowest, err
			}
			response, err := client.Do(request)
			if err != nil {
				return slowest, err
			}
			_, err = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
			if err != nil || response.StatusCode != http.StatusOK {
				return slowest, fmt.Errorf("%s: %s, %w", path, response.Status, err)
			}
			slowest = max(slowest, time.Since(asked))
		}
		time.Sleep(50 * time.Millisecond)
	}
	return slowest, nil
}

// idleFloods holds more idle connections to a node's HTTP than it may open files.
func idleFloods(o options) (row, error) {
	s, err := newStage(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	program, err := s.withFewFiles()
	if err != nil {
		return row{}, err
	}
	n, err := s.addReady(30*time.Second, program)
	if err != nil {
		return row{}, err
	}
	s.fleet().start(s.changes)
	before, err := n.metrics()
	if err != nil {
		return row{}, err
	}
	stop, err := flood(n.http, idleRequests...)
	if err != nil {
		return row{}, err
	}
	defer stop()
	slowest, err := n.probes(time.Now().Add(s.span), "/livez", "/readyz", "/metrics")
	if err != nil {
		return row{}, err
	}
	after, err := n.metrics()
	if err != nil {
		return row{}, err
	}
	stop()
	r, err := s.report(fmt.Sprintf("%d idle connections to HTTP, of %d open files that the node may have", flooders, fewFiles), s.span.String(), time.Minute)
	r.note("a probe was answered after at most %s; %.0f files open; %.0f inspects and %.0f events meanwhile",
		round(slowest), after[descriptors], after[inspections]-before[inspections], after[published]-before[published])
	if after[inspections] == before[inspections] || after[published] == before[published] {
		err = errors.Join(err, errors.New("the node did nothing else meanwhile"))
	}
	if n.logged("too many open files") > 0 {
		err = errors.Join(err, errors.New("the node ran out of file descriptors"))
	}
	return r, err
}
