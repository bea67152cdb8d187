package forge_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
)

// failedRun is an event about a workflow run whose job 42 failed.
var failedRun = forge.Event{Name: "workflow_run", Repository: acmeShop, WorkflowRun: &forge.UpstreamRun{ID: 5, Conclusion: "failure"}}

const jobs = `{"total_count": 2, "jobs": [{"id": 41, "name": "lint", "conclusion": "success"}, {"id": 42, "name": "test", "conclusion": "failure"}]}`

// logOf reads the log of failedRun's job, which the API says is at the address.
func logOf(t *testing.T, address string, most int) (log forge.Quote, notes []string) {
	t.Helper()
	return logBy(t, leadsTo(address), most)
}

func logBy(t *testing.T, answer http.HandlerFunc, most int) (log forge.Quote, notes []string) {
	t.Helper()
	hub := scripted(t, map[string]http.HandlerFunc{
		"actions/runs/5/jobs":       says(200, jobs),
		"actions/jobs/42/logs":      answer,
		"check-runs/42/annotations": says(200, `[]`),
	})
	parts, notes := hub.Context(t.Context(), failedRun, forge.ContextCaps{Part: most})
	for _, part := range parts {
		if part.Tail {
			log = part
		}
	}
	return log, notes
}

// elsewhere is the host that keeps logs. It knows nothing of tokens, and must
// not be shown one.
func elsewhere(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if said := r.Header.Get("Authorization"); said != "" {
			t.Errorf("the host of logs was shown %q", said)
		}
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/logs/42.txt?sig=secret"
}

// keeps is a host that hands out parts of the text.
func keeps(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "42.txt", time.Time{}, strings.NewReader(text))
	}
}

// whole is a host that knows of no parts, and says no length.
func whole(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		fmt.Fprint(w, text)
	}
}

// timed is a log of n lines as the runner writes them.
func timed(n int) string {
	var b strings.Builder
	b.WriteString("\uFEFF")
	for i := range n {
		fmt.Fprintf(&b, "2026-11-23T19:01:45.%07dZ line %d of the log\n", i, i)
	}
	return b.String()
}

func TestTheEndOfALogIsReadWithoutItsTimes(t *testing.T) {
	t.Parallel()
	long := timed(4000)
	for _, test := range []struct {
		name string
		text string
		most int
		want string
	}{
		{"short", "2026-11-23T19:01:45.1234567Z a\n2026-11-23T19:01:46.0000000Z \n2026-11-23T19:01:47.0Z 2026-11-23T19:01:47.0Z b", 100, "a\n\n2026-11-23T19:01:47.0Z b"},
		{"as long as there is room", "abcd\nef\n", 8, "abcd\nef\n"},
		{"a byte too long", "abcd\nef\n", 7, "ef\n"},
		{"cut between two lines", "abcd\nef\n", 3, "ef\n"},
		{"cut before two lines", "abcd\nef\ngh\n", 6, "ef\ngh\n"},
		{"longer than is fetched", long, 100, "line 3996 of the log\nline 3997 of the log\nline 3998 of the log\nline 3999 of the log\n"},
		{"one long line", strings.Repeat("ä", 1000), 101, strings.Repeat("ä", 50)},
		{"lines that end as Windows has it", "2026-11-23T19:01:45.1Z a\r\n2026-11-23T19:01:45.1Z b\r\n", 100, "a\r\nb\r\n"},
	} {
		for name, host := range map[string]http.HandlerFunc{"parts": keeps(test.text), "whole": whole(test.text)} {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				got, notes := logOf(t, elsewhere(t, host), test.most)
				want := forge.Quote{Source: "log of job test (failure)", Text: test.want, Size: len(test.text), Code: true, Tail: true}
				if diff := cmp.Diff(want, got); diff != "" || notes != nil {
					t.Errorf("notes %q, log (-want +got):\n%s", notes, diff)
				}
				if len(got.Text) > test.most || !utf8.ValidString(got.Text) {
					t.Errorf("%d bytes, %q", len(got.Text), got.Text)
				}
			})
		}
	}
}

func TestOfALongLogOnlyTheEndIsFetched(t *testing.T) {
	t.Parallel()
	var handed atomic.Int64
	text := timed(100_000)
	address := elsewhere(t, func(w http.ResponseWriter, r *http.Request) {
		keeps(text)(w, r)
		length, err := strconv.ParseInt(w.Header().Get("Content-Length"), 10, 64)
		if err != nil {
			t.Error(err)
		}
		handed.Add(length)
	})
	log, notes := logOf(t, address, 1000)
	if len(log.Text) > 1000 || len(log.Text) < 970 || !strings.HasSuffix(log.Text, "\nline 99999 of the log\n") || log.Size != len(text) || notes != nil {
		t.Errorf("notes %q, log %+v", notes, log)
	}
	if handed.Load() != 6000 {
		t.Errorf("%d bytes were fetched", handed.Load())
	}
}

