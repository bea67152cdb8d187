package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"cursor-agent-action/internal/cursor"
)

// maxSkew is how far two clocks may be apart before somebody should know.
const maxSkew = 2 * time.Minute

// account asks Cursor for the account's models. That one answer proves the way
// to the API, the key, the plan and the model: GET /v1/me would prove the key
// only, since accounts without a plan are refused here and not there.
func (c Config) account(ctx context.Context) []Finding {
	if wrong, bad := c.lookAtKey(); bad {
		return append([]Finding{
			{Name: connection, Status: NotChecked, Found: "nothing is asked of Cursor without a key of Cursor's"}, wrong,
		}, unasked("Cursor was not asked", plan, model, clock)...)
	}
	witness := c.witness()
	client, err := c.client(witness, 2)
	if err != nil { // The address; the command has refused it before.
		return append([]Finding{{Name: connection, Status: Failed, Found: err.Error(), Fix: c.say("correct api-url", "correct --api-url"), Link: cursor.EndpointsPage}},
			unasked("Cursor was not asked", apiKey, plan, model, clock)...)
	}
	began := time.Now()
	models, err := c.ask(ctx, c.Patience, func(ctx context.Context) ([]cursor.Model, error) {
		return client.Models(witness.follow(ctx))
	})
	list := map[string]Finding{}
	if err == nil {
		list[connection] = Finding{Status: OK, Found: fmt.Sprintf("%s answers in %s", c.address(), time.Since(began).Round(time.Millisecond))}
		list[apiKey] = Finding{Status: OK, Found: "Cursor accepts the key"}
		list[plan] = Finding{Status: OK, Found: "Cursor does not ask for another plan"}
		list[model] = c.modelFinding(models)
	} else {
		c.blame(list, err, witness.connected.Load())
	}
	list[clock] = witness.clock()
	var found []Finding
	for _, name := range []string{connection, apiKey, plan, model, clock} {
		f := list[name]
		f.Name = name
		found = append(found, f)
	}
	return found
}

// client is a client that sends a question so often at most.
func (c Config) client(network http.RoundTripper, attempts int) (cursor.API, error) {
	return c.API.Open(cursor.Config{
		BaseURL: c.APIURL, Key: c.Key, Version: c.Version, Transport: network,
		Retry: cursor.RetryPolicy{Attempts: attempts, Budget: c.Patience},
	})
}

// ask bounds a question. What it took too long for is errPatience.
func (c Config) ask(ctx context.Context, patience time.Duration, question func(context.Context) ([]cursor.Model, error)) ([]cursor.Model, error) {
	limited, cancel := context.WithTimeoutCause(ctx, patience, errPatience)
	defer cancel()
	return question(limited)
}

func (c Config) address() string {
	if c.APIURL == "" {
		return cursor.DefaultBaseURL
	}
	return c.APIURL
}

func (c Config) host() string {
	if u, err := url.Parse(c.address()); err == nil {
		return u.Hostname()
	}
	return c.address()
}

// blame fills in what an error proves: what failed, what must be well since the
// answer came from behind it, and what was not reached.
func (c Config) blame(list map[string]Finding, err error, connected bool) {
	unknown := Finding{Status: NotChecked, Found: "Cursor gave no answer that would tell"}
	for _, name := range []string{connection, apiKey, plan, model} {
		list[name] = unknown
	}
	failed, ok := errors.AsType[*cursor.Error](err)
	answered := Finding{Status: OK, Found: c.address() + " answers"}
	known := Finding{Status: OK, Found: "Cursor knows the key"}
	switch guilty, f := c.verdict(err, failed, connected); {
	case !ok || guilty == connection:
		list[connection] = f
	case guilty == apiKey:
		list[connection], list[apiKey] = answered, f
	default:
		list[connection], list[apiKey], list[plan] = answered, known, f
	}
}

// verdict says which thing an error is about, and what is wrong with it.
func (c Config) verdict(err error, failed *cursor.Error, connected bool) (guilty string, _ Finding) {
	if failed == nil || failed.Status == 0 {
		return connection, c.networkFinding(err, connected)
	}
	f := Finding{Status: Failed, Found: failed.Error(), Link: cursor.EndpointsPage}
	if remedy, known := RemedyOf(failed, c.names()); known && remedy.Examined() {
		f.Fix, f.Link = remedy.fix+remedy.then, cmp.Or(remedy.where, pageOf(remedy.about))
		if remedy.fix == proxyAsks {
			f.Fix = proxyFix
		}
		return remedy.about, f
	}
	if failed.Status == http.StatusForbidden {
		f.Fix, f.Link = "ask an admin of the key's team, or Cursor, to enable cloud agents for the account", cursor.PlanPage
		return plan, f
	}
	f.Fix, f.Link = c.statusFix(failed)
	if failed.Class == cursor.Throttled {
		f.Status = Warning
	}
	return connection, f
}

// statusFix is what to do about an answer that says nothing of the account.
func (c Config) statusFix(failed *cursor.Error) (fix, link string) {
	switch status := failed.Status; {
	case failed.Class == cursor.Throttled:
		return "run this again in a minute, and fewer jobs at once", cursor.EndpointsPage
	case status >= 500:
		return "Cursor's API is in trouble: wait, and run this again later", cursor.StatusPage
	}
	return "correct " + c.say("api-url", "--api-url") + ": what answers there is not Cursor's API", cursor.EndpointsPage
}

// witness notes what passes on its way to the API.
type witness struct {
	to        http.RoundTripper
	connected atomic.Bool

	mu            sync.Mutex
	theirs, heard time.Time // the server's clock, and ours at that moment
}

func (c Config) witness() *witness {
	to := c.Network
	if to == nil {
		to = cursor.NewTransport()
	}
	return &witness{to: to}
}

func (w *witness) follow(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { w.connected.Store(true) },
	})
}

func (w *witness) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := w.to.RoundTrip(request)
	if err != nil {
		return answer, err
	}
	if date, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		w.mu.Lock()
		w.theirs, w.heard = date, time.Now()
		w.mu.Unlock()
	}
	return answer, nil
}

// clock compares our clock with that of the server that answered.
func (w *witness) clock() Finding {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.heard.IsZero() {
		return Finding{Name: clock, Status: NotChecked, Found: "no answer said what time it is"}
	}
	skew, way := w.heard.Sub(w.theirs), "ahead of"
	if skew < 0 {
		skew, way = -skew, "behind"
	}
	if skew <= maxSkew {
		return Finding{Name: clock, Status: OK, Found: "the clock is right"}
	}
	return Finding{
		Name: clock, Status: Warning,
		Found: fmt.Sprintf("this machine's clock is %s %s the API's", skew.Round(time.Minute), way),
		Fix:   "set this machine's clock, by NTP for instance: certificates and the search for an agent by its time depend on it",
		Link:  "https://docs.github.com/actions/how-tos/manage-runners/self-hosted-runners/monitor-and-troubleshoot",
	}
}
