package forgetest

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Review is a review of a pull request. Its comments are in the threads.
type Review struct {
	ID          int64
	Author      string
	State       string // COMMENTED (also ""), APPROVED, CHANGES_REQUESTED, DISMISSED, PENDING
	Body        string
	CommitID    string // "" is the head as it is when the review comes
	SubmittedAt time.Time
}

// Thread is a conversation about a line of a pull request.
type Thread struct {
	ID        int64
	Path      string
	Line      int // of the new file; 0 is the whole file
	StartLine int // of a thread about several lines; 0 for one
	Resolved  bool
	Outdated  bool // the line is no more in the diff
	DiffHunk  string
	Comments  []*ReviewComment
}

// ReviewComment is one comment of a thread.
type ReviewComment struct {
	ID        int64
	ReviewID  int64 // 0: none of the reviews listed
	Author    string
	Body      string
	Minimized string // the reason, such as spam or outdated; "" when it is shown
	CommitID  string // "" is the head as it is when the comment comes
	CreatedAt time.Time
	Reactions []*Reaction
}

func (h *Hub) fillThread(p *PullRequest, t *Thread, now time.Time) {
	h.putID(&t.ID, "thread")
	put(&t.Path, "README.md")
	put(&t.DiffHunk, "@@ -1 +1 @@")
	for _, c := range t.Comments {
		h.putID(&c.ID, "review comment")
		put(&c.CommitID, p.HeadSHA)
		putTime(&c.CreatedAt, now)
		h.fillReactions(c.Reactions, now)
	}
}

// reviewComment finds a comment of the pull request's threads.
func (i *Issue) reviewComment(id int64) (*Thread, *ReviewComment) {
	if i.Pull == nil || i.Deleted {
		return nil, nil
	}
	for _, thread := range i.Pull.Threads {
		if at := slices.IndexFunc(thread.Comments, func(c *ReviewComment) bool { return c.ID == id }); at >= 0 {
			return thread, thread.Comments[at]
		}
	}
	return nil, nil
}

func (x *exchange) reviewJSON(i *Issue, r *Review) object {
	web := fmt.Sprintf("%s/pull/%d#pullrequestreview-%d", x.web(x.repo), i.Number, r.ID)
	pull := fmt.Sprintf("%s/pulls/%d", x.api(x.repo), i.Number)
	made := object{
		"id": r.ID, "node_id": nodeID("PRR", r.ID), "user": x.userJSON(r.Author), "body": r.Body, "state": r.State, "html_url": web,
		"pull_request_url": pull, "_links": object{"html": object{"href": web}, "pull_request": object{"href": pull}},
		"commit_id": r.CommitID, "author_association": x.repo.association(r.Author),
	}
	if r.State != "PENDING" {
		made["submitted_at"] = stamp(r.SubmittedAt)
	}
	return made
}

// listReviews answers GET .../pulls/{pull_number}/reviews, oldest first.
func (h *Hub) listReviews(x *exchange) answer {
	i, gone := x.thePull()
	if gone != nil {
		return *gone
	}
	made := []object{}
	for _, review := range i.Pull.Reviews {
		if review.State != "PENDING" || review.Author == x.login() {
			made = append(made, x.reviewJSON(i, review))
		}
	}
	return x.page(made)
}

