package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/docker/dockersim"
)

func TestCheckTriesEachDependency(t *testing.T) {
	w := newWorld(t)
	w.container("a", 0, "running", "")
	w.list("a", "b")
	args := func(more ...string) []string {
		return append([]string{"check", "--docker-host=" + w.host, "--running-list=file:running.json", "--http=127.0.0.1:0"}, more...)
	}

	code, stdout, stderr := output(t, w.dir, nil, args()...)
	want := "ok      http 127.0.0.1:0\n" +
		"ok      journal sqlite:healthactors.db\n" +
		"ok      engine default\n" +
		"ok      running list file:running.json: 2 entries\n" +
		"ok      publish stdout:\n"
	if code != 0 || stdout != want || stderr != "" {
		t.Errorf("exit code %d, stderr %q, stdout\n%s", code, stderr, stdout)
	}

	w.engine.Down()
	code, stdout, stderr = output(t, w.dir, nil, args("--running-list=file:no.json", "--journal=sqlite:no/journal.db",
		"--publish=kafka://127.0.0.1:1")...)
	for _, line := range []string{
		"warns   engine default", "warns   running list file:no.json", "failed  journal sqlite:no/journal.db", "warns   publish kafka://127.0.0.1:1",
	} {
		if !strings.Contains(stdout, line) {
			t.Errorf("no line %q:\n%s", line, stdout)
		}
	}
	if code != 1 || strings.Count(stdout, "\n") != 5 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "no/journal.db") {
		t.Errorf("exit code %d, stderr %q, stdout\n%s", code, stderr, stdout)
	}

	files, err := os.ReadDir(w.dir)
	if err != nil || len(files) != 1 {
		t.Errorf("check left %v, %v", files, err)
	}
}

// The variable that pins a version which the Engine refuses is named, also where the running list isn't the Engine's.
func TestH10CheckNamesAPinnedVersionThatIsRefused(t *testing.T) {
	w := newWorld(t)
	w.list("a")
	w.engine.SetAPI("1.44", "1.51")
	code, stdout, _ := output(t, w.dir, []string{"DOCKER_API_VERSION=1.30"}, "check", "--docker-host="+w.host, "--running-list=file:running.json")
	want := "warns   engine default: inspect a container: DOCKER_API_VERSION=1.30: the engine answered 400: client version 1.30 is too old. " +
		"Minimum supported API version is 1.44"
	if code != 1 || !strings.Contains(stdout, want) || !strings.Contains(stdout, "ok      running list") {
		t.Errorf("exit code %d, stdout\n%s", code, stdout)
	}
}

// A list that is wrong as a whole is named in a few lines.
func TestS6CheckNamesTenRefusedEntries(t *testing.T) {
	w := newWorld(t)
	var entries []string
	for n := range 13 {
		entries = append(entries, fmt.Sprintf(`{"game_id":"game %d","container_id":"a"}`, n))
	}
	write(t, filepath.Join(w.dir, "running.json"), "["+strings.Join(entries, ",")+"]")
	code, stdout, _ := output(t, w.dir, nil, checking(w.args())...)
	for _, want := range []string{"13 entries are refused, and run goes on without them", `"game 0"`, `"game 9"`, "and 3 more"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in:\n%s", want, stdout)
		}
	}
	if code != 1 || strings.Contains(stdout, `"game 10"`) {
		t.Errorf("exit code %d, stdout\n%s", code, stdout)
	}
}

// With docker: over several Engines the list has a part of each; one that can't be read is named.
func TestCheckReadsTheListOfEachEngine(t *testing.T) {
	a, b := newWorld(t), newWorld(t)
	for n, w := range []*world{a, b} {
		w.engine.Put(dockersim.Container{
			ID: dockersim.NewID(n), Status: "running", Labels: map[string]string{docker.GameLabel: fmt.Sprint("game-", n)},
		})
	}
	args := []string{"check", "--http=", "--engine=a=" + a.host, "--engine=b=" + b.host}
	if _, stdout, _ := output(t, a.dir, nil, args...); !strings.Contains(stdout, "ok      running list docker:: 2 entries\n") {
		t.Errorf("stdout\n%s", stdout)
	}
	b.engine.SetListFault(dockersim.Fault{Status: 500, Message: "out of order"})
	code, stdout, _ := output(t, a.dir, nil, args...)
	if code != 1 || !strings.Contains(stdout, "warns   running list docker:: engine b: list the labelled containers: the engine answered 500: out of order\n") {
		t.Errorf("exit code %d, stdout\n%s", code, stdout)
	}
}

// checking has check look at the set-up that run is started with.
func checking(run []string) []string { return append([]string{"check"}, run[1:]...) }
