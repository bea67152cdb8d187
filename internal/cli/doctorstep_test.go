package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

const githubToken = "ghs_t0ken0123456789abcdef"

// hubAnswer is what GitHub says at one path.
type hubAnswer struct {
	status int
	header map[string]string
	body   string
}

// hub is a GitHub for one test: it says 404 where it has no answer.
type hub struct {
	url string

	mu      sync.Mutex
	answers map[string]hubAnswer
	asked   []string
}

// newHub serves a GitHub that has acme/shop with its branch main.
func newHub(t *testing.T) *hub {
	t.Helper()
	h := &hub{answers: map[string]hubAnswer{
		"/repos/acme/shop":                    {200, nil, `{"full_name": "acme/shop", "private": true, "default_branch": "main"}`},
		"/repos/acme/shop/git/ref/heads/main": {200, nil, `{"ref": "refs/heads/main"}`},
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.asked = append(h.asked, r.Method+" "+r.URL.Path)
		answer, found := h.answers[r.URL.Path]
		if !found {
			answer = hubAnswer{404, nil, `{"message": "Not Found"}`}
		}
		for name, value := range answer.header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(answer.status)
		fmt.Fprint(w, answer.body)
	}))
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

func (h *hub) says(path string, status int, body string, header ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers[path] = hubAnswer{status, map[string]string{}, body}
	for i := 0; i < len(header); i += 2 {
		h.answers[path].header[header[i]] = header[i+1]
	}
}

// doctorStep is a step in which all is well.
func doctorStep(t *testing.T, config simulator.Config) (*workflowStep, *hub) {
	t.Helper()
	h := newHub(t)
	s := newStep(t, config).with("command", "doctor", "prompt", "", "github-token", githubToken,
		"GITHUB_API_URL", h.url, "GITHUB_WORKFLOW_REF", "acme/shop/.github/workflows/fix.yml@refs/heads/main")
	s.file(".github/workflows/fix.yml", "jobs:\n  fix:\n    timeout-minutes: 75\n")
	return s, h
}

// finding is one as result-json has it.
type finding struct{ Name, Status, Found, Fix, Link string }

// findings are those of the output result-json.
func (s *workflowStep) findings() (healthy bool, all []finding) {
	s.t.Helper()
	var whole struct {
		Healthy  bool
		Findings []finding
	}
	if err := json.Unmarshal([]byte(s.outputs()["result-json"]), &whole); err != nil {
		s.t.Fatalf("result-json: %v\n%s", err, s.logged())
	}
	return whole.Healthy, whole.Findings
}

var answerTime = regexp.MustCompile(`answers in [0-9.]+[µm]?s`)

// shown is a finding as the log has it.
func shown(f finding) string {
	text := fmt.Sprintf("%-12s %-13s  %s\n", f.Status, f.Name, f.Found)
	if f.Fix != "" {
		text += "                            fix: " + f.Fix + "\n"
	}
	if f.Link != "" {
		text += "                            see: " + f.Link + "\n"
	}
	return text
}

var requestID = regexp.MustCompile(`\(request [0-9a-f-]{36}\)`)

// expectFinding asserts a finding in log, annotations, output and exit status.
func expectFinding(t *testing.T, s *workflowStep, status int, want finding) {
	t.Helper()
	healthy, all := s.findings()
	at := slices.IndexFunc(all, func(f finding) bool { return f.Name == want.Name })
	if at < 0 {
		t.Fatalf("no finding %s: %v", want.Name, all)
	}
	got := all[at]
	if strings.Contains(want.Found, "(request REQUEST)") {
		got.Found = requestID.ReplaceAllString(got.Found, "(request REQUEST)")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("finding (-want +got):\n%s", diff)
	}
	if !strings.Contains("\n"+s.logged(), "\n"+shown(all[at])) {
		t.Errorf("the log lacks\n%s\n%s", shown(all[at]), s.logged())
	}
	text := "doctor: " + all[at].Name + ": " + all[at].Found
	if all[at].Fix != "" {
		text += "; " + all[at].Fix
	}
	if all[at].Link != "" {
		text += " (" + all[at].Link + ")"
	}
	annotation := map[string]string{"failed": "::error::", "warning": "::warning::"}[want.Status]
	if annotation != "" && !strings.Contains(s.logged(), annotation+strings.ReplaceAll(text, "%", "%25")+"\n") {
		t.Errorf("the log lacks the annotation %s%s\n%s", annotation, text, s.logged())
	}
	failed := slices.ContainsFunc(all, func(f finding) bool { return f.Status == "failed" })
	if healthy == failed || failed != (status == 1) || status > 1 {
		t.Errorf("healthy %t with exit status %d", healthy, status)
	}
	if strings.Contains(s.logged(), "::error::") != failed {
		t.Errorf("annotations:\n%s", s.logged())
	}
}

// Whoever puts doctor in a launch's place keeps the launch's inputs, its event
// included.
func TestDoctorTakesTheInputsAndTheEventOfALaunch(t *testing.T) {
	t.Parallel()
	s, h := doctorStep(t, scenario(t, "happy"))
	h.says("/repos/acme/shop/git/ref/heads/feature/x", 200, `{"ref": "refs/heads/feature/x"}`)
	s.on(opened).with("prompt", "Fix it.", "context", "event", "template", "true", "required-permission", "admin", "trigger-phrase", "@cursor", "trigger-label", "cursor",
		"allow-bots", "renovate", "max-agents-per-pr", "3", "max-consecutive", "2", "cooldown", "5m", "comment", "progress", "check", "Cursor", "pr-labels", "bot")
	if status := s.run(t.Context()); status != 0 || s.outputs()["skip-reason"] != "" {
		t.Errorf("exit status %d\n%s", status, s.logged())
	}
	if !slices.Contains(h.asked, "GET /repos/acme/shop/git/ref/heads/feature/x") {
		t.Errorf("the branch of the pull request was not looked for: %v", h.asked)
	}
}
