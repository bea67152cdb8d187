package forgetest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"cursor-agent-action/internal/forge/forgetest"
)

// ask sends a query and returns the whole answer.
func (c *client) ask(query string, variables map[string]any, headers ...string) response {
	c.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		c.t.Fatal(err)
	}
	return c.do("POST", "/graphql", string(body), headers...)
}

const threadsQuery = `
# The open threads of a pull request.
query Threads($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 2, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes {
          isResolved isOutdated path line startLine
          comments(first: 50) { nodes { ...comment } }
        }
      }
    }
  }
}
fragment comment on PullRequestReviewComment { databaseId body url author { __typename login ... on User { databaseId } } replyTo { databaseId } }`

type threads struct {
	Data struct {
		Repository struct {
			PullRequest struct {
				ReviewThreads struct {
					TotalCount int
					PageInfo   struct {
						HasNextPage bool
						EndCursor   string
					}
					Nodes []struct {
						IsResolved, IsOutdated bool
						Path                   string
						Line, StartLine        *int
						Comments               struct {
							Nodes []struct {
								DatabaseID int64
								Body, URL  string
								Author     *struct {
									Typename   string `json:"__typename"`
									Login      string
									DatabaseID int64
								}
								ReplyTo *struct{ DatabaseID int64 }
							}
						}
					}
				}
			}
		}
	}
}

func TestReviewThreadsAreReadInPages(t *testing.T) {
	t.Parallel()
	config := shop()
	pull := config.Repositories[0].Issues[1].Pull
	pull.Threads = append(pull.Threads,
		&forgetest.Thread{Path: "a.go", Line: 9, StartLine: 7, Resolved: true, Comments: []*forgetest.ReviewComment{{Author: "dependabot[bot]", Body: "Bump."}}},
		&forgetest.Thread{Path: "b.go", Line: 1, Outdated: true, Comments: []*forgetest.ReviewComment{{Author: "ghost", Body: "Bye."}}},
	)
	c := start(t, config)
	variables := map[string]any{"owner": "acme", "name": "shop", "number": 9}
	var lines []string
	for {
		page := decode[threads](t, c.ask(threadsQuery, variables).Body).Data.Repository.PullRequest.ReviewThreads
		diff(t, "all", 3, page.TotalCount)
		for _, n := range page.Nodes {
			var line strings.Builder
			line.WriteString(fmt.Sprint(n.Path, " resolved ", n.IsResolved, " outdated ", n.IsOutdated))
			if n.Line != nil {
				line.WriteString(fmt.Sprint(" line ", *n.Line))
			}
			if n.StartLine != nil {
				line.WriteString(fmt.Sprint(" from ", *n.StartLine))
			}
			for _, comment := range n.Comments.Nodes {
				line.WriteString(" | ")
				if comment.Author != nil {
					line.WriteString(comment.Author.Typename + " " + comment.Author.Login + ": ")
				}
				if line.WriteString(comment.Body); comment.ReplyTo != nil {
					line.WriteString(fmt.Sprint(" to ", comment.ReplyTo.DatabaseID))
				}
			}
			lines = append(lines, line.String())
		}
		if !page.PageInfo.HasNextPage {
			break
		}
		variables["after"] = page.PageInfo.EndCursor
	}
	diff(t, "threads", []string{
		"cart.go resolved false outdated false line 3 | User mia: Why? | User ann: Because. to 600",
		"a.go resolved true outdated false line 9 from 7 | Bot dependabot: Bump.",
		"b.go resolved false outdated true | Bye.",
	}, lines)
	diff(t, "requests", 2, len(c.hub.Asked("graphql")))
}

