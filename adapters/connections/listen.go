package connections

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// ErrNoAddress says that an address is none of this machine.
var ErrNoAddress = errors.New("not an address of this machine")

// ErrInUse says that another program has the address.
var ErrInUse = errors.New("the address is in use")

// Listen takes an address. An error says why it can't be had: ErrNoAddress, ErrInUse, or another reason of the system's.
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
