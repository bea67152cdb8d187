package agent_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
)

// transportFunc is a transport made of a function.
type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// jsonAnswer is an answer with that body.
func jsonAnswer(request *http.Request, body string) *http.Response {
	return &http.Response{
		StatusCode: http.StatusOK, Request: request,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(strings.NewReader(body)),
	}
}

// rewriting is a transport that changes one text in the answers of one path,
// its beginning being enough.
func rewriting(server http.RoundTripper, path, from, to string) http.RoundTripper {
	return transportFunc(func(request *http.Request) (*http.Response, error) {
		answer, err := server.RoundTrip(request)
		if err != nil || !strings.HasPrefix(request.URL.Path, path) {
			return answer, err
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			return nil, err
		}
		_ = answer.Body.Close()
		body = bytes.Replace(body, []byte(from), []byte(to), 1)
		answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return answer, nil
	})
}
