package cursor

import (
	"bytes"
	"encoding/json"
	"html"
	"regexp"
	"strings"
)

// fault is what the body of an error answer says, as far as it says it.
type fault struct {
	code       string
	message    string
	helpURL    string
	provider   string
	retryAfter string // seconds
}

var (
	codeWord  = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)+$`)
	htmlTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	htmlTag   = regexp.MustCompile(`(?s)<[^>]*>`)
)

// readFault reads the error shapes of the layers that answer for the API: the
// object {"error":{...}}, code and message at the top, {"error":"text"}, the
// Connect protocol's details, a JSON string, a gateway's page, plain text,
// nothing. Anything else is an empty fault: the status must do.
func readFault(body []byte) fault {
	body = bytes.TrimSpace(body)
	top := object(body)
	if top == nil {
		return readText(body)
	}
	inner := object(top["error"])
	f := fault{
		code:     firstText(inner["code"], top["code"]),
		message:  firstText(inner["message"], top["message"]),
		helpURL:  firstText(inner["helpUrl"], top["helpUrl"]),
		provider: firstText(inner["provider"], top["provider"]),
	}
	if inner == nil {
		switch said := firstText(top["error"]); {
		case f.message == "":
			f.message = said
		case f.code == "" && codeWord.MatchString(said):
			f.code = said
		}
	}
	if f.code == "error" { // the placeholder of a layer that has no codes
		f.code = ""
	}
	f.readDetails(top["details"])
	return f
}

// readDetails reads the debug part of a Connect error, whose own message is
// often no more than "[resource_exhausted] Error".
// https://connectrpc.com/docs/protocol#error-end-stream
func (f *fault) readDetails(raw json.RawMessage) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return
	}
	for _, item := range list {
		details := object(object(object(item)["debug"])["details"])
		if f.retryAfter == "" {
			f.retryAfter = firstText(object(details["additionalInfo"])["retryAfter"])
		}
		title := firstText(details["title"])
		if title == "" || !strings.HasSuffix(f.message, "] Error") && f.message != "" {
			continue
		}
		f.message = title
		if more := firstText(details["detail"]); more != "" && more != title {
			f.message += ": " + more
		}
	}
}

// readText reads a body that is no JSON object.
func readText(body []byte) fault {
	var quoted string
	if json.Unmarshal(body, &quoted) == nil {
		return fault{message: quoted}
	}
	if !bytes.HasPrefix(body, []byte("<")) {
		if json.Valid(body) { // null, a number, a list: nothing for a reader
			return fault{}
		}
		return fault{message: string(body)}
	}
	if title := htmlTitle.FindSubmatch(body); title != nil {
		text := strings.TrimSpace(html.UnescapeString(string(htmlTag.ReplaceAll(title[1], nil))))
		return fault{message: "a web page titled " + quote(text)}
	}
	return fault{message: "a web page"}
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, "'") + `"` }

// object returns the fields of a JSON object, nil when raw is none. Reading
// from nil is fine, so a path can be walked without looking back.
func object(raw json.RawMessage) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return nil
	}
	return fields
}

// firstText returns the first value that holds text: a string, or a number or
// boolean as it is written.
func firstText(values ...json.RawMessage) string {
	for _, raw := range values {
		var text string
		switch {
		case json.Unmarshal(raw, &text) == nil:
		case len(raw) > 0 && !bytes.ContainsAny(raw[:1], "{["):
			text = string(raw)
		}
		if text != "" {
			return text
		}
	}
	return ""
}
