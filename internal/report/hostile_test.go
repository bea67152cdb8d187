package report_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/prompt"
	"cursor-agent-action/internal/report"
)

// filled is a summary in which text stands everywhere it can.
func filled(text string, entries int) report.Summary {
	s := happy()
	s.Title, s.Repository, s.Ref, s.PullRequest, s.Model, s.Version = text, text, text, text, text, text
	s.Problem, s.NextStep, s.DryRunRequest, s.ArtifactsPath = text, text, text, text
	s.Result.AgentID, s.Result.RunID, s.Result.URL, s.Result.Reason, s.Result.Left, s.Result.NextStep = text, text, text, text, text, text
	s.Result.Pushed = agent.Pushed{Branch: text, PRURL: text}
	s.Result.Run.Result = text
	s.Result.Usage, s.Result.UsageProblem = nil, errors.New(text)
	for range entries {
		s.Warnings = append(s.Warnings, text)
		s.Prompt.Hash = text
		for _, address := range []string{text, "https://github.com/octo-org/shop"} {
			s.Prompt.Origins = append(s.Prompt.Origins, prompt.Origin{Source: text, Author: text, URL: address, SHA256: text, Used: 1, Removed: prompt.Removed{prompt.Kind(text): 1}})
		}
		s.Artifacts = append(s.Artifacts, report.Artifact{Path: text}, report.Artifact{Path: text, Problem: text})
	}
	return s
}

// ourTags are those of a summary, with links to nowhere but what was given.
var ourTags = regexp.MustCompile(harmlessTags.String() + `|^<(h2|h3|details|summary|b|sub)>$|^<a href="https://github.com/octo-org/shop(/tree/[^"<>]*)?">$`)

func TestHostileTextDoesNoHarmInASummary(t *testing.T) {
	t.Parallel()
	for _, text := range hostile {
		for _, outcome := range append(agent.Outcomes(), "", agent.Outcome(text)) {
			s := filled(text, 1)
			s.Result.Outcome = outcome
			if outcome == agent.OutcomePRMissing { // Its heading shows the branch.
				s.Repository = "https://github.com/octo-org/shop"
			}
			markdown := s.Markdown()
			page := render(t, markdown+"\n\n# ours")
			last := len(page.tags) - 1
			if page.tags[last] != "<h1>" {
				t.Fatalf("%q leaves its summary:\n%s", text, markdown)
			}
			page.tags = page.tags[:last]
			for _, found := range page.harm(ourTags) {
				t.Errorf("%q does in the summary of %q: %s", text, outcome, found)
			}
			if n := strings.Count(strings.Join(page.tags, ""), "<h2>"); n != 1 {
				t.Errorf("%q makes %d headings of the first kind", text, n)
			}
		}
	}
}

func TestASummaryFitsIntoAStepsSummary(t *testing.T) {
	t.Parallel()
	for _, part := range manyOf {
		s := filled(strings.Repeat(part, (210<<10)/len(part)), 60)
		s.Result.Outcome = agent.OutcomePRMissing // It shows most.
		if n := len(s.Markdown()); n > 1<<20-1<<10 {
			t.Errorf("a summary full of %q has %d bytes", part, n)
		}
	}
}

func TestLongPartsOfASummaryAreCut(t *testing.T) {
	t.Parallel()
	s := filled("word", 200)
	s.DryRunRequest = strings.Repeat("0123456789\n", 30_000)
	got := s.Markdown()
	for _, want := range []string{"\n- … 350 more\n", "\n- … 180 more\n", "\n*Shown are 204,797 of its 330,000 bytes.*\n", "\n\nand 340 more.\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("the summary does not say %q", want)
		}
	}
	empty := report.Summary{ArtifactsPath: "out"}.Markdown()
	if !strings.Contains(empty, "### Artifacts\n\nThe agent left none.\n") {
		t.Errorf("the summary does not say that there are no artifacts:\n%s", empty)
	}
}
