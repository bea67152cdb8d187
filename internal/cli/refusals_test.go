package cli_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/simulator"
)

// refusing is an API that answers every create like this.
func refusing(answer simulator.Answer) simulator.Config {
	return simulator.Config{Scenario: simulator.Scenario{
		Faults: []simulator.Fault{{Operation: "createAgent", Answer: &answer}},
	}}
}

func TestEachRefusalSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		answer simulator.Answer
		inputs []string
		said   string // of the refusal
		next   string
	}{
		{"401", simulator.Answer{Status: 401, Shape: "flat", Code: "error", Message: "Invalid User API Key"}, nil,
			"401 Unauthorized: Invalid User API Key (request {createAgent})", "put a key of a user or a service account, not of a team admin, into the secret behind api-key: https://cursor.com/dashboard/api; see command: doctor"},
		{"plan", simulator.Answer{Status: 403, Code: "plan_required", Message: "Cloud Agent is not available for free users. Please upgrade to Pro."}, nil,
			"403 plan_required: Cloud Agent is not available for free users. Please upgrade to Pro. (request {createAgent})", "upgrade the plan of the key's account at https://cursor.com/dashboard; see command: doctor"},
		{"role", simulator.Answer{Status: 403, Code: "role_forbidden", Message: "No."}, nil,
			"403 role_forbidden: No. (request {createAgent})", "use the key of a user whose role may launch cloud agents, or ask a team admin for that role; see command: doctor"},
		{"feature", simulator.Answer{Status: 403, Code: "feature_unavailable", Message: "No."}, nil,
			"403 feature_unavailable: No. (request {createAgent})", "this is not enabled for the key's account: leave out the input that needs it, or ask Cursor to enable it"},
		{"service account", simulator.Answer{Status: 403, Code: "service_account_required", Message: "No."}, nil,
			"403 service_account_required: No. (request {createAgent})", "use the key of a service account, which an admin of the team creates; see command: doctor"},
		{"team admin", simulator.Answer{Status: 403, Code: "team_admin_required", Message: "No."}, nil,
			"403 team_admin_required: No. (request {createAgent})", "use the key of a user who is an admin of the team: keys of the team itself do not work here; see command: doctor"},
		{"kind of key", simulator.Answer{Status: 403, Code: "key_not_supported", Message: "No."}, nil,
			"403 key_not_supported: No. (request {createAgent})", "put a key of a user or a service account into the secret behind api-key: https://cursor.com/dashboard/api; see command: doctor"},
		{"integration", simulator.Answer{Status: 403, Body: `{"error": {"code": "integration_not_connected", "message": "Connect GitHub", "helpUrl": "https://cursor.com/help", "provider": "github"}}`}, nil,
			"403 integration_not_connected: Connect GitHub (request {createAgent})", "connect the code host to Cursor at https://cursor.com/dashboard/integrations (https://cursor.com/help); see command: doctor"},
		{"repository", simulator.Answer{Status: 400, Code: "repository_access", Message: "No."}, nil,
			"400 repository_access: No. (request {createAgent})", "give Cursor access to the repository at https://cursor.com/dashboard/integrations"},
		{"no repository", simulator.Answer{Status: 400, Code: "repository_required", Message: "No."}, nil,
			"400 repository_required: No. (request {createAgent})", "set repo: the key's account may not run agents without a repository"},
		{"a branch's name", simulator.Answer{Status: 400, Code: "invalid_branch_name", Message: "No."}, nil,
			"400 invalid_branch_name: No. (request {createAgent})", "set ref to a branch that exists"},
		{"a pull request", simulator.Answer{Status: 400, Code: "pr_resolution_failed", Message: "No."}, []string{"pull-request", "7"},
			"400 pr_resolution_failed: No. (request {createAgent})", "check pull-request, and give Cursor access to its repository at https://cursor.com/dashboard/integrations"},
		{"too many agents", simulator.Answer{Status: 429, Code: "rate_limit_exceeded", Message: "You've reached the limit of agents", RetryAfter: "900"}, nil,
			"429 rate_limit_exceeded: You've reached the limit of agents (request {createAgent})", "archive old agents at https://cursor.com/agents: they count until then"},
		{"too many requests", simulator.Answer{Status: 429, Code: "rate_limit_exceeded", Message: "slow down", RetryAfter: "900"}, nil,
			"429 rate_limit_exceeded: slow down (request {createAgent})", "run fewer jobs at once, or run this one again later"},
		{"a redirect", simulator.Answer{Status: 302, Headers: map[string]string{"Location": "https://elsewhere.example/v1/agents"}, Shape: "empty"}, nil,
			"302 Found: a redirect to https://elsewhere.example, which was not followed (request {createAgent})", "check api-url: it must be the API's own address"},
		{"a proxy", simulator.Answer{Status: 407, Shape: "empty"}, nil,
			"407 Proxy Authentication Required (request {createAgent})", "put the proxy's user name and password into HTTPS_PROXY; see command: doctor"},
		{"an environment", simulator.Answer{Status: 404, Code: "environment_not_found", Message: "No."}, nil,
			"404 environment_not_found: No. (request {createAgent})", "set environment to the name of one that the key's account has"},
		{"another 403", simulator.Answer{Status: 403, Shape: "html"}, nil,
			`403 Forbidden: a web page titled "403 Forbidden" (request {createAgent})`, "the key's account may not do this: check its plan and role at https://cursor.com/dashboard, and that Cursor's GitHub App covers the repository; see command: doctor"},
		{"branch", simulator.Answer{Status: 400, Code: "validation_error", Message: "Failed to verify existence of branch 'main' in repository acme/shop. Please ensure the branch name is correct."}, nil,
			"400 validation_error: Failed to verify existence of branch 'main' in repository acme/shop. Please ensure the branch name is correct. (request {createAgent}, N attempts)", "this is mostly missing access, not a missing branch: install Cursor's GitHub App for acme/shop at https://cursor.com/dashboard/integrations, with the account of the key; then check ref"},
		{"validation", simulator.Answer{Status: 400, Code: "validation_error", Message: "name: too long"}, nil,
			"400 validation_error: name: too long (request {createAgent})", "correct the input that the message names"},
		{"422", simulator.Answer{Status: 422, Code: "validation_error", Message: "no"}, nil,
			"422 validation_error: no (request {createAgent})", "correct the input that the message names"},
		{"404", simulator.Answer{Status: 404, Shape: "empty"}, nil,
			"404 Not Found (request {createAgent})", "check api-url: there is no such API at that address"},
		{"busy", simulator.Answer{Status: 409, Code: "agent_busy", Message: "busy"}, nil,
			"409 agent_busy: busy (request {createAgent})", "wait until the agent's live run has ended, or cancel that at https://cursor.com/agents, and run the job again"},
		{"archived", simulator.Answer{Status: 409, Code: "agent_archived", Message: "archived"}, nil,
			"409 agent_archived: archived (request {createAgent})", "unarchive the agent at https://cursor.com/agents, and run the job again"},
		{"spend limit", simulator.Answer{Status: 429, Code: "usage_limit_exceeded", Message: "limit"}, nil,
			"429 usage_limit_exceeded: limit (request {createAgent})", "raise the spend limit of the key's account at https://cursor.com/dashboard; see command: doctor"},
		{"an unknown model", simulator.Answer{Status: 400, Code: "invalid_model", Message: "Unknown model"}, []string{"model", "composer-22"},
			"400 invalid_model: Unknown model (request {createAgent})", "did you mean composer-2.5 or composer? leave model out for the account's default"},
		{"a model that is like none", simulator.Answer{Status: 400, Code: "validation_error", Message: "Model 'zzzz' does not match a known variant"}, []string{"model", "zzzz"},
			"400 validation_error: Model 'zzzz' does not match a known variant (request {createAgent})", "set model to one of the account's, such as composer-2.5, composer, composer-latest, auto-smart, claude-4.6-sonnet-thinking, sonnet, or leave it out"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := diagnosis{
					faults: []simulator.Fault{{Operation: "createAgent", Answer: &test.answer}}, inputs: test.inputs,
					want: "::error::api-error: create agent: POST /v1/agents: " + test.said + "; nothing was launched; " + test.next,
				}
				s := d.run(t)
				d.check(t, s)
				if len(s.api.Agents()) != 0 {
					t.Error("an agent was launched")
				}
				if s.state()["stage"] != "settled" {
					t.Errorf("the cleanup stage is not told that nothing is left: %v", s.state())
				}
			})
		})
	}
}

func TestAThrottledMinuteIsWaitedOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := scenario(t, "happy")
		config.Scenario.Faults = []simulator.Fault{{Operation: "createAgent", When: simulator.When{First: 2},
			Answer: &simulator.Answer{Status: 429, Code: "rate_limit_exceeded", Message: "slow down", RetryAfter: "30"}}}
		s := newStep(t, config)
		began := time.Now()
		if status := s.run(t.Context()); status != 0 {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
		if took := time.Since(began); took < time.Minute {
			t.Errorf("Retry-After was not honoured: all was over after %s", took)
		}
		if !strings.Contains(s.logged(), "Trying again in 30s: create agent: POST /v1/agents: 429 rate_limit_exceeded: slow down") {
			t.Errorf("the log does not tell of the wait:\n%s", s.logged())
		}
	})
}

func TestALaunchThatHangsSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := scenario(t, "happy")
		config.Scenario.Faults = []simulator.Fault{{Operation: "createAgent", When: simulator.When{First: 1},
			Delay: 31 * time.Second, Reset: "before"}}
		s := newStep(t, config)
		if status := s.run(t.Context()); status != 0 {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
		if !strings.Contains(s.logged(), "s, after an attempt of 31s: create agent: POST /v1/agents: ") {
			t.Errorf("the log does not tell of half a minute lost:\n%s", s.logged())
		}
	})
}

