package operand

import "testing"

func TestMask(t *testing.T) {
	for value, want := range map[string]string{
		"postgres://node:secret@db/health":                              "postgres://node:xxxxx@db/health",
		"postgres://node:s%zz:@x@db/health":                             "postgres://node:xxxxx@db/health",
		"postgres://node:s/e?c#r@db/health":                             "postgres://node:xxxxx@db/health",
		"postgres://node@db/health?sslmode=disable&password=secret&x=1": "postgres://node@db/health?sslmode=disable&password=xxxxx&x=1",
		"postgres://db/health?sslpassword=secret&p%61ssword=secret":     "postgres://db/health?sslpassword=xxxxx&p%61ssword=xxxxx",
		"postgres://db/health?x=1#secret":                               "postgres://db/health?x=xxxxx",
		"postgres://db-1:5432,db-2:5433/games?target_session_attrs=any": "postgres://db-1:5432,db-2:5433/games?target_session_attrs=any",
		"postgres:node:secret@db":                                       "postgres:xxxxx@db",
		"node:secret@db":                                                "node:xxxxx@db",
		"node@db":                                                       "node@db",
		"kafka://secret@h:1":                                            "kafka://xxxxx@h:1",
		"kafka://user:secret@h:1,u:secret@h:2":                          "kafka://user:xxxxx@h:2",
		"kafka://h:1,h:2":                                               "kafka://h:1,h:2",
		"kafka://h:1?token=secret&secret":                               "kafka://h:1?token=xxxxx&xxxxx",
		"h:1?secret":                                                    "h:1?xxxxx",
		"tcp://h:1#secret":                                              "tcp://h:1#xxxxx",
		"a=tcp://u:secret@h:1,/certs":                                   "a=tcp://u:xxxxx@h:1,/certs",
		"a=u:secret@h,/x":                                               "a=u:xxxxx@h,/x",
		"a=ssh://me@host/run/x=y.sock":                                  "a=ssh://me@host/run/x=y.sock",
		"ssh://s/ecret@host":                                            "ssh://xxxxx@host",
		"a=unix:///run/a:b@c.sock":                                      "a=unix:///run/a:b@c.sock",
		"sqlite:a:b@c.db?d":                                             "sqlite:a:b@c.db?d",
		"file:/etc/a:b@c.json":                                          "file:/etc/a:b@c.json",
		"memory:":                                                       "memory:",
		"":                                                              "",
	} {
		if got := Mask(value); got != want {
			t.Errorf("Mask(%s)\n got %s\nwant %s", value, got, want)
		}
	}
}

func TestMaskText(t *testing.T) {
	for text, want := range map[string]string{
		`postgres://app:s3cret@db/games`:                     `postgres://app:xxxxx@db/games`,
		`postgres://app@db/games`:                            `postgres://app@db/games`,
		`postgres://db/games`:                                `postgres://db/games`,
		`postgres://app:s3:c@r/e?t@db:5432/games`:            `postgres://app:xxxxx@db:5432/games`,
		`"postgres://app:s3 c\"ret@db/games" is wrong`:       `"postgres://app:xxxxx@db/games" is wrong`,
		`postgres://db/games?user=app&password=s3cret&x=y`:   `postgres://db/games?user=app&password=xxxxx&x=y`,
		`postgres://db/games?sslpassword=s3cret`:             `postgres://db/games?sslpassword=xxxxx`,
		`dial "kafka://a:1,b:2" and tcp://h:1`:               `dial "kafka://a:1,b:2" and tcp://h:1`,
		`"u:s3cr@et@h" and "a=u:s3cret@h:1"`:                 `"u:xxxxx@h" and "a=u:xxxxx@h:1"`,
		`"postgres:u:s3cret@h"`:                              `"postgres:xxxxx@h"`,
		`game "team@eu?1" on engine "default"`:               `game "team@eu?1" on engine "default"`,
		`kafka://h:1?token=s3cret&API_KEY=s3cret&auth=s3`:    `kafka://h:1?token=xxxxx&API_KEY=xxxxx&auth=xxxxx`,
		`want tcp://HOST:PORT or ssh://[USER@]HOST[:PORT]`:   `want tcp://HOST:PORT or ssh://[USER@]HOST[:PORT]`,
		`want postgres://USER@HOST:PORT/DATABASE or memory:`: `want postgres://USER@HOST:PORT/DATABASE or memory:`,
	} {
		if got := MaskText(text); got != want {
			t.Errorf("MaskText(%s)\n got %s\nwant %s", text, got, want)
		}
	}
}
