package agent_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
)

func TestSpecsThatTheAPIWouldRefuseAreRefusedFirst(t *testing.T) {
	t.Parallel()
	tooMany := map[string]string{}
	for i := range 51 {
		tooMany[fmt.Sprintf("V%02d", i)] = "x"
	}
	for _, test := range []struct {
		name string
		mend func(*agent.Spec)
		want string
	}{
		{"good", func(*agent.Spec) {}, ""},
		{"five images", func(s *agent.Spec) { s.Prompt.Images = make([]cursor.Image, 5) }, ""},
		{"named cloud environment", func(s *agent.Spec) {
			s.Repository, s.Environment = "", &cursor.Environment{Type: "cloud", Name: "large"}
		}, ""},
		{"pool with a repository", func(s *agent.Spec) { s.Environment = &cursor.Environment{Type: "pool", Name: "large"} }, ""},
		{"cloud without name, with a repository", func(s *agent.Spec) { s.Environment = &cursor.Environment{Type: "cloud"} }, ""},

		{"blank prompt", func(s *agent.Spec) { s.Prompt.Text = " \n\t" }, "the prompt is empty"},
		{"prompt in Latin-1", func(s *agent.Spec) { s.Prompt.Text = "caf\xe9" }, "the prompt is not UTF-8"},
		{"six images", func(s *agent.Spec) { s.Prompt.Images = make([]cursor.Image, 6) },
			"6 images, but an agent takes at most 5"},
		{"no repository", func(s *agent.Spec) { s.Repository = "" }, "no repository"},
		{"pool without repository", func(s *agent.Spec) {
			s.Repository, s.Environment = "", &cursor.Environment{Type: "pool", Name: "large"}
		}, "no repository"},
		{"named cloud environment with a repository", func(s *agent.Spec) {
			s.Environment = &cursor.Environment{Type: "cloud", Name: "large"}
		}, "a named cloud environment brings its own repositories: name no repository with it"},
		{"named cloud environment with a pull request", func(s *agent.Spec) {
			s.Repository, s.Environment = "", &cursor.Environment{Type: "cloud", Name: "large"}
			s.PullRequest = "https://github.com/acme/widgets/pull/1"
		}, "a named cloud environment brings its own repositories: name no pull request with it"},
		{"reviewers without pull request", func(s *agent.Spec) { s.CreatePR, s.SkipReviewerRequest = false, true },
			"skipping the reviewer request needs a pull request to be created"},
		{"the app's pull request without one", func(s *agent.Spec) { s.CreatePR, s.OpenAsCursorGithubApp = false, true },
			"opening a pull request as Cursor's app needs one to be created"},
		{"a new branch on the current one", func(s *agent.Spec) { s.Branch, s.WorkOnCurrentBranch = "feature/x", true },
			"the branch \"feature/x\" can't be created where the agent works on the current one"},
		{"a webhook", func(s *agent.Spec) {
			s.Webhook = &cursor.Webhook{URL: "https://example.com", Secret: strings.Repeat("s", 32)}
		}, ""},
		{"a webhook without secret", func(s *agent.Spec) { s.Webhook = &cursor.Webhook{URL: "https://example.com"} }, ""},
		{"a webhook with too much", func(s *agent.Spec) {
			s.Webhook = &cursor.Webhook{URL: strings.Repeat("u", 2049), Secret: strings.Repeat("s", 257)}
		}, "the webhook's address has 2049 characters, but 1 to 2048 are allowed\nthe webhook's secret has 257 characters, but 32 to 256 are allowed"},
		{"a webhook with too little", func(s *agent.Spec) { s.Webhook = &cursor.Webhook{Secret: "hunter2"} },
			"the webhook's address has 0 characters, but 1 to 2048 are allowed\nthe webhook's secret has 7 characters, but 32 to 256 are allowed"},
		{"too many variables", func(s *agent.Spec) { s.EnvVars = tooMany },
			"51 environment variables, but an agent takes at most 50"},
		{"MCP server without name", func(s *agent.Spec) { s.MCPServers = []cursor.MCPServer{{Command: "x"}} },
			"MCP server 1 has no name"},
		{"several at once", func(s *agent.Spec) {
			s.Prompt.Text, s.Repository = "", ""
			s.EnvVars = map[string]string{"A": ""}
			s.MCPServers = []cursor.MCPServer{{Name: "a"}}
		}, "the prompt is empty\nno repository\nA has no value\nMCP server \"a\" needs either a command or a url"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			spec := task()
			test.mend(&spec)
			if diff := cmp.Diff(test.want, text(spec.Validate())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestVariablesThatTheAPIWouldRefuseAreRefusedWithoutTheirValues(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("N", 256)
	err := agent.ValidateEnvVars(map[string]string{
		"GOOD":           strings.Repeat("v", 4096),
		long[:255]:       "v",
		"":               "secret",
		long:             "secret",
		"CURSOR_KEY":     "secret",
		"cursor_session": "secret",
		"EMPTY":          "",
		"LARGE":          strings.Repeat("s", 4097),
	})
	want := strings.Join([]string{
		`the name "" must have 1 to 255 bytes`,
		`the name CURSOR_KEY is Cursor's own: choose one that does not start with CURSOR_`,
		`EMPTY has no value`,
		`the value of LARGE has 4097 bytes, and at most 4096 are allowed`,
		`the name "` + long[:40] + `" must have 1 to 255 bytes`,
		`the name cursor_session is Cursor's own: choose one that does not start with CURSOR_`,
	}, "\n")
	if diff := cmp.Diff(want, text(err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMCPServersThatTheAPIWouldRefuseAreRefusedFirst(t *testing.T) {
	t.Parallel()
	many := make([]cursor.MCPServer, 51)
	for i := range many {
		many[i] = cursor.MCPServer{Name: fmt.Sprint(i), Command: "x"}
	}
	for _, test := range []struct {
		name    string
		servers []cursor.MCPServer
		want    string
	}{
		{"none", nil, ""},
		{"fifty", many[:50], ""},
		{"fifty-one", many, "51 MCP servers, but an agent takes at most 50"},
		{"no name", []cursor.MCPServer{many[0], {URL: "https://x"}}, "MCP server 2 has no name"},
		{"the same name twice", []cursor.MCPServer{many[0], many[1], many[0]}, `two MCP servers are named "0"`},
		{"neither command nor url", []cursor.MCPServer{{Name: "a"}}, `MCP server "a" needs either a command or a url`},
		{"both command and url", []cursor.MCPServer{{Name: "a", Command: "x", URL: "https://x"}},
			`MCP server "a" needs either a command or a url`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, text(agent.ValidateMCPServers(test.servers))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRequestsCarryTheWholeSpec(t *testing.T) {
	t.Parallel()
	spec, whole := full(), full()
	spec.EnvVars = nil
	want := cursor.CreateAgentRequest{ // with the credentials, which do not identify
		AgentID:             id(work(), spec, 2),
		Name:                name(spec, work(), 2),
		Prompt:              whole.Prompt,
		Model:               whole.Model,
		Env:                 whole.Environment,
		Repos:               []cursor.Repo{{URL: "https://github.com/acme/widgets", StartingRef: "main"}},
		WorkOnCurrentBranch: true, AutoCreatePR: true, SkipReviewerRequest: true,
		MCPServers: whole.MCPServers,
		Mode:       "plan",
	}
	if diff := cmp.Diff(want, agent.Request(cursor.V1, secret.New(key), work(), spec, 2)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRequestsLeaveOutWhatTheAPIDoesNotTakeTogether(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		mend func(*agent.Spec)
		want []cursor.Repo
	}{
		{"branch", func(*agent.Spec) {}, []cursor.Repo{{URL: task().Repository, StartingRef: "main"}}},
		{"pull request", func(s *agent.Spec) { s.PullRequest = "https://github.com/acme/widgets/pull/7" },
			[]cursor.Repo{{URL: task().Repository, PRURL: "https://github.com/acme/widgets/pull/7"}}},
		{"environment's own repositories", func(s *agent.Spec) { s.Repository = "" }, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			spec := task()
			test.mend(&spec)
			if diff := cmp.Diff(test.want, agent.Request(cursor.V1, secret.New(key), work(), spec, 0).Repos); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	spec := task()
	spec.EnvVars = map[string]string{"TOKEN": "x"}
	request := agent.Request(cursor.V1, secret.New(key), work(), spec, 0)
	if request.AgentID != "" || request.EnvVars["TOKEN"] != "x" {
		t.Errorf("with variables the request has the id %q and the variables %v, want none and them", request.AgentID, request.EnvVars)
	}
}
