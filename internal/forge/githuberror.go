package forge

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/go-github/v62/github"
)

// GitHubError is a question to GitHub that brought no answer to use.
type GitHubError struct {
	Op     string
	Status int // 0: no answer
	// Message is GitHub's sentence, or what became of the connection.
	Message string
	// Accepted are the permissions that would have been enough, such as
	// "contents=read"; "" when GitHub does not say.
	// https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api#insufficient-permissions
	Accepted string
	// Classic is true for a token that has scopes, which are in Scopes, instead
	// of permissions.
	Classic bool
	Scopes  string
	// SSO is the page on which the token's owner lets an organisation with
	// single sign-on accept it, with https; "" when that is not what is missing.
	SSO string
	// Limited is true when the token has asked too much for now.
	Limited bool
	// RetryAfter is how long GitHub wants to be left alone then, 0 where it does
	// not say.
	RetryAfter time.Duration
	Err        error
}

// Error is one line, for example
//
//	read repository acme/shop: 404 Not Found
func (e *GitHubError) Error() string {
	text := e.Op + ": "
	if e.Status != 0 {
		text += strconv.Itoa(e.Status) + " "
	}
	return text + e.Message
}

// Unwrap returns Err.
func (e *GitHubError) Unwrap() error { return e.Err }

// gitHubError reads what the library and the answer's headers say.
func gitHubError(op string, answer *github.Response, err error) *GitHubError {
	e := &GitHubError{Op: op, Message: err.Error(), Err: err}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		e.Message = outer.Err.Error() // the outer text repeats the address
	}
	if answer != nil && answer.Response != nil {
		e.Status = answer.StatusCode
		header := answer.Header
		e.Accepted = bound(header.Get("X-Accepted-GitHub-Permissions"))
		_, e.Classic = header["X-Oauth-Scopes"]
		e.Scopes = bound(header.Get("X-OAuth-Scopes"))
		if _, page, found := strings.Cut(header.Get("X-GitHub-SSO"), "url="); found {
			if at, err := url.Parse(page); err == nil && at.Scheme == "https" && at.Host != "" {
				e.SSO = bound(page)
			}
		}
		e.Message = http.StatusText(e.Status)
	}
	switch said, limit, abuse := errorResponse(err), isA[*github.RateLimitError](err), isA[*github.AbuseRateLimitError](err); {
	case limit, abuse, e.Status == http.StatusTooManyRequests, e.Status == http.StatusForbidden && isLimit(answer.Header, said):
		e.Limited = true
		e.RetryAfter = leftAlone(answer, err)
		e.Message = "too many requests"
	case said != "":
		e.Message = said
	case e.Status/100 == 2:
		e.Message = fmt.Sprintf("the answer is not what GitHub documents: %v", err)
	}
	e.Message = bound(e.Message)
	return e
}

// leftAlone is for how long too much was asked. The library answers itself while
// that goes on, without the headers.
func leftAlone(answer *github.Response, err error) time.Duration {
	if told, ok := errors.AsType[*github.AbuseRateLimitError](err); ok && told.RetryAfter != nil {
		return believable(*told.RetryAfter)
	}
	if told, ok := errors.AsType[*github.RateLimitError](err); ok {
		return believable(time.Until(told.Rate.Reset.Time))
	}
	return retryAfter(answer.Header)
}

// isLimit knows the secondary limits that the library doesn't: those whose
// answer names another page of the documentation.
func isLimit(header http.Header, said string) bool {
	return header.Get("Retry-After") != "" || strings.Contains(strings.ToLower(said), "secondary rate limit")
}

// isGone reports whether GitHub says that something is not there; it says the
// same of much that a token may not see.
func isGone(err error) bool {
	refused, ok := errors.AsType[*GitHubError](err)
	return ok && (refused.Status == http.StatusNotFound || refused.Status == http.StatusGone)
}

// Advice is the next thing to do about the error; permission is the one that
// the question needs, as a workflow writes it, such as "pull-requests: read"; ""
// is one that every token has, so that no workflow can give it.
func (e *GitHubError) Advice(permission string) string {
	switch {
	case isA[x509.UnknownAuthorityError](e.Err):
		return "if a proxy or a private authority signs it, put that authority's certificate into a file and its path into SSL_CERT_FILE"
	case e.Limited, e.Status == 0, e.Status >= 500:
		return "run the workflow again later"
	case e.SSO != "":
		return "let the organisation accept the token on " + e.SSO
	case e.Status == http.StatusUnauthorized:
		return "leave github-token at its default, ${{ github.token }}, or set a token that is valid"
	case e.Status/100 == 2, e.Status/100 == 3:
		return "run the workflow again, and look whether GITHUB_API_URL is the address of GitHub's API"
	case e.Classic:
		return "give the classic token the scope repo, or leave github-token at its default, ${{ github.token }}"
	}
	if permission == "" {
		return "leave github-token at its default, ${{ github.token }}, or let somebody else start it"
	}
	return "give the job permissions: " + permission + ", and leave github-token at its default, ${{ github.token }}"
}

func errorResponse(err error) string {
	if said, ok := errors.AsType[*github.ErrorResponse](err); ok {
		return said.Message
	}
	return ""
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// bound keeps text from outside to a line's length.
func bound(text string) string {
	const most = 300
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= most {
		return text
	}
	end := most
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
