package forge

import "github.com/google/go-github/v62/github"

// UpstreamRun is the run of another workflow that a workflow_run event is about.
type UpstreamRun struct {
	ID             int64
	Attempt        int
	Name           string
	Event          string // what started it
	HeadBranch     string
	HeadSHA        string
	HeadRepository string // "owner/name" of the branch; "" when the fork is gone
	Status         string
	Conclusion     string // "" until it is over
	URL            string
	// Actor started it first, TriggeringActor ran this attempt.
	Actor           Account
	TriggeringActor Account
	// PullRequests are the open ones of this repository with that head; GitHub
	// names none when the head is a fork's.
	PullRequests []int
}

// CheckKind tells the two kinds of checks apart.
type CheckKind string

// The kinds of checks.
const (
	CheckRun   CheckKind = "check run"
	CheckSuite CheckKind = "check suite"
)

// Check is the check run or suite that an event is about.
type Check struct {
	Kind       CheckKind
	ID         int64
	SuiteID    int64 // the suite of a run; of a suite its own id
	Name       string
	HeadSHA    string
	HeadBranch string // "" when the commit came from a fork
	Status     string
	Conclusion string
	App        string // the slug of the app that made it
	DetailsURL string
	// PullRequests are the open ones of this repository with that head.
	PullRequests []int
}

// Push is what a push event tells.
type Push struct {
	Ref        string // refs/heads/main, refs/tags/v1
	Before     string
	After      string
	Created    bool
	Deleted    bool
	Forced     bool
	Pusher     Signature
	HeadCommit *Commit  // nil when the ref was deleted
	Commits    []Commit // at most 2,048, oldest first
	CompareURL string
}

// MergeGroup is a group of pull requests in a merge queue.
type MergeGroup struct {
	HeadSHA, HeadRef string
	BaseSHA, BaseRef string
}

func upstreamRunOf(event *github.WorkflowRunEvent) *UpstreamRun {
	run := event.GetWorkflowRun()
	if run.GetID() == 0 {
		return nil
	}
	return &UpstreamRun{
		ID: run.GetID(), Attempt: run.GetRunAttempt(), Name: run.GetName(), Event: run.GetEvent(),
		HeadBranch: run.GetHeadBranch(), HeadSHA: run.GetHeadSHA(), HeadRepository: run.GetHeadRepository().GetFullName(),
		Status: run.GetStatus(), Conclusion: run.GetConclusion(), URL: run.GetHTMLURL(),
		Actor: accountOf(run.GetActor()), TriggeringActor: accountOf(run.GetTriggeringActor()),
		PullRequests: numbersHere(run.PullRequests, event.GetRepo().GetID()),
	}
}

func checkRunOf(event *github.CheckRunEvent) *Check {
	run := event.GetCheckRun()
	if run.GetID() == 0 {
		return nil
	}
	return &Check{
		Kind: CheckRun, ID: run.GetID(), SuiteID: run.GetCheckSuite().GetID(), Name: run.GetName(),
		HeadSHA: run.GetHeadSHA(), HeadBranch: run.GetCheckSuite().GetHeadBranch(),
		Status: run.GetStatus(), Conclusion: run.GetConclusion(), App: run.GetApp().GetSlug(), DetailsURL: run.GetDetailsURL(),
		PullRequests: numbersHere(run.PullRequests, event.GetRepo().GetID()),
	}
}

func checkSuiteOf(event *github.CheckSuiteEvent) *Check {
	suite := event.GetCheckSuite()
	if suite.GetID() == 0 {
		return nil
	}
	return &Check{
		Kind: CheckSuite, ID: suite.GetID(), SuiteID: suite.GetID(), Name: suite.GetApp().GetName(),
		HeadSHA: suite.GetHeadSHA(), HeadBranch: suite.GetHeadBranch(),
		Status: suite.GetStatus(), Conclusion: suite.GetConclusion(), App: suite.GetApp().GetSlug(),
		PullRequests: numbersHere(suite.PullRequests, event.GetRepo().GetID()),
	}
}

// numbersHere are the numbers of the pull requests into the repository. GitHub
// lists those into other repositories of the network too, when the same branch
// is their head.
func numbersHere(pulls []*github.PullRequest, repository int64) []int {
	var numbers []int
	for _, pull := range pulls {
		if pull.GetNumber() > 0 && pull.GetBase().GetRepo().GetID() == repository {
			numbers = append(numbers, pull.GetNumber())
		}
	}
	return numbers
}

func pushOf(event *github.PushEvent) *Push {
	push := &Push{
		Ref: event.GetRef(), Before: event.GetBefore(), After: event.GetAfter(),
		Created: event.GetCreated(), Deleted: event.GetDeleted(), Forced: event.GetForced(),
		Pusher: signatureOf(event.GetPusher()), CompareURL: event.GetCompare(),
	}
	if event.HeadCommit != nil {
		push.HeadCommit = new(commitOf(event.HeadCommit))
	}
	for _, commit := range event.Commits {
		push.Commits = append(push.Commits, commitOf(commit))
	}
	return push
}

func mergeGroupOf(group *github.MergeGroup) *MergeGroup {
	if group == nil {
		return nil
	}
	return &MergeGroup{HeadSHA: group.GetHeadSHA(), HeadRef: group.GetHeadRef(), BaseSHA: group.GetBaseSHA(), BaseRef: group.GetBaseRef()}
}
