package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/config"
	"github.com/yunqiao/yunqiao/internal/demo"
	"github.com/yunqiao/yunqiao/internal/httpd"
)

// demoPassword opens every account of a demonstration. It is shown to
// everybody, since everything in a demonstration is invented.
const demoPassword = "yunqiao-demo"

// demoAccounts are the accounts worth trying first.
func (n *node) demoAccounts(ctx context.Context) ([]httpd.DemoAccount, error) {
	list := make([]httpd.DemoAccount, 0, 4)
	for _, userName := range []string{demo.Staff, demo.Station, demo.Ambassador, demo.Admin} {
		a, err := n.accounts.ByUserName(ctx, userName)
		if errors.Is(err, account.ErrNotFound) {
			continue // somebody has made the demonstration their own
		}
		if err != nil {
			return nil, err
		}
		list = append(list, httpd.DemoAccount{UserName: a.UserName, Password: demoPassword, Role: string(a.Role), Name: a.Name})
	}
	return list, nil
}

// The values of the fact "demo".
const (
	demoFilling = "filling"
	demoFilled  = "filled"
)

// demoState says whether the database holds a demonstration.
func (n *node) demoState(ctx context.Context) (string, error) {
	var state string
	err := n.pool.QueryRow(ctx, `select value from facts where name = 'demo'`).Scan(&state)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return state, err
}

// fillDemo fills an empty database, and lets one that is filled already be.
func (n *node) fillDemo(ctx context.Context) error {
	state, err := n.demoState(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("look for a demonstration: %w", err)
	case state == demoFilled:
		return nil
	case state == demoFilling:
		return errors.New("filling the demonstration was interrupted: remove its data folder or database and start again")
	}
	anybody, err := n.accounts.Any(ctx)
	if err != nil {
		return err
	}
	if anybody {
		return demo.ErrNotEmpty
	}
	fmt.Println("Filling in the demonstration …")
	const mark = `insert into facts (name, value) values ('demo', $1) on conflict (name) do update set value = excluded.value`
	if _, err := n.pool.Exec(ctx, mark, demoFilling); err != nil {
		return fmt.Errorf("mark the demonstration: %w", err)
	}
	if err := demo.Fill(ctx, demo.Deps{
		Pool: n.pool, Accounts: n.accounts, Contacts: n.contacts, Schedule: n.schedule, Minutes: n.minutes,
		Chat: demoChat{n.chat}, Password: demoPassword, Now: time.Now(),
	}); err != nil {
		return err
	}
	if _, err := n.pool.Exec(ctx, mark, demoFilled); err != nil {
		return fmt.Errorf("mark the demonstration: %w", err)
	}
	return nil
}

// demoChat posts the demonstration's messages.
type demoChat struct{ *chat.Store }

// Found implements demo.Chat.
func (c demoChat) Found(ctx context.Context, g demo.Group) (uuid.UUID, error) {
	n := chat.NewRoom{Title: g.Title, TitleEN: g.TitleEN, Owner: g.Owner, Members: g.Members}
	if g.Announcements {
		n.Posting = chat.PostingManagers
	}
	return c.Store.Found(ctx, n)
}

// Post implements demo.Chat.
func (c demoChat) Post(ctx context.Context, by account.Account, m demo.Message) (uuid.UUID, error) {
	e, err := c.Store.Post(ctx, chat.CallerOf(by), chat.NewMessage{
		Room: m.Room, ClientID: uuid.NewString(), Text: m.Text, TextEN: m.TextEN, Topic: m.Topic, MustConfirm: m.MustConfirm, At: m.At,
	})
	return e.Message.ID, err
}

// Pin implements demo.Chat.
func (c demoChat) Pin(ctx context.Context, by account.Account, room, message uuid.UUID) error {
	_, err := c.Store.Pin(ctx, chat.CallerOf(by), room, message, true)
	return err
}

// Confirm implements demo.Chat.
func (c demoChat) Confirm(ctx context.Context, by account.Account, room, message uuid.UUID) error {
	_, err := c.Store.Confirm(ctx, chat.CallerOf(by), room, message)
	return err
}

// nameDemo gives the house the invented organisation's name, so that every
// page and document says that it is a demonstration.
func nameDemo(cfg *config.Config) {
	cfg.House.NameZH, cfg.House.NameEN = demo.NameZH, demo.NameEN
}
