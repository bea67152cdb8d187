package terminal

// Style is how a line looks where there is colour.
type Style int

// The styles. None of them means anything that the words don't say.
const (
	Text  Style = iota // as the terminal has it
	Dim                // what matters less
	Bold               // what matters more
	Good               // green
	Bad                // red
	Doubt              // yellow
)

// codes are the parameters of SGR (ECMA-48, 8.3.117) of each style. The eight
// old colours are the ones that every terminal's user has chosen.
func (s Style) code() string {
	switch s {
	case Dim:
		return "2"
	case Bold:
		return "1"
	case Good:
		return "32"
	case Bad:
		return "31"
	case Doubt:
		return "33"
	}
	return ""
}

// styled is a clean line in a style.
func (s *Screen) styled(style Style, line string) string {
	if code := style.code(); s.colour && code != "" && line != "" {
		return "\x1b[" + code + "m" + line + "\x1b[0m"
	}
	return line
}
