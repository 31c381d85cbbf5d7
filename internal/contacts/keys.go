package contacts

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// keys are what a record is found by: one key a line, every line ended by a
// newline, so that "begins a key" and "ends a key" are substrings, too.
type keys struct {
	// text is matched anywhere: names in any script, places, titles.
	text string
	// pinyin is matched from the beginning of a key: every reading of a name
	// and its initials, from every syllable on.
	pinyin string
	// phone is matched at the end of a key: digits only.
	phone string
	// sort orders lists: Chinese names by pinyin, among the Latin ones.
	sort string
}

// named is what keys are made of.
type named struct {
	person bool
	// names are read in pinyin; the first one sorts.
	names []string
	// texts are only searched as text.
	texts  []string
	phones []string
}

// maxReadings bounds the combinations of readings kept of one name, and
// maxSyllables how far into a long name pinyin is kept.
const (
	maxReadings  = 32
	maxSyllables = 24
)

// reader reads names aloud.
type reader struct {
	surnames, words map[string][]string
}

func newReader() *reader {
	return &reader{surnames: surnameReadings(), words: wordReadings()}
}

// keys makes the keys of a record.
func (r *reader) keys(n named) keys {
	var text, readings, phones []string
	for _, s := range slices.Concat(n.names, n.texts) {
		folded := fold(s)
		text = append(text, folded)
		if tight := strings.ReplaceAll(folded, " ", ""); tight != folded {
			text = append(text, tight)
		}
	}
	for _, name := range n.names {
		readings = append(readings, readingKeys(r.syllables(name, n.person))...)
	}
	for _, p := range n.phones {
		phones = append(phones, digits(p))
	}
	k := keys{text: lines(text), pinyin: lines(readings), phone: lines(phones)}
	if len(n.names) > 0 {
		k.sort = r.sortKey(n.names[0], n.person)
	}
	return k
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

// fold brings text to one form: compatibility characters replaced, lower case,
// no accents, spaces single, control characters gone.
func fold(s string) string {
	t := transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
	s = strings.ToValidUTF8(s, "")
	folded, _, err := transform.String(t, s)
	if err != nil {
		folded = s // what cannot be transformed is searched as written
	}
	folded = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return unicode.ToLower(r)
	}, folded)
	return strings.Join(strings.Fields(folded), " ")
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
func (r *reader) syllables(s string, person bool) [][]string {
	chars := []rune(norm.NFKC.String(s))
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

// sortKey spells a name for ordering: pinyin for characters, folded otherwise.
func (r *reader) sortKey(name string, person bool) string {
	all := r.syllables(name, person)
	if len(all) == 0 {
		return fold(name)
	}
	var b strings.Builder
	for _, readings := range all {
		b.WriteString(readings[0])
		b.WriteByte(' ')
	}
	b.WriteString(fold(name))
	return b.String()
}

// terms are the parts of a query; a record is found when all of them are.
func terms(query string) []string {
	query = strings.ReplaceAll(fold(query), "'", "")
	if phoneTerm(strings.ReplaceAll(query, " ", "")) != "" {
		query = strings.ReplaceAll(query, " ", "")
	}
	found := strings.Fields(query)
	return found[:min(len(found), 6)]
}

// pinyinTerm says whether a term may be pinyin.
func pinyinTerm(term string) bool {
	return !strings.ContainsFunc(term, func(r rune) bool { return r < 'a' || r > 'z' })
}

// phoneTerm returns the digits of a term that may end a telephone number.
// A national number's leading zero is not part of the international one.
func phoneTerm(term string) string {
	if strings.ContainsFunc(term, func(r rune) bool { return !strings.ContainsRune("0123456789+-()/.", r) }) {
		return ""
	}
	d := strings.TrimLeft(digits(term), "0")
	if len(d) < 3 {
		return ""
	}
	return d
}

// match says whether the keys hold every term; the same rule as in findSQL.
func (k keys) match(terms []string) bool {
	for _, t := range terms {
		found := strings.Contains(k.text, t) ||
			pinyinTerm(t) && strings.Contains(k.pinyin, "\n"+t)
		if d := phoneTerm(t); !found && d != "" {
			found = strings.Contains(k.phone, d+"\n")
		}
		if !found {
			return false
		}
	}
	return true
}
