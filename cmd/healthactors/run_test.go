package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"galaxy/healthactors/messages"
)

func TestRunPublishesEventsUntilSIGTERM(t *testing.T) { // H2 H3 H4 S8
	w := newWorld(t)
	w.container("well", 0, "running", "healthy")
	w.container("sick", 0, "running", "unhealthy")
	w.container("gone", 0, "exited", "")
	w.container("loop", 3, "running", "")
	w.list("well", "sick", "gone", "loop", "missing")
	p := start(t, w.dir, w.args()...)

	p.eventWith("sick", messages.ReasonHealthcheckUnhealthy)
	p.eventWith("gone", messages.ReasonNotRunning)
	w.container("loop", 5, "running", "")
	e := p.eventWith("loop", messages.ReasonRestartCountIncreased)
	if e.Details.RestartCount != 5 || e.ContainerID != "loop" || e.EventType != messages.InspectUnhealthy {
		t.Errorf("event %+v", e)
	}

	p.signal(syscall.SIGTERM)
	if code := p.exits(); code != 0 {
		t.Errorf("exit code %d after SIGTERM", code)
	}
	for _, text := range []string{"msg=started", "msg=stopping", "msg=stopped events_pending=0"} {
		if strings.Count(p.err.String(), text) != 1 {
			t.Errorf("the log does not say %q once:\n%s", text, p.err)
		}
	}
}

func TestRunGoesOnWithoutListAndEngine(t *testing.T) { // S1 H10
	w := newWorld(t)
	w.container("sick", 0, "running", "unhealthy")
	w.engine.Down()
	p := start(t, w.dir, w.args()...)
	p.logs("running.json") // there is no list yet
	if first, _, _ := strings.Cut(p.err.String(), "\n"); !strings.Contains(first, "msg=started") {
		t.Errorf("the first line is %q", first)
	}
	w.list("sick")
	p.logs("engine=default")
	if err := w.engine.Up(); err != nil {
		t.Fatal(err)
	}
	p.eventWith("sick", messages.ReasonHealthcheckUnhealthy)
	p.signal(syscall.SIGINT)
	if code := p.exits(); code != 0 {
		t.Errorf("exit code %d after SIGINT", code)
	}
}

func TestRunEndsWhenStdoutIsClosed(t *testing.T) {
	w := newWorld(t)
	w.container("sick", 0, "running", "unhealthy")
	w.list("sick")
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := command(t, w.dir, nil, w.args()...)
	var stderr safeBuffer
	cmd.Stdout, cmd.Stderr = writer, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	writer.Close()
	reader.Close()
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
	if last := lines[len(lines)-1]; !strings.Contains(last, "broken pipe") {
		t.Errorf("the last line doesn't say why: %s", stderr.String())
	}
}

