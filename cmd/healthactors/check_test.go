package main

import (
	"fmt"
	"os"
	"runtime"
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
		return append([]string{"check", "--docker-host=" + w.host, "--running-list=file:running.json"}, more...)
	}

	code, stdout, stderr := output(t, w.dir, nil, args()...)
	want := "ok      engine default\n" +
		"ok      running list file:running.json: 2 entries\n" +
		"ok      journal sqlite:healthactors.db\n" +
		"ok      publish stdout:\n"
	if code != 0 || stdout != want || stderr != "" {
		t.Errorf("exit code %d, stderr %q, stdout\n%s", code, stderr, stdout)
	}

	w.engine.Down()
	code, stdout, stderr = output(t, w.dir, nil, args("--running-list=file:no.json", "--journal=sqlite:no/journal.db",
		"--publish=kafka://127.0.0.1:1")...)
	for _, what := range []string{"engine default", "running list file:no.json", "journal sqlite:no/journal.db", "publish kafka://127.0.0.1:1"} {
		if !strings.Contains(stdout, "failed  "+what) {
			t.Errorf("%s did not fail:\n%s", what, stdout)
		}
	}
	if code != 1 || strings.Count(stdout, "\n") != 4 || strings.Count(stderr, "\n") != 1 {
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
	want := "failed  engine default: DOCKER_API_VERSION=1.30: the engine answered 400: client version 1.30 is too old. " +
		"Minimum supported API version is 1.44"
	if code != 1 || !strings.Contains(stdout, want) || !strings.Contains(stdout, "ok      running list") {
		t.Errorf("exit code %d, stdout\n%s", code, stdout)
	}
}

func TestCheckNamesAMalformedEntry(t *testing.T) { // S6
	w := newWorld(t)
	if err := os.WriteFile(w.dir+"/running.json", []byte(`[{"game_id":"a","container_id":null}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, _ := output(t, w.dir, nil, "check", "--docker-host="+w.host, "--running-list=file:running.json")
	if code != 1 || !strings.Contains(stdout, `entry 1 (game "a") is malformed: container_id is null`) {
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
	args := []string{"check", "--engine=a=" + a.host, "--engine=b=" + b.host}
	if _, stdout, _ := output(t, a.dir, nil, args...); !strings.Contains(stdout, "ok      running list docker:: 2 entries\n") {
		t.Errorf("stdout\n%s", stdout)
	}
	b.engine.SetListFault(dockersim.Fault{Status: 500, Message: "out of order"})
	code, stdout, _ := output(t, a.dir, nil, args...)
	if code != 1 || !strings.Contains(stdout, "failed  running list docker:: engine b: list the labelled containers: the engine answered 500: out of order\n") {
		t.Errorf("exit code %d, stdout\n%s", code, stdout)
	}
}

func TestVersion(t *testing.T) {
	code, stdout, stderr := output(t, t.TempDir(), nil, "version")
	if code != 0 || stderr != "" || !strings.HasPrefix(stdout, "healthactors ") ||
		!strings.Contains(stdout, "\ncommit ") || !strings.Contains(stdout, runtime.Version()) {
		t.Errorf("exit code %d, stderr %q, stdout\n%s", code, stderr, stdout)
	}
}

func TestHelp(t *testing.T) {
	code, stdout, stderr := output(t, t.TempDir(), nil, "run", "--help")
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	for _, want := range []string{"--inspect-timeout", "Default: 5s.", "$HEALTHACTORS_INSPECT_TIMEOUT"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in:\n%s", want, stdout)
		}
	}
}
