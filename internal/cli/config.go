package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/schema"
	"cursor-agent-action/internal/secret"
)

// config is what one action run was asked to do, all of it checked.
type config struct {
	connection
	spec        agent.Spec
	work        agent.Work
	wait        bool
	timeout     time.Duration
	leave       bool // on-timeout: leave
	failOn      map[agent.Outcome]bool
	poll        time.Duration
	log         logLevel
	summary     bool
	maxTokens   int64          // 0: any number
	schema      *schema.Schema // that the result must have; nil: none
	artifacts   string         // folder below the workspace, "" for none
	dryRun      bool
	repository  forge.Repository // to work on; zero with a named environment
	pullRequest string           // address, "" for none

	event       forge.Event // that started the workflow
	githubToken secret.Text
	gate        forge.Gate
	limits      limits
	compose     composition
	touches     touches
	comment     commentMode
	check       string // name of the check run, "" for none
	matrix      string // the input idempotency-key: the place in a matrix

	agentID      string         // of the agent that is there already, "" for none
	current      bool           // agent-id: current, whose agent is not known yet
	runID        string         // of its run to wait for; "" is the latest
	followUp     agent.FollowUp // without its agent
	launchIfNone bool           // if-none: launch
}

// logLevel is the input log.
type logLevel string

const (
	logFull  logLevel = "full"
	logTools logLevel = "tools"
	logQuiet logLevel = "quiet"
)

// Bounds of the inputs that are times.
const (
	defaultTimeout = time.Hour
	minTimeout     = time.Second
	maxTimeout     = 35 * 24 * time.Hour // GitHub ends every workflow run by then.
	defaultPoll    = 10 * time.Second
	minPoll        = time.Second
	maxPoll        = 10 * time.Minute
)

// readConfig reads and checks every input of the errand. All problems are in one
// error, an *actions.InputError.
func readConfig(runner *actions.Runner, in *actions.Inputs, errand errand) (config, error) {
	var c config
	c.connection, _ = readConnection(runner, in) // Its problems are in.Err's too.
	c.dryRun = in.Bool("dry-run", false)
	readCommand(in)
	// For other commands.
	in.Bool("check-repositories", false)
	in.List("agent-id")
	in.Text("older-than")
	in.Text("limit")

	c.wait = in.Bool("wait", true)
	c.timeout = in.Duration("timeout", defaultTimeout, minTimeout, maxTimeout)
	c.leave = in.Enum("on-timeout", "cancel", "cancel", "leave") == "leave"
	c.poll = in.Duration("poll-interval", defaultPoll, minPoll, maxPoll)
	c.failOn = readFailOn(in)
	c.log = logLevel(in.Enum("log", string(logFull), string(logFull), string(logTools), string(logQuiet)))
	c.summary = in.Bool("summary", true)
	c.artifacts = readArtifacts(in)

	c.maxTokens = readBudget(in, c.wait)
	c.schema = readResultSchema(runner, in)

	c.event = eventOf(runner.Context())
	c.githubToken = secret.New(in.Text("github-token"))
	readBoard(in, &c)
	c.touches = readTouches(in, c.event)

	errand.read(runner, in, &c)
	refuseLacking(in, c.apiVersion, errand.features(c))
	if c.schema != nil && c.work == (agent.Work{}) {
		readWork(runner, in, &c) // A correction is work of its own.
	}
	return c, in.Err()
}

// readWork reads whose work it is.
func readWork(runner *actions.Runner, in *actions.Inputs, c *config) {
	context := runner.Context()
	if context.RunID == 0 && !c.dryRun {
		// Every run would find the agent of the one before.
		in.Problem("idempotency-key", "is not enough without GITHUB_RUN_ID, which tells one workflow run from the next: run this as a step of a workflow, or set GITHUB_RUN_ID to a number of its own")
	}
	c.work = agent.Work{
		Repository:    context.Repository,
		WorkflowRunID: context.RunID,
		Job:           context.Job,
		Step:          context.Action,
		Key:           in.Text("idempotency-key"),
		Rerun:         context.RunAttempt > 1,
		Kept:          !c.wait || c.leave,
	}
	if in.Enum("on-rerun", "attach", "attach", "new") == "new" {
		c.work.Attempt = context.RunAttempt
		c.work.Rerun = false
	}
}

// readArtifacts reads the folder for artifacts, "" for none.
func readArtifacts(in *actions.Inputs) string {
	folder := in.Text("artifacts")
	if folder == "" {
		return ""
	}
	if _, err := actions.SafeRelative(folder); err != nil {
		in.Problem("artifacts", err.Error())
	}
	return folder
}

// refuseLacking notes what is asked for and the API's version can't do. An input
// that is wrong already is not blamed twice.
func refuseLacking(in *actions.Inputs, version cursor.APIVersion, asked []cursor.Feature) {
	var wrong []string
	if known, ok := errors.AsType[*actions.InputError](in.Err()); ok {
		for _, problem := range known.Problems {
			wrong = append(wrong, problem.Input)
		}
	}
	for _, feature := range asked {
		reason, input := version.Lacks(feature), feature.Input()
		if reason != "" && !slices.Contains(wrong, input) {
			in.Problem(input, reason)
		}
	}
}

