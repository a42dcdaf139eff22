package main

import (
	"slices"
	"strings"
)

// mutation is one way to break a rule.
type mutation struct {
	// key is the contract's rule that it breaks, a slash, and what it does. It says which mutation this is, whatever becomes of
	// the code.
	key string
	// function is where it stands, as Go names functions: decide, (*inspector).observe. Its package and file don't matter.
	function string
	// old is what stands in it, and new takes its place: any piece of Go, of which only the tokens count.
	old, new string
}

// rule is the id of the rule that it breaks.
func (m mutation) rule() string {
	rule, _, _ := strings.Cut(m.key, "/")
	return rule
}

// mutations are all of them, in the order of the contract's rules.
var mutations = slices.Concat(
	healthMutations, failedMutations,
	tickMutations, turnMutations, entryMutations, supervisionMutations, logMutations,
	publishingMutations, deliveryMutations,
	recoveryMutations, journalMutations,
	clusterMutations, storedMutations, upgradeMutations,
)
