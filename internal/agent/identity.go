package agent

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/google/uuid"

	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
)

// Work says which piece of work an agent is for. Two attempts of the same work
// have equal values, and so find the same agent.
type Work struct {
	Repository    string // that the workflow belongs to, "owner/name"
	WorkflowRunID int64
	Job           string // the job's id in the workflow file
	Step          string // the step's id, or the runner's own name for it
	Key           string // told apart by the user; differs between matrix legs
	Task          string // the task's name, when one step has many
	// Attempt is 0, so that a re-run attaches to the agent of the attempt
	// before; a re-run that wants an agent of its own sets its number.
	Attempt int64
	// Kept says that the agent may outlive its workflow run, whether that ends
	// well or not. It is no part of the identity; the mark tells it.
	Kept bool
	// Rerun says that an earlier attempt may have launched the agent already.
	// It is no part of the identity; it saves a look where there was none.
	Rerun bool
}

// idVersion is the UUID version for values of one's own making (RFC 9562,
// section 5.8).
const idVersion = 8

// DeriveID is the id of the agent that does work: the same for every attempt,
// another one for every other work, spec or generation. It is an HMAC-SHA256
// under the API key, because whoever could guess it could take it.
func DeriveID(key secret.Text, work Work, spec Spec, generation int) string {
	return "bc-" + derive(key, work, spec, generation).String()
}

func derive(key secret.Text, work Work, spec Spec, generation int) uuid.UUID {
	hash := spec.hash()
	var name []byte
	for _, field := range []string{
		work.Repository,
		strconv.FormatInt(work.WorkflowRunID, 10),
		work.Job,
		work.Key,
		work.Step,
		work.Task,
		strconv.FormatInt(work.Attempt, 10),
		string(hash[:]),
		strconv.Itoa(generation),
	} {
		// A length before each field keeps "a"+"bc" apart from "ab"+"c".
		name = binary.BigEndian.AppendUint64(name, uint64(len(field)))
		name = append(name, field...)
	}
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	return uuid.NewHash(mac, uuid.Nil, name, idVersion)
}

// Request is what that version of the API is asked for: spec under the identity
// of work. Where the API chooses the id, the mark takes its place: in the name,
// or in the branch when that is not the user's own.
func Request(version cursor.APIVersion, key secret.Text, work Work, spec Spec, generation int) cursor.CreateAgentRequest {
	request := spec.request()
	switch version.FindBy(request) {
	case cursor.ByID:
		request.AgentID = DeriveID(key, work, spec, generation)
		request.Name = spec.name(key, work, generation)
	case cursor.ByName:
		request.Name = spec.name(key, work, generation)
	case cursor.ByBranch:
		if request.Branch == "" {
			request.Branch = spec.branch(key, work, generation)
		}
	case cursor.ByPullRequest:
		// It has no name and no branch of ours to bear the mark.
	}
	return request
}

// name is what the agent is called on Cursor's pages: what it is asked to do
// and, in brackets, the mark that finds the agents of this action again.
//
// The API counts the characters of a name in UTF-16, as its language does.
func (s Spec) name(key secret.Text, work Work, generation int) string {
	mark := mark(key, work, s, generation)
	return strings.TrimSpace(shorten(s.title(), maxAgentName-len(mark)-1, utf16.RuneLen) + " " + mark)
}

// maxSlug is how much of the title a branch's name shows, in bytes.
const maxSlug = 40

// branch is the branch of an agent whose id and name the API chooses: as its
// other branches begin, then what it is asked to do, then the mark.
func (s Spec) branch(key secret.Text, work Work, generation int) string {
	var slug strings.Builder
	for _, r := range strings.ToLower(s.title()) {
		isWord := r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
		switch {
		case slug.Len() == maxSlug:
		case isWord:
			slug.WriteRune(r)
		case slug.Len() > 0 && !strings.HasSuffix(slug.String(), "-"):
			slug.WriteByte('-')
		}
	}
	words := strings.Trim(slug.String(), "-")
	if words != "" {
		words += "-"
	}
	return branchPrefix + words + bare(mark(key, work, s, generation))
}

// branchPrefix opens the branches that Cursor makes.
const branchPrefix = "cursor/"

// bare is a mark without its brackets, which no branch may have.
func bare(mark string) string { return strings.Trim(mark, "[]") }

// markPrefix opens every mark; no part after it can hold it.
const markPrefix = "gh-"
