package cursor_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"cursor-agent-action/internal/cursor"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// specification is a transport that holds what passes through it against the
// API's published specification, and fails the request that does not hold.
type specification struct {
	routes routers.Router
	next   http.RoundTripper
	// answers is false where the server answers otherwise by intent.
	answers bool
}

// strictV1 and strictV0 are the schemas of requests.
var (
	strictV1 = []string{"CreateAgentRequest", "CreateRunRequest", "ModelRef", "RepoConfig", "Image", "ImageDimension", "AgentEnv"}
	strictV0 = []string{"CreateAgentRequest", "Image", "ImageDimension"}
)

// loadSpecification reads the specification and makes its requests strict: it
// allows unknown fields, which the API refuses.
func loadSpecification(file string, requests []string) (routers.Router, error) {
	document, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		return nil, err
	}
	document.Servers = nil // paths count, not hosts
	for _, name := range requests {
		schema := document.Components.Schemas[name]
		if schema == nil {
			return nil, fmt.Errorf("there is no schema %s", name)
		}
		strict := []*openapi3.SchemaRef{schema}
		for _, part := range []string{"prompt", "source", "target", "webhook"} {
			strict = append(strict, schema.Value.Properties[part])
		}
		if params := schema.Value.Properties["params"]; params != nil {
			strict = append(strict, params.Value.Items)
		}
		for _, s := range strict {
			if s != nil {
				s.Value.AdditionalProperties = openapi3.AdditionalProperties{Has: new(false)}
			}
		}
	}
	return legacy.NewRouter(document)
}

func (s *specification) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := drain(&r.Body)
	if err != nil {
		return nil, err
	}
	asked := r.Clone(r.Context())
	asked.URL = &url.URL{Path: r.URL.EscapedPath(), RawQuery: r.URL.RawQuery} // the router does not know of escapes
	asked.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := s.routes.FindRoute(asked)
	if err != nil {
		return nil, fmt.Errorf("the specification has no %s %s: %w", r.Method, r.URL.Path, err)
	}
	input := &openapi3filter.RequestValidationInput{
		Request: asked, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
			IncludeResponseStatus: true,
			SkipSettingDefaults:   true,
		},
	}
	if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
		return nil, fmt.Errorf("the specification refuses the request: %w", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer, err := s.next.RoundTrip(r)
	if err != nil || !s.answers {
		return answer, err
	}
	said, err := drain(&answer.Body)
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(said))
	// The filter can't read events; their status and headers it can.
	input.Options.ExcludeResponseBody = strings.HasPrefix(answer.Header.Get("Content-Type"), "text/event-stream")
	err = openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: answer.StatusCode, Header: answer.Header,
		Body: io.NopCloser(bytes.NewReader(said)), Options: input.Options,
	})
	if err != nil {
		return nil, fmt.Errorf("the specification refuses the answer: %w", err)
	}
	return answer, nil
}

// drain reads a body to its end.
func drain(body *io.ReadCloser) ([]byte, error) {
	if *body == nil {
		return nil, nil
	}
	defer (*body).Close()
	return io.ReadAll(*body)
}

// specified returns a transport that checks against the file that
// CURSOR_OPENAPI names, and a plain one when it names none.
func specified(t *testing.T, answers bool) http.RoundTripper {
	t.Helper()
	return checked(t, "CURSOR_OPENAPI", strictV1, answers)
}

// checked is specified for the file that the variable names.
func checked(t *testing.T, variable string, requests []string, answers bool) http.RoundTripper {
	t.Helper()
	transport := cursor.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	file, ok := os.LookupEnv(variable)
	if !ok {
		t.Logf("%s names no specification: the requests are sent and not checked", variable)
		return transport
	}
	routes, err := loadSpecification(file, requests)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return &specification{routes: routes, next: transport, answers: answers}
}

func TestEveryCallHoldsToTheSpecification(t *testing.T) {
	t.Parallel()
	for _, tt := range exchanges() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { say(w, max(tt.status, 200), tt.answer) })
			c := client(t, url, cursor.Config{Transport: specified(t, !tt.lenient), Retry: once})
			if _, err := tt.call(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("stream", func(t *testing.T) {
		t.Parallel()
		_, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { flush(w, "event: done\ndata: {}\n\n") })
		events, err := collect(client(t, url, cursor.Config{Transport: specified(t, true)}).StreamRun(t.Context(), agentID, runID, "1-0"))
		if err != nil || len(events) != 1 {
			t.Errorf("got %v, %v; want one event", events, err)
		}
	})
}

// A check that lets everything pass proves nothing.
func TestTheCheckAgainstTheSpecificationCanFail(t *testing.T) {
	t.Parallel()
	if _, ok := os.LookupEnv("CURSOR_OPENAPI"); !ok {
		t.Log("CURSOR_OPENAPI names no specification: there is nothing to check")
		return
	}
	_, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { say(w, 200, `{"id":"x","status":5}`) })
	c := client(t, url, cursor.Config{Transport: specified(t, true), Retry: once})
	_, bad := c.CreateAgent(t.Context(), cursor.CreateAgentRequest{AgentID: "bc-1", Prompt: cursor.Prompt{Text: "p"}})
	_, answer := c.GetRun(t.Context(), agentID, runID)
	for want, err := range map[string]error{"the specification refuses the request": bad, "the specification refuses the answer": answer} {
		if !strings.Contains(text(err), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