func TestQueriesAreAnsweredWithWhatTheyAskFor(t *testing.T) {
	t.Parallel()
	const repository = `repository(owner: "acme", name: "shop")`
	config := shop()
	config.Repositories[0].Discussions = []*forgetest.Discussion{{Number: 3, Title: "Ideas", Author: "ann", Comments: []*forgetest.Comment{{Author: "eve", Body: "One", Minimized: "SPAM"}}}}
	config.Repositories[0].Issues = append(config.Repositories[0].Issues, &forgetest.Issue{Number: 12, Pull: &forgetest.PullRequest{Merged: true}})
	c := start(t, config)
	tests := []struct{ name, query, want string }{
		{"the viewer of an app", `{viewer{login}}`, `{"data":{"viewer":{"login":"github-actions[bot]"}}}`},
		{"an alias", `query{me:viewer{who:login}}`, `{"data":{"me":{"who":"github-actions[bot]"}}}`},
		{"an issue", `{` + repository + `{issue(number:7){state closed url author{... on Actor{login}} comments(last:1){nodes{body}}}}}`,
			`{"data":{"repository":{"issue":{"author":{"login":"rob"},"closed":false,"comments":{"nodes":[{"body":"Me too."}]},"state":"OPEN","url":"https://github.com/acme/shop/issues/7"}}}}`},
		{"a discussion", `{` + repository + `{discussion(number:3){title comments(first:1){edges{cursor node{body isMinimized minimizedReason}}}}}}`,
			`{"data":{"repository":{"discussion":{"comments":{"edges":[{"cursor":"Y3Vyc29yOjE=","node":{"body":"One","isMinimized":true,"minimizedReason":"spam"}}]},"title":"Ideas"}}}}`},
		{"a review comment", `{` + repository + `{pullRequest(number:9){reviewThreads(last:1){nodes{comments(first:1){nodes{originalCommit{oid} pullRequestReview{state body author{login}}}}}}}}}`,
			`{"data":{"repository":{"pullRequest":{"reviewThreads":{"nodes":[{"comments":{"nodes":[{"originalCommit":{"oid":"` + forgetest.SHA("acme/shop 9") + `"},"pullRequestReview":{"author":{"login":"mia"},"body":"Almost.","state":"CHANGES_REQUESTED"}}]}}]}}}}}`},
		{"a pull request that was merged", `{` + repository + `{pullRequest(number:12){state merged isDraft headRefOid reviewThreads(first:1){nodes{id}}}}}`,
			`{"data":{"repository":{"pullRequest":{"headRefOid":"` + forgetest.SHA("acme/shop 12") + `","isDraft":false,"merged":true,"reviewThreads":{"nodes":[]},"state":"MERGED"}}}}`},
		{"a repository of old name", `{repository(owner:"acme",name:"store",followRenames:true){nameWithOwner defaultBranchRef{name}}}`,
			`{"data":{"repository":{"defaultBranchRef":{"name":"main"},"nameWithOwner":"acme/shop"}}}`},
		{"no repository", `{repository(owner:"acme",name:"none"){name}}`,
			`{"data":{"repository":null},"errors":[{"type":"NOT_FOUND","path":["repository"],"locations":[{"column":2,"line":1}],"message":"Could not resolve to a Repository with the name 'acme/none'."}]}`},
		{"a repository that is not seen", `{repository(owner:"acme",name:"vault"){name}}`,
			`{"data":{"repository":null},"errors":[{"type":"NOT_FOUND","path":["repository"],"locations":[{"column":2,"line":1}],"message":"Could not resolve to a Repository with the name 'acme/vault'."}]}`},
		{"an issue for a pull request", `{` + repository + `{pullRequest(number:7){id}}}`,
			`{"data":{"repository":{"pullRequest":null}},"errors":[{"type":"NOT_FOUND","path":["repository","pullRequest"],"locations":[{"column":42,"line":1}],"message":"Could not resolve to a PullRequest with the number of 7."}]}`},
		{"no such field", `{viewer{salary}}`,
			`{"errors":[{"path":["query","viewer","salary"],"extensions":{"code":"undefinedField"},"locations":[{"column":9,"line":1}],"message":"Field 'salary' doesn't exist on type 'User'"}]}`},
		{"no selection", `{viewer}`,
			`{"errors":[{"path":["query","viewer"],"extensions":{"code":"selectionMismatch"},"locations":[{"column":2,"line":1}],"message":"Field must have selections (field 'viewer' returns User but has no selections. Did you mean 'viewer { ... }'?)"}]}`},
		{"a selection of a scalar", `{viewer{login{a}}}`,
			`{"errors":[{"path":["query","viewer","login"],"extensions":{"code":"selectionMismatch"},"locations":[{"column":9,"line":1}],"message":"Selections can't be made on scalars (field 'login' of User)"}]}`},
		{"no such argument", `{viewer(id: 1){login}}`,
			`{"errors":[{"path":["query","viewer"],"extensions":{"code":"argumentNotAccepted"},"locations":[{"column":2,"line":1}],"message":"Field 'viewer' doesn't accept argument 'id'"}]}`},
		{"no such variable", `{repository(owner: $o, name: "x"){name}}`,
			`{"errors":[{"path":["query","repository"],"extensions":{"code":"variableNotDefined"},"locations":[{"column":2,"line":1}],"message":"Variable $o is used by anonymous query but not declared"}]}`},
		{"no such type", `{viewer{... on Alien{login}}}`,
			`{"errors":[{"path":["query","viewer"],"extensions":{"code":"undefinedType"},"locations":[{"column":9,"line":1}],"message":"No such type Alien, so it can't be a fragment condition"}]}`},
		{"a variable that is missing", `query($o: String!){repository(owner: $o, name: "x"){name}}`,
			`{"errors":[{"message":"Variable $o of a type that can't be null was provided invalid value"}]}`},
		{"a default", `query($o: String! = "acme", $list: [[Int!]!] = [[1, -2]]){repository(owner: $o, name: "shop"){name}}`, `{"data":{"repository":{"name":"shop"}}}`},
		{"a page without a size", `{` + repository + `{pullRequest(number:9){comments{totalCount}}}}`,
			`{"data":{"repository":{"pullRequest":{"comments":null}}},"errors":[{"type":"MISSING_PAGINATION_BOUNDARIES","path":["repository","pullRequest","comments"],"locations":[{"column":64,"line":1}],"message":"You must provide a ` + "`first` or `last` value to properly paginate the `comments` connection." + `"}]}`},
		{"a page that is too large", `{` + repository + `{pullRequest(number:9){comments(first:101){totalCount}}}}`,
			`{"data":{"repository":{"pullRequest":{"comments":null}}},"errors":[{"type":"EXCESSIVE_PAGINATION","path":["repository","pullRequest","comments"],"locations":[{"column":64,"line":1}],"message":"` + "Requesting 101 records on the `comments` connection exceeds the `first` limit of 100 records." + `"}]}`},
		{"a page of less than nothing", `{` + repository + `{pullRequest(number:9){comments(first:-1){totalCount}}}}`,
			`{"data":{"repository":{"pullRequest":{"comments":null}}},"errors":[{"type":"INVALID_PAGINATION","path":["repository","pullRequest","comments"],"locations":[{"column":64,"line":1}],"message":"` + "`first` on the `comments` connection cannot be less than zero." + `"}]}`},
		{"a cursor that is none", `{` + repository + `{pullRequest(number:9){comments(first:1,after:"\u0041"){totalCount}}}}`,
			`{"data":{"repository":{"pullRequest":{"comments":null}}},"errors":[{"type":"INVALID_CURSOR_ARGUMENTS","path":["repository","pullRequest","comments"],"locations":[{"column":64,"line":1}],"message":"` + "`A` does not appear to be a valid cursor." + `"}]}`},
		{"a page before a cursor", `{` + repository + `{issue(number:7){comments(last:1,before:"Y3Vyc29yOjE="){nodes{body} pageInfo{hasPreviousPage startCursor}}}}}`,
			`{"data":{"repository":{"issue":{"comments":{"nodes":[],"pageInfo":{"hasPreviousPage":false,"startCursor":null}}}}}}`},
		{"words that are no query", `subscription{x}`, `{"errors":[{"message":"Expected an operation, actual: \"{\" at [1, 13]"}]}`},
		{"nothing selected", `{}`, `{"errors":[{"message":"Expected a field, actual: end of file at [1, 3]"}]}`},
		{"a brace that is open", `{viewer{login}`, `{"errors":[{"message":"Expected a name, actual: end of file at [1, 15]"}]}`},
		{"two operations", `{viewer{login}} {viewer{login}}`, `{"errors":[{"message":"An operation name is required"}]}`},
		{"a string that is open", `{repository(owner:"a`, `{"errors":[{"message":"Expected a string, actual: \"\\\"\" at [1, 19]"}]}`},
		{"no query", ``, `{"errors":[{"message":"A query attribute must be specified and must be a string."}]}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := c.ask(test.query, nil)
			diff(t, "answer", []any{http.StatusOK, test.want}, []any{got.Status, got.Body})
		})
	}
}

func TestADraftIsMadeReadyByThoseWhoMayPush(t *testing.T) {
	t.Parallel()
	const mutation = `mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id, clientMutationId: "m"}) { clientMutationId pullRequest { isDraft number } } }`
	const done = `{"data":{"markPullRequestReadyForReview":{"clientMutationId":"m","pullRequest":{"isDraft":false,"number":9}}}}`
	refused := func(message string) string {
		return `{"data":{"markPullRequestReadyForReview":null},"errors":[{"type":"FORBIDDEN","path":["markPullRequestReadyForReview"],"extensions":{"saml_failure":false},"locations":[{"column":22,"line":1}],"message":"` + message + `"}]}`
	}
	for _, test := range []struct {
		name  string
		token forgetest.Token
		want  string
	}{
		{"a workflow that may write pull requests and contents", forgetest.Token{Permissions: map[string]string{"pull_requests": "write", "contents": "write"}}, done},
		{"a workflow that may write pull requests", forgetest.Token{Permissions: map[string]string{"pull_requests": "write", "contents": "read"}}, refused("Resource not accessible by integration")},
		{"a user's token of few permissions", forgetest.Token{Kind: forgetest.FineGrained, Login: "ann"}, refused("Resource not accessible by personal access token")},
		{"a classic token of a writer", forgetest.Token{Kind: forgetest.Classic, Login: "ann", Scopes: []string{"repo"}}, done},
		{"a classic token of a reader", forgetest.Token{Kind: forgetest.Classic, Login: "eve", Scopes: []string{"repo"}}, refused("Resource not accessible by personal access token")},
		{"a token of another repository", forgetest.Token{Permissions: map[string]string{"pull_requests": "write", "contents": "write"}, Repositories: []string{"acme/vault"}}, refused("Resource not accessible by integration")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, shop())
			c.hub.Edit("acme/shop", func(r *forgetest.Repository) { r.Issues[1].Pull.Draft = true })
			test.token.Value = workflowToken
			c.hub.SetTokens(test.token)
			id := decode[struct {
				NodeID string `json:"node_id"`
			}](t, c.want(http.StatusOK, "GET", "/repos/acme/shop/pulls/9", "").Body).NodeID
			diff(t, "answer", test.want, c.ask(mutation, map[string]any{"id": id}).Body)
			diff(t, "draft", test.want != done, c.hub.Issue("acme/shop", 9).Pull.Draft)
		})
	}
}

func TestMutationsOfWhatIsNotThereAreRefused(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	c.hub.SetTokens(forgetest.Token{Value: workflowToken, Permissions: map[string]string{"pull_requests": "write", "contents": "write"}})
	node := c.ask(`{node(id:"PR_x"){id}}`, nil).Body
	if !strings.Contains(node, `"message":"Could not resolve to a node with the global id of 'PR_x'"`) {
		t.Error(node)
	}
	thread := decode[struct {
		Data struct {
			Repository struct {
				PullRequest struct {
					ID            string
					ReviewThreads struct{ Nodes []struct{ ID string } }
				}
			}
		}
	}](t, c.ask(`{repository(owner:"acme",name:"shop"){pullRequest(number:9){id reviewThreads(first:1){nodes{id}}}}}`, nil).Body).Data.Repository.PullRequest
	node = c.ask(`query($id: ID!){node(id:$id){... on PullRequest{number} ... on Issue{title}}}`, map[string]any{"id": thread.ID}).Body
	diff(t, "node", `{"data":{"node":{"number":9}}}`, node)
	resolve := `mutation($id: ID!){resolveReviewThread(input:{threadId:$id}){thread{isResolved resolvedBy{login}}}}`
	diff(t, "resolved", `{"data":{"resolveReviewThread":{"thread":{"isResolved":true,"resolvedBy":{"login":"ann"}}}}}`, c.ask(resolve, map[string]any{"id": thread.ReviewThreads.Nodes[0].ID}).Body)
	diff(t, "state", true, c.hub.Issue("acme/shop", 9).Pull.Threads[0].Resolved)
	for _, test := range []struct{ query, id, message string }{
		{resolve, "PRRT_x", "Could not resolve to a node with the global id of 'PRRT_x'"},
		{`mutation($id: ID!){convertPullRequestToDraft(input:{pullRequestId:$id}){pullRequest{isDraft}}}`, "PR_x", "Could not resolve to a node with the global id of 'PR_x'"},
		{`mutation($id: ID!){convertPullRequestToDraft(input:{pullRequestId:$id}){pullRequest{isDraft}}}`, thread.ID, "Pull request is closed"},
	} {
		if test.message == "Pull request is closed" {
			c.hub.CloseIssue("acme/shop", 9)
		}
		if got := c.ask(test.query, map[string]any{"id": test.id}).Body; !strings.Contains(got, `"message":"`+test.message+`"`) {
			t.Errorf("got %s, want %s", got, test.message)
		}
	}
}

func TestGraphQLNeedsATokenAndJSON(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	diff(t, "no token", "This endpoint requires you to be authenticated.", c.want(http.StatusUnauthorized, "POST", "/graphql", `{"query":"{viewer{login}}"}`, "Authorization: ").message(t))
	diff(t, "no JSON", "Problems parsing JSON", c.want(http.StatusBadRequest, "POST", "/graphql", `{`).message(t))
	diff(t, "no object", "Problems parsing JSON", c.want(http.StatusBadRequest, "POST", "/graphql", `[]`).message(t))
	diff(t, "reading", "Not Found", c.want(http.StatusNotFound, "GET", "/graphql", "").message(t))
	private := `{repository(owner:"acme",name:"vault"){issue(number:1){title}}}`
	c.hub.SetTokens(forgetest.Token{Value: workflowToken, Permissions: map[string]string{"pull_requests": "read"}})
	diff(t, "without the permission", `{"data":{"repository":{"issue":null}},"errors":[{"type":"FORBIDDEN","path":["repository","issue"],"extensions":{"saml_failure":false},"locations":[{"column":40,"line":1}],"message":"Resource not accessible by integration"}]}`, c.ask(private, nil).Body)
	c.hub.SetTokens(forgetest.Token{Value: workflowToken, Permissions: map[string]string{"issues": "read"}})
	diff(t, "with it", `{"data":{"repository":{"issue":{"title":"Secret"}}}}`, c.ask(private, nil).Body)
}

func TestGraphQLIsBesideThePrefixOfAServer(t *testing.T) {
	t.Parallel()
	config := shop()
	config.Prefix = "/api/v3"
	c := start(t, config)
	got := c.want(http.StatusOK, "POST", "https://git.acme.example/api/graphql", `{"query":"{viewer{login}}"}`)
	diff(t, "answer", `{"data":{"viewer":{"login":"github-actions[bot]"}}}`, got.Body)
	diff(t, "resource", "graphql", got.Header.Get("X-RateLimit-Resource"))
	c.want(http.StatusOK, "GET", "https://git.acme.example/api/v3/repos/acme/shop", "")
	c.want(http.StatusNotFound, "GET", "https://git.acme.example/repos/acme/shop", "")
}
