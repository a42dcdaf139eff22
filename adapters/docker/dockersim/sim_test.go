package dockersim_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/client"
	"go.uber.org/goleak"

	"galaxy/healthactors/adapters/docker/dockersim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func listening(t *testing.T) (*dockersim.Engine, *client.Client) {
	t.Helper()
	sim := dockersim.New()
	t.Cleanup(sim.Close)
	host, err := sim.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cli, err := client.NewClientWithOpts(client.WithHost(host), client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cli.Close() })
	return sim, cli
}

// Docker's own client reads the answers, and finds in them what was put there.
func TestAnswersAreAnEngines(t *testing.T) {
	sim, cli := listening(t)
	created := time.Date(2026, 11, 23, 8, 20, 18, 0, time.UTC)
	id := dockersim.NewID(7)
	sim.Put(dockersim.Container{
		ID: id, Name: `odd "name"`, Labels: map[string]string{"galaxy.game_id": "spiel-ü"}, RestartCount: 4,
		Status: "running", Health: "unhealthy", Created: created,
	})
	sim.Put(dockersim.Container{ID: dockersim.NewID(8), Name: "other", Status: "exited", Created: created})

	got, err := cli.ContainerInspect(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != id || got.RestartCount != 4 || got.State.Status != "running" || !got.State.Running ||
		got.State.Health.Status != "unhealthy" || len(got.State.Health.Log) != 5 || got.Name != `/odd "name"` ||
		got.Config.Labels["galaxy.game_id"] != "spiel-ü" || got.Config.Hostname != id[:12] ||
		got.NetworkSettings.Networks["games"] == nil || got.HostConfig.RestartPolicy.Name != "always" {
		t.Errorf("inspected %+v", got)
	}
	for _, ref := range []string{"other", dockersim.NewID(8)[:12]} {
		if got, err := cli.ContainerInspect(t.Context(), ref); err != nil || got.ID != dockersim.NewID(8) || got.State.Health != nil {
			t.Errorf("inspect %s: %+v, %v", ref, got.ContainerJSONBase, err)
		}
	}
	if _, err := cli.ContainerInspect(t.Context(), "nope"); !errdefs.IsNotFound(err) || !strings.Contains(err.Error(), "No such container: nope") {
		t.Errorf("inspect what is not there: %v", err)
	}

	list := func(all bool, label string) (ids []string) {
		t.Helper()
		rows, err := cli.ContainerList(t.Context(), container.ListOptions{All: all, Filters: filters.NewArgs(filters.Arg("label", label))})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if row.Created != created.Unix() {
				t.Errorf("listed %+v", row)
			}
			ids = append(ids, row.ID)
		}
		return ids
	}
	if got := list(true, "galaxy.game_id"); len(got) != 1 || got[0] != id {
		t.Errorf("listed %v", got)
	}
	if got := list(true, "galaxy.game_id=another"); len(got) != 0 {
		t.Errorf("listed %v", got)
	}
	if ping, err := cli.Ping(t.Context()); err != nil || ping.APIVersion != "1.51" {
		t.Errorf("ping %+v, %v", ping, err)
	}

	answer := httptest.NewRecorder()
	sim.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/containers/"+id+"/json", nil))
	if size := answer.Body.Len(); size < 5000 || size > 8000 {
		t.Errorf("an inspect's answer has %d bytes, want about 6 KB", size)
	}
}

func TestVersionsAreRefused(t *testing.T) {
	sim, cli := listening(t)
	sim.SetAPI("1.44", "1.51")
	old, err := client.NewClientWithOpts(client.WithHost(cli.DaemonHost()), client.WithVersion("1.41"))
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	if _, err := old.ContainerList(t.Context(), container.ListOptions{}); err == nil || !strings.Contains(err.Error(),
		"client version 1.41 is too old. Minimum supported API version is 1.44") {
		t.Errorf("an old client: %v", err)
	}
	sim.SetAPI("1.12", "1.40")
	if _, err := old.ContainerList(t.Context(), container.ListOptions{}); err == nil || !strings.Contains(err.Error(),
		"client version 1.41 is too new. Maximum supported API version is 1.40") {
		t.Errorf("a new client: %v", err)
	}
	if _, err := cli.ContainerList(t.Context(), container.ListOptions{}); err != nil {
		t.Errorf("a client that negotiates: %v", err)
	}
}

