package forgetest

import (
	"strings"
)

// gqlKind says what a field holds: another type, or "" for a scalar, and its
// arguments.
type gqlKind struct {
	kind string
	args []string
}

// gqlSchema are the types of GitHub's GraphQL API, as far as the hub has them.
// https://docs.github.com/graphql/reference
var gqlSchema = readSchema(`
Query: viewer:User repository(owner,name,followRenames):Repository node(id):Node
Mutation: markPullRequestReadyForReview(input):MarkPullRequestReadyForReviewPayload convertPullRequestToDraft(input):ConvertPullRequestToDraftPayload resolveReviewThread(input):ResolveReviewThreadPayload addDiscussionComment(input):AddDiscussionCommentPayload updateDiscussionComment(input):UpdateDiscussionCommentPayload addReaction(input):AddReactionPayload
AddDiscussionCommentPayload: clientMutationId comment:DiscussionComment
UpdateDiscussionCommentPayload: clientMutationId comment:DiscussionComment
AddReactionPayload: clientMutationId reaction:Reaction subject:Reactable
Reaction: id content user:User
Reactable: id databaseId
MarkPullRequestReadyForReviewPayload: clientMutationId pullRequest:PullRequest
ConvertPullRequestToDraftPayload: clientMutationId pullRequest:PullRequest
ResolveReviewThreadPayload: clientMutationId thread:PullRequestReviewThread
Node: id
Actor: login url avatarUrl resourcePath
User: id login url avatarUrl resourcePath databaseId name
Bot: id login url avatarUrl resourcePath databaseId
Repository: id databaseId name nameWithOwner url isPrivate isArchived defaultBranchRef:Ref pullRequest(number):PullRequest issue(number):Issue discussion(number):Discussion
Ref: name
PullRequest: id databaseId number title body url state isDraft merged closed locked headRefName headRefOid baseRefName author:Actor reviewDecision reviewThreads(first,last,after,before):PullRequestReviewThreadConnection comments(first,last,after,before):IssueCommentConnection
Issue: id databaseId number title body url state closed locked author:Actor comments(first,last,after,before):IssueCommentConnection
Discussion: id databaseId number title body url closed locked author:Actor comments(first,last,after,before):DiscussionCommentConnection
PullRequestReviewThreadConnection: totalCount nodes:PullRequestReviewThread edges:PullRequestReviewThreadEdge pageInfo:PageInfo
PullRequestReviewThreadEdge: cursor node:PullRequestReviewThread
PullRequestReviewThread: id isResolved isOutdated isCollapsed path line startLine originalLine originalStartLine diffSide startDiffSide subjectType resolvedBy:User comments(first,last,after,before):PullRequestReviewCommentConnection
PullRequestReviewCommentConnection: totalCount nodes:PullRequestReviewComment edges:PullRequestReviewCommentEdge pageInfo:PageInfo
PullRequestReviewCommentEdge: cursor node:PullRequestReviewComment
PullRequestReviewComment: id databaseId fullDatabaseId body url path line startLine diffHunk outdated isMinimized minimizedReason createdAt updatedAt authorAssociation author:Actor replyTo:PullRequestReviewComment originalCommit:Commit pullRequestReview:PullRequestReview
PullRequestReview: id url state body author:Actor
Commit: id oid
IssueCommentConnection: totalCount nodes:IssueComment edges:IssueCommentEdge pageInfo:PageInfo
IssueCommentEdge: cursor node:IssueComment
IssueComment: id databaseId fullDatabaseId body url isMinimized minimizedReason createdAt updatedAt authorAssociation author:Actor
DiscussionCommentConnection: totalCount nodes:DiscussionComment edges:DiscussionCommentEdge pageInfo:PageInfo
DiscussionCommentEdge: cursor node:DiscussionComment
DiscussionComment: id databaseId body url isMinimized minimizedReason createdAt updatedAt authorAssociation author:Actor viewerDidAuthor replyTo:DiscussionComment replies(first,last,after,before):DiscussionCommentConnection
PageInfo: hasNextPage hasPreviousPage startCursor endCursor
`)

// gqlInterfaces are the types that a fragment on an interface is about.
var gqlInterfaces = map[string][]string{
	"Actor":     {"User", "Bot"},
	"Reactable": {"Discussion", "DiscussionComment"},
	"Node":      {"User", "Bot", "Repository", "PullRequest", "Issue", "Discussion", "PullRequestReviewThread", "PullRequestReviewComment", "IssueComment", "DiscussionComment"},
}

// readSchema reads lines of a type and its fields.
func readSchema(text string) map[string]map[string]gqlKind {
	schema := map[string]map[string]gqlKind{}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		kind, rest, _ := strings.Cut(strings.TrimSpace(line), ": ")
		schema[kind] = map[string]gqlKind{}
		for field := range strings.FieldsSeq(rest) {
			name, to, _ := strings.Cut(field, ":")
			name, args, called := strings.Cut(strings.TrimSuffix(name, ")"), "(")
			made := gqlKind{kind: to}
			if called {
				made.args = strings.Split(args, ",")
			}
			schema[kind][name] = made
		}
	}
	return schema
}
