package main

import (
	"encoding/json"
	"fmt"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// An edit is one call of a method of modfile.File or modfile.WorkFile.
type edit struct {
	Do       string `json:"do"`
	Path     string `json:"path"`
	Version  string `json:"version"`
	NewPath  string `json:"newPath"`
	NewVers  string `json:"newVersion"`
	High     string `json:"high"`
	Comment  string `json:"comment"`
	Indirect bool   `json:"indirect"`
}

type edited struct {
	ID     json.RawMessage `json:"id"`
	Result string          `json:"result"`
	Error  string          `json:"error,omitempty"`
}

// applyEdits parses a file, edits it, cleans it up and formats it. The edit "sort" sorts and drops double lines.
func applyEdits(asked request) edited {
	result, err := editFile(asked)
	if err != nil {
		return edited{ID: asked.ID, Error: err.Error()}
	}
	return edited{ID: asked.ID, Result: string(result)}
}

func editFile(asked request) ([]byte, error) {
	if asked.Kind == "work" {
		file, err := modfile.ParseWork("go.work", []byte(asked.Text), nil)
		if err != nil {
			return nil, err
		}
		for _, change := range asked.Edits {
			if err := editWork(file, change); err != nil {
				return nil, err
			}
		}
		file.Cleanup()
		return modfile.Format(file.Syntax), nil
	}
	file, err := modfile.Parse("go.mod", []byte(asked.Text), nil)
	if err != nil {
		return nil, err
	}
	for _, change := range asked.Edits {
		if err := editMod(file, change); err != nil {
			return nil, err
		}
	}
	file.Cleanup()
	return modfile.Format(file.Syntax), nil
}

func editMod(file *modfile.File, change edit) error {
	interval := modfile.VersionInterval{Low: change.Version, High: change.High}
	switch change.Do {
	case "sort":
		file.SortBlocks()
		return nil
	case "separate":
		file.SetRequireSeparateIndirect(requirements(file))
		return nil
	case "add-require-separately":
		added := module.Version{Path: change.Path, Version: change.Version}
		file.SetRequireSeparateIndirect(append(requirements(file), &modfile.Require{Mod: added, Indirect: change.Indirect}))
		return nil
	case "set-indirect":
		changed := requirements(file)
		for _, one := range changed {
			if one.Mod.Path == change.Path {
				one.Indirect = change.Indirect
			}
		}
		file.SetRequire(changed)
		return nil
	case "move-require":
		return moveRequire(file, change)
	case "add-require":
		file.AddNewRequire(change.Path, change.Version, change.Indirect)
		return nil
	case "drop-require":
		return file.DropRequire(change.Path)
	case "set-require":
		return file.AddRequire(change.Path, change.Version)
	case "add-exclude":
		return file.AddExclude(change.Path, change.Version)
	case "drop-exclude":
		return file.DropExclude(change.Path, change.Version)
	case "add-replace":
		return file.AddReplace(change.Path, change.Version, change.NewPath, change.NewVers)
	case "drop-replace":
		return file.DropReplace(change.Path, change.Version)
	case "add-retract":
		return file.AddRetract(interval, change.Comment)
	case "drop-retract":
		return file.DropRetract(interval)
	case "set-go":
		return file.AddGoStmt(change.Version)
	case "drop-go":
		file.DropGoStmt()
		return nil
	case "set-toolchain":
		return file.AddToolchainStmt(change.Version)
	case "drop-toolchain":
		file.DropToolchainStmt()
		return nil
	case "add-tool":
		return file.AddTool(change.Path)
	case "drop-tool":
		return file.DropTool(change.Path)
	case "add-ignore":
		return file.AddIgnore(change.Path)
	case "drop-ignore":
		return file.DropIgnore(change.Path)
	}
	return fmt.Errorf("unknown edit %q", change.Do)
}

// requirements lists what a file requires, without the lines that say so.
func requirements(file *modfile.File) []*modfile.Require {
	var list []*modfile.Require
	for _, present := range file.Require {
		list = append(list, &modfile.Require{Mod: present.Mod, Indirect: present.Indirect})
	}
	return list
}

// moveRequire gives a requirement another path and version, for which modfile has no method.
func moveRequire(file *modfile.File, change edit) error {
	for _, one := range file.Require {
		if one.Mod.Path != change.Path {
			continue
		}
		words := []string{modfile.AutoQuote(change.NewPath), change.NewVers}
		if !one.Syntax.InBlock {
			words = append([]string{"require"}, words...)
		}
		one.Syntax.Token = words
		return nil
	}
	return fmt.Errorf("no requirement of %s", change.Path)
}

func editWork(file *modfile.WorkFile, change edit) error {
	switch change.Do {
	case "sort":
		file.SortBlocks()
		return nil
	case "add-use":
		return file.AddUse(change.Path, "")
	case "drop-use":
		return file.DropUse(change.Path)
	case "add-replace":
		return file.AddReplace(change.Path, change.Version, change.NewPath, change.NewVers)
	case "drop-replace":
		return file.DropReplace(change.Path, change.Version)
	case "set-go":
		return file.AddGoStmt(change.Version)
	case "drop-go":
		file.DropGoStmt()
		return nil
	case "set-toolchain":
		return file.AddToolchainStmt(change.Version)
	case "drop-toolchain":
		file.DropToolchainStmt()
		return nil
	}
	return fmt.Errorf("unknown edit %q", change.Do)
}