func TestFaultsAndCounts(t *testing.T) {
	sim, cli := listening(t)
	put := func(id string, fault dockersim.Fault) {
		sim.Put(dockersim.Container{ID: id, Status: "running", Fault: fault})
	}
	put("fine", dockersim.Fault{})
	put("late", dockersim.Fault{Delay: 20 * time.Millisecond})
	put("lost", dockersim.Fault{Hang: true})
	put("sick", dockersim.Fault{Status: http.StatusTeapot, Message: "I am a teapot"})
	put("odd", dockersim.Fault{Body: []byte(`{"Id":"another"}`)})

	begin := time.Now()
	if _, err := cli.ContainerInspect(t.Context(), "late"); err != nil || time.Since(begin) < 20*time.Millisecond {
		t.Errorf("late: %v after %v", err, time.Since(begin))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := cli.ContainerInspect(ctx, "lost"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("lost: %v", err)
	}
	if _, err := cli.ContainerInspect(t.Context(), "sick"); err == nil || !strings.Contains(err.Error(), "I am a teapot") {
		t.Errorf("sick: %v", err)
	}
	if got, err := cli.ContainerInspect(t.Context(), "odd"); err != nil || got.ID != "another" {
		t.Errorf("odd: %+v, %v", got, err)
	}
	sim.Update("sick", func(c *dockersim.Container) { c.Fault, c.RestartCount = dockersim.Fault{}, 9 })
	if got, err := cli.ContainerInspect(t.Context(), "sick"); err != nil || got.RestartCount != 9 {
		t.Errorf("sick, cured: %+v, %v", got, err)
	}
	sim.SetFault(dockersim.Fault{Reset: true})
	if _, err := cli.ContainerInspect(t.Context(), "fine"); err == nil {
		t.Error("fine, while every connection is reset: no error")
	}
	sim.SetFault(dockersim.Fault{})
	sim.SetListFault(dockersim.Fault{Status: 500, Message: "out of order"})
	if _, err := cli.ContainerList(t.Context(), container.ListOptions{}); err == nil {
		t.Error("a list, while lists fail: no error")
	}
	if _, err := cli.ContainerInspect(t.Context(), "fine"); err != nil {
		t.Errorf("fine, while lists fail: %v", err)
	}
	sim.SetListFault(dockersim.Fault{})
	sim.Remove("fine")
	if _, err := cli.ContainerInspect(t.Context(), "fine"); !errdefs.IsNotFound(err) {
		t.Errorf("fine, removed: %v", err)
	}
	if err := cli.ContainerKill(t.Context(), "odd", ""); err == nil {
		t.Error("a container was killed")
	}

	counts := sim.Counts()
	if counts.Inspects < 7 || counts.MostInspects < 1 || len(counts.Foreign) != 1 ||
		counts.Foreign[0] != "POST /v1.51/containers/odd/kill" {
		t.Errorf("counts %+v", counts)
	}
}

// An Engine that goes down refuses connections, and is found at the same addresses when it is up again.
func TestDownAndUp(t *testing.T) {
	sim, cli := listening(t)
	socket := filepath.Join(t.TempDir(), "s")
	if _, err := sim.Listen("unix", socket); err != nil {
		t.Fatal(err)
	}
	local, err := client.NewClientWithOpts(client.WithHost("unix://" + socket))
	if err != nil {
		t.Fatal(err)
	}
	defer local.Close()
	for range 2 {
		for _, c := range []*client.Client{cli, local} {
			if _, err := c.Ping(t.Context()); err != nil {
				t.Errorf("%s: %v", c.DaemonHost(), err)
			}
		}
		sim.Down()
		for _, c := range []*client.Client{cli, local} {
			if _, err := c.Ping(t.Context()); !client.IsErrConnectionFailed(err) {
				t.Errorf("%s, down: %v", c.DaemonHost(), err)
			}
		}
		if err := sim.Up(); err != nil {
			t.Fatal(err)
		}
	}
	sim.Close()
	if err := sim.Up(); err == nil {
		t.Error("an Engine that is closed came up")
	}
}

// 100,000 containers are cheap: under 1 KB each, ids, names and labels included.
func TestContainersAreCheap(t *testing.T) {
	const containers = 100_000
	heap := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := heap()
	sim := dockersim.New()
	defer sim.Close()
	for n := range containers {
		name := fmt.Sprintf("game-%d", n)
		sim.Put(dockersim.Container{
			ID: dockersim.NewID(n), Name: name, Status: "running", Labels: map[string]string{"galaxy.game_id": name},
		})
	}
	if each := (heap() - before) / containers; each > 1024 {
		t.Errorf("a container takes %d bytes", each)
	}
	answer := httptest.NewRecorder()
	sim.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/containers/"+dockersim.NewID(99_999)+"/json", nil))
	var got container.InspectResponse
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil || got.Name != "/game-99999" {
		t.Errorf("inspected %v, %v", got.ContainerJSONBase, err)
	}
}

func BenchmarkInspectAnswer(b *testing.B) {
	sim := dockersim.New()
	defer sim.Close()
	sim.Put(dockersim.Container{ID: dockersim.NewID(1), Name: "game-1", Status: "running", Health: "healthy"})
	request := httptest.NewRequest(http.MethodGet, "/v1.51/containers/game-1/json", nil)
	b.ReportAllocs()
	for b.Loop() {
		sim.ServeHTTP(&discard{header: make(http.Header)}, request)
	}
}

type discard struct {
	header http.Header
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(int)             {}
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }

// A witness hears of every true answer, and of no fault.
func TestWitness(t *testing.T) {
	sim, cli := listening(t)
	id := dockersim.NewID(1)
	sim.Put(dockersim.Container{ID: id, Name: "game", Status: "running", RestartCount: 3})
	var heard []string
	sim.Witness(func(r *http.Request, c dockersim.Container) {
		heard = append(heard, fmt.Sprint(r.Method, " ", c.Name, " ", c.RestartCount))
	})
	if _, err := cli.ContainerInspect(t.Context(), id); err != nil {
		t.Error(err)
	}
	sim.Update(id, func(c *dockersim.Container) { c.Fault.Status = http.StatusInternalServerError })
	if _, err := cli.ContainerInspect(t.Context(), id); err == nil {
		t.Error("a container with a fault answers")
	}
	if want := []string{"GET game 3"}; !slices.Equal(heard, want) {
		t.Errorf("the witness heard %q, want %q", heard, want)
	}
}
