package operand

import "testing"

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
		`kafka://h:1?token=s3cret&API_KEY=s3cret&auth=s3`:    `kafka://h:1?token=xxxxx&API_KEY=xxxxx&auth=xxxxx`,
		`want tcp://HOST:PORT or ssh://[USER@]HOST[:PORT]`:   `want tcp://HOST:PORT or ssh://[USER@]HOST[:PORT]`,
		`want postgres://USER@HOST:PORT/DATABASE or memory:`: `want postgres://USER@HOST:PORT/DATABASE or memory:`,
	} {
		if got := MaskText(text); got != want {
			t.Errorf("MaskText(%s)\n got %s\nwant %s", text, got, want)
		}
	}
}
