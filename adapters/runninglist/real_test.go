//go:build integration

package runninglist

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/porttest"
)

// database is a schema of the test's own on the real Postgres, with a table of games in it.
type database struct {
	url  string
	conn *pgx.Conn
	// name is that of the schema, and of the applications that the lists connect as.
	name string
}

const games = "SELECT game_id, container_id FROM games ORDER BY game_id"

func newDatabase(t *testing.T) database {
	t.Helper()
	address := os.Getenv("HEALTHACTORS_TEST_POSTGRES")
	if address == "" {
		t.Fatal("HEALTHACTORS_TEST_POSTGRES is not set: it must be the postgres:// URL of a database to test on")
	}
	schema := fmt.Sprintf("runninglist_%d_%d", os.Getpid(), time.Now().UnixNano())
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("search_path", schema)
	u.RawQuery = query.Encode()
	conn, err := pgx.Connect(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	query.Set("application_name", schema)
	u.RawQuery = query.Encode()
	d := database{url: u.String(), conn: conn, name: schema}
	d.exec(t, "CREATE SCHEMA "+schema)
	t.Cleanup(func() {
		_, err := conn.Exec(context.Background(), "DROP SCHEMA "+schema+" CASCADE")
		if err := errors.Join(err, conn.Close(context.Background())); err != nil {
			t.Error(err)
		}
	})
	d.exec(t, "CREATE TABLE games (game_id text, container_id text)")
	return d
}

func (d database) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := d.conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func (d database) list(t *testing.T, query string) *Postgres {
	t.Helper()
	list, err := NewPostgres(d.url, query)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(list.Close)
	return list
}

// soon bounds a reading, here and on the server.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestRealPostgresIsARunningList(t *testing.T) {
	porttest.RunningList(t, func(t *testing.T) porttest.RunningListFixture {
		d := newDatabase(t)
		return porttest.RunningListFixture{
			List: d.list(t, games),
			Set: func(t *testing.T, entries []actors.Entry) {
				d.exec(t, "DROP TABLE IF EXISTS games")
				d.exec(t, "CREATE TABLE games (game_id text, container_id text)")
				rows := make([][]any, len(entries))
				for i, e := range entries {
					rows[i] = []any{e.GameID, e.ContainerID}
				}
				_, err := d.conn.CopyFrom(t.Context(), pgx.Identifier{"games"}, []string{"game_id", "container_id"}, pgx.CopyFromRows(rows))
				if err != nil {
					t.Fatal(err)
				}
			},
			Break: func(t *testing.T) { d.exec(t, "DROP TABLE games") },
			Hang: func(t *testing.T) func() {
				d.exec(t, "BEGIN")
				d.exec(t, "LOCK TABLE games IN ACCESS EXCLUSIVE MODE")
				return func() { d.exec(t, "COMMIT") }
			},
		}
	})
}

func TestRealPostgresValues(t *testing.T) { // S6
	d := newDatabase(t)
	d.exec(t, "CREATE TYPE host AS ENUM ('eu-1', 'eu-2')")
	d.exec(t, "CREATE DOMAIN game AS varchar(20)")
	for query, want := range map[string]actors.Entry{
		"SELECT 'g', 'c'": {GameID: "g", ContainerID: "c"},
		"SELECT 'g'::text, 'c'::varchar, 'e'::name":      {GameID: "g", ContainerID: "c", Engine: "e"},
		"SELECT 'g'::char(9), 'c'::bpchar, 'eu-1'::host": {GameID: "g", ContainerID: "c", Engine: "eu-1"},
		"SELECT 'g '::game, 'c'::\"char\"":               {GameID: "g ", ContainerID: "c"},
		"SELECT 'ABCDEF01-2345-6789-abcd-ef0123456789'::uuid, 7::smallint": {
			GameID: "abcdef01-2345-6789-abcd-ef0123456789", ContainerID: "7",
		},
		"SELECT 42::bigint, NULL::int":                        {GameID: "42", Malformed: "container_id is null"},
		"SELECT NULL, 'c'":                                    {ContainerID: "c", Malformed: "game_id is null"},
		"SELECT 'g', 'c', NULL":                               {GameID: "g", ContainerID: "c", Malformed: "engine is null"},
		"SELECT '', '', ''":                                   {},
		"SELECT E'a\\n\\u00e4', 'c' -- a comment":             {GameID: "a\nä", ContainerID: "c"},
		"WITH g AS (SELECT 'g' AS id) SELECT id, 'c' FROM g;": {GameID: "g", ContainerID: "c"},
		"VALUES ('g', 'c')":                                   {GameID: "g", ContainerID: "c"},
	} {
		entries, err := d.list(t, query).Read(soon(t))
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if diff := cmp.Diff([]actors.Entry{want}, entries); diff != "" {
			t.Errorf("%s: -want +got:\n%s", query, diff)
		}
	}
}

