package docker_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/docker/dockersim"
)

// What is no observation is an error that says what is wrong with it (H10).
func TestInspectAnswers(t *testing.T) {
	const id = `"Id":"abc"`
	observed := actors.Observation{ID: "abc", RestartCount: 3, State: "running"}
	for _, c := range []struct {
		body string
		want actors.Observation
		err  string
	}{
		{body: `{` + id + `,"RestartCount":3,"State":{"Status":"running"}}`, want: observed},
		{body: `{` + id + `,"RestartCount":3,"State":{"Status":"running","Health":null}}` + "\n", want: observed},
		{body: `{` + id + `,"RestartCount":3,"State":{"Status":"running","Health":{}}}`, want: observed},
		{
			body: `{"State":{"Health":{"Status":"healthy"},"Status":"paused"},"RestartCount":9223372036854775807,` + id + `}`,
			want: actors.Observation{ID: "abc", RestartCount: 1<<63 - 1, State: "paused", Health: "healthy"},
		},
		{body: `{"RestartCount":3,"State":{"Status":"running"}}`, err: "lacks Id"},
		{body: `{"Id":"","RestartCount":3,"State":{"Status":"running"}}`, err: "lacks Id"},
		{body: `{"Id":null,"RestartCount":3,"State":{"Status":"running"}}`, err: "lacks Id"},
		{body: `{"ID":"abc","RestartCount":3,"State":{"Status":"running"}}`, err: "lacks Id"},
		{body: `{"Id":7,"RestartCount":3,"State":{"Status":"running"}}`, err: "wrong Id"},
		{body: `{` + id + `,"State":{"Status":"running"}}`, err: "lacks RestartCount"},
		{body: `{` + id + `,"RestartCount":null,"State":{"Status":"running"}}`, err: "lacks RestartCount"},
		{body: `{` + id + `,"RestartCount":"3","State":{"Status":"running"}}`, err: "wrong RestartCount"},
		{body: `{` + id + `,"RestartCount":3.5,"State":{"Status":"running"}}`, err: "wrong RestartCount"},
		{body: `{` + id + `,"RestartCount":9223372036854775808,"State":{"Status":"running"}}`, err: "wrong RestartCount"},
		{body: `{` + id + `,"RestartCount":-1,"State":{"Status":"running"}}`, err: "negative RestartCount"},
		{body: `{` + id + `,"RestartCount":3}`, err: "lacks State.Status"},
		{body: `{` + id + `,"RestartCount":3,"State":null}`, err: "lacks State.Status"},
		{body: `{` + id + `,"RestartCount":3,"State":"running"}`, err: "wrong State"},
		{body: `{` + id + `,"RestartCount":3,"State":{"Status":""}}`, err: "lacks State.Status"},
		{body: `{` + id + `,"RestartCount":3,"State":{"Status":true}}`, err: "wrong State.Status"},
		{body: `{` + id + `,"RestartCount":3,"State":{"Status":"running","Health":"x"}}`, err: "wrong State.Health"},
		{
			body: `{` + id + `,"RestartCount":3,"State":{"Status":"running","Health":{"Status":1}}}`,
			err:  "wrong State.Health.Status",
		},
		{body: `{` + id + `,"RestartCount":3,"State":{"Status":"` + strings.Repeat("x", 256) + `"}}`, err: "more than 255"},
		{body: `{` + id + `,"RestartCount":4,"RestartCount":3,"State":{"Status":"running"}}`, want: observed},
		{body: `{` + id + `,"RestartCount":3,"State":{"Status":"running"}`, err: "no valid JSON"},
		{body: `{` + id + `,"RestartCount":3,"State":{"Status":"running"}}{}`, err: "no valid JSON"},
		{body: `{` + id + `,"RestartCount":3,"State":{"Status":"run` + "\xff" + `ning"}}`, err: "no valid JSON"},
		{body: `{` + id + `,"RestartCount":3,"State":{"Status":"running"},"x":` + "\x00" + `}`, err: "no valid JSON"},
		{body: strings.Repeat(`{"a":`, 100_000), err: "no valid JSON"},
		{body: `[]`, err: "no JSON object"},
		{body: `null`, err: "lacks Id"},
		{body: ``, err: "no valid JSON"},
		{body: `<html>`, err: "no valid JSON"},
		{body: `{"x":"` + strings.Repeat("x", 4<<20) + `"}`, err: "more than 4194304 bytes"},
	} {
		name := c.body[:min(len(c.body), 90)]
		sim, host := simulated(t, "tcp")
		sim.Put(dockersim.Container{ID: "abc", Fault: dockersim.Fault{Body: []byte(c.body)}})
		got, err := newEngine(t, docker.Config{Host: host}).Inspect(t.Context(), "abc")
		switch {
		case c.err == "" && (err != nil || got != c.want):
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, c.want)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: got %+v, %v, want an error with %q", name, got, err, c.err)
		case err != nil && utf8.RuneCountInString(err.Error()) > 200:
			t.Errorf("%s: the error is too long: %v", name, err)
		}
	}
}

