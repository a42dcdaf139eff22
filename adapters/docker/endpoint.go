package docker

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/connhelper/ssh"
	clicontext "github.com/docker/cli/cli/context"
	"github.com/docker/cli/cli/context/docker"
	"github.com/docker/cli/cli/context/store"
	"github.com/docker/cli/opts"
	"github.com/docker/docker/client"

	"galaxy/healthactors/adapters/operand"
)

// wantHost says which hosts there are.
const wantHost = "unix://PATH, tcp://HOST:PORT or ssh://[USER@]HOST[:PORT]"

// The fields of a Config, as the errors of New name them.
const (
	OfHost    = "Host"
	OfCertDir = "CertDir"
)

// target is the Engine that a configuration means: where it is, and the field or the variable that says so.
type target struct {
	endpoint docker.Endpoint
	of       string
}

// wrong says that the target can't be used.
func (t target) wrong(err error) error {
	return &operand.Error{Of: t.of, Reason: "can't be used: " + operand.MaskText(withoutContext(err))}
}

// withoutContext is the text of an error of the CLI's packages, which speak of contexts whatever the certificates came from.
func withoutContext(err error) string {
	return strings.TrimPrefix(err.Error(), "failed to retrieve context tls info: ")
}

// resolve finds the Engine by the Docker CLI's rules: the given host, else DOCKER_HOST, else the context named by
// DOCKER_CONTEXT or current in the CLI's configuration, else the local socket.
func resolve(cfg Config) (target, error) {
	host, of := cfg.Host, OfHost
	if host == "" {
		if cfg.CertDir != "" {
			return target{}, &operand.Error{Of: OfCertDir, Reason: "is for a host that is not given", Want: "the host too"}
		}
		if host = os.Getenv(client.EnvOverrideHost); host != "" {
			of = client.EnvOverrideHost
		}
	}
	if host == "" {
		name, err := contextName()
		if err != nil {
			return target{}, err
		}
		if name != "default" {
			return fromContext(name)
		}
	}
	return fromHost(host, of, cfg.CertDir)
}

// fromHost is what the CLI makes of a host, which may be empty, and of the TLS variables.
func fromHost(host, of, certDir string) (target, error) {
	certs, err := certificates(host, certDir)
	if err != nil {
		return target{}, err
	}
	full, err := fullHost(host, certs.used)
	if err != nil {
		return target{}, &operand.Error{Of: of, Reason: err.Error(), Want: wantHost}
	}
	endpoint := docker.Endpoint{
		EndpointMeta: docker.EndpointMeta{Host: full, SkipTLSVerify: certs.unverified},
		TLSData:      certs.data,
	}
	if certs.used {
		of = certs.of
	}
	return target{endpoint: endpoint, of: of}, nil
}

// contextName names the CLI's current context.
func contextName() (string, error) {
	if name := os.Getenv("DOCKER_CONTEXT"); name != "" {
		return name, nil
	}
	file, err := config.Load(config.Dir())
	if err != nil {
		return "", &operand.Error{Of: OfHost, Reason: "is not given, and the Docker CLI's configuration can't be read: " + err.Error(), Want: wantHost}
	}
	if file.CurrentContext != "" {
		return file.CurrentContext, nil
	}
	return "default", nil
}

// fromContext reads a context of the CLI.
func fromContext(name string) (target, error) {
	wrong := func(err error) error {
		return &operand.Error{
			Of: OfHost, Reason: fmt.Sprintf("is not given, and the Docker CLI's context %q can't be used: %s", name, operand.MaskText(withoutContext(err))),
			Want: wantHost,
		}
	}
	contexts := store.New(config.ContextStoreDir(), store.NewConfig(
		func() any { return &map[string]any{} },
		store.EndpointTypeGetter(docker.DockerEndpoint, func() any { return &docker.EndpointMeta{} }),
	))
	metadata, err := contexts.GetMetadata(name)
	if err != nil {
		return target{}, wrong(err)
	}
	meta, err := docker.EndpointFromContext(metadata)
	if err != nil {
		return target{}, wrong(err)
	}
	if _, err := fullHost(meta.Host, false); err != nil {
		return target{}, wrong(fmt.Errorf("its host %q %w", operand.Mask(meta.Host), err))
	}
	endpoint, err := docker.WithTLSData(contexts, name, meta)
	if err != nil {
		return target{}, wrong(err)
	}
	return target{endpoint: endpoint, of: OfHost}, nil
}

