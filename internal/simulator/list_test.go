package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/simulator"
)

type list struct {
	Items []struct {
		ID     string
		Status string
	}
	NextCursor *string
}

// pages reads a list to its end and returns the items' ids of each page.
func (c *client) pages(path string) (pages []string) {
	c.t.Helper()
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	for cursor := ""; ; {
		got := decode[list](c.t, c.want(http.StatusOK, "GET", path+cursor, "").Body)
		var ids []string
		for _, item := range got.Items {
			ids = append(ids, strings.TrimLeft(item.ID[len(item.ID)-3:], "0"))
		}
		pages = append(pages, strings.Join(ids, " "))
		if got.NextCursor == nil {
			return pages
		}
		cursor = separator + "cursor=" + *got.NextCursor
	}
}

func numbered(n int) string { return fmt.Sprintf("bc-00000000-0000-0000-0000-%012d", n) }

func TestAgentsAreListedNewestFirstInPages(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		diff(t, "no agents", `{"items":[]}`, c.want(http.StatusOK, "GET", "/v1/agents", "").Body)
		for i := range 25 {
			c.want(http.StatusCreated, "POST", "/v1/agents", strings.Replace(body, agentID, numbered(i+1), 1))
		}
		c.want(http.StatusOK, "POST", "/v1/agents/"+numbered(24)+"/archive", "")
		c.want(http.StatusOK, "DELETE", "/v1/agents/"+numbered(22), "")
		tests := []struct {
			query string
			want  []string
		}{
			{"", []string{"25 24 23 21 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5", "4 3 2 1"}},
			{"?limit=100", []string{"25 24 23 21 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1"}},
			{"?limit=12&includeArchived=true", []string{"25 24 23 21 20 19 18 17 16 15 14 13", "12 11 10 9 8 7 6 5 4 3 2 1"}},
			{"?limit=12&includeArchived=false", []string{"25 23 21 20 19 18 17 16 15 14 13 12", "11 10 9 8 7 6 5 4 3 2 1"}},
			{"?prUrl=https://github.com/acme/widgets/pull/7", []string{""}},
		}
		for _, test := range tests {
			diff(t, test.query, test.want, c.pages("/v1/agents"+test.query))
		}
	})
}

func TestACursorStaysGoodWhileAgentsComeAndGo(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		for i := range 4 {
			c.want(http.StatusCreated, "POST", "/v1/agents", strings.Replace(body, agentID, numbered(i+1), 1))
		}
		first := decode[list](t, c.want(http.StatusOK, "GET", "/v1/agents?limit=2", "").Body)
		c.want(http.StatusCreated, "POST", "/v1/agents", strings.Replace(body, agentID, numbered(5), 1))
		c.want(http.StatusOK, "DELETE", "/v1/agents/"+*first.NextCursor, "")
		diff(t, "the rest", []string{"2 1"}, c.pages("/v1/agents?cursor="+*first.NextCursor))
	})
}

func TestAgentsAreFoundByTheirPullRequest(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		c.want(http.StatusCreated, "POST", "/v1/agents", strings.Replace(body, agentID, numbered(1), 1)) // opens 7
		c.want(http.StatusCreated, "POST", "/v1/agents", `{"agentId":"`+numbered(2)+`","prompt":{"text":"x"},"repos":`+
			`[{"url":"https://github.com/acme/widgets","prUrl":"https://github.com/acme/widgets/pull/7"}]}`) // works on 7
		c.want(http.StatusCreated, "POST", "/v1/agents", `{"agentId":"`+numbered(3)+`","prompt":{"text":"x"},"repos":`+
			`[{"url":"https://github.com/acme/widgets","prUrl":"https://github.com/acme/widgets/pull/8"}]}`)
		search := "/v1/agents?prUrl=https://github.com/Acme/widgets/pull/7/"
		diff(t, "while it runs", []string{"2"}, c.pages(search))
		time.Sleep(2 * time.Second)
		diff(t, "afterwards", []string{"2 1"}, c.pages(search))
	})
}

func TestRunsAreListedNewestFirstInPages(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		c.launch()
		for range 4 {
			time.Sleep(2 * time.Second)
			c.want(http.StatusCreated, "POST", "/v1/agents/"+agentID+"/runs", `{"prompt":{"text":"more"}}`)
		}
		var newest []string
		for _, r := range c.server.Agents()[0].Runs {
			newest = append([]string{strings.TrimLeft(r.ID[len(r.ID)-3:], "0")}, newest...)
		}
		diff(t, "pages", []string{strings.Join(newest[:2], " "), strings.Join(newest[2:4], " "), newest[4]},
			c.pages("/v1/agents/"+agentID+"/runs?limit=2"))
		got := decode[list](t, c.want(http.StatusOK, "GET", "/v1/agents/"+agentID+"/runs?limit=2", "").Body)
		diff(t, "states", []string{"CREATING", "FINISHED"}, []string{got.Items[0].Status, got.Items[1].Status})
		c.want(http.StatusBadRequest, "GET", "/v1/agents/"+agentID+"/runs?cursor=run-x", "")
	})
}

func TestTheServerIsSafeForManyAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var logged int
		lock := make(chan struct{}, 1)
		s := simulator.New(simulator.Config{Scenario: short(), RateLimit: 1000, Log: func(simulator.Request) {
			lock <- struct{}{}
			logged++
			<-lock
		}})
		defer s.Close()
		c := &client{t, s, &http.Client{Transport: s.Transport()}}
		for i := range 40 {
			go func() {
				c.do("POST", "/v1/agents", strings.Replace(body, agentID, numbered(i), 1))
				agent := "/v1/agents/" + numbered(i)
				c.do("GET", agent, "")
				c.do("GET", "/v1/agents", "")
				if all, err := c.stream(agent + "/runs/" + decode[list](t, c.do("GET", agent+"/runs", "").Body).Items[0].ID); err != nil {
					t.Errorf("stream: %v after %s", err, events(all))
				}
				c.do("GET", agent+"/usage", "")
				s.Agents()
				s.Requests()
			}()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		diff(t, "requests", 40*6, logged)
	})
}
