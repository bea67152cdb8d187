package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/report"
	"cursor-agent-action/internal/terminal"
)

// terminalCommand is a command for people.
type terminalCommand struct {
	name    string
	args    string // as the help writes them, "" for none
	summary string
	about   string // more for its own help, "" for nothing
	flags   []option
	run     func(*console, context.Context) int
	// told says that the log is what was asked for, and not a thing beside it.
	told bool
}

// terminalCommands are the commands for people, in the order of the help.
func terminalCommands() []terminalCommand {
	return slices.Concat(workCommands(), lookCommands(), []terminalCommand{completionCommand()})
}

// terminalEntry is the entry of the program's command list.
func terminalEntry(entry terminalCommand) command {
	return command{entry.name, entry.summary, func(p Program, ctx context.Context, args []string) int {
		return p.atTerminal(ctx, entry, args)
	}}
}

// console is one call of a command for people.
type console struct {
	Program
	command terminalCommand
	given   map[string][]string // flags, by name
	args    []string
	out     *terminal.Screen // gets what was asked for
	log     *terminal.Screen // gets what happens meanwhile: stderr, or out where that is what was asked for
	runner  *person
	place   checkoutPlace
}

// atTerminal runs a command for people.
func (p Program) atTerminal(ctx context.Context, command terminalCommand, args []string) int {
	c := &console{Program: p, command: command, given: map[string][]string{}}
	if err := c.parse(args); errors.Is(err, flag.ErrHelp) {
		_, err := io.WriteString(p.Stdout, command.help())
		return exitIf(err)
	} else if err != nil {
		return c.refuse(err)
	}
	c.out = c.screen(p.Stdout)
	c.log = c.screen(p.Stderr)
	if command.told && !c.has("json") {
		c.log = c.out
	}
	c.place = readPlaceHere(p)
	c.runner = &person{Runner: actions.New(c.getenv, io.Discard), screen: c.log, verbose: c.has("verbose"), outputs: map[string]string{}, began: time.Now()}
	c.out.Hide(c.key(), p.Getenv("CURSOR_API_KEY"))
	c.log.Hide(c.key(), p.Getenv("CURSOR_API_KEY"))
	status := command.run(c, ctx)
	if err := c.out.Err(); err != nil && status == exitOK {
		fmt.Fprintf(p.Stderr, "cursor-agent-action %s: %v\n", command.name, err)
		return exitFailed
	}
	return status
}

func (c *console) screen(out io.Writer) *terminal.Screen {
	columns := c.Columns
	if columns == nil {
		columns = terminal.Columns(out)
	}
	return terminal.New(terminal.Config{Out: out, Columns: columns, Getenv: c.Getenv})
}

// parse reads flags and arguments in any order; what follows "--" are arguments.
func (c *console) parse(args []string) error {
	flags := flag.NewFlagSet(c.command.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, o := range c.command.flags {
		flags.Var(&flagValue{option: o, given: c.given}, o.name, "")
	}
	var rest []string
	if end := slices.Index(args, "--"); end >= 0 {
		args, rest = args[:end], args[end+1:]
	}
	for {
		if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			return err
		} else if err != nil {
			return fmt.Errorf("%w: see cursor-agent-action %s -h", err, c.command.name)
		}
		if flags.NArg() == 0 {
			c.args = append(c.args, rest...)
			return nil
		}
		c.args = append(c.args, flags.Arg(0))
		args = flags.Args()[1:]
	}
}

// has reports whether a switch is on.
func (c *console) has(name string) bool {
	values := c.given[name]
	return len(values) > 0 && values[len(values)-1] == "true"
}

// key is the API key from the environment: never a flag, because others can read
// a process' arguments.
func (c *console) key() string { return cleanKey(c.Getenv("CURSOR_API_KEY")) }

// getenv is the environment in which the inputs of a step are read: a flag is
// the input of its name, and the checkout is the workflow's.
func (c *console) getenv(name string) string {
	switch name {
	case "INPUT_API-KEY":
		return c.Getenv("CURSOR_API_KEY")
	case "INPUT_SUMMARY":
		return "false"
	case "GITHUB_WORKSPACE":
		return c.place.folder
	case "GITHUB_REPOSITORY":
		return c.place.repository.Path
	case "GITHUB_SERVER_URL":
		if c.place.repository.Server != "" {
			return c.place.repository.Server
		}
		return c.Getenv(name)
	case "GITHUB_REF":
		if c.place.branch != "" {
			return "refs/heads/" + c.place.branch
		}
	}
	if input, ok := strings.CutPrefix(name, "INPUT_"); ok {
		return strings.Join(c.given[strings.ToLower(input)], "\n")
	}
	return ""
}

// errors is where errors go: stderr, also where out and log are one.
func (c *console) errors() *terminal.Screen {
	screen := c.screen(c.Stderr)
	screen.Hide(c.key(), c.Getenv("CURSOR_API_KEY"))
	return screen
}

