package cursor_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

// signed is the query of a presigned URL.
const signed = "?X-Amz-Credential=AKIAEXAMPLE1234%2F20261123&X-Amz-Signature=0123456789abcdef0123&X-Amz-Expires=900"

// Fault 45: a storage host must not get the key.
func TestADownloadTakesNothingOfTheAPIAlong(t *testing.T) {
	t.Parallel()
	server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { io.WriteString(w, "content") })
	var got bytes.Buffer
	var told []cursor.Attempt
	c := client(t, "http://127.0.0.1:1", cursor.Config{OnAttempt: func(a cursor.Attempt) { told = append(told, a) }})
	n, err := c.Download(t.Context(), url+"/a%20b.png"+signed, &got, 7)
	if err != nil || n != 7 || got.String() != "content" {
		t.Fatalf("got %d bytes %q and %v, want the content", n, got.String(), err)
	}
	want := []request{{Method: "GET", Target: "/a%20b.png" + signed, Header: http.Header{
		"Accept-Encoding": {"identity"}, "User-Agent": {"cursor-agent-action/dev"},
	}}}
	if diff := cmp.Diff(want, server.seen()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	told[0].Duration = 0
	if diff := cmp.Diff([]cursor.Attempt{{Method: "GET", Path: url + "/a%20b.png", Number: 1, Status: 200}}, told); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
}

func TestADownloadIsNoLongerThanAllowed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		content string
		chunked bool
		limit   int64
		written string
		want    string
	}{
		{"as long as allowed", "content", false, 7, "content", ""},
		{"as long as allowed, of unknown length", "content", true, 7, "content", ""},
		{"shorter", "content", true, 8, "content", ""},
		{"empty", "", false, 0, "", ""},
		{"longer", "content", false, 6, "", "the file is longer than the 6 bytes allowed"},
		{"longer, of unknown length", "content", true, 6, "conten", "the file is longer than the 6 bytes allowed"},
		{"nothing allowed", "content", true, 0, "", "the file is longer than the 0 bytes allowed"},
		{"less than nothing allowed", "content", true, -1, "", "the file is longer than the 0 bytes allowed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				if tt.chunked {
					w.(http.Flusher).Flush()
				}
				io.WriteString(w, tt.content)
			})
			var got bytes.Buffer
			n, err := client(t, url, cursor.Config{}).Download(t.Context(), url+"/f"+signed, &got, tt.limit)
			want := tt.want
			if want != "" {
				want = "download artifact: GET " + url + "/f: 200 OK: " + want
			}
			if diff := cmp.Diff(want, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if got.String() != tt.written || n != int64(len(tt.written)) || len(server.seen()) != 1 {
				t.Errorf("wrote %q (%d) in %d requests, want %q in one", got.String(), n, len(server.seen()), tt.written)
			}
		})
	}
}

