package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
	"cursor-agent-action/internal/simulator"
)

// loopbackURL is the address of an API that is reached without a network.
const loopbackURL = "http://127.0.0.1"

// pretend is the input dry-run: the request is made and given to the embedded
// API, which checks it as the real one does, and nothing is launched.
func (s *step) pretend(ctx context.Context) int {
	if s.key.IsZero() {
		// Dry runs need no key; the derived id then differs from a real one.
		s.key = secret.New("dry-run")
	}
	s.agents = agent.New(agent.Config{Key: s.key})
	s.runner.Info(s.errand.announce(s) + " (dry run: " + s.errand.words.pretended + ")")
	var shown string
	var err error
	if s.errand.request != nil {
		var at string
		at, shown, err = s.errand.request(s, ctx)
		s.runner.Group("The request that would be sent: " + at)
		s.runner.Block("  ", shown)
		s.runner.EndGroup()
	}
	if ctx.Err() != nil {
		return exitInterrupted
	}
	if err != nil {
		return s.refuse(fmt.Errorf("dry run: Cursor would refuse this: %w: correct the input that the message names", err))
	}
	result := agent.Result{Outcome: agent.OutcomeDryRun, Handle: agent.Handle{AgentID: s.agentID}}
	setOutputs(s.runner, []output{{"outcome", string(result.Outcome)}, {"result-json", resultJSON(agent.Result{Outcome: result.Outcome}, s.target(), truth{})}})
	s.saveState(stateStage, stageSettled)
	summary := s.newSummary()
	summary.Result = result
	summary.DryRunRequest = shown
	s.summarize(summary)
	s.runner.Info("dry-run: everything is in order, and " + s.errand.words.nothing)
	return s.exitStatus(result.Outcome)
}

// launchRequest is the request of a launch, as it would be sent and as the
// embedded API takes it.
func (s *step) launchRequest(ctx context.Context) (at, shown string, _ error) {
	request := agent.Request(s.apiVersion, s.key, s.work, s.spec, 0)
	s.agentID = request.AgentID
	sent := request
	sent.Prompt = withoutBytes(sent.Prompt)
	path, body := s.apiVersion.Preview(sent)
	config := simulator.Config{}
	if model := request.Model; model != nil {
		// Which models an account has only the real API knows.
		config.Models = []simulator.Model{{ID: model.ID}}
		request.Model = &cursor.ModelRef{ID: model.ID}
	}
	err := s.rehearse(config, func(client cursor.API) error {
		_, err := client.CreateAgent(ctx, request)
		return err
	})
	return "POST " + path, showRequest(body), err
}

// rehearse makes a request of the embedded API.
func (s *step) rehearse(config simulator.Config, call func(cursor.API) error) error {
	server := simulator.New(config)
	defer server.Close()
	client, err := s.apiVersion.Open(cursor.Config{BaseURL: loopbackURL, Key: s.key, Version: s.Version, Transport: server.Transport()})
	if err != nil {
		return err
	}
	return call(client)
}

// withoutBytes is the prompt without the images' bytes.
func withoutBytes(prompt cursor.Prompt) cursor.Prompt {
	images := make([]cursor.Image, len(prompt.Images))
	for i, image := range prompt.Images {
		if image.Data != "" {
			image.Data = fmt.Sprintf("(%d characters of base64)", len(image.Data))
		}
		images[i] = image
	}
	prompt.Images = images
	return prompt
}

// showRequest is a request as people read it.
func showRequest(request any) string {
	text, err := json.MarshalIndent(request, "", "  ")
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return string(text)
}
