package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"galaxy/healthactors/actors"
)

// maxTextRunes bounds how much of the Engine's own words an error quotes, so that it stays below 200 characters.
const maxTextRunes = 150

// ended is the error of a request whose context has ended.
func ended(ctx context.Context) error {
	return fmt.Errorf("ask the engine: %w", ctx.Err())
}

// connectionError says why a round trip brought no answer.
func connectionError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	// A dial may notice the deadline a moment before the context does.
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return fmt.Errorf("ask the engine: %w", context.DeadlineExceeded)
	}
	if answerBegan(err) {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return errBrokeOff
		}
		return errors.New("the engine's answer is no HTTP that can be read")
	}
	// Flattened: a dial's time-out would pass for the end of the context.
	return fmt.Errorf("%w: %s", actors.ErrEngineUnreachable, short(connectionText(err)))
}

// errBrokeOff says that an answer began but was cut off.
var errBrokeOff = errors.New("the engine's answer broke off")

// answerBegan says whether something was answered before a round trip failed, so that the connection is not to blame (H10).
// The transport has no error of its own for this: of every answer that it can't make sense of it says that its connection is
// broken.
func answerBegan(err error) bool {
	_, ofConnection := errors.AsType[*net.OpError](err)
	return strings.Contains(err.Error(), "transport connection broken") && !ofConnection && !errors.Is(err, io.EOF)
}

// connectionText says what went wrong with a connection, in the same words for each of many connections.
func connectionText(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) { // the latter in a TLS handshake
		return "the connection was closed before an answer came"
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		same := *op
		same.Source = nil // our own port, which is different for each connection
		return same.Error()
	}
	// What the CLI's connection helper says about a failed command has ssh's own words in it, the useful part.
	if _, stderr, ok := strings.Cut(err.Error(), "stderr="); ok && strings.TrimSpace(stderr) != "" {
		return "ssh: " + stderr
	}
	return err.Error()
}

// short turns a text into one printable line of bounded length.
func short(text string) string {
	text = oneLine(text)
	if utf8.RuneCountInString(text) <= maxTextRunes {
		return text
	}
	return string([]rune(text)[:maxTextRunes-1]) + "…"
}

// oneLine turns a text into one line of printable characters.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, !unicode.IsPrint(r):
			return '?'
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// withoutID removes container ids from a text, the one that was asked for and all full ids, so that equal failures of
// many containers have equal texts.
func withoutID(text, id string) string {
	var out strings.Builder
	for len(text) > 0 {
		end := 0
		for end < len(text) && isNameByte(text[end]) {
			end++
		}
		word := strings.TrimRight(text[:end], ".")
		if word == id || isFullID(word) {
			out.WriteString("<id>")
			text = text[len(word):]
			continue
		}
		end = min(end+1, len(text))
		out.WriteString(text[:end])
		text = text[end:]
	}
	return out.String()
}

func isFullID(word string) bool {
	return len(word) == 64 && strings.Trim(word, "0123456789abcdef") == ""
}
