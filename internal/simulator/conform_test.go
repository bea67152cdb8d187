package simulator_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
)

// specification and specificationV0 load the published specifications once, if
// the environment names them.
var (
	specification   = sync.OnceValues(func() (*contract, error) { return specified("CURSOR_OPENAPI") })
	specificationV0 = sync.OnceValues(func() (*contract, error) { return specified("CURSOR_OPENAPI_V0") })
)

func specified(variable string) (*contract, error) {
	file, ok := os.LookupEnv(variable)
	if !ok {
		return nil, nil
	}
	return loadContract(file)
}

// specificationOf is the one that the path belongs to, nil where the environment
// does not name it.
func specificationOf(t testing.TB, path string) *contract {
	t.Helper()
	load := specification
	if strings.HasPrefix(path, "/v0/") {
		load = specificationV0
	}
	spec, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// conform holds each answer that passes through against its specification.
func conform(t testing.TB, next http.RoundTripper) http.RoundTripper {
	t.Helper()
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		spec := specificationOf(t, r.URL.Path)
		answer, err := next.RoundTrip(r)
		if err != nil || spec == nil {
			return answer, err
		}
		if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/event-stream") {
			return answer, spec.checkAnswer(r, answer, nil)
		}
		data, readErr := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if readErr != nil {
			answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(data), failing{readErr}))
			return answer, nil // a fault cut it; there is nothing to check
		}
		answer.Body = io.NopCloser(bytes.NewReader(data))
		if err := spec.checkAnswer(r, answer, data); err != nil {
			t.Errorf("the answer is not as the specification says: %s %s: %d %s: %v", r.Method, r.URL, answer.StatusCode, data, err)
		}
		return answer, nil
	})
}

func conformCall(t testing.TB, data string) {
	t.Helper()
	if spec, _ := specification(); spec != nil {
		if err := spec.checkSchema("RunStreamToolCallData", data); err != nil {
			t.Errorf("a tool call is not as the specification says: %s: %v", data, err)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