// A 404, or podman's 500, is a missing container only in the Engine's own words, in any case of letters (H9); what else is refused
// is no observation (H10).
func TestH9H10InspectRefusals(t *testing.T) {
	for _, c := range []struct {
		status  int
		message string
		want    string
	}{
		{404, "No such container: abc", actors.ErrNoSuchContainer.Error()},
		{404, "NO SUCH CONTAINER", actors.ErrNoSuchContainer.Error()},
		{404, `no container with name or ID "abc" found: no such container`, actors.ErrNoSuchContainer.Error()},
		{404, "page not found", "the engine answered 404: page not found"},
		{404, "", "the engine answered 404 Not Found"},
		{500, "No such container: abc", actors.ErrNoSuchContainer.Error()},
		{500, `unable to look up container abc: no container with name or ID "abc" found: no such container`, actors.ErrNoSuchContainer.Error()},
		{500, "no such Container", actors.ErrNoSuchContainer.Error()},
		{500, "no such file or directory: container abc", "the engine answered 500: no such file or directory: container <id>"},
		{400, "no such container", "the engine answered 400: no such container"},
		{409, "no such container", "the engine answered 409: no such container"},
		{503, "no such container", "the engine answered 503: no such container"},
		{500, "abc: abcd abc.", "the engine answered 500: <id>: abcd <id>."},
		{500, "open /c/" + dockersim.NewID(1) + "/x", "the engine answered 500: open /c/<id>/x"},
		{400, "client version 1.51 is too curious", "the engine answered 400: client version 1.51 is too curious"},
		{302, "moved", "the engine answered 302: moved"},
		{204, "", "the engine answered 204 No Content"},
	} {
		sim, host := simulated(t, "tcp")
		sim.Put(dockersim.Container{ID: "abc", Fault: dockersim.Fault{Status: c.status, Message: c.message}})
		_, err := newEngine(t, docker.Config{Host: host}).Inspect(t.Context(), "abc")
		if err == nil || err.Error() != c.want {
			t.Errorf("%d %s: got %v, want %s", c.status, c.message, err, c.want)
		}
		if found := errors.Is(err, actors.ErrNoSuchContainer); found != (c.want == actors.ErrNoSuchContainer.Error()) {
			t.Errorf("%d %s: is ErrNoSuchContainer: %v", c.status, c.message, found)
		}
	}
}

// Only what is said counts, in JSON or in plain text: podman's cause beside it does not (H9).
func TestH9H10WhatARefusalSays(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		found  bool
	}{
		{404, `{"cause":"no such container","message":"no container with name or ID \"abc\" found: no such container","response":404}`, true},
		{500, `{"cause":"no such container","message":"container abc: no such container","response":500}`, true},
		{500, `{"message":"No such container: abc"}`, true},
		{500, "No such container: abc\n", true},
		{404, "No such container: abc\n", true},
		{404, `{"cause":"no such container","message":"page not found"}`, false},
		{404, `{"message":"page not found"}`, false},
		{404, "404 page not found\n", false},
		{500, `{"cause":"no such container","message":"out of order"}`, false},
		{500, `{"cause":"no such container"}`, false},
		{500, ``, false},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Api-Version", "1.41")
			if r.URL.Path != "/_ping" {
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}
		}))
		_, err := newEngine(t, docker.Config{Host: "tcp://" + server.Listener.Addr().String()}).Inspect(t.Context(), "abc")
		if err == nil || errors.Is(err, actors.ErrNoSuchContainer) != c.found || errors.Is(err, actors.ErrEngineUnreachable) {
			t.Errorf("%d %s: got %v, want ErrNoSuchContainer: %t", c.status, c.body, err, c.found)
		}
		server.Close()
	}
}

func TestOddServers(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a redirect was followed")
	}))
	defer elsewhere.Close()
	for name, c := range map[string]struct {
		answer      http.HandlerFunc
		want        string
		unreachable bool
	}{
		"redirects": {
			answer: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Api-Version", "1.41")
				if r.URL.Path != "/_ping" {
					http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
				}
			},
			want: "the engine answered 307",
		},
		"is no Engine": {
			answer: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) },
			want:   "it is no Docker Engine",
		},
		"names a version that would change the path": {
			answer: func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Api-Version", "1.41/../x") },
			want:   "it is no Docker Engine",
		},
		"breaks off": {
			answer: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Api-Version", "1.41")
				if r.URL.Path != "/_ping" {
					w.Header().Set("Content-Length", "100")
					_, _ = w.Write([]byte("{"))
				}
			},
			want: "broke off",
		},
		"speaks no HTTP": {
			answer: func(w http.ResponseWriter, _ *http.Request) {
				conn, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = conn.Write([]byte("SSH-2.0-OpenSSH_9.2\r\n\r\n"))
				_ = conn.Close()
			},
			want: "no HTTP",
		},
		"has a header without end": {
			answer: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X", strings.Repeat("x", 1<<20))
			},
			want: "no HTTP",
		},
		"closes at once": {
			answer:      func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			want:        "closed before an answer came",
			unreachable: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.answer)
			defer server.Close()
			engine := newEngine(t, docker.Config{Host: "tcp://" + server.Listener.Addr().String()})
			_, err := engine.Inspect(t.Context(), "abc")
			if err == nil || !strings.Contains(err.Error(), c.want) ||
				errors.Is(err, actors.ErrEngineUnreachable) != c.unreachable {
				t.Errorf("got %v, want an error with %q, unreachable: %v", err, c.want, c.unreachable)
			}
		})
	}
}
