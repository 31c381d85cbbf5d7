package notify

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// addresses finds what begins as a link and ends before a space or a sign that Chinese
// writes behind one. What is a link to a reader of the client is one here: both sides'
// tests read testdata/links.json.
var addresses = regexp.MustCompile(`(?i)https?://[^\s<>"、。，：；！？（）《》〈〉「」『』【】“”‘’…—～｜]+`)

// links returns where the links of a text begin and end, in bytes.
func links(text string) [][2]int {
	var found [][2]int
	for _, at := range addresses.FindAllStringIndex(text, -1) {
		if before, _ := utf8.DecodeLastRuneInString(text[:at[0]]); before < utf8.RuneSelf && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
			continue // the end of another word
		}
		found = append(found, [2]int{at[0], at[0] + len(withoutTail(text[at[0]:at[1]]))})
	}
	return found
}

// withoutTail takes from a link what belongs to the sentence around it: signs that end
// one, and brackets that were not opened inside.
func withoutTail(link string) string {
	for {
		short := strings.TrimRight(link, ".,;:!?'*")
		if strings.HasSuffix(short, ")") && strings.Count(short, ")") > strings.Count(short, "(") {
			short = strings.TrimSuffix(short, ")")
		}
		if short == link {
			return link
		}
		link = short
	}
}

// markdownOf words somebody's text for a robot: its links lead where they say, and
// nothing else in it means anything.
func markdownOf(text string) string {
	var b strings.Builder
	at := 0
	for _, l := range links(text) {
		link := text[l[0]:l[1]]
		if strings.ContainsAny(link, "[]()*`@") {
			continue // it could end the link before its end, or call somebody
		}
		b.WriteString(plainMarkdown(text[at:l[0]]) + "[" + plainMarkdown(link) + "](" + link + ")")
		at = l[1]
	}
	return b.String() + plainMarkdown(text[at:])
}
