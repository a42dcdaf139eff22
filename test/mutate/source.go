package main

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// mutated are the folders whose packages have rules, all the way down, without those that only tests import.
var mutated = []string{"actors", "adapters/cluster", "adapters/journal", "adapters/runninglist"}

// function is one that may have mutations.
type function struct {
	// name is as Go has it: decide, (*inspector).observe.
	name string
	file *source
	decl *ast.FuncDecl
	// text is from func to the closing brace.
	text   string
	tokens []lexeme
}

// source is a file.
type source struct {
	// folder is its package's, and path its own, both from the repository's root and with slashes.
	folder, path, text string
	// pkg is the package's name.
	pkg string
	set *token.FileSet
}

// lexeme is a token, and where it stands in its text.
type lexeme struct {
	kind       token.Token
	text       string
	begin, end int
}

// load reads the functions of all mutated packages below the repository's root.
func load(root string) (all []*function, err error) {
	tree := os.DirFS(root)
	for _, top := range mutated {
		err := fs.WalkDir(tree, top, func(name string, entry fs.DirEntry, err error) error {
			dir, base := path.Split(name)
			switch {
			case err != nil:
				return err
			case entry.IsDir() && (base == "testdata" || strings.HasSuffix(base, "test")):
				return fs.SkipDir
			case !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go"):
				return nil
			}
			if fits, err := build.Default.MatchFile(filepath.Join(root, dir), base); !fits || err != nil {
				return err
			}
			text, err := fs.ReadFile(tree, name)
			if err != nil {
				return err
			}
			found, err := functionsOf(name, string(text))
			all = append(all, found...)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read the packages in %s: %w", top, err)
		}
	}
	return all, nil
}

// functionsOf are those of one file.
func functionsOf(name, text string) (all []*function, err error) {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	file := &source{folder: path.Dir(name), path: name, text: text, pkg: parsed.Name.Name, set: set}
	for _, d := range parsed.Decls {
		decl, isFunction := d.(*ast.FuncDecl)
		if !isFunction || decl.Body == nil {
			continue
		}
		f := &function{file: file, decl: decl, text: text[file.offset(decl.Pos()):file.offset(decl.End())]}
		f.name = decl.Name.Name
		if decl.Recv != nil {
			receiver := decl.Recv.List[0].Type
			of := text[file.offset(receiver.Pos()):file.offset(receiver.End())]
			if strings.HasPrefix(of, "*") {
				of = "(" + of + ")"
			}
			f.name = of + "." + f.name
		}
		if f.tokens, err = lex(f.text); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, f)
	}
	return all, nil
}

func (s *source) offset(p token.Pos) int { return s.set.Position(p).Offset }

// lex returns the tokens of a piece of Go, without comments. Semicolons are left out too, since line ends stand for them.
func lex(text string) (tokens []lexeme, err error) {
	var failed scanner.ErrorList
	file := token.NewFileSet().AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, []byte(text), failed.Add, 0)
	for {
		at, kind, literal := s.Scan()
		switch kind {
		case token.EOF:
			return tokens, failed.Err()
		case token.SEMICOLON:
			continue
		}
		if !kind.IsLiteral() { // an operator's literal is empty
			literal = kind.String()
		}
		begin := file.Offset(at)
		tokens = append(tokens, lexeme{kind, literal, begin, begin + len(literal)})
	}
}
