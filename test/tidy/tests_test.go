package tidy

import "testing"

func TestMissingTests(t *testing.T) {
	repository := files{"actors/a_test.go": "package actors\n\nfunc TestRealBroker(t *testing.T) {}\n\nfunc (k kit) TestGone() {}\n"}
	for _, c := range []struct {
		name string
		text string
		want []string
	}{
		{"a test", "`TestRealBroker`", nil},
		{"the beginning of one, in a command", "`.ci/integration -run TestReal ./actors`", nil},
		{"one of its rows", "`TestRealBroker/an_outage`", nil},
		{"one that is gone", "`go test -run TestRealKafka`", []string{"TestRealKafka: is a test that docs/a.md names, and is not there"}},
		{"a method", "`TestGone`", []string{"TestGone: is a test that docs/a.md names, and is not there"}},
		{"not in backticks", "TestGone", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := repository.with(files{"docs/a.md": c.text}).tree(t).missingTests()
			wantFound(t, c.want, found, err)
		})
	}
}
