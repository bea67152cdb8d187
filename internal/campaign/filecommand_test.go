package campaign_test

import (
	"errors"
	"fmt"
	"strings"
)

// readFileCommand reads the file of outputs or state by the rules of the
// runner: https://github.com/actions/runner/blob/main/src/Runner.Worker/FileCommandManager.cs
// The last value of a name counts; a file that breaks a rule fails the step.
func readFileCommand(content string) (map[string]string, error) {
	values := map[string]string{}
	lines := strings.Split(content, "\n")
	if lines[len(lines)-1] != "" && content != "" {
		return values, errors.New("the last line has no end")
	}
	for lines = lines[:len(lines)-1]; len(lines) > 0; {
		head := lines[0]
		lines = lines[1:]
		if head == "" {
			continue
		}
		equals, heredoc := strings.Index(head, "="), strings.Index(head, "<<")
		if heredoc < 0 && equals < 0 {
			return values, fmt.Errorf("line %q is neither name=value nor name<<delimiter", head)
		}
		if heredoc < 0 || equals >= 0 && equals < heredoc {
			if equals == 0 {
				return values, fmt.Errorf("line %q has no name", head)
			}
			values[head[:equals]] = head[equals+1:]
			continue
		}
		name, delimiter := head[:heredoc], head[heredoc+2:]
		if name == "" || delimiter == "" {
			return values, fmt.Errorf("line %q has no name or no delimiter", head)
		}
		end := 0
		for end < len(lines) && lines[end] != delimiter {
			end++
		}
		if end == len(lines) {
			return values, fmt.Errorf("%s does not end with its delimiter", name)
		}
		values[name] = strings.Join(lines[:end], "\n")
		lines = lines[end+1:]
	}
	return values, nil
}

// summaryLimit is the size in bytes above which the runner drops a summary.
const summaryLimit = 1 << 20
