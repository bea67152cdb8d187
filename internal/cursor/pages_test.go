package cursor_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"cursor-agent-action/internal/cursor"

	"github.com/google/go-cmp/cmp"
)

func TestPagesAreReadToTheirEnd(t *testing.T) {
	t.Parallel()
	for _, end := range []string{`{"items":[{"id":"c"}]}`, `{"items":[{"id":"c"}],"nextCursor":null}`, `{"items":[{"id":"c"}],"nextCursor":""}`} {
		server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, number int) {
			say(w, 200, []string{`{"items":[{"id":"a"},{"id":"b"}],"nextCursor":"p 2"}`, `{"items":[],"nextCursor":"p3"}`, end}[number-1])
		})
		agents, err := collect(client(t, url, cursor.Config{}).ListAgents(t.Context(), cursor.ListAgentsOptions{Limit: 2}))
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, a := range agents {
			ids = append(ids, a.ID)
			if a.ServedAt.IsZero() {
				t.Errorf("agent %s has no time of its answer", a.ID)
			}
		}
		if diff := cmp.Diff([]string{"a", "b", "c"}, ids); diff != "" {
			t.Errorf("agents (-want +got):\n%s", diff)
		}
		want := []string{"GET /v1/agents?limit=2", "GET /v1/agents?cursor=p+2&limit=2", "GET /v1/agents?cursor=p3&limit=2"}
		if diff := cmp.Diff(want, server.targets()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	}
}

func TestPagesThatNeverEndAreAnError(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		cursor func(number int) string
		pages  int
		want   string
	}{
		{"the same cursor at once", func(int) string { return "x" }, 2, "the API gave the same page cursor twice"},
		{"the same cursor after a while", func(n int) string { return strconv.Itoa(n % 3) }, 4, "the API gave the same page cursor twice"},
		{"always another one", strconv.Itoa, 1000, "the list has more than 1000 pages"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, number int) {
				say(w, 200, `{"items":[{"id":"r"}],"nextCursor":"`+tt.cursor(number)+`"}`)
			})
			runs, err := collect(client(t, url, cursor.Config{}).ListRuns(t.Context(), agentID))
			want := "list runs: GET /v1/agents/" + agentID + "/runs: " + tt.want
			if diff := cmp.Diff(want, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if n := len(server.seen()); n != tt.pages || len(runs) != tt.pages {
				t.Errorf("%d requests and %d runs, want %d", n, len(runs), tt.pages)
			}
		})
	}
}

func TestAListEndsWithItsFirstErrorOrWithItsReader(t *testing.T) {
	t.Parallel()
	server, url := serve(t, func(w http.ResponseWriter, _ *http.Request, number int) {
		if number == 2 {
			say(w, 404, fault("agent_not_found", "gone"))
			return
		}
		say(w, 200, `{"items":[{"id":"a"},{"id":"b"}],"nextCursor":"2"}`)
	})
	c := client(t, url, cursor.Config{})
	var got []string
	for run, err := range c.ListRuns(t.Context(), agentID) {
		got = append(got, fmt.Sprintf("%s %v", run.ID, err))
	}
	want := []string{"a <nil>", "b <nil>", " list runs: GET /v1/agents/" + agentID + "/runs: 404 agent_not_found: gone"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sequence (-want +got):\n%s", diff)
	}
	for range c.ListRuns(t.Context(), agentID) {
		break
	}
	if n := len(server.seen()); n != 3 {
		t.Errorf("%d requests, want 2 and then 1", n)
	}
}
