// Package rules has the decisions that need nothing but values: what an observation means (H1 to H8), which entries of the
// running list count (S6), and what a tick does to the games (S1, S2). Each is a function, and its test a table.
package rules

// Place is a game's container as the running list has it: under which id, on which Engine. It says nothing of which container
// that is today, since a list may go on to use a name or a short id (H8).
type Place struct {
	Container string
	Engine    string
}
