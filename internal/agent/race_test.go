package agent_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
)

// A stream is opened on a goroutine of its own, while looks go on. This runs on
// real time, because fake time orders what the race detector must see unordered.
func TestOpeningAStreamDoesNotRaceWithLooks(t *testing.T) {
	t.Parallel()
	streams, deadline := 0, time.Now().Add(600*time.Millisecond)
	client := newClient(t, setup{}, transportFunc(func(request *http.Request) (*http.Response, error) {
		if isStream(request) {
			if streams++; streams == 1 {
				return sse(request, strings.NewReader("")), nil
			}
			<-request.Context().Done() // This one never opens.
			return nil, io.ErrUnexpectedEOF
		}
		status := "RUNNING"
		if time.Now().After(deadline) {
			status = "FINISHED"
		}
		return jsonAnswer(request, fmt.Sprintf(`{"id":"run-1","agentId":"bc-1","status":%q}`, status)), nil
	}))
	agents := agent.New(agent.Config{Client: client, Key: secret.New(key), PollInterval: time.Millisecond})
	run, err := agents.Follow(t.Context(), agent.Handle{AgentID: "bc-1", RunID: "run-1"})
	if err != nil || run.Status != cursor.RunFinished {
		t.Errorf("%s, error %v", run.Status, err)
	}
}
