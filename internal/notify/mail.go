package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"

	"github.com/wneessen/go-mail"
)

// errRefused is returned when trying again would change nothing.
var errRefused = errors.New("the server refuses the letter for good")

// mailer speaks SMTP.
type mailer struct {
	config Config
}

const smtpTimeout = 20 * time.Second

// send hands a letter to the SMTP server.
func (m mailer) send(ctx context.Context, l Letter) error {
	message, err := m.compose(l)
	if err != nil {
		return fmt.Errorf("compose letter: %w: %w", errRefused, err)
	}
	client, err := mail.NewClient(m.config.Host, m.options()...)
	if err != nil {
		return fmt.Errorf("make SMTP client: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, message); err != nil {
		if sendErr, ok := errors.AsType[*mail.SendError](err); ok && permanent(sendErr) {
			return fmt.Errorf("send letter: %w: %w", errRefused, err)
		}
		return fmt.Errorf("send letter: %w", err)
	}
	return nil
}

// permanent says whether the server's answer was a 5yz for this letter.
func permanent(err *mail.SendError) bool {
	code := err.ErrorCode()
	return !err.IsTemp() && code >= 500 && code < 600
}

func (m mailer) options() []mail.Option {
	options := []mail.Option{mail.WithPort(m.config.Port), mail.WithTimeout(smtpTimeout)}
	switch m.config.TLS {
	case "tls":
		options = append(options, mail.WithSSL())
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if m.config.User == "" {
		return options
	}
	// The mechanism is the server's to name; a password never goes in the clear
	// unless the operator has switched TLS off.
	auth := mail.SMTPAuthAutoDiscover
	if m.config.TLS == "none" {
		auth = mail.SMTPAuthPlainNoEnc
	}
	return append(options, mail.WithSMTPAuth(auth), mail.WithUsername(m.config.User), mail.WithPassword(m.config.Password))
}

// compose makes the message: text, HTML and calendar as alternatives, and the
// calendar as a file for programs that only take those.
func (m mailer) compose(l Letter) (*mail.Msg, error) {
	message := mail.NewMsg()
	if err := message.From(m.config.From); err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	message.AddToMailAddress(&netmail.Address{Name: displayName(l.ToName), Address: l.To})
	message.Subject(l.Subject)
	message.SetDate()
	message.SetMessageIDWithValue(l.MessageID + "@" + domainOf(message))
	message.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834
	message.SetBodyString(mail.TypeTextPlain, l.Text)
	message.AddAlternativeString(mail.TypeTextHTML, l.HTML)
	if len(l.Calendar) > 0 {
		message.AddAlternativeString(mail.ContentType("text/calendar; method="+l.Method), string(l.Calendar),
			mail.WithPartEncoding(mail.EncodingB64))
		if err := message.AttachReader("invite.ics", bytes.NewReader(l.Calendar), mail.WithFileContentType("application/ics")); err != nil {
			return nil, fmt.Errorf("attach calendar: %w", err)
		}
	}
	return message, nil
}

// displayName is a name as it can stand before an address. net/mail leaves a
// backslash in an encoded word of a phrase, where RFC 2047 section 5 forbids
// it: among letters that need encoding the wide one stands for it.
func displayName(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) {
		return strings.ReplaceAll(name, `\`, "＼")
	}
	return name
}

// domainOf is the sender's, which the Message-ID is unique in.
func domainOf(message *mail.Msg) string {
	for _, from := range message.GetFrom() {
		for i := len(from.Address) - 1; i >= 0; i-- {
			if from.Address[i] == '@' {
				return from.Address[i+1:]
			}
		}
	}
	return "localhost"
}
