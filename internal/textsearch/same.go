package textsearch

import (
	"unicode"

	"github.com/yunqiao/yunqiao/internal/label"
)

// This file: the table of what is the same where something is searched, and
// does not follow from Unicode's decompositions.

// sameMark brings signs that people take for each other to one: apostrophes,
// the dots between the parts of foreign names, hyphens and dashes.
func sameMark(r rune) rune {
	switch r {
	case '’', '‘', '‛', 'ʼ', 'ʻ', 'ʹ', 'ʽ', '′', '`', '´', 'ˈ', '՚', '׳', 'ꞌ':
		return '\''
	case '‧', '•', '∙', '⋅', '・', '･', '●', '᛫', '⸱', '﹒':
		return '·'
	case '‐', '‑', '‒', '–', '—', '―', '−', '﹣', '－', '﹘', '⁃', '➖':
		return '-'
	}
	return r
}

// spelled says how a letter is written by those who do not have it. Unicode
// decomposes none of them.
func spelled(r rune) string {
	switch r {
	case 'đ', 'ð', 'ɖ':
		return "d"
	case 'ł', 'ƚ':
		return "l"
	case 'ø':
		return "o"
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'þ':
		return "th"
	case 'ı', 'ɨ':
		return "i"
	case 'ħ':
		return "h"
	case 'ŧ':
		return "t"
	case 'ŋ':
		return "n"
	case 'ĸ':
		return "k"
	case 'ə', 'ǝ':
		return "e"
	case 'ς':
		return "σ"
	}
	return ""
}

// spelledLetters are those that spelled knows, and sameMarks those of sameMark.
const (
	spelledLetters = "đðɖłƚøßæœþıɨħŧŋĸəǝςĐÐŁØẞÆŒÞĦŦŊƏƎ"
	sameMarks      = "’‘‛ʼʻʹʽ′`´ˈ՚׳ꞌ‧•∙⋅・･●᛫⸱﹒‐‑‒–—―−﹣－﹘⁃➖"
)

// unseen says of a character that a text reads the same without it.
func unseen(r rune) bool {
	return label.Visible(string(r)) == "" || unicode.Is(unicode.Variation_Selector, r)
}
