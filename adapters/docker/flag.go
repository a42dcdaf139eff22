package docker

import (
	"strings"

	"galaxy/healthactors/adapters/operand"
)

// ParseEngine reads NAME=HOST[,CERTDIR]. A comma in the host begins the certificates' directory. The error is an *[operand.Error].
func ParseEngine(value string) (name, host, certDir string, err error) {
	name, rest, hasHost := strings.Cut(value, "=")
	host, certDir, hasCertDir := strings.Cut(rest, ",")
	fault := ""
	switch {
	case !hasHost:
		fault = "has no ="
	case !validName(name):
		fault = "has a name that is not made of letters, digits, '_', '.' and '-'"
	case host == "":
		fault = "has an empty host"
	case hasCertDir && certDir == "":
		fault = "has an empty directory of certificates"
	default:
		if _, err := fullHost(host, hasCertDir); err != nil {
			fault = "has a host that " + err.Error()
		}
	}
	if fault != "" {
		return "", "", "", &operand.Error{Reason: fault, Want: "NAME=HOST[,CERTDIR] with HOST as " + wantHost}
	}
	return name, host, certDir, nil
}
