package minutes_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/yunqiao/yunqiao/internal/minutes"
)

func TestDocument(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := h.start(t)
	due := "2026-12-24"
	for _, b := range []minutes.BlockText{
		{Kind: minutes.BlockDiscussion, Text: "讨论\x0b<b>&\n第二段"},
		{Kind: minutes.BlockDecision, Text: "其一"},
		{Kind: minutes.BlockDecision, Text: "其二"},
		{Kind: minutes.BlockAction, Text: "起草备忘录", Owner: "陈浩", Due: &due},
	} {
		if _, err := h.book.AddBlock(h.staff, m.ID, minutes.NewBlock{BlockText: b}); err != nil {
			t.Fatal(err)
		}
	}
	name, draft, err := h.book.Document(h.staff, m.ID)
	if err != nil || name != "草稿 人才交流会.docx" || !strings.Contains(text(t, draft), "（草稿）") {
		t.Errorf("draft %s: %v", name, err)
	}
	h.signed(t, m)
	name, file, err := h.book.Document(h.staff, m.ID)
	if err != nil || name != "徐侨联纪要〔2026〕1号.docx" {
		t.Fatalf("document %s: %v", name, err)
	}
	got := text(t, file)
	for _, want := range []string{
		"徐州市归国华侨联合会会议纪要", "徐侨联纪要〔2026〕1号", "人才交流会纪要", "2026年11月20日（星期五） 15:00—16:00（北京时间，UTC+8）",
		"01:00—02:00（墨西哥城时间，UTC-6）", "一、通报情况", "二、讨论合作", "讨论&lt;b&gt;&amp;", "第二段", "（一）会议议定：", "（二）会议议定：",
		"三、工作安排", "1．起草备忘录（责任人：陈浩；完成时限：2026年12月24日）", "徐州侨联 林悦", "大学教授 徐崇宇", "请假：", "签发人：", "2026年12月31日印发",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func text(t *testing.T, file []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
