package official

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Measures in twentieths of a point. The bottom margin is a hair less than
// 35 mm, so that 22 lines of 29 pt, 638 pt, find room beside rounding.
const (
	pageWidth, pageHeight = "11906", "16838" // A4
	marginTop             = "2098"           // 37 mm
	marginLeft            = "1587"           // 28 mm
	marginRight           = "1474"           // 26 mm
	marginBottom          = "1974"           // 34.8 mm
	footerDistance        = "1304"           // the number stands 7 mm below the text block
	markDistance          = "1984"           // 35 mm from the text block's top to the mark
)

// blockWidth is the text block's width in points.
const blockWidth = 442

func (m Minutes) document() element {
	body := el("w:body").with(m.heading()...)
	for _, f := range m.Facts {
		body = body.with(labelled("Facts", f)...)
	}
	for _, p := range m.Body {
		body = body.with(p.paragraphs()...)
	}
	if len(m.People) > 0 {
		body = body.with(paragraph("Text"))
	}
	for _, p := range m.People {
		body = body.with(labelled("Facts", p)...)
	}
	body = body.with(m.imprint()...).with(section())
	return el("w:document", "xmlns:w", "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
		"xmlns:r", "http://schemas.openxmlformats.org/officeDocument/2006/relationships").with(body)
}

// heading is the mark with number and issuer, the red rule, and the title.
func (m Minutes) heading() []element {
	gap := el("w:p").with(el("w:pPr").with(el("w:spacing", "w:line", markDistance, "w:lineRule", "exact")))
	size := strconv.Itoa(2 * markSize(m.Mark))
	mark := paragraph("Mark", runs(m.Mark, nil, []element{el("w:sz", "w:val", size), el("w:szCs", "w:val", size)})...)
	issue := paragraph("Issue", text("　"+m.Issuer)...).with(el("w:r").with(el("w:tab"))).with(text(m.Date)...)
	all := []element{gap, mark, paragraph("Number"), paragraph("Number", text(m.Number)...), issue, paragraph("Number")}
	for line := range strings.SplitSeq(m.Title, "\n") {
		all = append(all, paragraph("Title", text(line)...))
	}
	return append(all, paragraph("Number"))
}

// markSize returns the size in points at which the mark fits one line.
func markSize(mark string) int {
	return min(48, max(16, blockWidth/max(1, utf8.RuneCountInString(mark))))
}

func paragraph(style string, runs ...element) element {
	return el("w:p").with(el("w:pPr").with(el("w:pStyle", "w:val", style))).with(runs...)
}

// text is a run in the paragraph's own face.
func text(s string) []element { return runs(s, nil, nil) }

// styled is a run in a face of its own.
func styled(style, s string) []element {
	return runs(s, []element{el("w:rStyle", "w:val", style)}, nil)
}

// latinName is a word of Latin letters with an apostrophe or a dot inside.
var latinName = regexp.MustCompile(`\p{Latin}[\p{Latin}\p{M}]*(?:[’·]\p{Latin}[\p{Latin}\p{M}]*)+`)

// runs writes text with properties of its own. Quotation marks, dots between
// names and ellipses are in both alphabets: beside Chinese they are set in its
// face and as wide as it (ECMA-376 part 1, section 17.3.2.26, hint), but not
// inside of a foreign name. The properties are in the order of the schema: some
// stand before the face, some after it.
func runs(s string, before, after []element) []element {
	s = strings.ReplaceAll(Clean(s), "\n", " ")
	if !strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return run(s, slices.Concat(before, after))
	}
	chinese := slices.Concat(before, []element{el("w:rFonts", "w:hint", "eastAsia")}, after)
	var all []element
	rest := 0
	for _, at := range latinName.FindAllStringIndex(s, -1) {
		all = append(all, run(s[rest:at[0]], chinese)...)
		all = append(all, run(s[at[0]:at[1]], slices.Concat(before, after))...)
		rest = at[1]
	}
	return append(all, run(s[rest:], chinese)...)
}

// run is text in one face; tabs are elements of their own.
func run(s string, properties []element) []element {
	if s == "" {
		return nil
	}
	r := el("w:r")
	if len(properties) > 0 {
		r = r.with(el("w:rPr").with(properties...))
	}
	for i, piece := range strings.Split(s, "\t") {
		if i > 0 {
			r = r.with(el("w:tab"))
		}
		t := el("w:t", "xml:space", "preserve")
		t.text = piece
		r = r.with(t)
	}
	return []element{r}
}

// labelled is a label with a full-width colon, and text that hangs beside it.
func labelled(style string, l Labelled) []element {
	if strings.TrimSpace(l.Text) == "" {
		return nil
	}
	return []element{paragraph(style, styled("Label", l.Label+"：")...).with(text(l.Text)...)}
}

// paragraphs splits a piece of the body at its line breaks.
func (p Paragraph) paragraphs() []element {
	style := "Text"
	if p.Heading {
		style = "Heading1"
	}
	var all []element
	lead := styled("Lead", p.Lead)
	for line := range strings.SplitSeq(p.Text, "\n") {
		line = strings.TrimSpace(Clean(line))
		if line == "" && len(lead) == 0 {
			continue
		}
		all = append(all, paragraph(style, lead...).with(text(line)...))
		lead = nil
	}
	return all
}

// imprint is the part that closes the document (版记): copies and printing,
// between a strong, a thin and a strong line. The lines are paragraphs of their
// own, since a border would follow the text's indent.
func (m Minutes) imprint() []element {
	const strong, thin = "8", "6" // eighths of a point: 0.35 mm and 0.25 mm
	var lines []element
	if strings.TrimSpace(m.Copies) != "" {
		lines = append(lines, rule(strong), paragraph("Copies", text("抄送："+strings.TrimRight(m.Copies, "。.")+"。")...))
	}
	if m.Printed != "" {
		above := thin
		if len(lines) == 0 {
			above = strong
		}
		lines = append(lines, rule(above), paragraph("Copies", text(m.Printed)...))
	}
	if len(lines) == 0 {
		return nil
	}
	return append([]element{paragraph("Text")}, append(lines, rule(strong))...)
}

// rule is a line over the whole width.
func rule(size string) element {
	p := paragraph("Rule")
	p.children[0] = p.children[0].with(el("w:pBdr").with(
		el("w:bottom", "w:val", "single", "w:sz", size, "w:space", "1", "w:color", "000000")))
	return p
}

func section() element {
	return el("w:sectPr").with(
		el("w:footerReference", "w:type", "default", "r:id", "rId4"),
		el("w:footerReference", "w:type", "even", "r:id", "rId5"),
		el("w:pgSz", "w:w", pageWidth, "w:h", pageHeight),
		el("w:pgMar", "w:top", marginTop, "w:right", marginRight, "w:bottom", marginBottom, "w:left", marginLeft,
			"w:header", "851", "w:footer", footerDistance, "w:gutter", "0"),
		el("w:pgNumType", "w:start", "1"),
	)
}

func (m Minutes) properties() element {
	title := el("dc:title")
	title.text = Clean(m.Title)
	creator := el("dc:creator")
	creator.text = Clean(m.Issuer)
	modified := el("dcterms:modified", "xsi:type", "dcterms:W3CDTF")
	modified.text = m.Modified.UTC().Format(time.RFC3339)
	return el("cp:coreProperties",
		"xmlns:cp", "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
		"xmlns:dc", "http://purl.org/dc/elements/1.1/", "xmlns:dcterms", "http://purl.org/dc/terms/",
		"xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance").with(title, creator, modified)
}
