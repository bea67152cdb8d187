package forgetest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// route is one operation of the API.
type route struct {
	op     string // the REST description's operationId, such as issues/get; "graphql"; "logs" for the host of logs
	method string
	path   string // {name} stands for one segment, {name...} for the rest
	handle func(*Hub, *exchange) answer

	// needs are the permissions of tokens that have some, as the header
	// X-Accepted-GitHub-Permissions writes them: "," is and, ";" is or.
	needs  string
	public bool   // anybody may ask it about a public repository
	doc    string // the page below https://docs.github.com/rest
}

// The permissions of the operations on issues, which pull requests are too.
const (
	readIssue  = "issues=read; pull_requests=read"
	writeIssue = "issues=write; pull_requests=write"
)

const repoPath = "/repos/{owner}/{repo}"

// routes are the operations that the hub has.
func routes() []route {
	all := []route{
		{op: "users/get-authenticated", method: "GET", path: "/user", handle: (*Hub).getUser, doc: "users/users#get-the-authenticated-user"},
		{op: "repos/get", method: "GET", path: "", handle: (*Hub).getRepository, needs: "metadata=read", public: true, doc: "repos/repos#get-a-repository"},
		{op: "repos/get-collaborator-permission-level", method: "GET", path: "/collaborators/{username}/permission", handle: (*Hub).permission, needs: "metadata=read", doc: "collaborators/collaborators#get-repository-permissions-for-a-user"},
		{op: "git/get-ref", method: "GET", path: "/git/ref/heads/{branch...}", handle: (*Hub).getRef, needs: "contents=read", public: true, doc: "git/refs#get-a-reference"},
		{op: "git/get-commit", method: "GET", path: "/git/commits/{sha}", handle: (*Hub).getGitCommit, needs: "contents=read", public: true, doc: "git/commits#get-a-commit-object"},
		{op: "checks/list-for-ref", method: "GET", path: "/commits/{ref}/check-runs", handle: (*Hub).listCheckRuns, needs: "checks=read", public: true, doc: "checks/runs#list-check-runs-for-a-git-reference"},
		{op: "repos/get-commit", method: "GET", path: "/commits/{ref...}", handle: (*Hub).getCommit, needs: "contents=read", public: true, doc: "commits/commits#get-a-commit"},
		{op: "repos/compare-commits-with-basehead", method: "GET", path: "/compare/{basehead...}", handle: (*Hub).compare, needs: "contents=read", public: true, doc: "commits/commits#compare-two-commits"},
		{op: "repos/get-content", method: "GET", path: "/contents", handle: (*Hub).getContent, needs: "contents=read", public: true, doc: "repos/contents#get-repository-content"},
		{op: "repos/get-content", method: "GET", path: "/contents/{path...}", handle: (*Hub).getContent, needs: "contents=read", public: true, doc: "repos/contents#get-repository-content"},
	}
	all = append(all, issueRoutes()...)
	all = append(all, pullRoutes()...)
	all = append(all, actionsRoutes()...)
	for i := range all {
		if all[i].path != "/user" {
			all[i].path = repoPath + all[i].path
		}
	}
	return all
}

