package runninglist

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"galaxy/healthactors/actors"
)

// parse reads a JSON running list. A byte order mark before UTF-8, which some editors write and JSON forbids, is skipped;
// that of another encoding shows what is wrong. An error means that data as a whole is not such a list (S1); what is wrong
// with a single entry is in the entry (S6).
func parse(data []byte) ([]actors.Entry, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, errors.New("the file is UTF-16; save it as UTF-8")
	}
	// What is not UTF-8, be it a byte or a broken escape, is wrong in its entry only.
	d := jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if kind := d.PeekKind(); kind != '[' && kind != 0 {
		return nil, fmt.Errorf("not a JSON array, but %s", describe(kind))
	}
	entries, err := parseArray(d, data)
	if errors.Is(err, errTooManyEntries) {
		return nil, err
	}
	if err == nil {
		_, err = d.ReadToken()
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err == nil {
			err = errors.New("something follows the array")
		}
	}
	return nil, notJSON(err, data, d.InputOffset())
}

func parseArray(d *jsontext.Decoder, data []byte) ([]actors.Entry, error) {
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	var entries []actors.Entry
	for d.PeekKind() != ']' {
		begin := d.InputOffset()
		entry, err := parseEntry(d)
		if err != nil {
			return nil, err
		}
		if entry.Malformed == "" && !utf8.Valid(data[begin:d.InputOffset()]) {
			entry.Malformed = "not valid UTF-8"
		}
		if len(entries) == maxEntries {
			return nil, errTooManyEntries
		}
		entries = append(entries, entry)
	}
	_, err := d.ReadToken()
	return entries, err
}

// field is one field of an entry, and what is wrong with it.
type field struct {
	name    string
	value   *string
	problem string
	found   bool
}

// parseEntry reads one element of the array. An error means that it is not JSON.
func parseEntry(d *jsontext.Decoder) (actors.Entry, error) {
	if kind := d.PeekKind(); kind != '{' {
		return actors.Entry{Malformed: "not an object, but " + describe(kind)}, d.SkipValue()
	}
	if _, err := d.ReadToken(); err != nil {
		return actors.Entry{}, err
	}
	var entry actors.Entry
	fields := []field{
		{name: "game_id", value: &entry.GameID, problem: "is missing"},
		{name: "container_id", value: &entry.ContainerID, problem: "is missing"},
		{name: "engine", value: &entry.Engine},
	}
	for d.PeekKind() != '}' {
		if err := parseField(d, fields); err != nil {
			return actors.Entry{}, err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return actors.Entry{}, err
	}
	entry.Malformed = problems(fields)
	return entry, nil
}

// parseField reads one name and its value. Unknown names are ignored.
func parseField(d *jsontext.Decoder, fields []field) error {
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	name := token.String()
	i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return d.SkipValue()
	}
	value, err := d.ReadValue()
	if err != nil {
		return err
	}
	f := &fields[i]
	if f.found {
		f.problem = "is given twice"
		return nil
	}
	f.found = true
	*f.value, f.problem = text(value)
	return nil
}

// text returns the string that a JSON value is, or what is wrong with it.
func text(value jsontext.Value) (s, problem string) {
	switch value.Kind() {
	case '"':
		b, err := jsontext.AppendUnquote(nil, value)
		switch {
		case !utf8.Valid(value):
			return "", fmt.Sprintf("is not valid UTF-8: %.100q", value[1:len(value)-1])
		case err != nil:
			return "", "has a broken \\u escape"
		}
		return string(b), ""
	case 'n':
		return "", "is null"
	default:
		return "", "is not a string, but " + describe(value.Kind())
	}
}

func problems(fields []field) string {
	var all []string
	for _, f := range fields {
		if f.problem != "" {
			all = append(all, f.name+" "+f.problem)
		}
	}
	return strings.Join(all, ", ")
}

func describe(kind jsontext.Kind) string {
	switch kind {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 'n':
		return "null"
	default:
		return "a boolean"
	}
}

// notJSON says where data stops being JSON, quoting no more than one character of it.
func notJSON(err error, data []byte, offset int64) error {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		err, offset = syntax.Err, syntax.ByteOffset
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("not a JSON array: it ends too early")
	}
	offset = min(offset, int64(len(data)))
	return fmt.Errorf("not a JSON array: line %d: %w", 1+bytes.Count(data[:offset], []byte("\n")), err)
}
