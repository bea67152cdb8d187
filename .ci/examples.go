//go:build ignore

// Examples takes the workflows out of a Markdown file, so that they can be linted.
//
//	go run .ci/examples.go README.md FOLDER
//
// Each fenced yaml block that is a workflow, or a list of steps, becomes a file of
// the folder. A use of the published action becomes a use of the one in the
// checkout, so that the linter holds its inputs and outputs against action.yml.
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
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go run .ci/examples.go FILE.md FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(markdown, folder string) error {
	text, err := os.ReadFile(markdown)
	if err != nil {
		return err
	}
	found := 0
	for line, block := range blocks(string(text)) {
		workflow, ok := workflow(block)
		if !ok {
			continue
		}
		found++
		// The name tells where the example stands.
		name := fmt.Sprintf("%s-line-%d.yml", strings.TrimSuffix(filepath.Base(markdown), ".md"), line)
		workflow = published.ReplaceAllString(workflow, "uses: ./")
		if err := os.WriteFile(filepath.Join(folder, name), []byte(workflow), 0o644); err != nil {
			return err
		}
	}
	if found == 0 {
		return fmt.Errorf("%s holds no workflow in a yaml block", markdown)
	}
	fmt.Printf("%s: %d examples\n", markdown, found)
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
