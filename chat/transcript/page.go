package transcript

import (
	"bytes"
	"context"
	_ "embed"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"

	"github.com/yunqiao/yunqiao/chat"
)

//go:embed page.html
var pageSource string

// line is one message as the page shows it.
type line struct {
	Message
	At, Day  string
	HTML     template.HTML
	HTMLEN   template.HTML
	Previews []File // pictures
	Others   []File
}

// writePage writes the page to read: message by message, for the same reason as
// room.json.
func (w *writer) writePage(ctx context.Context, out io.Writer) error {
	words := words(w.reader.Language)
	page, err := template.New("page").Funcs(template.FuncMap{"t": words.of}).Parse(pageSource)
	if err != nil {
		return err
	}
	if err := page.ExecuteTemplate(out, "head", map[string]any{
		"Language": w.reader.Language, "Title": w.title(), "Header": w.header(),
		"ExportedAt": w.clock(w.now, "2006-01-02 15:04"), "Zone": w.reader.Zone.String(),
	}); err != nil {
		return err
	}
	markdown, day := newMarkdown(), ""
	err = w.each(ctx, func(t chat.Transcribed) error {
		l := w.line(messageOf(t, w.path), markdown)
		if l.Day == day {
			l.Day = ""
		} else {
			day = l.Day
		}
		return page.ExecuteTemplate(out, "message", l)
	})
	if err != nil {
		return err
	}
	return page.ExecuteTemplate(out, "foot", nil)
}

func (w *writer) title() string {
	title := w.room.Title
	if w.reader.Language == "en" && w.room.TitleEN != "" {
		title = w.room.TitleEN
	}
	if title != "" {
		return title
	}
	return namesOf(w.header().Members)
}

func namesOf(members []Member) string {
	names := make([]string, 0, len(members))
	for _, m := range members {
		names = append(names, m.Name)
	}
	return strings.Join(names, "、")
}

func (w *writer) clock(at time.Time, layout string) string {
	return at.In(w.reader.Zone).Format(layout)
}

func (w *writer) line(m Message, markdown goldmark.Markdown) line {
	l := line{
		Message: m, At: w.clock(m.PostedAt, "15:04"), Day: w.clock(m.PostedAt, time.DateOnly),
		HTML: render(markdown, m.Text), HTMLEN: render(markdown, m.TextEN),
	}
	for _, f := range m.Files {
		if f.Path != "" && slices.Contains([]string{"image/jpeg", "image/png", "image/gif", "image/webp"}, f.Type) {
			l.Previews = append(l.Previews, f)
		} else {
			l.Others = append(l.Others, f)
		}
	}
	return l
}

// newMarkdown renders what people wrote. Markup of their own is left out, links
// lead only where they are harmless, and a picture from elsewhere is a link:
// whoever opens the page calls nobody.
func newMarkdown() goldmark.Markdown {
	return goldmark.New(goldmark.WithExtensions(extension.Strikethrough, extension.Linkify), goldmark.WithRendererOptions(
		renderer.WithNodeRenderers(util.Prioritized(pictureLinks{}, 1)),
	))
}

// render is safe for a page: goldmark escapes what it does not know.
func render(markdown goldmark.Markdown, text string) template.HTML {
	var out bytes.Buffer
	if err := markdown.Convert([]byte(text), &out); err != nil {
		return template.HTML(template.HTMLEscapeString(text)) //nolint:gosec // escaped
	}
	return template.HTML(out.String()) //nolint:gosec // raw HTML is left out, see newMarkdown
}

// pictureLinks shows the words of a picture and does not load it.
type pictureLinks struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (pictureLinks) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindImage, func(_ util.BufWriter, _ []byte, _ ast.Node, _ bool) (ast.WalkStatus, error) {
		return ast.WalkContinue, nil
	})
}
