package cluster

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// TLS names the files for mutual TLS: each node presents the certificate, and trusts those that the CA signed. All are PEM.
type TLS struct{ CA, Cert, Key string }

// credentials are those of a node's port and of its connections to others; a nil TLS means plain TCP.
func (t *TLS) credentials() (server, client credentials.TransportCredentials, err error) {
	if t == nil {
		return insecure.NewCredentials(), insecure.NewCredentials(), nil
	}
	certificate, err := tls.LoadX509KeyPair(t.Cert, t.Key)
	if err != nil {
		return nil, nil, fmt.Errorf("certificate %s and key %s: %w", t.Cert, t.Key, err)
	}
	pem, err := os.ReadFile(t.CA)
	if err != nil {
		return nil, nil, fmt.Errorf("certificates of the CA: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, nil, errors.New("no certificate in " + t.CA)
	}
	certificates := []tls.Certificate{certificate}
	server = credentials.NewTLS(&tls.Config{
		Certificates: certificates, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS13,
	})
	client = credentials.NewTLS(&tls.Config{Certificates: certificates, RootCAs: pool, MinVersion: tls.VersionTLS13})
	return server, client, nil
}
