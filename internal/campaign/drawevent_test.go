package campaign_test

import (
	"fmt"
	"strings"
	"time"

	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

// drawEvent has some launches and follow-ups happen on an event at GitHub, which
// has days of its own. Its dice are its own, so that all else of a seed's story
// is as it was without them.
func drawEvent(p *plan) {
	d := newDice(p.seed ^ 0x61740b)
	if c := p.command(); c != launches && c != followsUp || !d.oneIn(4) {
		return
	}
	e := &happening{
		kind:    pick(d, eventKinds()...),
		actor:   pick(d, maintainer, maintainer, maintainer, maintainer, maintainer, maintainer, maintainer, reader, robot, ourselves, theAgent),
		besides: d.oneIn(20),
	}
	p.happens = e
	switch e.kind {
	case issueComment, pullComment:
		p.inputs["trigger-phrase"] = triggerPhrase
	case labelled:
		p.inputs["trigger-label"] = triggerLabel
	}
	if e.kind == issueOpened && d.oneIn(2) {
		p.inputs["trigger-phrase"] = triggerPhrase
	}
	if e.actor == robot && d.oneIn(2) {
		p.inputs["allow-bots"] = string(robot)
	}
	if mode := pick(d, "progress", "progress", "progress", "result", ""); mode != "" {
		p.inputs["comment"] = mode
	}
	if !d.oneIn(3) {
		p.inputs["check"] = "Cursor"
	}
	if d.oneIn(3) {
		p.inputs["context"] = "event"
	}
	if p.inputs["create-pr"] == "true" && d.oneIn(3) {
		p.inputs["pr-labels"], p.inputs["pr-reviewers"] = "by-cursor", string(maintainer)
		if e.subject() == theIssue {
			p.inputs["link-issue"] = "current"
		}
		if d.oneIn(2) {
			p.inputs["pr-draft"] = "false"
		}
	}
	if d.oneIn(12) {
		e.refused = pick(d, []string{"issues", "pull_requests"}, []string{"checks"}, []string{"contents"})
	}
	if d.oneIn(12) {
		e.thread = pick(d, 5, 150)
	}
	if e.actor == reader && d.oneIn(2) { // who may not, while GitHub does not say so
		refusal := drawHubFault(d)
		refusal.Operation, refusal.When = "repos/get-collaborator-permission-level", forgetest.When{}
		e.faults = append(e.faults, refusal)
		return
	}
	if d.oneIn(4) { // some days are good
		return
	}
	for range 1 + d.IntN(3) {
		e.faults = append(e.faults, drawHubFault(d))
	}
	if d.oneIn(3) {
		e.outages = append(e.outages, outage{d.between(100*time.Millisecond, time.Hour), pick(d, time.Minute, d.between(time.Second, 3*time.Minute))})
	}
}

// atGitHub are the operations that GitHub fails at, those that are asked for
// more often too.
func atGitHub() []string {
	return []string{
		"", "", "issues/create-comment", "issues/create-comment", "issues/update-comment", "issues/update-comment", "issues/list-comments",
		"issues/get-comment", "checks/create", "checks/create", "checks/update", "checks/update", "checks/list-for-ref", "checks/get", "graphql",
		"repos/get-collaborator-permission-level", "pulls/get", "pulls/list", "issues/get", "repos/compare-commits-with-basehead", "issues/remove-label",
	}
}

// drawHubFault draws one rule about requests to GitHub.
func drawHubFault(d dice) forgetest.Fault {
	f := forgetest.Fault{Operation: pick(d, atGitHub()...)}
	answer := func(status int, shape string, wait int) {
		f.Answer = &forgetest.Answer{Status: status, Shape: shape, RetryAfter: wait, Message: "not now"}
	}
	switch d.IntN(5) {
	case 0:
		f.At = []int{1 + d.IntN(4)}
	case 1, 2:
		f.First = 1 + d.IntN(4)
	case 3:
		f.Skip, f.First = d.IntN(6), 1+d.IntN(30)
	default:
		f.Every = 2 + d.IntN(4)
	}
	wait := pick(d, 1, 2, 5, 10, 30, 60)
	switch d.IntN(12) {
	case 0:
		f.Reset = "before"
	case 1, 2:
		f.Reset = "after"
	case 3:
		f.Reset, f.Down, f.When = pick(d, "before", "after"), d.between(time.Second, 2*time.Minute), forgetest.When{At: []int{1 + d.IntN(9)}}
	case 4:
		f.Delay = d.between(50*time.Millisecond, 100*time.Second)
	case 5:
		f.DelayAnswer = d.between(50*time.Millisecond, 100*time.Second)
	case 6:
		f.Cut = new(d.IntN(80))
	case 7:
		answer(429, "", wait)
	case 8:
		answer(403, "secondary-limit", pick(d, 0, wait))
	case 9:
		answer(pick(d, 403, 429), "rate-limit", wait)
	default:
		f.CarriedOut = d.oneIn(2)
		answer(pick(d, 500, 502, 503, 504), pick(d, "", "html", "empty"), 0)
	}
	return f
}

// describeAtGitHub is a fault of GitHub as it was meant.
func describeAtGitHub(f forgetest.Fault) string {
	operation := f.Operation
	if operation == "" {
		operation = "any operation"
	}
	w := simulator.When{At: f.At, Skip: f.Skip, First: f.First, Every: f.Every}
	parts := []string{fmt.Sprintf("%s, %s: %s", operation, describeWhen(w), f.String())}
	for _, d := range []time.Duration{f.Delay, f.DelayAnswer, f.Down} {
		if d > 0 {
			parts = append(parts, d.String())
		}
	}
	if f.Answer != nil && f.Answer.RetryAfter > 0 {
		parts = append(parts, fmt.Sprintf("wait %d s", f.Answer.RetryAfter))
	}
	return strings.Join(parts, " ")
}
