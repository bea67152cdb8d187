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

// specification loads the published specification once, if the environment
// names it.
var specification = sync.OnceValues(func() (*contract, error) {
	file, ok := os.LookupEnv("CURSOR_OPENAPI")
	if !ok {
		return nil, nil
	}
	return loadContract(file)
})

// conform holds each answer that passes through against the specification.
func conform(t testing.TB, next http.RoundTripper) http.RoundTripper {
	t.Helper()
	spec, err := specification()
	if err != nil {
		t.Fatal(err)
	}
	if spec == nil {
		return next
	}
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		answer, err := next.RoundTrip(r)
		if err != nil {
			return nil, err
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
