package campaign_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// gitHub is where the GitHub of a story is, and githubToken what it wants.
const (
	gitHub      = "github.example"
	githubToken = "ghs_5ecret0123456789abcdef"
)

// silent is what GitHub says of a workflow run when it does not answer at all.
const silent = "nothing"

// hub is GitHub as far as it tells of the workflow runs of acme/shop: by their
// numbers, the conclusion, the status of one that goes on, or that of an error.
type hub map[int64]string

// answer tells of the workflow run that a request is about.
func (g hub) answer(r *http.Request) (*http.Response, error) {
	status, body := http.StatusNotFound, `{"message":"Not Found"}`
	number, _ := strings.CutPrefix(r.URL.Path, "/repos/acme/shop/actions/runs/")
	id, _ := strconv.ParseInt(number, 10, 64)
	said, known := g[id]
	failed, err := strconv.Atoi(said)
	switch {
	case r.Header.Get("Authorization") != "Bearer "+githubToken:
		status, body = http.StatusUnauthorized, `{"message":"Bad credentials"}`
	case !known:
	case said == silent:
		select {
		case <-time.After(20 * time.Second):
			return nil, io.ErrUnexpectedEOF
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	case err == nil:
		status, body = failed, `{"message":"trouble"}`
	case said == "in_progress" || said == "queued":
		status, body = http.StatusOK, fmt.Sprintf(`{"status":%q,"conclusion":null}`, said)
	default:
		status, body = http.StatusOK, fmt.Sprintf(`{"status":"completed","conclusion":%q}`, said)
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(strings.NewReader(body)),
	}, nil
}

// reaches is nil when the network lets a request through that goes to GitHub.
func (w *wire) reaches(r *http.Request) error {
	w.mu.Lock()
	gone, mute := w.gone, w.mute
	w.mu.Unlock()
	if gone != 0 {
		return w.unreachable("tcp")
	}
	if mute == nil {
		return nil
	}
	select {
	case <-mute:
		return nil
	case <-r.Context().Done():
		return r.Context().Err()
	}
}
