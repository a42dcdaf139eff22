package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// root is the repository's, seen from this package.
const root = "../.."

func document(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// matches are the texts that a pattern's only group finds, sorted, each once.
func matches(text, pattern string) []string {
	var found []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func TestReadmeHasEverySetting(t *testing.T) {
	wantAllSettings(t, "README.md", "\n## Configuration\n")
}

func TestContractHasEverySetting(t *testing.T) {
	wantAllSettings(t, "docs/contract.md", "\n### Flags\n", "\n### The flags of a cluster\n")
}

// wantAllSettings wants each flag of run to have a row in the tables of a document that stand below some headings.
func wantAllSettings(t *testing.T, path string, headings ...string) {
	t.Helper()
	var help strings.Builder
	if code := execute([]string{"run", "--help"}, streams{&help, &help}); code != exitOK {
		t.Fatalf("run --help: exit code %d", code)
	}
	// --config may be told of in the text alone, since it is no setting of the node.
	without := func(flags []string) []string {
		return slices.DeleteFunc(flags, func(flag string) bool { return flag == "--help" || flag == "--config" })
	}
	var settings []string
	for _, heading := range headings {
		_, table, _ := strings.Cut(document(t, path), heading)
		table = regexp.MustCompile(`(?s)\n##.*`).ReplaceAllString(table, "")
		for _, row := range matches(table, "(?m)^\\| (`--[^|]*`) \\|") {
			settings = append(settings, matches(row, "`(--[a-z-]+)`")...)
		}
	}
	slices.Sort(settings)
	if diff := cmp.Diff(without(matches(help.String(), `(?m)^ +(?:-h, )?(--[a-z-]+)`)), without(settings)); diff != "" {
		t.Errorf("- run --help, + %s:\n%s", path, diff)
	}
}

func TestDocumentsLinkToWhatIsThere(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	links := 0
	for _, path := range append(paths, filepath.Join(root, "README.md"), filepath.Join(root, "CHANGELOG.md")) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range matches(string(text), `\]\(([^)#:]+)\)`) {
			links++
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), link)); err != nil {
				t.Errorf("%s links to what is not there: %v", path, err)
			}
		}
	}
	if links == 0 {
		t.Error("no link was found")
	}
}

// TestConsumersInGoUseTheEvent does both of what the README says to them, in a module of their own.
func TestConsumersInGoUseTheEvent(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOPROXY=off", "GOWORK=off", "GOFLAGS=")
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", args, err, said)
		}
	}
	checkout, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile("(?m)^go mod .*$").FindAllString(document(t, "README.md"), -1)
	if len(commands) == 0 {
		t.Fatal("the README has no command for consumers")
	}
	write("go.mod", "module example.com/consumer\n\ngo 1.26\n")
	write("copied/event.go", document(t, "messages/event.go"))
	write("imported.go", "package consumer\n\nimport \"galaxy/healthactors/messages\"\n\nvar Event messages.HealthEvent\n")
	for _, command := range commands {
		run(strings.Fields(strings.ReplaceAll(command, "../healthactors", checkout))...)
	}
	run("go", "build", "./...")
}
