// Command readme writes the tables of inputs and outputs in README.md from
// action.yml. It runs by go generate, in the project's folder.
package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"cursor-agent-action/internal/part"

	"go.yaml.in/yaml/v3"
)

func main() {
	if err := run("README.md", "action.yml"); err != nil {
		fmt.Fprintln(os.Stderr, "readme:", err)
		os.Exit(1)
	}
}

func run(readmePath, actionPath string) error {
	action, err := os.ReadFile(actionPath)
	if err != nil {
		return err
	}
	readme, err := os.ReadFile(readmePath)
	if err != nil {
		return err
	}
	updated, err := update(readme, action)
	if err != nil || bytes.Equal(updated, readme) {
		return err
	}
	return os.WriteFile(readmePath, updated, 0o644)
}

// update returns readme with its generated parts made anew.
func update(readme, action []byte) ([]byte, error) {
	var file struct {
		Inputs, Outputs yaml.Node
	}
	if err := yaml.Unmarshal(action, &file); err != nil {
		return nil, fmt.Errorf("action.yml: %w", err)
	}
	inputs, err := table(file.Inputs, "| input | default | what it is |\n| --- | --- | --- |\n", func(name string, e entry) string {
		return fmt.Sprintf("| `%s` | %s | %s |\n", name, code(e.Default), cell(e.Description))
	})
	if err != nil {
		return nil, fmt.Errorf("action.yml: inputs: %w", err)
	}
	outputs, err := table(file.Outputs, "| output | what it is |\n| --- | --- |\n", func(name string, e entry) string {
		return fmt.Sprintf("| `%s` | %s |\n", name, cell(e.Description))
	})
	if err != nil {
		return nil, fmt.Errorf("action.yml: outputs: %w", err)
	}
	for name, text := range map[string]string{"inputs": inputs, "outputs": outputs} {
		if readme, err = part.Replace(readme, name, text); err != nil {
			return nil, fmt.Errorf("README.md: %w", err)
		}
	}
	return readme, nil
}

// entry is one input or output of action.yml.
type entry struct {
	Description, Default string
}

// table writes a row for each entry, in the file's order.
func table(node yaml.Node, head string, row func(string, entry) string) (string, error) {
	text := strings.Builder{}
	text.WriteString(head)
	for i := 0; i+1 < len(node.Content); i += 2 {
		var e entry
		if err := node.Content[i+1].Decode(&e); err != nil {
			return "", err
		}
		text.WriteString(row(node.Content[i].Value, e))
	}
	return text.String(), nil
}

// cell keeps a description in its cell.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + cell(text) + "`"
}
