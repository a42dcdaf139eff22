package operand

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
)

// TLSFiles names the files, all PEM, by which one side of a TLS connection trusts the other and shows who it is. Cert and Key go
// together.
type TLSFiles struct {
	// CA has the certificates that sign the other side's.
	CA string
	// Cert is this side's certificate, Key its key.
	Cert, Key string
}

// Read reads the files that are named: roots is nil without a CA, certificates are none without a Cert and a Key. The error is an
// *[Error] of CA, Cert or Key.
func (f TLSFiles) Read() (roots *x509.CertPool, certificates []tls.Certificate, err error) {
	if f.CA != "" {
		text, err := readFile("CA", f.CA)
		if err != nil {
			return nil, nil, err
		}
		roots = x509.NewCertPool()
		if !roots.AppendCertsFromPEM(text) {
			return nil, nil, &Error{Of: "CA", Reason: "has no certificate in it", Want: "a file of PEM certificates"}
		}
	}
	if f.Cert == "" && f.Key == "" {
		return roots, nil, nil
	}
	cert, err := readFile("Cert", f.Cert)
	if err != nil {
		return nil, nil, err
	}
	key, err := readFile("Key", f.Key)
	if err != nil {
		return nil, nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, nil, &Error{Of: "Cert", Reason: "can't be used with its key: " + err.Error(), Want: "a PEM certificate and its key"}
	}
	return roots, []tls.Certificate{pair}, nil
}

func readFile(of, path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &Error{Of: of, Reason: Unread(err), Want: "a PEM file that can be read"}
	}
	return text, nil
}

// Unread is the reason of an error of the system's about a file that was named, without its name.
func Unread(err error) string {
	if wrong, ok := errors.AsType[*fs.PathError](err); ok {
		err = wrong.Err
	}
	return "can't be read: " + err.Error()
}
