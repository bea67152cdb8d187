package campaign_test

import (
	"encoding/json"
	"net/http"
	"time"
)

// Of the comment and the check run in stories made by hand.
const (
	commentPath, checkPath = "/repos/acme/shop/issues/comments/1", "/repos/acme/shop/check-runs/2"
	threadPath             = "/repos/acme/shop/issues/5/comments"
	workingBody            = ourMark + "0123456789abcdef-5 -->\n" + ourMark + "working-1000-1 -->\n\n### ⏳ The agent is at work\n"
	endedBody              = ourMark + "0123456789abcdef-5 -->\n\n### ✅ The agent finished\n"
)

// happens makes a story made by hand one that a maintainer's comment began: the
// step has written a comment and a check run, and their ends.
func (h *history) happens() {
	h.plan.happens = &happening{kind: issueComment, actor: maintainer}
	h.plan.inputs["trigger-phrase"], h.plan.inputs["comment"], h.plan.inputs["check"] = triggerPhrase, "progress", "Cursor"
	p := &h.processes[0]
	p.asked = []call{
		atHub(http.MethodGet, threadPath, time.Second, 200, ""),
		commentsOn(http.MethodPost, threadPath, time.Second, workingBody),
		checks(http.MethodPost, "/repos/acme/shop/check-runs", time.Second, ""),
		commentsOn(http.MethodPatch, commentPath, time.Minute, workingBody),
		checks(http.MethodPatch, checkPath, time.Minute, ""),
		commentsOn(http.MethodPatch, commentPath, 10*time.Minute, endedBody),
		checks(http.MethodPatch, checkPath, 10*time.Minute, "success"),
	}
	p.shown = shown{
		comments: []comment{{subject: theIssue, id: 1, body: endedBody, made: at(time.Second), changed: at(10 * time.Minute)}},
		checks:   []check{{id: 2, key: "0123456789abcdef-1000-1", status: "completed", conclusion: "success"}},
	}
	h.processes[1].shown = p.shown
}

// atHub is a call to GitHub.
func atHub(method, path string, after time.Duration, status int, sent string) call {
	c := answered(method, path, after, status, `{"id":1}`)
	c.sent = []byte(sent)
	return c
}

// commentsOn writes the comment.
func commentsOn(method, path string, after time.Duration, body string) call {
	sent, _ := json.Marshal(map[string]string{"body": body})
	return atHub(method, path, after, 200, string(sent))
}

// checks writes the check run.
func checks(method, path string, after time.Duration, conclusion string) call {
	said := "### ⏳ The agent is at work\n"
	if conclusion != "" {
		said = "### ✅ The agent finished\n"
	}
	sent, _ := json.Marshal(map[string]any{"conclusion": conclusion, "output": map[string]string{"summary": said}})
	return atHub(method, path, after, 200, string(sent))
}

// skips makes the step of such a story one that has launched nothing.
func (h *history) skips(reason string) {
	h.agents, h.requests = nil, nil
	p := &h.processes[0]
	p.calls, p.asked, p.shown, h.processes[1].shown = nil, nil, shown{}, shown{}
	p.ended = at(time.Second)
	delete(p.files, "GITHUB_OUTPUT")
	delete(p.files, "GITHUB_STATE")
	h.writes("GITHUB_OUTPUT", map[string]string{"outcome": "skipped", "skip-reason": reason})
}
