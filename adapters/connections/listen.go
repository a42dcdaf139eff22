package connections

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// ErrNoAddress says that an address does not belong to this machine.
var ErrNoAddress = errors.New("not an address of this machine")

// ErrInUse says that another program uses the address.
var ErrInUse = errors.New("the address is in use")

// Listen listens on an address. An error says why it can't: ErrNoAddress, ErrInUse, or whatever else the system says.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return listener, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, ErrInUse
	case noAddress(err):
		return nil, fmt.Errorf("%w: %w", ErrNoAddress, err)
	default:
		return nil, err
	}
}

func noAddress(err error) bool {
	_, unknown := errors.AsType[*net.DNSError](err)
	return unknown || errors.Is(err, syscall.EADDRNOTAVAIL)
}
