package forge

import (
	"strings"

	"github.com/google/go-github/v62/github"
)

// Event is what the workflow's trigger says of the code. The zero value is an
// event without a pull request.
type Event struct {
	// Name is GITHUB_EVENT_NAME.
	Name string
	// PullRequest is the one that the event is about, nil when it is about
	// none. Comment events carry the number only: HeadRef is "" then.
	PullRequest *PullRequest
}

// ReadEvent reads the payload of the event. An event that is unknown, or whose
// payload can't be read, is an event without a pull request, never an error:
// a new kind of trigger must not break a workflow.
func ReadEvent(name string, payload []byte, server string) Event {
	event := Event{Name: name}
	if len(payload) == 0 {
		return event
	}
	parsed, err := github.ParseWebHook(name, payload)
	if err != nil {
		return event
	}
	switch parsed := parsed.(type) {
	case *github.PullRequestEvent:
		event.PullRequest = pullRequest(parsed.GetRepo(), parsed.GetPullRequest(), server)
	case *github.PullRequestTargetEvent:
		event.PullRequest = pullRequest(parsed.GetRepo(), parsed.GetPullRequest(), server)
	case *github.PullRequestReviewEvent:
		event.PullRequest = pullRequest(parsed.GetRepo(), parsed.GetPullRequest(), server)
	case *github.PullRequestReviewCommentEvent:
		event.PullRequest = pullRequest(parsed.GetRepo(), parsed.GetPullRequest(), server)
	case *github.IssueCommentEvent:
		if parsed.GetIssue().IsPullRequest() {
			event.PullRequest = &PullRequest{
				Repository: repositoryOf(parsed.GetRepo().GetFullName(), server),
				Number:     parsed.GetIssue().GetNumber(),
			}
		}
	}
	if event.PullRequest != nil && (event.PullRequest.Number <= 0 || event.PullRequest.Repository.IsZero()) {
		event.PullRequest = nil
	}
	return event
}

// pullRequest keeps what we use of GitHub's record. The base repository is
// asked of the pull request and, failing that, of the event.
func pullRequest(repository *github.Repository, pull *github.PullRequest, server string) *PullRequest {
	base := pull.GetBase().GetRepo().GetFullName()
	if base == "" {
		base = repository.GetFullName()
	}
	return &PullRequest{
		Repository:     repositoryOf(base, server),
		Number:         pull.GetNumber(),
		HeadRef:        pull.GetHead().GetRef(),
		HeadRepository: pull.GetHead().GetRepo().GetFullName(),
		BaseRef:        pull.GetBase().GetRef(),
	}
}

// repositoryOf takes the full name that an event gives; a name that is not one
// gives the zero Repository.
func repositoryOf(fullName, server string) Repository {
	repository, err := ParseRepository(strings.TrimSpace(fullName), server)
	if err != nil {
		return Repository{}
	}
	return repository
}
