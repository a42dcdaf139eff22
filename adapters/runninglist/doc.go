// Package runninglist reads the running list from where an operator keeps it: a JSON file, or a Postgres database.
//
// Both return every entry they find. One that can't be read in full is marked as malformed, and the node refuses it (S6);
// a list that can't be read as a whole is an error (S1).
package runninglist

import "errors"

// How large a running list may be, so that reading it takes bounded memory whatever it holds. Both bounds are far above
// what one node can watch; a list beyond them is the wrong file or the wrong query.
const (
	maxEntries = 1_000_000
	maxBytes   = 64 << 20
)

var (
	errTooManyEntries = errors.New("more than 1000000 entries")
	errTooManyBytes   = errors.New("more than 64 MiB")
)
