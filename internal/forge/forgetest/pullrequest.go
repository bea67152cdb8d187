package forgetest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// PullRequest is what an issue has that is a pull request.
type PullRequest struct {
	HeadRef string
	// HeadRepository is "owner/name" of a fork; "" is the repository itself, and
	// Gone says that the fork was deleted.
	HeadRepository string
	Gone           bool
	HeadSHA        string // "": made from the number
	PastHeads      []string
	BaseRef        string // "" is the default branch
	Draft          bool
	Merged         bool
	Commits        []string // SHAs, oldest first; nil is the head alone
	Files          []*File

	RequestedReviewers []string
	Reviews            []*Review
	Threads            []*Thread
}

func (h *Hub) fillPull(r *Repository, i *Issue, now time.Time) {
	p := i.Pull
	put(&p.HeadRef, fmt.Sprintf("branch-%d", i.Number))
	put(&p.HeadSHA, SHA(fmt.Sprintf("%s %d", r.Path, i.Number)))
	put(&p.BaseRef, r.DefaultBranch)
	if p.Merged {
		i.State = "closed"
		putTime(&i.ClosedAt, i.UpdatedAt)
	}
	if p.HeadRepository == "" && !p.Gone && i.State == "open" {
		r.Branches[p.HeadRef] = p.HeadSHA
	}
	if p.Commits == nil {
		p.Commits = []string{p.HeadSHA}
	}
	for _, sha := range slices.Concat(p.PastHeads, p.Commits, []string{p.HeadSHA}) {
		h.fillCommit(r, sha, now)
	}
	if c := r.commit(p.Commits[0]); c.Parents == nil {
		c.Parents = []string{r.Branches[p.BaseRef]}
	}
	for _, file := range p.Files {
		put(&file.Status, "modified")
	}
	for _, review := range p.Reviews {
		h.putID(&review.ID, "review")
		put(&review.State, "COMMENTED")
		put(&review.CommitID, p.HeadSHA)
		putTime(&review.SubmittedAt, now)
	}
	for _, thread := range p.Threads {
		h.fillThread(p, thread, now)
	}
}

// headPath is "owner/name" of the repository that holds the head; "" when that
// is gone.
func (p *PullRequest) headPath(r *Repository) string {
	switch {
	case p.Gone:
		return ""
	case p.HeadRepository == "":
		return r.Path
	}
	return p.HeadRepository
}

// theForkedFrom is a fork as answers show it: the hub's own repository of that
// path, or one made up for it.
func (x *exchange) headRepository(p *PullRequest) any {
	path := p.headPath(x.repo)
	if path == "" {
		return nil
	}
	if r := x.hub.find(path); r != nil {
		return x.repositoryJSON(r)
	}
	return x.repositoryJSON(&Repository{Path: path, ID: int64(sum32(path)), Fork: true, DefaultBranch: "main", CreatedAt: firstDay})
}

