// Command oracle answers, with golang.org/x/mod's own packages, what the tests of the sumdb room ask.
// It reads one question as JSON from its standard input and writes one answer as JSON.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	// Keys are verifier keys to parse.
	Keys []string
	// Notes are opened with Key.
	Key   string
	Notes [][]byte
	// Records and Trees are parsed.
	Records [][]byte
	Trees   []string
	// TilePaths are parsed and formatted.
	TilePaths []string
	// Proofs are pairs of a size and a smaller number, about a log whose records are "0", "1", "2", ….
	Proofs [][2]int64
	// Lookup asks a database with the client.
	Lookup *lookupQuestion
}

type lookupQuestion struct {
	Key, URL    string
	Concurrency int
	// Head is the tree head stored by an earlier run.
	Head []byte
	// Subjects are pairs of path and version.
	Subjects [][2]string
}

type answer struct {
	Keys      []string // empty when it is valid, else the error
	Notes     []string // "signed" and the text, or the error
	Records   []string // id, text and rest, or "malformed"
	Trees     []string // size and hash, or "malformed"
	TilePaths []string // the tile, or "malformed"
	Proofs    []proofAnswer
	Lookup    *lookupAnswer
}

type proofAnswer struct {
	Hash string
	Tree []string // for the tree of the smaller size
}

type lookupAnswer struct {
	Lines        [][]string
	Errors       []string
	Requests     int64
	Milliseconds float64
}

func main() {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	json.NewEncoder(os.Stdout).Encode(answerTo(asked))
}

func answerTo(asked question) answer {
	var told answer
	for _, key := range asked.Keys {
		_, err := note.NewVerifier(key)
		told.Keys = append(told.Keys, errorText(err))
	}
	if verifier, err := note.NewVerifier(asked.Key); err == nil {
		for _, message := range asked.Notes {
			told.Notes = append(told.Notes, openNote(message, verifier))
		}
	}
	for _, message := range asked.Records {
		told.Records = append(told.Records, parseRecord(message))
	}
	for _, text := range asked.Trees {
		told.Trees = append(told.Trees, parseTree(text))
	}
	for _, path := range asked.TilePaths {
		told.TilePaths = append(told.TilePaths, parseTilePath(path))
	}
	told.Proofs = prove(asked.Proofs)
	if asked.Lookup != nil {
		told.Lookup = lookup(*asked.Lookup)
	}
	return told
}

func openNote(message []byte, verifier note.Verifier) string {
	opened, err := note.Open(message, note.VerifierList(verifier))
	if err != nil {
		return err.Error()
	}
	return "signed\n" + opened.Text
}

func parseRecord(message []byte) string {
	id, text, rest, err := tlog.ParseRecord(message)
	if err != nil {
		return "malformed"
	}
	return fmt.Sprintf("%d\n%x\n%x", id, text, rest)
}

func parseTree(text string) string {
	tree, err := tlog.ParseTree([]byte(text))
	if err != nil {
		return "malformed"
	}
	return fmt.Sprintf("%d %v", tree.N, tree.Hash)
}

func parseTilePath(path string) string {
	tile, err := tlog.ParseTilePath(path)
	if err != nil || tile.H != 8 {
		return "malformed"
	}
	return fmt.Sprintf("%d %d %d %s", tile.L, tile.N, tile.W, tile.Path())
}

func prove(pairs [][2]int64) []proofAnswer {
	var largest int64
	for _, pair := range pairs {
		largest = max(largest, pair[0])
	}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	for i := range largest {
		hashes, err := tlog.StoredHashes(i, fmt.Appendf(nil, "%d", i), reader)
		if err != nil {
			panic(err)
		}
		stored = append(stored, hashes...)
	}

	var answers []proofAnswer
	for _, pair := range pairs {
		hash, err := tlog.TreeHash(pair[0], reader)
		if err != nil {
			panic(err)
		}
		var one proofAnswer
		one.Hash = hash.String()
		if tree, err := tlog.ProveTree(pair[0], pair[1], reader); err == nil {
			one.Tree = texts(tree)
		}
		answers = append(answers, one)
	}
	return answers
}

func texts(hashes []tlog.Hash) []string {
	list := []string{}
	for _, hash := range hashes {
		list = append(list, hash.String())
	}
	return list
}

func lookup(asked lookupQuestion) *lookupAnswer {
	// One idle connection for each of those who ask at once, as the client that it is compared with has.
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = asked.Concurrency
	database := &operations{key: asked.Key, url: asked.URL, config: map[string][]byte{}, cache: map[string][]byte{}}
	if verifier, err := note.NewVerifier(asked.Key); err == nil && len(asked.Head) > 0 {
		database.config[verifier.Name()+"/latest"] = asked.Head
	}
	client := sumdb.NewClient(database)
	count := len(asked.Subjects)
	told := &lookupAnswer{Lines: make([][]string, count), Errors: make([]string, count)}
	var waiting sync.WaitGroup
	var next atomic.Int64
	started := time.Now()
	for range asked.Concurrency {
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			for at := int(next.Add(1)) - 1; at < count; at = int(next.Add(1)) - 1 {
				path, version := asked.Subjects[at][0], asked.Subjects[at][1]
				for _, suffix := range []string{"", "/go.mod"} {
					lines, err := client.Lookup(path, version+suffix)
					told.Lines[at] = append(told.Lines[at], lines...)
					told.Errors[at] = errorText(err)
				}
			}
		}()
	}
	waiting.Wait()
	told.Milliseconds = float64(time.Since(started).Microseconds()) / 1000
	told.Requests = database.requests.Load()
	return told
}

// operations keeps everything in memory.
type operations struct {
	key, url string
	requests atomic.Int64

	mu     sync.Mutex
	config map[string][]byte
	cache  map[string][]byte
}

func (o *operations) ReadRemote(path string) ([]byte, error) {
	o.requests.Add(1)
	response, err := http.Get(o.url + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New(response.Status)
	}
	return body, err
}

func (o *operations) ReadConfig(file string) ([]byte, error) {
	if file == "key" {
		return []byte(o.key), nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.config[file], nil
}

func (o *operations) WriteConfig(file string, old, new []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if string(o.config[file]) != string(old) {
		return sumdb.ErrWriteConflict
	}
	o.config[file] = new
	return nil
}

func (o *operations) ReadCache(file string) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if data, ok := o.cache[file]; ok {
		return data, nil
	}
	return nil, os.ErrNotExist
}

func (o *operations) WriteCache(file string, data []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cache[file] = data
}

func (o *operations) Log(string)           {}
func (o *operations) SecurityError(string) {}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
