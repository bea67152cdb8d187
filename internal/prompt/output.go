package prompt

import "strings"

// output is the text that a template writes.
type output struct {
	text strings.Builder
	room int // In bytes, for more.
	// broken says that a line must end before anything else is written.
	broken bool
}

func (o *output) add(text string) error {
	if text == "" {
		return nil
	}
	if o.broken && text[0] != '\n' {
		text = "\n" + text
	}
	o.broken = false
	if o.room -= len(text); o.room < 0 {
		return refusal{text: "the prompt grows too long; print less of it, or truncate what is long"}
	}
	o.text.WriteString(text)
	return nil
}

// addBlock writes text in lines of its own.
func (o *output) addBlock(text string) error {
	if before := o.text.String(); before != "" && !strings.HasSuffix(before, "\n") {
		text = "\n" + text
	}
	if err := o.add(strings.TrimSuffix(text, "\n")); err != nil {
		return err
	}
	o.broken = true
	return nil
}

// show prints the value of an action. Where the value names no source itself,
// the action is it.
func (r *run) show(source string, v any) error {
	if isOwn(v) {
		text, _ := asText(v) // What is the author's own has a text.
		return r.out.add(text)
	}
	part, err := asPart(v)
	if err != nil {
		return err
	}
	if err := r.charge(len(part.Text)); err != nil {
		return err
	}
	if part.Source == "" {
		part.Source = source
	}
	text, from := r.clean(part)
	if text == "" {
		if part.Text != "" {
			r.origins = append(r.origins, from)
		}
		return nil
	}
	if _, isText := v.(string); isText && len(text) <= maxInline && !strings.Contains(text, "\n") && !from.Cut {
		text = strings.Join(strings.Fields(text), " ")
		from.Used = len(text)
		return r.out.add(r.inline(text, from))
	}
	return r.out.addBlock(r.block(text, from, part.Tail))
}
