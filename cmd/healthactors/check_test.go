package main

import (
	"database/sql"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/docker/dockersim"
	"galaxy/healthactors/adapters/journal"
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

// A set-up is one that run and check have to agree on.
type setUp struct {
	name string
	// prepare may change the world, and returns further arguments.
	prepare func(t *testing.T, w *world) []string
	// code is what run exits with; 0: it goes on.
	code int
	// warned is in the log of a run that goes on with a warning.
	warned string
	// says is in what check says.
	says string
	// state is what else check must not change; nil for nothing.
	state func(t *testing.T) string
}

// agree holds run and check against each other: what run refuses, check refuses with the same code; what run warns of and goes
// on, check names and exits with 1. And check changes nothing.
func (s setUp) agree(t *testing.T) {
	t.Helper()
	w := newWorld(t)
	w.container("a", 0, "exited", "")
	w.list("a")
	more := s.prepare(t, w)
	before, state := contents(t, w.dir), ""
	if s.state != nil {
		state = s.state(t)
	}
	code, stdout, stderr := output(t, w.dir, nil, checking(w.args(more...))...)
	if diff := cmp.Diff(before, contents(t, w.dir)); diff != "" {
		t.Errorf("check has changed files (-before +after):\n%s", diff)
	}
	if s.state != nil {
		if diff := cmp.Diff(state, s.state(t)); diff != "" {
			t.Errorf("check has changed something (-before +after):\n%s", diff)
		}
	}
	want := s.code
	if s.warned != "" {
		want = 1
	}
	if code != want || !strings.Contains(stdout+stderr, s.says) {
		t.Errorf("check: exit code %d, want %d and %q; stderr %q, stdout\n%s", code, want, s.says, stderr, stdout)
	}
	if strings.Contains("\n"+stdout, "\nfailed ") != (s.code != 0 && stdout != "") {
		t.Errorf("check: run exits with %d; stdout\n%s", s.code, stdout)
	}
	if lines := strings.Count(stderr, "\n"); lines > 1 || (lines == 1) != (want != 0) {
		t.Errorf("check: stderr %q", stderr)
	}

	if s.code != 0 {
		code, stdout, stderr := output(t, w.dir, nil, w.args(more...)...)
		if code != s.code || stdout != "" {
			t.Errorf("run: exit code %d, want %d; stderr %q, stdout %q", code, s.code, stderr, stdout)
		}
		return
	}
	p := start(t, w.dir, w.args(more...)...)
	p.logs("msg=started")
	if s.warned == "" {
		p.logs(`msg="event published"`)
	} else {
		p.logs(s.warned)
	}
	p.signal(syscall.SIGTERM)
	if code := p.exits(); code != 0 {
		t.Errorf("run: exit code %d", code)
	}
	if warned := strings.Contains(p.err.String(), "level=WARN") || strings.Contains(p.err.String(), "level=ERROR"); warned != (s.warned != "") {
		t.Errorf("run warned: %t; its log:\n%s", warned, p.err)
	}
}

// contents are the files in a folder, but SQLite's shared memory, which is no part of a journal: who reads a log that was left
// makes its index there anew.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && !strings.HasSuffix(path, "-shm") {
			var text []byte
			text, err = os.ReadFile(path)
			files[path] = string(text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestCheckAgreesWithRun(t *testing.T) {
	nothing := func(*testing.T, *world) []string { return nil }
	args := func(args ...string) func(*testing.T, *world) []string {
		return func(*testing.T, *world) []string { return args }
	}
	list := func(text string) func(*testing.T, *world) []string {
		return func(t *testing.T, w *world) []string {
			write(t, filepath.Join(w.dir, "running.json"), text)
			return nil
		}
	}
	file := func(text string) func(*testing.T, *world) []string {
		return func(t *testing.T, w *world) []string {
			write(t, filepath.Join(w.dir, "healthactors.db"), text)
			return nil
		}
	}
	for _, s := range []setUp{
		{name: "all is well", prepare: nothing, says: "ok      engine default"},
		{name: "a journal in memory", prepare: args("--journal=memory:"), says: "ok      journal memory:"},
		{name: "a journal that is there", prepare: journalAfter(), says: "ok      journal"},
		{
			name: "a journal after a kill", says: "ok      journal",
			prepare: func(t *testing.T, w *world) []string {
				p := start(t, w.dir, w.args()...)
				p.logs(`msg="event published"`)
				p.signal(syscall.SIGKILL)
				p.exits()
				return nil
			},
		},
		{
			name: "the Engine is away", warned: `msg="inspect failed"`, says: "warns   engine default: ",
			prepare: func(_ *testing.T, w *world) []string { w.engine.Down(); return nil },
		},
		{
			name: "the Engine refuses", warned: "the engine answered 503", says: "warns   engine default: the engine answered 503: starting",
			prepare: func(_ *testing.T, w *world) []string {
				w.engine.SetFault(dockersim.Fault{Status: 503, Message: "starting"})
				return nil
			},
		},
		{
			name: "the Engine never answers", warned: `msg="inspect failed"`, says: "warns   engine default: ",
			prepare: func(_ *testing.T, w *world) []string {
				w.engine.SetFault(dockersim.Fault{Hang: true})
				return []string{"--inspect-timeout=100ms"}
			},
		},
		{
			name: "a setting without effect", warned: "has no effect", says: "warns   settings: --topic has no effect",
			prepare: args("--topic=other"),
		},
		{
			name: "a game with several containers", warned: "the game has several containers",
			says: `game "g" has several containers, of which "new" on engine "default" is watched; 1 others: old`,
			prepare: func(_ *testing.T, w *world) []string {
				labels := map[string]string{docker.GameLabel: "g"}
				w.engine.Put(dockersim.Container{ID: "old", Labels: labels, Status: "exited", Created: time.Unix(2000, 0)})
				w.engine.Put(dockersim.Container{ID: "new", Labels: labels, Status: "paused", Created: time.Unix(1000, 0)})
				return []string{"--running-list=docker:"}
			},
		},
		{name: "no list", prepare: args("--running-list=file:no.json"), warned: "read the running list from no.json", says: "warns   running list file:no.json: "},
		{name: "a list that is none", prepare: list("{}"), warned: "not a JSON array", says: "not a JSON array"},
		{
			name: "a list with NULL", prepare: list(`[{"game_id":"a","container_id":null}]`), warned: "container_id is null",
			says: `warns   running list file:running.json: game "a", container "" on engine "default": container_id is null`,
		},
		{name: "a list with a bad game id", prepare: list(`[{"game_id":"a b","container_id":"a"}]`), warned: "white space", says: `game "a b", container "a"`},
		{name: "a list with a bad container id", prepare: list(`[{"game_id":"a","container_id":"a/b"}]`), warned: "container_id does not match", says: "container_id does not match"},
		{name: "a list with an unknown Engine", prepare: list(`[{"game_id":"a","container_id":"a","engine":"b"}]`), warned: "unknown engine", says: `on engine "b": unknown engine`},
		{
			name: "a list with a game twice", prepare: list(`[{"game_id":"a","container_id":"a"},{"game_id":"a","container_id":"b"}]`),
			warned: "second entry for a game", says: `game "a", container "b" on engine "default": second entry for a game`,
		},
		{name: "a list with a nameless entry", prepare: list(`[7]`), warned: "entry 1", says: "entry 1: not an object"},
		{name: "no folder for the journal", prepare: args("--journal=sqlite:no/journal.db"), code: 1, says: "failed  journal sqlite:no/journal.db: "},
		{name: "a folder as the journal", prepare: args("--journal=sqlite:."), code: 1, says: "it is not a file"},
		{
			name: "a link to nowhere as the journal", code: 1, says: "symbolic link",
			prepare: func(t *testing.T, w *world) []string {
				if err := os.Symlink("nowhere.db", filepath.Join(w.dir, "healthactors.db")); err != nil {
					t.Fatal(err)
				}
				return nil
			},
		},
		{name: "a journal that is no database", prepare: file("games"), code: 1, says: "it is not a SQLite database"},
		{
			name: "a journal that lost its file", code: 1, says: "its log",
			prepare: func(t *testing.T, w *world) []string {
				write(t, filepath.Join(w.dir, "healthactors.db-wal"), "frames")
				return nil
			},
		},
		{
			name: "a journal whose lock is a folder", code: 1, says: "healthactors.db.lock",
			prepare: func(t *testing.T, w *world) []string {
				if err := os.Mkdir(filepath.Join(w.dir, "healthactors.db.lock"), 0o700); err != nil {
					t.Fatal(err)
				}
				return nil
			},
		},
		{
			name: "a journal whose shared memory is a folder", code: 1, says: "healthactors.db-shm",
			prepare: func(t *testing.T, w *world) []string {
				more := journalAfter()(t, w)
				if err := os.Mkdir(filepath.Join(w.dir, "healthactors.db-shm"), 0o700); err != nil {
					t.Fatal(err)
				}
				return more
			},
		},
		{name: "another program's database", prepare: journalAfter("PRAGMA application_id = 7"), code: 1, says: "of another program"},
		{name: "a newer journal", prepare: journalAfter("UPDATE journal_meta SET least_reader = 99"), code: 1, says: "written by a newer version"},
		{name: "a journal without a table", prepare: journalAfter("DROP TABLE journal_snapshots"), code: 1, says: "no such table"},
		{name: "a journal without its versions", prepare: journalAfter("DROP TABLE journal_versions"), code: 1, says: "already exists"},
		{
			name: "a journal that was cut short", code: 1, says: "it has 8192 of",
			prepare: func(t *testing.T, w *world) []string {
				more := journalAfter()(t, w)
				if err := os.Truncate(filepath.Join(w.dir, "healthactors.db"), 8192); err != nil {
					t.Fatal(err)
				}
				return more
			},
		},
		{
			name: "a journal that is held", code: 1, says: "it is held by node",
			prepare: func(t *testing.T, w *world) []string {
				j := openJournal(t, filepath.Join(w.dir, "healthactors.db"))
				t.Cleanup(func() { _ = j.Close() })
				return nil
			},
		},
		{
			name: "HTTP's address is taken", code: 1, says: "the address is in use",
			prepare: func(t *testing.T, _ *world) []string {
				taken, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = taken.Close() })
				return []string{"--http=" + taken.Addr().String()}
			},
		},
		{name: "HTTP's address is another machine's", prepare: args("--http=192.0.2.1:80"), code: 2, says: "failed  http 192.0.2.1:80: "},
		{name: "HTTP's address is no name", prepare: args("--http=no.such.host.invalid:80"), code: 2, says: "failed  http no.such.host.invalid:80: "},
		{name: "the first error gives the code", prepare: args("--http=192.0.2.1:80", "--journal=sqlite:no/journal.db"), code: 2, says: "failed  journal"},
		{name: "a cluster without Postgres", prepare: args("--cluster=c"), code: 2, says: "--cluster=c"},
		{name: "a certificate that is not there", prepare: args("--publish=kafka://127.0.0.1:1", "--kafka-tls-ca=no.pem"), code: 2, says: "no.pem"},
		{name: "the broker is away", prepare: args("--publish=kafka://127.0.0.1:1", "--drain-timeout=1ms"), warned: "no broker can be reached", says: "warns   publish kafka://127.0.0.1:1 topic runtime.health_events: "},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.agree(t)
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func openJournal(t *testing.T, path string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(t.Context(), journal.Config{
		URL: "sqlite:" + path, Retention: time.Hour, Holder: "other", Log: slog.New(slog.DiscardHandler), Clock: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// journalAfter makes a journal and changes it.
func journalAfter(statements ...string) func(*testing.T, *world) []string {
	return func(t *testing.T, w *world) []string {
		t.Helper()
		path := filepath.Join(w.dir, "healthactors.db")
		if err := openJournal(t, path).Close(); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for _, statement := range statements {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		return nil
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

// checking has check look at the set-up that run is started with.
func checking(run []string) []string { return append([]string{"check"}, run[1:]...) }
