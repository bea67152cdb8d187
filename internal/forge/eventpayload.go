package forge

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/go-github/v62/github"
)

// readTyped reads what the payload of a known event says beyond the envelope.
// An event that is not listed here has nothing more that we use. The error says
// what is amiss with the payload.
func (e *Event) readTyped(payload []byte, server string) error {
	switch e.Name {
	case "pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment",
		"issues", "issue_comment", "discussion", "discussion_comment",
		"workflow_run", "check_run", "check_suite", "push", "merge_group", "workflow_dispatch", "repository_dispatch":
	default:
		return nil
	}
	parsed, err := parsePayload(e.Name, payload, e.Raw)
	if err != nil {
		return err
	}
	e.keep(parsed, server)
	if missing := e.missing(); missing != "" {
		return errors.New("the payload names no " + missing)
	}
	return nil
}

// parsePayload hands the payload to the library. The library's type of a
// repository's custom properties is too narrow (a property may hold a list), so
// a payload that it refuses is tried again without them: nothing here uses them.
// https://docs.github.com/organizations/managing-organization-settings/managing-custom-properties-for-repositories-in-your-organization
func parsePayload(name string, payload []byte, raw map[string]any) (any, error) {
	parsed, err := github.ParseWebHook(name, payload)
	if err == nil {
		return parsed, nil
	}
	cut := map[string]any{}
	for key, value := range raw {
		if key != "inputs" && key != "client_payload" {
			value = withoutProperties(value)
		}
		cut[key] = value
	}
	again, encodeErr := json.Marshal(cut)
	if encodeErr != nil {
		return nil, encodeErr
	}
	parsed, err = github.ParseWebHook(name, again)
	if err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return nil, fmt.Errorf("the payload is not what GitHub documents: %s is a %s", wrong.Field, wrong.Value)
		}
		return nil, fmt.Errorf("the payload is not what GitHub documents: %w", err)
	}
	return parsed, nil
}

func withoutProperties(value any) any {
	switch value := value.(type) {
	case map[string]any:
		cut := make(map[string]any, len(value))
		for key, inner := range value {
			if key != "custom_properties" {
				cut[key] = withoutProperties(inner)
			}
		}
		return cut
	case []any:
		cut := make([]any, len(value))
		for i, inner := range value {
			cut[i] = withoutProperties(inner)
		}
		return cut
	}
	return value
}

// keep takes what we use out of the library's event.
func (e *Event) keep(parsed any, server string) {
	switch parsed := parsed.(type) {
	case *github.PullRequestEvent:
		e.PullRequest = pullRequestOf(e.Repository, parsed.GetPullRequest(), server)
		e.Label = parsed.GetLabel().GetName()
	case *github.PullRequestTargetEvent:
		e.PullRequest = pullRequestOf(e.Repository, parsed.GetPullRequest(), server)
		e.Label = parsed.GetLabel().GetName()
	case *github.PullRequestReviewEvent:
		e.PullRequest = pullRequestOf(e.Repository, parsed.GetPullRequest(), server)
		e.Review = reviewOf(parsed.Review)
	case *github.PullRequestReviewCommentEvent:
		e.PullRequest = pullRequestOf(e.Repository, parsed.GetPullRequest(), server)
		e.Comment = reviewCommentOf(parsed.Comment)
	case *github.IssueCommentEvent:
		e.Comment = issueCommentOf(parsed.Comment)
		if parsed.GetIssue().GetPullRequestLinks() != nil {
			e.PullRequest = pullRequestOfIssue(e.Repository, parsed.GetIssue())
		} else {
			e.Issue = issueOf(parsed.GetIssue())
		}
	case *github.IssuesEvent:
		e.Issue = issueOf(parsed.GetIssue())
		e.Label = parsed.GetLabel().GetName()
	case *github.DiscussionEvent:
		e.Discussion = discussionOf(parsed.GetDiscussion())
	case *github.DiscussionCommentEvent:
		e.Discussion = discussionOf(parsed.GetDiscussion())
		e.Comment = discussionCommentOf(parsed.Comment)
	case *github.WorkflowRunEvent:
		e.WorkflowRun = upstreamRunOf(parsed)
	case *github.CheckRunEvent:
		e.Check = checkRunOf(parsed)
	case *github.CheckSuiteEvent:
		e.Check = checkSuiteOf(parsed)
	case *github.PushEvent:
		e.Push = pushOf(parsed)
	case *github.MergeGroupEvent:
		e.MergeGroup = mergeGroupOf(parsed.MergeGroup)
	case *github.WorkflowDispatchEvent:
		e.Inputs = parsed.Inputs
	case *github.RepositoryDispatchEvent:
		e.ClientPayload = parsed.ClientPayload
	}
}

// missing is what an event of this name is about and this one does not name:
// without it nobody can say whether the event may do something. "" is nothing.
func (e *Event) missing() string {
	switch pull, issue, comment := e.PullRequest == nil, e.Issue == nil, e.Comment == nil; {
	case strings.HasPrefix(e.Name, "pull_request") && pull:
		return "pull request"
	case strings.HasPrefix(e.Name, "issue") && issue && pull:
		return "issue"
	case strings.HasPrefix(e.Name, "discussion") && e.Discussion == nil:
		return "discussion"
	case strings.HasSuffix(e.Name, "_comment") && comment:
		return "comment"
	case e.Name == "pull_request_review" && e.Review == nil:
		return "review"
	case e.Name == "workflow_run" && e.WorkflowRun == nil:
		return "workflow run"
	case strings.HasPrefix(e.Name, "check_") && e.Check == nil:
		return "check"
	case e.Name == "merge_group" && e.MergeGroup == nil:
		return "merge group"
	}
	return ""
}
