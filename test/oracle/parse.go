package main

import (
	"encoding/json"
	"errors"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

type parsed struct {
	ID        json.RawMessage `json:"id"`
	OK        bool            `json:"ok"`
	Errors    []fault         `json:"errors"`
	Module    string          `json:"module"`
	Go        string          `json:"go"`
	Toolchain string          `json:"toolchain"`
	Require   []requirement   `json:"require"`
	Exclude   []exclusion     `json:"exclude"`
	Replace   []replacement   `json:"replace"`
	Retract   []retraction    `json:"retract"`
	Tool      []string        `json:"tool"`
	Ignore    []string        `json:"ignore"`
	Use       []string        `json:"use"`
	Godebug   []setting       `json:"godebug"`
	Formatted string          `json:"formatted"`

	// Deprecated and Lines are not in the protocol of test/conformance.
	Deprecated string         `json:"deprecated"`
	Lines      map[string]any `json:"lines"`
}

type fault struct {
	Line    int    `json:"line"`
	Message string `json:"message"`
}

type requirement struct {
	Path     string `json:"path"`
	Version  string `json:"version"`
	Indirect bool   `json:"indirect"`
	Line     int    `json:"line"`
}

type exclusion struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	Line    int    `json:"line"`
}

type moduleVersion struct {
	Path    string `json:"path"`
	Version string `json:"version"`
}

type replacement struct {
	Old  moduleVersion `json:"old"`
	New  moduleVersion `json:"new"`
	Line int           `json:"line"`
}

type retraction struct {
	Low       string `json:"low"`
	High      string `json:"high"`
	Rationale string `json:"rationale"`
}

type setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func newParsed(id json.RawMessage) *parsed {
	return &parsed{
		ID: id, Errors: []fault{}, Require: []requirement{}, Exclude: []exclusion{}, Replace: []replacement{},
		Retract: []retraction{}, Tool: []string{}, Ignore: []string{}, Use: []string{}, Godebug: []setting{},
		Lines: map[string]any{},
	}
}

func parse(asked request) *parsed {
	if asked.Kind == "work" {
		return parseWork(asked)
	}
	result := newParsed(asked.ID)
	read := modfile.Parse
	if asked.Kind == "lax" {
		read = modfile.ParseLax
	}
	file, err := read("go.mod", []byte(asked.Text), nil)
	if err != nil {
		result.Errors = faults(err)
		return result
	}
	result.OK = true
	if file.Module != nil {
		result.Module = file.Module.Mod.Path
		result.Deprecated = file.Module.Deprecated
		result.Lines["module"] = file.Module.Syntax.Start.Line
	}
	for _, r := range file.Require {
		result.Require = append(result.Require, requirement{r.Mod.Path, r.Mod.Version, r.Indirect, r.Syntax.Start.Line})
	}
	for _, x := range file.Exclude {
		result.Exclude = append(result.Exclude, exclusion{x.Mod.Path, x.Mod.Version, x.Syntax.Start.Line})
	}
	retractLines := []int{}
	for _, r := range file.Retract {
		result.Retract = append(result.Retract, retraction{r.Low, r.High, r.Rationale})
		retractLines = append(retractLines, r.Syntax.Start.Line)
	}
	toolLines := []int{}
	for _, t := range file.Tool {
		result.Tool = append(result.Tool, t.Path)
		toolLines = append(toolLines, t.Syntax.Start.Line)
	}
	ignoreLines := []int{}
	for _, i := range file.Ignore {
		result.Ignore = append(result.Ignore, i.Path)
		ignoreLines = append(ignoreLines, i.Syntax.Start.Line)
	}
	result.Lines["retract"], result.Lines["tool"], result.Lines["ignore"] = retractLines, toolLines, ignoreLines
	result.common(file.Go, file.Toolchain, file.Godebug, file.Replace)
	result.Formatted = string(modfile.Format(file.Syntax))
	return result
}

func parseWork(asked request) *parsed {
	result := newParsed(asked.ID)
	file, err := modfile.ParseWork("go.work", []byte(asked.Text), nil)
	if err != nil {
		result.Errors = faults(err)
		return result
	}
	result.OK = true
	useLines := []int{}
	for _, u := range file.Use {
		result.Use = append(result.Use, u.Path)
		useLines = append(useLines, u.Syntax.Start.Line)
	}
	result.Lines["use"] = useLines
	result.common(file.Go, file.Toolchain, file.Godebug, file.Replace)
	result.Formatted = string(modfile.Format(file.Syntax))
	return result
}

func (result *parsed) common(
	goLine *modfile.Go, toolchain *modfile.Toolchain, godebug []*modfile.Godebug, replace []*modfile.Replace,
) {
	if goLine != nil {
		result.Go = goLine.Version
		result.Lines["go"] = goLine.Syntax.Start.Line
	}
	if toolchain != nil {
		result.Toolchain = toolchain.Name
		result.Lines["toolchain"] = toolchain.Syntax.Start.Line
	}
	godebugLines := []int{}
	for _, g := range godebug {
		result.Godebug = append(result.Godebug, setting{g.Key, g.Value})
		godebugLines = append(godebugLines, g.Syntax.Start.Line)
	}
	result.Lines["godebug"] = godebugLines
	for _, r := range replace {
		result.Replace = append(result.Replace, replacement{pair(r.Old), pair(r.New), r.Syntax.Start.Line})
	}
}

func pair(v module.Version) moduleVersion { return moduleVersion{v.Path, v.Version} }

// faults lists what modfile reports, each message without the place in the file.
func faults(err error) []fault {
	var list modfile.ErrorList
	if !errors.As(err, &list) {
		return []fault{{Message: err.Error()}}
	}
	found := []fault{}
	for _, one := range list {
		line := one.Pos.Line
		one.Filename, one.Pos = "", modfile.Position{}
		found = append(found, fault{line, one.Error()})
	}
	return found
}
