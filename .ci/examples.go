//go:build ignore

// Examples takes the workflows that users copy from, so that they can be linted.
//
//	go run .ci/examples.go FOLDER README.md WORKFLOW.yml...
//
// Each workflow becomes a file of the folder, and so does each fenced yaml block
// of a Markdown file that is a workflow or a list of steps. A use of the published
// action becomes a use of the one in the checkout, so that the linter holds its
// inputs and outputs against action.yml.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// published matches the action's name with any owner and version.
var published = regexp.MustCompile(`uses: [\w.-]+/cursor-agent-action@\S+`)

// wrapper makes a workflow of a list of steps that is indented by six.
const wrapper = "on: push\njobs:\n  example:\n    runs-on: ubuntu-latest\n    steps:\n"

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: go run .ci/examples.go FOLDER FILE...")
		os.Exit(2)
	}
	for _, file := range os.Args[2:] {
		if err := run(file, os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// run takes the workflows out of one file.
func run(file, folder string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	write := func(name, workflow string) error {
		return os.WriteFile(filepath.Join(folder, name), []byte(published.ReplaceAllString(workflow, "uses: ./")), 0o644)
	}
	if filepath.Ext(file) != ".md" {
		if !published.Match(text) {
			return fmt.Errorf("%s does not use the action", file)
		}
		return write(filepath.Base(file), string(text))
	}
	found := 0
	for line, block := range blocks(string(text)) {
		workflow, ok := workflow(block)
		if !ok {
			continue
		}
		found++
		// The name tells where the example stands.
		if err := write(fmt.Sprintf("%s-line-%d.yml", strings.TrimSuffix(filepath.Base(file), ".md"), line), workflow); err != nil {
			return err
		}
	}
	if found == 0 {
		return fmt.Errorf("%s holds no workflow in a yaml block", file)
	}
	fmt.Printf("%s: %d examples\n", file, found)
	return nil
}

// blocks yields the fenced yaml blocks of a text and the lines they begin at. A
// block that is part of a list is given without the list's indentation.
func blocks(text string) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		var block strings.Builder
		start, indent := 0, ""
		for i, line := range strings.Split(text, "\n") {
			trimmed := strings.TrimSpace(line)
			switch {
			case start == 0 && (trimmed == "```yaml" || trimmed == "```yml"):
				start, indent = i+2, line[:strings.Index(line, "`")]
				block.Reset()
			case start != 0 && trimmed == "```":
				if !yield(start, block.String()) {
					return
				}
				start = 0
			case start != 0:
				block.WriteString(strings.TrimPrefix(line, indent) + "\n")
			}
		}
	}
}

// workflow returns the workflow that a block holds: itself, or the list of steps
// that it is, in a job. A block that is neither is no example of a workflow.
func workflow(block string) (string, bool) {
	lines := strings.Split(strings.TrimRight(block, "\n"), "\n")
	has := func(prefix string) bool {
		for _, line := range lines {
			if strings.HasPrefix(line, prefix) {
				return true
			}
		}
		return false
	}
	switch {
	case has("on:") && has("jobs:"):
		return block, true
	case has("- ") && (strings.Contains(block, "uses:") || strings.Contains(block, "run:")):
		return wrapper + "      " + strings.Join(lines, "\n      ") + "\n", true
	default:
		return "", false
	}
}
