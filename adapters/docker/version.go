package docker

import (
	"context"
	"errors"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"

	"github.com/docker/docker/api"
	"github.com/docker/docker/api/types/versions"
	"github.com/docker/docker/client"

	"galaxy/healthactors/adapters/operand"
)

var versionPattern = regexp.MustCompile(`^[0-9]{1,3}\.[0-9]{1,3}$`)

// negotiation agrees with an Engine on the API version to use: the newest that both know. This happens before the first
// request, and again after forget: when the connection failed, or when the Engine refuses the version because it was
// replaced by another release. The typed client's own negotiation only ever lowers its version, so an Engine that was
// upgraded past it would stay lost.
type negotiation struct {
	// pinned is the version that DOCKER_API_VERSION demands; empty: negotiate.
	pinned string
	ask    func(context.Context) (string, error)

	mu       sync.Mutex
	agreed   string
	underWay *attempt
}

// attempt is one negotiation, which any number of requests wait for.
type attempt struct {
	done    chan struct{}
	version string
	err     error
}

// pinnedVersion reads the Docker CLI's variable that turns negotiation off.
func pinnedVersion() (string, error) {
	version := strings.TrimPrefix(os.Getenv(client.EnvOverrideAPIVersion), "v")
	if version != "" && !versionPattern.MatchString(version) {
		return "", &operand.Error{Of: client.EnvOverrideAPIVersion, Reason: "is not a version", Want: "one such as " + api.DefaultVersion}
	}
	return version, nil
}

// version returns the version that was agreed on. Of the requests that need one, the first asks and the others wait, each
// within its own context; they share the asker's failure, but not the end of its context.
func (n *negotiation) version(ctx context.Context) (string, error) {
	if n.pinned != "" {
		return n.pinned, nil
	}
	for {
		n.mu.Lock()
		if n.agreed != "" {
			defer n.mu.Unlock()
			return n.agreed, nil
		}
		asking := n.underWay
		if asking == nil {
			asking = &attempt{done: make(chan struct{})}
			n.underWay = asking
			n.mu.Unlock()
			return n.run(ctx, asking)
		}
		n.mu.Unlock()

		select {
		case <-ctx.Done():
			return "", ended(ctx)
		case <-asking.done:
			if !errors.Is(asking.err, context.Canceled) && !errors.Is(asking.err, context.DeadlineExceeded) {
				return asking.version, asking.err
			}
		}
	}
}

func (n *negotiation) run(ctx context.Context, a *attempt) (string, error) {
	a.version, a.err = n.ask(ctx)
	n.mu.Lock()
	n.agreed, n.underWay = a.version, nil
	n.mu.Unlock()
	close(a.done)
	return a.version, a.err
}

// forget makes the next request negotiate anew, unless somebody has already agreed on another version.
func (n *negotiation) forget(version string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.agreed == version {
		n.agreed = ""
	}
}

// askVersion asks the Engine for its version, and returns the newest that both sides know.
func (e *Engine) askVersion(ctx context.Context) (string, error) {
	answer, err := e.roundTrip(ctx, "/_ping", "")
	if err != nil {
		return "", err
	}
	if answer.StatusCode != http.StatusOK {
		return "", readRefusal(ctx, answer)
	}
	drain(answer.Body)
	theirs := answer.Header.Get("Api-Version")
	if !versionPattern.MatchString(theirs) {
		return "", errors.New("no API version came with the answer to a ping: it is no Docker Engine")
	}
	if versions.LessThan(theirs, api.DefaultVersion) {
		return theirs, nil
	}
	return api.DefaultVersion, nil
}
