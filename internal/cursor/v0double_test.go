package cursor_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
)

// message is one message as the API of version 0 gives it, with an id that is
// another one each time.
type message struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Text string `json:"text"`
}

func asked(text string) message   { return message{Type: "user_message", Text: text} }
func answers(text string) message { return message{Type: "assistant_message", Text: text} }
func at(path string) string       { return "/v0/agents/" + agentID + path }
func said(texts ...string) (all []message) {
	for i, text := range texts {
		all = append(all, []message{asked(text), answers(text)}[i%2])
	}
	return all
}

// state is what a server of version 0 says of its one agent.
type state struct {
	status, summary, branch, pr string
	messages                    []message
	// refuse holds the status of the answers to a method and path that are
	// refused; 1 breaks the connection.
	refuse map[string]int
}

// double is a server of version 0 with one agent, whose state is the test's.
type double struct {
	mu    sync.Mutex
	state state
	reads int
	// on is told each request before it is answered, and may change the state.
	on func(s *state, target string, number int)
}

func (d *double) set(change func(*state)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(&d.state)
}

func (d *double) answer(w http.ResponseWriter, r *http.Request, number int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	target := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/v0/agents/"+agentID)
	if d.on != nil {
		d.on(&d.state, target, number)
	}
	if status := d.state.refuse[target]; status == 1 {
		panic(http.ErrAbortHandler)
	} else if status != 0 {
		say(w, status, `{"error":"no"}`)
		return
	}
	switch target {
	case "GET ", "POST /v0/agents":
		say(w, map[string]int{"GET": 200, "POST": 201}[r.Method], d.agent())
	case "GET /v0/agents":
		say(w, 200, `{"agents":[`+d.agent()+`]}`)
	case "GET /conversation":
		d.reads++
		all := append([]message{}, d.state.messages...)
		for i := range all {
			all[i].ID = fmt.Sprintf("msg_%d_%d", d.reads, i)
		}
		body, _ := json.Marshal(map[string]any{"id": agentID, "messages": all})
		say(w, 200, string(body))
	case "POST /followup", "POST /stop", "DELETE ":
		say(w, 200, `{"id":"`+agentID+`"}`)
	default:
		say(w, 404, `{"error":"no such path"}`)
	}
}

func (d *double) agent() string {
	target := map[string]any{"url": "https://cursor.com/agents?id=" + agentID, "autoCreatePr": true, "skipReviewerRequest": true}
	for field, value := range map[string]string{"branchName": d.state.branch, "prUrl": d.state.pr} {
		if value != "" {
			target[field] = value
		}
	}
	agent := map[string]any{
		"id": agentID, "name": "Add README", "status": d.state.status, "createdAt": "2026-11-23T10:00:00Z",
		"source": map[string]any{"repository": "https://github.com/o/r", "ref": "main"}, "target": target,
	}
	if d.state.summary != "" {
		agent["summary"] = d.state.summary
	}
	body, _ := json.Marshal(agent)
	return string(body)
}

// begin serves a double with that state.
func begin(t testing.TB, s state) (*double, *recorder, string) {
	t.Helper()
	d := &double{state: s}
	server, url := serve(t, d.answer)
	return d, server, url
}

// clientV0 is client for version 0.
func clientV0(t testing.TB, url string, config cursor.Config) *cursor.ClientV0 {
	t.Helper()
	config.BaseURL, config.Key = url, secret.New(testKey)
	if config.Retry == (cursor.RetryPolicy{}) {
		config.Retry = cursor.RetryPolicy{Initial: 1, Max: 1}
	}
	if config.Transport == nil {
		transport := cursor.NewTransport()
		t.Cleanup(transport.CloseIdleConnections)
		config.Transport = transport
	}
	c, err := cursor.NewV0(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// paths are the targets of a recorder without what is the same in all.
func (s *recorder) paths() []string {
	all := s.targets()
	for i := range all {
		all[i] = strings.Replace(all[i], at(""), "", 1)
	}
	return all
}
