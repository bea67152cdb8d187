package prompt

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"text/template"

	"cursor-agent-action/internal/plain"
)

// maxInline is the longest text in bytes that is fenced within a line.
const maxInline = 200

// functions are all that a template may call, in place of text/template's own:
// html, js and urlquery are for other languages than a prompt's, println and
// call for nothing here.
func (r *run) functions() template.FuncMap {
	all := r.comparisons()
	maps.Copy(all, template.FuncMap{
		"untrusted": r.untrusted,
		"include":   r.include,
		"truncate":  r.truncate,
		"json":      r.json,
		"env":       r.env,
		"index":     r.index,
		"print":     func(args ...any) (any, error) { return r.printf(strings.Repeat("%v", len(args)), true, args) },
		"printf": func(format any, args ...any) (any, error) {
			text, err := asText(format)
			if err != nil {
				return nil, err
			}
			return r.printf(text, isOwn(format), args)
		},

		showFunction:  r.show,
		wordsFunction: func(s string) words { return words(s) },
		stepFunction:  r.step,
		enterFunction: r.enter,
		leaveFunction: func(int) words { r.depth--; return "" },
	})
	return all
}

// Each of these writes nothing itself: what it returns is printed as no text.

// step counts n nodes that are about to be visited.
func (r *run) step(n int) (words, error) {
	if r.steps -= n; r.steps < 0 {
		return "", refusal(fmt.Sprintf("the template does not come to an end: it takes more than %d steps; repeat less", maxSteps))
	}
	return "", nil
}

// enter counts a template that begins, with n nodes in it.
func (r *run) enter(n int) (words, error) {
	if r.depth++; r.depth > maxCalls {
		return "", refusal(fmt.Sprintf("templates call each other more than %d deep; one of them may call itself without end", maxCalls))
	}
	return r.step(n)
}

// charge counts n bytes that are about to be made.
func (r *run) charge(n int) error {
	if r.work -= n; r.work < 0 {
		return refusal(fmt.Sprintf("the template makes more than %d MiB of text; take less of the data", maxWork>>20))
	}
	return nil
}

// made is a text that a function made: the author's own or from outside.
func (r *run) made(text string, own bool) (any, error) {
	if err := r.charge(len(text)); err != nil {
		return nil, err
	}
	if own {
		return words(text), nil
	}
	return text, nil
}

// show prints the value of an action that stands at place and reads source.
func (r *run) show(place, source string, v any) (words, error) {
	if isOwn(v) {
		text, _ := asText(v) // What is the author's own has a text.
		return "", r.out.add(text)
	}
	part, err := asPart(v)
	if err != nil {
		return "", err
	}
	if err := r.charge(len(part.Text)); err != nil {
		return "", err
	}
	if part.Source == "" {
		part.Source = fmt.Sprintf("%s:%s {{%s}}", r.template.Name, place, plain.CutBytes(source, maxAttribute/2))
	}
	text, from := r.clean(part)
	if text == "" {
		if part.Text != "" {
			r.origins = append(r.origins, from)
		}
		return "", nil
	}
	if _, isText := v.(string); isText && len(text) <= maxInline && !strings.Contains(text, "\n") && !from.Cut {
		text = strings.Join(strings.Fields(text), " ")
		from.Used = len(text)
		return "", r.out.add(r.inline(text, from))
	}
	return "", r.out.addBlock(r.block(text, from, part.Tail))
}

// untrusted takes a value for a fence of its own lines, and before it what the
// value is.
func (r *run) untrusted(args ...any) (any, error) {
	if len(args) == 0 || len(args) > 2 {
		return nil, errors.New(`it takes a value, or what the value is and the value: untrusted "the title" .title`)
	}
	value := args[len(args)-1]
	part, err := asPart(value)
	if err != nil {
		return nil, err
	}
	if len(args) == 2 {
		source, ok := args[0].(words)
		if !ok {
			return nil, errors.New(`what the value is stands in quotes: untrusted "the title" .title`)
		}
		part.Source = string(source)
	}
	return fence{part}, nil
}

