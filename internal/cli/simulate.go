package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"cursor-agent-action/internal/simulator"
)

// simulate serves the embedded API until ctx ends. It prints one line on
// stdout, when it is ready.
func (p Program) simulate(ctx context.Context, args []string) int {
	flags := flag.NewFlagSet("cursor-agent-action simulate", flag.ContinueOnError)
	flags.SetOutput(p.Stderr)
	listen := flags.String("listen", "127.0.0.1:8787", "address to listen on; port 0 picks one; anything but loopback lets the network in")
	scenario := flags.String("scenario", "happy", "what agents do: "+strings.Join(simulator.Names(), ", ")+", or a YAML file")
	newer := flags.Bool("newer", false, "answer as newer servers do: IDLE agents, extra fields, unknown events, cost")
	speed := flags.Float64("speed", 1, "divide the scenario's durations by this")
	rate := flags.Int("rate-limit", 0, "requests per minute and operation that a key may make; 0 is no limit")
	verbose := flags.Bool("v", false, "log each request to stderr")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return exitOK
	} else if err != nil {
		return exitUsage
	}
	fail := func(status int, err error) int {
		fmt.Fprintf(p.Stderr, "cursor-agent-action simulate: %v\n", err)
		return status
	}
	if flags.NArg() > 0 {
		return fail(exitUsage, fmt.Errorf("does not know %q: give flags only, see -h", flags.Args()))
	}
	if *speed <= 0 {
		return fail(exitUsage, fmt.Errorf("-speed %v is not above 0: write 10 to be ten times as fast", *speed))
	}
	plays, err := simulator.Open(*scenario, os.ReadFile)
	if err != nil {
		return fail(exitUsage, err)
	}
	config := simulator.Config{Scenario: plays, Newer: *newer, Speed: *speed, RateLimit: *rate}
	if *verbose {
		config.Log = func(request simulator.Request) {
			fmt.Fprintf(p.Stderr, "%s %s %d %s\n", request.Method, request.Path, request.Status, request.Duration.Round(time.Millisecond))
		}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *listen)
	if err != nil {
		return fail(exitFailed, fmt.Errorf("%w: choose another address with -listen", err))
	}
	if _, err := fmt.Fprintf(p.Stdout, "listening http://%s\n", listener.Addr()); err != nil {
		_ = listener.Close()
		return fail(exitFailed, err)
	}
	if err := serve(ctx, listener, simulator.New(config)); err != nil {
		return fail(exitFailed, err)
	}
	return exitOK
}

// serve answers on listener until ctx ends, and then ends everything at once:
// nothing in a simulator is worth waiting for.
func serve(ctx context.Context, listener net.Listener, api *simulator.Server) error {
	server := &http.Server{Handler: api, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() {
		api.Close()
		_ = server.Close()
	})
	defer stop()
	defer api.Close()
	if err := server.Serve(api.Listener(listener)); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
