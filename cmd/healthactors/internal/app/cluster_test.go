package app

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"galaxy/healthactors/cmd/healthactors/internal/settings"
)

// Which node of which cluster writes a log is in its first line (S9).
func TestS9TheStartNamesNodeAndCluster(t *testing.T) {
	for cluster, want := range map[string][]string{"": {"node=a "}, "east": {"node=a ", "cluster=east ", "address=127.0.0.1:", "lease=3s "}} {
		var log bytes.Buffer
		s, err := settings.OfFlags("--cluster=" + cluster)
		if err != nil {
			t.Fatal(err)
		}
		a := &App{settings: s, Log: slog.New(slog.NewTextHandler(&log, nil))}
		members, err := a.join(t.Context(), "a", &lateNode{})
		if err != nil {
			t.Fatal(err)
		}
		a.logStart("a", members, &api{})
		members.close()
		for _, attr := range want {
			if !strings.Contains(log.String(), attr) {
				t.Errorf("%q is not in %s", attr, log.String())
			}
		}
		if strings.Contains(log.String(), "cluster=") != (cluster != "") {
			t.Errorf("cluster %q: %s", cluster, log.String())
		}
	}
}
