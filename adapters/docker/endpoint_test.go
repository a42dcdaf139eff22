package docker_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docker/cli/cli/config"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/docker/dockersim"
)

// What is wrong is one line, of a field or a variable, which has nothing secret in it.
func TestNewRefuses(t *testing.T) {
	const hosts = "want unix://PATH, tcp://HOST:PORT or ssh://[USER@]HOST[:PORT]"
	empty, certs := t.TempDir(), writeCerts(t)
	broken := writeCerts(t)
	writeFile(t, filepath.Join(broken, "key.pem"), "no key")
	noCA := writeCerts(t)
	writeFile(t, filepath.Join(noCA, "ca.pem"), "no certificate")
	config.SetDir(empty)
	for _, c := range []struct {
		cfg  docker.Config
		env  map[string]string
		want []string
	}{
		{cfg: docker.Config{Host: "foo://bar"}, want: []string{"Host can't be used", hosts}},
		{cfg: docker.Config{Host: "http://bar:2375"}, want: []string{"Host can't be used", hosts}},
		{cfg: docker.Config{Host: "fd://"}, want: []string{"Host can't be used", hosts}},
		{cfg: docker.Config{Host: "npipe:////./pipe/docker_engine"}, want: []string{"Host can't be used", hosts}},
		{cfg: docker.Config{Host: "unix:/var/run/docker.sock"}, want: []string{"Host has no scheme", hosts}},
		{cfg: docker.Config{Host: "/var/run/docker.sock"}, want: []string{"Host has no scheme", hosts}},
		{cfg: docker.Config{Host: "unix://"}, want: []string{"Host can't be used", hosts}},
		{cfg: docker.Config{Host: "unix:///" + strings.Repeat("x", 108)}, want: []string{"Host can't be used", "too long"}},
		{cfg: docker.Config{Host: "tcp://"}, want: []string{"Host names no host", hosts}},
		{cfg: docker.Config{Host: "tcp://:2375"}, want: []string{"Host names no host", hosts}},
		{cfg: docker.Config{Host: "tcp://a:99999"}, want: []string{"Host has a port that is not a number from 0 to 65535", hosts}},
		{cfg: docker.Config{Host: "tcp://a:0"}, want: []string{"Host has port 0", hosts}},
		{cfg: docker.Config{Host: "tcp://a:b"}, want: []string{"Host is not a URL", hosts}},
		{cfg: docker.Config{Host: "tcp://a:1?x"}, want: []string{"Host has more than host, port and path", hosts}},
		{cfg: docker.Config{Host: "tcp://u:hunter2@a:1"}, want: []string{"Host has more than host, port and path", hosts}},
		{cfg: docker.Config{Host: "ssh://u:hunter2@a"}, want: []string{"password is not supported", hosts}},
		{cfg: docker.Config{Host: "ssh://u:hunter2%@a"}, want: []string{"Host is not a URL", hosts}},
		{cfg: docker.Config{Host: "ssh://"}, want: []string{"hostname is empty", hosts}},
		{cfg: docker.Config{Host: "ssh://a?x=hunter2"}, want: []string{"query parameters are not allowed", hosts}},
		{env: map[string]string{"DOCKER_HOST": "nope"}, want: []string{"DOCKER_HOST has no scheme", hosts}},
		{env: map[string]string{"DOCKER_CONTEXT": "nowhere"}, want: []string{`the Docker CLI's context "nowhere"`, "not found"}},
		{cfg: docker.Config{Host: "tcp://a:1", CertDir: empty}, want: []string{"CertDir leads to no", "ca.pem", "want a directory with ca.pem, cert.pem"}},
		{cfg: docker.Config{Host: "tcp://a:1", CertDir: broken}, want: []string{"CertDir can't be used", "private key"}},
		{cfg: docker.Config{Host: "tcp://a:1", CertDir: noCA}, want: []string{"CertDir can't be used", "ca.pem seems invalid"}},
		{cfg: docker.Config{Host: "unix:///s", CertDir: certs}, want: []string{"CertDir is for a tcp:// host"}},
		{cfg: docker.Config{Host: "ssh://a", CertDir: certs}, want: []string{"CertDir is for a tcp:// host"}},
		{cfg: docker.Config{CertDir: certs}, want: []string{"CertDir is for a host that is not given"}},
		{
			env:  map[string]string{"DOCKER_HOST": "tcp://a:1", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": empty},
			want: []string{"DOCKER_CERT_PATH leads to no", "ca.pem"},
		},
		{env: map[string]string{"DOCKER_HOST": "tcp://a:1", "DOCKER_TLS_VERIFY": "1"}, want: []string{"DOCKER_TLS_VERIFY leads to no", "ca.pem"}},
	} {
		for _, name := range []string{"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"} {
			t.Setenv(name, c.env[name])
		}
		_, err := docker.New(c.cfg)
		if err == nil {
			t.Errorf("New(%+v) with %v returned no error", c.cfg, c.env)
			continue
		}
		for _, want := range append(c.want, "") {
			if text := err.Error(); !strings.Contains(text, want) || strings.ContainsAny(text, "\n\r") ||
				strings.Contains(text, "hunter2") {
				t.Errorf("New(%+v) with %v: %q, want one line with %q and without secrets", c.cfg, c.env, text, want)
			}
		}
	}
}

// New dials nothing, so that an Engine that is away stops nobody.
func TestNewAcceptsHostsThatAreAway(t *testing.T) {
	for _, host := range []string{
		"unix:///nowhere/docker.sock", "tcp://127.0.0.1:1", "tcp://[::1]:1", "127.0.0.1:1", "tcp://127.0.0.1:1/prefix",
		"ssh://user@nowhere.invalid", "ssh://nowhere.invalid:2222/run/docker.sock",
	} {
		if _, err := docker.New(docker.Config{Host: host}); err != nil {
			t.Errorf("New: %v", err)
		}
	}
}

// Without a host the Docker CLI's rules find the Engine.
func TestNewFollowsTheDockerCLI(t *testing.T) {
	ping := func(t *testing.T, cfg docker.Config) {
		t.Helper()
		if err := newEngine(t, cfg).Ping(t.Context()); err != nil {
			t.Errorf("Ping: %v", err)
		}
	}
	sim, host := simulated(t, "tcp")
	config.SetDir(t.TempDir())

	t.Run("DOCKER_HOST", func(t *testing.T) {
		t.Setenv("DOCKER_HOST", host)
		t.Setenv("DOCKER_CONTEXT", "is not asked")
		ping(t, docker.Config{})
	})
	t.Run("DOCKER_HOST without scheme", func(t *testing.T) {
		t.Setenv("DOCKER_HOST", strings.TrimPrefix(host, "tcp://"))
		ping(t, docker.Config{})
	})
	t.Run("contexts", func(t *testing.T) {
		dir := t.TempDir()
		config.SetDir(dir)
		defer config.SetDir(t.TempDir())
		writeFile(t, filepath.Join(dir, "contexts", "meta", contextDir("games"), "meta.json"),
			fmt.Sprintf(`{"Name":"games","Metadata":{},"Endpoints":{"docker":{"Host":%q}}}`, host))
		t.Run("DOCKER_CONTEXT", func(t *testing.T) {
			t.Setenv("DOCKER_CONTEXT", "games")
			ping(t, docker.Config{})
		})
		t.Run("current", func(t *testing.T) {
			writeFile(t, filepath.Join(dir, "config.json"), `{"currentContext":"games"}`)
			ping(t, docker.Config{})
		})
		t.Run("unreadable configuration", func(t *testing.T) {
			writeFile(t, filepath.Join(dir, "config.json"), `{`)
			if _, err := docker.New(docker.Config{}); err == nil || !strings.Contains(err.Error(), "config.json") {
				t.Errorf("New: %v, want an error that names config.json", err)
			}
		})
	})
	t.Run("TLS", func(t *testing.T) {
		certs := writeCerts(t)
		server := httptest.NewUnstartedServer(sim)
		server.TLS = serverTLS(t, certs)
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		defer server.Close()
		host := "tcp://" + server.Listener.Addr().String()

		t.Run("CertDir", func(t *testing.T) { ping(t, docker.Config{Host: host, CertDir: certs}) })
		t.Run("DOCKER_TLS_VERIFY", func(t *testing.T) {
			t.Setenv("DOCKER_TLS_VERIFY", "1")
			t.Setenv("DOCKER_CERT_PATH", certs)
			ping(t, docker.Config{Host: host})
		})
		t.Run("DOCKER_TLS", func(t *testing.T) {
			t.Setenv("DOCKER_TLS", "1")
			t.Setenv("DOCKER_CERT_PATH", certs)
			ping(t, docker.Config{Host: host})
		})
		t.Run("another CA", func(t *testing.T) {
			err := newEngine(t, docker.Config{Host: host, CertDir: writeCerts(t)}).Ping(t.Context())
			if !errors.Is(err, actors.ErrEngineUnreachable) || !strings.Contains(err.Error(), "certificate") {
				t.Errorf("Ping: %v, want ErrEngineUnreachable about the certificate", err)
			}
		})
		t.Run("no client certificate", func(t *testing.T) {
			onlyCA := t.TempDir()
			ca, err := os.ReadFile(filepath.Join(certs, "ca.pem"))
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, filepath.Join(onlyCA, "ca.pem"), string(ca))
			err = newEngine(t, docker.Config{Host: host, CertDir: onlyCA}).Ping(t.Context())
			if !errors.Is(err, actors.ErrEngineUnreachable) || !strings.Contains(err.Error(), "certificate required") {
				t.Errorf("Ping: %v, want ErrEngineUnreachable about the certificate", err)
			}
		})
		t.Run("no TLS", func(t *testing.T) {
			err := newEngine(t, docker.Config{Host: host}).Ping(t.Context())
			if err == nil || !strings.Contains(err.Error(), "HTTPS") {
				t.Errorf("Ping: %v, want the server's word about HTTPS", err)
			}
		})
	})
}

