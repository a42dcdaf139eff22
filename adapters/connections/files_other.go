//go:build !unix

package connections

// mostFiles is unknown on systems without such a limit.
func mostFiles() (uint64, bool) { return 0, false }
