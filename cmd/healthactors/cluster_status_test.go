package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestClusterStatusSaysWhyItCannotBeHad(t *testing.T) {
	for body, want := range map[string]string{
		`{"status":404,"detail":"this node is in no cluster"}`: "/api/v1/cluster answers 404 Not Found: this node is in no cluster\n",
		"404 page not found\n":                                 "/api/v1/cluster answers 404 Not Found\n",
	} {
		node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, body)
		}))
		var said strings.Builder
		args := []string{"cluster", "status", "--http", strings.TrimPrefix(node.URL, "http://")}
		if code := execute(args, streams{io.Discard, &said}); code != exitFailed || !strings.HasSuffix(said.String(), want) {
			t.Errorf("exit code %d, %q, want 1 and %q", code, said.String(), want)
		}
		node.Close()
		http.DefaultClient.CloseIdleConnections()
	}
}
