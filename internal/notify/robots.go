package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// news is what a hook is told.
type news struct {
	// ID is the same however often it is delivered.
	ID       string     `json:"id"`
	Kind     string     `json:"kind"` // message or test
	Room     *uuid.UUID `json:"room,omitempty"`
	Title    string     `json:"title"`
	Author   string     `json:"author"`
	Text     string     `json:"text,omitempty"`
	Urgent   bool       `json:"urgent"`
	PostedAt time.Time  `json:"posted_at"`
	URL      string     `json:"url"`
}

// newsOf reads what a delivery is about, as it is now.
func (n *Notices) newsOf(ctx context.Context, h hookRow, job hookJob) (news, error) {
	if job.Test != uuid.Nil {
		return news{
			ID: "test:" + job.Test.String(), Kind: "test", Title: n.House.NameZH, Author: "云侨 Yunqiao",
			Text: "测试消息：推送已接通。This is a test.", PostedAt: time.Now().UTC(), URL: n.House.URL + "/",
		}, nil
	}
	r, err := n.Rooms.Room(ctx, job.Room)
	if err != nil {
		return news{}, err
	}
	events, err := n.Rooms.Events(ctx, job.Room, job.Seq-1, 1)
	if err != nil {
		return news{}, err
	}
	if len(events) == 0 || events[0].Seq != job.Seq || events[0].Deleted || r.Direct {
		return news{}, ErrStale
	}
	e, room := events[0], r.ID
	found := news{
		ID: fmt.Sprintf("%s:%s", h.ID, e.Message), Kind: "message", Room: &room, Title: r.Title, Author: e.AuthorName,
		Urgent: e.Urgent, PostedAt: e.At.UTC(), URL: n.House.URL + "/rooms/" + room.String(),
	}
	if h.WithText {
		found.Text = e.Text
	}
	return found, nil
}

// sendHook delivers in the receiver's own words.
func (n *Notices) sendHook(ctx context.Context, h hookRow, what news) error {
	address, header := h.URL, http.Header{"Content-Type": {"application/json"}}
	var body any
	switch h.Kind {
	case WeCom:
		body = map[string]any{"msgtype": "markdown", "markdown": map[string]any{"content": shortenBytes(what.markdown(), 4000)}}
	case DingTalk:
		body = map[string]any{"msgtype": "markdown", "markdown": map[string]any{
			"title": plainMarkdown(what.headline()), "text": shortenBytes(what.markdown(), 18000),
		}}
		address = dingTalkSigned(address, h.Secret, time.Now())
	case Generic:
		body = what
	}
	data, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write news: %w", err)
	}
	if h.Kind == Generic {
		header.Set("X-Yunqiao-Signature", signature(h.Secret, time.Now(), data))
		header.Set("Idempotency-Key", what.ID)
	}
	status, answer, err := n.Outside.post(ctx, address, header, data)
	switch {
	case err != nil:
		return err
	case status < 200 || status > 299:
		return fmt.Errorf("the receiver answers with status %d", status)
	case h.Kind == Generic:
		return nil
	}
	// Robots say in the body whether they took it.
	var said struct {
		Code    *int   `json:"errcode"`
		Message string `json:"errmsg"`
	}
	if err := json.Unmarshal(answer, &said); err != nil || said.Code == nil {
		return fmt.Errorf("the robot's answer is none of a robot")
	}
	if *said.Code != 0 {
		return fmt.Errorf("the robot refuses with code %d: %s", *said.Code, shorten(said.Message, 80))
	}
	return nil
}

// signature proves that a delivery is ours and of now: the receiver computes
// it again over the timestamp, a full stop and the body as it came.
func signature(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// dingTalkSigned adds the signature that DingTalk's robots ask for: an HMAC of
// the milliseconds, a line break and the secret, under the secret.
func dingTalkSigned(address, secret string, at time.Time) string {
	u, err := url.Parse(address)
	if err != nil || secret == "" {
		return address
	}
	t := strconv.FormatInt(at.UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "\n" + secret))
	q := u.Query()
	q.Set("timestamp", t)
	q.Set("sign", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	u.RawQuery = q.Encode()
	return u.String()
}

func (w news) headline() string {
	if w.Kind == "test" {
		return w.Author
	}
	return w.Author + " · " + w.Title
}

// maxRobotText is how much of a message a robot is told: WeCom takes 4,096
// bytes, and the link comes last.
const maxRobotText = 900

// markdown words news for a robot.
func (w news) markdown() string {
	var b strings.Builder
	if w.Urgent {
		b.WriteString("【紧急】")
	}
	fmt.Fprintf(&b, "**%s**\n\n", plainMarkdown(w.headline()))
	if w.Text != "" {
		text := []rune(w.Text)
		if len(text) > maxRobotText {
			text = append(text[:maxRobotText:maxRobotText], '…')
		}
		for line := range strings.Lines(string(text)) {
			b.WriteString("> " + markdownOf(strings.TrimRight(line, "\r\n")) + "\n")
		}
		b.WriteString("\n")
	} else {
		b.WriteString("有新消息\n\n")
	}
	fmt.Fprintf(&b, "[打开云侨](%s)", w.URL)
	return b.String()
}

// plainMarkdown takes their meaning from the characters that would let a writer
// call everybody, or show a link that leads elsewhere.
func plainMarkdown(text string) string {
	return strings.NewReplacer("<", "＜", ">", "＞", "[", "［", "]", "］", "*", "＊", "#", "＃", "`", "｀", "@", "＠", "_", "＿", "!", "！").Replace(text)
}

// shortenBytes keeps whole characters.
func shortenBytes(text string, most int) string {
	if len(text) <= most {
		return text
	}
	cut := most - len("…")
	for cut > 0 && text[cut]&0xc0 == 0x80 {
		cut--
	}
	return text[:cut] + "…"
}
