package docker

import (
	"errors"
	"fmt"
	"strings"
)

// ParseEngine reads --engine's NAME=HOST[,CERTDIR]. A comma in the host begins the certificates' directory. Its errors
// say what is wrong with the value and what would be right.
func ParseEngine(value string) (name, host, certDir string, err error) {
	name, rest, hasHost := strings.Cut(value, "=")
	host, certDir, hasCertDir := strings.Cut(rest, ",")
	switch {
	case !hasHost:
		err = errors.New("it has no =")
	case !validName(name):
		err = errors.New("its name is not made of letters, digits, '_', '.' and '-'")
	case host == "":
		err = errors.New("its host is empty")
	case hasCertDir && certDir == "":
		err = errors.New("its certificates' directory is empty")
	default:
		_, err = fullHost(host, hasCertDir)
	}
	if err != nil {
		return "", "", "", fmt.Errorf("%q: %w; want NAME=HOST[,CERTDIR] with HOST as unix://PATH, tcp://HOST:PORT "+
			"or ssh://[USER@]HOST[:PORT]", masked(value), err)
	}
	return name, host, certDir, nil
}
