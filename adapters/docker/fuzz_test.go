package docker

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"galaxy/healthactors/actors"
)

// Nothing that an Engine sends can panic, or get past what the port promises.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		`{"Id":"abc","RestartCount":3,"State":{"Status":"running","Health":{"Status":"healthy"}}}`,
		`[{"Id":"abc","Created":1,"Labels":{"galaxy.game_id":"g"}},{"Id":"b","Labels":null}]`,
		`[null,{"Id":7,"Labels":{"galaxy.game_id":"g"}},{"Id":"c","Created":"x","Labels":[]},{"Id":"d","Labels":{"galaxy.game_id":1}}]`,
		`{"message":"No such container: abc"}`, "\x00\xff\u2028 abc.abc", "[[[[", "null", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		seen, err := decode(answer)
		if err == nil && (seen.ID == "" || seen.State == "" || seen.RestartCount < 0) {
			t.Errorf("decode returned %+v and no error", seen)
		}
		for _, c := range must(decodeList(bytes.NewReader(answer), "e")) {
			if c.ContainerID == "" && c.Malformed == "" || c.Engine != "e" || max(len(c.GameID), len(c.ContainerID)) > 256 || len(c.Malformed) > 1000 ||
				c.Malformed == "" && c.Created.IsZero() {
				t.Errorf("decodeList returned %+v", c)
			}
		}
		refused := refusal{status: 500, message: withoutID(string(answer), "abc")}
		text := refused.Error()
		if utf8.RuneCountInString(text) > 200 || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("bad error text %q", text)
		}
	})
}

func must(found []actors.Entry, err error) []actors.Entry {
	if err != nil {
		return nil
	}
	return found
}
