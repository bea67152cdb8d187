package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/terminal"
)

// shownAgent is all that is known of an agent, as --json gives it.
type shownAgent struct {
	ID         string             `json:"id"`
	Name       string             `json:"name"`
	URL        string             `json:"url,omitempty"`
	Status     cursor.AgentStatus `json:"status"`
	Repository string             `json:"repository,omitempty"`
	Ref        string             `json:"ref,omitempty"`
	CreatedAt  time.Time          `json:"createdAt,omitzero"`
	UpdatedAt  time.Time          `json:"updatedAt,omitzero"`
	Branches   []branch           `json:"branches"`
	Runs       []shownRun         `json:"runs"`  // the newest first
	Usage      *usage             `json:"usage"` // null where the API does not say
	Artifacts  []listedArtifact   `json:"artifacts"`
	Notes      []string           `json:"notes,omitempty"` // why something is missing
}

// shownRun is one run of it.
type shownRun struct {
	ID         string           `json:"id"`
	Status     cursor.RunStatus `json:"status"`
	CreatedAt  time.Time        `json:"createdAt,omitzero"`
	DurationMS int64            `json:"durationMs,omitempty"`
	Result     string           `json:"result,omitempty"`
	Error      string           `json:"error,omitempty"`
}

// show shows an agent. What the account can't do, such as to say what was used,
// is a note.
func (c *console) show(ctx context.Context) int {
	id, err := c.oneAgent()
	if err != nil {
		return c.refuse(err)
	}
	s, ok := c.ask()
	if !ok {
		return exitUsage
	}
	found, err := s.client.GetAgent(ctx, id)
	if err != nil {
		return c.fail(ctx, s, err)
	}
	shown, err := s.describe(ctx, found)
	if err != nil {
		return c.fail(ctx, s, err)
	}
	if c.has("json") {
		return exitIf(c.out.JSON(shown))
	}
	c.tellAgent(shown)
	return exitOK
}

// describe reads all about an agent.
func (s *step) describe(ctx context.Context, found cursor.Agent) (shownAgent, error) {
	spec := agent.SpecOf(found)
	shown := shownAgent{
		ID: found.ID, Name: found.Name, URL: found.URL, Status: found.Status,
		Repository: spec.Repository, Ref: spec.Ref, CreatedAt: found.CreatedAt, UpdatedAt: found.UpdatedAt,
		Branches: []branch{}, Runs: []shownRun{}, Artifacts: []listedArtifact{},
	}
	var latest cursor.Run
	for run, err := range s.client.ListRuns(ctx, found.ID) {
		if err != nil {
			return shown, err
		}
		if latest.ID == "" || run.CreatedAt.After(latest.CreatedAt) {
			latest = run
		}
		one := shownRun{ID: run.ID, Status: run.Status, CreatedAt: run.CreatedAt, DurationMS: run.Duration.Milliseconds(), Result: run.Result}
		if run.Error != nil {
			one.Error = cmp.Or(run.Error.Message, string(run.Error.Code))
		}
		shown.Runs = append(shown.Runs, one)
	}
	// The order is documented newest first, and was seen otherwise.
	slices.SortStableFunc(shown.Runs, func(a, b shownRun) int { return b.CreatedAt.Compare(a.CreatedAt) })
	for _, pushed := range latest.Git {
		shown.Branches = append(shown.Branches, branch{pushed.RepoURL, pushed.Branch, pushed.PRURL})
	}
	used, err := s.client.Usage(ctx, found.ID, "")
	switch {
	case s.apiVersion.Lacks(cursor.FeatureUsage) != "":
		shown.Notes = append(shown.Notes, "API "+string(s.apiVersion)+" does not tell what an agent used")
	case errors.Is(err, cursor.CodeFeatureUnavailable):
		shown.Notes = append(shown.Notes, "the account's plan does not tell what an agent used")
	case err != nil:
		shown.Notes = append(shown.Notes, "what it used can't be read: "+brief(err))
	default:
		shown.Usage = new(usageOf(used.Total, used.Cost))
	}
	artifacts, err := s.client.ListArtifacts(ctx, found.ID)
	if err != nil {
		shown.Notes = append(shown.Notes, "its artifacts can't be listed: "+brief(err))
	}
	for _, artifact := range artifacts {
		shown.Artifacts = append(shown.Artifacts, listedArtifact{Path: artifact.Path, SizeBytes: artifact.SizeBytes, UpdatedAt: artifact.UpdatedAt})
	}
	return shown, ctx.Err()
}

// tellAgent shows it to a person.
func (c *console) tellAgent(shown shownAgent) {
	line := func(label, text string) {
		if text != "" {
			c.out.Print(terminal.Text, fmt.Sprintf("%-11s %s", label, onOneLine(text)))
		}
	}
	c.out.Print(terminal.Bold, onOneLine(cmp.Or(shown.Name, shown.ID)))
	line("agent", shown.ID)
	line("status", string(shown.Status))
	line("page", shown.URL)
	line("repository", shown.Repository)
	line("started at", shown.Ref)
	line("created", when(shown.CreatedAt))
	line("changed", when(shown.UpdatedAt))
	for _, pushed := range shown.Branches {
		line("branch", strings.TrimSpace(pushed.Branch+" "+pushed.PRURL))
	}
	if shown.Usage != nil {
		text := fmt.Sprintf("%d tokens", shown.Usage.TotalTokens)
		if shown.Usage.CostCents != nil {
			text += fmt.Sprintf(", %g cents", *shown.Usage.CostCents)
		}
		line("used", text)
	}
	for _, artifact := range shown.Artifacts {
		line("artifact", fmt.Sprintf("%s (%d bytes)", artifact.Path, artifact.SizeBytes))
	}
	for _, note := range shown.Notes {
		line("note", note)
	}
	for _, run := range shown.Runs {
		text := fmt.Sprintf("%s %s", run.ID, run.Status)
		if run.DurationMS > 0 {
			text += " after " + spell(time.Duration(run.DurationMS)*time.Millisecond)
		}
		if run.Error != "" {
			text += ": " + run.Error
		}
		line("run", strings.TrimSpace(text+" "+when(run.CreatedAt)))
		if run.Result != "" {
			c.out.Block(terminal.Text, agentText, run.Result)
		}
	}
}
