// The oracle answers questions about Go's module files with the packages that the go command itself is made of.
//
// It reads one JSON request a line and writes one JSON answer a line, in order. Its first requests, parse, semver and
// module, are those of test/conformance; the others serve tests of their own.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// A request is one line of input. Which fields count depends on Op.
type request struct {
	ID    json.RawMessage   `json:"id"`
	Op    string            `json:"op"`
	Kind  string            `json:"kind"`
	Text  string            `json:"text"`
	Fn    string            `json:"fn"`
	Args  []json.RawMessage `json:"args"`
	Edits []edit            `json:"edits"`
}

// An answer is one line of output. Answers without a field of their own use Result, or Error for a refusal.
type answer struct {
	ID     json.RawMessage `json:"id"`
	Result any             `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "unicode-tables" {
		printUnicodeTables()
		return
	}
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	output := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer output.Flush()
	encoder := json.NewEncoder(output)
	for {
		line, err := input.ReadBytes('\n')
		if len(line) > 1 {
			if err := encoder.Encode(respond(line)); err != nil {
				fmt.Fprintln(os.Stderr, "oracle:", err)
				os.Exit(1)
			}
		}
		if err != nil {
			return
		}
		if input.Buffered() == 0 {
			output.Flush()
		}
	}
}

// respond answers one request. A panic of the packages asked becomes an error, so that one request cannot end the rest.
func respond(line []byte) (reply any) {
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{Error: err.Error()}
	}
	defer func() {
		if cause := recover(); cause != nil {
			reply = answer{ID: asked.ID, Error: fmt.Sprint("panic: ", cause)}
		}
	}()
	switch asked.Op {
	case "parse":
		return parse(asked)
	case "edit":
		return applyEdits(asked)
	case "imports":
		return readImports(asked)
	}
	result, err := call(asked)
	if err != nil {
		return answer{ID: asked.ID, Error: err.Error()}
	}
	return answer{ID: asked.ID, Result: result}
}