// envTLS asks for TLS without verification.
const envTLS = "DOCKER_TLS"

// certs says whether and how TLS is used.
type certs struct {
	used       bool
	unverified bool
	dir        string
	// of is the field or the variable that asks for it.
	of   string
	data *clicontext.TLSData
}

// certificates reads those in the given directory, or else those that the CLI's variables ask for. In a directory,
// ca.pem must be there; cert.pem and key.pem may both be missing.
func certificates(host, dir string) (certs, error) {
	scheme, _, hasScheme := strings.Cut(host, "://")
	overTCP := scheme == "tcp" || !hasScheme
	c := certs{used: dir != "", dir: dir, of: OfCertDir}
	if c.used && !overTCP {
		return certs{}, &operand.Error{Of: OfCertDir, Reason: "is for a tcp:// host, and the host is another", Want: "the one or the other"}
	}
	if !c.used {
		verify := os.Getenv(client.EnvTLSVerify) != ""
		c.used = overTCP && (verify || os.Getenv(envTLS) != "")
		c.unverified = !verify
		c.of, c.dir = client.EnvOverrideCertPath, os.Getenv(client.EnvOverrideCertPath)
		if c.dir == "" {
			c.of, c.dir = client.EnvTLSVerify, config.Dir()
			if !verify {
				c.of = envTLS
			}
		}
	}
	if !c.used {
		return certs{}, nil
	}

	cert, key := filepath.Join(c.dir, "cert.pem"), filepath.Join(c.dir, "key.pem")
	if missing(cert) && missing(key) {
		cert, key = "", ""
	}
	var err error
	c.data, err = clicontext.TLSDataFromFiles(filepath.Join(c.dir, "ca.pem"), cert, key)
	if err != nil {
		return certs{}, &operand.Error{Of: c.of, Reason: "leads to no certificates that can be used: " + err.Error(), Want: "a directory with ca.pem, cert.pem and key.pem"}
	}
	return c, nil
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, os.ErrNotExist)
}

// fullHost completes a host as the CLI does, and refuses what can't be one. The empty host is the local one. An error goes on where
// the host ends.
func fullHost(host string, withTLS bool) (string, error) {
	scheme, rest, hasScheme := strings.Cut(host, "://")
	switch {
	case host == "", scheme == "unix" && rest != "":
	case scheme == "tcp":
		if err := checkTCP(host); err != nil {
			return "", err
		}
	case scheme == "ssh":
		if err := checkSSH(host); err != nil {
			return "", err
		}
	case !hasScheme:
		if _, port, err := operand.HostPort(host); err != nil || port == 0 {
			return "", errors.New("has no scheme")
		}
		return fullHost("tcp://"+host, withTLS)
	default:
		return "", errors.New("can't be used")
	}
	full, err := opts.ParseHost(withTLS, host)
	if err != nil {
		return "", errors.New("can't be used") // the reason quotes it
	}
	return full, nil
}

func checkTCP(host string) error {
	u, err := url.Parse(host)
	switch {
	case err != nil:
		return errors.New("is not a URL")
	case u.Hostname() == "":
		return errors.New("names no host")
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return errors.New("has more than host, port and path")
	case u.Port() == "":
		return nil
	}
	_, port, err := operand.HostPort(u.Host)
	if err == nil && port == 0 {
		err = errors.New("has port 0")
	}
	return err
}

func checkSSH(host string) error {
	if _, err := url.Parse(host); err != nil {
		return errors.New("is not a URL") // the reason may quote a password
	}
	_, err := ssh.ParseURL(host)
	if err == nil {
		return nil
	}
	reason, _, _ := strings.Cut(err.Error(), `: "`) // what follows is a part of the host
	return errors.New("can't be used: " + reason)
}