func TestRealPostgresKeepsTheOrderOfTheQuery(t *testing.T) {
	list := newDatabase(t).list(t, "VALUES ('b', '1'), ('a', '2'), ('b', '3'), (NULL, '4')")
	entries, err := list.Read(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []actors.Entry{
		{GameID: "b", ContainerID: "1"},
		{GameID: "a", ContainerID: "2"},
		{GameID: "b", ContainerID: "3"},
		{ContainerID: "4", Malformed: "game_id is null"},
	}
	if diff := cmp.Diff(want, entries); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRealPostgresRefusesWrongQueries(t *testing.T) { // S1
	d := newDatabase(t)
	d.exec(t, "CREATE SEQUENCE counter")
	for _, refused := range []struct{ query, want string }{
		{"SELECT 'g'", "the query returns 1 columns; want game id and container id"},
		{"SELECT 'g', 'c', 'e', 'more'", "the query returns 4 columns"},
		{"SELECT FROM games", "the query returns 0 columns"},
		{"-- nothing", "the query returns 0 columns"},
		{"COPY games TO STDOUT", "the query returns 0 columns"},
		{"SELECT game_id FROM gmaes", `relation "gmaes" does not exist (SQLSTATE 42P01)`},
		{"SELEKT", "syntax error"},
		{"SELECT $1::text, 'c'", "requires 1"},
		{"SELECT 'g', 'c'; COMMIT; DROP TABLE games", "multiple commands"},
		{"INSERT INTO games VALUES ('g', 'c') RETURNING game_id, 'c'", "read-only transaction"},
		{"SELECT nextval('counter'), 'c'", "read-only transaction"},
		{"SELECT x, 1 / (5000 - x) FROM generate_series(1, 10000) x", "division by zero"},
		{"SELECT repeat('x', 1000000), generate_series(1, 100000000000)", "more than 64 MiB"},
		{"SELECT repeat('x', 100000000), 'c'", "more than 64 MiB"},
	} {
		list := d.list(t, refused.query)
		for range 2 {
			entries, err := list.Read(soon(t))
			if err == nil || len(entries) > 0 || !strings.Contains(err.Error(), refused.want) {
				t.Errorf("%s: %d entries and error %v, want %q", refused.query, len(entries), err, refused.want)
			}
		}
	}
	wantNoQuery(t, d)
}

func TestRealPostgresRefusesTooManyRows(t *testing.T) { // S1
	d := newDatabase(t)
	// The server makes these rows as they are read.
	list := d.list(t, "SELECT generate_series(1, 100000000000), 'c'")
	if err := list.Check(soon(t)); !errors.Is(err, errTooManyEntries) {
		t.Errorf("%v, want %v", err, errTooManyEntries)
	}
	wantNoQuery(t, d)
}

func TestRealPostgresCancelsAQueryThatIsTooSlow(t *testing.T) { // S1
	d := newDatabase(t)
	list := d.list(t, "SELECT 'g', pg_sleep(600)::text")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := list.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the deadline", err)
	}
	wantNoQuery(t, d)
}

// wantNoQuery waits until the server runs no query of a running list. It learns of a cancellation a little later.
func wantNoQuery(t *testing.T, d database) {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		var running int
		err := d.conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
			WHERE application_name = $1 AND state = 'active'`, d.name).Scan(&running)
		if err != nil {
			t.Fatal(err)
		}
		if running == 0 {
			return
		}
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("%d queries still run on the server", running)
		}
	}
}

func TestRealPostgresReconnects(t *testing.T) { // S1
	d := newDatabase(t)
	d.exec(t, "INSERT INTO games VALUES ('g', 'c')")
	list := d.list(t, games)
	if err := list.Check(soon(t)); err != nil {
		t.Fatal(err)
	}
	d.exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", d.name)
	_, err := list.Read(soon(t)) // This one may fail: the connection was in use a moment ago.
	entries, again := list.Read(soon(t))
	if again != nil || len(entries) != 1 {
		t.Errorf("after a reading with error %v: %d entries and error %v", err, len(entries), again)
	}
}
