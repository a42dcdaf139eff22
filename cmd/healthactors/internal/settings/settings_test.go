package settings

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"galaxy/healthactors/actors"
)

// parse reads the settings of run as the command does.
func parse(t *testing.T, args ...string) (*Settings, error) {
	t.Helper()
	var grammar struct {
		Run struct{ Settings } `cmd:""`
		// Demo is another command, which has its own settings.
		Demo struct{ Games Count } `cmd:""`
	}
	_, err := Parse(&grammar, append([]string{"run"}, args...), io.Discard, io.Discard)
	return &grammar.Run.Settings, err
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "healthactors.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaultsAreTheContracts(t *testing.T) {
	got, err := parse(t)
	if err != nil {
		t.Fatal(err)
	}
	want := &Settings{
		Interval:           Duration(10 * time.Second),
		InspectTimeout:     Duration(5 * time.Second),
		InspectConcurrency: 16,
		RunningList:        "docker:",
		RunningQuery:       "SELECT game_id, current_container_id FROM runtime_records WHERE status = 'running'",
		ListTimeout:        Duration(30 * time.Second),
		Emit:               actors.EmitEveryTick,
		Journal:            "sqlite:healthactors.db",
		JournalRetention:   Duration(168 * time.Hour),
		Publish:            "stdout:",
		Topic:              "runtime.health_events",
		Clustering:         Clustering{ClusterListen: "127.0.0.1:0", Lease: lease(3 * time.Second)},
		HTTP:               "127.0.0.1:8080",
		DrainTimeout:       Duration(10 * time.Second),
		Logging:            Logging{LogFormat: "text", LogLevel: "info"},
	}
	got.origins = origins{} // no setting
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestFlagBeatsEnvironmentBeatsFile(t *testing.T) {
	path := file(t, "interval: 1s\ninspect-timeout: 1s\nlist-timeout: 1s\ninspect-concurrency: 4\nhttp: \"\"\n")
	t.Setenv("HEALTHACTORS_CONFIG", path)
	t.Setenv("HEALTHACTORS_INSPECT_TIMEOUT", "2s")
	t.Setenv("HEALTHACTORS_LIST_TIMEOUT", "2s")
	got, err := parse(t, "--list-timeout=3s")
	if err != nil {
		t.Fatal(err)
	}
	if got.Interval != Duration(time.Second) || got.InspectTimeout != Duration(2*time.Second) ||
		got.ListTimeout != Duration(3*time.Second) || got.InspectConcurrency != 4 || got.HTTP != "" {
		t.Errorf("got %+v", got)
	}
}

// A wrong environment variable is no error where a flag takes its place, but is one beside it.
func TestFlagReplacesAWrongEnvironment(t *testing.T) {
	t.Setenv("HEALTHACTORS_INTERVAL", "soon")
	got, err := parse(t, "--interval=3s")
	if err != nil || got.Interval != Duration(3*time.Second) {
		t.Errorf("got %v, %v", got.Interval, err)
	}
	if _, err := parse(t, "--list-timeout=3s"); err == nil || !strings.Contains(err.Error(), "HEALTHACTORS_INTERVAL") {
		t.Errorf("got %v, want an error that names the variable", err)
	}
}

func TestEngines(t *testing.T) {
	want := []Engine{{"a", "unix:///run/a.sock", ""}, {"b", "tcp://10.0.0.1:2376", "/certs"}}
	t.Run("flags", func(t *testing.T) {
		got, err := parse(t, "--engine=a=unix:///run/a.sock", "--engine=b=tcp://10.0.0.1:2376,/certs")
		if err != nil || !reflect.DeepEqual(got.Engine, want) {
			t.Errorf("got %+v, %v", got.Engine, err)
		}
	})
	t.Run("environment", func(t *testing.T) {
		t.Setenv("HEALTHACTORS_ENGINE", "a=unix:///run/a.sock;b=tcp://10.0.0.1:2376,/certs")
		got, err := parse(t)
		if err != nil || !reflect.DeepEqual(got.Engine, want) {
			t.Errorf("got %+v, %v", got.Engine, err)
		}
	})
	t.Run("file", func(t *testing.T) {
		got, err := parse(t, "--config", file(t, "engine:\n- a=unix:///run/a.sock\n- b=tcp://10.0.0.1:2376,/certs\n"))
		if err != nil || !reflect.DeepEqual(got.Engine, want) {
			t.Errorf("got %+v, %v", got.Engine, err)
		}
	})
}
