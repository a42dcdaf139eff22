package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// What is wrong in a file is told with the file, the line, the key, and what would be right. "s3cret" is a password.
func TestWrongFile(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		line string
		want []string
	}{
		"ends in a colon":              {"running-list: docker:\n", "1", []string{"running-list:", `quoted, as in "docker:"`}},
		"below another":                {"interval: 1s\n\npublish: stdout:\nemit: on-change\n", "3", []string{"publish:", `as in "stdout:"`}},
		"with a comment":               {"interval: 1s\njournal: memory: # gone at the end\n", "2", []string{"journal:", `as in "memory:"`}},
		"with blanks":                  {"journal: memory:   \n", "1", []string{"journal:", `as in "memory:"`}},
		"with CRLF":                    {"interval: 1s\r\njournal: memory:\r\n", "2", []string{"journal:", `as in "memory:"`}},
		"behind a byte order mark":     {"\ufeffrunning-list: docker:\n", "1", []string{"running-list:", `as in "docker:"`}},
		"with an indented key":         {"  running-list: docker:\n", "1", []string{"running-list:", `as in "docker:"`}},
		"with a quoted key":            {"\"running-list\": docker:\n", "1", []string{"running-list:", `as in "docker:"`}},
		"on a line of its own":         {"running-list:\n  docker:\n", "2", []string{"running-list:", `as in "docker:"`}},
		"in a list":                    {"engine:\n- a=tcp://h:1\n- docker:\n", "3", []string{"engine:", `as in "docker:"`}},
		"in a list of one line":        {"engine: [a=tcp://h:1, docker:]\n", "1", []string{"--engine ", `"docker:"`, "NAME=HOST"}},
		"with a password":              {"journal: postgres://app:s3cret@db:\n", "1", []string{"journal:", "ends in a colon and is not quoted"}},
		"two in a row":                 {"journal: memory:\npublish: stdout:\n", "1", []string{"journal:", `as in "memory:"`}},
		"a colon and a blank":          {"interval: 1s\nrunning-query: SELECT 'a: b'\n", "2", []string{"running-query:", "quoted"}},
		"a bracket":                    {"interval: 1s\nhttp: [::]:8080\n", "2", []string{"http:", "begins with [", "quoted"}},
		"a star":                       {"http: *:8080\n", "1", []string{"http:", "begins with *", "quoted"}},
		"an open quote":                {"interval: 1s\npublish: \"stdout:\n", "2", []string{"publish:", "quote is not closed"}},
		"an open bracket":              {"engine: [a=tcp://h:1\n", "1", []string{"engine:", "["}},
		"an open bracket above":        {"engine: [a=tcp://h:1\nemit: on-change\n", "1", []string{"engine:", "["}},
		"a word behind the quote":      {"interval: 1s\npublish: 'stdout:' # x\njournal: 'memory:' x\n", "3", []string{"journal:", "YAML"}},
		"a tab":                        {"interval: 1s\n\tlist-timeout: 1s\n", "2", []string{"list-timeout:", "tab"}},
		"a tab before an item":         {"interval: 1s\nengine:\n\t- a=tcp://h:1\n", "3", []string{"engine:", "tab"}},
		"a key that is indented":       {"interval: 1s\n list-timeout: 2s\n", "2", []string{"list-timeout:", "same column"}},
		"an item without a key":        {"interval: 1s\n- b\n", "2", []string{"YAML", "KEY: VALUE"}},
		"no blank":                     {"interval: 1s\nhttp:0\nemit: on-change\n", "2", []string{"KEY: VALUE", "blank"}},
		"no blank at all":              {"interval:1s\n", "1", []string{"KEY: VALUE", "blank"}},
		"an equals sign":               {"# mine\n\ninterval=1s\n", "3", []string{"KEY: VALUE"}},
		"a list":                       {"- interval: 1s\n", "1", []string{"YAML mapping"}},
		"a URL alone":                  {"postgres://app:s3cret@db/games\n", "1", []string{"YAML mapping"}},
		"no UTF-8":                     {"interval: 1s\ntopic: \xff\n", "2", []string{"topic:", "UTF-8"}},
		"a control character":          {"interval: 1s\ntopic: \x01\n", "2", []string{"topic:", "control character"}},
		"a key twice":                  {"interval: 1s\nemit: on-change\ninterval: 2s\n", "3", []string{"interval", "already", "line 1"}},
		"a key twice, once quoted":     {"interval: 1s\n'interval': 1s\n", "2", []string{"interval", "already", "line 1"}},
		"a key that is none":           {"interval: 1s\n? [a]\n: b\n", "2", []string{"a flag's name without --"}},
		"a typo":                       {"interval: 1s\ninspect-timout: 3s\n", "2", []string{`"inspect-timout"`, `did you mean "inspect-timeout"`}},
		"an underscore":                {"running_list: x\n", "1", []string{`"running_list"`, `did you mean "running-list"`}},
		"capitals":                     {"Running-List: x\n", "1", []string{`did you mean "running-list"`}},
		"camel case":                   {"runningList: x\n", "1", []string{`did you mean "running-list"`}},
		"dashes in front":              {"--interval: 1s\n", "1", []string{`"--interval"`, `did you mean "interval"`}},
		"a variable":                   {"HEALTHACTORS_INTERVAL: 1s\n", "1", []string{`did you mean "interval"`}},
		"half a name":                  {"timeout: 1s\n", "1", []string{`"drain-timeout", "inspect-timeout", "list-timeout"`}},
		"more than a name":             {"kafka-topic: t\n", "1", []string{`did you mean "topic"`}},
		"nested keys":                  {"kafka:\n  user: app\n  sasl: plain\n", "1", []string{`"kafka"`, `"kafka-user"`, "below it"}},
		"a foreign key":                {"colour: blue\n", "1", []string{`unknown key "colour"`, "a flag's name without --"}},
		"a URL as key":                 {"interval: 1s\npostgres://app:s3cret@db/games: x\n", "2", []string{"unknown key", "app:xxxxx@db"}},
		"its own name":                 {"config: x\n", "1", []string{`unknown key "config"`}},
		"no value":                     {"interval:\nemit: on-change\n", "1", []string{"interval:", "plain value"}},
		"null":                         {"interval: ~\n", "1", []string{"interval:", "plain value"}},
		"a mapping":                    {"emit: on-change\ninterval: {of: 1s}\n", "2", []string{"interval:", "plain value"}},
		"a mapping below":              {"interval:\n  of: 1s\n", "2", []string{"interval:", "plain value"}},
		"Engines as a mapping":         {"engine:\n  a: tcp://h:1\n", "2", []string{"engine:", "plain value"}},
		"an Engine as a mapping":       {"engine:\n- a: tcp://h:1\n", "2", []string{"engine:", "list item", "plain value"}},
		"an alias":                     {"interval: &a 1s\nlist-timeout: *a\n", "2", []string{"list-timeout:", "plain value"}},
		"a merge":                      {"<<: {interval: 1s}\n", "1", []string{`unknown key "<<"`}},
		"a list for a value":           {"emit: on-change\ninterval: [1s, 2s]\n", "2", []string{"--interval ", "is a list; want one value"}},
		"an empty list for a value":    {"interval: []\n", "1", []string{"--interval ", "is a list; want one value"}},
		"a number for a duration":      {"emit: on-change\ninterval: 5\n", "2", []string{"--interval ", `"5"`, "10s"}},
		"a choice":                     {"interval: 1s\nemit: foo\n", "2", []string{"--emit ", `"foo"`, "every-tick or on-change"}},
		"a wrong bool":                 {"cluster-insecure: maybe\n", "1", []string{"--cluster-insecure ", `"maybe"`, "true"}},
		"a wrong Engine":               {"engine:\n- a=tcp://h:1\n- b\n", "3", []string{"--engine ", `"b"`, "NAME=HOST"}},
		"a wrong journal":              {"interval: 1s\njournal: mysql://app:s3cret@db/games\n", "2", []string{"--journal ", "app:xxxxx@db", "sqlite:PATH"}},
		"a missing file of a setting":  {"publish: kafka://h:1\nkafka-tls-ca: no.pem\n", "2", []string{"--kafka-tls-ca", "no.pem", "no such file"}},
		"settings that don't go along": {"interval: 1s\ncluster: c\n", "2", []string{`--cluster "c"`, "--journal"}},
		"another machine's address":    {"journal: 'memory:'\nhttp: 192.0.2.1:80\n", "2", []string{"--http", "192.0.2.1:80", "127.0.0.1:8080"}},
		"a second document":            {"interval: 1s\n---\nemit: on-change\n", "2", []string{"second YAML document"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "healthactors.yaml")
			write(t, path, tc.text)
			code, stdout, stderr := output(t, t.TempDir(), nil, "run", "--config="+path)
			if code != 2 || stdout != "" || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
			}
			for _, want := range append(tc.want, `"`+path+`"`, " line "+tc.line) {
				if !strings.Contains(stderr, want) {
					t.Errorf("%q is not in: %s", want, stderr)
				}
			}
			if !grammar.MatchString(stderr) {
				t.Errorf("not in the grammar of all: %s", stderr)
			}
			if strings.Contains(stderr, "s3cret") {
				t.Errorf("the password is shown: %s", stderr)
			}
		})
	}
}