// include reads a file as the author's own words, once. Where a template fences
// it all the same, the fence has an origin of its own.
func (r *run) include(name any) (any, error) {
	file, err := asText(name)
	if err != nil {
		return nil, err
	}
	text, ok := r.files[file]
	if !ok {
		if text, err = r.read(file); err != nil {
			return nil, fmt.Errorf("include %q: %w", file, err)
		}
		from := origin(Part{Source: "file " + file, Text: text, Trusted: true})
		from.Used = from.Fetched
		r.origins = append(r.origins, from)
		r.files[file] = text
	}
	return r.made(text, true)
}

func (r *run) read(file string) (string, error) {
	if r.template.Include == nil {
		return "", errors.New("files can't be read here")
	}
	text, err := r.template.Include(file, r.MaxBytes)
	if err == nil && len(text) > r.MaxBytes {
		err = fmt.Errorf("it has %d bytes, and a prompt has at most %d", len(text), r.MaxBytes)
	}
	return text, err
}

// truncate keeps the first characters of a text.
func (r *run) truncate(count, v any) (any, error) {
	n, ok := position(count)
	if !ok || n < 0 {
		return nil, errors.New("it takes a number of characters, and the text: truncate 100 .body")
	}
	text, err := asText(v)
	if err != nil {
		return nil, err
	}
	for at := range text {
		if n--; n < 0 {
			return r.made(text[:at]+"…", isOwn(v))
		}
	}
	return r.made(text, isOwn(v))
}

func (r *run) json(v any) (any, error) {
	text, err := asJSON(v)
	if err != nil {
		return nil, err
	}
	return r.made(text, isOwn(v))
}

// env reads a variable. Workflows pass titles and names in them, so they are
// from outside.
func (r *run) env(name any) (any, error) {
	text, err := asText(name)
	if err != nil {
		return nil, err
	}
	value, ok := r.template.Env[text]
	if !ok {
		return nil, fmt.Errorf("the environment variable %q is not on the list of those that a template may read", text)
	}
	return r.made(value, false)
}

// index looks up keys, one in the other. What is not there is nothing, so that
// a template can ask; a list's length it can ask too.
func (r *run) index(v any, keys ...any) (any, error) {
	for _, key := range keys {
		if part, ok := v.(quoted); ok {
			v = map[string]any(part)
		}
		switch of := v.(type) {
		case nil:
			return nil, nil
		case map[string]any:
			name, err := asText(key)
			if err != nil {
				return nil, err
			}
			v = of[name]
		case []any:
			n, ok := position(key)
			if !ok || n < 0 || n >= int64(len(of)) {
				return nil, fmt.Errorf("the list has %d values and none at %v", len(of), key)
			}
			v = of[n]
		default:
			return nil, fmt.Errorf("there is nothing in %s", kindOf(v))
		}
	}
	return v, nil
}

// position is a number as that of a list's value.
func position(key any) (int64, bool) {
	switch key := key.(type) {
	case int:
		return int64(key), true
	case int64:
		return key, true
	}
	return 0, false
}

// verb is what printf takes: a width of millions is no use of it.
var verb = regexp.MustCompile(`%(?:%|[-+# 0]{0,4}[0-9]{0,3}(?:\.[0-9]{0,3})?[bcdefgostvxXqEGU])`)

// printf prints args by format. The result is the author's own if all of it is.
func (r *run) printf(format string, own bool, args []any) (any, error) {
	if strings.Contains(verb.ReplaceAllString(format, ""), "%") {
		return nil, errors.New("a verb in the format is not known here: there are %s, %q, %v, %d, %f, %t, %x and the like, with a width and a precision below 1000")
	}
	size := len(format)
	values := make([]any, len(args))
	for i, v := range args {
		if _, ok := v.(fence); ok {
			return nil, errFence
		}
		own = own && isOwn(v)
		values[i] = v
		if text, ok := v.(words); ok {
			values[i] = string(text)
		}
		if v == nil {
			values[i] = ""
		}
		if kindOf(v) == "a map" || kindOf(v) == "a list" {
			text, err := asJSON(v)
			if err != nil {
				return nil, err
			}
			values[i] = text
		}
		if text, ok := values[i].(string); ok {
			size += len(text)
		}
	}
	if err := r.charge(size); err != nil {
		return nil, err
	}
	return r.made(fmt.Sprintf(format, values...), own)
}
