package forgetest_test

import (
	"net/http"
	"testing"
)

// TestEveryAnswerHasItsShape asks every reading operation once; the shapes are
// held against GitHub's description where the environment names it.
func TestEveryAnswerHasItsShape(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	for _, path := range []string{
		"", "/collaborators/ann/permission", "/git/ref/heads/main", "/commits/main", "/commits/main/check-runs", "/compare/main...fix-cart",
		"/contents/README.md", "/contents/cmd/shop", "/issues/7", "/issues/9", "/issues/7/comments", "/issues/7/labels", "/issues/7/timeline",
		"/issues/9/timeline", "/issues/7/reactions", "/pulls", "/pulls/9", "/pulls/9/files", "/pulls/9/commits", "/pulls/9/reviews",
		"/pulls/9/comments", "/pulls/9/reviews/500/comments", "/pulls/comments/600", "/pulls/comments/601/reactions",
	} {
		c.want(http.StatusOK, "GET", "/repos/acme/shop"+path, "")
	}
}
