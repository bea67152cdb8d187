package cli

import (
	"crypto/hmac"
	"fmt"
	"strconv"
	"strings"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/secret"
)

// agentSeal writes and reads the hidden line by which a comment names its agent.
// A sum under the API key and over the place stands behind the id: whoever gets
// the token's account to repeat a text, by another workflow that echoes what
// strangers write, could else choose the agent of agent-id: current.
type agentSeal struct {
	key        secret.Text
	repository string // "owner/name"
	kind       forge.SubjectKind
	number     int
}

// mark is the key of the line that names the agent.
func (a agentSeal) mark(agentID string) string {
	sum := a.key.Sum("comment", strings.ToLower(a.repository), string(a.kind), strconv.Itoa(a.number), agentID)
	return fmt.Sprintf("%s%s-%x", markAgent, agentID, sum[:8])
}

// read gives the agent that a mark names; ours is false for all that mark did not
// write for this place.
func (a agentSeal) read(mark string) (agentID string, ours bool) {
	rest, _ := strings.CutPrefix(mark, markAgent)
	id := rest[:max(strings.LastIndexByte(rest, '-'), 0)]
	if !agentAddress.MatchString(id) || !hmac.Equal([]byte(mark), []byte(a.mark(id))) {
		return "", false
	}
	return id, true
}
