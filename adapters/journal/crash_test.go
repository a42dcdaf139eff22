package journal

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// crashURL names the journal that a child process of a test writes to until it is killed.
const crashURL = "JOURNAL_TEST_CRASH_URL"

// writeUntilKilled appends to several games at once and prints "GAME INDEX" after each acknowledgement.
func writeUntilKilled(url string) {
	cfg := config(url)
	cfg.Holder = "child"
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // should the parent die
	defer cancel()
	j, err := Open(ctx, cfg)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	var printing sync.Mutex
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := int64(0); ; i++ {
				if err := j.Append(ctx, fmt.Sprint("game-", g), i, detection(i)); err != nil {
					return
				}
				printing.Lock()
				fmt.Printf("game-%d %d\n", g, i)
				printing.Unlock()
			}
		})
	}
	wg.Wait()
}

// P1, R1: what was acknowledged before kill -9 is there after it, and the next start is not kept waiting.
func TestKilledWriter(t *testing.T) { killedWriter(t, fileURL(t)) }

// startWriter starts a process that writes to a journal until it is killed, and returns what it prints.
func startWriter(t *testing.T, url string) (child *exec.Cmd, lines *bufio.Scanner) {
	t.Helper()
	child = exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), crashURL+"="+url)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	return child, bufio.NewScanner(out)
}

func killedWriter(t *testing.T, url string) {
	child, lines := startWriter(t, url)
	acknowledged := make(map[string]int64)
	for n := 0; lines.Scan(); n++ {
		game, index, _ := strings.Cut(lines.Text(), " ")
		var i int64
		if _, err := fmt.Sscan(index, &i); err != nil {
			t.Fatalf("the child says %q", lines.Text())
		}
		acknowledged[game] = i
		if n == 100 {
			want := fmt.Sprintf("held by node %q (process %d)", "child", child.Process.Pid)
			if err := second(Open(t.Context(), config(url))); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("beside the child: got %v, want %q", err, want)
			}
			must(t, child.Process.Kill())
		}
	}
	if err := child.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}

	j := open(t, config(url))
	for game, last := range acknowledged {
		r, err := j.Load(t.Context(), game)
		must(t, err)
		// At most one more was written and not yet said to be.
		if n := int64(len(r.Events)); n != last+1 && n != last+2 {
			t.Errorf("%s holds %d events, and %d was acknowledged", game, n, last)
		}
		must(t, j.Append(t.Context(), game, int64(len(r.Events)), detection(0)))
	}
	if len(acknowledged) < 8 {
		t.Errorf("only %d games had an acknowledgement", len(acknowledged))
	}
}
