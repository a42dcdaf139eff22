//go:build integration

package main

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"galaxy/healthactors/messages"
)

// TestRealRightsAreWhatTheHandbookGrants makes the roles of docs/operating.md with its own statements, where nobody has any right by
// default, and runs nodes as these.
func TestRealRightsAreWhatTheHandbookGrants(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(document(t, "docs/operating.md"), -1)
	if len(blocks) != 3 {
		t.Fatalf("%d blocks of SQL, want those of the journal's owner, of its other nodes, and of the running list", len(blocks))
	}
	const owner, other, reader = "healthactors", "healthactors_node", "healthactors_list"
	t.Cleanup(func() { // AFTER the databases, in which they own something, are gone
		execSQL(t, realComponent(t, "HEALTHACTORS_TEST_POSTGRES"), "DROP ROLE IF EXISTS "+owner+", "+other+", "+reader)
	})
	journal, runtime := newDatabase(t), newDatabase(t)
	names := strings.NewReplacer("DATABASE healthactors ", "DATABASE "+databaseName(t, journal)+" ",
		"DATABASE runtime ", "DATABASE "+databaseName(t, runtime)+" ")
	for _, database := range []string{journal, runtime} {
		execSQL(t, database, "REVOKE ALL ON DATABASE "+databaseName(t, database)+" FROM PUBLIC", "REVOKE ALL ON SCHEMA public FROM PUBLIC")
	}
	execSQL(t, runtime, "CREATE TABLE runtime_records (game_id text, current_container_id text, status text, secret text)",
		"INSERT INTO runtime_records VALUES ('sick', 'sick', 'running', '')", names.Replace(blocks[2][1]))

	w := newWorld(t)
	w.container("sick", 0, "running", "unhealthy")
	for _, node := range []struct {
		role, grants string
		flags        []string
	}{
		{owner, blocks[0][1], nil},
		{other, blocks[1][1], nil},
		{other, "", []string{"--cluster=eu", "--node=a"}},
	} {
		execSQL(t, journal, names.Replace(node.grants))
		settings := append([]string{
			"--docker-host=" + w.host, "--http=", "--running-list=" + as(t, reader, runtime), "--journal=" + as(t, node.role, journal),
		}, node.flags...)
		if code, said, _ := output(t, w.dir, nil, append([]string{"check"}, settings...)...); code != 0 {
			t.Errorf("check as %s: exit code %d\n%s", node.role, code, said)
		}
		p := start(t, w.dir, append([]string{"run", "--interval=50ms"}, settings...)...)
		p.eventWith("sick", messages.ReasonHealthcheckUnhealthy)
		p.ends()
		if warnings := p.warnings(); len(warnings) > 0 {
			t.Errorf("as %s: %s", node.role, warnings)
		}
	}
}

func databaseName(t *testing.T, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(u.Path, "/")
}

// as is the URL of a database for a role.
func as(t *testing.T, role, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(role)
	return u.String()
}
