//go:build integration

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/journal/postgres"
)

// database is a Postgres database that lives as long as the test.
type database struct{ url string }

// as is the database for a role that may connect to it and has no other right, besides those that the statements give it.
func (d database) as(t *testing.T, rights ...string) database {
	t.Helper()
	role := fmt.Sprintf("role_%d", time.Now().UnixNano())
	execSQL(t, d.url, "CREATE ROLE "+role+" LOGIN")
	t.Cleanup(func() { execSQL(t, d.url, "DROP OWNED BY "+role, "DROP ROLE "+role) })
	for _, right := range rights {
		execSQL(t, d.url, right+" TO "+role)
	}
	u, err := url.Parse(d.url)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(role)
	return database{u.String()}
}

// with is the database with a parameter in its URL.
func (d database) with(t *testing.T, key, value string) database {
	t.Helper()
	u, err := url.Parse(d.url)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set(key, value)
	u.RawQuery = query.Encode()
	return database{u.String()}
}

func (d database) journal() []string { return []string{"--journal=" + d.url} }

func (d database) journalOf(cluster string, more ...string) []string {
	return append([]string{"--journal=" + d.url, "--cluster=" + cluster, "--node=a", "--lease=1s"}, more...)
}

// open makes the journal, of a cluster unless its name is empty, and holds it until it is closed, or the test ends.
func (d database) open(t *testing.T, cluster string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(t.Context(), journal.Config{
		URL: d.url, Retention: time.Hour, Holder: "other", Cluster: cluster, Log: slog.New(slog.DiscardHandler), Clock: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

// was makes a journal that nobody holds any more, and changes it.
func (d database) was(t *testing.T, statements ...string) database {
	t.Helper()
	if err := d.open(t, "").Close(); err != nil {
		t.Fatal(err)
	}
	execSQL(t, d.url, statements...)
	return d
}

// member holds a lease of the name a, and renews it as a live node does until the test ends.
func (d database) member(t *testing.T, renews bool, engines ...string) {
	t.Helper()
	lease, err := d.open(t, "c").Lease(t.Context(), postgres.LeaseConfig{Node: "a", Address: "127.0.0.1:1", Engines: engines, Length: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for renews && ctx.Err() == nil {
			if err := lease.Connect(ctx); err == nil {
				_, _ = lease.Renew(ctx, 0)
			}
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		_ = lease.Release(context.Background())
	})
}

// state is all that is in the database, besides the leases that are renewed all the time, and how far its sequences are.
func (d database) state(t *testing.T) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), d.url)
	if err != nil {
		return "" // the set-up is one without
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), `
		SELECT concat_ws(' ', table_name, column_name, data_type) FROM information_schema.columns WHERE table_schema = 'public'
		UNION ALL SELECT concat_ws(' ', sequencename, last_value) FROM pg_sequences
		UNION ALL SELECT t.relname || query_to_xml('SELECT * FROM ' || quote_ident(t.relname) || ' ORDER BY 1', true, true, '')::text
		FROM pg_class t WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r' AND t.relname <> 'cluster_leases'
		ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func TestRealCheckAgreesWithRunOnPostgres(t *testing.T) {
	const all = "GRANT ALL ON ALL TABLES IN SCHEMA public"
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	older := []string{
		"ALTER TABLE journal_snapshots DROP COLUMN gained, DROP COLUMN gained_idx, DROP COLUMN gained_crc",
		"DELETE FROM journal_versions WHERE version_id = 5",
	}
	for _, s := range []struct {
		setUp
		args func(t *testing.T, w *world, d database) []string
	}{
		{setUp{name: "an empty database", says: "ok      journal"}, func(_ *testing.T, _ *world, d database) []string { return d.journal() }},
		{setUp{name: "a journal that is there", says: "ok      journal"}, func(t *testing.T, _ *world, d database) []string { return d.was(t).journal() }},
		{setUp{name: "a journal of the release before", says: "ok      journal"}, func(t *testing.T, _ *world, d database) []string { return d.was(t, older...).journal() }},
		{setUp{name: "a cluster on an empty database", says: "ok      cluster port"}, func(_ *testing.T, _ *world, d database) []string { return d.journalOf("c") }},
		{setUp{name: "a cluster beside another member", says: "ok      journal"}, func(t *testing.T, _ *world, d database) []string {
			d.open(t, "c")
			return d.journalOf("c")
		}},
		{setUp{name: "a cluster takes a node's journal over", says: "ok      journal"}, func(t *testing.T, _ *world, d database) []string { return d.was(t).journalOf("c") }},
		{setUp{name: "a role that may do what it needs", says: "ok      journal"}, func(t *testing.T, _ *world, d database) []string {
			return d.was(t).as(t, all).journal()
		}},
		{setUp{name: "no right to make tables", code: 1, says: "a right is missing"}, func(t *testing.T, _ *world, d database) []string { return d.as(t).journal() }},
		{setUp{name: "no right to make tables, in a cluster", code: 1, says: "a right is missing"}, func(t *testing.T, _ *world, d database) []string {
			return d.as(t).journalOf("c")
		}},
		{setUp{name: "no right to the schema", code: 1, says: "failed  journal"}, func(t *testing.T, _ *world, d database) []string {
			execSQL(t, d.url, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
			return d.as(t).journal()
		}},
		{setUp{name: "no right to the tables", code: 1, says: "a right is missing"}, func(t *testing.T, _ *world, d database) []string { return d.was(t).as(t).journal() }},
		{setUp{name: "the right to read alone", code: 1, says: "a right is missing"}, func(t *testing.T, _ *world, d database) []string {
			return d.was(t).as(t, "GRANT SELECT ON ALL TABLES IN SCHEMA public").journal()
		}},
		{setUp{name: "no right to one table", code: 1, says: "a right is missing"}, func(t *testing.T, _ *world, d database) []string {
			d = d.was(t)
			execSQL(t, d.url, "REVOKE ALL ON journal_writers FROM PUBLIC")
			return d.as(t, "GRANT ALL ON journal_events, journal_holder, journal_meta, journal_snapshots, journal_streams, journal_versions, cluster_leases").journal()
		}},
		{setUp{name: "no right to the leases", code: 1, says: "a right is missing"}, func(t *testing.T, _ *world, d database) []string {
			d = d.was(t)
			return d.as(t, "GRANT ALL ON journal_events, journal_holder, journal_meta, journal_snapshots, journal_streams, journal_versions, journal_writers",
				"GRANT SELECT ON cluster_leases").journalOf("c")
		}},
		{setUp{name: "no right to migrate", code: 1, says: "a right is missing"}, func(t *testing.T, _ *world, d database) []string {
			return d.was(t, older...).as(t, all).journal()
		}},
		{setUp{name: "no such role", code: 1, says: "failed  journal"}, func(_ *testing.T, _ *world, d database) []string {
			return []string{"--journal=" + strings.Replace(d.url, "postgres@", "nobody@", 1)}
		}},
		{setUp{name: "no such database", code: 1, says: "failed  journal"}, func(_ *testing.T, _ *world, d database) []string {
			return []string{"--journal=" + strings.Replace(d.url, "?", "_not?", 1)}
		}},
		{setUp{name: "no such schema", code: 1, says: "search_path"}, func(t *testing.T, _ *world, d database) []string {
			return d.with(t, "search_path", "nowhere").journal()
		}},
		{setUp{name: "no server", code: 1, says: "can't be reached"}, func(_ *testing.T, _ *world, _ database) []string {
			return []string{"--journal=postgres://127.0.0.1:1/games"}
		}},
		{setUp{name: "a read-only database", code: 1, says: "takes no writes"}, func(t *testing.T, _ *world, d database) []string {
			return d.with(t, "default_transaction_read_only", "on").journal()
		}},
		{setUp{name: "a newer journal", code: 1, says: "written by a newer version"}, func(t *testing.T, _ *world, d database) []string {
			return d.was(t, "UPDATE journal_meta SET least_reader = 99").journal()
		}},
		{setUp{name: "a journal without a table", code: 1, says: "journal_writers"}, func(t *testing.T, _ *world, d database) []string {
			return d.was(t, "DROP TABLE journal_writers").journal()
		}},
		{setUp{name: "a journal without its versions", code: 1, says: "already exists"}, func(t *testing.T, _ *world, d database) []string {
			return d.was(t, "DROP TABLE journal_versions").journal()
		}},
		{setUp{name: "held by a node", code: 1, says: `it is held by node "other"`}, func(t *testing.T, _ *world, d database) []string {
			d.open(t, "")
			return d.journal()
		}},
		{setUp{name: "held by a node, for a cluster", code: 1, says: `it is held by node "other"`}, func(t *testing.T, _ *world, d database) []string {
			d.open(t, "")
			return d.journalOf("c")
		}},
		{setUp{name: "held by a cluster", code: 1, says: `it is held by cluster "c"`}, func(t *testing.T, _ *world, d database) []string {
			d.open(t, "c")
			return d.journal()
		}},
		{setUp{name: "held by another cluster", code: 1, says: `it is held by cluster "other"`}, func(t *testing.T, _ *world, d database) []string {
			d.open(t, "other")
			return d.journalOf("c")
		}},
		{setUp{name: "a name that another live node has", code: 1, says: `--node "a": another live node`}, func(t *testing.T, _ *world, d database) []string {
			d.member(t, true)
			return d.journalOf("c")
		}},
		{setUp{name: "a name that a dead node had", says: "ok      journal"}, func(t *testing.T, _ *world, d database) []string {
			d.member(t, false)
			return d.journalOf("c")
		}},
		{setUp{name: "the cluster port is taken", code: 1, says: "the address is in use"}, func(_ *testing.T, _ *world, d database) []string {
			return d.journalOf("c", "--cluster-listen="+taken.Addr().String())
		}},
		{setUp{name: "the cluster port is another machine's", code: 2, says: "not an address of this machine"}, func(_ *testing.T, _ *world, d database) []string {
			return d.journalOf("c", "--cluster-listen=192.0.2.1:7400", "--cluster-insecure")
		}},
		{
			setUp{name: "an Engine that no member serves", warned: "engine=b", says: `no member of the cluster serves engine "b", on which 1 games are`},
			func(t *testing.T, w *world, d database) []string {
				write(t, filepath.Join(w.dir, "running.json"), `[{"game_id":"a","container_id":"a","engine":"b"}]`)
				return d.journalOf("c")
			},
		},
		{
			setUp{name: "a list with NULL and a game twice", warned: "container_id is null", says: "2 entries are refused"},
			func(_ *testing.T, _ *world, d database) []string {
				return []string{"--running-list=" + d.url, "--running-query=VALUES ('a', 'a'), ('b', NULL), ('a', 'c')"}
			},
		},
		{setUp{name: "a query of a table that isn't there", warned: "runtime_records", says: "warns   running list"}, func(_ *testing.T, _ *world, d database) []string {
			return []string{"--running-list=" + d.url}
		}},
		{setUp{name: "a list that may not be read", warned: "permission denied", says: "permission denied"}, func(t *testing.T, _ *world, d database) []string {
			execSQL(t, d.url, "CREATE TABLE runtime_records (game_id text, current_container_id text, status text)")
			return []string{"--running-list=" + d.as(t).url}
		}},
	} {
		t.Run(s.name, func(t *testing.T) {
			d := database{newDatabase(t)}
			s.state = d.state
			s.prepare = func(t *testing.T, w *world) []string { return s.args(t, w, d) }
			s.agree(t)
		})
	}
}

// What only retention needs is missed later than a test waits.
func TestRealCheckNamesTheRightThatRetentionLacks(t *testing.T) {
	w := newWorld(t)
	w.list()
	d := database{newDatabase(t)}.was(t)
	d = d.as(t, "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public", "GRANT DELETE ON cluster_leases")
	code, stdout, _ := output(t, w.dir, nil, checking(w.args(d.journal()...))...)
	if code != 1 || !strings.Contains(stdout, "warns   journal") || !strings.Contains(stdout, "to delete from journal_events") {
		t.Errorf("exit code %d, stdout\n%s", code, stdout)
	}
}

func TestRealCheckAgreesWithRunOnKafka(t *testing.T) {
	broker := realComponent(t, "HEALTHACTORS_TEST_KAFKA")
	newTopic := func() string { return fmt.Sprintf("--topic=check_%d", time.Now().UnixNano()) }
	strict := brokerThatMakesNoTopics(t)
	for _, s := range []setUp{
		{
			name: "a topic that is there", says: "ok      publish",
			prepare: func(t *testing.T, w *world) []string {
				args := []string{"--publish=kafka://" + broker, newTopic()}
				p := start(t, t.TempDir(), append(w.args(args...), "--running-list=file:"+filepath.Join(w.dir, "running.json"))...)
				p.logs(`msg="event published"`)
				p.ends()
				return args
			},
		},
		{
			name: "a topic that the broker makes", says: "it isn't there yet, the broker makes it",
			prepare: func(*testing.T, *world) []string { return []string{"--publish=kafka://" + broker, newTopic()} },
		},
		{
			name: "a topic that nobody makes", warned: "the topic is unknown", says: "the topic is unknown",
			prepare: func(*testing.T, *world) []string {
				return []string{"--publish=kafka://" + strict, newTopic(), "--drain-timeout=1ms"}
			},
		},
		{
			name: "TLS where there is none", warned: "publish failed", says: "as brokers do that want TLS or another login",
			prepare: func(*testing.T, *world) []string {
				return []string{"--publish=kafkas://" + broker, newTopic(), "--drain-timeout=1ms"}
			},
		},
	} {
		t.Run(s.name, s.agree)
	}
}

// brokerThatMakesNoTopics starts a Kafka of the test's own.
func brokerThatMakesNoTopics(t *testing.T) string {
	t.Helper()
	control, dir := realComponent(t, "HEALTHACTORS_TEST_KAFKAD"), t.TempDir()
	command := func(verb string) string {
		t.Helper()
		answer, err := exec.Command(control, verb, dir).Output()
		if err != nil {
			t.Fatalf("%s %s: %v", control, verb, err)
		}
		return strings.TrimSpace(string(answer))
	}
	t.Cleanup(func() { command("remove") })
	command("start")
	command("stop")
	properties, err := os.OpenFile(filepath.Join(dir, "server.properties"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer properties.Close()
	if _, err := properties.WriteString("\nauto.create.topics.enable=false\n"); err != nil {
		t.Fatal(err)
	}
	return command("start")
}
