package runninglist

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"galaxy/healthactors/actors"
)

func TestNewPostgresRefusesWhatIsNoURL(t *testing.T) {
	for _, tt := range []struct{ name, url, query, want string }{
		{"no query", "postgres://db/games", " \n", "Query is empty"},
		{"another scheme", "mysql://node:hunter2@db/games", "SELECT 1", "URL is not a Postgres URL; want postgres://"},
		{"keywords", "host=db password=hunter2", "SELECT 1", "URL is not a Postgres URL; want postgres://"},
		{"a slash in the password", "postgres://node:hunter2/x@db/games", "SELECT 1", "percent-encoded"},
		{"a percent in the password", "postgres://node:hunter2%@db/games", "SELECT 1", "percent-encoded"},
		{"a wrong port", "postgres://node:hunter2@db:port/games", "SELECT 1", "URL is not a URL: "},
		{"a port too high", "postgres://node:hunter2@db:70000/games", "SELECT 1", "invalid port"},
		{"a wrong setting", "postgres://node:hunter2@db/games?sslmode=perhaps", "SELECT 1", "sslmode"},
		{"a wrong number", "postgres://node:hunter2@db/games?connect_timeout=soon&password=hunter2", "SELECT 1", "connect_timeout"},
		{"a missing certificate", "postgres://node:hunter2@db/games?sslmode=verify-full&sslrootcert=/missing.pem", "SELECT 1", "/missing.pem"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list, err := NewPostgres(tt.url, tt.query)
			if err == nil {
				list.Close()
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q in it", err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v, which tells the password", err)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q is more than a line", err)
			}
		})
	}
}

func TestNewPostgresTakesURLsAsLibpqDoes(t *testing.T) {
	for _, url := range []string{
		"postgres://db", "postgresql://node:p%40ss@db:5432/games?sslmode=require", "postgres://db-1:5432,db-2:5433/games",
		"postgres://%2Fvar%2Frun%2Fpostgresql/games", "postgres:///games?host=/var/run/postgresql", "postgres://[::1]:5432/games",
	} {
		list, err := NewPostgres(url, "SELECT 'a', 'b'")
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		list.Close()
	}
}

func TestPostgresThatIsAway(t *testing.T) { // S1
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close() // Now nobody listens there.
	list, err := NewPostgres("postgres://node:hunter2@"+listener.Addr().String()+"/games?sslmode=prefer", "SELECT 'a', 'b'")
	if err != nil {
		t.Fatalf("a database that is away is no wrong setting: %v", err)
	}
	defer list.Close()
	for range 2 {
		entries, err := list.Read(t.Context())
		if err == nil {
			t.Fatalf("%d entries, want an error", len(entries))
		}
		if s := err.Error(); strings.Contains(s, "hunter2") || strings.Contains(s, "\n") || !strings.Contains(s, "connection refused") {
			t.Errorf("%q: want one line with the reason and no password", s)
		}
	}
	if err := list.Check(t.Context()); err == nil {
		t.Error("Check found nothing wrong")
	}
}

func TestPostgresThatNeverAnswers(t *testing.T) { // S1
	listener, err := net.Listen("tcp", "127.0.0.1:0") // Its backlog takes connections, and nobody speaks.
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	list, err := NewPostgres("postgres://"+listener.Addr().String()+"/games?sslmode=disable", "SELECT 'a', 'b'")
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := list.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the deadline", err)
	}
}

func TestRow(t *testing.T) {
	for _, tt := range []struct {
		name   string
		values [][]byte
		want   actors.Entry
	}{
		{"two columns", [][]byte{[]byte("g"), []byte("c")}, actors.Entry{GameID: "g", ContainerID: "c"}},
		{"three columns", [][]byte{[]byte("g"), []byte("c"), []byte("e")}, actors.Entry{GameID: "g", ContainerID: "c", Engine: "e"}},
		{"empty strings", [][]byte{{}, {}, {}}, actors.Entry{}},
		{"no game", [][]byte{nil, []byte("c")}, actors.Entry{ContainerID: "c", Malformed: "game_id is null"}}, // S6
		{"no container", [][]byte{[]byte("g"), nil}, actors.Entry{GameID: "g", Malformed: "container_id is null"}},
		{"nothing", [][]byte{nil, nil, nil}, actors.Entry{Malformed: "game_id is null, container_id is null, engine is null"}},
	} {
		if diff := cmp.Diff(tt.want, row(tt.values)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.name, diff)
		}
	}
}

func TestOneLine(t *testing.T) {
	cause := errors.New("failed to connect:\n\t10.0.0.1: refused\n\t10.0.0.1: refused\n\t10.0.0.2: refused")
	err := oneLine{cause}
	if want := "failed to connect: 10.0.0.1: refused; 10.0.0.2: refused"; err.Error() != want {
		t.Errorf("%s, want %s", err, want)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
}
