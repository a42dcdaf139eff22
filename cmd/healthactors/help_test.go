package main

import (
	"runtime"
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	code, stdout, stderr := output(t, t.TempDir(), nil, "version")
	if code != 0 || stderr != "" || !strings.HasPrefix(stdout, "healthactors ") ||
		!strings.Contains(stdout, "\ncommit ") || !strings.Contains(stdout, runtime.Version()) {
		t.Errorf("exit code %d, stderr %q, stdout\n%s", code, stderr, stdout)
	}
}

func TestHelp(t *testing.T) {
	code, stdout, stderr := output(t, t.TempDir(), nil, "run", "--help")
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	for _, want := range []string{"--inspect-timeout", "Default: 5s.", "$HEALTHACTORS_INSPECT_TIMEOUT"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in:\n%s", want, stdout)
		}
	}
}
