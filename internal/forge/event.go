package forge

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// Event is what started the workflow. The zero value is an event that nothing
// is known of.
//
// https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
type Event struct {
	// Name is GITHUB_EVENT_NAME.
	Name string
	// Action is what happened: opened, created, labeled ...; "" for events that
	// have no kinds, and the sender's own word for repository_dispatch.
	Action string
	// Problem says why the payload can't be relied upon, "" when it can. What
	// could be read of it is there all the same.
	Problem string

	// Repository is where it happened.
	Repository Repository
	// Private is true where the payload says that the repository is private or
	// internal, false when it is public or nothing is said.
	Private bool
	// Sender is who caused it; zero when the payload names nobody.
	Sender Account

	// PullRequest is the one that the event is about, nil when it is about
	// none. Comment events carry no branches: HeadRef and HeadSHA are "" then.
	PullRequest *PullRequest
	// Issue is the one that the event is about; nil for a pull request.
	Issue      *Issue
	Discussion *Discussion
	Comment    *Comment
	Review     *Review
	// Label is the one that was put on or taken off, "" for other actions.
	Label string

	WorkflowRun *UpstreamRun
	Check       *Check
	Push        *Push
	MergeGroup  *MergeGroup
	// Schedule is the line of cron that was due.
	Schedule string
	// Inputs are those of workflow_dispatch, a JSON object; nil for none.
	Inputs json.RawMessage
	// ClientPayload is what repository_dispatch was sent with; nil for none.
	ClientPayload json.RawMessage

	// Raw is the payload as it came; numbers are json.Number.
	Raw map[string]any
}

// SubjectKind is the kind of thing that an event is about.
type SubjectKind string

// The kinds of things that people talk about.
const (
	SubjectNone        SubjectKind = ""
	SubjectIssue       SubjectKind = "issue"
	SubjectPullRequest SubjectKind = "pull request"
	SubjectDiscussion  SubjectKind = "discussion"
)

// Subject is what the event is about, and its number. A workflow run or a check
// is about a pull request when it is about exactly one.
func (e Event) Subject() (SubjectKind, int) {
	switch {
	case e.PullRequest != nil:
		return SubjectPullRequest, e.PullRequest.Number
	case e.Issue != nil:
		return SubjectIssue, e.Issue.Number
	case e.Discussion != nil:
		return SubjectDiscussion, e.Discussion.Number
	case e.WorkflowRun != nil && len(e.WorkflowRun.PullRequests) == 1:
		return SubjectPullRequest, e.WorkflowRun.PullRequests[0]
	case e.Check != nil && len(e.Check.PullRequests) == 1:
		return SubjectPullRequest, e.Check.PullRequests[0]
	}
	return SubjectNone, 0
}

// PullRequests are the numbers of all pull requests that the event is about. A
// workflow run or a check is about each that has its commit.
func (e Event) PullRequests() []int {
	kind, number := e.Subject()
	switch {
	case kind == SubjectPullRequest:
		return []int{number}
	case kind != SubjectNone:
	case e.WorkflowRun != nil:
		return e.WorkflowRun.PullRequests
	case e.Check != nil:
		return e.Check.PullRequests
	}
	return nil
}

// Actors are those who caused the event, each once. A finished workflow run was
// caused by the one who started it and by the one who ran it again, whatever
// the sender is.
func (e Event) Actors() []Account {
	if e.Name != "workflow_run" {
		if e.Sender.IsZero() {
			return nil
		}
		return []Account{e.Sender}
	}
	if e.WorkflowRun == nil || e.WorkflowRun.Actor.IsZero() || e.WorkflowRun.TriggeringActor.IsZero() {
		return nil // half an answer is none
	}
	if strings.EqualFold(e.WorkflowRun.Actor.Login, e.WorkflowRun.TriggeringActor.Login) {
		return []Account{e.WorkflowRun.Actor}
	}
	return []Account{e.WorkflowRun.Actor, e.WorkflowRun.TriggeringActor}
}

// ReadEvent reads the payload of the event. An event that is unknown, or whose
// payload can't be read, is an event that less is known of, never an error: a
// new kind of trigger must not break a workflow. What is amiss is in Problem.
func ReadEvent(name string, payload []byte, server string) Event {
	event := Event{Name: name}
	if len(payload) == 0 {
		event.Problem = "there is no payload"
		return event
	}
	raw, err := decodeObject(payload)
	if err != nil {
		event.Problem = bound(err.Error())
		return event
	}
	event.Raw = raw
	event.readEnvelope(server)
	if err := event.readTyped(payload, server); err != nil && event.Problem == "" {
		event.Problem = bound(err.Error())
	}
	return event
}

// decodeObject reads one JSON object and nothing after it. Numbers stay as they
// are written: an id in a template must not become 1.2e+09.
func decodeObject(payload []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errors.New("the payload is cut off")
		}
		return nil, errors.New("the payload is not a JSON object")
	}
	if object == nil {
		return nil, errors.New("the payload is not a JSON object")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the payload goes on after its end")
	}
	return object, nil
}

// readEnvelope reads what every event's payload has, also that of an event
// that nobody knows yet.
func (e *Event) readEnvelope(server string) {
	e.Action = textAt(e.Raw, "action")
	e.Repository = repositoryOf(textAt(e.Raw, "repository", "full_name"), server)
	e.Private, _ = valueAt(e.Raw, "repository", "private").(bool)
	e.Schedule = textAt(e.Raw, "schedule")
	if login := textAt(e.Raw, "sender", "login"); login != "" {
		id, _ := valueAt(e.Raw, "sender", "id").(json.Number)
		e.Sender = Account{Login: login, Bot: textAt(e.Raw, "sender", "type") == "Bot" || strings.HasSuffix(strings.ToLower(login), botSuffix)}
		e.Sender.ID, _ = id.Int64()
	}
}

// valueAt follows keys into objects; nil where one is missing.
func valueAt(value any, keys ...string) any {
	for _, key := range keys {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}

func textAt(value any, keys ...string) string {
	text, _ := valueAt(value, keys...).(string)
	return text
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
