package actions

import (
	"slices"

	"cursor-agent-action/internal/plain"
)

// Mask hides values from the log and from every output, state and summary that
// is written later, where *** takes their place. Each value is hidden in these
// forms: as it is, without white space around it, without quotes around it,
// each of its lines, and each of these URL-escaped, JSON-escaped, as the user
// of Basic authentication ("value:" in base64) and, from eight characters on,
// in base64 and hexadecimal digits, also as a part of a longer text in base64:
// see secret.Forms. The runner is told them too, so that it hides them from
// what other steps say; those command lines are the only place where a value is
// written. Values of fewer than four characters are not hidden.
func (r *Runner) Mask(values ...string) {
	r.log.Lock()
	defer r.log.Unlock()
	for _, value := range values {
		for _, form := range plain.Forms(value) {
			if slices.Contains(r.secrets, form) {
				continue
			}
			r.secrets = append(r.secrets, form)
			// Of a value with line ends the runner would hide each line too,
			// even one of a single character.
			if !plain.HasBreak(form) {
				r.write(command("add-mask", form))
			}
		}
	}
}

// Hidden returns text with *** in place of what Mask was told, as the log and the
// files have it, for what goes elsewhere.
func (r *Runner) Hidden(text string) string { return r.redact(text) }

// redact replaces the secrets in text, as far as Mask knows them.
func (r *Runner) redact(text string) string {
	r.log.Lock()
	secrets := slices.Clone(r.secrets)
	r.log.Unlock()
	return plain.Hide(text, secrets)
}