// It counts what all tests allocate, so it runs alone.
func TestALogOf40MegabytesIsNotKept(t *testing.T) {
	const size = 40 << 20
	block := []byte(strings.Repeat("2026-11-23T19:01:45.1234567Z all is well in this line of the log\n", 1<<10))
	address := elsewhere(t, func(w http.ResponseWriter, _ *http.Request) {
		for sent := 0; sent < size; sent += len(block) {
			if _, err := w.Write(block); err != nil {
				t.Error(err)
				return
			}
		}
		fmt.Fprint(w, "2026-11-23T19:01:45.1234567Z ##[error]it broke\n")
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	log, notes := logOf(t, address, 1<<10)
	runtime.ReadMemStats(&after)
	if !strings.HasSuffix(log.Text, "\n##[error]it broke\n") || len(log.Text) > 1<<10 || log.Size < size || notes != nil {
		t.Errorf("notes %q, log %+v", notes, log)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
		t.Errorf("reading a log of 40 MiB took %d bytes of memory", used)
	}
}

func TestALogThatCantBeReadIsALineThatSaysWhy(t *testing.T) {
	t.Parallel()
	const goes = ": the context goes without it; run the job again when GitHub answers"
	for _, test := range []struct {
		name   string
		answer func(t *testing.T) http.HandlerFunc
		want   string
	}{
		{"gone", func(*testing.T) http.HandlerFunc { return says(410, `{"message": "Gone"}`) },
			"read the log of job 42 of acme/shop: 410 Gone: it is gone, or the job lacks the permission actions: read"},
		{"not allowed", func(*testing.T) http.HandlerFunc {
			return says(403, `{"message": "Resource not accessible by integration"}`)
		}, "read the log of job 42 of acme/shop: 403 Resource not accessible by integration: give the job the permission actions: read"},
		{"no redirect", func(*testing.T) http.HandlerFunc { return says(200, `a log`) },
			"read the log of job 42 of acme/shop: 200 the answer is not what GitHub documents: it names no place of the log" + goes},
		{"a redirect to nowhere", func(*testing.T) http.HandlerFunc { return says(302, ``) },
			"read the log of job 42 of acme/shop: 302 the log is at no https address" + goes},
		{"a place that others can change", func(*testing.T) http.HandlerFunc { return leadsTo("http://logs.example/42") },
			"read the log of job 42 of acme/shop: 302 the log is at no https address" + goes},
		{"a place that is none of the web", func(*testing.T) http.HandlerFunc { return leadsTo("file:///etc/passwd") },
			"read the log of job 42 of acme/shop: 302 the log is at no https address" + goes},
		{"gone at its place", func(t *testing.T) http.HandlerFunc { return leadsTo(elsewhere(t, says(404, `<Error>`))) },
			"read the log of job 42 of acme/shop: 404 Not Found: it is gone, or the job lacks the permission actions: read"},
		{"a place that leads to one that others can change", func(t *testing.T) http.HandlerFunc {
			return leadsTo(elsewhere(t, leadsTo("http://logs.example/42")))
		}, "read the log of job 42 of acme/shop: 302 Found" + goes},
		{"another part than asked for", func(t *testing.T) http.HandlerFunc {
			return leadsTo(elsewhere(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Range", "bytes 7-9/10")
				w.WriteHeader(206)
				fmt.Fprint(w, "abc")
			}))
		}, `read the log of job 42 of acme/shop: 206 asked for the bytes from 0 on, the host gives "bytes 7-9/10"` + goes},
		{"cut on its way", func(t *testing.T) http.HandlerFunc {
			return leadsTo(elsewhere(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "10")
				fmt.Fprint(w, "abc")
			}))
		}, "read the log of job 42 of acme/shop: unexpected EOF" + goes},
		{"the API is away", func(t *testing.T) http.HandlerFunc {
			return func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
		}, "read the log of job 42 of acme/shop: EOF" + goes},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			log, notes := logBy(t, test.answer(t), 100)
			if diff := cmp.Diff([]string{test.want}, notes); diff != "" || log.Text != "" {
				t.Errorf("log %+v, notes (-want +got):\n%s", log, diff)
			}
		})
	}
}

func TestAnEmptyLogIsNone(t *testing.T) {
	t.Parallel()
	log, notes := logOf(t, elsewhere(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
	}), 100)
	if log.Text != "" || notes != nil {
		t.Errorf("log %+v, notes %q", log, notes)
	}
}

func TestALogWithoutEndIsGivenUp(t *testing.T) {
	t.Parallel()
	address := elsewhere(t, func(w http.ResponseWriter, _ *http.Request) {
		block := make([]byte, 1<<20)
		for {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	_, notes := logOf(t, address, 100)
	want := []string{"read the log of job 42 of acme/shop: it is longer than 256 MiB, and its host hands out no parts: the context goes without it; run the job again when GitHub answers"}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// The place of a log is an address that anybody can read it with.
func TestTheAddressOfALogIsNotTold(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.URL + "/logs?sig=secret"
	server.Close()
	_, notes := logOf(t, address, 100)
	if len(notes) != 1 || strings.Contains(notes[0], "secret") || !strings.HasPrefix(notes[0], "read the log of job 42 of acme/shop: dial tcp ") {
		t.Errorf("notes %q", notes)
	}
}

func TestTheLogOfARenamedRepositoryIsFound(t *testing.T) {
	t.Parallel()
	address := elsewhere(t, keeps("it broke\n"))
	hub := scripted(t, map[string]http.HandlerFunc{
		"actions/runs/5/jobs": says(200, jobs),
		"actions/jobs/42/logs": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/repos/acme/shop/renamed/logs", http.StatusMovedPermanently)
		},
		"renamed/logs":              leadsTo(address),
		"check-runs/42/annotations": says(200, `[]`),
	})
	parts, notes := hub.Context(t.Context(), failedRun, forge.ContextCaps{})
	if len(parts) != 3 || parts[2].Text != "it broke\n" || notes != nil {
		t.Errorf("notes %q, parts %+v", notes, parts)
	}
}
