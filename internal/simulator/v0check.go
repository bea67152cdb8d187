package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
)

// v0Launch is the body of a launch.
type v0Launch struct {
	Prompt Prompt `json:"prompt"`
	Model  string `json:"model"`
	Source struct {
		Repository string `json:"repository"`
		Ref        string `json:"ref"`
		PRURL      string `json:"prUrl"`
	} `json:"source"`
	Target struct {
		AutoCreatePR          bool   `json:"autoCreatePr"`
		OpenAsCursorGithubApp bool   `json:"openAsCursorGithubApp"`
		SkipReviewerRequest   bool   `json:"skipReviewerRequest"`
		BranchName            string `json:"branchName"`
		AutoBranch            *bool  `json:"autoBranch"` // nil: true
	} `json:"target"`
	Webhook *Webhook `json:"webhook"`
}

// readLaunch reads a launch, leniently as readCreate does, in the words of
// version 1.
func readLaunch(data []byte) CreateRequest {
	var body v0Launch
	_ = json.Unmarshal(data, &body)
	request := CreateRequest{
		Prompt:                body.Prompt,
		AutoCreatePR:          body.Target.AutoCreatePR,
		SkipReviewerRequest:   body.Target.SkipReviewerRequest,
		Branch:                body.Target.BranchName,
		OpenAsCursorGithubApp: body.Target.OpenAsCursorGithubApp,
		Webhook:               body.Webhook,
	}
	if body.Model != "" && body.Model != v0DefaultModel {
		request.Model = &ModelRef{ID: body.Model}
	}
	switch source := body.Source; {
	case source.PRURL != "":
		request.Repos = []Repo{{URL: repoOfPull(source.PRURL), PRURL: source.PRURL}}
		request.WorkOnCurrentBranch = body.Target.AutoBranch != nil && !*body.Target.AutoBranch
	case source.Repository != "":
		request.Repos = []Repo{{URL: source.Repository, StartingRef: source.Ref}}
	}
	return request
}

// repoOfPull is the address of a pull request's repository.
func repoOfPull(pull string) string {
	if pullNumber(pull) == "" {
		return pull
	}
	segments := strings.Split(strings.TrimSuffix(pull, "/"), "/")
	return strings.TrimSuffix(strings.Join(segments[:len(segments)-2], "/"), "/-")
}

// v0DefaultModel stands for the account's own model in a launch.
const v0DefaultModel = "default"

// checkLaunch holds the body of a launch against CreateAgentRequest of version
// 0, its descriptions included, and against the catalogue.
func (s *Server) checkLaunch(data []byte) *problem {
	o, p := readBody(data)
	if p != nil {
		return p
	}
	var c checker
	body := node{c: &c, value: o, set: true}
	body.object("prompt", "model", "source", "target", "webhook")
	checkPromptV0(body)
	s.checkModelV0(body.field("model"))
	checkSource(body.field("source").required(body))
	target := body.field("target").object(
		"autoCreatePr", "openAsCursorGithubApp", "skipReviewerRequest", "branchName", "autoBranch")
	for _, flag := range []string{"autoCreatePr", "openAsCursorGithubApp", "skipReviewerRequest", "autoBranch"} {
		target.field(flag).boolean()
	}
	checkBranchName(target.field("branchName"))
	webhook := body.field("webhook").object("url", "secret")
	if address := webhook.field("url").required(webhook); address.set {
		address.text(1, 2048)
		address.url()
	}
	if secret := webhook.field("secret"); secret.set {
		if text := secret.text(0, 256); c.problem == nil && len(text) < 32 {
			secret.c.fail("%s must have at least 32 characters", secret.path)
		}
	}
	return c.problem
}

// checkFollowUp holds the body of a follow-up against the specification.
func checkFollowUp(data []byte) *problem {
	o, p := readBody(data)
	if p != nil {
		return p
	}
	var c checker
	body := node{c: &c, value: o, set: true}
	body.object("prompt")
	checkPromptV0(body)
	return c.problem
}

// checkPromptV0 is about images of bytes alone, whose type nobody tells.
func checkPromptV0(body node) {
	prompt := body.field("prompt").required(body).object("text", "images")
	prompt.field("text").required(prompt).text(1, 0)
	for image := range prompt.field("images").items(5) {
		image.object("data", "dimension")
		if data := image.field("data").required(image); data.set {
			checkImageData(data)
		}
		checkDimension(image)
	}
}

func (s *Server) checkModelV0(model node) {
	name := model.text(1, 0)
	if name != "" && name != v0DefaultModel && s.model(name) == nil {
		model.c.refuse(&problem{http.StatusBadRequest, "invalid_model",
			"Model '" + name + "' is not available. Use GET /v0/models to list the available models."})
	}
}

// checkSource holds where an agent begins: at a repository, or at a pull
// request, which the specification lets exclude each other.
func checkSource(source node) {
	source = source.object("repository", "ref", "prUrl")
	repository, pull := source.field("repository"), source.field("prUrl")
	ref := source.field("ref").text(1, 0)
	switch {
	case !source.set:
	case pull.set && (repository.set || source.field("ref").set):
		source.c.fail("%s cannot be combined with repository and ref", pull.path)
	case pull.set:
		checkPull(pull)
	default:
		address := repository.required(source).text(1, 0)
		checkRepoURL(repository, address)
		checkRef(source, address, ref)
	}
}

// checkBranchName demands a name that git takes for a branch
// (https://git-scm.com/docs/git-check-ref-format).
func checkBranchName(branch node) {
	name := branch.text(1, 0)
	if name == "" {
		return
	}
	bad := strings.ContainsAny(name, " ~^:?*[\\\x7f") || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) ||
		strings.Contains(name, "..") || strings.Contains(name, "@{") || strings.Contains(name, "//") || name == "@" || name == "HEAD" ||
		strings.HasPrefix(name, "-") || strings.HasPrefix(name, "refs/") || strings.HasSuffix(name, "/") || strings.HasSuffix(name, ".")
	for part := range strings.SplitSeq(name, "/") {
		bad = bad || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock")
	}
	if bad || strings.HasPrefix(name, "/") {
		branch.c.refuse(&problem{http.StatusBadRequest, "invalid_branch_name", "Invalid branch name: " + name})
	}
}
