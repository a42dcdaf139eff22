package tidy

import (
	"os"
	"testing"
)

// The exceptions, each with its reason. One that is needed no more fails the test as well, so a list can only get shorter
// without anybody's looking.
var (
	foreignFlags = []string{
		"--help",                                       // kong adds it to each command
		"--build", "--label", "--profile", "--restart", // docker's
		"--clean", "--if-exists", // pg_restore's
		"--concurrency", // typed by mistake in docs/bugs.md
	}
	foreignMetrics = []string{"healthactors_list", "healthactors_node"} // roles in Postgres
)

func TestTheRepositoryIsTidy(t *testing.T) {
	tree, err := readTree(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range []struct {
		name       string
		find       func() ([]finding, error)
		exceptions []string
	}{
		{"rules are defined", sure(tree.undefinedRules), nil},
		{"rules have a spec", tree.withoutSpec, nil},
		{"rules have a mutation", tree.withoutMutation, nil},
		{"paths in documents", sure(tree.missingPaths), nil},
		{"tests in documents", tree.missingTests, nil},
		{"flags in documents", tree.wrongFlags, foreignFlags},
		{"metrics in documents", tree.wrongMetrics, foreignMetrics},
		{"go ./... sees all Go", sure(tree.unseenGo), nil},
		{"Go files are short", sure(tree.longGo), nil},
		{"the map of the tree", sure(tree.mapOfTree), nil},
	} {
		t.Run(check.name, func(t *testing.T) {
			found, err := check.find()
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range except(found, check.exceptions) {
				t.Error(f)
			}
		})
	}
}

// sure is a check that can't fail by itself.
func sure(find func() []finding) func() ([]finding, error) {
	return func() ([]finding, error) { return find(), nil }
}