// pullJSON is a pull-request-simple, as lists hold it.
func (x *exchange) pullJSON(i *Issue) object {
	p, number := i.Pull, strconv.Itoa(i.Number)
	api, issue := x.api(x.repo)+"/pulls/"+number, x.api(x.repo)+"/issues/"+number
	web := x.web(x.repo) + "/pull/" + number
	headOwner, _, _ := strings.Cut(p.headPath(x.repo), "/")
	statuses := x.api(x.repo) + "/statuses/" + p.HeadSHA
	link := func(to string) object { return object{"href": to} }
	var mergeSHA any
	if i.State == "open" || p.Merged {
		mergeSHA = SHA("merge of " + p.HeadSHA)
	}
	reviewers := []any{}
	for _, login := range p.RequestedReviewers {
		reviewers = append(reviewers, x.userJSON(login))
	}
	return object{
		"url": api, "id": i.ID + 50_000_000, "node_id": nodeID("PR", i.ID), "html_url": web, "diff_url": web + ".diff", "patch_url": web + ".patch",
		"issue_url": issue, "commits_url": api + "/commits", "review_comments_url": api + "/comments",
		"review_comment_url": x.api(x.repo) + "/pulls/comments{/number}", "comments_url": issue + "/comments", "statuses_url": statuses,
		"number": i.Number, "state": i.State, "locked": i.Locked, "title": i.Title, "user": x.userJSON(i.Author), "body": textOrNull(i.Body),
		"labels": x.labelsJSON(i), "milestone": nil, "active_lock_reason": nil, "created_at": stamp(i.CreatedAt), "updated_at": stamp(i.UpdatedAt),
		"closed_at": stampOrNull(i.ClosedAt), "merged_at": mergedAt(i), "merge_commit_sha": mergeSHA, "assignee": nil, "assignees": []any{},
		"requested_reviewers": reviewers, "requested_teams": []any{}, "draft": p.Draft, "auto_merge": nil,
		"author_association": x.repo.association(i.Author),
		"head":               object{"label": headOwner + ":" + p.HeadRef, "ref": p.HeadRef, "sha": p.HeadSHA, "user": x.userJSON(headOwner), "repo": x.headRepository(p)},
		"base": object{"label": x.repo.owner() + ":" + p.BaseRef, "ref": p.BaseRef, "sha": x.repo.Branches[p.BaseRef],
			"user": x.userJSON(x.repo.owner()), "repo": x.repositoryJSON(x.repo)},
		"_links": object{
			"self": link(api), "html": link(web), "issue": link(issue), "comments": link(issue + "/comments"), "review_comments": link(api + "/comments"),
			"review_comment": link(x.api(x.repo) + "/pulls/comments{/number}"), "commits": link(api + "/commits"), "statuses": link(statuses),
		},
	}
}

// wholePullJSON is a pull-request, with what GitHub counts for one alone.
func (x *exchange) wholePullJSON(i *Issue) object {
	p, made := i.Pull, x.pullJSON(i)
	additions, deletions, reviewComments := 0, 0, 0
	for _, file := range p.Files {
		additions, deletions = additions+file.Additions, deletions+file.Deletions
	}
	for _, thread := range p.Threads {
		reviewComments += len(thread.Comments)
	}
	maps.Copy(made, (object{
		"merged": p.Merged, "mergeable": true, "rebaseable": true, "mergeable_state": "clean", "merged_by": nil, "comments": len(i.Comments),
		"review_comments": reviewComments, "maintainer_can_modify": false, "commits": len(p.Commits), "additions": additions,
		"deletions": deletions, "changed_files": len(p.Files),
	}))
	return made
}

// thePull finds the pull request that the path names.
func (x *exchange) thePull() (*Issue, *answer) {
	i, gone := x.theIssue()
	if gone != nil || i.Pull == nil {
		return nil, new(x.notFound())
	}
	return i, nil
}

// getPull answers GET /repos/{owner}/{repo}/pulls/{pull_number}.
func (h *Hub) getPull(x *exchange) answer {
	i, gone := x.thePull()
	if gone != nil {
		return *gone
	}
	return answer{body: x.wholePullJSON(i)}
}

