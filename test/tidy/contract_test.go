package tidy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRulesOfTheContract(t *testing.T) {
	const contract = `# The contract

### H1 — The first
Text about it.

*Not built yet:* more of it.

### H2 — The second

*Not built yet.*

Text.

## S1 — No rule at this level

### S2: no rule without the dash

### S3 — The third

It is not marked by *Not built yet.* within a sentence.
` + "```\n### S4 — in a code block\n```\n"
	got := files{contractPath: contract}.tree(t).rules()
	if diff := cmp.Diff([]rule{{"H1", true}, {"H2", false}, {"S3", true}}, got, cmp.AllowUnexported(rule{})); diff != "" {
		t.Errorf("- want, + got:\n%s", diff)
	}
}

func TestSections(t *testing.T) {
	got := sections("above\n\n## A\none\ntwo\n\n*Not built yet:* three\n- four\n\n```sh\nfive\n\n# six\n```\n## B\n\nseven\n\n*Not built yet.*\n")
	want := []section{
		{"", true, []paragraph{{"above", true}}},
		{"## A", true, []paragraph{{"one\ntwo", true}, {"*Not built yet:* three\n- four", false}, {"```sh\nfive\n\n# six\n```", true}}},
		{"## B", false, []paragraph{{"seven", false}, {"*Not built yet.*", false}}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(section{}, paragraph{})); diff != "" {
		t.Errorf("- want, + got:\n%s", diff)
	}
}