func (x *exchange) reviewCommentJSON(i *Issue, t *Thread, c *ReviewComment) object {
	id := strconv.FormatInt(c.ID, 10)
	api := x.api(x.repo) + "/pulls/comments/" + id
	web := fmt.Sprintf("%s/pull/%d#discussion_r%s", x.web(x.repo), i.Number, id)
	pull := fmt.Sprintf("%s/pulls/%d", x.api(x.repo), i.Number)
	made := object{
		"url": api, "pull_request_review_id": idOrNull(c.ReviewID), "id": c.ID, "node_id": nodeID("PRRC", c.ID), "diff_hunk": t.DiffHunk,
		"path": t.Path, "commit_id": i.Pull.HeadSHA, "original_commit_id": c.CommitID, "user": x.userJSON(c.Author), "body": c.Body,
		"created_at": stamp(c.CreatedAt), "updated_at": stamp(c.CreatedAt), "html_url": web, "pull_request_url": pull,
		"author_association": x.repo.association(c.Author),
		"_links":             object{"self": object{"href": api}, "html": object{"href": web}, "pull_request": object{"href": pull}},
		"reactions":          x.reactionsJSON(api, c.Reactions), "start_line": nil, "original_start_line": idOrNull(int64(t.StartLine)), "start_side": nil,
		"side": "RIGHT", "subject_type": "line", "original_position": 1,
	}
	switch {
	case t.Line == 0:
		made["subject_type"], made["position"], made["line"] = "file", 1, 1
	default:
		made["original_line"] = t.Line
		// A line that is gone has null for its place now, which the description
		// does not say but the API does.
		made["line"], made["position"] = any(t.Line), any(1)
		if t.Outdated {
			made["line"], made["position"] = nil, nil
		}
	}
	if t.StartLine > 0 {
		made["start_side"] = "RIGHT"
		if !t.Outdated {
			made["start_line"] = t.StartLine
		}
	}
	if t.Comments[0] != c {
		made["in_reply_to_id"] = t.Comments[0].ID
	}
	return made
}

// reviewComments are all comments of the pull request's threads, oldest first.
func (x *exchange) reviewComments(i *Issue, keep func(*ReviewComment) bool) []object {
	type entry struct {
		t *Thread
		c *ReviewComment
	}
	var entries []entry
	for _, t := range i.Pull.Threads {
		for _, c := range t.Comments {
			if keep(c) {
				entries = append(entries, entry{t, c})
			}
		}
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return a.c.CreatedAt.Compare(b.c.CreatedAt) })
	made := []object{}
	for _, e := range entries {
		made = append(made, x.reviewCommentJSON(i, e.t, e.c))
	}
	return made
}

// listReviewComments answers GET .../pulls/{pull_number}/comments.
func (h *Hub) listReviewComments(x *exchange) answer {
	i, gone := x.thePull()
	if gone != nil {
		return *gone
	}
	return x.page(x.reviewComments(i, func(*ReviewComment) bool { return true }))
}

// listCommentsOfReview answers GET .../pulls/{pull_number}/reviews/{review_id}/comments.
// They know their place in the diff only, not their line.
func (h *Hub) listCommentsOfReview(x *exchange) answer {
	i, gone := x.thePull()
	if gone != nil {
		return *gone
	}
	id, _ := strconv.ParseInt(x.params["review"], 10, 64)
	if !slices.ContainsFunc(i.Pull.Reviews, func(r *Review) bool { return r.ID == id }) {
		return x.notFound()
	}
	return x.page(x.reviewComments(i, func(c *ReviewComment) bool { return c.ReviewID == id }))
}

// getReviewComment answers GET /repos/{owner}/{repo}/pulls/comments/{comment_id}.
func (h *Hub) getReviewComment(x *exchange) answer {
	id, _ := strconv.ParseInt(x.params["review_comment"], 10, 64)
	for _, i := range x.repo.Issues {
		if t, c := i.reviewComment(id); c != nil {
			return answer{body: x.reviewCommentJSON(i, t, c)}
		}
	}
	return x.notFound()
}

// requestReviewers answers POST .../pulls/{pull_number}/requested_reviewers.
func (h *Hub) requestReviewers(x *exchange) answer {
	i, gone := x.thePull()
	if gone != nil {
		return *gone
	}
	sent, _ := x.sent.(map[string]any)
	list, _ := sent["reviewers"].([]any)
	teams, _ := sent["team_reviewers"].([]any)
	if len(teams) > 0 {
		return x.invalid("Could not resolve to a node with the global id of 'T_kwDOAA'.") // the hub knows no teams
	}
	var logins []string
	for _, item := range list {
		login, _ := item.(string)
		switch {
		case x.repo.association(login) == "NONE":
			return x.invalid("Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the " + x.repo.Path + " repository.")
		case login == i.Author:
			return x.invalid("Review cannot be requested from pull request author.")
		}
		logins = append(logins, login)
	}
	for _, login := range logins {
		if !slices.Contains(i.Pull.RequestedReviewers, login) {
			i.Pull.RequestedReviewers = append(i.Pull.RequestedReviewers, login)
		}
	}
	return answer{status: 201, body: x.pullJSON(i)}
}
