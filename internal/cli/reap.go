package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/secret"
)

// leftWord is what reap does with a live run that is not its to end.
const leftWord = "left"

// maxReaped bounds how many agents one reap looks at: GET run is allowed some
// 6,000 times an hour.
const maxReaped = 1000

// errGitHub says that GitHub did not tell how a workflow run stands.
var errGitHub = errors.New("GitHub did not tell how its workflow run stands")

// reapStep is the command reap, made for a schedule: it ends what workflow runs
// of this repository left running when they were cancelled, failed or deleted,
// and archives old agents of theirs, which count against the plan until then.
func (p Program) reapStep(ctx context.Context, _ []string) int {
	m, err := p.newManager(commandReap)
	var runs *workflowRuns
	if err == nil {
		runs, err = m.workflowRuns()
	}
	if err != nil {
		return m.decline(err, exitUsage)
	}
	limited, stop := context.WithTimeoutCause(ctx, m.timeout, errTimeUp)
	defer stop()
	if err := runs.check(limited); err != nil {
		return m.withoutGitHub(ctx, err)
	}
	found, marks, err := m.launched(limited, runs.repository)
	if err != nil {
		return m.giveUp(ctx, err)
	}
	archivable := m.archivable(found)
	found = m.lookedAt(found, len(archivable))
	entries := m.each(limited, found, func(i int) entry {
		standing, err := m.agents.Examine(limited, found[i])
		switch {
		case err != nil:
			return entry{standing: standing, err: err}
		case standing.Live():
			return m.reap(limited, standing, marks[found[i].ID], runs)
		case archivable[found[i].ID]:
			e := m.obey(limited, agent.OrderArchive, standing)
			e.why = "nothing has happened to it for " + days(agent.Unchanged(standing.Agent))
			return e
		}
		return entry{standing: standing, did: string(agent.DeedNone)}
	})
	return m.conclude(ctx, limited, slices.DeleteFunc(entries, entry.isNothing))
}

// isNothing reports whether an agent needs no word: it is at rest and young.
func (e entry) isNothing() bool {
	return e.did == string(agent.DeedNone) && e.err == nil && e.why == "" && !e.unbegun
}

// readReaper reads what reap asks GitHub with.
func (m *manager) readReaper(in *actions.Inputs) {
	if !in.Set("github-token") {
		in.Problem("github-token", "is empty: leave it at its default, ${{ github.token }}, and give the job permissions: actions: read")
	}
	if context := m.runner.Context(); context.Repository == "" || context.RunID == 0 {
		in.Problem("command", "is reap, which asks GitHub about the workflow runs of this repository, but GITHUB_REPOSITORY or GITHUB_RUN_ID is not set: run it as a step of a workflow")
	}
}

// workflowRuns are those of this repository.
func (m *manager) workflowRuns() (*workflowRuns, error) {
	context := m.runner.Context()
	hub, err := forge.NewGitHub(forge.GitHubConfig{
		APIURL: context.APIURL, Token: secret.New(m.runner.Inputs().Text("github-token")), Version: m.Version, Transport: m.Transport,
	})
	return &workflowRuns{hub: hub, repository: context.Repository, own: context.RunID}, err
}

// launched finds the agents that workflows of the repository launched with this
// key and that are not archived, newest first, and what their marks say, by id.
func (m *manager) launched(ctx context.Context, repository string) (found []cursor.Agent, marks map[string]agent.Mark, _ error) {
	marks = map[string]agent.Mark{}
	for one, err := range m.agents.Select(ctx, agent.Selection{Unarchived: true}) {
		if errors.Is(err, agent.ErrMoreAgents) {
			m.note(err.Error())
			break
		}
		if err != nil {
			return nil, nil, err
		}
		if mark, ours := agent.ReadMark(m.key, repository, one.Name); ours {
			found, marks[one.ID] = append(found, one), mark
		}
	}
	return found, marks, nil
}

// archivable are the ids of those that are old enough: the oldest, as many as
// limit allows.
func (m *manager) archivable(found []cursor.Agent) map[string]bool {
	ids, old := map[string]bool{}, 0
	for _, one := range slices.Backward(found) {
		if agent.Unchanged(one) < m.selection.OlderThan {
			continue
		}
		if old++; old <= m.limit {
			ids[one.ID] = true
		}
	}
	if old > m.limit {
		m.note(fmt.Sprintf("%d agents are old enough to be archived, and limit allows %d at once: the others are left for the next time", old, m.limit))
	}
	return ids
}

// lookedAt are the agents that one reap has the time for: the newest, which may
// be at work, and of the oldest as many as may be archived.
func (m *manager) lookedAt(found []cursor.Agent, old int) []cursor.Agent {
	if len(found) <= maxReaped {
		return found
	}
	m.note(fmt.Sprintf("%d agents of this repository are not archived, and %d are looked at, the newest and the oldest", len(found), maxReaped))
	old = min(old, maxReaped/2)
	return slices.Concat(found[:maxReaped-old], found[len(found)-old:])
}

