package simulator_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// artifactURL asks for the URL of an artifact.
func (c *client) artifactURL(path string) string {
	c.t.Helper()
	got := c.want(http.StatusOK, "GET", "/v1/agents/"+agentID+"/artifacts/download?path="+url.QueryEscape(path), "")
	return decode[map[string]string](c.t, got.Body)["url"]
}

// fetch reads a URL of the storage host, without a key.
func (c *client) fetch(address string, headers ...string) response {
	c.t.Helper()
	_, path, _ := strings.Cut(address, "/_storage/")
	return c.do("GET", "/_storage/"+path, "", append([]string{"Authorization: "}, headers...)...)
}

func TestArtifactsAreThereWhenTheRunEnds(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		c.launch()
		artifacts := "/v1/agents/" + agentID + "/artifacts"
		diff(t, "before", `{"items":[]}`, c.want(http.StatusOK, "GET", artifacts, "").Body)
		diff(t, "download before", `{"error":{"code":"artifact_not_found","message":"Artifact not found: artifacts/log.txt"}}`,
			c.want(http.StatusNotFound, "GET", artifacts+"/download?path=artifacts/log.txt", "").Body)
		time.Sleep(2 * time.Second)
		item := `{"items":[{"path":"artifacts/log.txt","sizeBytes":6,"updatedAt":"2000-01-01T00:00:0%d.000Z"}]}`
		diff(t, "after", fmt.Sprintf(item, 1), c.want(http.StatusOK, "GET", artifacts, "").Body)

		got := c.want(http.StatusOK, "GET", artifacts+"/download?path=artifacts/log.txt", "")
		diff(t, "expiry", "2000-01-01T00:15:02.000Z", decode[map[string]string](t, got.Body)["expiresAt"])
		address := decode[map[string]string](t, got.Body)["url"]
		if !strings.HasPrefix(address, "http://127.0.0.1/_storage/"+agentID+"/0?Expires=946685702&Signature=") {
			t.Errorf("the URL is %s", address)
		}
		file := c.fetch(address)
		diff(t, "file", []any{200, "hello\n", "application/octet-stream"}, []any{file.Status, file.Body, file.Header.Get("Content-Type")})

		c.want(http.StatusCreated, "POST", "/v1/agents/"+agentID+"/runs", `{"prompt":{"text":"more"}}`)
		time.Sleep(2 * time.Second)
		diff(t, "after a second run", fmt.Sprintf(item, 3), c.want(http.StatusOK, "GET", artifacts, "").Body)
	})
}

func TestTheStorageHostRefusesAsS3Does(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short(), ServerClockOffset: time.Hour}, func(t *testing.T, c *client) {
		c.launch()
		time.Sleep(2 * time.Second)
		address := c.artifactURL("artifacts/log.txt")
		xml := func(code, message string) string {
			return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>"
		}
		refused := func(what string, got response, status int, body string) {
			t.Helper()
			diff(t, what, []any{status, body, "application/xml"}, []any{got.Status, got.Body, got.Header.Get("Content-Type")})
		}

		refused("with a key", c.fetch(address, "Authorization: Bearer "+key), http.StatusBadRequest,
			xml("InvalidArgument", "Only one auth mechanism allowed; the signature in the query is one, so send no Authorization header"))
		all := c.server.Requests()
		sent, asked := all[len(all)-1], all[len(all)-2]
		diff(t, "the key was seen", []any{"readStorage", agentID, asked.KeyHash}, []any{sent.Op, sent.AgentID, sent.KeyHash})

		refused("another file", c.fetch(strings.Replace(address, "/0?", "/1?", 1)), http.StatusForbidden,
			xml("SignatureDoesNotMatch", "The request signature does not match the URL"))
		refused("another expiry", c.fetch(strings.Replace(address, "Expires=9", "Expires=99", 1)), http.StatusForbidden,
			xml("SignatureDoesNotMatch", "The request signature does not match the URL"))

		time.Sleep(15*time.Minute - time.Second)
		diff(t, "just in time", 200, c.fetch(address).Status)
		time.Sleep(time.Second)
		refused("expired", c.fetch(address), http.StatusForbidden, xml("AccessDenied", "Request has expired"))

		address = c.artifactURL("artifacts/log.txt")
		c.want(http.StatusOK, "DELETE", "/v1/agents/"+agentID, "")
		refused("deleted", c.fetch(address), http.StatusNotFound, xml("NoSuchKey", "The specified key does not exist."))
	})
}

func TestADownloadNamesARelativePath(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		c.launch()
		time.Sleep(2 * time.Second)
		download := "/v1/agents/" + agentID + "/artifacts/download"
		diff(t, "no path", `{"error":{"code":"validation_error","message":"path is required"}}`,
			c.want(http.StatusBadRequest, "GET", download, "").Body)
		for _, path := range []string{"/opt/cursor/artifacts/log.txt", "log.txt", "artifacts/../log.txt", "artifacts//log.txt"} {
			diff(t, path, `{"error":{"code":"validation_error","message":"path must be a relative path under artifacts/"}}`,
				c.want(http.StatusBadRequest, "GET", download+"?path="+url.QueryEscape(path), "").Body)
		}
	})
}

// A scenario may offer files that no client should write where they say.
func TestAScenarioMayLeaveHostilePaths(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Artifacts = []simulator.Artifact{{Path: "artifacts/../../etc/passwd", Content: "x"}, {Path: "/etc/shadow", Size: 100}}
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		c.launch()
		time.Sleep(2 * time.Second)
		diff(t, "first", "x", c.fetch(c.artifactURL("artifacts/../../etc/passwd")).Body)
		diff(t, "second", strings.Repeat("0123456789abcde\n", 7)[:100], c.fetch(c.artifactURL("/etc/shadow")).Body)
	})
}

func TestAtMostHundredArtifactsAreListed(t *testing.T) {
	t.Parallel()
	scenario := short()
	for i := range 120 {
		scenario.Artifacts = append(scenario.Artifacts, simulator.Artifact{Path: fmt.Sprintf("artifacts/%d", i)})
	}
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		c.launch()
		time.Sleep(2 * time.Second)
		got := decode[map[string][]any](t, c.want(http.StatusOK, "GET", "/v1/agents/"+agentID+"/artifacts", "").Body)
		diff(t, "listed", 100, len(got["items"]))
	})
}

func TestArtifactURLsPointWhereTheServerIsSeen(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, public, base, want string
	}{
		{"host of the request", "", "http://127.0.0.1:8787", "http://127.0.0.1:8787/_storage/"},
		{"scheme of the request", "", "https://api.cursor.com", "https://api.cursor.com/_storage/"},
		{"as told", "http://10.0.0.1:9/", "http://127.0.0.1:8787", "http://10.0.0.1:9/_storage/"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, simulator.Config{Scenario: short(), PublicURL: test.public}, func(t *testing.T, c *client) {
				c.launch()
				time.Sleep(2 * time.Second)
				r := c.request("GET", "/v1/agents/"+agentID+"/artifacts/download?path=artifacts/log.txt", "")
				base, err := url.Parse(test.base)
				if err != nil {
					t.Fatal(err)
				}
				r.URL.Scheme, r.URL.Host, r.Host = base.Scheme, base.Host, ""
				got, err := c.try(r)
				if err != nil {
					t.Fatal(err)
				}
				if address := decode[map[string]string](t, got.Body)["url"]; !strings.HasPrefix(address, test.want) {
					t.Errorf("the URL is %s, want one at %s", address, test.want)
				}
			})
		})
	}
}
