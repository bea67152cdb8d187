package report

import (
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/agent"
)

// MaxNotice is the longest Markdown of a Notice in bytes. GitHub takes 65,536
// characters in a comment and 65,535 in a check run's summary.
const MaxNotice = 60_000

// maxNoticeAnswer is how much of that the agent's answer may take, in bytes.
const maxNoticeAnswer = 30_000

// Notice is what people see of a piece of work where they look for it: in a
// comment on an issue or a pull request, and in a check run. It is written at
// the launch, while the agent works, and at the end. All text in it may be
// hostile.
type Notice struct {
	Summary
	// Working says that the end is not known yet: the rest is as of now.
	Working bool
	// Activity is what the agent was last seen to do, in a line; "" when nothing
	// was seen yet.
	Activity string
	// WorkflowRun is the web address of the workflow run; "" when not known.
	WorkflowRun string
}

// Headline is what the notice says in a line of plain text, for the title of a
// check run.
func (n Notice) Headline() string {
	switch {
	case n.Working && n.Result.RunID == "":
		return n.Kind.beginning()
	case n.Working:
		return "The agent is at work"
	case n.Result.Outcome == "":
		return "This step ended without a verdict on the agent's work"
	case n.Result.Outcome == agent.OutcomePRMissing:
		return "The agent finished, but the pull request is missing"
	case n.Result.Outcome == agent.OutcomeSucceeded:
		return n.plainSuccess()
	case !slices.Contains(agent.Outcomes(), n.Result.Outcome):
		return "The outcome is unknown"
	}
	return n.verdict().title // These have no markup.
}

// plainSuccess says in plain text what is there now.
func (n Notice) plainSuccess() string {
	pushed := n.Result.Pushed
	switch number := pullRequestNumber(pushed.PRURL); {
	case number != "":
		return "The agent's work is in pull request #" + number
	case pushed.PRURL != "":
		return "The agent opened a pull request"
	case pushed.Branch != "":
		return "The agent pushed a branch"
	}
	return "The agent finished"
}

// Markdown returns the notice, of at most MaxNotice bytes, most telling first. A
// link to a pull request writes into that page, so there is one only where the
// work was to be.
func (n Notice) Markdown() string {
	var elsewhere string
	if address := n.Result.Pushed.PRURL; address != "" && !n.within(address) {
		elsewhere, n.Result.Pushed.PRURL = "Pull request "+name(address), ""
	}
	for _, answer := range []int{maxNoticeAnswer, maxNoticeAnswer / 4} {
		if text := n.text(elsewhere, answer); len(text) <= MaxNotice {
			return text
		}
	}
	return n.text(elsewhere, 0)
}

// text is the Markdown with so many bytes of the agent's answer.
func (n Notice) text(elsewhere string, answer int) string {
	blocks := []string{n.heading(), quoted(n.Title)}
	if n.Working {
		blocks = append(blocks, n.progress(), n.places(), elsewhere)
	} else {
		blocks = append(blocks, n.advice(n.verdict()), n.places(), elsewhere, n.answer("**The agent's answer**", answer), n.figures())
	}
	blocks = slices.DeleteFunc(append(blocks, n.foot()), func(block string) bool { return block == "" })
	return strings.Join(blocks, "\n\n")
}

// within reports whether a pull request is one of the repository that the work
// was to be in.
func (n Notice) within(address string) bool {
	if sameAddress(address, n.PullRequest) {
		return true
	}
	path, ok := webAddress(address)
	here, known := webAddress(n.Repository)
	return ok && known && strings.HasPrefix(strings.ToLower(path), strings.ToLower(repository(here))+"/")
}

func (n Notice) heading() string {
	switch {
	case n.Working:
		return "### ⏳ " + n.Headline()
	case n.Result.Outcome == "":
		return "### ❌ " + n.Headline()
	}
	verdict := n.verdict()
	return "### " + verdict.sign + " " + verdict.title
}

// progress is how the work stands.
func (n Notice) progress() string {
	var parts []string
	switch {
	case n.Waited > 0 && n.Limit > 0:
		parts = append(parts, duration(n.Waited.Truncate(time.Second))+" of at most "+duration(n.Limit))
	case n.Waited > 0:
		parts = append(parts, duration(n.Waited.Truncate(time.Second))+" so far")
	case n.Limit > 0:
		parts = append(parts, "At most "+duration(n.Limit))
	}
	if status := string(n.Result.Status); status != "" {
		parts = append(parts, "status "+name(status))
	}
	said := strings.Join(parts, " · ")
	if n.Activity != "" {
		said += "\n\n**Now:** " + Inline(short(n.Activity, maxName))
	}
	return strings.TrimPrefix(said, "\n\n")
}

// figures is what the work took, on one line.
func (n Notice) figures() string {
	var parts []string
	if n.Result.Outcome == agent.OutcomeLaunched || n.Result.RunID == "" {
		return ""
	}
	if n.Result.Run.Duration > 0 {
		parts = append(parts, duration(n.Result.Run.Duration)+" at work")
	}
	if tokens, known := n.Result.Tokens(); known && tokens.TotalTokens > 0 {
		parts = append(parts, number(tokens.TotalTokens)+" tokens")
	}
	if _, known := n.Result.CostCents(); known {
		parts = append(parts, cost(n.Result))
	}
	return strings.Join(parts, " · ")
}

// foot says where this comes from.
func (n Notice) foot() string {
	parts := []string{Inline("cursor-agent-action " + short(n.Version, maxName))}
	if _, ok := webAddress(n.WorkflowRun); ok {
		parts = append(parts, link("workflow run", n.WorkflowRun))
	}
	if n.Result.AgentID != "" {
		parts = append(parts, "agent "+name(n.Result.AgentID))
	}
	return "<sub>" + strings.Join(parts, " · ") + "</sub>"
}

// Limit is the text of a comment that says why no more agents are launched on a
// pull request.
func Limit(why string) string {
	return "### ⏸️ No more agents are launched here\n\n" + line(why, maxSentence)
}
