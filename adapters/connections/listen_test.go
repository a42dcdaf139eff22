package connections

import (
	"errors"
	"net"
	"testing"
)

func TestListenSaysWhyAnAddressCannotBeHad(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for address, want := range map[string]error{
		taken.Addr().String():       ErrInUse,
		"192.0.2.1:8080":            ErrNoAddress,
		"no.such.host.invalid:8080": ErrNoAddress,
		"127.0.0.1:0":               nil,
	} {
		listener, err := Listen(t.Context(), address)
		if !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%s: %v, want %v", address, err, want)
		}
		if err == nil {
			listener.Close()
		}
	}
}
