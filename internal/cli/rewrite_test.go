package cli_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// rewriting is an API whose lists of agents say something else.
type rewriting struct {
	to      http.RoundTripper
	rewrite func(body string) string
}

func (r rewriting) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := r.to.RoundTrip(request)
	if err != nil || request.URL.Path != "/v1/agents" || request.Method != http.MethodGet {
		return answer, err
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	body = []byte(r.rewrite(string(body)))
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	answer.Header.Del("Content-Length")
	return answer, err
}

// jsonText is text as it stands between the quotes of JSON.
func jsonText(text string) string {
	encoded, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return strings.Trim(string(encoded), `"`)
}

// stepThrough is a step whose API lists its agents otherwise.
func stepThrough(s *workflowStep, rewrite func(string) string) *workflowStep {
	s.wire = func(to http.RoundTripper) http.RoundTripper { return rewriting{to, rewrite} }
	return s
}

// withoutRuns is an API on which no agent has a run.
func withoutRuns(to http.RoundTripper) http.RoundTripper {
	return transport(func(request *http.Request) (*http.Response, error) {
		if !strings.HasSuffix(request.URL.Path, "/runs") {
			return to.RoundTrip(request)
		}
		return &http.Response{StatusCode: 200, Header: http.Header{}, Request: request, Body: io.NopCloser(strings.NewReader(`{"items": []}`))}, nil
	})
}

// transport is a function that carries requests.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(request *http.Request) (*http.Response, error) { return t(request) }
