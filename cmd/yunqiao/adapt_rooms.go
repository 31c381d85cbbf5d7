package main

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/notify"
)

// chaser tells people of messages that they have not confirmed.
type chaser struct{ notices *notify.Notices }

// Chase implements chat.Chaser. Having read the message is not having confirmed
// it: the notice stays until it is seen itself.
func (c chaser) Chase(ctx context.Context, tx pgx.Tx, chases []chat.Chase) error {
	notices := make([]notify.Notice, 0, len(chases))
	for _, x := range chases {
		notices = append(notices, notify.Notice{
			Account: x.Account, Kind: notify.Chase, Key: x.Key, Room: &x.Room, Message: &x.Message,
			About: x.By.ID, Title: x.By.Name, Text: x.Text, At: x.At, Urgent: x.Urgent,
		})
	}
	return c.notices.Tell(ctx, tx, notices...)
}

// Settled implements chat.Chaser.
func (c chaser) Settled(ctx context.Context, tx pgx.Tx, message, account uuid.UUID) error {
	return c.notices.Settle(ctx, tx, message, account)
}
