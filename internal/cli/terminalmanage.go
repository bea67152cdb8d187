package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/terminal"
)

// shownByDefault is how many agents a list shows to a person.
const shownByDefault = 20

// selectOptions say which agents are meant.
func selectOptions() []option {
	return []option{
		{name: "name", value: "NAME", usage: "agents whose name begins so"},
		{name: "pull-request", value: "NUMBER", usage: "agents of this pull request, a number or an address"},
		{name: "repo", value: "REPOSITORY", usage: "repository of the pull request"},
		{name: "older-than", value: "TIME", usage: "agents to which nothing has happened for so long, such as 30d"},
	}
}

func manageCommand(order agent.Order, summary, about string) terminalCommand {
	flags := []option{
		{name: "limit", value: "NUMBER", usage: "change nothing when more are selected, 100 by default"},
		{name: "dry-run", usage: "say what would be done"},
	}
	if order == agent.OrderDelete {
		flags = append(flags, option{name: "artifacts", value: "FOLDER", usage: "folder below this one to download their artifacts to first", files: true})
	}
	return terminalCommand{
		name: string(order), args: "[AGENT...]", summary: summary,
		about: about + "\nWithout agents the flags select them; no selection never means all.",
		flags: slices.Concat(flags, selectOptions(), connectionOptions()),
		told:  true,
		run:   func(c *console, ctx context.Context) int { return c.manage(ctx, order) },
	}
}

// selection reads which agents are meant.
func (c *console) selection(byDefault int) (s agent.Selection, limit int, _ error) {
	in := c.runner.Inputs()
	limit = in.Int("limit", byDefault, 1, maxLimit)
	s = agent.Selection{Name: in.Text("name"), OlderThan: in.Duration("older-than", 0, minAge, 0)}
	if in.Set("pull-request") {
		repository := c.place.repository
		if in.Set("repo") {
			var err error
			if repository, err = forge.ParseRepository(in.Text("repo"), c.getenv("GITHUB_SERVER_URL")); err != nil {
				in.Problem("repo", err.Error())
			}
		}
		pull, err := readPullRequest(in.Text("pull-request"), forge.Event{}, repository)
		if err != nil {
			in.Problem("pull-request", err.Error())
		} else {
			s.PullRequest = pull.URL()
		}
	}
	for _, text := range c.args {
		found := agentAddress.FindStringSubmatch(text)
		if found == nil {
			return s, 0, fmt.Errorf("%.80q is no agent: write its id, bc- and a UUID, or the address of its page", text)
		}
		if !slices.Contains(s.IDs, found[1]) {
			s.IDs = append(s.IDs, found[1])
		}
	}
	if len(s.IDs) > 0 && (s.Name != "" || s.PullRequest != "" || s.OlderThan != 0) {
		return s, 0, errors.New("takes agents or flags that select them, and not both: leave one of them out")
	}
	refuseLacking(in, readAPIVersion(in), s.Features())
	return s, limit, c.problems(in.Err())
}

// list shows agents with their latest run.
func (c *console) list(ctx context.Context) int {
	selection, limit, err := c.selection(shownByDefault)
	if err != nil {
		return c.refuse(err)
	}
	selection.Unarchived = !c.has("archived")
	s, ok := c.ask()
	if !ok {
		return exitUsage
	}
	chosen, _, err := s.choose(ctx, selection, limit, s.runner.Warning)
	if err != nil {
		return c.unlisted(ctx, s, err)
	}
	entries := eachAgent(ctx, chosen, func(i int) entry {
		standing, err := s.agents.Examine(ctx, chosen[i])
		return entry{standing: standing, err: err}
	}, func(entry) {})
	rows := [][]string{{"AGENT", "RUN", "CHANGED", "PULL REQUEST", "NAME"}}
	for _, e := range entries {
		if e.unbegun {
			continue
		}
		of := e.result()
		state := string(of.Status)
		if of.Archived {
			state = strings.TrimSpace(state + " (archived)")
		}
		if e.err != nil && ctx.Err() == nil {
			c.runner.Warning("agent " + of.ID + ": " + brief(e.err))
		}
		rows = append(rows, []string{of.ID, state, when(e.standing.Agent.UpdatedAt), of.PRURL, of.Name})
	}
	if !c.has("json") {
		c.out.Table(rows)
	}
	return c.conclude(ctx, entries)
}

