//go:build !race

package cluster

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"galaxy/healthactors/adapters/operand"
)

// authority signs certificates for tests.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir()}
	a.cert, a.key = a.sign("ca", &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

// sign writes NAME.pem and NAME.key; without a certificate of its own yet the authority signs itself.
func (a *authority) sign(name string, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.Subject = pkix.Name{CommonName: name}
	template.NotAfter = time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	encodedKey, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	a.write(name+".pem", "CERTIFICATE", der)
	a.write(name+".key", "PRIVATE KEY", encodedKey)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

func (a *authority) write(name, kind string, der []byte) {
	a.t.Helper()
	if err := os.WriteFile(filepath.Join(a.dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

// node returns a node's files.
func (a *authority) node(name string) *operand.TLSFiles {
	a.t.Helper()
	a.sign(name, &x509.Certificate{
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
	return &operand.TLSFiles{
		CA: filepath.Join(a.dir, "ca.pem"), Cert: filepath.Join(a.dir, name+".pem"), Key: filepath.Join(a.dir, name+".key"),
	}
}

func TestMutualTLS(t *testing.T) {
	ours, others := newAuthority(t), newAuthority(t)
	a, _ := member(t, "a", 1, ours.node("a"))
	other, b := member(t, "b", 1, ours.node("b"))
	introduce(a, other)
	if _, err := a.Games(t.Context(), b); err != nil {
		t.Errorf("between members: %v", err)
	}
	stranger, _ := member(t, "c", 1, others.node("c"))
	introduce(other, stranger)
	if _, err := stranger.Games(t.Context(), b); err == nil {
		t.Error("a stranger with a certificate of another authority got an answer")
	}
	plain, _ := member(t, "d", 1, nil)
	introduce(other, plain)
	if _, err := plain.Games(t.Context(), b); err == nil {
		t.Error("a stranger without TLS got an answer")
	}
}

func TestWrongTLSFilesAreNamed(t *testing.T) {
	files := newAuthority(t).node("a")
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for of, wrong := range map[string]*operand.TLSFiles{
		"CA has no certificate":   {CA: empty, Cert: files.Cert, Key: files.Key},
		"CA can't be read":        {CA: "missing.pem", Cert: files.Cert, Key: files.Key},
		"CA is missing":           {Cert: files.Cert, Key: files.Key},
		"Cert can't be used with": {CA: files.CA, Cert: files.Cert, Key: empty},
		"Cert can't be read":      {CA: files.CA, Cert: "missing.pem", Key: files.Key},
		"Key is missing":          {CA: files.CA, Cert: files.Cert},
	} {
		if _, _, err := mutual(wrong); err == nil || !strings.HasPrefix(err.Error(), of) {
			t.Errorf("%+v: %v, want %q", wrong, err, of)
		}
	}
}
