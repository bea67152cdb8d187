package report

import (
	"net/url"
	"strings"
)

// Inline returns untrusted text as one line of plain text for a paragraph, a
// heading or a cell of a table. It reads as it was written, white space aside,
// and is nothing but text: no emphasis, link, address, image, HTML, code,
// footnote, formula or emoji, no mention and no reference to an issue or a
// commit. Characters that can't be seen are dropped. The length is not
// bounded: see Cut.
func Inline(untrusted string) string {
	return escape(oneLine(untrusted), escapes{lineStart: true})
}

// Code returns untrusted text as an inline code span that the text can't
// leave, on one line, also in a cell of a table. Empty text gives "". Something
// must stand between two code spans.
func Code(untrusted string) string {
	text := oneLine(untrusted)
	switch {
	case text == "":
		return ""
	case strings.Contains(text, "|"):
		// A pipe ends a cell even inside backticks, and outside of tables a
		// backslash before it would show.
		return "<code>" + escape(text, escapes{linked: true}) + "</code>"
	}
	ticks := strings.Repeat("`", longestRun(text)+1)
	if text[0] == '`' || text[len(text)-1] == '`' {
		text = " " + text + " "
	}
	return ticks + text + ticks
}

// Fence returns untrusted text as a fenced code block that the text can't
// leave, without a line end after it. Info names the language for colours; one
// that is not a known language is dropped, because GitHub draws or offers to
// apply the blocks of some ("mermaid", "suggestion"). The length is not bounded.
func Fence(untrusted, info string) string {
	text := strings.Trim(plain(untrusted), "\n")
	ticks := strings.Repeat("`", max(3, longestRun(text)+1))
	return ticks + language(info) + "\n" + text + "\n" + ticks
}

// Link returns a link with text, which is shown as plain text, to an https
// address. Any other address is shown as code, and the text is left out, so
// that a reader sees where it would have led.
func Link(text, untrustedURL string) string {
	address, ok := webAddress(untrustedURL)
	if !ok {
		return Code(untrustedURL)
	}
	label := oneLine(text)
	if label == "" {
		label = address
	}
	return "[" + escape(label, escapes{linked: true}) + "](" + address + ")"
}

// longestAddress is what browsers and proxies take without trouble, in bytes.
const longestAddress = 2048

// webAddress returns an https address as it stands in a Markdown link.
func webAddress(untrusted string) (string, bool) {
	if len(untrusted) > longestAddress {
		return "", false
	}
	parsed, err := url.Parse(strings.TrimSpace(untrusted))
	switch {
	case err != nil, parsed.Scheme != "https", parsed.User != nil, parsed.Hostname() == "":
		return "", false
	case leading(parsed.Host, isHostByte) != parsed.Host:
		return "", false // An international name may look like another.
	}
	var b strings.Builder
	for _, c := range []byte(parsed.String()) {
		switch {
		case isAlnum(c) || strings.IndexByte("-._~:/?#@!+,;=%", c) >= 0:
			b.WriteByte(c)
		case c == '&':
			b.WriteString("&amp;")
		default:
			// Brackets and the like end a link, and a byte may always be escaped.
			const digits = "0123456789ABCDEF"
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String(), true
}

// isCursors reports whether an https address is one of Cursor's own pages.
func isCursors(address string) bool {
	parsed, err := url.Parse(address)
	return err == nil && (parsed.Host == "cursor.com" || strings.HasSuffix(parsed.Host, ".cursor.com"))
}

func isHostByte(c byte) bool { return isAlnum(c) || c == '.' || c == '-' || c == ':' }

// longestRun is the length of the longest run of backticks in text.
func longestRun(text string) int {
	longest, run := 0, 0
	for i := range len(text) {
		if text[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// language returns the first word of info in lower case if it names a language
// that is only coloured, else "".
func language(info string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(info), " ")
	switch word = strings.ToLower(word); word {
	case "bash", "bat", "c", "c++", "clojure", "cmake", "console", "cpp", "cs", "csharp", "css", "csv", "cython",
		"dart", "diff", "docker", "dockerfile", "dotenv", "elixir", "elm", "erlang", "fish", "fsharp", "git", "go",
		"golang", "gradle", "graphql", "groovy", "haskell", "hcl", "html", "http", "ini", "java", "javascript", "js",
		"json", "json5", "jsonc", "jsonl", "jsx", "julia", "kotlin", "kt", "less", "log", "lua", "make", "makefile",
		"markdown", "md", "mjs", "nginx", "nix", "objc", "ocaml", "patch", "perl", "php", "plaintext", "powershell",
		"prisma", "proto", "protobuf", "ps1", "py", "python", "r", "rb", "rs", "ruby", "rust", "sass", "scala", "scss",
		"sh", "shell", "sql", "svelte", "swift", "terraform", "text", "toml", "ts", "tsv", "tsx", "txt", "typescript",
		"vim", "vue", "xml", "yaml", "yml", "zig", "zsh":
		return word
	}
	return ""
}
