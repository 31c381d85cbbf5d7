// Package label holds the one rule for what may name somebody or something:
// people, rooms, meetings, topics, files. It is pure and knows nothing of what
// is named.
package label

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mtibben/confusables"
	"golang.org/x/text/unicode/norm"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// MaxName is how many characters a person's, a place's or a thing's name may
// have, wherever it is typed: who is invited by a name is let in by it.
const MaxName = 200

// Required cleans what has to have a name, of at most so many characters.
func Required(field, text string, most int) (string, error) {
	clean, err := Optional(field, text, most)
	if err == nil && clean == "" {
		return "", problem.Invalid(field, "1 to %d characters that can be seen", most)
	}
	return clean, err
}

// Optional cleans a name that may be left out: it is brought into Unicode's
// form NFC, white space is single and none stands at the ends, marks that
// nobody sees are taken out. Control characters, marks that turn the direction
// of what follows, and what is no text are refused with a problem that names
// the field. A name of nothing visible is none.
func Optional(field, text string, most int) (string, error) {
	if !utf8.ValidString(text) {
		return "", problem.Invalid(field, "not UTF-8")
	}
	if strings.ContainsFunc(text, forbidden) {
		return "", problem.Invalid(field, "no control characters, nor marks that turn the direction of text")
	}
	clean := strings.Join(strings.Fields(norm.NFC.String(Visible(text))), " ")
	if !Seen(clean) {
		return "", nil
	}
	if utf8.RuneCountInString(clean) > most {
		return "", problem.Invalid(field, "at most %d characters", most)
	}
	return clean, nil
}

// forbidden are controls, separators of lines, and the marks of UAX #9.
func forbidden(r rune) bool {
	return unicode.IsControl(r) || r == 0x2028 || r == 0x2029 || unicode.Is(unicode.Bidi_Control, r)
}

// Seen says whether there is anything to see in a text.
func Seen(text string) bool { return strings.ContainsFunc(text, seen) }

// seen says of a character that it shows by itself. The blank of Braille and
// the fillers of Hangul are letters and symbols that show nothing.
func seen(r rune) bool {
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && r != 0x2800 && !invisible(r)
}

// invisible are marks without width (Unicode's Default_Ignorable_Code_Point):
// format characters, fillers and variation selectors for ideographs.
func invisible(r rune) bool {
	switch {
	case r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0, r == 0x034f, r == 0x17b4, r == 0x17b5:
		return true
	case r >= 0x180b && r <= 0x180f, r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return unicode.Is(unicode.Cf, r)
}

// joiner are the marks that join or part letters of some scripts, and emoji.
func joiner(r rune) bool { return r == 0x200c || r == 0x200d }

// Visible takes out of a text the marks that nobody sees. The joiners stay
// where they shape what is shown, between characters of scripts that join, and
// between emoji.
func Visible(text string) string {
	if !strings.ContainsFunc(text, invisible) {
		return text
	}
	var b strings.Builder
	before := rune(0)
	for i, r := range text {
		if invisible(r) {
			after, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
			if !joiner(r) || !shaped(before) || !shaped(after) {
				continue
			}
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

// shaped says of a character that a joiner beside it can be seen.
func shaped(r rune) bool {
	switch {
	case unicode.In(r, unicode.So, unicode.Sk, unicode.Mn, unicode.Mc):
		return true
	case !unicode.IsLetter(r):
		return false
	}
	return !unicode.In(r, unicode.Latin, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo,
		unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Georgian)
}

// Alike says whether people take one name for the other: they are the same but
// for case, spaces, and characters that look alike (UTS #39 section 4).
func Alike(a, b string) bool { return skeleton(a) == skeleton(b) }

func skeleton(name string) string {
	name = strings.ToLower(norm.NFKC.String(Visible(name)))
	return confusables.Skeleton(strings.Join(strings.Fields(name), ""))
}
