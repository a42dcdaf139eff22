package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Problem says why a request to the API can't be answered: a problem document of RFC 9457. Its type is always about:blank,
// which means that there is no more to know than its status says.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

// fail answers with a problem. The detail may contain what the client sent: JSON escapes it.
func fail(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	// An error is the client's, who has gone.
	_ = json.NewEncoder(w).Encode(Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail})
}

func unavailable(w http.ResponseWriter, reason string) {
	fail(w, http.StatusServiceUnavailable, reason)
}

// unknownPath answers every path under /api/ that nothing else serves.
func unknownPath(w http.ResponseWriter, r *http.Request) {
	fail(w, http.StatusNotFound, "there is nothing at "+r.URL.EscapedPath())
}

// readOnly answers methods that would change something, since nothing can be changed.
func readOnly(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Allow", "GET, HEAD")
	fail(w, http.StatusMethodNotAllowed, fmt.Sprintf("%s takes GET and HEAD, not %s", r.URL.EscapedPath(), r.Method))
}
