package main

import (
	"encoding/json"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

type headed struct {
	ID      json.RawMessage `json:"id"`
	OK      bool            `json:"ok"`
	Package string          `json:"package"`
	Imports []string        `json:"imports"`
	Ignored bool            `json:"ignored"`
}

// readImports reads the head of a Go file with go/parser, which must accept it, and judges its //go:build line, if any,
// with every tag but "ignore" both set and unset.
func readImports(asked request) headed {
	result := headed{ID: asked.ID, Imports: []string{}}
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", asked.Text, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return result
	}
	result.OK = true
	result.Package = file.Name.Name
	for _, declared := range file.Imports {
		path, err := strconv.Unquote(declared.Path.Value)
		if err == nil {
			result.Imports = append(result.Imports, path)
		}
	}
	for line := range strings.Lines(asked.Text) {
		if constraint.IsGoBuild(strings.TrimSpace(line)) {
			expression, err := constraint.Parse(strings.TrimSpace(line))
			result.Ignored = err != nil || !holds(expression, true)
			break
		}
	}
	return result
}

func holds(expression constraint.Expr, prefer bool) bool {
	switch x := expression.(type) {
	case *constraint.TagExpr:
		return x.Tag != "ignore" && prefer
	case *constraint.NotExpr:
		return !holds(x.X, !prefer)
	case *constraint.AndExpr:
		return holds(x.X, prefer) && holds(x.Y, prefer)
	case *constraint.OrExpr:
		return holds(x.X, prefer) || holds(x.Y, prefer)
	}
	panic("unknown expression")
}
