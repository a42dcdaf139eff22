package operand

import (
	"errors"
	"net"
	"strconv"
	"strings"
)

// HostPort takes HOST:PORT apart. The host may be empty, and the port 0. An error goes on where the address ends: "has no port".
func HostPort(address string) (host string, port int, err error) {
	host, digits, err := net.SplitHostPort(address)
	if err != nil {
		if wrong, ok := errors.AsType[*net.AddrError](err); ok && strings.HasPrefix(wrong.Err, "missing port") {
			return "", 0, errors.New("has no port")
		}
		return "", 0, errors.New("is not HOST:PORT")
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	switch {
	case digits == "":
		return "", 0, errors.New("has no port")
	case err != nil:
		return "", 0, errors.New("has a port that is not a number from 0 to 65535")
	}
	return host, int(n), nil
}
