package cli

import (
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
