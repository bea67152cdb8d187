package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/terminal"
)

// lookCommands are those that look at what is there, or change it at once.
func lookCommands() []terminalCommand {
	agents := "AGENT is an id or the address of an agent's page."
	return []terminalCommand{
		{
			name: "list", summary: "list agents, the newest first",
			flags: slices.Concat([]option{
				{name: "limit", value: "NUMBER", usage: "how many, 20 by default"},
				{name: "archived", usage: "archived agents too"},
			}, selectOptions(), connectionOptions()),
			run: (*console).list,
		},
		{name: "show", args: "AGENT", summary: "show an agent with its runs, usage and artifacts", about: agents, flags: connectionOptions(), run: (*console).show},
		manageCommand(agent.OrderCancel, "cancel the live run of agents", agents),
		manageCommand(agent.OrderArchive, "archive agents whose run has ended", agents),
		manageCommand(agent.OrderDelete, "delete agents for good, with their artifacts", agents+"\nA live run is cancelled first."),
		{name: "models", summary: "list the models that the account may use", flags: connectionOptions(), run: (*console).models},
		{
			name: "artifacts", args: "AGENT", summary: "list an agent's artifacts, or download them", about: agents,
			flags: slices.Concat([]option{
				{name: "artifacts", value: "FOLDER", usage: "folder below this one to download them to", files: true},
			}, connectionOptions()),
			run: (*console).artifacts,
		},
	}
}

// ask is a step that asks for nothing but the connection. A failure has been
// told when ok is false.
func (c *console) ask() (s *step, ok bool) {
	in := c.runner.Inputs()
	s = c.newTerminalStep(attaching())
	var err error
	s.connection, err = readConnection(c.runner.Runner, in)
	if err = c.problems(err); err == nil {
		err = s.connect()
	}
	if err != nil {
		c.refuse(err)
		return nil, false
	}
	return s, true
}

// fail ends a command that the API could not answer.
func (c *console) fail(ctx context.Context, s *step, err error) int {
	if ctx.Err() != nil {
		c.errors().Print(terminal.Bad, fmt.Sprintf("cursor-agent-action %s: interrupted; run the command again", c.command.name))
		return exitInterrupted
	}
	next := s.remedy(ctx, err, leftover{called: s.errand.words})
	c.errors().Print(terminal.Bad, fmt.Sprintf("cursor-agent-action %s: %s; %s", c.command.name, brief(err), next))
	return exitFailed
}

// noArguments refuses arguments.
func (c *console) noArguments() error {
	if len(c.args) > 0 {
		return fmt.Errorf("does not know %q: give flags only, see -h", c.args)
	}
	return nil
}

// oneAgent is the agent of a command that takes one.
func (c *console) oneAgent() (string, error) {
	id, err := c.agentArgument()
	if err == nil && len(c.args) > 1 {
		err = fmt.Errorf("does not know %q: give one agent", c.args[1:])
	}
	return id, err
}

// models lists the models.
func (c *console) models(ctx context.Context) int {
	if err := c.noArguments(); err != nil {
		return c.refuse(err)
	}
	s, ok := c.ask()
	if !ok {
		return exitUsage
	}
	models, err := s.client.Models(ctx)
	if err != nil {
		return c.fail(ctx, s, err)
	}
	if c.has("json") {
		return exitIf(c.out.JSON(nonNil(models)))
	}
	rows := [][]string{{"MODEL", "ALIASES", "PARAMETERS", "NAME"}}
	for _, model := range models {
		var parameters []string
		for _, parameter := range model.Parameters {
			var values []string
			for _, value := range parameter.Values {
				values = append(values, value.Value)
			}
			parameters = append(parameters, parameter.ID+"="+strings.Join(values, "|"))
		}
		rows = append(rows, []string{model.ID, strings.Join(model.Aliases, ", "), strings.Join(parameters, " "), model.DisplayName})
	}
	c.out.Table(rows)
	return exitOK
}

// listedArtifact is an artifact as --json gives it.
type listedArtifact struct {
	Path      string    `json:"path"`
	SizeBytes int64     `json:"sizeBytes"`
	UpdatedAt time.Time `json:"updatedAt,omitzero"`
	SavedAs   string    `json:"savedAs,omitempty"`
	Problem   string    `json:"problem,omitempty"`
}

// artifacts lists the artifacts of an agent, or downloads them.
func (c *console) artifacts(ctx context.Context) int {
	id, err := c.oneAgent()
	if err != nil {
		return c.refuse(err)
	}
	folder := c.getenv("INPUT_ARTIFACTS")
	s, ok := c.ask()
	if !ok {
		return exitUsage
	}
	found, err := s.client.ListArtifacts(ctx, id)
	if err != nil {
		return c.fail(ctx, s, err)
	}
	listed := []listedArtifact{}
	for _, artifact := range found {
		listed = append(listed, listedArtifact{Path: artifact.Path, SizeBytes: artifact.SizeBytes, UpdatedAt: artifact.UpdatedAt})
	}
	status := exitOK
	if folder != "" {
		if status, err = c.download(ctx, s, id, folder, found, listed); err != nil {
			return c.refuse(err)
		}
	}
	if c.has("json") {
		return max(status, exitIf(c.out.JSON(listed)))
	}
	if folder == "" {
		rows := [][]string{{"BYTES", "CHANGED", "PATH"}}
		for _, artifact := range listed {
			rows = append(rows, []string{fmt.Sprint(artifact.SizeBytes), when(artifact.UpdatedAt), artifact.Path})
		}
		c.out.Table(rows)
	}
	return status
}

// download saves artifacts and notes in listed what came of each.
func (c *console) download(ctx context.Context, s *step, id, folder string, found []cursor.Artifact, listed []listedArtifact) (status int, _ error) {
	if _, err := actions.SafeRelative(folder); err != nil {
		return exitUsage, fmt.Errorf("--artifacts: %w", err)
	}
	workspace, err := c.runner.Workspace()
	if err != nil {
		return exitUsage, err
	}
	defer workspace.Close()
	left := int64(maxArtifacts)
	for i, artifact := range found {
		size, err := s.downloadArtifact(ctx, workspace, id, folder, artifact, min(left, maxArtifact))
		left -= size
		switch {
		case ctx.Err() != nil:
			c.errors().Print(terminal.Bad, fmt.Sprintf("cursor-agent-action %s: interrupted, with %d of %d artifacts not here; run the command again", c.command.name, len(found)-i, len(found)))
			return exitInterrupted, nil
		case err != nil:
			status = exitFailed
			listed[i].Problem = brief(err)
			c.runner.Warning("artifact " + artifact.Path + ": " + brief(err) + "; it is not here")
		default:
			listed[i].SavedAs = folder + "/" + strings.TrimPrefix(artifact.Path, "artifacts/")
			if !c.has("json") {
				c.out.Print(terminal.Text, fmt.Sprintf("%s (%d bytes)", listed[i].SavedAs, size))
			}
		}
	}
	return status, nil
}

// when is a time for people, in UTC; "" when it is not known.
func when(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02 15:04")
}

// nonNil makes an empty list of none, for JSON.
func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
