package simulator

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

// checkCreate holds the body of a create request against CreateAgentRequest of
// the specification, its descriptions included, and against what the account
// and the catalogue allow.
func (s *Server) checkCreate(data []byte) *problem {
	o, p := readBody(data)
	if p != nil {
		return p
	}
	var c checker
	body := node{c: &c, value: o, set: true}
	metadata := body.field("metadata")
	if metadata.set && !s.scenario.Account.Metadata {
		// Seen on the real service; the field stands in no specification.
		return &problem{http.StatusForbidden, "feature_unavailable", "API v1 agent metadata is not enabled."}
	}
	fields := []string{
		"prompt", "model", "name", "agentId", "env", "repos", "workOnCurrentBranch", "autoCreatePR",
		"skipReviewerRequest", "envVars", "mcpServers", "customSubagents", "mode",
	}
	if s.config.Newer { // what the official SDK also sends
		fields = append(fields, "openAsCursorGithubApp", "runEnvVars")
	}
	if s.scenario.Account.Metadata {
		fields = append(fields, "metadata")
	}
	body.object(fields...)
	for _, value := range metadata.entries() {
		value.text(0, 0)
	}
	checkPrompt(body)
	body.field("name").text(1, 100)
	checkAgentID(body)
	body.field("workOnCurrentBranch").boolean()
	body.field("autoCreatePR").boolean()
	body.field("skipReviewerRequest").boolean()
	checkEnvVars(body.field("envVars"))
	checkMCPServers(body.field("mcpServers"))
	checkSubagents(body.field("customSubagents"))
	body.field("mode").oneOf("agent", "plan")
	s.checkModel(body.field("model"))
	s.checkPlace(body)
	return c.problem
}

// checkRun holds the body of a follow-up against CreateRunRequest.
func checkRun(data []byte) *problem {
	o, p := readBody(data)
	if p != nil {
		return p
	}
	var c checker
	body := node{c: &c, value: o, set: true}
	body.object("prompt", "mcpServers", "mode")
	checkPrompt(body)
	checkMCPServers(body.field("mcpServers"))
	body.field("mode").oneOf("agent", "plan")
	return c.problem
}

func checkPrompt(body node) {
	prompt := body.field("prompt").required(body).object("text", "images")
	prompt.field("text").required(prompt).text(1, 0)
	for image := range prompt.field("images").items(5) {
		checkImage(image)
	}
}

// maxImage is the size of an image's bytes.
const maxImage = 15 << 20

func checkImage(image node) {
	image.object("data", "url", "mimeType", "dimension")
	data, address, mime := image.field("data"), image.field("url"), image.field("mimeType")
	switch {
	case data.set && address.set:
		image.c.fail("%s must have data or url, not both", image.path)
	case data.set:
		checkImageData(data)
		mime.required(image).oneOf("image/png", "image/jpeg", "image/gif", "image/webp")
	case address.set:
		address.url()
		if mime.set {
			image.c.fail("%s must be left out with url", mime.path)
		}
	default:
		image.c.fail("%s must have data or url", image.path)
	}
	checkDimension(image)
}

func checkDimension(image node) {
	dimension := image.field("dimension").object("width", "height")
	dimension.field("width").required(dimension).whole(1)
	dimension.field("height").required(dimension).whole(1)
}

func checkImageData(data node) {
	text := data.text(1, 0)
	size := base64.StdEncoding.DecodedLen(len(text)) - strings.Count(text[max(0, len(text)-2):], "=")
	if size > maxImage {
		data.c.fail("%s must have at most 15 MB", data.path)
	} else if _, err := base64.StdEncoding.DecodeString(text); err != nil {
		data.c.fail("%s is not valid base64", data.path)
	}
}

func checkAgentID(body node) {
	id := body.field("agentId")
	text := id.text(0, 0)
	switch {
	case !id.set:
	case !isAgentID(text):
		id.c.fail("%s", badAgentID)
	case body.field("envVars").set:
		id.c.fail("agentId cannot be combined with envVars")
	}
}

func checkEnvVars(vars node) {
	count := 0
	for name, value := range vars.entries() {
		count++
		switch {
		case name == "":
			vars.c.fail("envVars has an empty name")
		case len(name) > 255:
			vars.c.fail("envVars has a name of more than 255 bytes")
		case strings.HasPrefix(name, "CURSOR_"):
			vars.c.fail("%s: names must not begin with CURSOR_", value.path)
		}
		if text := value.text(1, 0); len(text) > 4096 {
			vars.c.fail("%s must have at most 4096 bytes", value.path)
		}
	}
	if count > 50 {
		vars.c.fail("envVars must have at most 50 entries")
	}
}

func checkMCPServers(servers node) {
	var names []string
	for server := range servers.items(50) {
		if checkMCPServer(server); server.c.problem != nil {
			return
		}
		name := server.field("name").text(1, 0)
		if slices.Contains(names, name) {
			server.c.fail("%s.name is not unique: %s", server.path, name)
		}
		names = append(names, name)
	}
}

func checkMCPServer(server node) {
	kind := server.field("type").oneOf("stdio", "http", "sse")
	if kind == "http" || kind == "sse" || kind == "" && server.field("url").set {
		server.object("name", "type", "url", "headers", "auth")
		server.field("name").required(server).text(1, 0)
		server.field("url").required(server).url()
		for _, value := range server.field("headers").entries() {
			value.text(0, 0)
		}
		auth := server.field("auth").object("CLIENT_ID", "CLIENT_SECRET", "scopes")
		auth.field("CLIENT_ID").required(auth).text(1, 0)
		auth.field("CLIENT_SECRET").text(0, 0)
		auth.field("scopes").texts(1)
		return
	}
	server.object("name", "type", "command", "args", "env")
	server.field("name").required(server).text(1, 0)
	server.field("command").required(server).text(1, 0)
	server.field("args").texts(0)
	for _, value := range server.field("env").entries() {
		value.text(0, 0)
	}
}

// builtinSubagents are the names that the specification reserves.
var builtinSubagents = []string{"explore", "shell", "debug", "computerUse", "cursorGuide"}

func checkSubagents(subagents node) {
	var names []string
	for subagent := range subagents.items(20) {
		subagent.object("name", "description", "prompt", "model")
		name := subagent.field("name").required(subagent).text(1, 100)
		subagent.field("description").required(subagent).text(1, 1000)
		subagent.field("prompt").required(subagent).text(1, 8192)
		switch {
		case slices.Contains(builtinSubagents, name):
			subagent.c.fail("%s.name is the name of a built-in subagent: %s", subagent.path, name)
		case slices.Contains(names, name):
			subagent.c.fail("%s.name is not unique: %s", subagent.path, name)
		}
		names = append(names, name)
		if model := subagent.field("model"); isObject(model.value) {
			checkModelRef(model)
		} else {
			model.text(1, 0)
		}
	}
}
