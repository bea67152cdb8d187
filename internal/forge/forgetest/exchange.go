package forgetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// object is a JSON object in the making.
type object = map[string]any

// exchange is one request and its answer.
type exchange struct {
	hub    *Hub
	w      http.ResponseWriter
	r      *http.Request
	base   string // of the REST API, as the request reached it
	path   string // the request's, without the prefix
	route  *route
	params map[string]string // the wildcards of the path
	body   []byte
	sent   any    // the body's JSON
	token  *Token // nil: none was sent
	repo   *Repository
	fault  *Fault
	record *Request // guarded by the hub's mu
}

// answer is what a handler wants to be sent. The zero status is 200.
type answer struct {
	status      int
	header      map[string]string
	body        any // sent as JSON; nil for no body
	raw         []byte
	contentType string // of raw
}

func (a *answer) set(name, value string) {
	if a.header == nil {
		a.header = map[string]string{}
	}
	a.header[name] = value
}

// fieldError is what is wrong with a field of the request.
type fieldError struct {
	Resource string `json:"resource"`
	Code     string `json:"code"`
	Field    string `json:"field"`
	Message  string `json:"message,omitempty"`
	Value    any    `json:"value,omitempty"`
}

// problem is a refusal in GitHub's words.
func (x *exchange) problem(status int, message string) answer {
	documentation := "https://docs.github.com/rest"
	if x.route != nil && x.route.doc != "" {
		documentation += "/" + x.route.doc
	}
	return answer{status: status, body: object{"message": message, "documentation_url": documentation, "status": strconv.Itoa(status)}}
}

func (x *exchange) notFound() answer { return x.problem(http.StatusNotFound, "Not Found") }

// invalid is the answer to a request whose content is not accepted.
func (x *exchange) invalid(message string, errors ...fieldError) answer {
	a := x.problem(http.StatusUnprocessableEntity, message)
	if len(errors) > 0 {
		a.body.(object)["errors"] = errors
	}
	return a
}

// maxRequest is how many bytes a request's body may have.
const maxRequest = 8 << 20

// readBody reads the request's body, and its JSON where it must have some.
func (x *exchange) readBody() *answer {
	data, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, maxRequest))
	if err != nil {
		return new(x.problem(http.StatusRequestEntityTooLarge, "Payload too big"))
	}
	x.body = data
	x.hub.mu.Lock()
	x.record.Body = string(data)
	x.hub.mu.Unlock()
	if len(data) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&x.sent); err != nil {
		return new(x.problem(http.StatusBadRequest, "Problems parsing JSON"))
	}
	return nil
}

// send writes the answer, its body only up to cut bytes when cut is not nil.
func (x *exchange) send(a answer, cut *int) {
	header := x.w.Header()
	data := a.raw
	if a.body != nil {
		data = encode(a.body)
		a.contentType = "application/json; charset=utf-8"
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if a.status == http.StatusOK && a.body != nil && x.r.Method == http.MethodGet {
		sum := sha256.Sum256(data)
		etag := `W/"` + hex.EncodeToString(sum[:]) + `"`
		header.Set("ETag", etag)
		header.Set("Cache-Control", "private, max-age=60, s-maxage=60")
		if matches(x.r.Header.Get("If-None-Match"), etag) {
			a.status, data, a.contentType = http.StatusNotModified, nil, ""
		}
	}
	x.hub.count(x, a.status == http.StatusNotModified)
	if a.contentType != "" {
		header.Set("Content-Type", a.contentType)
	}
	for name, value := range a.header {
		header.Set(name, value)
	}
	if a.status != http.StatusNoContent && a.status != http.StatusNotModified {
		header.Set("Content-Length", strconv.Itoa(len(data)))
	}
	x.hub.mu.Lock()
	x.record.Status = a.status
	x.hub.mu.Unlock()
	x.w.WriteHeader(a.status)
	if cut != nil && *cut < len(data) {
		_, _ = x.w.Write(data[:*cut])
		_ = http.NewResponseController(x.w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = x.w.Write(data)
}

// matches reports whether an If-None-Match header names the tag. Weak and
// strong tags are compared alike, as RFC 9110 says for this header.
func matches(header, etag string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

// encode is a value as GitHub writes it.
func encode(value any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Sprintf("forgetest: write an answer: %v", err))
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// stamp is a time as GitHub writes it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func stampOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

func textOrNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func idOrNull(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// nodeID is the id of a thing in the GraphQL API.
func nodeID(kind string, id int64) string {
	return kind + "_" + base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(id, 10)))
}

func sum32(text string) uint32 {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(text))
	return sum.Sum32()
}

// jsonKind is how GitHub calls a JSON value that is of the wrong kind.
func jsonKind(value any) string {
	switch value := value.(type) {
	case nil:
		return "nil"
	case string:
		return strconv.Quote(value)
	}
	return string(encode(value))
}
