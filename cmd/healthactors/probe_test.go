package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestProbeURL(t *testing.T) {
	for listens, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080/livez",
		"0.0.0.0:8080":   "http://localhost:8080/livez",
		"[::]:8080":      "http://localhost:8080/livez",
		":8080":          "http://localhost:8080/livez",
		"":               "",
	} {
		got, err := probeURL(listens)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", listens, got, err, want)
		}
	}
}

func TestProbe(t *testing.T) {
	for status, want := range map[int]int{http.StatusOK: exitOK, http.StatusServiceUnavailable: exitFailed} {
		node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/livez" {
				t.Errorf("asked for %s", r.URL.Path)
			}
			w.WriteHeader(status)
		}))
		at := strings.TrimPrefix(node.URL, "http://")
		if got := execute([]string{"probe", "--http", at}, streams{io.Discard, io.Discard}); got != want {
			t.Errorf("%d: exit code %d, want %d", status, got, want)
		}
		node.Close()
		http.DefaultClient.CloseIdleConnections()
	}
}
