package simulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// contract is the published specification.
type contract struct {
	document *openapi3.T
	router   routers.Router
}

func loadContract(file string) (*contract, error) {
	document, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		return nil, fmt.Errorf("load the specification: %w", err)
	}
	document.Servers = nil // paths count, not hosts
	router, err := legacy.NewRouter(document)
	if err != nil {
		return nil, fmt.Errorf("read the specification: %w", err)
	}
	return &contract{document, router}, nil
}

// input is a request as the filter takes one; nil for a path or method that the
// specification does not have.
func (c *contract) input(r *http.Request) *openapi3filter.RequestValidationInput {
	r = r.Clone(context.Background())
	r.URL = &url.URL{Path: r.URL.Path, RawQuery: r.URL.RawQuery}
	route, params, err := c.router.FindRoute(r)
	if err != nil {
		return nil
	}
	return &openapi3filter.RequestValidationInput{
		Request:    r,
		PathParams: params,
		Route:      route,
		Options: &openapi3filter.Options{
			AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
			IncludeResponseStatus: true,
			SkipSettingDefaults:   true,
		},
	}
}

// checkRequest says whether the specification takes a request.
func (c *contract) checkRequest(r *http.Request, body string) error {
	input := c.input(r)
	if input == nil {
		return fmt.Errorf("the specification has no %s %s", r.Method, r.URL.Path)
	}
	input.Request.Body = io.NopCloser(strings.NewReader(body))
	return openapi3filter.ValidateRequest(context.Background(), input)
}

// unwritten are answers that the specification does not list, but that the
// service gives, or any web server does.
func unwritten(r *http.Request, status int) bool {
	switch status {
	case http.StatusBadRequest: // a malformed id, cursor or body where only others are listed
		return true
	case http.StatusForbidden: // plan_required comes from every operation
		return true
	case http.StatusNotFound: // the stand-in for the storage host is no part of the API
		return false
	case http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
		http.StatusNotImplemented, http.StatusBadGateway, http.StatusServiceUnavailable:
		return true
	}
	return strings.HasPrefix(r.URL.Path, "/_storage/")
}

// checkAnswer holds an answer against the specification: status, headers, body,
// and, beyond what the filter does, that no field is there which the
// specification does not name. A nil body is not looked at.
func (c *contract) checkAnswer(r *http.Request, answer *http.Response, body []byte) error {
	input := c.input(r)
	if input == nil {
		return nil
	}
	if input.Route.Operation.Responses.Status(answer.StatusCode) == nil && unwritten(r, answer.StatusCode) {
		return nil
	}
	input.Options.ExcludeResponseBody = body == nil
	err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input,
		Status:                 answer.StatusCode,
		Header:                 answer.Header,
		Body:                   io.NopCloser(strings.NewReader(string(body))),
		Options:                input.Options,
	})
	if err != nil || body == nil {
		return err
	}
	media := input.Route.Operation.Responses.Status(answer.StatusCode).Value.Content.Get("application/json")
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return err
	}
	return knownFields(media.Schema.Value, value, "")
}

// checkSchema holds a JSON text against a named schema.
func (c *contract) checkSchema(name, text string) error {
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return err
	}
	schema := c.document.Components.Schemas[name].Value
	if err := schema.VisitJSON(value); err != nil {
		return err
	}
	return knownFields(schema, value, "")
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
		fields, open := fieldsOf(schema)
		if open {
			return nil
		}
		for name, item := range value {
			field, ok := fields[name]
			if !ok {
				return fmt.Errorf("field %s.%s is not in the specification", path, name)
			}
			if err := knownFields(field, item, path+"."+name); err != nil {
				return err
			}
		}
	}
	return nil
}

// fieldsOf gathers the fields of a schema and of those it is made of; open
// means that it takes any.
func fieldsOf(schema *openapi3.Schema) (fields map[string]*openapi3.Schema, open bool) {
	fields = map[string]*openapi3.Schema{}
	if schema.AdditionalProperties.Has != nil && *schema.AdditionalProperties.Has || schema.AdditionalProperties.Schema != nil {
		return nil, true
	}
	for name, property := range schema.Properties {
		fields[name] = property.Value
	}
	for _, parts := range []openapi3.SchemaRefs{schema.AllOf, schema.OneOf, schema.AnyOf} {
		for _, part := range parts {
			more, open := fieldsOf(part.Value)
			if open {
				return nil, true
			}
			maps.Copy(fields, more)
		}
	}
	return fields, false
}