// refuse ends a command that was not asked for rightly.
func (c *console) refuse(err error) int {
	c.errors().Print(terminal.Bad, fmt.Sprintf("cursor-agent-action %s: %s", c.command.name, oneLine(err)))
	return exitUsage
}

// checkoutPlace is what the working folder says about where an agent would work.
type checkoutPlace struct {
	folder     string
	repository forge.Repository
	branch     string
	differs    string // what to say when the branch's last commit is not the remote's
	noRepo     error  // why repository is empty
	noBranch   error  // why branch is
}

// readPlaceHere looks at the checkout that the working folder is in.
func readPlaceHere(p Program) checkoutPlace {
	place := checkoutPlace{folder: p.Dir}
	if place.folder == "" {
		folder, err := os.Getwd()
		if err != nil {
			place.noRepo, place.noBranch = err, err
			return place
		}
		place.folder = folder
	}
	checkout, err := forge.ReadCheckout(place.folder)
	place.repository, place.branch = checkout.Repository, checkout.Branch
	if checkout.Differs {
		place.differs = fmt.Sprintf("the last commit here is not that of %s/%s, from which the agent starts: push yours if it is to see them", checkout.Remote, checkout.Branch)
	}
	if err != nil {
		place.noBranch = err
		if _, branch := errors.AsType[*forge.BranchError](err); !branch {
			place.noRepo = err
		}
	}
	return place
}

// problems gives what is wrong with the inputs in the words of flags. nil means
// that nothing is.
func (c *console) problems(err error) error {
	wrong, ok := errors.AsType[*actions.InputError](err)
	if !ok {
		return err
	}
	own := c.ownProblems()
	var texts []string
	said := map[string]bool{}
	for _, problem := range wrong.Problems {
		name, text := "--"+problem.Input, problem.Text
		if better, ok := own[problem.Input]; ok {
			if text = better; said[problem.Input] || text == "" {
				continue
			}
			said[problem.Input] = true
		}
		if problem.Input == "api-key" {
			name = "CURSOR_API_KEY"
		}
		texts = append(texts, name+": "+c.inFlags(text))
	}
	if len(texts) == 0 {
		return nil
	}
	return errors.New(strings.Join(texts, "; "))
}

// ownProblems are what to say about inputs whose problem has other words at a
// terminal; "" is none at all.
func (c *console) ownProblems() map[string]string {
	own := map[string]string{"idempotency-key": ""} // No workflow run is needed beside it.
	if c.key() == "" {
		own["api-key"] = "is not set: create a key at " + cursor.KeysPage + " and put it into this variable"
	}
	if c.place.noRepo != nil && len(c.given["repo"]) == 0 {
		own["repo"] = c.place.noRepo.Error() + ": name the repository with --repo owner/name"
	}
	if c.place.noBranch != nil && len(c.given["ref"]) == 0 && len(c.given["repo"]) == 0 {
		own["ref"] = c.place.noBranch.Error() + ": name the branch to start from with --ref"
		if c.place.noRepo != nil {
			own["ref"] = "" // The repository's problem says it.
		}
	}
	if len(c.given["repo"]) > 0 && len(c.given["ref"]) == 0 {
		own["ref"] = "is needed beside --repo: name the branch to start from"
	}
	if values := c.given["pull-request"]; len(values) > 0 && strings.EqualFold(values[0], "current") {
		own["pull-request"] = "is current, which nothing tells here: write its number or address"
	}
	return own
}

// agentArgument is the agent that the first argument names, by its id or the
// address of its page.
func (c *console) agentArgument() (string, error) {
	if len(c.args) == 0 {
		return "", errors.New("names no agent: write its id, bc- and a UUID, or the address of its page")
	}
	found := agentAddress.FindStringSubmatch(c.args[0])
	if found == nil {
		return "", fmt.Errorf("%.80q is no agent: write its id, bc- and a UUID, or the address of its page", c.args[0])
	}
	return found[1], nil
}

// newTerminalStep is a step whose audience is the person.
func (c *console) newTerminalStep(errand errand) *step {
	errand.gated = false // Nothing but the person started it.
	s := &step{Program: c.Program, runner: c.runner, began: c.runner.began, errand: errand, attended: true, timeline: report.NewTimeline()}
	s.errand.advise = terminalAdvice
	s.detaches = !c.has("cancel-on-interrupt")
	s.errand.words = terminalWords(s.errand.words, "", s.detaches)
	s.journal = &journal{runner: c.runner, level: logQuiet, began: s.began, words: s.errand.words}
	s.also = func(update agent.Update) {
		switch update := update.(type) {
		case agent.Planned:
			s.errand.words = terminalWords(s.errand.words, update.AgentID, s.detaches)
		case agent.Started:
			s.errand.words = terminalWords(s.errand.words, update.AgentID, s.detaches)
		}
		c.runner.observe(update)
	}
	return s
}
