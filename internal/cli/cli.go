// Package cli is the program: its commands, what they need from the outside,
// and the one map from what happened to exit statuses.
package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
)

// Program is the program with everything that it takes from its process, so
// that tests run it whole.
type Program struct {
	Getenv         func(string) string
	Stdout, Stderr io.Writer
	Version        string
	// Transport reaches the Cursor API. nil means the network.
	Transport http.RoundTripper
	// Random returns numbers from 0 to below 1, for the jitter of waits, so that
	// a test can repeat a run to the nanosecond. It is used by several goroutines
	// at once. nil means math/rand's.
	Random func() float64
}

// Exit statuses.
const (
	exitOK          = 0   // the outcome is not one of fail-on
	exitFailed      = 1   // it is, or the program could not do what it was asked
	exitUsage       = 2   // bad input or configuration: nothing was launched
	exitTimedOut    = 124 // our time was over, as timeout(1) has it
	exitInterrupted = 130 // SIGINT or SIGTERM, as shells have it
)

// command is one thing that the program does.
type command struct {
	name    string
	summary string
	run     func(Program, context.Context, []string) int
}

// commands is every command in the order of the help.
func commands() []command {
	return []command{
		{"demo", "show the main job, whole, on an embedded Cursor API", Program.demo},
		{"simulate", "serve the embedded Cursor API, to test workflows without a key", Program.simulate},
		{"action", "launch an agent and wait for it; what the container image runs", Program.action},
		{"cleanup", "cancel what an interrupted action left running; the image runs it after the job", Program.cleanup},
		{"version", "print the version", Program.printVersion},
		{"help", "print this", Program.help},
	}
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
	text.WriteString("cursor-agent-action gives work to Cursor's cloud agents from a workflow.\n\nCommands:\n")
	for _, command := range commands() {
		fmt.Fprintf(&text, "  %-9s %s\n", command.name, command.summary)
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