// days is how long nothing has happened, as people count that.
func days(d time.Duration) string {
	if d < 48*time.Hour {
		return spell(d)
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}

// reap ends a live run whose workflow run is over without success, and says why
// it leaves another alone.
func (m *manager) reap(ctx context.Context, standing agent.Standing, mark agent.Mark, runs *workflowRuns) entry {
	e := entry{standing: standing, did: leftWord}
	how, err := runs.end(ctx, mark.WorkflowRunID)
	why := fmt.Sprintf("its workflow run %d %s", mark.WorkflowRunID, how)
	switch {
	case err != nil:
		e.err = fmt.Errorf("%w: %w", errGitHub, err)
		return e
	case !how.reaps(false):
		e.why = why
		return e
	case !how.reaps(mark.Kept):
		e.why = why + ", and it was launched to go on by itself"
		return e
	}
	launch, err := m.agents.IsLaunch(ctx, standing)
	switch {
	case err != nil:
		e.err = err
		return e
	case !launch:
		e.why = why + ", but the live run is a follow-up, perhaps a person's"
		return e
	}
	e = m.obey(ctx, agent.OrderCancel, standing)
	if e.why == "" {
		e.why = why
	}
	return e
}

// ending is how a workflow run ended, in words that go behind its number.
type ending string

const (
	endedNot       ending = "is not over"
	endedGone      ending = "is gone"
	endedCancelled ending = "was cancelled"
)

// reaps reports whether such an end leaves nobody who waits for an agent. One
// that may outlive its workflow run was left by intent, mostly by a step that
// failed for just that (on-timeout: leave): only who cancels or deletes the
// workflow run says that it is not wanted.
func (e ending) reaps(kept bool) bool {
	switch e {
	case endedGone, endedCancelled:
		return true
	case failedAs("failure"), failedAs("timed_out"), failedAs("startup_failure"), failedAs("stale"):
		return !kept
	}
	return false
}

func failedAs(conclusion string) ending { return ending("ended as " + conclusion) }

// workflowRuns asks GitHub about workflow runs of one repository, about each
// once.
type workflowRuns struct {
	hub        *forge.GitHub
	repository string // "owner/name"
	own        int64  // the workflow run that we are part of

	mu    sync.Mutex
	known map[int64]*question
}

// question is one that was put to GitHub; what it answered is there when done is
// closed.
type question struct {
	done chan struct{}
	how  ending
	err  error
}

// check reads our own workflow run, which is there for sure: where the token
// can't see that, a run that it can't see is not gone.
func (w *workflowRuns) check(ctx context.Context) error {
	_, err := w.hub.WorkflowRun(ctx, w.repository, w.own)
	return err
}

// end says how a workflow run ended. Those who ask about the same one at once
// wait for one answer, for as long as each of them may.
func (w *workflowRuns) end(ctx context.Context, id int64) (ending, error) {
	w.mu.Lock()
	q, known := w.known[id]
	if !known {
		q = &question{done: make(chan struct{})}
		if w.known == nil {
			w.known = map[int64]*question{}
		}
		w.known[id] = q
	}
	w.mu.Unlock()
	if !known {
		q.how, q.err = w.ask(ctx, id)
		close(q.done)
	}
	select {
	case <-q.done:
		return q.how, q.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func (w *workflowRuns) ask(ctx context.Context, id int64) (ending, error) {
	run, err := w.hub.WorkflowRun(ctx, w.repository, id)
	refused, _ := errors.AsType[*forge.GitHubError](err)
	switch {
	case refused != nil && refused.Status == http.StatusNotFound:
		// Unless the token sees nothing any more.
		return endedGone, w.check(ctx)
	case err != nil:
		return "", err
	case !run.Over():
		return endedNot, nil
	case run.Conclusion == "cancelled":
		return endedCancelled, nil
	}
	return failedAs(run.Conclusion), nil
}

// withoutGitHub ends a reap that can't ask GitHub.
func (m *manager) withoutGitHub(ctx context.Context, err error) int {
	if ctx.Err() != nil {
		return m.decline(errors.New("interrupted; run the step again"), exitInterrupted)
	}
	status, next := exitFailed, "run the step again later"
	if refused, ok := errors.AsType[*forge.GitHubError](err); ok && !refused.Limited {
		switch refused.Status {
		case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
			status, next = exitUsage, "give the job permissions: actions: read, and leave github-token at its default, ${{ github.token }}"
		}
	}
	return m.decline(fmt.Errorf("%w: %s", err, next), status)
}