func TestFiveMinutesOfServerErrorsEndALaunchAndNotAFollow(t *testing.T) {
	t.Parallel()
	down := &simulator.Answer{Status: 503, Shape: "html"}
	t.Run("launch", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := newStep(t, refusing(*down))
			began := time.Now()
			status := s.run(t.Context())
			if took := time.Since(began); took < 4*time.Minute || took > 6*time.Minute {
				t.Errorf("the launch was given up after %s", took)
			}
			if status != 1 {
				t.Errorf("exit status %d, last line %s", status, s.lastLine())
			}
		})
	})
	t.Run("follow", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			config := scenario(t, "happy")
			config.Scenario.Duration = time.Minute
			config.Scenario.Faults = []simulator.Fault{
				{Operation: "streamRun", Answer: down},
				{Operation: "getRun", When: simulator.When{First: 12}, Answer: down},
			}
			s := newStep(t, config)
			if status := s.run(t.Context()); status != 0 || s.outputs()["outcome"] != "succeeded" {
				t.Errorf("exit status %d, outcome %s\n%s", status, s.outputs()["outcome"], s.logged())
			}
		})
	})
}

// unreachable is a network on which each connection fails the same way.
func unreachable(err error) http.RoundTripper {
	return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, err }}
}

func TestANetworkThatFailsSaysWhatToDo(t *testing.T) {
	t.Parallel()
	const trust = "if a proxy or a private authority signs it, put that authority's certificate into a file and its path into SSL_CERT_FILE; see command: doctor"
	for _, test := range []struct {
		name       string
		err        error
		said, next string
	}{
		{"DNS", &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "api.cursor.com", IsNotFound: true}},
			"dial tcp: lookup api.cursor.com: no such host (N attempts)", "correct api-url, or let this machine ask a DNS server that knows api.cursor.com; see command: doctor"},
		{"an unknown authority", &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}},
			"tls: failed to verify certificate: x509: certificate signed by unknown authority", trust},
		{"no TLS", tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"},
			"tls: first record does not look like a TLS handshake", "check the port in api-url, and whether a captive portal or proxy answers instead; see command: doctor"},
		{"refused", &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")},
			"dial tcp: connection refused (N attempts)", "check api-url and the runner's network, and run the job again; see command: doctor"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := diagnosis{
					network: unreachable(test.err),
					want:    "::error::api-error: create agent: POST /v1/agents: " + test.said + "; nothing was launched; " + test.next,
				}
				d.check(t, d.run(t))
			})
		})
	}
}

func TestALostCreateWithEnvironmentVariablesIsNeverRepeated(t *testing.T) {
	t.Parallel()
	lost := func(reset string) simulator.Config {
		config := simulator.Config{}
		config.Scenario, _ = simulator.Builtin("happy")
		config.Scenario.Faults = []simulator.Fault{{Operation: "createAgent", Reset: reset}}
		return config
	}
	t.Run("found by its name", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := newStep(t, lost("after")).with("env-vars", "TOKEN=abcdefgh")
			if status := s.run(t.Context()); status != 0 || s.outputs()["attached"] != "false" {
				t.Errorf("exit status %d, outputs %v\n%s", status, s.outputs(), s.logged())
			}
			if s.creates() != 1 || len(s.api.Agents()) != 1 {
				t.Errorf("%d creates, %d agents", s.creates(), len(s.api.Agents()))
			}
			if strings.Contains(s.logged()+s.summary()+s.read("GITHUB_OUTPUT"), "abcdefgh") {
				t.Error("the variable's value was written")
			}
		})
	})
	t.Run("not found", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := newStep(t, lost("before")).with("env-vars", "TOKEN=abcdefgh")
			status := s.run(t.Context())
			last := s.lastLine()
			if status != 1 || s.creates() != 1 ||
				!strings.HasPrefix(last, "::error::api-error: launch agent: an agent may have been launched, but it could not be found (name \"Fix the flaky test. [gh-1000-") ||
				!strings.HasSuffix(last, "; look for it at https://cursor.com/agents before you run the job again, which may launch a second one") {
				t.Errorf("exit status %d, %d creates, last line %s", status, s.creates(), last)
			}
		})
	})
}
