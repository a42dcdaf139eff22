// Package runninglist reads the running list from where an operator keeps it: a JSON file, or a Postgres database.
//
// Both return every entry they find. One that can't be read in full is marked malformed and is the node's to refuse
// (S6); a list that can't be read as a whole is an error (S1).
package runninglist

import "errors"

// What a running list may be at most, so that whatever it holds, reading it takes bounded memory. Both are far above
// what one node can watch; a list beyond them is the wrong file or the wrong query.
const (
	maxEntries = 1_000_000
	maxBytes   = 64 << 20
)

var (
	errTooManyEntries = errors.New("more than 1000000 entries")
	errTooManyBytes   = errors.New("more than 64 MiB")
)
