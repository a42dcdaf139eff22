package kafka

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"os"
	"strings"

	"github.com/IBM/sarama"
	"github.com/xdg-go/scram"

	"galaxy/healthactors/adapters/operand"
)

// tlsConfig reads the certificates; nil without an error means no TLS.
func tlsConfig(cfg Config) (*tls.Config, error) {
	if !cfg.tls() {
		return nil, nil
	}
	roots, certificates, err := cfg.Read()
	if err != nil {
		return nil, err
	}
	return &tls.Config{RootCAs: roots, Certificates: certificates, MinVersion: tls.VersionTLS12}, nil
}

// setSASL reads the password and makes a sarama configuration log in with it.
func setSASL(conf *sarama.Config, cfg Config) error {
	if cfg.SASL == "" {
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
		return &operand.Error{Of: "SASL", Reason: "is not a mechanism", Want: strings.Join([]string{Plain, ScramSHA256, ScramSHA512}, ", ")}
	}
	password, err := os.ReadFile(cfg.PasswordFile)
	if err != nil {
		return &operand.Error{Of: "PasswordFile", Reason: operand.Unread(err), Want: "a file with the password in it"}
	}
	sasl.Enable = true
	sasl.User = cfg.User
	sasl.Password = strings.TrimRight(string(password), "\r\n")
	if sasl.Password == "" {
		return &operand.Error{Of: "PasswordFile", Reason: "is empty", Want: "a file with the password in it"}
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
