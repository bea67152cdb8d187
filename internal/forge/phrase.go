package forge

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FindPhrase looks for the trigger phrase in a comment: as a whole word,
// whatever its case, and only in what the writer says, which is neither code
// nor a quotation nor hidden. The rest is the comment without the phrase.
//
// Where Markdown leaves a doubt the phrase is not found: a launch that nobody
// asked for costs more than writing the phrase again.
func FindPhrase(comment, phrase string) (rest string, found bool) {
	for _, block := range spokenBlocks(comment) {
		for from := 0; ; {
			at := indexFold(block.text[from:], phrase)
			if at < 0 {
				break
			}
			at += from
			end := at + len(phrase)
			if isWholeWord(block.text, at, end) {
				return without(comment, block.offset(at), block.offset(end-1)+1), true
			}
			from = at + 1
		}
	}
	return "", false
}

// CheckPhrase says what is wrong with a trigger phrase that can't be found.
func CheckPhrase(phrase string) error {
	switch {
	case strings.TrimSpace(phrase) != phrase || phrase == "":
		return errors.New("is blank or has white space around it: write one word, for example @cursor")
	case len(phrase) > 100:
		return errors.New("is longer than 100 bytes: write one word, for example @cursor")
	case !utf8.ValidString(phrase), strings.ContainsFunc(phrase, func(r rune) bool { return !unicode.IsPrint(r) || unicode.IsSpace(r) && r != ' ' }):
		return errors.New("holds a character that nobody can see: write one word, for example @cursor")
	case strings.ContainsAny(phrase, "`<>[]\\"), strings.Contains(phrase, "  "):
		return errors.New("holds Markdown (one of ` < > [ ] \\, or two spaces), which is not read as written: write one word, for example @cursor")
	}
	return nil
}

// indexFold is where the phrase begins, compared without case; -1 for nowhere.
// Both are of one length in bytes: folding that changes the length (K and the
// Kelvin sign) is not followed.
func indexFold(text, phrase string) int {
	for at := range len(text) - len(phrase) + 1 {
		if utf8.RuneStart(text[at]) && strings.EqualFold(text[at:at+len(phrase)], phrase) {
			return at
		}
	}
	return -1
}

// isWholeWord reports whether text[at:end] stands for itself: not in a longer
// word, an e-mail address, a URL, a path or another account's name. Quotation
// marks, brackets and emphasis may stand around it, and punctuation after it.
func isWholeWord(text string, at, end int) bool {
	before := strings.TrimRight(text[:at], `"'(*_“‘«（「`)
	if r, _ := utf8.DecodeLastRuneInString(before); before != "" && !isGap(r) {
		return false
	}
	after := text[end:]
	switch r, _ := utf8.DecodeRuneInString(after); {
	case after == "" || isGap(r) || strings.ContainsRune(`,;:!?)"`, r):
		return true
	case !strings.ContainsRune(`.'*_…`, r):
		return false
	}
	// A full stop ends a sentence or goes on in a name: @cursor.com.
	after = strings.TrimLeft(after, `.'*_…,;:!?)"`)
	r, _ := utf8.DecodeRuneInString(after)
	return after == "" || isGap(r)
}

// isGap reports whether no word goes on over r: white space, and punctuation
// of scripts that write without spaces.
func isGap(r rune) bool {
	return unicode.IsSpace(r) || r > unicode.MaxLatin1 && unicode.IsPunct(r)
}

// without takes text[from:to] out of a comment, with a comma or colon that
// followed it and one of the spaces around it. Indentation means something in
// Markdown and stays.
func without(text string, from, to int) string {
	before, after := text[:from], strings.TrimLeft(text[to:], ",:")
	if before == "" || strings.ContainsAny(before[len(before)-1:], " \t\r\n") {
		after = strings.TrimLeft(after, " ")
	}
	if after == "" || strings.ContainsAny(after[:1], "\r\n") {
		before = strings.TrimRight(before, " ")
	}
	return strings.TrimRight(strings.TrimLeft(before+after, "\r\n"), " \t\r\n")
}
