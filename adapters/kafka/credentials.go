package kafka

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/IBM/sarama"
	"github.com/xdg-go/scram"
)

// tlsConfig reads the certificates; nil without an error means no TLS.
func tlsConfig(cfg Config) (*tls.Config, error) {
	if !cfg.tls() {
		return nil, nil
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if cfg.CAFile != "" {
		pem, err := os.ReadFile(cfg.CAFile)
		if err != nil {
			return nil, fmt.Errorf("--kafka-tls-ca: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--kafka-tls-ca %s: no PEM certificate in it; want those that the brokers are trusted by", cfg.CAFile)
		}
	}
	switch {
	case cfg.CertFile == "" && cfg.KeyFile == "":
		return conf, nil
	case cfg.KeyFile == "":
		return nil, fmt.Errorf("--kafka-tls-cert %s: want --kafka-tls-key with its key too", cfg.CertFile)
	case cfg.CertFile == "":
		return nil, fmt.Errorf("--kafka-tls-key %s: want --kafka-tls-cert with its certificate too", cfg.KeyFile)
	}
	pair, err := tls.LoadX509KeyPair(cfg.CertFile, cfg.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("--kafka-tls-cert %s, --kafka-tls-key %s: %w; want a PEM certificate and its key",
			cfg.CertFile, cfg.KeyFile, err)
	}
	conf.Certificates = []tls.Certificate{pair}
	return conf, nil
}

// setSASL reads the password and makes a sarama configuration log in with it.
func setSASL(conf *sarama.Config, cfg Config) error {
	if cfg.SASL == "" {
		if cfg.User != "" || cfg.PasswordFile != "" {
			return errors.New("--kafka-user and --kafka-password-file: want --kafka-sasl with a mechanism too")
		}
		return nil
	}
	sasl := &conf.Net.SASL
	switch cfg.SASL {
	case Plain:
		sasl.Mechanism = sarama.SASLTypePlaintext
	case ScramSHA256:
		sasl.Mechanism = sarama.SASLTypeSCRAMSHA256
		sasl.SCRAMClientGeneratorFunc = func() sarama.SCRAMClient { return &scramClient{hash: sha256.New} }
	case ScramSHA512:
		sasl.Mechanism = sarama.SASLTypeSCRAMSHA512
		sasl.SCRAMClientGeneratorFunc = func() sarama.SCRAMClient { return &scramClient{hash: sha512.New} }
	default:
		return fmt.Errorf("--kafka-sasl %q: want %s, %s or %s", cfg.SASL, Plain, ScramSHA256, ScramSHA512)
	}
	if cfg.User == "" || cfg.PasswordFile == "" {
		return fmt.Errorf("--kafka-sasl %s: want --kafka-user and --kafka-password-file too", cfg.SASL)
	}
	password, err := os.ReadFile(cfg.PasswordFile)
	if err != nil {
		return fmt.Errorf("--kafka-password-file: %w", err)
	}
	sasl.Enable = true
	sasl.User = cfg.User
	sasl.Password = strings.TrimRight(string(password), "\r\n")
	if sasl.Password == "" {
		return fmt.Errorf("--kafka-password-file %s: it is empty; want the password in it", cfg.PasswordFile)
	}
	return nil
}

// scramClient lets sarama log in with xdg-go's SCRAM.
type scramClient struct {
	hash scram.HashGeneratorFcn
	conv *scram.ClientConversation
}

func (c *scramClient) Begin(user, password, authzID string) error {
	client, err := c.hash.NewClient(user, password, authzID)
	if err != nil {
		return err
	}
	c.conv = client.NewConversation()
	return nil
}

func (c *scramClient) Step(challenge string) (string, error) { return c.conv.Step(challenge) }

func (c *scramClient) Done() bool { return c.conv.Done() }