// manage carries an order out on the agents that are meant.
func (c *console) manage(ctx context.Context, order agent.Order) int {
	in := c.runner.Inputs()
	artifacts := readArtifacts(in)
	selection, limit, err := c.selection(defaultLimit)
	if err == nil {
		err = c.problems(in.Err())
	}
	if err == nil && len(selection.IDs) == 0 && selection.Name == "" && selection.PullRequest == "" && selection.OlderThan == 0 {
		err = fmt.Errorf("names no agent: write ids, or select agents with --name, --pull-request or --older-than; none never means all")
	}
	if err != nil {
		return c.refuse(err)
	}
	selection.Unarchived = order == agent.OrderArchive
	s, ok := c.ask()
	if !ok {
		return exitUsage
	}
	s.artifacts = artifacts
	if lack := s.apiVersion.Lacks(cursor.FeatureArchive); lack != "" && order == agent.OrderArchive {
		return c.refuse(errors.New(c.inFlags(lack)))
	}
	chosen, more, err := s.choose(ctx, selection, limit, s.runner.Warning)
	switch {
	case err != nil:
		return c.unlisted(ctx, s, err)
	case more:
		return c.refuse(fmt.Errorf("more than %d agents are selected, so nothing was changed: select fewer, or raise --limit", limit))
	}
	s.dryRun = c.has("dry-run")
	entries := eachAgent(ctx, chosen, func(i int) entry { return s.order(ctx, order, chosen[i], true) }, c.tellDeed)
	if len(entries) == 0 && !c.has("json") {
		c.out.Print(terminal.Text, "no agent is selected")
	}
	return c.conclude(ctx, entries)
}

// tellDeed tells what came of one agent.
func (c *console) tellDeed(e entry) {
	if e.unbegun {
		return
	}
	of := e.result()
	line, style := of.ID+": ", terminal.Text
	switch done := agent.Deed(e.did); {
	case e.err != nil:
		line, style = line+"failed: "+brief(e.err), terminal.Bad
		if e.did != "" && done != agent.DeedNone {
			line += "; before that it was " + e.did
		}
	case done == agent.DeedNone:
		line += "nothing to do"
		if of.Status != "" {
			line += ", its run is " + string(of.Status)
		}
		if e.why != "" {
			line += ": " + e.why
		}
	case done == agent.DeedGone:
		line += "is not there: " + e.why
	case strings.HasPrefix(e.did, "would-"):
		line += "would be " + map[string]string{"would-cancel": "cancelled", "would-archive": "archived", "would-delete": "deleted"}[e.did]
	default:
		line += e.did
	}
	if of.Name != "" {
		line += " (" + onOneLine(of.Name) + ")"
	}
	c.log.Print(style, line)
}

// conclude ends a command about agents: with what was asked for as JSON, also of
// a part, and with a line about what a signal left undone.
func (c *console) conclude(ctx context.Context, entries []entry) int {
	status := exitOK
	count := tallyOf(entries)
	switch {
	case ctx.Err() != nil:
		status = exitInterrupted
		did := nothingChanged
		if len(entries) > 0 {
			did = fmt.Sprintf("%d of %d agents were looked at", count.looked, len(entries))
		}
		if count.looked > 0 && count.did[""] == 0 {
			did += " (" + count.String() + ")"
		}
		next := "run the command again"
		if c.command.name != commandList {
			next += ", which does what is left"
		}
		c.errors().Print(terminal.Bad, fmt.Sprintf("cursor-agent-action %s: interrupted: %s; %s", c.command.name, did, next))
	case count.failed > 0:
		status = exitFailed
	}
	if c.has("json") {
		return max(status, exitIf(c.out.JSON(results(entries))))
	}
	return status
}

// unlisted ends a command that could not find out which agents are meant.
func (c *console) unlisted(ctx context.Context, s *step, err error) int {
	if ctx.Err() != nil {
		return c.conclude(ctx, nil)
	}
	return c.fail(ctx, s, err)
}
