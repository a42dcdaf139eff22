package docker

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/docker/docker/client"

	"galaxy/healthactors/actors"
)

const (
	// maxRefusalBytes bounds how much of an error answer is read.
	maxRefusalBytes = 64 << 10
	// firstPause and longestPause are the pauses between tries to connect to a socket whose backlog is full: an Engine that
	// accepts connections at all has room again within moments.
	firstPause   = time.Millisecond
	longestPause = 64 * time.Millisecond
)

// header goes with every request; nobody changes it.
var header = http.Header{"User-Agent": {"healthactors"}}

// get asks the Engine for a path below its API version, and returns an answer whose status is 200; the caller closes
// its body. An Engine that refuses the version is asked once more, with the version that it names now: it was replaced
// by another release, and has not looked at the request yet.
func (e *Engine) get(ctx context.Context, path, query string) (*http.Response, error) {
	for again := false; ; again = true {
		version, err := e.api.version(ctx)
		if err != nil {
			return nil, err
		}
		answer, err := e.roundTrip(ctx, "/v"+version+path, query)
		if errors.Is(err, actors.ErrEngineUnreachable) {
			e.api.forget(version)
		}
		if err != nil {
			return nil, err
		}
		if answer.StatusCode == http.StatusOK {
			return answer, nil
		}
		err = readRefusal(ctx, answer)
		refused, ok := errors.AsType[*refusal](err)
		if !ok || !refused.ofVersion() {
			return nil, err
		}
		if refused.pinned = e.api.pinned; again || refused.pinned != "" {
			return nil, refused
		}
		e.api.forget(version)
	}
}

// roundTrip asks once. If the Engine's socket is crowded, it tries to connect as often as its context allows. Redirects are
// answers like any other and are not followed.
func (e *Engine) roundTrip(ctx context.Context, path, query string) (*http.Response, error) {
	target := e.base
	target.Path += path
	target.RawQuery = query
	request := http.Request{Method: http.MethodGet, URL: &target, Host: target.Host, Header: header}
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		answer, err := e.transport.RoundTrip(request.WithContext(ctx))
		switch {
		case err == nil && answer.StatusCode == http.StatusSwitchingProtocols:
			// Nobody asked for that, and reading from such a connection would ignore the context.
			_ = answer.Body.Close()
			answer.Body = http.NoBody
			return answer, nil
		case err == nil:
			return answer, nil
		case !isCrowded(err) || !sleep(ctx, pause):
			return nil, connectionError(ctx, err)
		}
	}
}

// isCrowded says whether connecting failed only because the backlog of the Engine's socket is full. Over TCP the system waits
// for room by itself; on a unix socket it says EAGAIN at once. The dialer is not the place to wait, since the transport's dials
// outlive the requests that they were made for.
func isCrowded(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial" && errors.Is(op, syscall.EAGAIN)
}

// sleep returns false when the context ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// refusal is an answer whose status is not 200. Its error is short and printable, whatever the Engine sent.
type refusal struct {
	status  int
	message string
	// pinned is the API version that was refused, if DOCKER_API_VERSION demands it.
	pinned string
}

func (r *refusal) Error() string {
	text := "the engine answered " + strconv.Itoa(r.status)
	if r.message == "" {
		text += " " + http.StatusText(r.status)
	} else {
		text += ": " + r.message
	}
	if text = short(text); r.pinned != "" {
		return client.EnvOverrideAPIVersion + "=" + r.pinned + ": " + text
	}
	return text
}

// ofVersion says whether the Engine refused the API version, without looking at the rest of the request.
func (r *refusal) ofVersion() bool {
	return r.status == http.StatusBadRequest && strings.Contains(r.message, "client version") &&
		(strings.Contains(r.message, "too old") || strings.Contains(r.message, "too new"))
}

// noSuchContainer says whether the Engine answered that it doesn't have the container, rather than that it or a proxy
// doesn't know the path (H9). podman says so with a 500 if the container is just being removed.
func (r *refusal) noSuchContainer() bool {
	return (r.status == http.StatusNotFound || r.status == http.StatusInternalServerError) &&
		strings.Contains(strings.ToLower(r.message), "no such container")
}

// readRefusal reads and closes an answer whose status is not 200.
func readRefusal(ctx context.Context, answer *http.Response) error {
	defer drain(answer.Body)
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxRefusalBytes))
	if err != nil && ctx.Err() != nil {
		return ended(ctx)
	}
	// Old Engines, and proxies, send plain text.
	var said struct{ Message string }
	if json.Unmarshal(body, &said) != nil {
		said.Message = string(body)
	}
	return &refusal{status: answer.StatusCode, message: said.Message}
}

// drain closes an answer's body so that its connection can be reused, if little is left to read.
func drain(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 512)
	_ = body.Close()
}

// pathOf returns the path of a container's endpoint below the API version. Only names and ids that Docker itself could
// have given are accepted, so that none can change the path; escaping is the second lock on that door.
func pathOf(containerID string) (string, error) {
	if !validName(containerID) {
		return "", errors.New("the container's id is malformed")
	}
	return "/containers/" + url.PathEscape(containerID) + "/json", nil
}

// validName says whether a container's id or name, or an Engine's name, is [A-Za-z0-9][A-Za-z0-9_.-]{0,254}.
func validName(name string) bool {
	if name == "" || len(name) > 255 || strings.IndexByte("_.-", name[0]) >= 0 {
		return false
	}
	for i := range len(name) {
		if !isNameByte(name[i]) {
			return false
		}
	}
	return true
}

func isNameByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b == '.' || b == '-'
}