// readCommand checks the input command, which Program.asked has obeyed before.
func readCommand(in *actions.Inputs) {
	var names []string
	for _, command := range stepCommands() {
		names = append(names, command.name)
	}
	in.Enum("command", names[0], names...)
}

// readFailOn reads the outcomes that turn the step red.
func readFailOn(in *actions.Inputs) map[agent.Outcome]bool {
	const none = "none"
	var known, byDefault []string
	for _, outcome := range agent.Outcomes() {
		known = append(known, string(outcome))
		if outcome.FailsByDefault() {
			byDefault = append(byDefault, string(outcome))
		}
	}
	failOn := map[agent.Outcome]bool{}
	given := in.EnumList("fail-on", byDefault, append(known, none)...)
	for _, outcome := range given {
		if outcome == none {
			if len(given) > 1 {
				in.Problem("fail-on", "none stands with other outcomes: write none alone, or leave it out")
			}
			continue
		}
		failOn[agent.Outcome(outcome)] = true
	}
	return failOn
}

// readTarget reads where the agent works: environment, repository, pull
// request and ref, with the defaults that the event gives.
func readTarget(in *actions.Inputs, context actions.Context, c *config) {
	problem := func(input string, err error) {
		if err != nil {
			in.Problem(input, err.Error())
		}
	}
	var err error
	environment := in.Text("environment")
	c.spec.Environment, err = parseEnvironment(environment)
	problem("environment", err)
	if named := c.spec.Environment; named != nil && named.Type == "cloud" {
		for _, input := range []string{"repo", "ref", "pull-request"} {
			if in.Set(input) {
				in.Problem(input, fmt.Sprintf("does not go with environment: %s, which brings its own repositories: leave it out", environment))
			}
		}
		return
	}

	here := readRepository(in, context, c)
	switch {
	case in.Set("ref"):
		c.spec.Ref, err = forge.ParseRef(in.Text("ref"))
		problem("ref", err)
		if in.Set("pull-request") {
			in.Problem("ref", "does not go with pull-request, whose branches count: leave one of them out")
		}
	case in.Set("pull-request"):
	case !c.repository.IsZero() && !c.repository.Same(here):
		in.Problem("ref", fmt.Sprintf("is needed, because %s is not this workflow's repository: set the branch to start from", c.repository.Path))
	default:
		c.spec.Ref, err = forge.DefaultRef(forge.Trigger{Ref: context.Ref, RefType: context.RefType, Event: c.event})
		problem("ref", err)
	}
}

// readRepository reads the repository and the pull request, and returns the
// workflow's own repository.
func readRepository(in *actions.Inputs, context actions.Context, c *config) (here forge.Repository) {
	here, _ = forge.ParseRepository(context.Repository, context.ServerURL)
	c.repository = here
	if in.Set("repo") {
		var err error
		if c.repository, err = forge.ParseRepository(in.Text("repo"), context.ServerURL); err != nil {
			in.Problem("repo", err.Error())
		}
	} else if here.IsZero() {
		in.Problem("repo", "is empty and the workflow runner names no repository: write owner/name")
	}
	if in.Set("pull-request") {
		pull, err := readPullRequest(in.Text("pull-request"), c.event, c.repository)
		switch {
		case err != nil:
			in.Problem("pull-request", err.Error())
		case in.Set("repo") && !c.repository.IsZero() && !pull.Repository.Same(c.repository):
			in.Problem("pull-request", fmt.Sprintf("is in %s and not in %s: name the same repository in both", pull.Repository.URL(), c.repository.URL()))
		default:
			c.repository = pull.Repository
			c.pullRequest = pull.URL()
		}
	}
	if !c.repository.IsZero() {
		c.spec.Repository = c.repository.URL()
	}
	c.spec.PullRequest = c.pullRequest
	return here
}

// parseEnvironment reads NAME (of a Cursor environment), pool, pool:NAME or
// machine:NAME; "" is nil, Cursor's own machine.
func parseEnvironment(text string) (*cursor.Environment, error) {
	kind, name, found := strings.Cut(text, ":")
	kind, name = strings.TrimSpace(kind), strings.TrimSpace(name)
	switch {
	case text == "":
		return nil, nil
	case text == "pool":
		return &cursor.Environment{Type: "pool"}, nil
	case found && (kind == "pool" || kind == "machine" || kind == "cloud") && name != "":
		return &cursor.Environment{Type: kind, Name: name}, nil
	case found && name == "", text == "machine":
		return nil, fmt.Errorf("%q names no worker: write machine:NAME or pool:NAME", text)
	case found:
		return nil, fmt.Errorf("%q is no kind of environment: write the name of one, machine:NAME or pool:NAME", kind)
	}
	return &cursor.Environment{Type: "cloud", Name: text}, nil
}
