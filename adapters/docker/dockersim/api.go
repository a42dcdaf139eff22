package dockersim

import "github.com/docker/docker/api/types/versions"

// apiVersions are those that the Engine speaks.
type apiVersions struct{ minimum, maximum string }

func (a *apiVersions) set(minimum, maximum string) { a.minimum, a.maximum = minimum, maximum }

// refuse returns a real Engine's words for a version that is out of range, otherwise nothing. A path without a version
// is always served.
func (a apiVersions) refuse(version string) string {
	switch {
	case version == "":
		return ""
	case versions.LessThan(version, a.minimum):
		return "client version " + version + " is too old. Minimum supported API version is " + a.minimum +
			", please upgrade your client to a newer version"
	case versions.GreaterThan(version, a.maximum):
		return "client version " + version + " is too new. Maximum supported API version is " + a.maximum
	}
	return ""
}
