package prompt

import (
	"html"
	"regexp"
	"slices"
	"strings"
)

// page is a text on its way through withoutHTML.
type page struct {
	text    string
	code    []span // Code blocks that are still ahead.
	out     strings.Builder
	removed Removed

	// hidden is the name of the element that nobody sees and in which the
	// reader is, depth how many of that name are open.
	hidden string
	depth  int

	// wasted counts the bytes of tags without an end that were read in vain.
	wasted int
}

// withoutHTML takes out what a page made of text doesn't show: comments,
// hidden elements with all that is in them, and of each tag the attributes, but
// for the addresses of links and images.
//
// It follows browsers where they and CommonMark disagree, and so may take out
// what a renderer of Markdown would show as text. The other way round would let
// hidden text through.
func withoutHTML(text string, removed Removed) string {
	if !strings.Contains(text, "<") {
		return text
	}
	p := page{text: text, code: codeBlocks(text), removed: removed}
	p.out.Grow(len(text))
	for i := 0; i < len(text); {
		i = p.step(i)
	}
	return p.out.String()
}

// step reads what stands at i and returns where the next thing begins.
func (p *page) step(i int) int {
	for len(p.code) > 0 && p.code[0].start < i {
		// Markup reaches into the block: it was none.
		p.code = p.code[1:]
	}
	if len(p.code) > 0 && p.code[0].start == i {
		end := p.code[0].end
		p.write(p.text[i:end])
		return end
	}
	if p.text[i] != '<' {
		end := len(p.text)
		if n := strings.IndexByte(p.text[i:], '<'); n >= 0 {
			end = i + n
		}
		if len(p.code) > 0 {
			end = min(end, p.code[0].start)
		}
		p.write(p.text[i:end])
		return end
	}
	if end := commentEnd(p.text, i); end > i {
		if p.hidden == "" {
			p.removed[HTMLComment]++
		}
		p.write(" ") // Keeps what stands on both sides apart.
		return end
	}
	if link := autolink.FindString(p.text[i:]); link != "" {
		p.write(link)
		return i + len(link)
	}
	return p.tag(i)
}

// write shows s, unless it stands in a hidden element.
func (p *page) write(s string) {
	if p.hidden == "" {
		p.out.WriteString(s)
	}
}

// tag reads the tag at i, or a "<" that begins none.
func (p *page) tag(i int) int {
	t, end := p.readTag(i)
	switch {
	case end < 0 && isLineStart(p.text, i), p.wasted > 8*len(p.text):
		// A tag at the beginning of a line that never ends hides the rest of
		// the page. Text that wastes this much time is made to.
		p.removed[HiddenElement]++
		return len(p.text)
	case end <= 0:
		p.write("<")
		return i + 1
	case p.hidden != "":
		if t.name != p.hidden {
			return end
		}
		if !t.closes {
			p.depth++
		} else if p.depth--; p.depth == 0 {
			p.hidden = ""
		}
	case !t.closes && t.isHidden():
		p.removed[HiddenElement]++
		p.write(" ")
		if !slices.Contains(void, t.name) {
			p.hidden, p.depth = t.name, 1
		}
	default:
		p.write(t.shown(p.removed))
	}
	return end
}

// commentEnd is where the comment, processing instruction or declaration at i
// ends, or i where none begins. What has no end of its own ends with the text.
func commentEnd(text string, i int) int {
	rest := text[i:]
	begin, end := 0, ""
	switch {
	case strings.HasPrefix(rest, "<!-->"):
		return i + len("<!-->")
	case strings.HasPrefix(rest, "<!--->"):
		return i + len("<!--->")
	case strings.HasPrefix(rest, "<!--"):
		begin, end = len("<!--"), "-->"
	case strings.HasPrefix(rest, "<![CDATA["):
		begin, end = len("<![CDATA["), "]]>"
	case strings.HasPrefix(rest, "<?"):
		begin, end = len("<?"), "?>"
	case strings.HasPrefix(rest, "<!"), len(rest) > 2 && rest[1] == '/' && !isLetter(rest[2]) && rest[2] != '>':
		begin, end = len("<!"), ">"
	default:
		return i
	}
	n := strings.Index(rest[begin:], end)
	if n < 0 {
		return len(text)
	}
	return i + begin + n + len(end)
}

// isLineStart reports whether nothing but marks of quotes and lists stands
// before i on its line.
func isLineStart(text string, i int) bool {
	for ; i > 0 && text[i-1] != '\n'; i-- {
		if strings.IndexByte(" \t>*+-.)0123456789", text[i-1]) < 0 {
			return false
		}
	}
	return true
}

// autolink is an address between angle brackets, or an e-mail's.
var autolink = regexp.MustCompile(`^<(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>"]+|[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+)>`)

// void are the elements that have no content and no end.
var void = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}

// unseen are the elements whose content a page doesn't show as text.
var unseen = []string{
	"audio", "canvas", "datalist", "head", "iframe", "math", "noembed", "noframes", "noscript",
	"object", "rp", "script", "style", "svg", "template", "title", "video",
}

// unseenStyle finds, in a style without white space, what hides an element.
var unseenStyle = regexp.MustCompile(`display:none|visibility:(?:hidden|collapse)|opacity:0*\.?0*(?:[;%!]|$)` +
	`|(?:font-size|width|height|line-height):0*\.?0*(?:px|r?em|pt|vw|vh|%)?(?:[;!]|$)` +
	`|(?:left|top|right|bottom|text-indent|margin[a-z-]*):-\d{3}|clip(?:-path)?:|transform:scale` +
	`|color:(?:transparent|white|#fff(?:fff)?|rgba?\(255,255,255)|\\|/\*`)

// tiny is a length that shows nothing of an image.
var tiny = regexp.MustCompile(`^0*[01]?(?:\.0*)?(?:px|%)?$`)

// isHidden reports whether a page shows nothing of the element.
func (t tag) isHidden() bool {
	if slices.Contains(unseen, t.name) {
		return true
	}
	return slices.ContainsFunc(t.attributes, func(a attribute) bool {
		value := strings.ToLower(strings.Join(strings.Fields(html.UnescapeString(a.value)), ""))
		switch a.name {
		case "hidden":
			return true
		case "aria-hidden":
			return value == "true"
		case "style":
			return unseenStyle.MatchString(value)
		case "color":
			return unseenStyle.MatchString("color:" + value)
		case "width", "height":
			return t.name == "img" && tiny.MatchString(value)
		}
		return false
	})
}
