package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// edited brings notices in line with what a message says now: its words, whom
// it names no more, and whom it names only since the edit.
func (n *Notices) edited(ctx context.Context, tx pgx.Tx, r Room, e Event, now time.Time) error {
	if _, err := tx.Exec(ctx, `update notices set text = $2 where message_id = $1`, e.Message, shorten(e.Text, maxText)); err != nil {
		return err
	}
	if err := unmention(ctx, tx, r, e); err != nil {
		return err
	}
	if r.Archived || now.Sub(e.At) > freshFor {
		return nil
	}
	late, err := mentionInPlace(ctx, tx, r, e)
	if err != nil {
		return err
	}
	return n.Tell(ctx, tx, late...)
}

// unmention takes back unread notices of being named, of those who are named
// no more. Who is told of every message keeps one of that.
func unmention(ctx context.Context, tx pgx.Tx, r Room, e Event) error {
	var named, hearAll []uuid.UUID
	for _, m := range r.Members {
		if isMentioned(e, m) {
			named = append(named, m.Account)
		}
		if m.Level == LevelAll || r.Direct && m.Level != LevelNone {
			hearAll = append(hearAll, m.Account)
		}
	}
	const demote = `
update notices set kind = 'message' where message_id = $1 and kind = 'mention' and read_at is null and key like 'message:%'
    and not account_id = any(coalesce($2::uuid[], '{}')) and account_id = any($3)`
	if _, err := tx.Exec(ctx, demote, e.Message, named, hearAll); err != nil {
		return err
	}
	const remove = `
delete from notices where message_id = $1 and kind = 'mention' and read_at is null and not account_id = any(coalesce($2::uuid[], '{}'))`
	_, err := tx.Exec(ctx, remove, e.Message, named)
	return err
}

// mentionInPlace makes notices of those who are named since the edit: an unread
// one of the message becomes one of being named, and who has none gets one. It
// counts as unread also for who had read the message before.
func mentionInPlace(ctx context.Context, tx pgx.Tx, r Room, e Event) ([]Notice, error) {
	late := make(map[uuid.UUID]Member)
	var accounts []uuid.UUID
	for _, m := range r.Members {
		if m.Account != e.Author && m.Level != LevelNone && isNamed(e.MentionsLate, e.GroupsLate, m) {
			late[m.Account] = m
			accounts = append(accounts, m.Account)
		}
	}
	const raise = `
update notices set kind = 'mention' where message_id = $1 and kind = 'message' and read_at is null and account_id = any($2)`
	if _, err := tx.Exec(ctx, raise, e.Message, accounts); err != nil {
		return nil, err
	}
	const told = `
select account_id from notices where message_id = $1 and kind in ('mention', 'must_confirm') and read_at is null and account_id = any($2)`
	rows, _ := tx.Query(ctx, told, e.Message, accounts)
	have, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, err
	}
	for _, account := range have {
		delete(late, account)
	}
	var notices []Notice
	for _, account := range accounts {
		m, left := late[account]
		if !left {
			continue
		}
		seq := e.MessageSeq
		if m.Read >= seq {
			seq = 0 // reading the room again would not show it
		}
		notices = append(notices, Notice{
			Account: account, Kind: Mention, Key: fmt.Sprintf("mention:%s", e.Message), Room: &r.ID, Message: &e.Message,
			Seq: seq, Title: titleFor(r, e, m.Language), Text: e.Text, Urgent: e.Urgent,
		})
	}
	return notices, nil
}