func issueRoutes() []route {
	return []route{
		{op: "issues/get-comment", method: "GET", path: "/issues/comments/{comment}", handle: (*Hub).getComment, needs: readIssue, public: true, doc: "issues/comments#get-an-issue-comment"},
		{op: "issues/update-comment", method: "PATCH", path: "/issues/comments/{comment}", handle: (*Hub).updateComment, needs: writeIssue, doc: "issues/comments#update-an-issue-comment"},
		{op: "issues/delete-comment", method: "DELETE", path: "/issues/comments/{comment}", handle: (*Hub).deleteComment, needs: writeIssue, doc: "issues/comments#delete-an-issue-comment"},
		{op: "reactions/list-for-issue-comment", method: "GET", path: "/issues/comments/{comment}/reactions", handle: (*Hub).listReactions, needs: readIssue, public: true, doc: "reactions/reactions#list-reactions-for-an-issue-comment"},
		{op: "reactions/create-for-issue-comment", method: "POST", path: "/issues/comments/{comment}/reactions", handle: (*Hub).createReaction, needs: writeIssue, doc: "reactions/reactions#create-reaction-for-an-issue-comment"},
		{op: "issues/get", method: "GET", path: "/issues/{number}", handle: (*Hub).getIssue, needs: readIssue, public: true, doc: "issues/issues#get-an-issue"},
		{op: "issues/list-comments", method: "GET", path: "/issues/{number}/comments", handle: (*Hub).listComments, needs: readIssue, public: true, doc: "issues/comments#list-issue-comments"},
		{op: "issues/create-comment", method: "POST", path: "/issues/{number}/comments", handle: (*Hub).createComment, needs: writeIssue, doc: "issues/comments#create-an-issue-comment"},
		{op: "issues/list-labels-on-issue", method: "GET", path: "/issues/{number}/labels", handle: (*Hub).listLabels, needs: readIssue, public: true, doc: "issues/labels#list-labels-for-an-issue"},
		{op: "issues/add-labels", method: "POST", path: "/issues/{number}/labels", handle: (*Hub).addLabels, needs: writeIssue, doc: "issues/labels#add-labels-to-an-issue"},
		{op: "issues/remove-label", method: "DELETE", path: "/issues/{number}/labels/{name}", handle: (*Hub).removeLabel, needs: writeIssue, doc: "issues/labels#remove-a-label-from-an-issue"},
		{op: "issues/list-events-for-timeline", method: "GET", path: "/issues/{number}/timeline", handle: (*Hub).timeline, needs: readIssue, public: true, doc: "issues/timeline#list-timeline-events-for-an-issue"},
		{op: "reactions/list-for-issue", method: "GET", path: "/issues/{number}/reactions", handle: (*Hub).listReactions, needs: readIssue, public: true, doc: "reactions/reactions#list-reactions-for-an-issue"},
		{op: "reactions/create-for-issue", method: "POST", path: "/issues/{number}/reactions", handle: (*Hub).createReaction, needs: writeIssue, doc: "reactions/reactions#create-reaction-for-an-issue"},
	}
}

func pullRoutes() []route {
	const read, write = "pull_requests=read", "pull_requests=write"
	return []route{
		{op: "pulls/list", method: "GET", path: "/pulls", handle: (*Hub).listPulls, needs: read, public: true, doc: "pulls/pulls#list-pull-requests"},
		{op: "pulls/get-review-comment", method: "GET", path: "/pulls/comments/{review_comment}", handle: (*Hub).getReviewComment, needs: read, public: true, doc: "pulls/comments#get-a-review-comment-for-a-pull-request"},
		{op: "reactions/list-for-pull-request-review-comment", method: "GET", path: "/pulls/comments/{review_comment}/reactions", handle: (*Hub).listReactions, needs: read, public: true, doc: "reactions/reactions#list-reactions-for-a-pull-request-review-comment"},
		{op: "reactions/create-for-pull-request-review-comment", method: "POST", path: "/pulls/comments/{review_comment}/reactions", handle: (*Hub).createReaction, needs: write, doc: "reactions/reactions#create-reaction-for-a-pull-request-review-comment"},
		{op: "pulls/get", method: "GET", path: "/pulls/{number}", handle: (*Hub).getPull, needs: read, public: true, doc: "pulls/pulls#get-a-pull-request"},
		{op: "pulls/update", method: "PATCH", path: "/pulls/{number}", handle: (*Hub).updatePull, needs: write, doc: "pulls/pulls#update-a-pull-request"},
		{op: "pulls/list-files", method: "GET", path: "/pulls/{number}/files", handle: (*Hub).listPullFiles, needs: read, public: true, doc: "pulls/pulls#list-pull-requests-files"},
		{op: "pulls/list-commits", method: "GET", path: "/pulls/{number}/commits", handle: (*Hub).listPullCommits, needs: read, public: true, doc: "pulls/pulls#list-commits-on-a-pull-request"},
		{op: "pulls/list-reviews", method: "GET", path: "/pulls/{number}/reviews", handle: (*Hub).listReviews, needs: read, public: true, doc: "pulls/reviews#list-reviews-for-a-pull-request"},
		{op: "pulls/list-comments-for-review", method: "GET", path: "/pulls/{number}/reviews/{review}/comments", handle: (*Hub).listCommentsOfReview, needs: read, public: true, doc: "pulls/reviews#list-comments-for-a-pull-request-review"},
		{op: "pulls/list-review-comments", method: "GET", path: "/pulls/{number}/comments", handle: (*Hub).listReviewComments, needs: read, public: true, doc: "pulls/comments#list-review-comments-on-a-pull-request"},
		{op: "pulls/request-reviewers", method: "POST", path: "/pulls/{number}/requested_reviewers", handle: (*Hub).requestReviewers, needs: write, doc: "pulls/review-requests#request-reviewers-for-a-pull-request"},
	}
}

