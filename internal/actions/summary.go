package actions

import (
	"fmt"
	"os"
	"strings"
)

// MaxSummary is the largest summary in bytes that a step writes. The runner
// throws a file of more than 1 MiB away as a whole:
// https://github.com/actions/runner/blob/v2.328.0/src/Runner.Worker/FileCommandManager.cs
const MaxSummary = 1<<20 - 1<<10

// summaryReserve is what the text leaves free for the note that it was cut.
const summaryReserve = 512

const summaryNote = "*This summary was cut: a step's summary may hold 1 MiB.*"

// AddSummary appends markdown to the step's summary, as a block of its own.
// What was written to the file before counts, also by others. Text that does
// not fit is cut, between two blocks or lines where that costs little; an open
// code fence, comment, <pre> or <details> is closed, and a note says that
// something is missing. Once that note is there, AddSummary drops its text and
// returns nil. Secrets, NUL and bytes that are not UTF-8 are replaced as in
// SetOutput.
func (r *Runner) AddSummary(markdown string) error {
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(r.plain(markdown))
	r.files.Lock()
	defer r.files.Unlock()
	if r.summaryCut {
		return nil
	}
	if err := r.addSummary(text); err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	return nil
}

func (r *Runner) addSummary(text string) error {
	path := r.getenv(summaryFile().variable)
	if isPipe(path) {
		return summaryFile().unwritable(path, errPipe())
	}
	size, lead := summarySize(path)
	// The library ends the text with a line end.
	room := MaxSummary - size - len(lead) - len("\n")
	cut := len(text) > room-summaryReserve
	if cut {
		if room < summaryReserve/2 {
			return fmt.Errorf("%s already holds %d bytes, of %d that it may: let the step write less of its own",
				summaryFile().variable, size, MaxSummary)
		}
		before, _ := os.ReadFile(path) // Writing to it says what is wrong with it.
		text = cutMarkdown(string(before)+lead, text, room, summaryNote)
	}
	if err := r.appendTo(summaryFile(), lead+text); err != nil {
		return err
	}
	r.summaryCut = cut
	return nil
}

// summarySize returns how many bytes the file at path holds, and the line ends
// that make the next text a block of its own. A file that can't be read counts
// as empty: writing to it says why.
func summarySize(path string) (size int, lead string) {
	f, err := os.Open(path)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return 0, ""
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, info.Size()-1); err == nil && last[0] != '\n' {
		return int(info.Size()), "\n\n"
	}
	return int(info.Size()), "\n"
}
