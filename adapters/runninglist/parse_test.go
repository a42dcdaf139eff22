package runninglist

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"galaxy/healthactors/actors"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, data string
		want       []actors.Entry
	}{
		{"no games", ` [ ] ` + "\n", nil},
		{"one", `[{"game_id":"g","container_id":"c"}]`, []actors.Entry{{GameID: "g", ContainerID: "c"}}},
		{"a byte order mark", "\ufeff" + `[{"game_id":"g","container_id":"c"}]`, []actors.Entry{{GameID: "g", ContainerID: "c"}}},
		{
			"bytes that are no UTF-8 behind a byte order mark", "\ufeff[{\"game_id\":\"g\",\"container_id\":\"c\"},{\"game_id\":\"h\",\"container_id\":\"d\",\"\xff\":1}]",
			[]actors.Entry{{GameID: "g", ContainerID: "c"}, {GameID: "h", ContainerID: "d", Malformed: "not valid UTF-8"}},
		},
		{
			"an engine", `[{"engine":"eu-1","game_id":"g","container_id":"c"}]`,
			[]actors.Entry{{GameID: "g", ContainerID: "c", Engine: "eu-1"}},
		},
		{
			"in the file's order", `[{"game_id":"b","container_id":"1"},{"game_id":"a","container_id":"2"},{"game_id":"b","container_id":"3"}]`,
			[]actors.Entry{{GameID: "b", ContainerID: "1"}, {GameID: "a", ContainerID: "2"}, {GameID: "b", ContainerID: "3"}},
		},
		{
			"unknown fields", `[{"game_id":"g","x":{"game_id":1,"game_id":2},"x":"\ud800","container_id":"c"}]`,
			[]actors.Entry{{GameID: "g", ContainerID: "c"}},
		},
		{
			"escapes", `[{"g\u0061me_id":"a\u0000\n\ud83d\ude00/","container_id":"Ä"}]`,
			[]actors.Entry{{GameID: "a\x00\n😀/", ContainerID: "Ä"}},
		},
		{"empty strings", `[{"game_id":"","container_id":"","engine":""}]`, []actors.Entry{{}}},

		// S6: the fields that can be read are kept, and the neighbours too.
		{
			"a bad one among good ones", `[{"game_id":"a","container_id":"1"},{"game_id":"b"},{"game_id":"c","container_id":"3"}]`,
			[]actors.Entry{
				{GameID: "a", ContainerID: "1"},
				{GameID: "b", Malformed: "container_id is missing"},
				{GameID: "c", ContainerID: "3"},
			},
		},
		{"no objects", `[null,1.5e3,"g",[{}],true]`, []actors.Entry{
			{Malformed: "not an object, but null"},
			{Malformed: "not an object, but a number"},
			{Malformed: "not an object, but a string"},
			{Malformed: "not an object, but an array"},
			{Malformed: "not an object, but a boolean"},
		}},
		{"nothing in it", `[{}]`, []actors.Entry{{Malformed: "game_id is missing, container_id is missing"}}},
		{
			"null", `[{"game_id":null,"container_id":"c","engine":null}]`,
			[]actors.Entry{{ContainerID: "c", Malformed: "game_id is null, engine is null"}},
		},
		{"wrong types", `[{"game_id":7,"container_id":["c"],"engine":{}}]`, []actors.Entry{{
			Malformed: "game_id is not a string, but a number, container_id is not a string, but an array, engine is not a string, but an object",
		}}},
		{
			"other letters", `[{"Game_ID":"g","container_id":"c"}]`,
			[]actors.Entry{{ContainerID: "c", Malformed: "game_id is missing"}},
		},
		{
			"given twice", `[{"game_id":"g","game_id":"h","container_id":"c"}]`,
			[]actors.Entry{{GameID: "g", ContainerID: "c", Malformed: "game_id is given twice"}},
		},
		{
			"half a surrogate pair", `[{"game_id":"\ud800","container_id":"c"}]`,
			[]actors.Entry{{ContainerID: "c", Malformed: `game_id has a broken \u escape`}},
		},
		{
			"bytes that are no UTF-8", "[{\"game_id\":\"a\",\"container_id\":\"1\"},{\"game_id\":\"b\xff\",\"container_id\":\"2\"},\n" +
				"{\"game_id\":\"c\",\"container_id\":\"\xfe\"},{\"x\":\"\xff\",\"game_id\":\"d\",\"container_id\":\"4\"},\"\xff\",{\"game_id\":\"e\",\"container_id\":\"5\"}]",
			[]actors.Entry{
				{GameID: "a", ContainerID: "1"},
				{ContainerID: "2", Malformed: `game_id is not valid UTF-8: "b\xff"`},
				{GameID: "c", Malformed: `container_id is not valid UTF-8: "\xfe"`},
				{GameID: "d", ContainerID: "4", Malformed: "not valid UTF-8"},
				{Malformed: "not an object, but a string"},
				{GameID: "e", ContainerID: "5"},
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parse([]byte(tt.data))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestParseRefusesWhatIsNoArray(t *testing.T) { // S1
	for _, tt := range []struct{ name, data, want string }{
		{"empty", "", "not a JSON array: it ends too early"},
		{"blank", " \n", "not a JSON array: it ends too early"},
		{"null", "null", "not a JSON array, but null"},
		{"object", `{"game_id":"g","container_id":"c"}`, "not a JSON array, but an object"},
		{"string", `"[]"`, "not a JSON array, but a string"},
		{"no JSON", "games:\n- game_id: g\n", "not a JSON array: line 1: invalid character 'g' at start of value"},
		{"half an array", `[{"game_id":"g","container_id":"c"},`, "not a JSON array: it ends too early"},
		{"half a name", `[{"game_id":"g","contai`, "not a JSON array: it ends too early"},
		{"half a string", `[{"game_id":"g`, "not a JSON array: it ends too early"},
		{"half an object", `[{"game_id":"g"`, "not a JSON array: it ends too early"},
		{"a comma too many", "[\n{\"game_id\":\"g\"},\n]", "not a JSON array: line 2: invalid character ',' at start of value"},
		{"a comma too few", "[{}\n{}]", "not a JSON array: line 2: invalid character '{' after array element (expecting ',' or ']')"},
		{"garbage behind", "[]\nx", "not a JSON array: line 2: invalid character 'x' at start of value"},
		{"two arrays", "[]\n[]", "not a JSON array: line 2: something follows the array"},
		{"a NUL byte", "[{\"game_id\":\"\x00\"}]", `not a JSON array: line 1: invalid character '\x00' in string (expecting non-control character)`},
		{"invalid UTF-8", "[{}\xff]", "not a JSON array: line 1: invalid character '\\xff' after array element (expecting ',' or ']')"},
		{"nothing but a byte order mark", "\ufeff", "not a JSON array: it ends too early"},
		{"two byte order marks", "\ufeff\ufeff[]", "not a JSON array: line 1: invalid character '\\ufeff' at start of value"},
		{"a byte order mark behind", "\ufeff[\n]\n\ufeff", "not a JSON array: line 3: invalid character '\\ufeff' at start of value"},
		{"UTF-16", "\xff\xfe[\x00]\x00", "the file is UTF-16; save it as UTF-8"},
		{"UTF-16, the greater byte first", "\xfe\xff\x00[\x00]", "the file is UTF-16; save it as UTF-8"},
		{"nested without end", strings.Repeat("[", 100_000), "not a JSON array: line 1: exceeded max depth"},
		{"too many", "[" + strings.Repeat("0,", maxEntries) + "0]", "more than 1000000 entries"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			entries, err := parse([]byte(tt.data))
			if err == nil || err.Error() != tt.want {
				t.Errorf("%d entries and error %v, want %q", len(entries), err, tt.want)
			}
		})
	}
}

// FuzzFile holds that no file panics the reader, grows beyond its bounds, or loses an entry silently.
func FuzzFile(f *testing.F) {
	for _, seed := range []string{
		``, `[]`, `[{"game_id":"g","container_id":"c","engine":"e"}]`, `[{"game_id":null},1,[],"",{}]`,
		`[{"game_id":"g","game_id":"h"}]`, `[{"game_id":"\ud800","container_id":"\u0000"}]`, "[{\"game_id\":\"\xff\"}]",
		`[[[[`, `[{}]]`, `[{"game_id":{"game_id":"g"},"container_id":1e999}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := parse(data)
		if err != nil {
			if len(entries) > 0 {
				t.Errorf("%d entries with the error %v", len(entries), err)
			}
			if len(err.Error()) > 200 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		size := 0
		for _, e := range entries {
			size += len(e.GameID) + len(e.ContainerID) + len(e.Engine)
			if strings.ToValidUTF8(e.GameID, "") != e.GameID {
				t.Errorf("invalid UTF-8: %q", e.GameID)
			}
		}
		if size > len(data) {
			t.Errorf("%d bytes of strings from %d bytes of JSON", size, len(data))
		}
	})
}
