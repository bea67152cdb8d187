// Package cli is the program: its commands, what they need from the outside,
// and the one map from what happened to exit statuses.
package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"

	"cursor-agent-action/internal/actions"
)

// Program is the program with everything that it takes from its process, so
// that tests run it whole.
type Program struct {
	Getenv         func(string) string
	Stdout, Stderr io.Writer
	Version        string
	// Transport reaches the Cursor API, and GitHub's for the command reap. nil
	// means the network.
	Transport http.RoundTripper
	// Random returns numbers from 0 to below 1, for the jitter of waits, so that
	// a test can repeat a run to the nanosecond. It is used by several goroutines
	// at once. nil means math/rand's.
	Random func() float64
	// Dir is the folder that commands for people work in; "" is the process's.
	Dir string
	// Columns is the width, now, of the terminal that Stdout and Stderr are, in
	// characters; 0 says that they are none. nil asks them.
	Columns func() int
}

// Exit statuses.
const (
	exitOK          = 0   // the outcome is not one of fail-on
	exitFailed      = 1   // it is, or the program could not do what it was asked
	exitUsage       = 2   // bad input or configuration: nothing was launched
	exitTimedOut    = 124 // our time was over, as timeout(1) has it
	exitInterrupted = 130 // SIGINT or SIGTERM, as shells have it
)

// command is one thing that the program does from a command line.
type command struct {
	name    string
	summary string
	run     func(Program, context.Context, []string) int
}

// commands is every command in the order of the help.
func commands() []command {
	all := []command{
		{"demo", "show the main job, whole, on an embedded Cursor API", Program.demo},
		{"simulate", "serve the embedded Cursor API, to test workflows without a key", Program.simulate},
	}
	for _, entry := range terminalCommands() {
		all = append(all, terminalEntry(entry))
	}
	return append(all, []command{
		{"doctor", "look at all that a launch needs, without launching anything", Program.doctor},
		{"action", "launch an agent and wait for it; what the container image runs", Program.step},
		{"cleanup", "cancel what an interrupted action left running; the image runs it after the job", Program.afterStep},
		{"version", "print the version", Program.printVersion},
		{"help", "print this", Program.help},
	}...)
}

// stepCommand is one thing that the program does as a step of a workflow: a
// value of the input command.
type stepCommand struct {
	name    string
	run     func(Program, context.Context, []string) int
	cleanup func(Program, context.Context, []string) int // nil where nothing is left behind
}

// stepCommands is every value of the input command, the default first.
func stepCommands() []stepCommand {
	return []stepCommand{
		{"launch", Program.launch, Program.cleanup},
		{"follow-up", Program.followUp, Program.followUpCleanup},
		{"attach", Program.attach, Program.attachCleanup},
		{"doctor", Program.doctorStep, nil},
		{commandCancel, Program.cancelStep, nil},
		{commandArchive, Program.archiveStep, nil},
		{commandDelete, Program.deleteStep, nil},
		{commandList, Program.listStep, nil},
		{commandReap, Program.reapStep, nil},
	}
}

// asked is the command that the inputs ask for. An unknown one is the default,
// which refuses it together with all else that is wrong with the inputs.
func (p Program) asked() stepCommand {
	all := stepCommands()
	name := actions.New(p.Getenv, io.Discard).Inputs().Text("command")
	if i := slices.IndexFunc(all, func(c stepCommand) bool { return c.name == name }); i >= 0 {
		return all[i]
	}
	return all[0]
}

// step is the main stage of the action.
func (p Program) step(ctx context.Context, args []string) int {
	if len(args) > 0 {
		fmt.Fprintf(p.Stderr, "cursor-agent-action: action takes no arguments but has %q: give it inputs as INPUT_NAME variables\n", args)
		return exitUsage
	}
	return p.asked().run(p, ctx, nil)
}

// afterStep is the action's last stage.
func (p Program) afterStep(ctx context.Context, _ []string) int {
	if end := p.asked().cleanup; end != nil {
		return end(p, ctx, nil)
	}
	return exitOK
}

// Run runs the program with args, whose first is the name it was called by, and
// returns its exit status. Called as "cleanup" (the image's post-entrypoint,
// which gets the arguments of the main one) it is that command, whatever the
// arguments say. When ctx is cancelled it ends within seconds.
func (p Program) Run(ctx context.Context, args []string) int {
	name, rest := "help", []string(nil)
	if len(args) > 1 {
		name, rest = args[1], args[2:]
	}
	if len(args) > 0 && path.Base(args[0]) == "cleanup" {
		name, rest = "cleanup", nil
	}
	switch name {
	case "-h", "-help", "--help":
		name = "help"
	case "-version", "--version":
		name = "version"
	}
	for _, command := range commands() {
		if command.name == name {
			return command.run(p, ctx, rest)
		}
	}
	fmt.Fprintf(p.Stderr, "cursor-agent-action: no command %q: see cursor-agent-action help\n", name)
	return exitUsage
}

func (p Program) help(context.Context, []string) int {
	var text strings.Builder
	text.WriteString("cursor-agent-action gives work to Cursor's cloud agents, from a workflow or a terminal.\n\nCommands:\n")
	for _, command := range commands() {
		fmt.Fprintf(&text, "  %-11s%s\n", command.name, command.summary)
	}
	text.WriteString("\nTry: cursor-agent-action demo\n")
	_, err := io.WriteString(p.Stdout, text.String())
	return exitIf(err)
}

func (p Program) printVersion(context.Context, []string) int {
	_, err := fmt.Fprintln(p.Stdout, p.Version)
	return exitIf(err)
}

// exitIf is the status of a command whose only trouble can be err.
func exitIf(err error) int {
	if err != nil {
		return exitFailed
	}
	return exitOK
}