func actionsRoutes() []route {
	return []route{
		{op: "actions/get-workflow-run", method: "GET", path: "/actions/runs/{run}", handle: (*Hub).getRun, needs: "actions=read", public: true, doc: "actions/workflow-runs#get-a-workflow-run"},
		{op: "actions/list-jobs-for-workflow-run", method: "GET", path: "/actions/runs/{run}/jobs", handle: (*Hub).listJobs, needs: "actions=read", public: true, doc: "actions/workflow-jobs#list-jobs-for-a-workflow-run"},
		{op: "actions/list-jobs-for-workflow-run-attempt", method: "GET", path: "/actions/runs/{run}/attempts/{attempt}/jobs", handle: (*Hub).listJobs, needs: "actions=read", public: true, doc: "actions/workflow-jobs#list-jobs-for-a-workflow-run-attempt"},
		{op: "actions/download-job-logs-for-workflow-run", method: "GET", path: "/actions/jobs/{job}/logs", handle: (*Hub).jobLogs, needs: "actions=read", doc: "actions/workflow-jobs#download-job-logs-for-a-workflow-run"},
		{op: "checks/create", method: "POST", path: "/check-runs", handle: (*Hub).createCheckRun, needs: "checks=write", doc: "checks/runs#create-a-check-run"},
		{op: "checks/get", method: "GET", path: "/check-runs/{check}", handle: (*Hub).getCheckRun, needs: "checks=read", public: true, doc: "checks/runs#get-a-check-run"},
		{op: "checks/update", method: "PATCH", path: "/check-runs/{check}", handle: (*Hub).updateCheckRun, needs: "checks=write", doc: "checks/runs#update-a-check-run"},
		{op: "checks/list-annotations", method: "GET", path: "/check-runs/{check}/annotations", handle: (*Hub).listAnnotations, needs: "checks=read", public: true, doc: "checks/runs#list-check-run-annotations"},
	}
}

// match finds the operation that a request asks for and the wildcards of its
// path. A repository may be named by its id.
func (h *Hub) match(x *exchange) {
	path := strings.TrimSuffix(x.path, "/")
	if rest, byID := strings.CutPrefix(path, "/repositories/"); byID {
		id, end, _ := strings.Cut(rest, "/")
		number, _ := strconv.ParseInt(id, 10, 64)
		for _, r := range h.repos {
			if r.ID == number {
				path = strings.TrimSuffix("/repos/"+r.Path+"/"+end, "/")
			}
		}
	}
	for i := range h.routes {
		at := &h.routes[i]
		if at.method != x.r.Method && (x.r.Method != http.MethodHead || at.method != http.MethodGet) {
			continue
		}
		if params, ok := wildcards(at.path, path); ok {
			x.route, x.params = at, params
			return
		}
	}
}

// wildcards holds an escaped path against a pattern.
func wildcards(pattern, path string) (map[string]string, bool) {
	params := map[string]string{}
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	for i, segment := range want {
		name, isWild := strings.CutPrefix(segment, "{")
		name, rest := strings.CutSuffix(name, "...}")
		switch {
		case i >= len(have):
			return nil, false
		case !isWild && segment != have[i]:
			return nil, false
		case !isWild:
			continue
		case rest:
			have = append(have[:i:i], strings.Join(have[i:], "/"))
		}
		value, err := url.PathUnescape(have[i])
		if err != nil || value == "" {
			return nil, false
		}
		params[strings.TrimSuffix(name, "}")] = value
	}
	return params, len(have) == len(want)
}
