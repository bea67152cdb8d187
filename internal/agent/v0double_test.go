package agent_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
)

// v0 is an API of version 0 as a transport, which takes 100 ms for an answer.
type v0 struct {
	duration time.Duration // of an agent's work
	ending   string        // state after it; FINISHED when ""
	// shown is how long after its launch an agent is listed and readable.
	shown time.Duration
	// refuse holds the status of answers that are refused by operation, "POST
	// /v0/agents" for instance; 1 carries the request out and loses the answer,
	// 2 loses the request.
	refuse map[string]int

	mu     sync.Mutex
	agents []*v0Agent
	asked  []string // operations
}

// v0Agent is an agent with what it was asked for.
type v0Agent struct {
	id, branch, prURL, repository string
	began, ends                   time.Time
	stopped                       bool
	prompts                       []string
}

func (a *v0) RoundTrip(request *http.Request) (*http.Response, error) {
	timer := time.NewTimer(100 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-request.Context().Done():
		return nil, request.Context().Err()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	path := request.URL.Path
	id, verb, _ := strings.Cut(strings.TrimPrefix(path, "/v0/agents/"), "/")
	operation := request.Method + " " + strings.Replace(path, id, "ID", 1)
	if path == "/v0/agents" {
		operation = request.Method + " " + path
	}
	a.asked = append(a.asked, operation)
	refused := a.refuse[operation]
	if refused == 2 {
		return nil, errors.New("the connection broke")
	}
	if refused > 2 {
		return a.answer(request, refused, map[string]string{"error": "no"}), nil
	}
	status, body := a.handle(request, id, verb)
	if refused == 1 {
		return nil, errors.New("the connection broke")
	}
	return a.answer(request, status, body), nil
}

func (a *v0) answer(request *http.Request, status int, body any) *http.Response {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return &http.Response{
		StatusCode: status, Request: request, Body: io.NopCloser(bytes.NewReader(text)),
		Header: http.Header{"Content-Type": {"application/json"}, "Date": {time.Now().UTC().Format(http.TimeFormat)}},
	}
}

func (a *v0) handle(request *http.Request, id, verb string) (int, any) {
	switch {
	case request.URL.Path == "/v0/agents" && request.Method == http.MethodPost:
		return http.StatusCreated, a.describe(a.launch(request))
	case request.URL.Path == "/v0/agents":
		agents := []any{}
		for i := range a.agents {
			agent := a.agents[len(a.agents)-1-i]
			wanted := request.URL.Query().Get("prUrl")
			if time.Since(agent.began) >= a.shown && (wanted == "" || wanted == agent.prURL) {
				agents = append(agents, a.describe(agent))
			}
		}
		return http.StatusOK, map[string]any{"agents": agents}
	}
	for _, agent := range a.agents {
		if agent.id != id {
			continue
		}
		switch verb {
		case "conversation":
			return http.StatusOK, map[string]any{"id": id, "messages": a.conversation(agent)}
		case "stop":
			agent.stopped = true
		case "followup":
			agent.prompts = append(agent.prompts, "more")
			agent.ends = time.Now().Add(a.duration)
		}
		return http.StatusOK, a.describe(agent)
	}
	return http.StatusNotFound, map[string]string{"error": "Agent not found"}
}

func (a *v0) launch(request *http.Request) *v0Agent {
	var asked struct {
		Prompt struct{ Text string }
		Source struct{ Repository, PRURL string }
		Target struct{ BranchName string }
	}
	if err := json.NewDecoder(request.Body).Decode(&asked); err != nil {
		panic(err)
	}
	agent := &v0Agent{
		id: fmt.Sprintf("bc-%d", len(a.agents)), branch: asked.Target.BranchName, prURL: asked.Source.PRURL, repository: asked.Source.Repository,
		began: time.Now(), ends: time.Now().Add(a.duration), prompts: []string{asked.Prompt.Text},
	}
	if agent.prURL != "" {
		agent.repository, _, _ = strings.Cut(agent.prURL, "/pull/")
	}
	a.agents = append(a.agents, agent)
	return agent
}

func (a *v0) describe(agent *v0Agent) any {
	status, prURL := "RUNNING", agent.prURL
	if over := !time.Now().Before(agent.ends); over || agent.stopped {
		status = a.ending
		if status == "" {
			status = "FINISHED"
		}
		if over && prURL == "" {
			prURL = "https://github.com/acme/widgets/pull/9"
		}
	}
	return map[string]any{
		"id": agent.id, "name": "Named by Cursor", "status": status, "createdAt": agent.began.UTC().Format(time.RFC3339Nano),
		"source": map[string]any{"repository": agent.repository},
		"target": map[string]any{"url": "https://cursor.com/agents?id=" + agent.id, "branchName": agent.branch, "prUrl": prURL},
	}
}

// conversation is empty at first; the agent says something each minute, and
// something else at its end.
func (a *v0) conversation(agent *v0Agent) []map[string]string {
	messages := []map[string]string{}
	add := func(kind, text string) {
		messages = append(messages, map[string]string{"id": fmt.Sprint(len(a.asked), len(messages)), "type": kind, "text": text})
	}
	if time.Since(agent.began) < 5*time.Second {
		return messages
	}
	add("user_message", agent.prompts[0])
	for minute := time.Minute; minute < min(time.Since(agent.began), a.duration); minute += time.Minute {
		add("assistant_message", fmt.Sprintf("After %s.", minute))
	}
	if time.Since(agent.began) >= a.duration && !agent.stopped {
		add("assistant_message", "Done.")
	}
	return messages
}

// operations are those that were asked for, with that prefix.
func (a *v0) operations(prefix string) (found []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, operation := range a.asked {
		if strings.HasPrefix(operation, prefix) {
			found = append(found, operation)
		}
	}
	return found
}

// v0World is a world whose API is of version 0.
type v0World struct {
	world
	api *v0
}

// bubbleV0 runs a test on fake time.
func bubbleV0(t *testing.T, api *v0, test func(*testing.T, *v0World)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		client, err := cursor.V0.Open(cursor.Config{Key: secret.New(key), Transport: api, CreateGrace: 2 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		w := &v0World{api: api, world: world{began: time.Now()}}
		w.agents = agent.New(agent.Config{Client: client, Key: secret.New(key), Observe: w.observe})
		test(t, w)
	})
}
