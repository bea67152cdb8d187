package report

import (
	"net/url"
	"strings"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

// verdict is an outcome in words.
type verdict struct {
	sign  string // which tells most from afar
	title string // Markdown
}

// verdict returns the words for the summary's outcome.
func (s Summary) verdict() verdict {
	switch outcome := s.Result.Outcome; outcome {
	case agent.OutcomeLaunched:
		return verdict{"🚀", "The agent is at work, and this step did not wait for it"}
	case agent.OutcomeSucceeded:
		return verdict{"✅", s.success()}
	case agent.OutcomeNoChanges:
		return verdict{"ℹ️", "The agent finished and pushed nothing"}
	case agent.OutcomePRMissing:
		title := "The agent finished, but the pull request is missing"
		if s.Result.Pushed.Branch != "" {
			title = "The agent pushed branch " + s.branch() + ", but the pull request is missing"
		}
		return verdict{"⚠️", title}
	case agent.OutcomeInvalidResult:
		return verdict{"⚠️", "The agent finished, but its result is not of the form that was asked for"}
	case agent.OutcomeAgentError:
		return verdict{"❌", "The agent failed"}
	case agent.OutcomeCancelled:
		if s.Result.Status != cursor.RunCancelled {
			return verdict{"🛑", "The step was interrupted"}
		}
		return verdict{"🛑", "The run was cancelled"}
	case agent.OutcomeExpired:
		return verdict{"⌛", "Cursor gave the run up before it finished"}
	case agent.OutcomeTimedOut:
		return verdict{"⏱️", s.timeOut()}
	case agent.OutcomeAPIError:
		if s.Result.RunID == "" {
			return verdict{"❌", s.Kind.failed()}
		}
		return verdict{"❌", "The Cursor API could not be used"}
	case agent.OutcomeSkipped:
		return verdict{"⏭️", "No agent was launched for this event"}
	case agent.OutcomeDryRun:
		return verdict{"🧪", s.Kind.pretended()}
	case "":
		if s.Result.AgentID != "" {
			return verdict{"❌", "This step ended without a verdict on the agent's work"}
		}
		return verdict{"❌", s.Kind.nothing()}
	default:
		return verdict{"❌", "The outcome is " + name(string(outcome))}
	}
}

// success says what is there now.
func (s Summary) success() string {
	pushed := s.Result.Pushed
	switch {
	case pushed.PRURL != "" && sameAddress(pushed.PRURL, s.PullRequest):
		return "The agent finished its work on pull request " + pullRequest(pushed.PRURL)
	case pushed.PRURL != "" && s.Kind != Launch:
		return "The agent's work is in pull request " + pullRequest(pushed.PRURL) // Which may have been there before.
	case pushed.PRURL != "":
		return "The agent opened pull request " + pullRequest(pushed.PRURL)
	case pushed.Branch != "":
		return "The agent pushed branch " + s.branch()
	}
	return "The agent finished"
}

func (s Summary) timeOut() string {
	within := ""
	if s.Limit > 0 {
		within = " within " + duration(s.Limit)
	}
	if s.Result.RunID == "" {
		return "No agent was seen at work" + within
	}
	return "The agent did not finish" + within
}

// branch is the pushed branch, with a link where the repository is known.
func (s Summary) branch() string {
	branch := s.Result.Pushed.Branch
	if _, ok := webAddress(s.Repository); !ok {
		return name(branch)
	}
	parts := strings.Split(branch, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return link(branch, repository(s.Repository)+"/tree/"+strings.Join(parts, "/"))
}

// pullRequest is a link to a pull request that shows its number.
func pullRequest(address string) string {
	label := address
	if n := pullRequestNumber(address); n != "" {
		label = "#" + n
	}
	return link(label, address)
}

// pullRequestNumber is the number in the address of a pull request, in the
// forms of the code hosts that Cursor works with; "" when there is none.
func pullRequestNumber(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	parts := strings.Split(strings.Trim(parsed.Path, "/"), "/")
	for i, part := range parts[:len(parts)-1] {
		switch number := parts[i+1]; part {
		case "pull", "pulls", "merge_requests", "pull-requests", "pullrequest":
			if number != "" && len(number) <= 10 && isNumber(number) {
				return number
			}
		}
	}
	return ""
}

// repository is the address of a repository's page.
func repository(address string) string {
	return strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(address), "/"), ".git")
}

// sameAddress compares addresses as people and the API write them.
func sameAddress(a, b string) bool {
	bare := func(address string) string {
		if _, rest, ok := strings.Cut(address, "://"); ok {
			address = rest
		}
		return strings.TrimSuffix(strings.ToLower(address), "/")
	}
	return bare(a) == bare(b)
}
