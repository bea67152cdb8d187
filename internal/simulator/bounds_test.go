package simulator

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// These tests stand inside the package because the bounds are large: from
// outside, a test would have to send hundreds of megabytes.

func TestOnlyTheLastRequestsAreKept(t *testing.T) {
	t.Parallel()
	log := requestLog{keep: 3}
	var paths []string
	for _, path := range []string{"/1", "/2", "/3", "/4", "/5"} {
		log.add(&Request{Path: path})
		var kept []string
		for _, r := range log.all() {
			kept = append(kept, r.Path)
		}
		paths = append(paths, strings.Join(kept, " "))
	}
	if diff := cmp.Diff([]string{"/1", "/1 /2", "/1 /2 /3", "/2 /3 /4", "/3 /4 /5"}, paths); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

func TestABodyIsReadUpToItsLimit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		body   string
		err    error
		status int
		want   string
	}{
		{name: "at the limit", body: `{"a":"b"}`},
		{name: "one byte more", body: `{"a":"bc"}`, status: 413, want: `{"code":"error","message":"Request body is too large"}`},
		{name: "broken", err: errors.New("gone"), status: 400, want: `{"code":"error","message":"Request body could not be read"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/agents", strings.NewReader(test.body))
			if test.err != nil {
				r.Body = http.NoBody
				r = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/agents", iotest.ErrReader(test.err))
			}
			x := &exchange{w: httptest.NewRecorder(), r: r}
			var status int
			var body string
			if refusal := x.readBody(9, readCreate); refusal != nil {
				status, body = refusal.status, string(refusal.body)
			} else if string(x.body) != test.body {
				t.Errorf("read %q, want %q", x.body, test.body)
			}
			if diff := cmp.Diff([]any{test.status, test.want}, []any{status, body}); diff != "" {
				t.Errorf("refusal (-want +got):\n%s", diff)
			}
		})
	}
}

// The data is broken at its first character, so that the size is all that takes
// time: what is not too large is said to be broken.
func TestAnImageIsAtMostFifteenMegabytes(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]string{
		15 << 20:   "images[0].data is not valid base64",
		15<<20 + 1: "images[0].data must have at most 15 MB",
	} {
		length, padding := base64.StdEncoding.EncodedLen(size), (3-size%3)%3
		data := "%" + strings.Repeat("A", length-1-padding) + strings.Repeat("=", padding)
		var c checker
		checkImageData(node{c: &c, path: "images[0].data", value: data, set: true})
		if c.problem == nil || c.problem.message != want {
			t.Errorf("%d bytes: %+v, want %q", size, c.problem, want)
		}
	}
}
