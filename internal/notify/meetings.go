package notify

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ofMeetings are the kinds of notice about meetings. Letters of their own tell of
// the same, so that no digest does.
var ofMeetings = []NoticeKind{ //nolint:gochecknoglobals // a constant
	MeetingInvited, MeetingChanged, MeetingCancelled, MeetingSoon, MeetingBegun, GuestWaits,
}

// calling are those that ask somebody to come now.
var calling = []NoticeKind{MeetingSoon, MeetingBegun, GuestWaits} //nolint:gochecknoglobals // a constant

// TakeBack deletes what nobody has been told yet of a meeting: it begins at another
// time, or not at all.
func (n *Notices) TakeBack(ctx context.Context, tx pgx.Tx, meeting uuid.UUID) error {
	const q = `delete from notices where meeting_id = $1 and kind = any($2) and told_at is null`
	if _, err := tx.Exec(ctx, q, meeting, ofMeetings); err != nil {
		return fmt.Errorf("take back notices of meeting %s: %w", meeting, err)
	}
	return nil
}

// Came marks as read what asked somebody to come to a meeting: they are there. For
// uuid.Nil it does so for everybody, since the meeting is over.
func (n *Notices) Came(ctx context.Context, meeting, account uuid.UUID) error {
	const q = `
update notices set read_at = clock_timestamp(), told_at = coalesce(told_at, clock_timestamp())
where meeting_id = $1 and kind = any($2) and read_at is null
    and ($3 = '00000000-0000-0000-0000-000000000000'::uuid or account_id = $3)
returning account_id`
	rows, _ := n.Pool.Query(ctx, q, meeting, calling, account)
	accounts, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return fmt.Errorf("settle notices of meeting %s: %w", meeting, err)
	}
	if len(accounts) > 0 {
		n.Announcer.NoticesChanged(ctx, accounts)
	}
	return nil
}

// Hurry has what is due told at once, and not with the next round. It may be
// called in a transaction's wake only.
func (n *Notices) Hurry() { n.heard.add(func() {}) }
