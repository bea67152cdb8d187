package campaign_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func eventBreaches() []breach {
	on := func(name string, change func(*history), want ...string) breach {
		return breach{name, func(h *history) { h.happens(); change(h) }, want}
	}
	return []breach{
		on("a launch for somebody who may only read", func(h *history) { h.plan.happens.actor = reader },
			"a denied event launches nothing: the main of attempt 1 asked for an agent, on a comment on an issue by eve",
			`a denied event launches nothing: the main of attempt 1 says "succeeded", on a comment on an issue by eve`),
		on("a second comment", func(h *history) {
			h.processes[1].shown.comments = append(h.processes[1].shown.comments, comment{subject: theIssue, id: 3, body: endedBody, made: at(11 * time.Minute)})
			h.processes[1].asked = []call{
				atHub(http.MethodGet, threadPath, 11*time.Minute, 200, ""),
				commentsOn(http.MethodPost, threadPath, 11*time.Minute, endedBody),
			}
			h.processes[1].asked[1].body = []byte(`{"id":3}`)
		}, "one comment: comment 3 on 5 was made at 12:11:00.000 though comment 1 on 5 is there since 12:00:01.000"),
		on("an end that is not shown", func(h *history) {
			h.processes[0].asked = h.processes[0].asked[:5]
			h.processes[0].shown.comments[0].body, h.processes[0].shown.checks[0].status = workingBody, "in_progress"
			h.processes[1].shown = shown{}
		}, "the end is shown: comment 1 is left at work by the main of attempt 1", "the end is shown: check run 2 is left in_progress by the main of attempt 1"),
		on("an end that a cleanup stage does not show", func(h *history) {
			h.processes[0].killed, h.processes[0].asked = true, h.processes[0].asked[:5]
			h.processes[0].shown = shown{}
			h.processes[1].shown.comments[0].body = workingBody
			h.processes[1].asked = []call{atHub(http.MethodGet, commentPath, 11*time.Minute, 200, "")}
		}, "the end is shown: comment 1 is left at work by the cleanup of attempt 1"),
		on("an end that is another", func(h *history) {
			p := &h.processes[0]
			p.asked[5] = commentsOn(http.MethodPatch, commentPath, 10*time.Minute, strings.Replace(endedBody, "✅", "⌛", 1))
			p.asked[6] = checks(http.MethodPatch, checkPath, 10*time.Minute, "neutral")
		}, `the end that is shown is true: the main of attempt 1 says "succeeded", and what is shown "⌛"`,
			`the end that is shown is true: the main of attempt 1 says "succeeded", and its check run "neutral"`),
		on("no verdict where there was one", func(h *history) {
			h.processes[1].asked = []call{commentsOn(http.MethodPatch, commentPath, 11*time.Minute, ourMark+"x -->\n\n"+noVerdict+"\n")}
		}, `the end that is shown is true: the cleanup of attempt 1 says "succeeded", and what is shown "❌"`),
		on("a cleanup stage that says that the agent works", func(h *history) {
			h.processes[1].asked = []call{commentsOn(http.MethodPatch, commentPath, 11*time.Minute, workingBody)}
		}, "the end that is shown is true: the cleanup of attempt 1 wrote that the agent is at work, 0s after its start"),
		on("updates that come too soon", func(h *history) {
			h.processes[0].asked[3] = commentsOn(http.MethodPatch, commentPath, 15*time.Second, workingBody)
		}, "updates are apart: the main of attempt 1 wrote to "+commentPath+" 14s after it had written"),
		on("too many requests to GitHub", func(h *history) {
			for range 200 {
				h.processes[0].asked = append(h.processes[0].asked, atHub(http.MethodGet, "/user", time.Minute, 200, ""))
			}
		}, "few requests to GitHub: the main of attempt 1 sent 207 requests to GitHub in 10m1s, of which 0 failed, more than 140"),
		on("a skip of what was launched", func(h *history) {
			h.skips("permission-unknown")
			h.processes[0].asked = []call{atHub(http.MethodGet, "/p", time.Second, 503, "")}
			h.writes("GITHUB_OUTPUT", map[string]string{"run-id": firstRun, "agent-id": firstAgent})
		}, "GitHub changes no verdict: the main of attempt 1 launched nothing and says that it did: run run-1"),
		on("a skip after a launch", func(h *history) {
			h.skips("permission-unknown")
			h.processes[0].asked = []call{atHub(http.MethodGet, "/p", time.Second, 503, "")}
			h.requests = append(h.requests, asked("createAgent", 1, mainStage, time.Second, ""))
		}, "GitHub changes no verdict: the main of attempt 1 says that nothing was launched, and asked for an agent"),
		on("a skip for nothing", func(h *history) { h.skips("no-permission") },
			`the outcome is true: the main of attempt 1 says "skipped": skip-reason is "no-permission", on a comment on an issue by octocat`),
		on("a skip though GitHub answered", func(h *history) { h.skips("permission-unknown") },
			`the outcome is true: the main of attempt 1 says "skipped": skip-reason is "permission-unknown", and GitHub answered each time`),
		on("a variable in a comment", func(h *history) {
			h.plan.inputs["env-vars"] = "TOKEN=" + envValue
			h.processes[0].asked[5] = commentsOn(http.MethodPatch, commentPath, 10*time.Minute, endedBody+envValue)
		}, "no secret is written: the value of a variable stands in the requests to GitHub of the main of attempt 1"),
		{"a skip without an event", func(h *history) { h.skips("bot") }, []string{
			`the outcome is true: the main of attempt 1 says "skipped": nothing happened`,
		}},
	}
}

