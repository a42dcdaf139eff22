package dockersim

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// maxForeign bounds the record of requests that healthactors has no business making.
const maxForeign = 1000

// serverHeader is what the simulated Engine calls itself.
const serverHeader = "Docker/28.5.2 (linux)"

// ServeHTTP answers as an Engine does.
func (e *Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, version := splitVersion(r.URL.Path)
	container, isInspect := containerOf(path)
	answer := notFound
	switch {
	case path == "/_ping" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		e.pings.Add(1)
		answer = ping
	case path == "/containers/json" && r.Method == http.MethodGet:
		e.lists.Add(1)
		answer = e.list
	case isInspect && r.Method == http.MethodGet:
		defer e.countInspect()()
		answer = func(w http.ResponseWriter, r *http.Request) { e.inspect(w, r, container) }
	default:
		e.recordForeign(r)
	}

	e.mu.RLock()
	fault, api := e.fault, e.api
	e.mu.RUnlock()
	head := w.Header()
	head.Set("Api-Version", api.maximum)
	head.Set("Ostype", "linux")
	head.Set("Docker-Experimental", "false")
	head.Set("Server", serverHeader)
	if e.suffer(fault, w, r) {
		return
	}
	if text := api.refuse(version); text != "" {
		writeError(w, http.StatusBadRequest, text)
		return
	}
	answer(w, r)
}

// countInspect counts an inspect; it has ended when the returned function is called.
func (e *Engine) countInspect() (end func()) {
	e.inspects.Add(1)
	now := e.inFlight.Add(1)
	for most := e.mostAtOnce.Load(); now > most && !e.mostAtOnce.CompareAndSwap(most, now); {
		most = e.mostAtOnce.Load()
	}
	return func() { e.inFlight.Add(-1) }
}

// splitVersion takes /v1.41 off a path.
func splitVersion(path string) (rest, version string) {
	if after, ok := strings.CutPrefix(path, "/v"); ok {
		if version, rest, ok := strings.Cut(after, "/"); ok && strings.Contains(version, ".") {
			return "/" + rest, version
		}
	}
	return path, ""
}

// containerOf reads the container of an inspect's path.
func containerOf(path string) (ref string, ok bool) {
	ref, ok = strings.CutPrefix(path, "/containers/")
	if !ok {
		return "", false
	}
	ref, ok = strings.CutSuffix(ref, "/json")
	return ref, ok && ref != "" && !strings.Contains(ref, "/")
}

func (e *Engine) recordForeign(r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.foreign) < maxForeign {
		e.foreign = append(e.foreign, r.Method+" "+r.URL.Path)
	}
}

func notFound(w http.ResponseWriter, _ *http.Request) {
	writeError(w, http.StatusNotFound, "page not found")
}

func ping(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("OK"))
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (e *Engine) inspect(w http.ResponseWriter, r *http.Request, ref string) {
	c, ambiguous := e.find(ref)
	switch {
	case ambiguous:
		writeError(w, http.StatusBadRequest, "multiple IDs found with provided prefix: "+ref)
	case c == nil:
		writeError(w, http.StatusNotFound, "No such container: "+ref)
	case e.suffer(c.Fault, w, r):
	default:
		e.mu.RLock()
		witness := e.witness
		e.mu.RUnlock()
		if witness != nil {
			witness(r, *c)
		}
		buffer := buffers.Get().(*bytes.Buffer)
		defer buffers.Put(buffer)
		buffer.Reset()
		writeInspect(buffer, c)
		writeJSON(w, buffer.Bytes())
	}
}

func (e *Engine) list(w http.ResponseWriter, r *http.Request) {
	e.mu.RLock()
	fault := e.listFault
	e.mu.RUnlock()
	if e.suffer(fault, w, r) {
		return
	}
	labels, err := labelFilter(r.URL.Query().Get("filters"))
	if err != nil {
		writeError(w, http.StatusBadRequest, "invalid filter: "+err.Error())
		return
	}
	all, _ := strconv.ParseBool(r.URL.Query().Get("all"))
	listed := slices.DeleteFunc(e.all(), func(c *Container) bool {
		return !all && c.Status != "running" && c.Status != "paused" || !matches(c, labels)
	})
	slices.SortFunc(listed, func(a, b *Container) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(b.ID, a.ID))
	})
	w.Header().Set("Content-Type", "application/json")
	buffer := new(bytes.Buffer)
	buffer.WriteByte('[')
	for i, c := range listed {
		if i > 0 {
			buffer.WriteByte(',')
		}
		writeRow(buffer, c)
		if buffer.Len() > 64<<10 {
			if _, err := w.Write(buffer.Bytes()); err != nil {
				return
			}
			buffer.Reset()
		}
	}
	buffer.WriteString("]\n")
	_, _ = w.Write(buffer.Bytes())
}

// labelFilter reads the wanted labels, KEY or KEY=VALUE, out of the API's filters.
func labelFilter(filters string) ([]string, error) {
	if filters == "" {
		return nil, nil
	}
	var wanted map[string]map[string]bool
	if err := json.Unmarshal([]byte(filters), &wanted); err != nil {
		return nil, err
	}
	var labels []string
	for label := range wanted["label"] {
		labels = append(labels, label)
	}
	return labels, nil
}

func matches(c *Container, labels []string) bool {
	for _, label := range labels {
		key, want, hasValue := strings.Cut(label, "=")
		if value, ok := c.Labels[key]; !ok || hasValue && value != want {
			return false
		}
	}
	return true
}

func writeJSON(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}

func writeError(w http.ResponseWriter, status int, message string) {
	body, _ := json.Marshal(map[string]string{"message": message})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}
