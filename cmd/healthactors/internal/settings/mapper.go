package settings

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"galaxy/healthactors/adapters/operand"
)

// nameErrors has the errors of all flags' values say which flag it is, and with which value.
func nameErrors(k *kong.Kong) error {
	for _, flag := range allFlags(k.Model.Node) {
		if flag.Name != "help" {
			flag.Mapper = mapper{flag.Mapper, flag}
		}
	}
	return nil
}

// mapper decodes the values of a flag. Its errors are *[Wrong].
type mapper struct {
	kong.Mapper
	flag *kong.Flag
}

// IsBool implements kong.BoolMapper.
func (m mapper) IsBool() bool { return m.flag.Target.Kind() == reflect.Bool }

// Decode implements kong.Mapper.
func (m mapper) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	setting := "--" + m.flag.Name
	token := ctx.Scan.Peek()
	if !m.IsBool() && !token.IsValue() {
		return &Wrong{setting: setting, err: &operand.Error{Reason: "has no value", Want: setting + "=VALUE"}}
	}
	text, _ := token.Value.(string)
	if err := m.Mapper.Decode(ctx, target); err != nil {
		value, err := m.culprit(text, err)
		return &Wrong{setting: setting, value: value, empty: true, err: m.reason(err)}
	}
	return m.checkChoice(setting, text)
}

// culprit is what in a text can't be decoded: of a list one item, with its own error.
func (m mapper) culprit(text string, err error) (string, error) {
	if !m.flag.IsSlice() {
		return text, err
	}
	for _, item := range kong.SplitEscaped(text, m.flag.Tag.Sep) {
		if wrong := decode(m.Mapper, m.flag, asItem(m.flag, item)); wrong != nil {
			return item, wrong
		}
	}
	return text, err
}

// try decodes a value of a flag as kong will; but kong's error wouldn't say where it was given.
func try(flag *kong.Flag, text, from string) error {
	err := decode(flag.Mapper, flag, text)
	if wrong, ok := errors.AsType[*Wrong](err); ok {
		wrong.from = from
	}
	return err
}

// decode says whether a mapper can decode a value of a flag.
func decode(mapper kong.Mapper, flag *kong.Flag, text string) error {
	scratch := reflect.New(flag.Target.Type()).Elem()
	scan := kong.ScanFromTokens(kong.Token{Type: kong.FlagValueToken, Value: text})
	return mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, scratch)
}

// reason is that of a decoder's error, in our words where it is kong's.
func (m mapper) reason(err error) error {
	if reason, ok := errors.AsType[*operand.Error](err); ok {
		return reason
	}
	switch m.flag.Target.Kind() {
	case reflect.Bool:
		return &operand.Error{Reason: "is not a boolean", Want: "true or false"}
	case reflect.Uint64:
		return &operand.Error{Reason: "is not a whole number", Want: "one such as 7"}
	}
	return err
}

// checkChoice refuses a value that is none of those that the flag can have.
func (m mapper) checkChoice(setting, value string) error {
	choices := m.flag.EnumSlice()
	if m.flag.Enum == "" || slices.Contains(choices, value) {
		return nil
	}
	choices = slices.DeleteFunc(choices, func(choice string) bool { return choice == "" })
	last := len(choices) - 1
	return &Wrong{setting: setting, value: value, empty: true, err: &operand.Error{
		Reason: "is none of its values", Want: strings.Join(choices[:last], ", ") + " or " + choices[last],
	}}
}
