//go:build e2e

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
)

// agent is what the Cursor API knows of an agent: the truth, for a judge.
type agent struct {
	ID   string `json:"id"`
	Runs []run  `json:"-"`
}

type run struct {
	ID     string `json:"id"`
	Status string `json:"status"`
}

// agents asks the simulator for all agents and their runs, newest first.
func (a *cursorAPI) agents(t *testing.T) []agent {
	t.Helper()
	var page struct {
		Items []agent `json:"items"`
	}
	a.get(t, "/v1/agents?limit=100", &page)
	for i := range page.Items {
		var runs struct {
			Items []run `json:"items"`
		}
		a.get(t, "/v1/agents/"+page.Items[i].ID+"/runs?limit=100", &runs)
		page.Items[i].Runs = runs.Items
	}
	return page.Items
}

func (a *cursorAPI) get(t *testing.T, path string, into any) {
	t.Helper()
	if err := a.tryGet(t.Context(), path, into); err != nil {
		t.Fatal(err)
	}
}

func (a *cursorAPI) tryGet(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.direct+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer the-judge")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", path, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}
