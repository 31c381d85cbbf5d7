package textsearch

import (
	"slices"
	"strings"
)

// This file: the keys of names as lexemes, for many names. The first character
// of a lexeme says what it is: text, pinyin, or the digits of a telephone
// number from the last one on.
const (
	ofText   = "t"
	ofPinyin = "p"
	ofPhone  = "d"
)

// Lexemes returns what the keys are indexed by.
func (r *Reader) Lexemes(k Keys) []string {
	all := []string{}
	for _, token := range r.Tokens(k.Text) {
		all = append(all, ofText+token)
	}
	for line := range strings.FieldsSeq(k.Pinyin) {
		all = append(all, ofPinyin+line)
	}
	for line := range strings.FieldsSeq(k.Phone) {
		all = append(all, ofPhone+reversed(line))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// NamesQuery is a tsquery for keys that hold the terms, Latin words from their
// beginning, and for some that do not: candidates are checked with Keys.Match
// or its like in SQL. It is empty when the terms say nothing that is indexed.
func NamesQuery(terms []string) string {
	var all []string
	for _, term := range terms {
		var text, either []string
		for _, r := range runsOf([]rune(term)) {
			for _, lexeme := range r.queried() {
				text = append(text, quoted(ofText, lexeme))
			}
		}
		if len(text) > 0 {
			either = append(either, "("+strings.Join(text, " & ")+")")
		}
		if PinyinTerm(term) {
			either = append(either, quoted(ofPinyin, term+prefixMark))
		}
		if d := PhoneTerm(term); d != "" {
			either = append(either, quoted(ofPhone, reversed(d)+prefixMark))
		}
		if len(either) > 0 {
			all = append(all, "("+strings.Join(either, " | ")+")")
		}
	}
	return strings.Join(all, " & ")
}

// Chinese says of a term that it is nothing but Chinese, so that NamesQuery
// finds all that hold it anywhere.
func Chinese(term string) bool {
	return term != "" && !strings.ContainsFunc(term, func(r rune) bool { return !han(r) })
}
