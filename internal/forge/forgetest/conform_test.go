package forgetest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// description loads GitHub's published REST description once, if GITHUB_OPENAPI
// names the file; nil otherwise.
var description = sync.OnceValues(func() (*contract, error) {
	file, ok := os.LookupEnv("GITHUB_OPENAPI")
	if !ok {
		return nil, nil
	}
	return loadContract(file)
})

// contract is the description, cut down to the operations of the hub: the whole
// has a thousand.
type contract struct {
	router routers.Router
}

func loadContract(file string) (*contract, error) {
	document, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		return nil, fmt.Errorf("load the description: %w", err)
	}
	document.Servers = nil // paths count, not hosts
	for path := range document.Paths.Map() {
		if path != "/user" && !strings.HasPrefix(path, "/repos/{owner}/{repo}") {
			document.Paths.Delete(path)
		}
	}
	// A folder is a list, which has no field to be told by.
	content := document.Paths.Value("/repos/{owner}/{repo}/contents/{path}").Get.Responses.Status(http.StatusOK).Value.Content
	content.Get("application/json").Schema.Value.Discriminator = nil
	router, err := legacy.NewRouter(document, openapi3.DisableSchemaDefaultsValidation(), openapi3.DisableExamplesValidation(), openapi3.DisableSchemaPatternValidation())
	if err != nil {
		return nil, fmt.Errorf("read the description: %w", err)
	}
	return &contract{router}, nil
}

// conform holds each request and answer that passes through against the
// description.
func conform(t testing.TB, next http.RoundTripper) http.RoundTripper {
	t.Helper()
	contract, err := description()
	if err != nil {
		t.Fatal(err)
	}
	if contract == nil {
		return next
	}
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		var sent []byte // and no err of the function around: requests come at the same time
		if r.Body != nil {
			var err error
			if sent, err = io.ReadAll(r.Body); err != nil {
				return nil, err
			}
			r.Body = io.NopCloser(bytes.NewReader(sent))
		}
		answer, err := next.RoundTrip(r)
		if err != nil {
			return answer, err
		}
		data, readErr := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if readErr != nil {
			answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(data), failing{readErr}))
			return answer, nil // a fault cut it; there is nothing to check
		}
		answer.Body = io.NopCloser(bytes.NewReader(data))
		if err := contract.check(r, sent, answer, data); err != nil {
			t.Errorf("not as GitHub's description says: %s %s %s: %d %s: %v", r.Method, r.URL, sent, answer.StatusCode, data, err)
		}
		return answer, nil
	})
}

// unwritten are answers that the description does not list for every operation,
// but that GitHub gives, or any web server does.
func unwritten(status int) bool {
	return status >= 500 || slices.Contains([]int{
		http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusNotModified, http.StatusBadRequest, http.StatusUnauthorized,
		http.StatusForbidden, http.StatusNotFound, http.StatusGone, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusTooManyRequests,
	}, status)
}

func (c *contract) check(r *http.Request, sent []byte, answer *http.Response, data []byte) error {
	asked := r.Clone(context.Background())
	asked.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	route, params, err := c.router.FindRoute(asked)
	if err != nil {
		return nil // GraphQL, logs, addresses by id, and what does not exist
	}
	input := &openapi3filter.RequestValidationInput{
		Request: asked, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, SkipSettingDefaults: true,
		},
	}
	// Labels may come as a list alone, the description says in words only.
	if answer.StatusCode < 300 && !bytes.HasPrefix(sent, []byte("[")) {
		asked.Body = io.NopCloser(bytes.NewReader(sent))
		if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
			return fmt.Errorf("a request that is accepted: %w", err)
		}
	}
	if route.Operation.Responses.Status(answer.StatusCode) == nil && unwritten(answer.StatusCode) {
		return nil
	}
	err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: answer.StatusCode, Header: answer.Header, Body: io.NopCloser(bytes.NewReader(data)), Options: input.Options,
	})
	if err != nil {
		return err
	}
	media := route.Operation.Responses.Status(answer.StatusCode).Value.Content.Get("application/json")
	if media == nil || len(data) == 0 || answer.StatusCode >= 400 {
		return nil // refusals name their status, which not all their schemas say
	}
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	return knownFields(media.Schema.Value, value, "")
}

// knownFields reports a field that the schema does not name. Where a schema
// leaves a choice, any of its fields will do.
func knownFields(schema *openapi3.Schema, value any, path string) error {
	switch value := value.(type) {
	case []any:
		if schema.Items == nil {
			return nil
		}
		for i, item := range value {
			if err := knownFields(schema.Items.Value, item, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case map[string]any:
		fields := map[string]*openapi3.Schema{}
		if !fieldsOf(schema, fields) {
			return nil
		}
		for name, item := range value {
			field, ok := fields[name]
			if !ok {
				return fmt.Errorf("field %s.%s is not in the description", path, name)
			}
			if err := knownFields(field, item, path+"."+name); err != nil {
				return err
			}
		}
	}
	return nil
}

// fieldsOf gathers the fields of a schema and of those it is made of, and
// reports whether there are no others.
func fieldsOf(schema *openapi3.Schema, fields map[string]*openapi3.Schema) bool {
	if schema.AdditionalProperties.Has != nil && *schema.AdditionalProperties.Has || schema.AdditionalProperties.Schema != nil {
		return false
	}
	closed := len(schema.Properties) > 0
	for name, property := range schema.Properties {
		fields[name] = property.Value
	}
	for _, parts := range []openapi3.SchemaRefs{schema.AllOf, schema.OneOf, schema.AnyOf} {
		for _, part := range parts {
			if !fieldsOf(part.Value, fields) {
				return false
			}
			closed = true
		}
	}
	return closed
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
