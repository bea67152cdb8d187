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
	request := agent.Request(s.apiVersion, s.key, s.work, s.spec, 0)
	s.runner.Info(s.announcement() + " (dry run: nothing will be launched)")
	path, shown := s.showRequest(request)
	s.runner.Group("The request that would be sent: POST " + path)
	s.runner.Block("  ", shown)
	s.runner.EndGroup()

	config := simulator.Config{}
	if model := request.Model; model != nil {
		// Which models an account has only the real API knows.
		config.Models = []simulator.Model{{ID: model.ID}}
		request.Model = &cursor.ModelRef{ID: model.ID}
	}
	server := simulator.New(config)
	defer server.Close()
	client, err := s.apiVersion.Open(cursor.Config{BaseURL: loopbackURL, Key: s.key, Version: s.Version, Transport: server.Transport()})
	if err == nil {
		_, err = client.CreateAgent(ctx, request)
	}
	if ctx.Err() != nil {
		return exitInterrupted
	}
	if err != nil {
		return s.refuse(fmt.Errorf("dry run: Cursor would refuse this: %w: correct the input that the message names", err))
	}
	result := agent.Result{Outcome: agent.OutcomeDryRun, Handle: agent.Handle{AgentID: request.AgentID}}
	setOutputs(s.runner, []output{{"outcome", string(result.Outcome)}, {"result-json", resultJSON(agent.Result{Outcome: result.Outcome}, s.target())}})
	s.saveState(stateStage, stageSettled)
	summary := s.newSummary()
	summary.Result = result
	summary.DryRunRequest = shown
	s.summarize(summary)
	s.runner.Info("dry-run: everything is in order, and nothing was launched")
	return s.exitStatus(result.Outcome)
}

// showRequest is the request as people read it, without the images' bytes, and
// the path that it goes to.
func (s *step) showRequest(request cursor.CreateAgentRequest) (path, shown string) {
	images := make([]cursor.Image, len(request.Prompt.Images))
	for i, image := range request.Prompt.Images {
		if image.Data != "" {
			image.Data = fmt.Sprintf("(%d characters of base64)", len(image.Data))
		}
		images[i] = image
	}
	request.Prompt.Images = images
	path, body := s.apiVersion.Preview(request)
	text, err := json.MarshalIndent(body, "", "  ")
	if err != nil {
		return path, "(" + err.Error() + ")"
	}
	return path, string(text)
}
