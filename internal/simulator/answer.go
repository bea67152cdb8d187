package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
)

const jsonType = "application/json; charset=utf-8"

// problem is a refusal of the API: its status, code and message.
type problem struct {
	status  int
	code    string
	message string
}

func (p *problem) answer() answer { return refuse(p.status, p.code, "%s", p.message) }

// encode is JSON as a JavaScript server writes it: <, > and & stay as they are.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		// All values come from our own types or were checked when they were
		// loaded, so this is a fault in this package.
		panic(fmt.Sprintf("encode an answer: %v", err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func reply(status int, v any) answer {
	return answer{status: status, contentType: jsonType, body: encode(v)}
}

type v1Error struct {
	Error v1Problem `json:"error"`
}

type v1Problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// refuse is an error as the specification shapes it.
func refuse(status int, code, format string, args ...any) answer {
	p := &problem{status, code, fmt.Sprintf(format, args...)}
	a := reply(status, v1Error{v1Problem{p.code, p.message}})
	a.problem = p
	return a
}

// plain is an error as the layer before the API shapes it: a refused key, a
// wrong content type, a path that does not exist.
func plain(status int, message string) answer {
	a := reply(status, v1Problem{"error", message})
	a.problem = &problem{status, "error", message}
	return a
}

// make is the answer in its shape.
func (a *Answer) make() answer {
	var made answer
	switch a.Shape {
	case "flat":
		made = reply(a.Status, v1Problem{a.Code, a.Message})
	case "connect":
		made = reply(a.Status, a.connect())
	case "text":
		made = reply(a.Status, map[string]string{"error": a.Message})
	case "html":
		made = answer{status: a.Status, contentType: "text/html", body: fmt.Appendf(nil,
			"<html>\n<head><title>%d %s</title></head>\n<body><center><h1>%[1]d %[2]s</h1></center>%s</body>\n</html>\n",
			a.Status, http.StatusText(a.Status), html.EscapeString(a.Message))}
	case "empty":
		made = answer{status: a.Status}
	default:
		made = refuse(a.Status, a.Code, "%s", a.Message)
	}
	if a.Body != "" {
		made.body = []byte(a.Body)
	}
	made.header = http.Header{}
	if a.RetryAfter != "" && a.Shape != "connect" {
		made.header.Set("Retry-After", a.RetryAfter)
	}
	for name, value := range a.Headers {
		made.header.Set(name, value)
	}
	if contentType := made.header.Get("Content-Type"); contentType != "" {
		made.contentType = contentType
	}
	return made
}

// connect is an error of a service behind the API that is passed on as it is,
// as create answers do when GitHub throttles Cursor.
func (a *Answer) connect() any {
	type object = map[string]any
	return object{
		"code":    a.Code,
		"message": "[" + a.Code + "] Error",
		"details": []any{object{"debug": object{
			"error": "ERROR_RATE_LIMITED",
			"details": object{
				"title":       a.Message,
				"isRetryable": true,
				"additionalInfo": object{
					"operation":  "getScopedInstallationAccessKey",
					"retryAfter": a.RetryAfter,
				},
			},
		}}},
	}
}
