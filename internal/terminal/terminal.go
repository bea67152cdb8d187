// Package terminal is where text leaves the program for a person: lines with a
// little colour, a status line below them where a terminal shows them, tables
// and JSON.
//
// What agents and the API say is hostile on a terminal too, so nothing gets
// there but through a Screen: control sequences and invisible characters are
// taken out, and secrets are stars.
package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf16"

	"golang.org/x/term"

	"cursor-agent-action/internal/plain"
)

// Config says where a Screen writes and what can be done there.
type Config struct {
	// Out gets whole lines, and the status line where there is one. Required.
	Out io.Writer
	// Columns is the width of the terminal that Out is, now, in characters; 0
	// when it is none. nil means that it is none.
	Columns func() int
	// Getenv gives NO_COLOR (https://no-color.org) and TERM; nil means that none
	// is set.
	Getenv func(string) string
}

// Columns returns the function for Config that asks out itself.
func Columns(out io.Writer) func() int {
	file, ok := out.(interface{ Fd() uintptr })
	if !ok {
		return func() int { return 0 }
	}
	return func() int {
		width, _, err := term.GetSize(int(file.Fd()))
		if err != nil {
			return 0
		}
		return width
	}
}

// Screen is the one way out. Its methods are safe for concurrent use.
type Screen struct {
	columns func() int
	colour  bool
	live    bool // a status line can be shown

	mu      sync.Mutex
	out     io.Writer
	err     error // of the first write that failed
	secrets []string
	status  func() string // nil where none is wanted
	shown   bool          // a status line stands on the terminal
	ended   chan struct{} // closed when the status line is not redrawn any more
	stop    chan struct{}
}

// New returns a screen. Colour and the status line are for terminals only, and
// not for one whose TERM is dumb; NO_COLOR takes away the colour.
func New(config Config) *Screen {
	getenv := config.Getenv
	if getenv == nil {
		getenv = func(string) string { return "" }
	}
	s := &Screen{out: config.Out, columns: config.Columns}
	if s.columns == nil {
		s.columns = func() int { return 0 }
	}
	s.live = s.columns() > 0 && getenv("TERM") != "dumb"
	s.colour = s.live && getenv("NO_COLOR") == ""
	return s
}

// Hide replaces the given secrets by *** in everything that is written later, in
// all the forms of plain.Forms.
func (s *Screen) Hide(secrets ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, value := range secrets {
		s.secrets = append(s.secrets, plain.Forms(value)...)
	}
}

// Redact returns text as the screen would write it: without the secrets.
func (s *Screen) Redact(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return plain.Hide(text, s.secrets)
}

// Err returns the first error of a write, or nil. That nobody can read the
// screen any more must not change what the program does.
func (s *Screen) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Print writes text, whose lines stay together, in a style.
func (s *Screen) Print(style Style, text string) { s.Block(style, "", text) }

// Block writes text, each of its lines behind prefix, in a style.
func (s *Screen) Block(style Style, prefix, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for line := range plain.Lines(plain.Hide(text, s.secrets)) {
		line = plain.Cut(plain.Hide(plain.Clean(prefix+line), s.secrets))
		b.WriteString(s.styled(style, line))
		b.WriteByte('\n')
	}
	s.write(b.String())
}

// JSON writes value as indented JSON. Characters that a terminal would obey, or
// not show, are escaped: they stand in strings only.
func (s *Screen) JSON(value any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	var b strings.Builder
	for _, r := range plain.Hide(text.String(), s.secrets) {
		if r == '\n' || !unicode.IsControl(r) && !plain.IsHidden(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	s.write(b.String())
	return s.err
}

// write puts whole lines above the status line, in one go.
func (s *Screen) write(lines string) {
	text := s.eraser() + lines
	s.shown = false
	if s.status != nil {
		text += s.statusLine()
	}
	s.put(text)
}

func (s *Screen) put(text string) {
	if text == "" {
		return
	}
	if _, err := io.WriteString(s.out, text); err != nil && s.err == nil {
		s.err = fmt.Errorf("write: %w", err)
	}
}

// redrawEvery is how often the status line is drawn anew: its clock shows
// seconds.
const redrawEvery = time.Second

// ShowStatus keeps a line below all others that says what render returns, drawn
// anew each second, where the screen is a terminal. render must not
// use the screen, and what it returns may be hostile. HideStatus ends it.
func (s *Screen) ShowStatus(render func() string) {
	s.HideStatus()
	if !s.live {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = render
	s.stop, s.ended = make(chan struct{}), make(chan struct{})
	s.write("")
	go s.redraw(s.stop, s.ended)
}

func (s *Screen) redraw(stop <-chan struct{}, ended chan<- struct{}) {
	defer close(ended)
	ticker := time.NewTicker(redrawEvery)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
			s.mu.Lock()
			s.write("")
			s.mu.Unlock()
		}
	}
}

// HideStatus takes the status line away. Without one it does nothing.
func (s *Screen) HideStatus() {
	s.mu.Lock()
	stop, ended := s.stop, s.ended
	s.stop, s.status = nil, nil
	s.mu.Unlock()
	if stop == nil {
		return
	}
	close(stop)
	<-ended
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write("")
}

// eraser takes the status line off the terminal: to the line's start, and all
// behind it away.
func (s *Screen) eraser() string {
	if !s.shown {
		return ""
	}
	return "\r\x1b[K"
}

// statusLine is the status, as much of it as fits on one line: a longer one
// would scroll, and the next could not take its place.
func (s *Screen) statusLine() string {
	text := Fit(s.cell(s.status()), s.columns()-1)
	if text == "" {
		return ""
	}
	s.shown = true
	return s.styled(Dim, text)
}
