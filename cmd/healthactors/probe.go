package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"galaxy/healthactors/adapters/operand"
	"galaxy/healthactors/cmd/healthactors/internal/settings"
)

// probeTimeout bounds the question; whoever probes asks again.
const probeTimeout = 3 * time.Second

// probeCommand asks the node on this machine whether it makes progress. It is for images without a shell, whose health
// check can run nothing else. It reads the same configuration as run, for the address.
type probeCommand struct{ settings.Settings }

func (c *probeCommand) Run(ctx context.Context, _ streams) error {
	url, err := probeURL(string(c.HTTP))
	if err != nil {
		return c.Wrong("http", string(c.HTTP), err)
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<10))
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, answer.Status)
	}
	return nil
}

// probeURL is where a node that listens there answers on its own machine.
func probeURL(listens string) (string, error) {
	base, err := ownURL(listens)
	if err != nil {
		return "", err
	}
	return base + "/livez", nil
}

// ownURL is where a node that listens there is found on its own machine.
func ownURL(listens string) (string, error) {
	if listens == "" {
		return "", &operand.Error{Reason: "is empty, so there is nothing to ask", Want: "where the node answers HTTP"}
	}
	host, port, err := operand.HostPort(listens)
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(port)), nil
}
