// Package textsearch says what it means that a text holds what somebody typed:
// Chinese as any substring of one character and more, simplified and
// traditional alike, Latin words from their beginning, without regard to case,
// accents and width. Everything that is searched uses it, so that one query
// means the same over messages, contacts, rooms, meetings and minutes.
//
// It is pure: no clock, no lock, no database. What Postgres needs is made here
// as text: lexemes for an index (Tokens), a tsquery (Query.TSQuery) that finds
// every candidate and some too many, and patterns (Query.Patterns) for what has
// no index. Query.Match is the rule itself; candidates are checked with it.
package textsearch

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/yunqiao/yunqiao/internal/label"
)

// simplifiedTable holds pairs of a traditional character and the simplified
// one it folds to, one pair a line; made by gen from OpenCC (Apache-2.0).
//
//go:embed simplified.txt
var simplifiedTable string

// Folder folds text. It is made once and then only read.
type Folder struct {
	simplified map[rune]rune
	// variants are the characters that fold to one, for patterns.
	variants map[rune][]rune
	// pairs are the letters that fold to two.
	pairs map[string][]rune
}

// NewFolder reads the tables.
func NewFolder() *Folder {
	f := &Folder{simplified: make(map[rune]rune, 4200), variants: make(map[rune][]rune, 4200), pairs: make(map[string][]rune)}
	for line := range strings.Lines(simplifiedTable) {
		from, n := utf8.DecodeRuneInString(line)
		to, _ := utf8.DecodeRuneInString(line[n:])
		f.simplified[from] = to
		f.variants[to] = append(f.variants[to], from)
	}
	for _, r := range spelledLetters + sameMarks {
		switch folded := []rune(f.Fold(string(r))); len(folded) {
		case 1:
			f.variants[folded[0]] = append(f.variants[folded[0]], r)
		case 2:
			f.pairs[string(folded)] = append(f.pairs[string(folded)], r)
		}
	}
	// Latin with accents, and the full-width forms of ASCII.
	for _, block := range [][2]rune{{0xc0, 0x24f}, {0x1e00, 0x1eff}, {0xff01, 0xff5e}} {
		for r := block[0]; r <= block[1]; r++ {
			folded := []rune(f.Fold(string(r)))
			if len(folded) == 1 && folded[0] != r {
				f.variants[folded[0]] = append(f.variants[folded[0]], r)
			}
		}
	}
	return f
}

// folded is a text in its folded form; from holds for each of its characters
// where in the original it begins, and at its end where the original ends.
type folded struct {
	runes []rune
	from  []int
}

// Fold brings text to one form: compatibility characters replaced, simplified,
// lower case, no accents, letters that Unicode does not decompose as they are
// spelled without them, apostrophes, dots and dashes one of a kind, what nobody
// sees taken out, spaces single, control characters gone.
func (f *Folder) Fold(text string) string { return string(f.fold(text).runes) }

func (f *Folder) fold(text string) folded {
	text = valid(text)
	out := folded{runes: make([]rune, 0, len(text)), from: make([]int, 0, len(text)+1)}
	for at := 0; at < len(text); {
		next := at + segment(text[at:])
		for _, r := range f.foldSegment(text[at:next]) {
			if unseen(r) {
				continue
			}
			if unicode.IsSpace(r) || unicode.IsControl(r) {
				if n := len(out.runes); n == 0 || out.runes[n-1] == ' ' {
					continue
				}
				r = ' '
			}
			out.runes, out.from = append(out.runes, r), append(out.from, at)
		}
		at = next
	}
	if n := len(out.runes); n > 0 && out.runes[n-1] == ' ' {
		out.runes, out.from = out.runes[:n-1], out.from[:n-1]
	}
	out.from = append(out.from, len(text))
	return out
}

// valid replaces what is no text; the offsets of folded text are into it.
func valid(text string) string { return strings.ToValidUTF8(text, "\ufffd") }

// segment returns the length of the first characters that belong together:
// a letter and the accents that follow it. Most characters stand alone.
func segment(text string) int {
	r, size := utf8.DecodeRuneInString(text)
	if next, _ := utf8.DecodeRuneInString(text[size:]); alone(r) && (alone(next) || size == len(text)) {
		return size
	}
	if n := norm.NFKC.NextBoundaryInString(text, true); n > 0 {
		return n
	}
	return size
}

// alone says whether a character neither changes with its neighbours nor in
// normalisation: ASCII and the common Chinese characters.
func alone(r rune) bool { return r < 0x80 || r >= 0x4e00 && r <= 0x9fff }

func (f *Folder) foldSegment(s string) []rune {
	if r, size := utf8.DecodeRuneInString(s); size == len(s) && alone(r) {
		return []rune{f.foldRune(r)}
	}
	if unseen([]rune(s)[0]) {
		s = label.Visible(s)
	}
	out := make([]rune, 0, len(s))
	for _, r := range norm.NFKD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			out = append(out, r)
		}
	}
	kept := out[:0:0]
	for _, r := range norm.NFC.String(string(out)) {
		r = f.foldRune(r)
		if letters := spelled(r); letters != "" {
			kept = append(kept, []rune(letters)...)
		} else {
			kept = append(kept, r)
		}
	}
	return kept
}

func (f *Folder) foldRune(r rune) rune {
	if to, ok := f.simplified[r]; ok {
		return to
	}
	return unicode.ToLower(sameMark(r))
}

// han says whether a character is searched on its own: Chinese, and the other
// scripts that put no spaces between words.
func han(r rune) bool {
	return r > 0x2e80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo) ||
		r >= 0xe00 && unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// wordly says whether a character is part of a word that has a beginning.
func wordly(r rune) bool { return !han(r) && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
