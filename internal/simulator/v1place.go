package simulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// checkModelRef holds a model against ModelRef and returns what it names.
func checkModelRef(model node) ModelRef {
	var ref ModelRef
	model = model.object("id", "params")
	ref.ID = model.field("id").required(model).text(1, 0)
	for param := range model.field("params").items(0) {
		param.object("id", "value")
		ref.Params = append(ref.Params, ModelParam{
			ID:    param.field("id").required(param).text(1, 0),
			Value: param.field("value").required(param).text(1, 0),
		})
	}
	return ref
}

// checkModel also holds the model against the catalogue.
func (s *Server) checkModel(model node) {
	ref := checkModelRef(model)
	if !model.set || model.c.problem != nil {
		return
	}
	known := s.model(ref.ID)
	if known == nil {
		model.c.refuse(&problem{http.StatusBadRequest, "invalid_model",
			"Model '" + ref.ID + "' is not available. Use GET /v1/models to list the available models."})
		return
	}
	for _, param := range ref.Params {
		if !known.takes(param) {
			model.c.fail("Model '%s' with %s=%s does not match a known variant", ref.ID, param.ID, param.Value)
		}
	}
}

// checkPlace holds env and repos against each other.
func (s *Server) checkPlace(body node) {
	env, repos := body.field("env").object("type", "name"), body.field("repos")
	kind := env.field("type").required(env).oneOf("cloud", "pool", "machine")
	name := env.field("name").text(1, 0)
	for repo := range repos.items(20) {
		checkRepo(repo)
	}
	if body.c.problem != nil {
		return
	}
	switch count := repos.count(); {
	case count > 0 && kind == "cloud" && name != "":
		repos.c.fail("repos cannot be combined with a named cloud environment")
	case count > 1 && (kind == "machine" || kind == "pool" && (name == "" || name == "default")):
		repos.c.fail("repos must have one entry for this env")
	case count == 0 && name == "" && kind != "pool" && kind != "machine" && !s.scenario.Account.NoRepo:
		repos.c.refuse(&problem{http.StatusBadRequest, "repository_required",
			"A repository is required. Agents without repository are not enabled for this account."})
	}
}

func checkRepo(repo node) {
	repo.object("url", "startingRef", "prUrl")
	address := repo.field("url").required(repo).text(1, 0)
	ref := repo.field("startingRef").text(1, 0)
	checkRepoURL(repo.field("url"), address)
	if pull := repo.field("prUrl"); pull.set {
		checkPull(pull)
		return // startingRef is ignored then
	}
	checkRef(repo, address, ref)
}

func checkRepoURL(at node, address string) {
	if address != "" && !isRepoURL(address) {
		at.c.fail("%s must be the URL of a repository, such as https://github.com/your-org/your-repo", at.path)
	}
}

func checkPull(pull node) {
	switch address := pull.text(0, 0); {
	case !isWebURL(address):
		pull.c.fail("%s must be a URL", pull.path)
	case pullNumber(address) == "":
		pull.c.refuse(&problem{http.StatusBadRequest, "pr_resolution_failed",
			"Could not resolve the pull request " + address})
	}
}

// checkRef refuses what can't be a branch's name.
func checkRef(repo node, address, ref string) {
	if strings.HasPrefix(ref, "refs/") || ref == "HEAD" {
		_, name, _ := strings.Cut(repoPath(address), "/")
		repo.c.fail("Failed to verify existence of branch '%s' in repository %s. Please ensure the branch name is correct.", ref, name)
	}
}

// isRepoURL reports whether a text names a host, an owner and a name, with or
// without https, and nothing else.
func isRepoURL(text string) bool {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || !isWebURL(text) || u.RawQuery != "" || u.Fragment != "" || !strings.ContainsAny(u.Host, ".:") {
		return false
	}
	segments := strings.Split(strings.Trim(u.Path, "/"), "/")
	return len(segments) >= 2 && !slices.Contains(segments, "")
}

func isObject(value any) bool {
	_, ok := value.(*object)
	return ok
}
