package schema

// Fence is a fenced block, for tests.
type Fence struct{ Info, Text string }

// Fences are the fenced blocks of a Markdown text.
func Fences(markdown string) []Fence {
	var fences []Fence
	for _, block := range blocks(markdown) {
		fences = append(fences, Fence{block.info, block.text})
	}
	return fences
}
