package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"cursor-agent-action/internal/simulator"
)

// programName is what the program is called where a shell completes it.
const programName = "cursor-agent-action"

// shells are those that a script can be printed for.
func shells() []string { return []string{"bash", "zsh", "fish"} }

func completionCommand() terminalCommand {
	return terminalCommand{
		name: "completion", args: strings.Join(shells(), "|"), summary: "print a shell's completion script",
		about: "For bash: source <(cursor-agent-action completion bash)\nFor zsh:  source <(cursor-agent-action completion zsh)\nFor fish: cursor-agent-action completion fish | source",
		run:   (*console).completion,
	}
}

// completion prints the script. It is made of the commands' own lists, and asks
// the program for nothing later.
func (c *console) completion(context.Context) int {
	if len(c.args) != 1 || !slices.Contains(shells(), c.args[0]) {
		return c.refuse(fmt.Errorf("does not know %q: name one of %s", c.args, strings.Join(shells(), ", ")))
	}
	var script string
	switch all := completed(); c.args[0] {
	case "bash":
		script = bashScript(all)
	case "zsh":
		script = zshScript(all)
	default:
		script = fishScript(all)
	}
	_, err := io.WriteString(c.Stdout, script)
	return exitIf(err)
}

// completed are the commands that a shell completes: all but those that only the
// image runs.
func completed() []terminalCommand {
	all := terminalCommands()
	for i := range all {
		if all[i].name == "completion" {
			all[i].flags = nil
		}
	}
	return append(all,
		terminalCommand{name: "doctor", summary: "look at all that a launch needs", flags: []option{
			{name: "repo", value: "REPOSITORY", usage: "repository that an agent would work on"},
			{name: "ref", value: "BRANCH", usage: "branch that it would start from"},
			{name: "model", value: "MODEL", usage: "model that it would use"},
			{name: "api-url", value: "URL", usage: "address of the API"},
			{name: "api-version", value: "VERSION", usage: "version of the API", words: apiVersions()},
			{name: "check-repositories", usage: "ask whether Cursor's GitHub App covers the repository"},
			{name: "json", usage: "print JSON"},
		}},
		terminalCommand{name: "demo", summary: "show the main job on an embedded API"},
		terminalCommand{name: "simulate", summary: "serve the embedded API", flags: []option{
			{name: "listen", value: "ADDRESS", usage: "address to listen on"},
			{name: "scenario", value: "NAME", usage: "what agents do", words: simulator.Names()},
			{name: "newer", usage: "answer as newer servers do"},
			{name: "speed", value: "FACTOR", usage: "divide durations by this"},
			{name: "rate-limit", value: "NUMBER", usage: "requests per minute and operation"},
			{name: "v", usage: "log each request"},
		}},
		terminalCommand{name: "version", summary: "print the version"},
		terminalCommand{name: "help", summary: "print what there is"},
	)
}

// names are the commands' names.
func names(all []terminalCommand) string {
	var list []string
	for _, t := range all {
		list = append(list, t.name)
	}
	return strings.Join(list, " ")
}

// arguments are the words that a command takes as arguments.
func (t terminalCommand) arguments() []string {
	if t.name == "completion" {
		return shells()
	}
	return nil
}

func bashScript(all []terminalCommand) string {
	var values, flags strings.Builder
	for _, t := range all {
		words := t.arguments()
		for _, o := range t.flags {
			words = append(words, "--"+o.name)
			switch {
			case o.files:
				fmt.Fprintf(&values, "\t%q) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n", t.name+" --"+o.name)
			case o.value != "":
				fmt.Fprintf(&values, "\t%q) COMPREPLY=($(compgen -W %q -- \"$current\")); return ;;\n", t.name+" --"+o.name, strings.Join(o.words, " "))
			}
		}
		fmt.Fprintf(&flags, "\t%s) COMPREPLY=($(compgen -W %q -- \"$current\")) ;;\n", t.name, strings.Join(words, " "))
	}
	return fmt.Sprintf(`_cursor_agent_action() {
	local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		COMPREPLY=($(compgen -W %q -- "$current"))
		return
	fi
	case "$command $before" in
%s	esac
	case "$command" in
%s	esac
}
complete -F _cursor_agent_action %s
`, names(all), values.String(), flags.String(), programName)
}

func zshScript(all []terminalCommand) string {
	quote := strings.NewReplacer("'", `'\''`, ":", `\:`, "[", `\[`, "]", `\]`).Replace
	var commands, flags strings.Builder
	for _, t := range all {
		fmt.Fprintf(&commands, "\t\t'%s:%s'\n", t.name, quote(t.summary))
		fmt.Fprintf(&flags, "\t%s) _arguments", t.name)
		for _, o := range t.flags {
			name, action := "--"+o.name, ""
			switch {
			case o.files:
				action = "_files"
			case len(o.words) > 0:
				action = "(" + strings.Join(o.words, " ") + ")"
			}
			repeats := ""
			if o.many {
				repeats = "*"
			}
			if o.value == "" {
				fmt.Fprintf(&flags, " \\\n\t\t'%s%s[%s]'", repeats, name, quote(o.usage))
			} else {
				fmt.Fprintf(&flags, " \\\n\t\t'%s%s=[%s]:%s:%s'", repeats, name, quote(o.usage), o.value, action)
			}
		}
		fmt.Fprintf(&flags, " \\\n\t\t'*:argument:(%s)' ;;\n", strings.Join(t.arguments(), " "))
	}
	return fmt.Sprintf(`#compdef %[1]s
_cursor_agent_action() {
	local -a commands=(
%[2]s	)
	if (( CURRENT == 2 )); then
		_describe command commands
		return
	fi
	local command=$words[2]
	shift words
	(( CURRENT-- ))
	case $command in
%[3]s	esac
}
compdef _cursor_agent_action %[1]s
`, programName, commands.String(), flags.String())
}

func fishScript(all []terminalCommand) string {
	quote := strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace
	var script strings.Builder
	fmt.Fprintf(&script, "complete -c %s -f\n", programName)
	for _, t := range all {
		fmt.Fprintf(&script, "complete -c %s -n __fish_use_subcommand -a %s -d '%s'\n", programName, t.name, quote(t.summary))
		here := fmt.Sprintf("complete -c %s -n '__fish_seen_subcommand_from %s'", programName, t.name)
		for _, o := range t.flags {
			line := here + " -l " + o.name
			switch {
			case o.files:
				line += " -rF"
			case len(o.words) > 0:
				line += " -xa '" + strings.Join(o.words, " ") + "'"
			case o.value != "":
				line += " -x"
			}
			fmt.Fprintf(&script, "%s -d '%s'\n", line, quote(o.usage))
		}
		if words := t.arguments(); len(words) > 0 {
			fmt.Fprintf(&script, "%s -a '%s'\n", here, strings.Join(words, " "))
		}
	}
	return script.String()
}
