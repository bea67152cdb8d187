package agent_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
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

// rewriting is a transport that changes one text in the JSON answers of the
// paths that begin so.
func rewriting(server http.RoundTripper, path, from, to string) http.RoundTripper {
	return transportFunc(func(request *http.Request) (*http.Response, error) {
		answer, err := server.RoundTrip(request)
		if err != nil || !strings.HasPrefix(request.URL.Path, path) || strings.HasSuffix(request.URL.Path, "/stream") {
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

// unnamed is a transport whose runs do not say which agent they are of.
func unnamed(server http.RoundTripper) http.RoundTripper {
	return rewriting(server, "/v1/agents/", `"agentId":`, `"ignored":`)
}

// sse is an answer with these events.
func sse(request *http.Request, body io.Reader) *http.Response {
	return &http.Response{
		StatusCode: http.StatusOK, Request: request,
		Header: http.Header{"Content-Type": {"text/event-stream"}},
		Body:   io.NopCloser(body),
	}
}

// isStream reports whether the request is for a run's stream.
func isStream(request *http.Request) bool { return strings.HasSuffix(request.URL.Path, "/stream") }

// endlessFlapping is a transport whose every stream says one new thing after
// five seconds, and ends.
func endlessFlapping(server http.RoundTripper) http.RoundTripper {
	return thinking(server, 5*time.Second, 1)
}

// chattering is a transport whose streams say a new thing each tenth of a
// second.
func chattering(server http.RoundTripper) http.RoundTripper {
	return thinking(server, 100*time.Millisecond, 1<<30)
}

// thinking is a transport whose streams have so many events, one at each
// interval.
func thinking(server http.RoundTripper, interval time.Duration, events int) http.RoundTripper {
	n := 0
	return transportFunc(func(request *http.Request) (*http.Response, error) {
		if !isStream(request) {
			return server.RoundTrip(request)
		}
		body, writer := io.Pipe()
		go func() {
			ticker := time.NewTicker(interval)
			defer ticker.Stop()
			defer writer.Close()
			for range events {
				select {
				case <-ticker.C:
					n++
					if _, err := fmt.Fprintf(writer, "id: %d-0\nevent: thinking\ndata: {\"text\":\"hm\"}\n\n", n); err != nil {
						return
					}
				case <-request.Context().Done():
					return
				}
			}
		}()
		return sse(request, body), nil
	})
}

// filtering is a transport whose streams lack the lines that begin so.
func filtering(server http.RoundTripper, prefix string) http.RoundTripper {
	return transportFunc(func(request *http.Request) (*http.Response, error) {
		answer, err := server.RoundTrip(request)
		if err == nil && isStream(request) {
			answer.Body = &lineFilter{Closer: answer.Body, source: bufio.NewReader(answer.Body), prefix: prefix}
		}
		return answer, err
	})
}

// lineFilter is a body without the lines that begin with prefix.
type lineFilter struct {
	io.Closer
	source *bufio.Reader
	prefix string
	line   []byte // that is being handed out
}

func (f *lineFilter) Read(p []byte) (int, error) {
	for len(f.line) == 0 {
		line, err := f.source.ReadBytes('\n')
		if err != nil {
			return 0, err
		}
		if !bytes.HasPrefix(line, []byte(f.prefix)) {
			f.line = line
		}
	}
	n := copy(p, f.line)
	f.line = f.line[n:]
	return n, nil
}
