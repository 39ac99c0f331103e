package main

import (
	"encoding/json"
	"fmt"
	"go/version"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// A split is what module.SplitPathVersion returns.
type split struct {
	Prefix    string `json:"prefix"`
	PathMajor string `json:"pathMajor"`
	OK        bool   `json:"ok"`
}

// call answers the requests that name a function.
func call(asked request) (any, error) {
	args := make([]string, len(asked.Args))
	for i, arg := range asked.Args {
		if err := json.Unmarshal(arg, &args[i]); err != nil {
			return nil, err
		}
	}
	switch asked.Op {
	case "semver":
		return callSemver(asked.Fn, args)
	case "module":
		return callModule(asked.Fn, args)
	case "go-version":
		return callGoVersion(asked.Fn, args)
	case "text":
		return callText(asked.Fn, args)
	case "unicode":
		return unicodeTables(), nil
	}
	return nil, fmt.Errorf("unknown op %q", asked.Op)
}

func callSemver(fn string, args []string) (any, error) {
	if fn == "sort" {
		semver.Sort(args)
		return args, nil
	}
	switch fn {
	case "isvalid":
		return semver.IsValid(args[0]), nil
	case "compare":
		return semver.Compare(args[0], args[1]), nil
	case "canonical":
		return semver.Canonical(args[0]), nil
	case "major":
		return semver.Major(args[0]), nil
	case "majorminor":
		return semver.MajorMinor(args[0]), nil
	case "prerelease":
		return semver.Prerelease(args[0]), nil
	case "build":
		return semver.Build(args[0]), nil
	}
	return nil, fmt.Errorf("unknown fn %q", fn)
}

func callModule(fn string, args []string) (any, error) {
	switch fn {
	case "checkpath":
		return passed(module.CheckPath(args[0]))
	case "checkimportpath":
		return passed(module.CheckImportPath(args[0]))
	case "checkfilepath":
		return passed(module.CheckFilePath(args[0]))
	case "checkversion":
		return passed(module.Check(args[0], args[1]))
	case "checkpathmajor":
		return passed(module.CheckPathMajor(args[0], args[1]))
	case "splitpathversion":
		prefix, pathMajor, ok := module.SplitPathVersion(args[0])
		return split{prefix, pathMajor, ok}, nil
	case "canonicalversion":
		return module.CanonicalVersion(args[0]), nil
	case "escapepath":
		return some(module.EscapePath(args[0]))
	case "unescapepath":
		return some(module.UnescapePath(args[0]))
	case "escapeversion":
		return some(module.EscapeVersion(args[0]))
	case "unescapeversion":
		return some(module.UnescapeVersion(args[0]))
	case "ispseudo":
		return module.IsPseudoVersion(args[0]), nil
	case "pseudotime":
		when, err := module.PseudoVersionTime(args[0])
		return some(when.Format(time.RFC3339), err)
	case "pseudorev":
		return some(module.PseudoVersionRev(args[0]))
	case "pseudobase":
		return some(module.PseudoVersionBase(args[0]))
	case "pseudoversion":
		when, err := time.Parse(module.PseudoVersionTimestampFormat, args[2])
		return some(module.PseudoVersion(args[0], args[1], when, args[3]), err)
	case "matchprefixpatterns":
		return module.MatchPrefixPatterns(args[0], args[1]), nil
	case "matchpath":
		return path.Match(args[0], args[1])
	case "sort":
		return sortLines(args), nil
	}
	return nil, fmt.Errorf("unknown fn %q", fn)
}

// sortLines sorts lines of go.sum as the go command writes them.
func sortLines(lines []string) []string {
	hashes := map[module.Version][]string{}
	for _, line := range lines {
		fields := strings.Fields(line)
		key := module.Version{Path: fields[0], Version: fields[1]}
		hashes[key] = append(hashes[key], fields[2])
	}
	var keys []module.Version
	for key, list := range hashes {
		keys = append(keys, key)
		sort.Strings(list)
	}
	module.Sort(keys)
	sorted := []string{}
	for _, key := range keys {
		for _, hash := range slices.Compact(hashes[key]) {
			sorted = append(sorted, key.Path+" "+key.Version+" "+hash)
		}
	}
	return sorted
}

// callGoVersion takes versions without the prefix "go", as a go line has them.
func callGoVersion(fn string, args []string) (any, error) {
	switch fn {
	case "isvalid":
		return version.IsValid("go" + args[0]), nil
	case "compare":
		return version.Compare("go"+args[0], "go"+args[1]), nil
	case "lang":
		return strings.TrimPrefix(version.Lang("go"+args[0]), "go"), nil
	}
	return nil, fmt.Errorf("unknown fn %q", fn)
}

func callText(fn string, args []string) (any, error) {
	switch fn {
	case "quote":
		return strconv.Quote(args[0]), nil
	case "quoterune":
		return strconv.QuoteRune([]rune(args[0])[0]), nil
	case "unquote":
		return some(strconv.Unquote(args[0]))
	case "autoquote":
		return modfile.AutoQuote(args[0]), nil
	case "isdirectorypath":
		return modfile.IsDirectoryPath(args[0]), nil
	case "compare":
		return strings.Compare(args[0], args[1]), nil
	case "trimspace":
		return strings.TrimSpace(args[0]), nil
	case "fields":
		return append([]string{}, strings.Fields(args[0])...), nil
	}
	return nil, fmt.Errorf("unknown fn %q", fn)
}

func passed(err error) (any, error) { return true, err }

func some(value string, err error) (any, error) { return value, err }

// unicodeTables gives the tables of server/src/syntax/unicode.ts: the distances between the code points, from U+0100
// on, where membership of a set changes, in base 36.
func unicodeTables() map[string]string {
	return map[string]string{
		"printable": changes(unicode.IsPrint),
		"letters":   changes(unicode.IsLetter),
		"spaces":    changes(unicode.IsSpace),
	}
}

func changes(contains func(rune) bool) string {
	var distances []string
	last, inside := rune(0x100), false
	for r := last; r <= unicode.MaxRune+1; r++ {
		if now := r <= unicode.MaxRune && contains(r); now != inside {
			distances = append(distances, strconv.FormatInt(int64(r-last), 36))
			last, inside = r, now
		}
	}
	return strings.Join(distances, " ")
}

func printUnicodeTables() {
	for name, table := range unicodeTables() {
		fmt.Printf("%s:\n%s\n", name, table)
	}
}
