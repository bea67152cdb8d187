//go:generate go run ./internal/readme

// Command cursor-agent-action gives work to Cursor's cloud agents, as a GitHub
// container action and from a terminal.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"cursor-agent-action/internal/cli"
)

// version is set by the build: -ldflags "-X main.version=1.2.3".
var version = "dev"

func main() {
	// A log that nobody reads must not end us: an agent may be at work.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// Which os.Exit never comes to: a signal that arrives while we exit must not
	// take the place of the exit status.
	defer stop()
	program := cli.Program{
		Getenv:  os.Getenv,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Version: version,
	}
	os.Exit(program.Run(ctx, os.Args))
}
