package actions_test

import (
	"fmt"
	"strings"
	"unicode"
)

// This file reads what a step writes as the workflow runner does, after
// https://github.com/actions/runner: Runner.Common/ActionCommand.cs and
// Runner.Worker/FileCommandManager.cs. It is the judge of the other tests.

// runnerLines splits a log as the runner's line reader does.
func runnerLines(log string) []string {
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(log, "\r\n", "\n"), "\r", "\n"), "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	}
	return lines
}

// workflowCommand is a log line that the runner acts upon.
type workflowCommand struct {
	name, properties, data string
}

// parseCommand returns the command in a line: in the form of today if there is
// one, else in the old form. Any name counts as one that the runner knows.
func parseCommand(line string) (workflowCommand, bool) {
	if c, ok := parseV2(line); ok {
		return c, true
	}
	return parseV1(line)
}

func parseV2(line string) (c workflowCommand, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::")
	if !ok {
		return c, false
	}
	info, data, ok := strings.Cut(rest, "::")
	if !ok {
		return c, false
	}
	c.name, c.properties, _ = strings.Cut(info, " ")
	for _, escape := range [][2]string{{"%0D", "\r"}, {"%0A", "\n"}, {"%25", "%"}} {
		data = strings.ReplaceAll(data, escape[0], escape[1])
	}
	c.data = data
	return c, true
}

func parseV1(line string) (c workflowCommand, ok bool) {
	_, rest, ok := strings.Cut(line, "##[")
	if !ok {
		return c, false
	}
	info, data, ok := strings.Cut(rest, "]")
	if !ok {
		return c, false
	}
	c.name, c.properties, _ = strings.Cut(info, " ")
	c.data = data
	return c, true
}

// withoutIgnorables is what is left of a line for a comparison by the rules of
// a language, which the runner uses to look for the marks of a command.
func withoutIgnorables(line string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Cc, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) && r != '\t' {
			return -1
		}
		return r
	}, line)
}

// commands returns what the runner would do upon reading log.
func commands(log string) (found []workflowCommand) {
	for _, line := range runnerLines(log) {
		if c, ok := parseCommand(line); ok {
			found = append(found, c)
		}
	}
	return found
}

// fileValues reads the file of outputs or state. The last value of a name
// counts.
func fileValues(content string) (map[string]string, error) {
	values := make(map[string]string)
	for rest := content; rest != ""; {
		line, after, _ := strings.Cut(rest, "\n")
		rest = after
		if line == "" {
			continue
		}
		equals, heredoc := strings.Index(line, "="), strings.Index(line, "<<")
		switch {
		case equals >= 0 && (heredoc < 0 || equals < heredoc):
			values[line[:equals]] = line[equals+1:]
		case heredoc >= 0:
			name, delimiter := line[:heredoc], line[heredoc+2:]
			if name == "" || delimiter == "" {
				return values, fmt.Errorf("line %q has no name or no delimiter", line)
			}
			var lines []string
			for {
				if rest == "" {
					return values, fmt.Errorf("delimiter %q of %s is missing", delimiter, name)
				}
				line, after, ended := strings.Cut(rest, "\n")
				rest = after
				if line == delimiter {
					break
				}
				if !ended {
					return values, fmt.Errorf("the last line of %s does not end", name)
				}
				lines = append(lines, line)
			}
			values[name] = strings.Join(lines, "\n")
		default:
			return values, fmt.Errorf("line %q is neither name=value nor name<<delimiter", line)
		}
	}
	return values, nil
}

// summaryLimit is the size in bytes up to which the runner takes a summary.
const summaryLimit = 1024 * 1024
