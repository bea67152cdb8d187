package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/terminal"
)

// workCommands are those that wait for an agent's run.
func workCommands() []terminalCommand {
	return []terminalCommand{
		{
			name: "run", args: "[PROMPT]", summary: "launch an agent here and watch it",
			about: "Repository and branch are those of the git checkout in this folder, as they were\npushed. Ctrl-C leaves the agent at work and says how to watch it again.",
			flags: slices.Concat(promptOptions(), []option{
				{name: "repo", value: "REPOSITORY", usage: "repository to work on, as owner/name or an https address"},
				{name: "ref", value: "BRANCH", usage: "branch to start from"},
				{name: "pull-request", value: "NUMBER", usage: "pull request to work on, as a number or an address"},
				{name: "branch", value: "NAME", usage: "branch that the agent makes; with --api-version v0"},
				{name: "work-on-current-branch", usage: "push to the branch it starts from instead of a new one"},
				{name: "create-pr", usage: "open a pull request"},
				{name: "skip-reviewer-request", usage: "do not ask the key's owner to review it"},
				{name: "open-as-cursor-github-app", usage: "open it as Cursor's GitHub App; with --api-version v0"},
				{name: "model", value: "MODEL", usage: "id or alias of a model, with parameters as id?name=value&name=value"},
				{name: "name", value: "NAME", usage: "name of the agent; by default the prompt's first line"},
				{name: "environment", value: "NAME", usage: "Cursor environment, or pool:NAME or machine:NAME"},
				{name: "env-vars", value: "NAME", usage: "environment variable of this process that the agent gets too", many: true},
				{name: "wait", usage: "wait for the agent's end; --wait=false ends as soon as it is launched"},
				{name: "on-timeout", value: "WHAT", usage: "what becomes of the run when the time is over", words: []string{"leave", "cancel"}},
				{name: "dry-run", usage: "check everything and show the request, without a key"},
			}, waitOptions(), connectionOptions()),
			told: true, run: (*console).launch,
		},
		{
			name: "follow-up", args: "AGENT [PROMPT]", summary: "send an agent one more prompt and watch it",
			about: "AGENT is an id or the address of an agent's page. With --pull-request it is left\nout: the newest agent of the pull request is meant.",
			flags: slices.Concat(promptOptions(), []option{
				{name: "repo", value: "REPOSITORY", usage: "repository of the pull request, as owner/name or an https address"},
				{name: "pull-request", value: "NUMBER", usage: "pull request that the agent works on, as a number or an address"},
				{name: "create-pr", usage: "expect a pull request, whatever the agent was launched with"},
				{name: "on-busy", value: "WHAT", usage: "what to do while the agent is busy", words: []string{"wait", "cancel", "fail"}},
				{name: "wait", usage: "wait for the run's end; --wait=false ends as soon as the prompt is sent"},
				{name: "on-timeout", value: "WHAT", usage: "what becomes of the run when the time is over", words: []string{"leave", "cancel"}},
			}, waitOptions(), connectionOptions()),
			told: true, run: (*console).followUp,
		},
		{
			name: "watch", args: "AGENT", summary: "watch an agent's run to its end",
			about: "AGENT is an id or the address of an agent's page.",
			flags: slices.Concat([]option{
				{name: "run-id", value: "RUN", usage: "run to watch; by default the agent's latest"},
				{name: "create-pr", usage: "expect a pull request, whatever the agent was launched with"},
			}, waitOptions(), connectionOptions()),
			told: true, run: (*console).watch,
		},
	}
}

// takePrompt makes the arguments the prompt.
func (c *console) takePrompt(args []string) error {
	if len(args) == 0 {
		return nil
	}
	if len(c.given["prompt"]) > 0 {
		return fmt.Errorf("does not know %q beside --prompt: leave one of them out", args)
	}
	c.given["prompt"] = []string{strings.Join(args, " ")}
	return nil
}

func (c *console) launch(ctx context.Context) int {
	if err := c.takePrompt(c.args); err != nil {
		return c.refuse(err)
	}
	if err := c.takeVariables(); err != nil {
		return c.refuse(err)
	}
	return c.work(ctx, launching())
}

