package forge

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// script is a GitHub that gives its answers in turn, the last one for ever.
type script struct {
	answers []func() (*http.Response, error)
	bodies  []string
}

func (s *script) RoundTrip(request *http.Request) (*http.Response, error) {
	body := ""
	if request.Body != nil {
		data, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		body = string(data)
	}
	s.bodies = append(s.bodies, body)
	return s.answers[min(len(s.bodies), len(s.answers))-1]()
}

func says(status int, header, body string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		name, value, _ := strings.Cut(header, ": ")
		answer := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
		if name != "" {
			answer.Header.Set(name, value)
		}
		return answer, nil
	}
}

func fails(err error) func() (*http.Response, error) {
	return func() (*http.Response, error) { return nil, err }
}

var (
	errDial = &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	errRead = &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}
)

func TestOnlyWhatIsSafeToRepeatIsRepeated(t *testing.T) {
	t.Parallel()
	soon := time.Date(2000, 1, 1, 0, 0, 20, 0, time.UTC).Format(http.TimeFormat) // bubbles begin at midnight
	for _, test := range []struct {
		name, method string
		first        func() (*http.Response, error)
		asked        int
		took         time.Duration
	}{
		{"nothing is wrong", "GET", says(200, "", ""), 1, 0},
		{"read, and the connection broke", "GET", fails(errRead), 2, time.Second},
		{"change, and the connection broke", "PATCH", fails(errRead), 2, time.Second},
		{"take away, and the connection broke", "DELETE", fails(errRead), 2, time.Second},
		{"make, and the connection broke", "POST", fails(errRead), 1, 0},
		{"make, and nobody was there", "POST", fails(errDial), 2, time.Second},
		{"read, and a fault", "GET", says(500, "", ""), 2, time.Second},
		{"put, and a fault", "PUT", says(502, "", ""), 2, time.Second},
		{"make, and a fault", "POST", says(503, "Retry-After: 1", ""), 1, 0},
		{"read, and a fault with a time", "GET", says(503, "Retry-After: 9", ""), 2, 9 * time.Second},
		{"make, and too many", "POST", says(429, "Retry-After: 7", ""), 2, 7 * time.Second},
		{"make, and too many until a date", "POST", says(429, "Retry-After: "+soon, ""), 2, 20 * time.Second},
		{"make, and too many by a date that is past", "POST", says(429, "Retry-After: Sat, 01 Jan 1994 00:00:00 GMT", ""), 2, time.Minute},
		{"make, and too many without a time", "POST", says(429, "", ""), 2, time.Minute},
		{"make, and a secondary limit in words", "POST", says(403, "", `{"message": "You have exceeded a Secondary Rate Limit."}`), 2, time.Minute},
		{"make, and used up, no word of until when", "POST", says(429, "X-RateLimit-Remaining: 0", ""), 2, time.Minute},
		{"make, and refused", "POST", says(403, "", `{"message": "Resource not accessible by integration"}`), 1, 0},
		{"make, and wrong", "POST", says(422, "Retry-After: 1", ""), 1, 0},
		{"longer than there is time", "GET", says(429, "Retry-After: 121", ""), 1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := &script{answers: []func() (*http.Response, error){test.first, says(200, "", "")}}
				client := http.Client{Transport: patient{hub, 2 * time.Minute, func() float64 { return 1 }}}
				request, err := http.NewRequestWithContext(t.Context(), test.method, "https://hub.example/", strings.NewReader("words"))
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				answer, err := client.Do(request)
				if err == nil {
					_ = answer.Body.Close()
				}
				if took := time.Since(start); len(hub.bodies) != test.asked || took != test.took {
					t.Errorf("asked %d times in %s, want %d in %s", len(hub.bodies), took, test.asked, test.took)
				}
				for _, body := range hub.bodies {
					if body != "words" {
						t.Errorf("sent %q", body)
					}
				}
				if test.asked == 2 && (err != nil || answer.StatusCode != 200) {
					t.Errorf("the second answer is %v, %v", answer, err)
				}
			})
		})
	}
}

// TestWhatWasPeekedAtIsReadWhole: the sentence about a permission is read by
// the library after patience has looked for the words of a limit.
func TestWhatWasPeekedAtIsReadWhole(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 40<<10)
	broken := func() (*http.Response, error) {
		answer, err := says(403, "", "")()
		answer.Body = io.NopCloser(io.MultiReader(strings.NewReader("half"), failing{}))
		return answer, err
	}
	for _, test := range []struct {
		first func() (*http.Response, error)
		want  string
		err   error
	}{{says(403, "", long), long, nil}, {says(403, "", ""), "", nil}, {broken, "half", errRead}} {
		request, err := http.NewRequestWithContext(t.Context(), "GET", "https://hub.example/", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := patient{&script{answers: []func() (*http.Response, error){test.first}}, time.Minute, func() float64 { return 0 }}.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if string(body) != test.want || !errors.Is(err, test.err) {
			t.Errorf("read %d bytes and error %v", len(body), err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Error(err)
		}
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errRead }

// TestABodyThatIsGoneIsNotSentAgain: half a comment would be worse than none.
func TestABodyThatIsGoneIsNotSentAgain(t *testing.T) {
	t.Parallel()
	request, err := http.NewRequestWithContext(t.Context(), "PATCH", "https://hub.example/", io.LimitReader(strings.NewReader("words"), 5))
	if err != nil {
		t.Fatal(err)
	}
	hub := &script{answers: []func() (*http.Response, error){fails(errRead)}}
	if _, err := (patient{hub, time.Minute, func() float64 { return 0 }}).RoundTrip(request); !errors.Is(err, errRead) || len(hub.bodies) != 1 {
		t.Errorf("asked %d times, error %v", len(hub.bodies), err)
	}
}
