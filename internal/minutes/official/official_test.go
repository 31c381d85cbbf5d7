package official_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/yunqiao/yunqiao/internal/minutes/official"
)

func sample() official.Minutes {
	return official.Minutes{
		Mark: "徐州市归国华侨联合会会议纪要", Number: "徐侨联纪要〔2026〕3号", Issuer: "徐州市归国华侨联合会", Date: "2026年11月23日",
		Title: "徐州—墨西哥城人才项目交流会纪要",
		Facts: []official.Labelled{{Label: "时间", Text: "2026年11月20日（星期五）"}, {Label: "地点", Text: "线上"}},
		Body: []official.Paragraph{
			{Heading: true, Text: "一、通报情况"},
			{Text: strings.Repeat("侨", 22*28)},
			{Lead: "（一）会议议定：", Text: "双方合作 with a sentence in English.\n第二段。"},
			{Text: strings.Repeat("联", 44*28)},
		},
		People:   []official.Labelled{{Label: "出席", Text: strings.Repeat("徐州市侨联 林悦，", 12)}, {Label: "签发人", Text: "王某某"}},
		Copies:   "市委统战部。",
		Printed:  "徐州市归国华侨联合会\t2026年11月23日印发",
		Modified: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
	}
}

func part(t testing.TB, file []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestMeasures(t *testing.T) {
	t.Parallel()
	file, err := official.Write(sample())
	if err != nil {
		t.Fatal(err)
	}
	for name, wants := range map[string][]string{
		"word/document.xml": {
			`<w:pgSz w:w="11906" w:h="16838">`, `w:top="2098" w:right="1474" w:bottom="1974" w:left="1587"`, "徐侨联纪要〔2026〕3号",
			`<w:footerReference w:type="even" r:id="rId5">`, `<w:spacing w:line="1984" w:lineRule="exact">`, "with a sentence in English",
		},
		"word/styles.xml":   {`w:line="580" w:lineRule="exact"`, `<w:sz w:val="32"/>`, `<w:spacing w:val="-5"/>`, "仿宋_GB2312", "方正小标宋简体", "FF0000"},
		"word/settings.xml": {"<w:evenAndOddHeaders/>"},
		"word/footer1.xml":  {`<w:jc w:val="right"/>`, " PAGE "},
		"word/footer2.xml":  {`<w:jc w:val="left"/>`, " PAGE "},
	} {
		text := part(t, file, name)
		wellFormed(t, name, text)
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s has no %s", name, want)
			}
		}
	}
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels", "word/fontTable.xml", "docProps/core.xml"} {
		wellFormed(t, name, part(t, file, name))
	}
}

func wellFormed(t testing.TB, name, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// pdf prints a document with LibreOffice and returns the path of the result.
func pdf(t *testing.T, file []byte) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "minutes.docx")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	tool(t, "soffice", "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", "pdf", "--outdir", dir, path)
	return filepath.Join(dir, "minutes.pdf")
}

// tool runs a program of the machine; make test installs them.
func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func TestLibreOfficePrintsItAsMeant(t *testing.T) {
	t.Parallel()
	file, err := official.Write(sample())
	if err != nil {
		t.Fatal(err)
	}
	path := pdf(t, file)
	if info := tool(t, "pdfinfo", path); !strings.Contains(info, "(A4)") {
		t.Errorf("not A4:\n%s", info)
	}
	text := tool(t, "pdftotext", "-layout", path, "-")
	pages := strings.Split(text, "\f")
	for _, want := range []string{"徐州市归国华侨联合会会议纪要", "徐侨联纪要〔2026〕3号", "一、通报情况", "with a sentence in English", "出席：", "抄送：市委统战部。", "— 1 —"} {
		if !strings.Contains(tight(text), tight(want)) {
			t.Errorf("no %q in print", want)
		}
	}
	full := 0
	for _, page := range pages {
		body, characters := lines(page)
		for _, n := range characters {
			if n > 28 {
				t.Errorf("a line of %d characters", n)
			}
		}
		if body == 22 && strings.Count(page, strings.Repeat("联", 28)) == 22 {
			full++
		}
	}
	if full == 0 {
		t.Errorf("no page of 22 lines of 28 characters:\n%s", text)
	}
	checkBlock(t, path)
}

// tight takes out the spaces, which the reader of a page guesses from gaps.
func tight(s string) string { return strings.Join(strings.Fields(s), "") }