// ssh:// runs ssh as the Docker CLI does; here that is this test's own program, which connects to the socket named in
// its environment.
func TestSSH(t *testing.T) {
	sim, host := simulated(t, "unix")
	sim.Put(dockersim.Container{ID: "abc", Status: "running"})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, "ssh")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	t.Setenv("FAKE_SSH_SOCKET", strings.TrimPrefix(host, "unix://"))
	engine := newEngine(t, docker.Config{Host: "ssh://operator@games.example:2222"})
	for range 2 {
		if seen, err := engine.Inspect(t.Context(), "abc"); err != nil || seen.ID != "abc" {
			t.Errorf("Inspect: %+v, %v", seen, err)
		}
	}

	t.Setenv("FAKE_SSH_SOCKET", "nowhere")
	engine.Close()
	_, err = engine.Inspect(t.Context(), "abc")
	if !errors.Is(err, actors.ErrEngineUnreachable) || !strings.Contains(err.Error(), "ssh: Permission denied") {
		t.Errorf("Inspect: %v, want ErrEngineUnreachable with ssh's own words", err)
	}
}

func fakeSSH() int {
	const want = "-l operator -p 2222 -o ConnectTimeout=30 -T -- games.example docker system dial-stdio"
	if args := strings.Join(os.Args[1:], " "); args != want {
		fmt.Fprintf(os.Stderr, "called with %s\n", args)
		return 255
	}
	conn, err := net.Dial("unix", os.Getenv("FAKE_SSH_SOCKET"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "Permission denied (publickey).")
		return 255
	}
	go func() {
		_, _ = io.Copy(conn, os.Stdin)
		_ = conn.Close()
	}()
	_, _ = io.Copy(os.Stdout, conn)
	return 0
}

func serverTLS(t *testing.T, certDir string) *tls.Config {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(certDir, "cert.pem"), filepath.Join(certDir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(filepath.Join(certDir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	return &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
}
