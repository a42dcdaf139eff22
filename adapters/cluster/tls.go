package cluster

import (
	"crypto/tls"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"galaxy/healthactors/adapters/operand"
)

// mutual are what a node's port and what its connections to others speak with: each node shows its certificate, and believes those
// that the CA signed. No files are no TLS.
func mutual(files *operand.TLSFiles) (server, client credentials.TransportCredentials, err error) {
	if files == nil {
		return insecure.NewCredentials(), insecure.NewCredentials(), nil
	}
	for of, file := range map[string]string{"CA": files.CA, "Cert": files.Cert, "Key": files.Key} {
		if file == "" { // a missing CA would be the system's
			return nil, nil, &operand.Error{Of: of, Reason: "is missing", Want: "CA, Cert and Key together"}
		}
	}
	roots, certificates, err := files.Read()
	if err != nil {
		return nil, nil, err
	}
	server = credentials.NewTLS(&tls.Config{
		Certificates: certificates, ClientCAs: roots, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS13,
	})
	client = credentials.NewTLS(&tls.Config{Certificates: certificates, RootCAs: roots, MinVersion: tls.VersionTLS13})
	return server, client, nil
}
