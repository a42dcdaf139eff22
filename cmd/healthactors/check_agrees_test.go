package main

import (
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/docker/dockersim"
)

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
		{name: "a cluster without Postgres", prepare: args("--cluster=c"), code: 2, says: `--cluster "c": `},
		{name: "a certificate that is not there", prepare: args("--publish=kafka://127.0.0.1:1", "--kafka-tls-ca=no.pem"), code: 2, says: "no.pem"},
		{name: "the broker is away", prepare: args("--publish=kafka://127.0.0.1:1", "--drain-timeout=1ms"), warned: "no broker can be reached", says: "warns   publish kafka://127.0.0.1:1 topic runtime.health_events: "},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.agree(t)
		})
	}
}