// Fault 45: an address that has expired is a 403 with XML, which repeats its signature.
func TestTheErrorOfADownloadDoesNotShowItsCredential(t *testing.T) {
	t.Parallel()
	// A storage host repeats what it was asked.
	const expired = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Request has expired for AKIAEXAMPLE1234/20261123 and 0123456789abcdef0123</Message><StringToSign>secret</StringToSign></Error>`
	tests := []struct {
		name   string
		status int
		body   string
		want   string
		class  cursor.Class
		code   cursor.Code
	}{
		{"expired", 403, expired, "403 AccessDenied: Request has expired for *** and ***", cursor.Final, "AccessDenied"},
		{"a page", 404, "<html><body>0123456789abcdef0123<br></html>", "404 Not Found", cursor.Final, ""},
		{"JSON", 400, `{"error":"0123456789abcdef0123"}`, "400 Bad Request", cursor.Final, ""},
		{"down", 503, "<Error><Code>SlowDown</Code></Error>", "503 SlowDown", cursor.Transient, "SlowDown"},
		{"a part", 206, "content", "206 Partial Content", cursor.Final, ""},
		{"moved", 302, "", "302 Found: a redirect to http://example.com, which was not followed", cursor.Final, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("Location", "http://example.com/"+signed)
				w.WriteHeader(tt.status)
				io.WriteString(w, tt.body)
			})
			var got bytes.Buffer
			_, err := client(t, url, cursor.Config{Retry: once}).Download(t.Context(), url+"/f"+signed, &got, 100)
			if diff := cmp.Diff("download artifact: GET "+url+"/f: "+tt.want, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if e := asError(t, err); e.Class != tt.class || e.Code != tt.code || got.Len() > 0 {
				t.Errorf("got %#v and %q, want class %v and nothing written", e, got.String(), tt.class)
			}
		})
	}
}

func TestADownloadIsNamedAsTheStorageHostNamesIt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		status int
		header [2]string
	}{
		{"refused by S3", 403, [2]string{"X-Amz-Request-Id", "4442587FB7D0A2F9"}},
		{"refused by another host", 403, [2]string{"X-Request-Id", "4442587FB7D0A2F9"}},
		{"fetched", 200, [2]string{"X-Amz-Request-Id", "4442587FB7D0A2F9"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set(test.header[0], test.header[1])
				w.WriteHeader(test.status)
			})
			var told []cursor.Attempt
			c := client(t, url, cursor.Config{Retry: once, OnAttempt: func(a cursor.Attempt) { told = append(told, a) }})
			_, err := c.Download(t.Context(), url+"/f"+signed, io.Discard, 100)
			if len(told) != 1 || told[0].RequestID != test.header[1] {
				t.Errorf("attempts told: %+v", told)
			}
			if (err != nil) != (test.status != 200) {
				t.Fatalf("error %v", err)
			}
			if err != nil && asError(t, err).RequestID != test.header[1] {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestADownloadGoesOnlyWhereNobodyReadsIt(t *testing.T) {
	t.Parallel()
	tests := []struct{ url, want string }{
		{"http://storage.example.com/f" + signed, "download artifact: http://storage.example.com is not https"},
		{"ftp://storage.example.com/f" + signed, "download artifact: ftp://storage.example.com is not https"},
		{"file:///etc/passwd", "download artifact: the URL names no host"},
		{"", "download artifact: the URL names no host"},
		{"https://user:hunter2@[bad", "download artifact: the URL can't be read"},
	}
	for _, tt := range tests {
		n, err := client(t, "http://127.0.0.1", cursor.Config{}).Download(t.Context(), tt.url, io.Discard, 1)
		if diff := cmp.Diff(tt.want, text(err)); diff != "" || n != 0 {
			t.Errorf("%d bytes, error (-want +got):\n%s", n, diff)
		}
	}
}

func TestADownloadFollowsRedirectsWithoutItsCredential(t *testing.T) {
	t.Parallel()
	other, otherURL := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { io.WriteString(w, "moved") })
	_, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Location", otherURL+"/elsewhere")
		w.WriteHeader(307)
	})
	var got bytes.Buffer
	if _, err := client(t, url, cursor.Config{}).Download(t.Context(), url+"/f"+signed, &got, 100); err != nil || got.String() != "moved" {
		t.Fatalf("got %q and %v, want what the other host has", got.String(), err)
	}
	want := []request{{Method: "GET", Target: "/elsewhere", Header: http.Header{
		"Accept-Encoding": {"identity"}, "User-Agent": {"cursor-agent-action/dev"},
	}}}
	if diff := cmp.Diff(want, other.seen()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}

	// Neither without end.
	round, url := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("Location", r.URL.Path)
		w.WriteHeader(307)
	})
	_, err := client(t, url, cursor.Config{}).Download(t.Context(), url+"/f", io.Discard, 100)
	if e := asError(t, err); e.Status != 307 || len(round.seen()) != 4 {
		t.Errorf("got %v after %d requests, want 307 after 4", err, len(round.seen()))
	}
}

func TestADownloadIsRepeatedUntilItsFirstByte(t *testing.T) {
	t.Parallel()
	answers := []string{
		"", "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ncont",
	}
	url, count := raw(t, func(number int, _ *http.Request) (string, bool) { return answers[number-1], false })
	var got bytes.Buffer
	n, err := client(t, url, cursor.Config{}).Download(t.Context(), url+"/f", &got, 100)
	want := "download artifact: GET " + url + "/f: 200 OK: the answer broke off: unexpected EOF (4 attempts)"
	if diff := cmp.Diff(want, text(err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	if n != 4 || got.String() != "cont" || count() != 4 || asError(t, err).Class != cursor.Final {
		t.Errorf("wrote %q in %d requests with %#v, want 4 requests and a final error", got.String(), count(), err)
	}
}

// full is a disk without space.
type full struct{}

var errFull = errors.New("no space left on device")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestADownloadThatCanNotBeWrittenIsNotRepeated(t *testing.T) {
	t.Parallel()
	server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { io.WriteString(w, "content") })
	_, err := client(t, url, cursor.Config{}).Download(t.Context(), url+"/f", full{}, 7)
	want := "download artifact: GET " + url + "/f: 200 OK: write: no space left on device"
	if diff := cmp.Diff(want, text(err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	if !errors.Is(err, errFull) || len(server.seen()) != 1 {
		t.Errorf("%v after %d requests, want the disk's error after one", err, len(server.seen()))
	}
}

func TestADownloadThatFallsSilentEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, transport := serveInBubble(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			for range 10 { // slow is fine
				io.WriteString(w, "x")
				w.(http.Flusher).Flush()
				select {
				case <-time.After(50 * time.Second):
				case <-r.Context().Done():
					return
				}
			}
			<-r.Context().Done()
		})
		c := bubbleClient(t, transport, cursor.Config{})
		begun := time.Now()
		n, err := c.Download(t.Context(), "http://127.0.0.1/f", io.Discard, 100)
		between(t, "the download", time.Since(begun), 510*time.Second, 510*time.Second)
		if want := "download artifact: GET http://127.0.0.1/f: 200 OK: nothing came for 1m0s"; text(err) != want || n != 10 {
			t.Errorf("%d bytes and %v, want 10 and %q", n, err, want)
		}

		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errStop)
		defer cancel()
		_, err = c.Download(ctx, "http://127.0.0.1/f", io.Discard, 100)
		if !errors.Is(err, errStop) || !strings.HasSuffix(text(err), "the workflow was cancelled") {
			t.Errorf("got %v, want the cause", err)
		}
	})
}
