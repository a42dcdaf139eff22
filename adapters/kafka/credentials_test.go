package kafka

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"galaxy/healthactors/actors/porttest"
	"galaxy/healthactors/adapters/operand"
)

func TestSASL(t *testing.T) {
	for mechanism, name := range map[string]string{
		Plain: "PLAIN", ScramSHA256: "SCRAM-SHA-256", ScramSHA512: "SCRAM-SHA-512",
	} {
		t.Run(mechanism, func(t *testing.T) {
			f := newFake(t, kfake.EnableSASL(), kfake.Superuser(name, "node", "geheim ä"))
			password := filepath.Join(t.TempDir(), "password")
			write(t, password, "falsch\n")
			cfg := Config{Brokers: []string{f.addr}, SASL: mechanism, User: "node", PasswordFile: password}
			p := newPublisher(t, cfg)
			wantRefused(t, p, "the broker closed the connection") // which is how the fake refuses
			wantCheck(t, cfg, topic, "the broker closed the connection")

			var mended atomic.Bool
			f.ControlKey(int16(kmsg.SASLAuthenticate), func(ask kmsg.Request) (kmsg.Response, error, bool) {
				if mended.Load() {
					return nil, nil, false
				}
				f.KeepControl()
				refusal := ask.ResponseKind().(*kmsg.SASLAuthenticateResponse) // which is how Kafka refuses
				refusal.ErrorCode = kerr.SaslAuthenticationFailed.Code
				refusal.ErrorMessage = new("Authentication failed")
				return refusal, nil, true
			})
			wantRefused(t, newPublisher(t, cfg), "authentication refused, see --kafka-user and --kafka-password-file")
			wantCheck(t, cfg, topic, "authentication refused, see --kafka-user and --kafka-password-file")

			mended.Store(true)
			write(t, password, "geheim ä\r\n")
			wantPublished(t, p, porttest.BrokerEvent("game-1", 1))
			if _, err := check(t.Context(), cfg, topic, quick); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSASLMechanismNotOffered(t *testing.T) {
	f := newFake(t, kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "node", "geheim"))
	password := filepath.Join(t.TempDir(), "password")
	write(t, password, "geheim")
	cfg := Config{Brokers: []string{f.addr}, SASL: ScramSHA512, User: "node", PasswordFile: password}
	wantRefused(t, newPublisher(t, cfg), "the broker closed the connection")
}

// A broker that wants a login closes the connection of who doesn't.
func TestSASLMissing(t *testing.T) {
	f := newFake(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "node", "geheim"))
	wantRefused(t, newPublisher(t, Config{Brokers: []string{f.addr}}), "the broker closed the connection")
}

func TestNoRights(t *testing.T) {
	f := newFake(t, kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("PLAIN", "admin", "admin"),
		kfake.User("PLAIN", "stranger", "geheim"),
		kfake.User("PLAIN", "reader", "geheim", kfake.ACL{
			Resource: kmsg.ACLResourceTypeTopic, Name: topic, Pattern: kmsg.ACLResourcePatternTypeLiteral,
			Operation: kmsg.ACLOperationRead, Allow: true,
		}),
		kfake.User("PLAIN", "writer", "geheim", kfake.ACL{
			Resource: kmsg.ACLResourceTypeTopic, Name: topic, Pattern: kmsg.ACLResourcePatternTypeLiteral,
			Operation: kmsg.ACLOperationWrite, Allow: true,
		}))
	password := filepath.Join(t.TempDir(), "password")
	write(t, password, "geheim")
	cfg := Config{Brokers: []string{f.addr}, SASL: Plain, PasswordFile: password}

	cfg.User = "stranger"
	wantCheck(t, cfg, topic, "lacks rights")
	wantRefused(t, newPublisher(t, cfg), "lacks rights")
	cfg.User = "reader"
	wantCheck(t, cfg, topic, "lacks rights: not allowed to write")
	wantRefused(t, newPublisher(t, cfg), "lacks rights")
	cfg.User = "writer"
	if _, err := check(t.Context(), cfg, topic, quick); err != nil {
		t.Error(err)
	}
	if err := newPublisher(t, cfg).Publish(topic, porttest.BrokerEvent("game-1", 1)); err != nil {
		t.Error(err)
	}
	if n := len(f.arrived(t, kgo.SASL(plain.Auth{User: "admin", Pass: "admin"}.AsMechanism()))); n != 1 {
		t.Errorf("%d messages arrived, want 1", n)
	}
}

func TestTLS(t *testing.T) {
	dir := t.TempDir()
	ours, theirs := newAuthority(t), newAuthority(t)
	serverPair := ours.issue(t)
	f := newFake(t, kfake.TLS(&tls.Config{
		Certificates: []tls.Certificate{serverPair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ours.pool(),
	}))
	ca, cert, key := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write(t, ca, theirs.pem())
	writePair(t, ours.issue(t), cert, key)
	cfg := Config{Brokers: []string{f.addr}, TLSFiles: operand.TLSFiles{CA: ca, Cert: cert, Key: key}}

	wantCheck(t, cfg, topic, "TLS failed")
	wantCheck(t, Config{Brokers: cfg.Brokers, TLS: true}, topic, "TLS failed")
	p := newPublisher(t, cfg)
	wantRefused(t, p, "TLS failed")
	write(t, ca, ours.pem())
	wantPublished(t, p, porttest.BrokerEvent("game-1", 1))

	// A certificate that the broker doesn't trust, renewed while we run.
	writePair(t, theirs.issue(t), cert, key)
	p = newPublisher(t, cfg)
	wantRefused(t, p, "")
	writePair(t, ours.issue(t), cert, key)
	wantPublished(t, p, porttest.BrokerEvent("game-1", 2))
	if _, err := check(t.Context(), cfg, topic, quick); err != nil {
		t.Error(err)
	}
	// Without TLS, to a broker that speaks nothing else.
	wantRefused(t, newPublisher(t, Config{Brokers: cfg.Brokers}), "the broker closed the connection")
}

// A broker without TLS, spoken to with TLS.
func TestTLSNotSpoken(t *testing.T) {
	f := newFake(t)
	_, err := check(t.Context(), Config{Brokers: []string{f.addr}, TLS: true}, topic, quick)
	if err == nil || !strings.Contains(err.Error(), "no broker can be reached") {
		t.Errorf("Check: %v", err)
	}
}

type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert, key}
}

// issue makes a certificate for 127.0.0.1 as server and client.
func (a authority) issue(t *testing.T) tls.Certificate {
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func (a authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

func (a authority) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}))
}

func writePair(t *testing.T, pair tls.Certificate, cert, key string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write(t, cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})))
	write(t, key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
