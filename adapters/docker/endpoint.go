package docker

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/connhelper/ssh"
	clicontext "github.com/docker/cli/cli/context"
	"github.com/docker/cli/cli/context/docker"
	"github.com/docker/cli/cli/context/store"
	"github.com/docker/cli/opts"
	"github.com/docker/docker/client"
)

// rightHost says what a host may look like.
const rightHost = "want unix://PATH, tcp://HOST:PORT or ssh://[USER@]HOST[:PORT]"

// target is the Engine that a configuration names: where it is, and which setting says so.
type target struct {
	endpoint docker.Endpoint
	setting  string
}

// wrong says that the target can't be used.
func (t target) wrong(err error) error {
	// The CLI's package speaks of contexts, whatever the certificates came from.
	text := strings.TrimPrefix(err.Error(), "failed to retrieve context tls info: ")
	return fmt.Errorf("%s: %s", t.setting, oneLine(text))
}

// resolve finds the Engine by the Docker CLI's rules: the given host, else DOCKER_HOST, else the context named by
// DOCKER_CONTEXT or current in the CLI's configuration, else the local socket.
func resolve(cfg Config) (target, error) {
	host, setting := cfg.Host, "docker host"
	if host == "" {
		if cfg.CertDir != "" {
			return target{}, fmt.Errorf("certificates in %q: they need a host that they are for", cfg.CertDir)
		}
		if host = os.Getenv(client.EnvOverrideHost); host != "" {
			setting = client.EnvOverrideHost
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
	return fromHost(host, setting, cfg.CertDir)
}

// fromHost does what the CLI does with a host, which may be empty, and with the TLS variables.
func fromHost(host, setting, certDir string) (target, error) {
	certs, err := certificates(host, certDir)
	if err != nil {
		return target{}, err
	}
	full, err := fullHost(host, certs.used)
	if err != nil {
		return target{}, fmt.Errorf("%s %q: %w; %s", setting, masked(host), err, rightHost)
	}
	endpoint := docker.Endpoint{
		EndpointMeta: docker.EndpointMeta{Host: full, SkipTLSVerify: certs.unverified},
		TLSData:      certs.data,
	}
	setting = fmt.Sprintf("%s %q", setting, masked(full))
	if certs.used {
		setting = fmt.Sprintf("%s with the certificates in %q", setting, certs.dir)
	}
	return target{endpoint: endpoint, setting: setting}, nil
}

// contextName names the CLI's current context.
func contextName() (string, error) {
	if name := os.Getenv("DOCKER_CONTEXT"); name != "" {
		return name, nil
	}
	file, err := config.Load(config.Dir())
	if err != nil {
		return "", fmt.Errorf("the Docker CLI's configuration: %s; or name the docker host", oneLine(err.Error()))
	}
	if file.CurrentContext != "" {
		return file.CurrentContext, nil
	}
	return "default", nil
}

// fromContext reads a context of the CLI.
func fromContext(name string) (target, error) {
	t := target{setting: fmt.Sprintf("docker context %q", name)}
	contexts := store.New(config.ContextStoreDir(), store.NewConfig(
		func() any { return &map[string]any{} },
		store.EndpointTypeGetter(docker.DockerEndpoint, func() any { return &docker.EndpointMeta{} }),
	))
	metadata, err := contexts.GetMetadata(name)
	if err != nil {
		return target{}, t.wrong(err)
	}
	meta, err := docker.EndpointFromContext(metadata)
	if err != nil {
		return target{}, t.wrong(err)
	}
	if _, err := fullHost(meta.Host, false); err != nil {
		return target{}, t.wrong(fmt.Errorf("host %q: %w; %s", masked(meta.Host), err, rightHost))
	}
	if t.endpoint, err = docker.WithTLSData(contexts, name, meta); err != nil {
		return target{}, t.wrong(err)
	}
	return t, nil
}

// certs says whether and how TLS is used.
type certs struct {
	used       bool
	unverified bool
	dir        string
	data       *clicontext.TLSData
}

// certificates reads those in the given directory, or else those that the CLI's variables ask for. In a directory,
// ca.pem must be there; cert.pem and key.pem may both be missing.
func certificates(host, dir string) (certs, error) {
	scheme, _, hasScheme := strings.Cut(host, "://")
	overTCP := scheme == "tcp" || !hasScheme
	c := certs{used: dir != "", dir: dir}
	if c.used && !overTCP {
		return certs{}, fmt.Errorf("certificates in %q: they are for tcp:// hosts, not for %q", dir, masked(host))
	}
	if !c.used {
		verify := os.Getenv(client.EnvTLSVerify) != ""
		c.used = overTCP && (verify || os.Getenv("DOCKER_TLS") != "")
		c.unverified = !verify
		if c.dir = os.Getenv(client.EnvOverrideCertPath); c.dir == "" {
			c.dir = config.Dir()
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
		return certs{}, fmt.Errorf("certificates in %q: %w; want ca.pem, cert.pem and key.pem", c.dir, err)
	}
	return c, nil
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, os.ErrNotExist)
}

// fullHost completes a host as the CLI does, and refuses what can't be one. The empty host is the local one.
func fullHost(host string, withTLS bool) (string, error) {
	scheme, rest, hasScheme := strings.Cut(host, "://")
	switch {
	case host == "", scheme == "unix" && rest != "":
	case scheme == "tcp":
		if err := checkTCP(host); err != nil {
			return "", err
		}
	case scheme == "ssh":
		if _, err := url.Parse(host); err != nil {
			return "", errors.New("it is no URL") // the reason may quote a password
		}
		if _, err := ssh.ParseURL(host); err != nil {
			return "", errors.New(masked(err.Error()))
		}
	case !hasScheme:
		if _, port, err := net.SplitHostPort(host); err != nil || checkPort(port) != nil {
			return "", errors.New("it has no scheme")
		}
		return fullHost("tcp://"+host, withTLS)
	default:
		return "", errors.New("it can't be used")
	}
	return opts.ParseHost(withTLS, host)
}

func checkTCP(host string) error {
	u, err := url.Parse(host)
	switch {
	case err != nil:
		return errors.New("it is no URL")
	case u.Hostname() == "":
		return errors.New("it names no host")
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return errors.New("it has more than host, port and path")
	}
	if port := u.Port(); port != "" {
		return checkPort(port)
	}
	return nil
}

func checkPort(port string) error {
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return errors.New("its port is not in 1 to 65535")
	}
	return nil
}

// masked hides what may be a secret in a host, or in a NAME=HOST: the password, and all that follows a ? or a #. It takes too
// much rather than too little: people forget to escape what a password has in it.
func masked(host string) string {
	if strings.HasPrefix(host, "unix://") || strings.Contains(host, "=unix://") {
		return host
	}
	u, err := url.Parse(host)
	userOnly := false
	if err == nil && u.User != nil {
		_, hasPassword := u.User.Password()
		userOnly = !hasPassword
	}
	if at := strings.LastIndex(host, "@"); at >= 0 && !userOnly {
		begin := 0
		for _, before := range []string{"=", "//"} {
			if i := strings.Index(host[:at], before); i >= 0 {
				begin = i + len(before)
			}
		}
		host = host[:begin] + "xxxxx" + host[at:]
	}
	if i := strings.IndexAny(host, "?#"); i >= 0 {
		host = host[:i+1] + "xxxxx"
	}
	return host
}
