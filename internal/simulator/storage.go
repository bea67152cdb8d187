package simulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// storagePath is where the stand-in for the storage host begins. It needs no
// key: whoever has the signed URL may read.
const storagePath = "/_storage/"

// storageURL is the signed URL of an agent's artifact.
func (s *Server) storageURL(r *http.Request, a *agent, index int, expires time.Time) string {
	base := strings.TrimSuffix(s.config.PublicURL, "/")
	if base == "" {
		base = schemeOf(r) + "://" + r.Host
	}
	file, until := strconv.Itoa(index), strconv.FormatInt(s.clock(expires).Unix(), 10)
	query := url.Values{"Expires": {until}, "Signature": {s.sign(a.id, file, until)}}
	return base + storagePath + a.id + "/" + file + "?" + query.Encode()
}

func (s *Server) sign(agentID, file, until string) string {
	mac := hmac.New(sha256.New, s.signing[:])
	_, _ = fmt.Fprintf(mac, "%s\n%s\n%s", agentID, file, until)
	return hex.EncodeToString(mac.Sum(nil))
}

// readStorage answers as S3 does: the file, or an error in XML. Like S3 it
// refuses a request that brings an Authorization header beside the signature;
// here that means that a client handed its API key to the storage host.
func (s *Server) readStorage(x *exchange) answer {
	agentID, file, query := x.params["agent"], x.params["file"], x.r.URL.Query()
	s.mu.Lock()
	defer s.mu.Unlock()
	x.record.AgentID = agentID
	if x.r.Header.Get("Authorization") != "" {
		return storageError(http.StatusBadRequest, "InvalidArgument",
			"Only one auth mechanism allowed; the signature in the query is one, so send no Authorization header")
	}
	until := query.Get("Expires")
	if !hmac.Equal([]byte(query.Get("Signature")), []byte(s.sign(agentID, file, until))) {
		return storageError(http.StatusForbidden, "SignatureDoesNotMatch",
			"The request signature does not match the URL")
	}
	if seconds, err := strconv.ParseInt(until, 10, 64); err != nil || s.clock(time.Now()).Unix() >= seconds {
		return storageError(http.StatusForbidden, "AccessDenied", "Request has expired")
	}
	a := s.agent(agentID)
	index, err := strconv.Atoi(file)
	if a == nil || err != nil || index < 0 || index >= len(a.artifacts) {
		return storageError(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	}
	return answer{contentType: "application/octet-stream", body: a.artifacts[index].bytes()}
}

func storageError(status int, code, message string) answer {
	return answer{status: status, contentType: "application/xml", body: fmt.Appendf(nil,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s</Message></Error>", code, message)}
}
