package cli

import (
	"fmt"
	"strconv"
	"strings"

	"cursor-agent-action/internal/agent"
)

// option is one flag of a command for people.
type option struct {
	name  string
	value string // what its value is, as the help writes it; "" for a switch
	usage string
	words []string // the values that there are; nil for any
	many  bool     // it may be given several times
	files bool     // its value names a file
}

// flagValue collects the values of an option.
type flagValue struct {
	option
	given map[string][]string
}

// IsBoolFlag lets a switch stand without a value.
func (v *flagValue) IsBoolFlag() bool { return v.value == "" }

func (v *flagValue) String() string { return "" }

// Set takes one value. The last counts, but for an option that may be repeated.
func (v *flagValue) Set(text string) error {
	if v.value == "" {
		on, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		text = strconv.FormatBool(on)
	}
	if !v.many {
		v.given[v.name] = nil
	}
	v.given[v.name] = append(v.given[v.name], text)
	return nil
}

// help is what -h prints of a command.
func (t terminalCommand) help() string {
	var text strings.Builder
	usage := "cursor-agent-action " + t.name
	if t.args != "" {
		usage += " " + t.args
	}
	fmt.Fprintf(&text, "Usage: %s [flags]\n\n%s.\n", usage, strings.ToUpper(t.summary[:1])+t.summary[1:])
	if t.about != "" {
		fmt.Fprintf(&text, "\n%s\n", t.about)
	}
	text.WriteString("\nFlags:\n")
	for _, o := range t.flags {
		flag := "--" + o.name
		if o.value != "" {
			flag += " " + o.value
		}
		usage := o.usage
		if len(o.words) > 0 {
			usage += ": " + strings.Join(o.words, ", ")
		}
		if o.many {
			usage += "; may be repeated"
		}
		fmt.Fprintf(&text, "  %s\n        %s\n", flag, usage)
	}
	if t.name != "completion" {
		text.WriteString("\nThe API key comes from the environment variable CURSOR_API_KEY.\n")
	}
	return text.String()
}

// The options that several commands share.

// connectionOptions say how the API is reached and how it is told.
func connectionOptions() []option {
	return []option{
		{name: "json", usage: "print JSON"},
		{name: "api-url", value: "URL", usage: "address of the API; http is for this machine only"},
		{name: "api-version", value: "VERSION", usage: "version of the API", words: apiVersions()},
		{name: "verbose", usage: "tell of each request too"},
	}
}

// waitOptions say how a run is waited for.
func waitOptions() []option {
	var outcomes []string
	for _, outcome := range agent.Outcomes() {
		outcomes = append(outcomes, string(outcome))
	}
	return []option{
		{name: "timeout", value: "TIME", usage: "how long to wait in all, such as 45m or 2h"},
		{name: "cancel-on-interrupt", usage: "have Ctrl-C cancel the agent's run; without, it goes on"},
		{name: "fail-on", value: "OUTCOMES", usage: "outcomes that make the exit status 1, with commas, or none", words: append(outcomes, "none")},
		{name: "poll-interval", value: "TIME", usage: "first wait between two looks at the run while its event stream is away"},
		{name: "log", value: "LEVEL", usage: "what of the agent is told", words: []string{string(logFull), string(logTools), string(logQuiet)}},
		{name: "max-tokens", value: "NUMBER", usage: "how many tokens the run may use; one that passes it is cancelled"},
		{name: "result-schema", value: "SCHEMA", usage: "JSON Schema of the result, as JSON or as a file below this folder", files: true},
		{name: "artifacts", value: "FOLDER", usage: "folder below this one to download the agent's artifacts to", files: true},
	}
}

// promptOptions say what an agent is told.
func promptOptions() []option {
	return []option{
		{name: "prompt", value: "TEXT", usage: "what the agent is asked to do; the arguments do as well"},
		{name: "prompt-file", value: "FILE", usage: "file below this folder, or pattern, that holds the prompt", many: true, files: true},
		{name: "images", value: "IMAGE", usage: "image to show to the agent, a web address or a file below this folder", many: true, files: true},
		{name: "mcp-servers", value: "JSON", usage: "MCP servers for the agent, or @FILE to read them from a file below this folder", files: true},
		{name: "agent-mode", value: "MODE", usage: "agent does the work, plan drafts a plan", words: []string{"agent", "plan"}},
		{name: "idempotency-key", value: "KEY", usage: "what is asked for twice under one key is done once; without, each call is new work"},
	}
}
