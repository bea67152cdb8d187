package prompt

import "strings"

// Kind is a kind of thing that Sanitise takes out of a text.
type Kind string

// The kinds, as they are written in fences and summaries.
const (
	// Bidi are characters that turn the direction of writing.
	Bidi Kind = "bidi"
	// Control are control characters other than tab and line feed.
	Control Kind = "control"
	// DataURI are addresses that are their own content.
	DataURI Kind = "data-uri"
	// DiagramComment are lines of a diagram's source that aren't drawn.
	DiagramComment Kind = "diagram-comment"
	// HiddenAttribute are attributes of HTML elements: a page shows none of them.
	HiddenAttribute Kind = "hidden-attribute"
	// HiddenElement are HTML elements that a page doesn't show, with all in them.
	HiddenElement Kind = "hidden-element"
	// HTMLComment are comments, processing instructions and declarations.
	HTMLComment Kind = "html-comment"
	// ImageText is the text of a Markdown image, shown only where the image isn't.
	ImageText Kind = "image-text"
	// InvalidUTF8 are bytes that are no text. Each becomes a question mark.
	InvalidUTF8 Kind = "invalid-utf8"
	// Invisible are other characters that show nothing, such as fillers.
	Invisible Kind = "invisible"
	// LinkDefinition are Markdown's definitions of links and footnotes, which
	// show nothing themselves.
	LinkDefinition Kind = "link-definition"
	// LinkTitle are titles of Markdown links, shown only under a mouse.
	LinkTitle Kind = "link-title"
	// PrivateUse are characters without a meaning that everybody knows.
	PrivateUse Kind = "private-use"
	// SoftHyphen are hyphens that show only at a line's end.
	SoftHyphen Kind = "soft-hyphen"
	// TagCharacter are invisible copies of ASCII.
	TagCharacter Kind = "tag"
	// TerminalSequence are colours, titles and other orders to a terminal.
	TerminalSequence Kind = "terminal-sequence"
	// Unreadable are brackets of a text so entangled that what it shows can't
	// be told. It keeps its words and loses its markup.
	Unreadable Kind = "unreadable-markup"
	// VariationSelector are characters that choose a look for the one before.
	VariationSelector Kind = "variation-selector"
	// ZeroWidth are spaces and joiners of no width.
	ZeroWidth Kind = "zero-width"
)

// Removed counts what was taken out of a text, by kind. Nothing removed is an
// empty map.
type Removed map[Kind]int

// maxPasses is how often a text is gone through for markup. Taking something
// out can bring together something else; an honest text is done in two.
const maxPasses = 8

// Sanitise returns text without what a person who looks at it doesn't see, so
// that an agent reads what people read. Code keeps its markup, which stands
// there to be read, and loses invisible characters only. Other text is GitHub's
// Markdown, in which comments, hidden elements, attributes, titles, definitions
// and data addresses go as well; fenced code blocks in it are code where that
// is certain, and code between single backticks is not.
//
// In doubt it takes out too much. The result is valid UTF-8 and never longer
// than text, and what was sanitised once stays as it is.
func Sanitise(text string, code bool) (string, Removed) {
	removed := Removed{}
	text = visible(text, removed)
	if code {
		return text, removed
	}
	for range maxPasses {
		before := text
		text = withoutHTML(text, removed)
		text = withoutMarkdown(text, removed)
		if text == before {
			return text, removed
		}
	}
	return withoutMarkup(text, removed), removed
}

// withoutMarkup takes out the characters that all markup needs: nothing that is
// left means more than itself, and no further pass finds anything.
func withoutMarkup(text string, removed Removed) string {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune("<[&", r) {
			removed[Unreadable]++
			return -1
		}
		return r
	}, text)
	return dataURI.ReplaceAllStringFunc(text, func(string) string {
		removed[DataURI]++
		return "data:"
	})
}