// What was set to no avail is one warning each at the start; what Kubernetes sets by itself is none.
func TestRunWarnsOfWhatHasNoEffect(t *testing.T) {
	w := newWorld(t)
	w.list()
	cmd := command(t, w.dir, []string{
		"HEALTHACTORS_INSPECT_TIMEOUTS=s3cret", "HEALTHACTORS_LEASE=5s", "HEALTHACTORS_GAMES=3",
		"HEALTHACTORS_SERVICE_HOST=10.0.0.1", "HEALTHACTORS_PORT=tcp://10.0.0.1:8080", "HEALTHACTORS_PORT_8080_TCP_ADDR=10.0.0.1",
	}, w.args("--topic=t")...)
	p := startCommand(t, cmd)
	p.logs("msg=started")
	p.signal(syscall.SIGTERM)
	if code := p.exits(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	log := p.err.String()
	for _, want := range []string{
		`\"HEALTHACTORS_INSPECT_TIMEOUTS\" is no setting, did you mean \"HEALTHACTORS_INSPECT_TIMEOUT\"?`,
		"--lease (from HEALTHACTORS_LEASE) has no effect", "--topic has no effect",
	} {
		if strings.Count(log, want) != 1 {
			t.Errorf("the log does not say %s once", want)
		}
	}
	if strings.Count(log, "level=WARN") != 3 || strings.Contains(log, "s3cret") {
		t.Errorf("the log is\n%s", log)
	}
}

func TestKilledNodeGoesOnFromItsJournal(t *testing.T) { // R1 R2
	w := newWorld(t)
	w.container("loop", 2, "running", "")
	w.container("left", 2, "running", "")
	w.list("loop", "left")
	p := start(t, w.dir, w.args()...)
	w.inspects(6) // both baselines are in the journal: the second inspect of a game follows the first one's append
	p.signal(syscall.SIGKILL)
	p.exits()

	w.container("loop", 5, "running", "")
	w.container("left", 9, "running", "")
	w.list("loop")
	p = start(t, w.dir, w.args()...)
	if e := p.event(); e.GameID != "loop" || e.Details.RestartCount != 5 ||
		!slices.Equal(e.Reasons, []string{messages.ReasonRestartCountIncreased}) {
		t.Errorf("the restart while nobody watched gave %+v", e)
	}
	// R2: what left the list while nobody watched begins anew: its restarts meanwhile are no event.
	w.list("loop", "left")
	w.inspects(6)
	w.container("left", 10, "running", "")
	if e := p.event(); e.GameID != "left" || e.Details.RestartCount != 10 {
		t.Errorf("the game that came back gave %+v", e)
	}
	p.signal(syscall.SIGTERM)
	if code := p.exits(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestRunNeedsItsJournal(t *testing.T) {
	w := newWorld(t)
	code, stdout, stderr := output(t, w.dir, nil, w.args("--journal=sqlite:no/such/folder/journal.db")...)
	if code != 1 || stdout != "" || !strings.Contains(stderr, "no/such/folder") {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

func TestRunAnswersHTTP(t *testing.T) {
	w := newWorld(t)
	w.container("sick", 0, "running", "unhealthy")
	w.list("sick")
	p := start(t, w.dir, w.args("--http=127.0.0.1:0")...)
	p.event()
	p.logs("msg=started")
	address := regexp.MustCompile(`http=(\S+)`).FindStringSubmatch(p.err.String())[1]
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	get := func(path string) (int, string) {
		t.Helper()
		answer, err := client.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}

	eventually(t, "the node is ready", func() bool { code, _ := get("/readyz"); return code == 200 })
	if code, body := get("/livez"); code != 200 {
		t.Errorf("/livez: %d %s", code, body)
	}
	_, metrics := get("/metrics")
	b := build()
	for _, series := range []string{
		`healthactors_inspections_total{engine="default",outcome="ok"}`, `healthactors_inspections_total{engine="default",outcome="not_found"} 0`,
		`healthactors_inspections_total{engine="default",outcome="timeout"} 0`, `healthactors_inspections_total{engine="default",outcome="error"} 0`,
		`healthactors_inspect_duration_seconds_count{engine="default"} `, `healthactors_health_events_total{event_type="inspect_unhealthy"}`,
		`healthactors_ticks_total{outcome="ok"}`, `healthactors_ticks_total{outcome="list_failed"} 0`,
		"healthactors_tick_duration_seconds_count ", `healthactors_inspections_skipped_total{engine="default"} `, "healthactors_games 1",
		`healthactors_games_stale{engine="default"} `, "healthactors_events_pending ", "healthactors_events_parked 0",
		"healthactors_oldest_pending_seconds ", "healthactors_journal_bytes ", "healthactors_journal_rollbacks_total ",
		`healthactors_games_unhealthy{reason="restart_count_increased"} 0`, `healthactors_games_unhealthy{reason="not_running"} 0`,
		`healthactors_games_unhealthy{reason="healthcheck_unhealthy"} 1`, "healthactors_last_tick_timestamp_seconds ",
		"healthactors_publish_failures_total 0", "healthactors_entries_refused 0",
		fmt.Sprintf(`healthactors_build_info{commit="%s",go_version="%s",version="%s"} 1`, b.Commit, runtime.Version(), b.Version),
	} {
		if !strings.Contains(metrics, "\n"+series) {
			t.Errorf("no series %s", series)
		}
	}

	// Another node finds the address taken.
	code, _, stderr := output(t, t.TempDir(), nil, "run", "--docker-host="+w.host, "--http="+address)
	if code != 1 || !strings.Contains(stderr, `--http "`+address+`": the address is in use`) {
		t.Errorf("exit code %d, stderr %s", code, stderr)
	}
	p.signal(syscall.SIGTERM)
	if code := p.exits(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// A journal has one node at a time; the second one says who the first is, and leaves it alone.
func TestRunRefusesAJournalThatIsHeld(t *testing.T) {
	w := newWorld(t)
	w.list()
	p := start(t, w.dir, w.args()...)
	p.logs("msg=started")
	code, _, stderr := output(t, w.dir, nil, w.args()...)
	if code != 1 || !strings.Contains(stderr, "it is held by") {
		t.Errorf("exit code %d, stderr %s", code, stderr)
	}
	code, stdout, _ := output(t, w.dir, nil, "check", "--docker-host="+w.host, "--running-list=file:running.json")
	if code != 1 || !strings.Contains(stdout, "it is held by") {
		t.Errorf("check: exit code %d, stdout %s", code, stdout)
	}
	p.signal(syscall.SIGTERM)
	if code := p.exits(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