// takeVariables gives the variables that --env-vars names their values: those
// of a flag could be read by others.
func (c *console) takeVariables() error {
	for i, name := range c.given["env-vars"] {
		value := c.Getenv(name)
		switch {
		case strings.Contains(name, "="):
			return errors.New("--env-vars: holds a value, which others could read: export the variable and give its name")
		case value == "":
			return fmt.Errorf("--env-vars: %s is not set here: export it first", name)
		case strings.ContainsAny(value, "\r\n"):
			return fmt.Errorf("--env-vars: the value of %s has several lines: give it one", name)
		}
		c.given["env-vars"][i] = name + "=" + value
	}
	return nil
}

func (c *console) followUp(ctx context.Context) int {
	prompt := c.args
	if len(c.given["pull-request"]) == 0 {
		id, err := c.agentArgument()
		if err != nil {
			return c.refuse(err)
		}
		c.given["agent-id"] = []string{id}
		prompt = prompt[1:]
	}
	if err := c.takePrompt(prompt); err != nil {
		return c.refuse(err)
	}
	return c.work(ctx, followingUp())
}

func (c *console) watch(ctx context.Context) int {
	id, err := c.agentArgument()
	if err == nil && len(c.args) > 1 {
		err = fmt.Errorf("does not know %q: give one agent", c.args[1:])
	}
	if err != nil {
		return c.refuse(err)
	}
	c.given["agent-id"] = []string{id}
	if len(c.given["timeout"]) == 0 {
		c.given["timeout"] = []string{maxTimeout.String()} // Ctrl-C ends it.
	}
	return c.work(ctx, attaching())
}

// work does an errand before a person's eyes.
func (c *console) work(ctx context.Context, errand errand) int {
	if servers := c.given["mcp-servers"]; len(servers) > 0 && strings.HasPrefix(servers[0], "@") {
		text, err := c.readFile(servers[0][1:])
		if err != nil {
			return c.refuse(fmt.Errorf("--mcp-servers: %w", err))
		}
		servers[0] = text
	}
	if len(c.given["on-timeout"]) == 0 {
		c.given["on-timeout"] = []string{"leave"} // Nothing ends an agent that nobody asked to.
	}
	if values := c.given["pull-request"]; len(values) > 0 && c.place.noRepo != nil {
		// An address names the repository as well as a checkout does.
		if pull, err := forge.ParsePullRequest(values[0], forge.Repository{}); err == nil && !pull.Repository.IsZero() {
			c.place.repository, c.place.noRepo = pull.Repository, nil
		}
	}
	in := c.runner.Inputs()
	maskSecrets(c.runner, in)
	s := c.newTerminalStep(errand)
	config, err := readConfig(c.runner.Runner, in, errand)
	if err = c.problems(err); err != nil {
		return c.refuse(err)
	}
	key := in.Text("idempotency-key")
	config.work = agent.Work{Step: "terminal", Key: key, Rerun: key != ""}
	if key == "" {
		config.work.Key = rand.Text() // New work each time, and one agent for it.
	}
	config.followUp.Work = config.work
	s.config, s.journal.level = config, config.log
	if !s.dryRun {
		if err := s.connect(); err != nil {
			return c.refuse(err)
		}
	}
	if c.place.differs != "" && s.spec.Ref == c.place.branch && s.spec.Repository == c.place.repository.URL() && s.spec.Ref != "" {
		c.runner.Warning(c.place.differs)
	}
	hint := "Ctrl-C detaches"
	if !s.detaches {
		hint = "Ctrl-C cancels"
	}
	if !s.dryRun {
		c.log.ShowStatus(func() string { return c.runner.statusLine(hint) })
	}
	status := s.run(ctx)
	c.log.HideStatus()
	c.tellResult(s)
	return status
}

// tellResult tells what came of the work beside the verdict: all of it as JSON,
// or the agent's last words where the log has not told them.
func (c *console) tellResult(s *step) {
	outputs := c.runner.outputs
	switch result := outputs["result"]; {
	case c.has("json"):
		if all := outputs["result-json"]; all != "" {
			_ = c.out.JSON(json.RawMessage(all)) // The screen keeps its error.
		}
	case result != "" && s.log != logFull:
		c.out.Print(terminal.Text, result)
	}
}

// readFile reads a file below the working folder.
func (c *console) readFile(name string) (string, error) {
	workspace, err := c.runner.Workspace()
	if err != nil {
		return "", err
	}
	defer workspace.Close()
	data, err := workspace.ReadFile(name, maxPromptFiles)
	return string(data), err
}
