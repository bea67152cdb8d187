package report

// Prose is an agent's answer as a summary has it.
func Prose(untrusted string) string { return prose(untrusted, MaxProse) }
