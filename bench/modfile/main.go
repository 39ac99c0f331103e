// Command modfile tells how fast modfile.Parse is: asked for a file and a time in milliseconds on one line of standard
// input, it parses the file for that long, in one thread, and prints the bytes per second.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"time"

	"golang.org/x/mod/modfile"
)

func main() {
	runtime.GOMAXPROCS(1)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var path string
		var milliseconds int
		if _, err := fmt.Sscan(lines.Text(), &path, &milliseconds); err != nil {
			fail(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			fail(err)
		}
		fmt.Printf("%.0f\n", speed(text, time.Duration(milliseconds)*time.Millisecond))
	}
}

func speed(text []byte, atLeast time.Duration) float64 {
	start := time.Now()
	for count := 1; ; count++ {
		if _, err := modfile.Parse("go.mod", text, nil); err != nil {
			fail(err)
		}
		if taken := time.Since(start); taken >= atLeast {
			return float64(count*len(text)) / taken.Seconds()
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
