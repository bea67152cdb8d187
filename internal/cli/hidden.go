package cli

import (
	"slices"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/report"
)

// hidden is a summary without the step's secrets. Markdown's escapes would make
// other texts of them, which read the same, and what is cut may end inside of
// one, so that they are taken out before.
func (s *step) hidden(summary report.Summary) report.Summary {
	result := &summary.Result
	for _, text := range []*string{
		&summary.Title, &summary.Problem, &summary.NextStep, &result.Reason, &result.Left, &result.NextStep,
		&result.Run.Result, &result.Object, &result.Pushed.Branch, &result.Pushed.PRURL,
	} {
		*text = s.runner.Hidden(*text)
	}
	summary.Artifacts = slices.Clone(summary.Artifacts)
	for i := range summary.Artifacts {
		summary.Artifacts[i].Path = s.runner.Hidden(summary.Artifacts[i].Path)
	}
	return summary
}

// hiddenUpdate is an update without them, for those who show it to people beside
// the log.
func (s *step) hiddenUpdate(update agent.Update) agent.Update {
	switch update := update.(type) {
	case agent.Said:
		update.Text = s.runner.Hidden(update.Text)
		return update
	case agent.ToolStarted:
		update.Name, update.Subject = s.runner.Hidden(update.Name), s.runner.Hidden(update.Subject)
		return update
	case agent.ToolEnded:
		update.Name, update.Subject = s.runner.Hidden(update.Name), s.runner.Hidden(update.Subject)
		return update
	}
	return update
}
