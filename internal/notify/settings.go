package notify

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// NoticeSettings are how a person wants to be told of things.
type NoticeSettings struct {
	// Mail: what stays unseen is collected in a letter.
	Mail bool `json:"mail"`
	// WithText: messages' own words leave the house, by push and by mail.
	WithText bool `json:"with_text"`
	// Quiet: nothing is pushed or mailed from QuietFrom to QuietTo, in minutes of
	// the person's own day.
	Quiet     bool `json:"quiet"`
	QuietFrom int  `json:"quiet_from" minimum:"0" maximum:"1439"`
	QuietTo   int  `json:"quiet_to" minimum:"0" maximum:"1439"`
}

const settingsColumns = `coalesce(t.mail, true) as mail, coalesce(t.with_text, false) as with_text, coalesce(t.quiet, true) as quiet,
    coalesce(t.quiet_from, 1320) as quiet_from, coalesce(t.quiet_to, 420) as quiet_to`

// ReadSettings returns an account's settings.
func (n *Notices) ReadSettings(ctx context.Context, account uuid.UUID) (NoticeSettings, error) {
	const q = `select ` + settingsColumns + ` from accounts a left join notice_settings t on t.account_id = a.id where a.id = $1`
	rows, _ := n.Pool.Query(ctx, q, account)
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[NoticeSettings])
	if err != nil {
		return s, fmt.Errorf("read settings of notices: %w", err)
	}
	return s, nil
}

// WriteSettings keeps an account's settings.
func (n *Notices) WriteSettings(ctx context.Context, account uuid.UUID, s NoticeSettings) error {
	for field, minute := range map[string]int{"quiet_from": s.QuietFrom, "quiet_to": s.QuietTo} {
		if minute < 0 || minute >= 24*60 {
			return problem.Invalid(field, "minutes of a day: 0 to 1439")
		}
	}
	const q = `
insert into notice_settings (account_id, mail, with_text, quiet, quiet_from, quiet_to)
values (@account, @mail, @with_text, @quiet, @from, @to)
on conflict (account_id) do update set mail = excluded.mail, with_text = excluded.with_text, quiet = excluded.quiet,
    quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to`
	if _, err := n.Pool.Exec(ctx, q, pgx.NamedArgs{
		"account": account, "mail": s.Mail, "with_text": s.WithText, "quiet": s.Quiet, "from": s.QuietFrom, "to": s.QuietTo,
	}); err != nil {
		return fmt.Errorf("keep settings of notices: %w", err)
	}
	return nil
}
