package tidy

import "testing"

func TestMissingPaths(t *testing.T) {
	repository := files{
		"actors/decision.go": "x", "actors/spec_a_test.go": "x", "actors/porttest/broker.go": "x", "docs/operating.md": "x",
		"docs/kubernetes/a.yaml": "x", "Makefile": "x", "messages/asyncapi.yaml": "x",
	}
	for _, c := range []struct {
		name string
		text string
		want []string
	}{
		{"a file", "`actors/decision.go`", nil},
		{"a file that is gone", "`actors/gone.go`", []string{"actors/gone.go: is named in docs/a.md and is not there"}},
		{"a directory", "`actors/porttest`, `actors/porttest/` and `porttest/`", nil},
		{"directories that are gone", "`actors/gone` and `gone/`", []string{
			"actors/gone: is named in docs/a.md and is not there", "gone/: is named in docs/a.md and is not there",
		}},
		{"in a command", "`go run ./actors/gone -x`, `go test ./actors/...`", []string{"actors/gone: is named in docs/a.md and is not there"}},
		{"a base name", "`decision.go`, `spec_*_test.go`", nil},
		{"base names that are gone", "`gone.go`, `gone_*_test.go`", []string{
			"gone.go: is named in docs/a.md and is not there", "gone_*_test.go: is named in docs/a.md and is not there",
		}},
		{"from the document", "`kubernetes/a.yaml`", nil},
		{"links", "[a](operating.md#backups) [b](../messages/asyncapi.yaml) [c](https://example.com/x.md) [d](#here)", nil},
		{"links that lead nowhere", "[a](gone.md#backups) [b](../gone.yaml)", []string{
			"gone.md: is where a link of docs/a.md leads, and is not there", "../gone.yaml: is where a link of docs/a.md leads, and is not there",
		}},
		{"not in backticks", "either actors/gone.go or not", nil},
		{"what is no path of ours", "`/api/v1`, `application/json`, `GET …/json`, `sqlite:actors.db`, `https://actors/x.md`", nil},
		{"in a code block", "```\nactors/gone.go\n```", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantFound(t, c.want, repository.with(files{"docs/a.md": c.text}).tree(t).missingPaths(), nil)
		})
	}
	t.Run("pages that nobody holds to anything", func(t *testing.T) {
		wantFound(t, nil, repository.with(files{"docs/decisions/0001.md": "`actors/gone.go`", "CHANGELOG.md": "`actors/gone.go`"}).tree(t).missingPaths(), nil)
	})
}

const settings = "package main\n\ntype settings struct {\n" +
	"\tInterval   duration `default:\"10s\" help:\"Time.\"`\n" +
	"\tKafkaTLSCA string   `name:\"kafka-tls-ca\" help:\"File.\"`\n" +
	"\tHTTPPort   string   `help:\"Port.\"`\n" +
	"\tLogging    `embed:\"\"`\n" +
	"\tRun        command  `cmd:\"\" help:\"Run.\"`\n" +
	"\tGame       string   `arg:\"\" help:\"Game.\"`\n" +
	"\tnote       string\n}\n"

func TestWrongFlags(t *testing.T) {
	const all = "`--interval`, `--kafka-tls-ca=FILE`, --http-port\n\n"
	for _, c := range []struct {
		name  string
		other files
		want  []string
	}{
		{"as they are", files{contractPath: all}, nil},
		{
			"a flag that there is not",
			files{contractPath: all, "README.md": "`healthactors run --intervall 1s`\n\n```sh\nhealthactors --gone\n```\n\n--gone"},
			[]string{"--intervall: is named in README.md and is no flag of healthactors", "--gone: is named in README.md and is no flag of healthactors"},
		},
		{
			"a flag that the contract lacks",
			files{contractPath: "`--interval`, `--kafka-tls-ca`", "README.md": "`--http-port`"},
			[]string{"--http-port: is a flag of healthactors that docs/contract.md lacks, or says to be not built"},
		},
		{"flags to come", files{contractPath: all + "*Not built yet:* `--watch`\n\n## To come\n\n*Not built yet.*\n\n| `--sweep` |\n"}, nil},
		{
			"a flag that came",
			files{contractPath: "`--interval`, `--kafka-tls-ca`\n\n*Not built yet:* `--http-port`"},
			[]string{"--http-port: is a flag of healthactors that docs/contract.md lacks, or says to be not built"},
		},
		{"what is no flag", files{contractPath: all + "a -- b, a--b, ---, | --- |, -x, <!-- x -->"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := files{"cmd/healthactors/internal/app/settings.go": settings}.with(c.other).tree(t).wrongFlags()
			wantFound(t, c.want, found, err)
		})
	}
}

func TestDashed(t *testing.T) {
	for field, want := range map[string]string{
		"Interval": "interval", "LogFormat": "log-format", "HTTPPort": "http-port", "ListenHTTP": "listen-http", "TLS13Only": "tls13-only",
	} {
		if got := dashed(field); got != want {
			t.Errorf("%s: got %s, want %s", field, got, want)
		}
	}
}
