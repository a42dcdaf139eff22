// Package actors is the node: a supervisor that compares the running list with its children at each tick, an inspector for
// each game that keeps the game's restart baseline, and a publisher. What they need of the world are the ports in ports.go;
// docs/architecture.md has the picture.
package actors