// listPulls answers GET /repos/{owner}/{repo}/pulls. A head that does not name
// its owner is ignored, as GitHub does.
func (h *Hub) listPulls(x *exchange) answer {
	query := x.r.URL.Query()
	state := query.Get("state")
	put(&state, "open")
	if !slices.Contains([]string{"open", "closed", "all"}, state) {
		return x.invalid("Validation Failed", fieldError{Resource: "PullRequest", Code: "invalid", Field: "state", Value: state})
	}
	owner, head, headed := strings.Cut(query.Get("head"), ":")
	base := query.Get("base")
	var pulls []*Issue
	for _, i := range x.repo.Issues {
		if i.Pull == nil || i.Deleted || state != "all" && i.State != state || base != "" && base != i.Pull.BaseRef {
			continue
		}
		if headOwner, _, _ := strings.Cut(i.Pull.headPath(x.repo), "/"); headed && (head != i.Pull.HeadRef || !strings.EqualFold(owner, headOwner)) {
			continue
		}
		pulls = append(pulls, i)
	}
	key, ascending := func(i *Issue) time.Time { return i.CreatedAt }, query.Get("direction") == "asc"
	if query.Get("sort") == "updated" {
		key = func(i *Issue) time.Time { return i.UpdatedAt }
	}
	slices.SortStableFunc(pulls, func(a, b *Issue) int {
		order := key(a).Compare(key(b))
		if order == 0 {
			order = a.Number - b.Number
		}
		if !ascending {
			order = -order
		}
		return order
	})
	made := []object{}
	for _, i := range pulls {
		made = append(made, x.pullJSON(i))
	}
	return x.page(made)
}

// updatePull answers PATCH /repos/{owner}/{repo}/pulls/{pull_number}: title,
// body, state and base.
func (h *Hub) updatePull(x *exchange) answer {
	i, gone := x.thePull()
	if gone != nil {
		return *gone
	}
	sent, _ := x.sent.(map[string]any)
	changed := struct{ title, body, state, base string }{i.Title, i.Body, i.State, i.Pull.BaseRef}
	for field, to := range map[string]*string{"title": &changed.title, "body": &changed.body, "state": &changed.state, "base": &changed.base} {
		value, given := sent[field]
		text, isText := value.(string)
		if given && value != nil && !isText {
			return x.invalid("Invalid request.\n\nFor 'properties/" + field + "', " + jsonKind(value) + " is not a string.")
		}
		if given {
			*to = text
		}
	}
	switch {
	case strings.TrimSpace(changed.title) == "":
		return x.invalid("Validation Failed", fieldError{Resource: "Issue", Code: "missing_field", Field: "title"})
	case len([]rune(changed.title)) > 256:
		return x.invalid("Validation Failed", fieldError{Resource: "Issue", Code: "custom", Field: "title", Message: "title is too long (maximum is 256 characters)"})
	case len([]rune(changed.body)) > maxBody:
		return x.invalid("Validation Failed", fieldError{Resource: "Issue", Code: "custom", Field: "body", Message: "body is too long (maximum is 65536 characters)"})
	case changed.state != "open" && changed.state != "closed":
		return x.invalid("Validation Failed", fieldError{Resource: "PullRequest", Code: "invalid", Field: "state", Value: changed.state})
	case x.repo.Branches[changed.base] == "":
		return x.invalid("Validation Failed", fieldError{Resource: "PullRequest", Code: "invalid", Field: "base", Value: changed.base})
	}
	if i.State != changed.state {
		i.ClosedAt = time.Time{}
	}
	i.Title, i.Body, i.State, i.Pull.BaseRef, i.UpdatedAt = changed.title, changed.body, changed.state, changed.base, time.Now()
	h.fill()
	return answer{body: x.wholePullJSON(i)}
}

// listPullFiles answers GET .../pulls/{pull_number}/files, at most 3000.
func (h *Hub) listPullFiles(x *exchange) answer {
	i, gone := x.thePull()
	if gone != nil {
		return *gone
	}
	files := x.filesJSON(i.Pull.Files, i.Pull.HeadSHA)
	return x.page(files[:min(len(files), 3000)])
}

// listPullCommits answers GET .../pulls/{pull_number}/commits, at most 250.
func (h *Hub) listPullCommits(x *exchange) answer {
	i, gone := x.thePull()
	if gone != nil {
		return *gone
	}
	made := []object{}
	for _, sha := range i.Pull.Commits[:min(len(i.Pull.Commits), 250)] {
		made = append(made, x.commitJSON(x.repo.commit(sha)))
	}
	return x.page(made)
}
