//go:build !unix

package sqlite

// canWrite can't tell here without writing; opening the journal will.
func canWrite(string) error { return nil }

// canUse can't tell here without opening the file; opening the journal will.
func canUse(string) error { return nil }
