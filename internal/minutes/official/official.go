// Package official writes minutes (纪要) as DOCX in the layout of GB/T
// 9704-2012: A4 with a text block of 156 by 225 mm, 22 lines of 28 characters
// in 16 pt FangSong, a red mark, page numbers outside.
//
// 28 characters of 16 pt are wider than the block, so letters stand 0.25 pt
// closer; lines are exactly 29 pt apart. A document grid would say both, but
// not every program keeps to it. No font is embedded: the usual ones are named
// with their substitutes.
//
// It is a leaf: it knows nothing of meetings, and whatever text it is given it
// writes a file that opens.
package official

import (
	"archive/zip"
	"bytes"
	"embed"
	"encoding/xml"
	"fmt"
	"time"
	"unicode/utf8"
)

//go:embed parts/*.xml
var parts embed.FS

// Labelled is a label, and text that continues beside it.
type Labelled struct{ Label, Text string }

// Paragraph is a piece of the body. A heading stands alone; a lead begins a
// paragraph.
type Paragraph struct {
	Heading    bool
	Lead, Text string
}

// Minutes is a document before it is written.
type Minutes struct {
	// Mark is the red heading.
	Mark string
	// Number stands below it, issuer and date on the red rule.
	Number, Issuer, Date string
	Title                string
	Facts                []Labelled
	Body                 []Paragraph
	// People are those present, attending and excused, and the signer.
	People []Labelled
	// Copies and Printed close the document; empty ones are left out. What
	// follows a tab in Printed stands to the right.
	Copies, Printed string
	// Modified goes into the file's properties.
	Modified time.Time
}

// Write returns the document as a DOCX file.
func Write(m Minutes) ([]byte, error) {
	document, err := render(m.document())
	if err != nil {
		return nil, fmt.Errorf("write document part: %w", err)
	}
	core, err := render(m.properties())
	if err != nil {
		return nil, fmt.Errorf("write properties part: %w", err)
	}
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	for _, p := range []struct {
		name string
		part string
		raw  []byte
	}{
		{name: "[Content_Types].xml", part: "content_types"},
		{name: "_rels/.rels", part: "rels"},
		{name: "word/document.xml", raw: document},
		{name: "word/_rels/document.xml.rels", part: "document_rels"},
		{name: "word/styles.xml", part: "styles"},
		{name: "word/settings.xml", part: "settings"},
		{name: "word/fontTable.xml", part: "fonts"},
		{name: "word/footer1.xml", part: "footer_odd"},
		{name: "word/footer2.xml", part: "footer_even"},
		{name: "docProps/core.xml", raw: core},
	} {
		if p.part != "" {
			if p.raw, err = parts.ReadFile("parts/" + p.part + ".xml"); err != nil {
				return nil, fmt.Errorf("read part %s: %w", p.part, err)
			}
		}
		w, err := z.Create(p.name)
		if err != nil {
			return nil, fmt.Errorf("add part %s: %w", p.name, err)
		}
		if _, err := w.Write(p.raw); err != nil {
			return nil, fmt.Errorf("add part %s: %w", p.name, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("close document: %w", err)
	}
	return file.Bytes(), nil
}

// element is one XML element. Names carry their prefix as they are written.
type element struct {
	name     string
	attrs    []string // name and value in turn
	text     string
	children []element
}

func el(name string, attrs ...string) element { return element{name: name, attrs: attrs} }

func (e element) with(children ...element) element {
	e.children = append(e.children, children...)
	return e
}

// MarshalXML implements xml.Marshaler.
func (e element) MarshalXML(enc *xml.Encoder, _ xml.StartElement) error {
	start := xml.StartElement{Name: xml.Name{Local: e.name}}
	for i := 0; i < len(e.attrs); i += 2 {
		start.Attr = append(start.Attr, xml.Attr{Name: xml.Name{Local: e.attrs[i]}, Value: e.attrs[i+1]})
	}
	if err := enc.EncodeToken(start); err != nil {
		return err
	}
	if e.text != "" {
		if err := enc.EncodeToken(xml.CharData(e.text)); err != nil {
			return err
		}
	}
	for _, c := range e.children {
		if err := c.MarshalXML(enc, xml.StartElement{}); err != nil {
			return err
		}
	}
	return enc.EncodeToken(start.End())
}

func render(root element) ([]byte, error) {
	raw, err := xml.Marshal(root)
	if err != nil {
		return nil, err
	}
	return append([]byte(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`+"\n"), raw...), nil
}

// Clean takes out what XML 1.0 cannot hold (section 2.2).
func Clean(s string) string {
	var kept []rune
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				continue
			}
		}
		if r == '\t' || r == '\n' || r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 {
			kept = append(kept, r)
		}
	}
	return string(kept)
}
