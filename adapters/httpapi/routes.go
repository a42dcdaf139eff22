package httpapi

import (
	"context"
	"io"
	"net/http"
	"time"
)

// answerTimeout bounds how long the node may take to answer a request, well below the time-outs of those who probe it.
const answerTimeout = 5 * time.Second

// routes returns everything that the server answers. Under /api/ all other paths and methods are problems too; elsewhere the
// mux itself answers them, with 404 and 405.
func routes(cfg Config) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", livez(cfg.Node))
	mux.HandleFunc("GET /readyz", readyz(cfg.Node))
	mux.Handle("GET /metrics", cfg.Metrics)
	for path, answer := range map[string]http.Handler{
		"/api/v1/games":   newGames(cfg),
		"/api/v1/cluster": members(cfg.Cluster),
	} {
		mux.Handle("GET "+path, answer)
		mux.HandleFunc(path, readOnly)
	}
	mux.HandleFunc("/api", unknownPath) // otherwise it would be redirected to /api/
	mux.HandleFunc("/api/", unknownPath)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

// livez answers 200 while the node makes progress.
func livez(node Node) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), answerTimeout)
		defer cancel()
		if err := node.Alive(ctx); err != nil {
			http.Error(w, "not alive: "+err.Error(), http.StatusServiceUnavailable)
			return
		}
		ok(w)
	}
}

// readyz answers 200 from the first completed tick until the stop begins.
func readyz(node Node) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if !node.Ready() {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		ok(w)
	}
}

func ok(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok\n") // An error is the client's, who has gone.
}
