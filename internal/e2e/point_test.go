//go:build e2e

package e2e_test

import "testing"

// point is a moment of the action's work. It is prepared before the action
// starts; reach waits for it, and leave ends what was held for it.
type point func(t *testing.T, api *cursorAPI) (reach func(*process), leave func())

// asked is when the request for an agent has arrived and was not yet carried
// out, as it never will be.
func asked(t *testing.T, api *cursorAPI) (func(*process), func()) {
	g := api.holdRequests(t, creates)
	return func(p *process) { g.await(t, p) }, g.lose
}

// late is like asked, but the request is carried out after all, when its sender
// is gone.
func late(t *testing.T, api *cursorAPI) (func(*process), func()) {
	g := api.holdRequests(t, creates)
	return func(p *process) { g.await(t, p) }, g.open
}

// created is when there is an agent of which the action doesn't know yet, as its
// answer is lost.
func created(t *testing.T, api *cursorAPI) (func(*process), func()) {
	g := api.holdAnswers(t, creates)
	return func(p *process) { g.await(t, p) }, g.lose
}

// answered is like created, but the answer comes after all.
func answered(t *testing.T, api *cursorAPI) (func(*process), func()) {
	g := api.holdAnswers(t, creates)
	return func(p *process) { g.await(t, p) }, g.open
}

// launched is when the action knows its agent, and has seen nothing of its work.
func launched(t *testing.T, api *cursorAPI) (func(*process), func()) {
	g := api.holdRequests(t, streams)
	return func(p *process) { g.await(t, p) }, g.lose
}

// midStream is when the agent's work is shown.
func midStream(t *testing.T, _ *cursorAPI) (func(*process), func()) {
	return func(p *process) { p.awaitLog(t, "take a while") }, func() {}
}

// hanging is like midStream, and the API takes no request to cancel a run.
func hanging(t *testing.T, api *cursorAPI) (func(*process), func()) {
	g := api.holdRequests(t, cancels)
	return func(p *process) { p.awaitLog(t, "take a while") }, g.lose
}
