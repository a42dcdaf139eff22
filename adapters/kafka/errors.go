package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"

	"github.com/IBM/sarama"
)

// tooLarge says whether a message was refused for its size: by the broker, for itself or for the batch that it was in, or
// by sarama, which with a valid configuration has no other use for that error while it sends.
func tooLarge(err error) bool {
	var beyondOurs sarama.ConfigurationError
	return errors.Is(err, sarama.ErrMessageSizeTooLarge) || errors.Is(err, sarama.ErrMessageSetSizeTooLarge) ||
		errors.As(err, &beyondOurs)
}

// connecting says what sarama's errors mean while a connection is made.
func connecting(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("the broker closed the connection, as brokers do that want TLS or another login: %w", err)
	}
	return explained(err)
}

// explained says what sarama's errors mean to an operator.
func explained(err error) error {
	switch {
	case errors.Is(err, sarama.ErrSASLAuthenticationFailed):
		return fmt.Errorf("authentication refused, see --kafka-user and --kafka-password-file: %w", err)
	case errors.Is(err, sarama.ErrUnsupportedSASLMechanism), errors.Is(err, sarama.ErrIllegalSASLState):
		return fmt.Errorf("authentication refused, see --kafka-sasl: %w", err)
	case isTLS(err):
		return fmt.Errorf("TLS failed, see --kafka-tls-ca, --kafka-tls-cert and --kafka-tls-key: %w", err)
	case errors.Is(err, sarama.ErrTopicAuthorizationFailed), errors.Is(err, sarama.ErrClusterAuthorizationFailed):
		return fmt.Errorf("the user lacks rights: %w", err)
	case errors.Is(err, sarama.ErrUnknownTopicOrPartition):
		return fmt.Errorf("the topic is unknown: %w", err)
	case errors.Is(err, sarama.ErrOutOfBrokers):
		return fmt.Errorf("no broker can be reached: %w", err)
	}
	return err
}

func isTLS(err error) bool {
	var (
		header  tls.RecordHeaderError
		alert   tls.AlertError
		verify  *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
	)
	return errors.As(err, &header) || errors.As(err, &alert) || errors.As(err, &verify) ||
		errors.As(err, &unknown) || errors.As(err, &host) || errors.As(err, &invalid)
}
