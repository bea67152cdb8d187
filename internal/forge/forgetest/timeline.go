package forgetest

import (
	"slices"
	"time"
)

// timeline answers GET .../issues/{issue_number}/timeline: comments, commits,
// reviews and other events in the order in which they happened.
func (h *Hub) timeline(x *exchange) answer {
	i, gone := x.theIssue()
	if gone != nil {
		return *gone
	}
	type entry struct {
		at   time.Time
		made object
	}
	var entries []entry
	for _, c := range i.Comments {
		made := x.commentJSON(i, c)
		made["event"], made["actor"] = "commented", made["user"]
		entries = append(entries, entry{c.CreatedAt, made})
	}
	for _, e := range i.Events {
		entries = append(entries, entry{e.CreatedAt, x.eventJSON(e)})
	}
	if i.Pull != nil {
		for _, sha := range i.Pull.Commits {
			c := x.repo.commit(sha)
			made := x.gitCommitJSON(c)
			made["event"] = "committed"
			entries = append(entries, entry{c.At, made})
		}
		for _, review := range i.Pull.Reviews {
			made := x.reviewJSON(i, review)
			made["event"] = "reviewed"
			entries = append(entries, entry{review.SubmittedAt, made})
		}
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return a.at.Compare(b.at) })
	made := []object{}
	for _, e := range entries {
		made = append(made, e.made)
	}
	return x.page(made)
}

func (x *exchange) eventJSON(e *Event) object {
	made := object{
		"id": e.ID, "node_id": nodeID("EV", e.ID), "url": x.api(x.repo) + "/issues/events/" + itoa(e.ID), "actor": x.userJSON(e.Actor),
		"event": e.Event, "commit_id": textOrNull(e.CommitID), "commit_url": nil, "created_at": stamp(e.CreatedAt), "performed_via_github_app": x.appJSON(e.Actor),
	}
	if e.CommitID != "" {
		made["commit_url"] = x.api(x.repo) + "/commits/" + e.CommitID
	}
	if e.Label != "" {
		made["label"] = object{"name": e.Label, "color": "ededed"}
	}
	return made
}