// What looks like a broken promise about an event and is none.
func TestTheJudgeIsJustToThoseWhoAskGitHub(t *testing.T) {
	t.Parallel()
	for _, test := range []just{
		{"a comment and a check run", func(*history) {}},
		{"a denied event", func(h *history) {
			h.skips("no-permission")
			h.plan.happens.actor = reader
		}},
		{"a skip because GitHub did not answer", func(h *history) {
			h.skips("permission-unknown")
			h.processes[0].asked = []call{atHub(http.MethodGet, "/p", time.Second, 503, "")}
		}},
		{"an end that GitHub did not take", func(h *history) {
			p := &h.processes[0]
			p.asked[5].status = 503
			p.shown.comments[0].body = workingBody
			h.processes[1].killed = true
		}},
		{"a comment that was made when it had been looked for", func(h *history) {
			h.processes[1].shown.comments = append(h.processes[1].shown.comments, comment{subject: theIssue, id: 3, body: endedBody, made: at(13 * time.Minute)})
			h.processes[1].shown.comments[0].made = at(12 * time.Minute)
			h.processes[1].asked = []call{
				atHub(http.MethodGet, threadPath, 11*time.Minute, 200, ""),
				commentsOn(http.MethodPost, threadPath, 13*time.Minute, endedBody),
			}
			h.processes[1].asked[1].body = []byte(`{"id":3}`)
		}},
		{"no verdict of a step that was killed", func(h *history) {
			h.processes[0].killed = true
			h.writes("GITHUB_OUTPUT", map[string]string{"outcome": ""})
			h.processes[0].asked = h.processes[0].asked[:5]
			h.processes[1].asked = []call{commentsOn(http.MethodPatch, commentPath, 11*time.Minute, ourMark+"x -->\n\n"+noVerdict+"\n")}
		}},
		{"updates of which GitHub took one", func(h *history) {
			h.processes[0].asked[1].status = 502
			h.processes[0].asked[3] = commentsOn(http.MethodPatch, commentPath, 2*time.Second, workingBody)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := handmade()
			h.happens()
			test.change(h)
			if got := said(h); len(got) > 0 {
				t.Errorf("the judge says:\n%s", strings.Join(got, "\n"))
			}
		})
	}
}
