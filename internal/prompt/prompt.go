// Package prompt puts together what an agent is told: the words of the
// workflow's author first, and after them what others wrote, cleaned of what
// people don't see and in fences that it can't forge or leave. It knows no
// GitHub; who calls gives the parts.
//
// Templates are read by text/template's parser and executed here. What is
// executed by text/template itself is found by reflection, for which the linker
// keeps every exported method of the whole program: megabytes of it, for values
// that are texts, numbers, lists and maps. And here each node is counted, and
// each value is known for the author's or another's when it is printed.
package prompt

import "io"

// Part is a text that a prompt is made of.
type Part struct {
	// Source says in a few words what the text is: "comment 991 on issue 7".
	Source string
	// Author is the name of who wrote it, URL where it stands. Both may be
	// empty.
	Author, URL string
	// Text is read as a whole, in time proportional to its length, before any
	// of it is cut: who fetches it bounds it.
	Text string
	// Trusted says that the workflow's author wrote it. Such a text comes
	// first, without a fence, and is neither cleaned nor cut.
	Trusted bool
	// Code says that the text is shown as it is where it comes from, as diffs
	// and logs are: its markup stays.
	Code bool
	// Tail says that the end of the text counts, as that of a log: where it is
	// too long, the end is kept.
	Tail bool
	// Max is how many bytes of the cleaned text stay at most. Zero is
	// Options.MaxPart.
	Max int
}

// The limits that count where Options names none, in bytes.
const (
	DefaultMaxBytes = 512 << 10
	DefaultMaxPart  = 64 << 10
)

// Options say how a prompt is put together.
type Options struct {
	// Random is where the code of the fences comes from. Nil is
	// crypto/rand.Reader.
	Random io.Reader
	// MaxBytes is the longest prompt in bytes. Zero is DefaultMaxBytes.
	MaxBytes int
	// MaxPart is how many bytes of a part stay that names no Max itself. Zero
	// is DefaultMaxPart.
	MaxPart int
}

// Origin says where one part of a prompt came from and what was done to it.
type Origin struct {
	Source string
	Author string
	URL    string
	// Trusted parts are the workflow author's own words.
	Trusted bool
	// Fetched is the length in bytes of the text as it was given, Used that of
	// what stands in the prompt. A part of which nothing is used is left out.
	Fetched, Used int
	// Cut says that the text was too long, or that there was no room for it.
	Cut bool
	// Removed counts what was taken out.
	Removed Removed
	// Folded counts the <details> in the text. A page shows them closed, so
	// people may not have read what the agent reads.
	Folded int
	// SHA256 is the hash, in hex, of the text as it was given.
	SHA256 string
}

// Assembly is a prompt and where it came from.
type Assembly struct {
	Text string
	// Origins are the parts in the order of the prompt, those without a text
	// left out.
	Origins []Origin
	// Hash is the SHA-256, in hex, of Text.
	Hash string
}
