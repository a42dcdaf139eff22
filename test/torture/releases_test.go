package main

import (
	"strings"
	"testing"
)

// The list itself is in order; whether its commits are before this one, the scenarios look, which have the history.
func TestReleases(t *testing.T) {
	all, err := readReleases(releasesFile)
	if err != nil {
		t.Fatal(err)
	}
	if all[0] != (release{"a6d6512", "issue 3"}) {
		t.Errorf("the oldest is %v", all[0])
	}
}

func TestWhatIsNoListOfReleases(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "names none",
		"# a6d6512 issue 3\n":                    "names none",
		"a6d6512 issue 3\n\n":                    `"" is not`,
		"a6d651 issue 3\n":                       "is not",
		"A6D6512 issue 3\n":                      "is not",
		"a6d6512\n":                              "is not",
		"a6d6512 issue three\n":                  "is not",
		"a6d6512 issues 3\n":                     "is not",
		"a6d6512  issue 3\n":                     "is not",
		"a6d6512 issue 3 # the first":            "is not",
		"a6d6512 issue 3\na6d6512 issues 4, 5\n": "twice",
	} {
		if all, err := readReleases(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is read as %v, %v, want %q", text, all, err, want)
		}
	}
}
