package forgetest

import (
	"fmt"
	"maps"
	"strings"
	"time"
)

// gqlRoot are the fields of Query and Mutation.
func (x *exchange) gqlRoot() object {
	root := object{
		"viewer": x.gqlViewer(),
		"repository": gqlCall(func(args map[string]any) (any, *gqlError) {
			path := fmt.Sprintf("%v/%v", args["owner"], args["name"])
			r := x.hub.find(path)
			if r == nil {
				r = x.hub.formerly(path)
			}
			if r == nil || !x.token.sees(r) {
				return nil, gqlNotFound("Could not resolve to a Repository with the name '%s'.", path)
			}
			return x.gqlRepository(r), nil
		}),
		"node": gqlCall(func(args map[string]any) (any, *gqlError) {
			id, _ := args["id"].(string)
			if _, _, e := x.gqlPullByID(id); e != nil {
				return e, nil
			}
			found, failed := x.findDiscussed(id)
			if failed == nil && !x.gqlMay(x.repo, "discussions=read") {
				failed = x.gqlForbidden()
			}
			if failed != nil {
				return nil, failed
			}
			return x.discussedEntity(found), nil
		}),
		"markPullRequestReadyForReview": x.gqlDraft("MarkPullRequestReadyForReviewPayload", false),
		"convertPullRequestToDraft":     x.gqlDraft("ConvertPullRequestToDraftPayload", true),
		"resolveReviewThread":           gqlCall(x.gqlResolveThread),
	}
	maps.Copy(root, x.gqlDiscussionMutations())
	return root
}

// gqlViewer is whom the token acts as. An app's own login keeps its [bot] here,
// which it loses as an author.
func (x *exchange) gqlViewer() *entity {
	viewer := x.gqlActor(x.login())
	viewer.kind, viewer.fields["login"], viewer.fields["name"] = "User", x.login(), textOrNull(x.hub.user(x.login()).Name)
	return viewer
}

// gqlActor is an author; nil for an account that is gone.
func (x *exchange) gqlActor(login string) *entity {
	user, ok := x.userJSON(login).(object)
	if !ok {
		return nil
	}
	kind := "User"
	name, isBot := strings.CutSuffix(login, "[bot]")
	if isBot {
		kind = "Bot"
	}
	return &entity{kind, object{
		"id": user["node_id"], "login": name, "url": user["html_url"], "avatarUrl": user["avatar_url"], "databaseId": user["id"], "name": nil,
		"resourcePath": strings.TrimPrefix(user["html_url"].(string), x.hub.config.ServerURL),
	}}
}

func (x *exchange) gqlRepository(r *Repository) *entity {
	x.repo = r
	numbered := func(kind string, find func(number int) *entity) gqlCall {
		return func(args map[string]any) (any, *gqlError) {
			number, _ := asInt(args["number"])
			needs := map[string]string{"PullRequest": "pull_requests=read", "Issue": "issues=read", "Discussion": "discussions=read"}[kind]
			if !x.gqlMay(r, needs) {
				return nil, x.gqlForbidden()
			}
			if found := find(number); found != nil {
				return found, nil
			}
			return nil, gqlNotFound("Could not resolve to a %s with the number of %d.", kind, number)
		}
	}
	return &entity{"Repository", object{
		"id": nodeID("R", r.ID), "databaseId": r.ID, "name": r.name(), "nameWithOwner": r.Path, "url": x.web(r), "isPrivate": r.Private,
		"isArchived": r.Archived, "defaultBranchRef": &entity{"Ref", object{"name": r.DefaultBranch}},
		"pullRequest": numbered("PullRequest", func(number int) *entity {
			if i := r.issue(number); i != nil && i.Pull != nil && !i.Deleted {
				return x.gqlPull(i)
			}
			return nil
		}),
		"issue": numbered("Issue", func(number int) *entity {
			if i := r.issue(number); i != nil && i.Pull == nil && !i.Deleted {
				return x.gqlIssue("Issue", i)
			}
			return nil
		}),
		"discussion": numbered("Discussion", func(number int) *entity {
			if d := r.discussion(number); d != nil {
				return x.gqlDiscussion(d)
			}
			return nil
		}),
	}}
}

// gqlIssue are the fields that issues and pull requests share.
func (x *exchange) gqlIssue(kind string, i *Issue) *entity {
	var comments []*entity
	for _, c := range i.Comments {
		comments = append(comments, x.gqlComment("IssueComment", c, x.commentJSON(i, c)["html_url"]))
	}
	return &entity{kind, object{
		"id": nodeID("I", i.ID), "databaseId": i.ID, "number": i.Number, "title": i.Title, "body": i.Body, "state": strings.ToUpper(i.State),
		"closed": i.State == "closed", "locked": i.Locked, "author": x.gqlActor(i.Author),
		"url":      fmt.Sprintf("%s/%s/%d", x.web(x.repo), i.issueKind(), i.Number),
		"comments": connection("IssueCommentConnection", "comments", comments),
	}}
}

func (x *exchange) gqlComment(kind string, c *Comment, url any) *entity {
	return &entity{kind, object{
		"id": nodeID("IC", c.ID), "databaseId": c.ID, "fullDatabaseId": itoa(c.ID), "body": c.Body, "url": url, "isMinimized": c.Minimized != "",
		"minimizedReason": textOrNull(strings.ToLower(c.Minimized)), "createdAt": stamp(c.CreatedAt), "updatedAt": stamp(c.UpdatedAt),
		"authorAssociation": x.repo.association(c.Author), "author": x.gqlActor(c.Author),
	}}
}

