package forge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/google/go-github/v62/github"
)

// jobLog reads the end of a job's log: at most most bytes that begin with a
// line, without the times that the runner writes before each. size is the
// length of the whole log in bytes, times included. Errors are *GitHubError;
// GitHub keeps logs for a while only, and says 410 or 404 afterwards. The
// permission is actions: read.
// https://docs.github.com/rest/actions/workflow-jobs#download-job-logs-for-a-workflow-run
func (g *GitHub) jobLog(ctx context.Context, path string, id int64, most int) (text string, size int, _ error) {
	op := fmt.Sprintf("read the log of job %d of %s", id, path)
	address, err := g.jobLogAddress(ctx, op, path, id)
	if err != nil {
		return "", 0, err
	}
	// The time of a short line takes more than what it says.
	end, size, err := fetchEnd(ctx, g.elsewhere, address, 3*most)
	if err != nil {
		if refused, ok := errors.AsType[*GitHubError](err); ok {
			refused.Op = op
			return "", 0, refused
		}
		return "", 0, gitHubError(op, nil, err)
	}
	text = string(end)
	if len(end) < size {
		text = fromLine(text, 1) // It may begin within a line.
	}
	text = logTime.ReplaceAllLiteralString(text, "")
	return fromLine(text, len(text)-most), size, nil
}

// logTime is what the runner writes before each line, and the mark that some
// logs begin with.
var logTime = regexp.MustCompile(`(?m)^\x{FEFF}?[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]+Z ?`)

// fromLine is text from the first line on that begins at from or behind it; all
// of it when from is not positive. A single long line is cut between its
// characters.
func fromLine(text string, from int) string {
	if from <= 0 {
		return text
	}
	if text[from-1] == '\n' {
		return text[from:]
	}
	text = text[from:]
	if _, rest, found := strings.Cut(text, "\n"); found && rest != "" {
		return rest
	}
	for text != "" && !utf8.RuneStart(text[0]) {
		text = text[1:]
	}
	return text
}

// jobLogAddress asks where the log is: on another host, under an address that
// is its own permission for a minute.
func (g *GitHub) jobLogAddress(ctx context.Context, op, path string, id int64) (*url.URL, error) {
	if _, _, err := splitPath(op, path); err != nil {
		return nil, err
	}
	request, err := g.client.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/actions/jobs/%d/logs", path, id), nil)
	if err != nil {
		return nil, &GitHubError{Op: op, Message: err.Error(), Err: err}
	}
	client := g.client.Client()
	client.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		if next.Response.StatusCode == http.StatusFound {
			return http.ErrUseLastResponse // This one leads to the log, the others to a renamed repository.
		}
		return stayOnHost(next, via)
	}
	answer, err := client.Do(request.WithContext(ctx))
	if err != nil {
		return nil, gitHubError(op, nil, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusFound {
		if err = github.CheckResponse(answer); err == nil {
			err = errors.New("it names no place of the log")
		}
		return nil, gitHubError(op, &github.Response{Response: answer}, err)
	}
	address, err := answer.Location()
	if err != nil || !isSafe(address) {
		return nil, &GitHubError{Op: op, Status: answer.StatusCode, Message: "the log is at no https address"}
	}
	return address, nil
}

// isSafe reports whether nobody can change on its way what is fetched from the
// address.
func isSafe(address *url.URL) bool {
	return address.User == nil && (address.Scheme == "https" || address.Scheme == "http" && isLoopback(address.Hostname()))
}

// staySafe follows a few redirects that are safe.
func staySafe(next *http.Request, via []*http.Request) error {
	if len(via) > 3 || !isSafe(next.URL) {
		return http.ErrUseLastResponse
	}
	return nil
}
