package actorstest

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A node that never comes to rest ends the run with its timeline. The test runs itself anew, because that kills the process.
func TestANodeThatNeverRestsFailsTheSpec(t *testing.T) {
	const spins = "ACTORSTEST_SPINS"
	if os.Getenv(spins) != "" {
		stuckAfter = 200 * time.Millisecond
		Spec(t, func(w *World) {
			go func() {
				for {
					runtime.Gosched()
				}
			}()
			w.Game("game-7")
			w.Start()
		})
		return
	}
	again := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	again.Env = append(os.Environ(), spins+"=1")
	said, err := again.CombinedOutput()
	if err == nil || !strings.Contains(string(said), "has not come to rest") || !strings.Contains(string(said), "comes onto the list") {
		t.Errorf("the run ended with %v:\n%s", err, said)
	}
}
