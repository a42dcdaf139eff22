package cluster

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/asynkron/protoactor-go/remote"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// TLS names the files for mutual TLS: each node shows the certificate, and believes those that the CA signed. All are PEM.
type TLS struct{ CA, Cert, Key string }

// options are protoactor's remoting options for it; a nil TLS has none.
func (t *TLS) options() ([]remote.ConfigOption, error) {
	if t == nil {
		return nil, nil
	}
	certificate, err := tls.LoadX509KeyPair(t.Cert, t.Key)
	if err != nil {
		return nil, fmt.Errorf("certificate %s and key %s: %w", t.Cert, t.Key, err)
	}
	pem, err := os.ReadFile(t.CA)
	if err != nil {
		return nil, fmt.Errorf("certificates of the CA: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificate in " + t.CA)
	}
	certificates := []tls.Certificate{certificate}
	return []remote.ConfigOption{
		remote.WithServerOptions(grpc.Creds(credentials.NewTLS(&tls.Config{
			Certificates: certificates, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS13,
		}))),
		remote.WithDialOptions(grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{
			Certificates: certificates, RootCAs: pool, MinVersion: tls.VersionTLS13,
		}))),
	}, nil
}
