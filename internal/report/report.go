// Package report turns what is known of a piece of work into Markdown for
// people: the summary of a step, with a timeline. What the agent, the API or a
// user said reaches the Markdown through the functions of markdown.go only, so
// that it can be read and can do nothing: not mention anybody, link an issue,
// show an image, hide text or look like our own words.
package report
