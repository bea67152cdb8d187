package actions

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"github.com/sethvargo/go-githubactions"
)

// maxEvent is the largest event payload in bytes that is read. GitHub's own
// are at most 25 MB.
const maxEvent = 32 << 20

// Context is what the runner says about the workflow run that this step is
// part of. A text that it does not say is "", a number 0.
type Context struct {
	Workflow        string // Its name, or the path of its file.
	Job             string // The job's id.
	Action          string // The step's id, or a name that the runner made up.
	Repository      string // "owner/name".
	RepositoryOwner string
	EventName       string
	EventPath       string
	Ref             string // "refs/heads/main", "refs/pull/1/merge" ...
	RefName         string // "main", "1/merge" ...
	RefType         string // "branch" or "tag".
	HeadRef         string // A pull request's branch, "" for other events.
	BaseRef         string // The branch it goes to, "" for other events.
	SHA             string
	Actor           string
	ServerURL       string // https://github.com when the runner says nothing.
	APIURL          string // https://api.github.com when the runner says nothing.
	GraphQLURL      string // "" when the runner says nothing: it belongs to APIURL then.
	Workspace       string // The folder of the checkout, as this process sees it.
	Temp            string // A folder for temporary files: RUNNER_TEMP where it is there, else HOME.
	RunID           int64
	RunNumber       int64
	RunAttempt      int64  // At least 1.
	Event           []byte // The event's payload, a JSON object, or nil.
	EventProblem    string // Why Event is nil, "" when it is not.
	Debug           bool   // Whether debug logging is switched on.
}

// Context reads the context. It never fails: an event that can't be read is
// told in EventProblem, because most steps can do without it.
func (r *Runner) Context() Context {
	// The library gives up on everything when the event is not JSON, so it
	// doesn't get to see it. Its other errors are numbers and booleans that it
	// could not read and left at zero.
	library := githubactions.New(githubactions.WithGetenv(func(name string) string {
		if name == "GITHUB_EVENT_PATH" {
			return ""
		}
		return r.getenv(name)
	}))
	env, _ := library.Context()
	event, problem := readEvent(r.getenv("GITHUB_EVENT_PATH"))
	return Context{
		Workflow:        env.Workflow,
		Job:             env.Job,
		Action:          env.Action,
		Repository:      env.Repository,
		RepositoryOwner: env.RepositoryOwner,
		EventName:       env.EventName,
		EventPath:       r.getenv("GITHUB_EVENT_PATH"),
		Ref:             env.Ref,
		RefName:         env.RefName,
		RefType:         env.RefType,
		HeadRef:         env.HeadRef,
		BaseRef:         env.BaseRef,
		SHA:             env.SHA,
		Actor:           env.Actor,
		ServerURL:       env.ServerURL,
		APIURL:          env.APIURL,
		GraphQLURL:      r.getenv("GITHUB_GRAPHQL_URL"), // The library's default is another server than APIURL may be.
		Workspace:       env.Workspace,
		Temp:            r.temp(),
		RunID:           max(env.RunID, 0),
		RunNumber:       max(env.RunNumber, 0),
		RunAttempt:      max(env.RunAttempt, 1),
		Event:           event,
		EventProblem:    problem,
		Debug:           r.debugging(),
	}
}

// temp is RUNNER_TEMP if it is a folder. Runners before September 2025 name it
// but don't mount it into the container.
func (r *Runner) temp() string {
	if dir := r.getenv("RUNNER_TEMP"); dir != "" {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
	}
	return r.getenv("HOME")
}

// readEvent returns the payload at path, or why there is none.
func readEvent(path string) (event []byte, problem string) {
	if path == "" {
		return nil, "GITHUB_EVENT_PATH is not set"
	}
	// Opening a pipe waits for a writer, and a terminal's text never ends. What
	// is wrong with a folder or a missing file is said when it is opened.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil, eventProblem(path, errors.New("it is not a regular file"))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, eventProblem(path, err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxEvent+1))
	if err != nil {
		return nil, eventProblem(path, err)
	}
	if len(data) > maxEvent {
		return nil, "GITHUB_EVENT_PATH " + path + " holds more than " + strconv.Itoa(maxEvent) + " bytes"
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil || object == nil {
		return nil, "GITHUB_EVENT_PATH " + path + " does not hold a JSON object"
	}
	return data, ""
}

func eventProblem(path string, err error) string {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err
	}
	return fmt.Sprintf("GITHUB_EVENT_PATH %s can't be read: %v", path, err)
}