// lines counts a page's lines without the page number, and their characters.
func lines(page string) (count int, characters []int) {
	number := regexp.MustCompile(`^\s*—\s*\d+\s*—\s*$`)
	for line := range strings.SplitSeq(page, "\n") {
		if strings.TrimSpace(line) == "" || number.MatchString(line) {
			continue
		}
		count++
		if !regexp.MustCompile(`[ -~]`).MatchString(strings.TrimSpace(line)) {
			characters = append(characters, utf8.RuneCountInString(strings.TrimSpace(line)))
		}
	}
	return count, characters
}

// checkBlock checks that page numbers stand outside, right on odd pages and
// left on even ones, below the text block.
func checkBlock(t *testing.T, path string) {
	t.Helper()
	boxes := tool(t, "pdftotext", "-bbox", path, "-")
	word := regexp.MustCompile(`<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">—.*</word>`)
	for i, page := range strings.Split(boxes, "<page ")[1:] {
		found := word.FindAllStringSubmatch(page, -1)
		if len(found) == 0 {
			t.Errorf("page %d has no number", i+1)
			continue
		}
		x := number(t, found[len(found)-1][1])
		if right := x > 297; right != (i%2 == 0) {
			t.Errorf("the number of page %d stands at %.0f pt", i+1, x)
		}
		if y := number(t, found[len(found)-1][2]); y < 841.9-35*72/25.4 {
			t.Errorf("the number of page %d is in the text, at %.0f pt", i+1, y)
		}
	}
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	var whole float64
	if err := xml.Unmarshal([]byte("<n>"+s+"</n>"), &whole); err != nil {
		t.Fatal(err)
	}
	return whole
}

// TestQuotationMarksAreSetInChinese: marks that both alphabets have are set in
// the face and width of the Chinese around them, in every part of the document,
// and of the foreign name that they stand in.
func TestQuotationMarksAreSetInChinese(t *testing.T) {
	t.Parallel()
	const words = "会议强调“一带一路”……，古丽·买买提与Conan O’Brien、“AI”"
	file, err := official.Write(official.Minutes{
		Mark: words, Number: words, Issuer: words, Date: words, Title: words, Facts: []official.Labelled{{Label: words, Text: words}},
		Body:   []official.Paragraph{{Heading: true, Text: words}, {Lead: words, Text: words + "\n“English only”"}},
		People: []official.Labelled{{Label: words, Text: words}}, Copies: words, Printed: words + "\t" + words,
	})
	if err != nil {
		t.Fatal(err)
	}
	inChinese, inLatin := 0, 0
	for _, run := range regexp.MustCompile(`<w:r>.*?</w:r>`).FindAllString(part(t, file, "word/document.xml"), -1) {
		hint := strings.Contains(run, `w:hint="eastAsia"`)
		switch {
		case strings.Contains(run, "O’Brien"), strings.Contains(run, "English only"):
			inLatin++
			if hint || regexp.MustCompile(`\p{Han}`).MatchString(run) {
				t.Errorf("a foreign name is set as Chinese: %s", run)
			}
		case strings.ContainsAny(run, "“”…·"):
			inChinese++
			if !hint {
				t.Errorf("marks are left to the Latin face: %s", run)
			}
		}
	}
	if inChinese < 14 || inLatin < 14 {
		t.Errorf("%d runs with marks, %d foreign names", inChinese, inLatin)
	}
	text := tool(t, "pdftotext", "-raw", pdf(t, file), "-")
	if !strings.Contains(tight(text), tight(words)) {
		t.Errorf("printed as\n%s", text)
	}
}

// FuzzWrite: whatever the text is, every part is well-formed XML.
func FuzzWrite(f *testing.F) {
	for _, s := range []string{"纪要", "\x00\x01\x1f", "]]>", "<w:p/>&amp;", "\xff\xfe\xed\xa0\x80", "\ufffe\uffff", "a\tb\r\nc", strings.Repeat("长", 300), ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		file, err := official.Write(official.Minutes{
			Mark: s, Number: s, Issuer: s, Date: s, Title: s, Facts: []official.Labelled{{Label: s, Text: s}},
			Body: []official.Paragraph{{Heading: true, Text: s}, {Lead: s, Text: s}}, People: []official.Labelled{{Label: s, Text: s}},
			Copies: s, Printed: s,
		})
		if err != nil {
			t.Fatal(err)
		}
		text := part(t, file, "word/document.xml")
		wellFormed(t, "document", text)
		wellFormed(t, "properties", part(t, file, "docProps/core.xml"))
		if !utf8.ValidString(text) {
			t.Fatal("not UTF-8")
		}
	})
}
