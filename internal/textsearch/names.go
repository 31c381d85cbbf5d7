package textsearch

import (
	"slices"
	"strings"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/unicode/norm"
)

// Keys are what something with a name is found by: one key a line, every line
// ended by a newline, so that "begins a key" and "ends a key" are substrings,
// too.
type Keys struct {
	// Text is matched anywhere: names in any script, places, titles.
	Text string
	// Pinyin is matched from the beginning of a key: every reading of a name
	// and its initials, from every syllable on.
	Pinyin string
	// Phone is matched at the end of a key: digits only.
	Phone string
	// Sort orders lists: Chinese names by pinyin, among the Latin ones.
	Sort string
}

// Named is what keys are made of.
type Named struct {
	// Person says that the first characters are a surname.
	Person bool
	// Names are read in pinyin; the first one sorts.
	Names []string
	// Texts are only searched as text.
	Texts  []string
	Phones []string
}

// maxReadings bounds the combinations of readings kept of one name, and
// maxSyllables how far into a long name pinyin is kept.
const (
	maxReadings  = 32
	maxSyllables = 24
)

// Reader reads names aloud.
type Reader struct {
	*Folder
	surnames, words map[string][]string
}

// NewReader reads the tables.
func NewReader() *Reader {
	return &Reader{Folder: NewFolder(), surnames: surnameReadings(), words: wordReadings()}
}

// Keys makes the keys of something with a name.
func (r *Reader) Keys(n Named) Keys {
	var text, readings, phones []string
	for _, s := range slices.Concat(n.Names, n.Texts) {
		folded := r.Fold(s)
		text = append(text, folded)
		text = append(text, withoutApostrophes(folded), tight(folded))
	}
	for _, name := range n.Names {
		readings = append(readings, readingKeys(r.syllables(name, n.Person))...)
	}
	for _, p := range n.Phones {
		phones = append(phones, digits(p))
	}
	k := Keys{Text: lines(text), Pinyin: lines(readings), Phone: lines(phones)}
	if len(n.Names) > 0 {
		k.Sort = r.SortKey(n.Names[0], n.Person)
	}
	return k
}

// withoutApostrophes is how a query names them: xi'an and xian are one.
func withoutApostrophes(folded string) string { return strings.ReplaceAll(folded, "'", "") }

// tight is a name written in one: without spaces, dots and dashes.
func tight(folded string) string {
	return strings.NewReplacer(" ", "", "'", "", "·", "", "-", "").Replace(folded)
}

// lines joins keys so that each begins after a newline and ends before one.
func lines(all []string) string {
	slices.Sort(all)
	var b strings.Builder
	b.WriteByte('\n')
	for _, s := range slices.Compact(all) {
		if s != "" {
			b.WriteString(s)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, norm.NFKC.String(s))
}

// syllables returns the readings of each Chinese character, the likely one
// first; other text is left out.
func (r *Reader) syllables(s string, person bool) [][]string {
	chars := []rune(r.Fold(s))
	var all [][]string
	for i := 0; i < len(chars); {
		var known []string
		if person && len(all) == 0 {
			known = longest(r.surnames, chars[i:])
		}
		if known == nil {
			known = longest(r.words, chars[i:])
		}
		if known == nil {
			if readings := readingsOf(chars[i]); len(readings) > 0 {
				all = append(all, readings)
			}
			i++
			continue
		}
		for j, first := range known {
			all = append(all, withFirst(first, readingsOf(chars[i+j])))
		}
		i += len(known)
	}
	return all[:min(len(all), maxSyllables)]
}

// longest returns the readings of the longest entry that begins the text.
func longest(table map[string][]string, chars []rune) []string {
	for n := min(4, len(chars)); n > 0; n-- {
		if r, ok := table[string(chars[:n])]; ok {
			return r
		}
	}
	return nil
}

// readingsOf returns a character's readings without tones. ü is written v, as
// it is typed, and also u where that is how passports write it.
func readingsOf(r rune) []string {
	args := pinyin.Args{Style: pinyin.Normal, Heteronym: true, Fallback: func(rune, pinyin.Args) []string { return nil }}
	var all []string
	for _, reading := range pinyin.SinglePinyin(r, args) {
		all = append(all, reading)
		if strings.HasPrefix(reading, "lv") || strings.HasPrefix(reading, "nv") {
			all = append(all, reading[:1]+"u"+reading[2:], reading[:1]+"yu"+reading[2:])
		}
	}
	return unique(all)
}

func withFirst(first string, rest []string) []string {
	return unique(append([]string{first}, rest...))
}

func unique(all []string) []string {
	var kept []string
	for _, s := range all {
		if !slices.Contains(kept, s) {
			kept = append(kept, s)
		}
	}
	return kept
}

// readingKeys returns every reading of the syllables and their initials, from
// every syllable on, so that a given name is found without the surname.
func readingKeys(all [][]string) []string {
	var found []string
	for i := range all {
		for _, combination := range combinations(all[i:]) {
			var full, initials strings.Builder
			for _, s := range combination {
				full.WriteString(s)
				initials.WriteByte(s[0])
			}
			found = append(found, full.String(), initials.String())
		}
	}
	return found
}

// combinations returns the ways to read the syllables, at most maxReadings.
func combinations(all [][]string) [][]string {
	ways := [][]string{{}}
	for _, readings := range all {
		if len(ways)*len(readings) > maxReadings {
			readings = readings[:max(1, maxReadings/len(ways))]
		}
		next := make([][]string, 0, len(ways)*len(readings))
		for _, way := range ways {
			for _, r := range readings {
				next = append(next, append(slices.Clone(way), r))
			}
		}
		ways = next
	}
	return ways
}

// SortKey spells a name for ordering: pinyin for characters, folded otherwise.
func (r *Reader) SortKey(name string, person bool) string {
	all := r.syllables(name, person)
	if len(all) == 0 {
		return r.Fold(name)
	}
	var b strings.Builder
	for _, readings := range all {
		b.WriteString(readings[0])
		b.WriteByte(' ')
	}
	b.WriteString(r.Fold(name))
	return b.String()
}

// Terms are the parts of a query for names; a record is found when all of them
// are.
func (r *Reader) Terms(query string) []string {
	query = withoutApostrophes(r.Fold(query))
	if PhoneTerm(strings.ReplaceAll(query, " ", "")) != "" {
		query = strings.ReplaceAll(query, " ", "")
	}
	found := strings.Fields(query)
	return found[:min(len(found), 6)]
}

// PinyinTerm says whether a term may be pinyin.
func PinyinTerm(term string) bool {
	return !strings.ContainsFunc(term, func(r rune) bool { return r < 'a' || r > 'z' })
}

// PhoneTerm returns the digits of a term that may end a telephone number.
// A national number's leading zero is not part of the international one.
func PhoneTerm(term string) string {
	if strings.ContainsFunc(term, func(r rune) bool { return !strings.ContainsRune("0123456789+-()/.", r) }) {
		return ""
	}
	d := strings.TrimLeft(digits(term), "0")
	if len(d) < 3 {
		return ""
	}
	return d
}

// Match says whether the keys hold every term.
func (k Keys) Match(terms []string) bool {
	for _, t := range terms {
		found := strings.Contains(k.Text, t) ||
			PinyinTerm(t) && strings.Contains(k.Pinyin, "\n"+t)
		if d := PhoneTerm(t); !found && d != "" {
			found = strings.Contains(k.Phone, d+"\n")
		}
		if !found {
			return false
		}
	}
	return true
}
