package main

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"galaxy/healthactors/messages"
)

func TestDemoEndsByItselfAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	code, stdout, stderr := output(t, dir, []string{"TMPDIR=" + dir}, "demo", "--for=4s")
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	for _, want := range []string{
		messages.ReasonRestartCountIncreased, messages.ReasonNotRunning, messages.ReasonHealthcheckUnhealthy,
		"kcat -C -b 127.0.0.1:", "/api/v1/games", "20 games", "inspections",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in:\n%s", want, stdout)
		}
	}
	if strings.Contains(stdout, "\x1b") {
		t.Error("colour, though this is no terminal")
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("it left %v, %v", files, err)
	}
}

func TestDemoShowsAnEventSoonAndEndsAtSIGINT(t *testing.T) {
	begun := time.Now()
	p := start(t, t.TempDir(), "demo", "--games=3", "--seed=7")
	var api string
	for line := p.line(); !strings.Contains(line, "healthcheck_unhealthy") && !strings.Contains(line, "not_running"); line = p.line() {
		if found := regexp.MustCompile(`http://\S+/api/v1/games`).FindString(line); found != "" {
			api = found
		}
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("the first event took %v", took)
	}

	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	answer, err := client.Get(api)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || strings.Count(string(body), `"game_id"`) != 3 {
		t.Errorf("%s answered %s, %v", api, body, err)
	}

	p.signal(syscall.SIGINT)
	if code := p.exits(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
