package cli

import (
	"slices"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/report"
)

// redactSummary takes the secrets out of what an agent says, before any Markdown
// is made of it: its escapes would take a secret apart, and nothing that looks for
// it would find it. What GitHub shows in comments and check runs no runner hides.
func redactSummary(runner audience, summary report.Summary) report.Summary {
	result := &summary.Result
	for _, text := range []*string{
		&summary.Title, &summary.Problem, &summary.NextStep, &result.Reason, &result.Left, &result.NextStep,
		&result.Run.Result, &result.Object, &result.Pushed.Branch, &result.Pushed.PRURL,
	} {
		*text = runner.Redact(*text)
	}
	files := make([]report.Artifact, len(summary.Artifacts))
	for i, file := range summary.Artifacts {
		file.Path, file.Problem = runner.Redact(file.Path), runner.Redact(file.Problem)
		files[i] = file
	}
	summary.Artifacts = files
	return summary
}

// redactAgents does the same for what others say in a summary of agents.
func redactAgents(runner audience, agents report.Agents) report.Agents {
	agents.Problem = runner.Redact(agents.Problem)
	rows := slices.Clone(agents.Rows)
	for i := range rows {
		known := &rows[i].Standing.Agent
		known.Name, rows[i].Note = runner.Redact(known.Name), runner.Redact(rows[i].Note)
		git := slices.Clone(rows[i].Standing.Run.Git)
		for n := range git {
			git[n].PRURL = runner.Redact(git[n].PRURL)
		}
		rows[i].Standing.Run.Git = git
	}
	agents.Rows = rows
	return agents
}

// redactUpdate is the update without secrets, for those who show it to people
// beside the log.
func redactUpdate(runner audience, update agent.Update) agent.Update {
	switch update := update.(type) {
	case agent.Said:
		update.Text = runner.Redact(update.Text)
		return update
	case agent.ToolStarted:
		update.Name, update.Subject = runner.Redact(update.Name), runner.Redact(update.Subject)
		return update
	case agent.ToolEnded:
		update.Name, update.Subject = runner.Redact(update.Name), runner.Redact(update.Subject)
		return update
	}
	return update
}
