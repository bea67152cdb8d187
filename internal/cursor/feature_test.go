package cursor_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"

	"github.com/google/go-cmp/cmp"
)

func TestWhatAVersionLacksIsSaidBehindTheInputsName(t *testing.T) {
	t.Parallel()
	const v0 = "needs api-version: v1, because API v0 "
	tests := []struct {
		feature       cursor.Feature
		input, v1, v0 string
	}{
		{cursor.FeatureBranch, "branch", "needs api-version: v0, because API v1 names branches itself: set that, or make the branch first and start from it with work-on-current-branch: true", ""},
		{cursor.FeatureOpenAsApp, "open-as-cursor-github-app", "needs api-version: v0, because API v1 opens pull requests as whom the key belongs to: set that, or leave it out", ""},
		{cursor.FeatureWebhook, "webhook-url", "needs api-version: v0, because API v1 calls no webhooks: set that, or leave it out", ""},
		{cursor.FeatureAgentID, "agent-id", "", v0 + "chooses the ids of agents itself: set that, or leave it out"},
		{cursor.FeatureName, "name", "", v0 + "names agents itself: set that, or leave it out"},
		{cursor.FeatureModelParams, "model", "", v0 + "takes a model's id alone: set that, or leave the parameters out"},
		{cursor.FeatureEnvironment, "environment", "", v0 + "runs agents on Cursor's own machines only: set that, or leave it out"},
		{cursor.FeatureNoRepository, "repo", "", v0 + "has no agents without a repository: set that, or name one"},
		{cursor.FeatureSeveralRepositories, "repo", "", v0 + "gives an agent one repository: set that, or name one alone"},
		{cursor.FeatureWorkOnStartingBranch, "work-on-current-branch", "", v0 + "pushes to an existing branch only where that is a pull request's: set that, or name the pull request in pull-request"},
		{cursor.FeatureSkipOwnReviewRequest, "skip-reviewer-request", "", v0 + "asks for a review of every pull request that the key's owner opens: set that, or set open-as-cursor-github-app: true"},
		{cursor.FeatureEnvVars, "env-vars", "", v0 + "takes no environment variables: set that, or leave it out"},
		{cursor.FeatureMCPServers, "mcp-servers", "", v0 + "takes no MCP servers: set that, or leave it out"},
		{cursor.FeatureSubagents, "subagents", "", v0 + "takes no subagents: set that, or leave it out"},
		{cursor.FeatureMode, "agent-mode", "", v0 + "has no plan mode: set that, or ask for a plan in the prompt"},
		{cursor.FeatureImageURLs, "images", "", v0 + "fetches no images: set that, or give files of the workspace in place of addresses"},
		{cursor.FeatureArchive, "command", "", v0 + "can't archive agents: set that, or delete the agent"},
		{cursor.FeatureReap, "command", "", v0 + "lets agents carry no mark, by which reap knows them, and can't archive them: set that, or cancel agents by pull-request"},
		{cursor.FeatureUsage, "max-tokens", "", v0 + "does not tell what an agent has used: set that, or leave it out"},
		{cursor.FeatureAge, "older-than", "", v0 + "tells when an agent was launched and not when something last happened to it: set that, or select agents by name, by pull-request or by their ids"},
		{"prompt", "prompt", "", ""},
	}
	for _, tt := range tests {
		t.Run(string(tt.feature), func(t *testing.T) {
			t.Parallel()
			want := []string{tt.input, tt.v1, tt.v1, tt.v0}
			got := []string{tt.feature.Input(), cursor.APIVersion("").Lacks(tt.feature), cursor.V1.Lacks(tt.feature), cursor.V0.Lacks(tt.feature)}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// demanding asks for everything that not every version has, but for what
// excludes something else.
func demanding() cursor.CreateAgentRequest {
	return cursor.CreateAgentRequest{
		AgentID: agentID, Name: "n", Branch: "b", OpenAsCursorGithubApp: true, Webhook: &cursor.Webhook{URL: "https://example.com"},
		Prompt: cursor.Prompt{Text: "p", Images: []cursor.Image{{Data: "AA==", MIMEType: "image/png"}, {URL: "https://example.com/x.png"}, {URL: "https://example.com/y.png"}}},
		Model:  &cursor.ModelRef{ID: "m", Params: []cursor.ModelParam{{ID: "fast", Value: "true"}}},
		Env:    &cursor.Environment{Type: "pool"}, Repos: []cursor.Repo{{URL: "r"}, {URL: "s"}},
		WorkOnCurrentBranch: true, SkipReviewerRequest: true,
		EnvVars: map[string]string{"A": "b"}, MCPServers: []cursor.MCPServer{{Name: "s", Command: "c"}}, Mode: "plan",
	}
}

func TestARequestKnowsWhatNotEveryVersionCanDo(t *testing.T) {
	t.Parallel()
	all := []cursor.Feature{
		cursor.FeatureAgentID, cursor.FeatureName, cursor.FeatureBranch, cursor.FeatureOpenAsApp, cursor.FeatureWebhook,
		cursor.FeatureModelParams, cursor.FeatureEnvironment, cursor.FeatureSeveralRepositories, cursor.FeatureWorkOnStartingBranch,
		cursor.FeatureEnvVars, cursor.FeatureMCPServers, cursor.FeatureMode, cursor.FeatureImageURLs,
	}
	plain := cursor.CreateAgentRequest{Prompt: cursor.Prompt{Text: "p"}, Repos: []cursor.Repo{{URL: "r"}}, Model: &cursor.ModelRef{ID: "m"}, Mode: "agent", AutoCreatePR: true}
	changed := func(change func(*cursor.CreateAgentRequest)) cursor.CreateAgentRequest {
		request := plain
		change(&request)
		return request
	}
	tests := []struct {
		name    string
		request cursor.CreateAgentRequest
		want    []cursor.Feature
	}{
		{"everything", demanding(), all},
		{"what all have", plain, nil},
		{"no repository", changed(func(r *cursor.CreateAgentRequest) { r.Repos = nil }), []cursor.Feature{cursor.FeatureNoRepository}},
		{"an environment's repositories", changed(func(r *cursor.CreateAgentRequest) {
			r.Repos, r.Env = nil, &cursor.Environment{Type: "cloud", Name: "w"}
		}), []cursor.Feature{cursor.FeatureEnvironment}},
		{"a pull request's own branch", changed(func(r *cursor.CreateAgentRequest) {
			r.WorkOnCurrentBranch, r.Repos = true, []cursor.Repo{{URL: "r", PRURL: "u"}}
		}), nil},
		{"no reviewer of the owner's pull request", changed(func(r *cursor.CreateAgentRequest) { r.SkipReviewerRequest = true }), []cursor.Feature{cursor.FeatureSkipOwnReviewRequest}},
		{"no reviewer of the app's pull request", changed(func(r *cursor.CreateAgentRequest) { r.SkipReviewerRequest, r.OpenAsCursorGithubApp = true, true }), []cursor.Feature{cursor.FeatureOpenAsApp}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, tt.request.Features()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	followUp := cursor.CreateRunRequest{Prompt: demanding().Prompt, MCPServers: demanding().MCPServers, Mode: "plan"}
	if diff := cmp.Diff([]cursor.Feature{cursor.FeatureMCPServers, cursor.FeatureMode, cursor.FeatureImageURLs}, followUp.Features()); diff != "" {
		t.Errorf("a follow-up (-want +got):\n%s", diff)
	}
}

func TestWhatAVersionLacksIsNeverSent(t *testing.T) {
	t.Parallel()
	_, server, url := begin(t, finished())
	v1, v0 := client(t, url, cursor.Config{}), clientV0(t, url, cursor.Config{})
	create := func(api cursor.API) error { _, err := api.CreateAgent(t.Context(), demanding()); return err }
	tests := []struct {
		name, want string
		err        error
	}{
		{"create with v1", "create agent: feature_unavailable: branch needs api-version: v0, because API v1 names branches itself: set that, or make the branch first and start from it with work-on-current-branch: true; " +
			"open-as-cursor-github-app needs api-version: v0, because API v1 opens pull requests as whom the key belongs to: set that, or leave it out; " +
			"webhook-url needs api-version: v0, because API v1 calls no webhooks: set that, or leave it out", create(v1)},
		{"create with v0", "", create(v0)},
		{"follow-up with v0", "create run: feature_unavailable: agent-mode needs api-version: v1, because API v0 has no plan mode: set that, or ask for a plan in the prompt",
			func() error {
				_, err := v0.CreateRun(t.Context(), agentID, cursor.CreateRunRequest{Mode: "plan"})
				return err
			}()},
		{"archive with v0", "archive agent: feature_unavailable: command needs api-version: v1, because API v0 can't archive agents: set that, or delete the agent", v0.ArchiveAgent(t.Context(), agentID)},
		{"unarchive with v0", "unarchive agent: feature_unavailable: command needs api-version: v1, because API v0 can't archive agents: set that, or delete the agent", v0.UnarchiveAgent(t.Context(), agentID)},
		{"usage with v0", "get usage: feature_unavailable: API v0 does not tell what an agent has used; use api-version: v1 for that",
			func() error { _, err := v0.Usage(t.Context(), agentID, ""); return err }()},
	}
	for _, tt := range tests {
		e := asError(t, tt.err)
		if e.Class != cursor.Final || e.MaybeDone || !errors.Is(tt.err, cursor.CodeFeatureUnavailable) {
			t.Errorf("%s: got %#v, want a final refusal", tt.name, e)
		}
		if diff := cmp.Diff(tt.want, text(tt.err)); diff != "" && tt.want != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if n := len(server.seen()); n != 0 {
		t.Errorf("%d requests, want none", n)
	}
}

func TestAnAgentIsFoundAgainByWhatTheVersionLetsUsChoose(t *testing.T) {
	t.Parallel()
	onPullRequest := []cursor.Repo{{URL: "r", PRURL: "u"}}
	tests := []struct {
		name    string
		request cursor.CreateAgentRequest
		v1, v0  cursor.FindBy
	}{
		{"a branch", cursor.CreateAgentRequest{Repos: []cursor.Repo{{URL: "r"}}}, cursor.ByID, cursor.ByBranch},
		{"environment variables", cursor.CreateAgentRequest{EnvVars: map[string]string{"A": "b"}}, cursor.ByName, cursor.ByBranch},
		{"a new branch for a pull request", cursor.CreateAgentRequest{Repos: onPullRequest}, cursor.ByID, cursor.ByBranch},
		{"a pull request's branch", cursor.CreateAgentRequest{Repos: onPullRequest, WorkOnCurrentBranch: true}, cursor.ByID, cursor.ByPullRequest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := []cursor.FindBy{tt.v1, tt.v1, tt.v0}
			got := []cursor.FindBy{cursor.APIVersion("").FindBy(tt.request), cursor.V1.FindBy(tt.request), cursor.V0.FindBy(tt.request)}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAPreviewIsWhatACreateSends(t *testing.T) {
	t.Parallel()
	request := cursor.CreateAgentRequest{Prompt: cursor.Prompt{Text: "Hi"}, Repos: []cursor.Repo{{URL: "r", StartingRef: "main"}}, AutoCreatePR: true}
	for version, want := range map[cursor.APIVersion]string{
		"":        `/v1/agents {"prompt":{"text":"Hi"},"repos":[{"url":"r","startingRef":"main"}],"autoCreatePR":true}`,
		cursor.V1: `/v1/agents {"prompt":{"text":"Hi"},"repos":[{"url":"r","startingRef":"main"}],"autoCreatePR":true}`,
		cursor.V0: `/v0/agents {"prompt":{"text":"Hi"},"source":{"repository":"r","ref":"main"},"target":{"autoCreatePr":true}}`,
	} {
		path, body := version.Preview(request)
		text, err := json.Marshal(body)
		if diff := cmp.Diff(want, path+" "+string(text)); diff != "" || err != nil {
			t.Errorf("%q: error %v (-want +got):\n%s", version, err, diff)
		}
	}
}

func TestAVersionIsOpenedByItsName(t *testing.T) {
	t.Parallel()
	_, server, url := begin(t, finished())
	for version, want := range map[cursor.APIVersion]cursor.APIVersion{"": cursor.V1, "v1": cursor.V1, "v0": cursor.V0} {
		api, err := version.Open(cursor.Config{BaseURL: url, Key: secret.New(testKey)})
		if err != nil || api.Version() != want {
			t.Fatalf("%q gives %v, %v", version, api, err)
		}
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			if shown := fmt.Sprintf(format, api); strings.Contains(shown, testKey) || !strings.Contains(shown, url) {
				t.Errorf("%q with %s prints as %s", version, format, shown)
			}
		}
		wrong, err := version.Open(cursor.Config{BaseURL: url})
		if diff := cmp.Diff("the Cursor API key is empty; create one at https://cursor.com/dashboard/api", text(err)); diff != "" || wrong != nil {
			t.Errorf("%q gives %v and the error (-want +got):\n%s", version, wrong, diff)
		}
	}
	_, err := cursor.APIVersion("v2").Open(cursor.Config{Key: secret.New(testKey)})
	if diff := cmp.Diff(`the API version "v2" is not known; use v1 or v0`, text(err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	if !slices.Equal(cursor.APIVersions(), []cursor.APIVersion{cursor.V1, cursor.V0}) || len(server.seen()) != 0 {
		t.Errorf("versions %v, %d requests", cursor.APIVersions(), len(server.seen()))
	}
}

func TestAWebhooksSecretStaysOutOfErrors(t *testing.T) {
	t.Parallel()
	const hidden = "0123456789-hook-secret-0123456789"
	_, url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		say(w, 400, `{"error":"webhook secret `+hidden+` is bad"}`)
	})
	request := cursor.CreateAgentRequest{
		Prompt: cursor.Prompt{Text: "p"}, Repos: []cursor.Repo{{URL: "r"}}, Webhook: &cursor.Webhook{URL: "https://example.com", Secret: hidden},
	}
	_, err := clientV0(t, url, cursor.Config{}).CreateAgent(context.Background(), request)
	if diff := cmp.Diff("create agent: POST /v0/agents: 400 Bad Request: webhook secret *** is bad", text(err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}
