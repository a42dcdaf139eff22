package tidy

import (
	"go/ast"
	"maps"
	"path"
	"regexp"
	"slices"
)

// metricDirs are where the program's metrics are made.
var metricDirs = []string{"actors", "adapters", "cmd"}

var (
	metricName   = regexp.MustCompile(`^healthactors(?:_[a-z]+)+$`)
	metricInText = regexp.MustCompile(`\b(healthactors(?:_[a-z]+)+)\b`)
	// otelMaker is a method of OpenTelemetry's metric.Meter that makes an instrument.
	otelMaker = regexp.MustCompile(`^(?:Int64|Float64)(?:Observable)?(Counter|UpDownCounter|Gauge|Histogram)$`)
)

// wrongMetrics finds the metrics that the documents name and the program doesn't have, and those that the contract lacks.
func (t *tree) wrongMetrics() ([]finding, error) {
	metrics, err := t.metrics()
	if err != nil {
		return nil, err
	}
	return t.wrongNames(metricInText, "metric of healthactors", metrics), nil
}

// metrics are the names under which the instruments are exported that the program makes: with a method of OpenTelemetry's meter,
// or with a function of the same package that hands its first parameter on to one.
func (t *tree) metrics() ([]string, error) {
	packages := map[string][]*ast.File{}
	for _, dir := range metricDirs {
		files, err := t.goFiles(dir, false)
		if err != nil {
			return nil, err
		}
		for p, file := range files {
			packages[path.Dir(p)] = append(packages[path.Dir(p)], file)
		}
	}
	exported := map[string]bool{}
	for _, files := range packages {
		suffixes := makersOf(files)
		eachCall(files, func(maker string, call *ast.CallExpr) {
			name := literal(call.Args[0])
			suffix, ok := suffixes[maker]
			if s, isOTel := otelSuffix(maker, call); isOTel {
				suffix, ok = s, true
			}
			if ok && metricName.MatchString(name) {
				exported[name+suffix] = true
			}
		})
	}
	return slices.Sorted(maps.Keys(exported)), nil
}

// makersOf are the functions that make an instrument of the name which they are given, and the suffix that it gets.
func makersOf(files []*ast.File) map[string]string {
	makers := map[string]string{}
	for _, file := range files {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil || len(f.Type.Params.List) == 0 || len(f.Type.Params.List[0].Names) == 0 {
				continue
			}
			parameter := f.Type.Params.List[0].Names[0].Name
			eachCall([]ast.Node{f.Body}, func(maker string, call *ast.CallExpr) {
				name, ok := call.Args[0].(*ast.Ident)
				if suffix, isOTel := otelSuffix(maker, call); isOTel && ok && name.Name == parameter {
					makers[f.Name.Name] = suffix
				}
			})
		}
	}
	return makers
}

// otelSuffix is what the exporter adds to the name of the instrument that a call makes; ok is false where it makes none.
func otelSuffix(maker string, call *ast.CallExpr) (suffix string, ok bool) {
	m := otelMaker.FindStringSubmatch(maker)
	if m == nil {
		return "", false
	}
	for _, argument := range call.Args {
		eachCall([]ast.Node{argument}, func(option string, call *ast.CallExpr) {
			if option == "WithUnit" {
				suffix = map[string]string{"s": "_seconds", "By": "_bytes"}[literal(call.Args[0])]
			}
		})
	}
	if m[1] == "Counter" {
		suffix += "_total"
	}
	return suffix, true
}

// eachCall calls do with the calls in some nodes that have arguments, and the name of what is called, without what stands
// before the dot.
func eachCall[N ast.Node](nodes []N, do func(name string, call *ast.CallExpr)) {
	for _, node := range nodes {
		ast.Inspect(node, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			switch f := call.Fun.(type) {
			case *ast.Ident:
				do(f.Name, call)
			case *ast.SelectorExpr:
				do(f.Sel.Name, call)
			}
			return true
		})
	}
}
