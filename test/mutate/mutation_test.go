package main

import (
	"os/exec"
	"regexp"
	"slices"
	"testing"
)

// Every mutation is still to be found in the code, breaks a rule, and compiles.
func TestMutations(t *testing.T) {
	t.Chdir("../..")
	code, err := load(".")
	if err != nil {
		t.Fatal(err)
	}
	changes, err := resolve(mutations, code)
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := overlay(t.TempDir(), changes)
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string]bool{}
	arguments := []string{"build", overlay}
	for _, c := range changes {
		if !regexp.MustCompile(`^[HWSPREKJC][1-9][0-9]?/\w`).MatchString(c.key) {
			t.Errorf("%s: the key does not begin with a rule", c.key)
		}
		if folder := "./" + c.at.file.folder; !packages[folder] {
			packages[folder] = true
			arguments = append(arguments, folder)
		}
	}
	slices.Sort(arguments[2:])
	if output, err := exec.CommandContext(t.Context(), "go", arguments...).CombinedOutput(); err != nil {
		t.Errorf("the mutations don't compile: %v\n%s", err, output)
	}
}
