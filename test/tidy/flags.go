package tidy

import (
	"go/ast"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// commandDir is where the program's flags are defined.
const commandDir = "cmd/healthactors"

var flagInText = regexp.MustCompile(`(?:^|[^\w-])(--[a-z][a-z0-9-]*)`)

// wrongFlags finds the flags that the documents name and no command has, and those that the contract doesn't name.
func (t *tree) wrongFlags() ([]finding, error) {
	flags, err := t.flags()
	if err != nil {
		return nil, err
	}
	return t.wrongNames(flagInText, "flag of healthactors", flags), nil
}

// flags are those of all commands. As kong does, it takes each field of a struct for a flag whose tag has a help text, unless it is
// a command or an argument.
func (t *tree) flags() ([]string, error) {
	files, err := t.goFiles(commandDir, false)
	if err != nil {
		return nil, err
	}
	var flags []string
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			field, ok := n.(*ast.Field)
			if !ok || field.Tag == nil || len(field.Names) != 1 {
				return true
			}
			tag := reflect.StructTag(literal(field.Tag))
			_, isFlag := tag.Lookup("help")
			_, isCommand := tag.Lookup("cmd")
			_, isArgument := tag.Lookup("arg")
			if !isFlag || isCommand || isArgument {
				return true
			}
			name := tag.Get("name")
			if name == "" {
				name = dashed(field.Names[0].Name)
			}
			flags = append(flags, "--"+name)
			return true
		})
	}
	slices.Sort(flags)
	return slices.Compact(flags), nil
}

var (
	endOfWord    = regexp.MustCompile(`([a-z0-9])([A-Z])`)
	endOfInitial = regexp.MustCompile(`([A-Z])([A-Z][a-z])`)
)

// dashed is a flag's name as kong makes it of a field's: LogFormat is log-format.
func dashed(field string) string {
	field = endOfWord.ReplaceAllString(field, "$1-$2")
	return strings.ToLower(endOfInitial.ReplaceAllString(field, "$1-$2"))
}
