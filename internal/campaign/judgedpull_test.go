package campaign_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/forge/forgetest"
)

// pullPath is where GitHub tells of the pull request of stories made by hand.
const pullPath = "/repos/acme/shop/pulls/1"

// differs makes a story made by hand one in which GitHub has another notion of
// the pull request than Cursor.
func (h *history) differs(kind fateKind, after time.Duration, status int) {
	h.happens()
	h.plan.happens.pull = pullFate{kind, after}
	h.agents[0].Branch, h.agents[0].PRURL = "cursor/fix", "https://github.com/acme/shop/pull/1"
	p := &h.processes[0]
	p.asked = append(p.asked, atHub(http.MethodGet, pullPath, 10*time.Minute, status, ""))
	h.writes("GITHUB_OUTPUT", map[string]string{
		"pr-verified": "true", "head-sha": forgetest.SHA("cursor/fix"), "commits": "2", "changed-files": "3", "draft": "true",
	})
}

// givesUp has such a story end without a pull request.
func (h *history) givesUp() {
	p := &h.processes[0]
	p.ended = at(10*time.Minute + 31*time.Second)
	p.exit = 1
	h.writes("GITHUB_OUTPUT", map[string]string{"outcome": "pr-missing", "pr-url": "", "pr-number": "", "head-sha": "", "draft": ""})
	p.asked[5] = commentsOn(http.MethodPatch, commentPath, 10*time.Minute, strings.Replace(endedBody, "✅", "⚠️", 1))
	p.asked[6] = checks(http.MethodPatch, checkPath, 10*time.Minute, "failure")
	p.asked[6].sent = []byte(strings.Replace(string(p.asked[6].sent), "✅", "⚠️", 1))
}

func pullBreaches() []breach {
	const rule = "GitHub's word on the pull request: the main of attempt 1 says "
	return []breach{
		{"green for a pull request that GitHub has not", func(h *history) { h.differs(neverThere, 0, 404) },
			[]string{rule + `"succeeded": the pull request is not at GitHub, and GitHub could be asked`}},
		{"green for a closed pull request on a bad day", func(h *history) {
			h.differs(closedIt, 0, 200)
			h.plan.happens.refused = []string{"checks"}
		}, []string{rule + `"succeeded": the pull request was closed, and GitHub could be asked`}},
		{"verified in another repository", func(h *history) {
			h.differs(elsewhere, 0, 404)
			h.plan.happens.refused = []string{"contents"}
		}, []string{rule + `"succeeded": the pull request is one of another repository, and is said to be verified`}},
		{"verified before it was there", func(h *history) { h.differs(comesLate, time.Minute, 404) },
			[]string{rule + `"succeeded": the pull request comes late to GitHub, after 1m0s, and was verified before`}},
		{"missed though it came in time", func(h *history) {
			h.differs(comesLate, 20*time.Second, 404)
			h.givesUp()
		}, []string{rule + `"pr-missing": the pull request is there since 12:10:20.000, and was looked for at 12:10:00.000`}},
		{"another head, other counts, another state", func(h *history) {
			h.differs(isReady, 0, 200)
			h.writes("GITHUB_OUTPUT", map[string]string{"head-sha": "0123", "commits": "3", "changed-files": "0"})
		}, []string{
			rule + `"succeeded": the output head-sha is "0123"`,
			rule + `"succeeded": the output commits is "3", not 2`,
			rule + `"succeeded": the output changed-files is "0", not 3`,
			rule + `"succeeded": the output draft is "true", not false`,
		}},
	}
}

// What looks like a broken promise about a pull request and is none.
func TestTheJudgeIsJustToThoseWhoVerifyPullRequests(t *testing.T) {
	t.Parallel()
	for _, test := range []just{
		{"a pull request that was merged", func(h *history) { h.differs(mergedIt, 0, 200) }},
		{"a head that moved before GitHub was asked", func(h *history) {
			h.differs(headMoves, time.Second, 200)
			h.writes("GITHUB_OUTPUT", map[string]string{"head-sha": movedHead("cursor/fix"), "commits": "3"})
		}},
		{"a pull request that GitHub has not", func(h *history) {
			h.differs(neverThere, 0, 404)
			h.givesUp()
		}},
		{"a pull request that comes when nobody waits any more", func(h *history) {
			h.differs(comesLate, 40*time.Second, 404)
			h.givesUp()
		}},
		{"Cursor's word where GitHub could not be asked", func(h *history) {
			h.differs(neverThere, 0, 503)
			h.plan.happens.refused = []string{"pull_requests"}
			h.writes("GITHUB_OUTPUT", map[string]string{"pr-verified": "false"})
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := handmade()
			test.change(h)
			if got := said(h); len(got) > 0 {
				t.Errorf("the judge says:\n%s", strings.Join(got, "\n"))
			}
		})
	}
}

// Two agents of one story push to the branch that the user named, for which the
// first opened a pull request.
func TestThePullRequestOfASharedBranchCountsForWhoeverPushesToIt(t *testing.T) {
	t.Parallel()
	for shared, want := range map[string]bool{"cursor/fix": false, "cursor/other": true} {
		h := handmade()
		h.differs(mergedIt, 0, 200)
		other := h.agents[0]
		other.ID, other.Branch, other.Runs = "bc-other", shared, nil
		h.agents[0].PRURL, h.plan.scenario.PRAfter = "", time.Hour
		h.agents = append(h.agents, other)
		var got []string
		pullRequestIsTrue(*h, h.processes[0], &h.agents[0].Runs[0], func(format string, args ...any) { got = append(got, fmt.Sprintf(format, args...)) })
		if denied := slices.Contains(got, "there is no pull request https://github.com/acme/shop/pull/1"); denied != want {
			t.Errorf("with a branch %s of another agent's the judge says %q", shared, got)
		}
	}
}
