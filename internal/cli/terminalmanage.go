package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

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

// listedAgent is an agent as --json gives it.
type listedAgent struct {
	ID        string           `json:"id"`
	Name      string           `json:"name"`
	URL       string           `json:"url,omitempty"`
	Archived  bool             `json:"archived"`
	RunID     string           `json:"runId,omitempty"`
	Status    cursor.RunStatus `json:"status,omitempty"` // of the latest run
	PRURL     string           `json:"prUrl,omitempty"`
	Branch    string           `json:"branch,omitempty"`
	CreatedAt time.Time        `json:"createdAt,omitzero"`
	UpdatedAt time.Time        `json:"updatedAt,omitzero"`
	Did       agent.Deed       `json:"did,omitempty"`
	WouldDo   agent.Deed       `json:"wouldDo,omitempty"`
	Error     string           `json:"error,omitempty"`
	Usage     *usage           `json:"usage,omitempty"` // of one that was deleted
}

// listed is an agent as it stands.
func listed(standing agent.Standing, err error) listedAgent {
	of := standing.Agent
	all := listedAgent{
		ID: of.ID, Name: of.Name, URL: of.URL, Archived: of.Status == cursor.AgentArchived,
		RunID: standing.Run.ID, Status: standing.Run.Status, CreatedAt: of.CreatedAt, UpdatedAt: of.UpdatedAt,
	}
	for _, pushed := range standing.Run.Git {
		all.Branch, all.PRURL = pushed.Branch, pushed.PRURL
	}
	if err != nil {
		all.Error = brief(err)
	}
	return all
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
		return c.fail(ctx, s, err)
	}
	agents := eachAgent(ctx, chosen, func(i int) listedAgent {
		standing, err := s.agents.Examine(ctx, chosen[i])
		return listed(standing, err)
	}, func(int) listedAgent { return listedAgent{} }, func(listedAgent) {})
	if ctx.Err() != nil {
		return exitInterrupted
	}
	status := exitOK
	rows := [][]string{{"AGENT", "RUN", "CHANGED", "PULL REQUEST", "NAME"}}
	for _, of := range agents {
		state := string(of.Status)
		if of.Archived {
			state = strings.TrimSpace(state + " (archived)")
		}
		if of.Error != "" {
			status = exitFailed
			c.runner.Warning("agent " + of.ID + ": " + of.Error)
		}
		rows = append(rows, []string{of.ID, state, when(of.UpdatedAt), of.PRURL, of.Name})
	}
	if c.has("json") {
		return max(status, exitIf(c.out.JSON(agents)))
	}
	c.out.Table(rows)
	return status
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
		return c.refuse(errors.New(lack))
	}
	chosen, more, err := s.choose(ctx, selection, limit, s.runner.Warning)
	switch {
	case err != nil:
		return c.fail(ctx, s, err)
	case more:
		return c.refuse(fmt.Errorf("more than %d agents are selected, so nothing was changed: select fewer, or raise --limit", limit))
	}
	agents := eachAgent(ctx, chosen, func(i int) listedAgent {
		return c.obey(ctx, s, order, chosen[i])
	}, func(int) listedAgent { return listedAgent{} }, c.tellDeed)
	if ctx.Err() != nil {
		return exitInterrupted
	}
	status := exitOK
	if slices.ContainsFunc(agents, func(of listedAgent) bool { return of.Error != "" }) {
		status = exitFailed
	}
	if c.has("json") {
		return max(status, exitIf(c.out.JSON(agents)))
	}
	if len(agents) == 0 {
		c.out.Print(terminal.Text, "no agent is selected")
	}
	return status
}

// obey carries an order out on one agent, or says what it would come to.
func (c *console) obey(ctx context.Context, s *step, order agent.Order, of cursor.Agent) listedAgent {
	standing, err := s.agents.Examine(ctx, of)
	if err != nil {
		return listed(standing, err)
	}
	if c.has("dry-run") {
		due, err := standing.Due(order)
		would := listed(standing, err)
		would.WouldDo = due
		return would
	}
	var used *cursor.Usage
	standing, deed, err := s.agents.Obey(ctx, order, standing, func(ctx context.Context, standing agent.Standing) (err error) {
		used, err = s.keep(ctx, standing, string(order))
		return err
	})
	done := listed(standing, err)
	done.Did = deed
	if used != nil {
		done.Usage = new(usageOf(used.Total, used.Cost))
	}
	return done
}

// tellDeed tells what came of one agent.
func (c *console) tellDeed(of listedAgent) {
	if of.ID == "" {
		return // There was no time for it.
	}
	line, style := of.ID+": ", terminal.Text
	switch {
	case of.Error != "":
		line, style = line+"failed: "+of.Error, terminal.Bad
	case of.WouldDo == agent.DeedNone, of.Did == agent.DeedNone:
		line += "nothing to do"
		if of.Status != "" {
			line += ", its run is " + string(of.Status)
		}
	case of.WouldDo == agent.DeedGone, of.Did == agent.DeedGone:
		line += "is not there: it was deleted, or it is of another account than the key"
	case of.WouldDo != "":
		line += "would be " + string(of.WouldDo)
	default:
		line += string(of.Did)
	}
	if of.Name != "" {
		line += " (" + onOneLine(of.Name) + ")"
	}
	c.log.Print(style, line)
}