func (x *exchange) gqlPull(i *Issue) *entity {
	e := x.gqlIssue("PullRequest", i)
	if i.Pull.Merged {
		e.fields["state"] = "MERGED"
	}
	var threads []*entity
	for _, t := range i.Pull.Threads {
		threads = append(threads, x.gqlThread(i, t))
	}
	maps.Copy(e.fields, object{
		"id": nodeID("PR", i.ID), "isDraft": i.Pull.Draft, "merged": i.Pull.Merged, "headRefName": i.Pull.HeadRef, "headRefOid": i.Pull.HeadSHA,
		"baseRefName": i.Pull.BaseRef, "reviewDecision": nil,
		"reviewThreads": connection("PullRequestReviewThreadConnection", "reviewThreads", threads),
	})
	return e
}

func (x *exchange) gqlThread(i *Issue, t *Thread) *entity {
	number := func(n int, known bool) any {
		if !known {
			n = 0
		}
		return idOrNull(int64(n))
	}
	subject := "LINE"
	if t.Line == 0 {
		subject = "FILE"
	}
	var comments []*entity
	for _, c := range t.Comments {
		var review *entity
		for _, r := range i.Pull.Reviews {
			if r.ID == c.ReviewID {
				review = x.gqlReview(i, r)
			}
		}
		made := x.gqlComment("PullRequestReviewComment", &Comment{ID: c.ID, Author: c.Author, Body: c.Body, Minimized: c.Minimized, CreatedAt: c.CreatedAt, UpdatedAt: c.CreatedAt}, x.reviewCommentJSON(i, t, c)["html_url"])
		maps.Copy(made.fields, object{
			"id": nodeID("PRRC", c.ID), "path": t.Path, "line": number(t.Line, !t.Outdated), "startLine": number(t.StartLine, !t.Outdated),
			"diffHunk": t.DiffHunk, "outdated": t.Outdated, "replyTo": nil,
			"originalCommit": &entity{"Commit", object{"id": nodeID("C", int64(sum32(c.CommitID))), "oid": c.CommitID}}, "pullRequestReview": review,
		})
		if len(comments) > 0 {
			made.fields["replyTo"] = comments[0]
		}
		comments = append(comments, made)
	}
	var resolvedBy *entity
	if t.Resolved {
		resolvedBy = x.gqlActor(i.Author)
	}
	return &entity{"PullRequestReviewThread", object{
		"id": nodeID("PRRT", t.ID), "isResolved": t.Resolved, "isOutdated": t.Outdated, "isCollapsed": t.Resolved, "path": t.Path,
		"line": number(t.Line, !t.Outdated), "startLine": number(t.StartLine, !t.Outdated), "originalLine": number(t.Line, true),
		"originalStartLine": number(t.StartLine, true), "diffSide": "RIGHT", "startDiffSide": nil, "subjectType": subject, "resolvedBy": resolvedBy,
		"comments": connection("PullRequestReviewCommentConnection", "comments", comments),
	}}
}

func (x *exchange) gqlReview(i *Issue, r *Review) *entity {
	return &entity{"PullRequestReview", object{
		"id": nodeID("PRR", r.ID), "url": x.reviewJSON(i, r)["html_url"], "state": r.State, "body": r.Body, "author": x.gqlActor(r.Author),
	}}
}

// gqlPullByID finds a pull request that the token sees by its node id.
func (x *exchange) gqlPullByID(id string) (*Repository, *Issue, *entity) {
	for _, r := range x.hub.repos {
		for _, i := range r.Issues {
			if i.Pull != nil && nodeID("PR", i.ID) == id && x.token.sees(r) && !i.Deleted {
				x.repo = r
				return r, i, x.gqlPull(i)
			}
		}
	}
	return nil, nil, nil
}

// gqlDraft makes a draft ready, or a pull request a draft. An app needs to write
// contents too. https://github.com/cli/cli/issues/8910
func (x *exchange) gqlDraft(kind string, draft bool) gqlCall {
	return func(args map[string]any) (any, *gqlError) {
		input, _ := args["input"].(map[string]any)
		id, _ := input["pullRequestId"].(string)
		r, i, _ := x.gqlPullByID(id)
		switch {
		case i == nil:
			return nil, gqlNotFound("Could not resolve to a node with the global id of '%s'", id)
		case !x.gqlMay(r, "pull_requests=write,contents=write"):
			return nil, x.gqlForbidden()
		case i.State != "open":
			return nil, &gqlError{Type: "UNPROCESSABLE", Message: "Pull request is closed"}
		}
		if i.Pull.Draft != draft {
			i.Pull.Draft, i.UpdatedAt = draft, time.Now()
			event := map[bool]string{true: "convert_to_draft", false: "ready_for_review"}[draft]
			i.Events = append(i.Events, &Event{Event: event, Actor: x.login(), CreatedAt: time.Now()})
		}
		return &entity{kind, object{"clientMutationId": input["clientMutationId"], "pullRequest": x.gqlPull(i)}}, nil
	}
}

// gqlResolveThread resolves a thread of a review.
func (x *exchange) gqlResolveThread(args map[string]any) (any, *gqlError) {
	input, _ := args["input"].(map[string]any)
	id, _ := input["threadId"].(string)
	for _, r := range x.hub.repos {
		for _, i := range r.Issues {
			if i.Pull == nil || !x.token.sees(r) {
				continue
			}
			for _, t := range i.Pull.Threads {
				switch {
				case nodeID("PRRT", t.ID) != id:
					continue
				case !x.gqlMay(r, "pull_requests=write,contents=write"):
					return nil, x.gqlForbidden()
				}
				x.repo, t.Resolved = r, true
				return &entity{"ResolveReviewThreadPayload", object{"clientMutationId": input["clientMutationId"], "thread": x.gqlThread(i, t)}}, nil
			}
		}
	}
	return nil, gqlNotFound("Could not resolve to a node with the global id of '%s'", id)
}
