package notify

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/label"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// HookKind says which words a hook's receiver understands.
type HookKind string

// The kinds of hook.
const (
	WeCom    HookKind = "wecom"
	DingTalk HookKind = "dingtalk"
	Generic  HookKind = "generic"
)

// Hook is where rooms' news leaves the house, as administrators see it. Its
// address and its secret are not shown again.
type Hook struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
	Kind HookKind  `json:"kind" enum:"wecom,dingtalk,generic"`
	// Host is the part of the address that may be seen.
	Host string `json:"host"`
	// Room is absent where all rooms but those of two are told.
	Room      *uuid.UUID `json:"room,omitempty"`
	WithText  bool       `json:"with_text"`
	Enabled   bool       `json:"enabled"`
	Failures  int        `json:"failures"`
	LastError string     `json:"last_error"`
	LastOKAt  *time.Time `json:"last_ok_at,omitempty"`
	NextTryAt *time.Time `json:"next_try_at,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
}

// HookDraft is what a hook is made of. On a change, an empty address and an
// empty secret keep what is there.
type HookDraft struct {
	Name     string     `json:"name" maxLength:"100"`
	Kind     HookKind   `json:"kind" enum:"wecom,dingtalk,generic"`
	URL      string     `json:"url" maxLength:"2000"`
	Secret   string     `json:"secret" maxLength:"200"`
	Room     *uuid.UUID `json:"room,omitempty"`
	WithText bool       `json:"with_text"`
	Enabled  bool       `json:"enabled"`
}

// clean checks what a hook is made of.
func (d *HookDraft) clean(o *Outside, isNew bool) (err error) {
	if d.Name, err = label.Required("name", d.Name, 100); err != nil {
		return err
	}
	if strings.ContainsFunc(d.Secret, unicode.IsControl) {
		return problem.Invalid("secret", "no control characters")
	}
	switch d.Kind {
	case WeCom, DingTalk, Generic:
	default:
		return problem.Invalid("kind", "wecom, dingtalk or generic")
	}
	if isNew && d.Kind == Generic && len(d.Secret) < 16 {
		return problem.Invalid("secret", "at least 16 characters")
	}
	if d.URL == "" && !isNew {
		return nil
	}
	return o.check("url", d.URL)
}

// hookRow is a hook with its secrets. They stay in this package.
type hookRow struct {
	ID        uuid.UUID
	Name      string
	Kind      HookKind
	URL       string
	Secret    string
	RoomID    *uuid.UUID
	WithText  bool
	Enabled   bool
	Failures  int
	LastError string
	LastOKAt  *time.Time `db:"last_ok_at"`
	NextTryAt *time.Time
	CreatedAt time.Time
}

const hookColumns = `id, name, kind, url, secret, room_id, with_text, enabled, failures, last_error, last_ok_at, next_try_at, created_at`

func (h hookRow) view() Hook {
	host := ""
	if u, err := url.Parse(h.URL); err == nil {
		host = u.Host
	}
	return Hook{
		ID: h.ID, Name: h.Name, Kind: h.Kind, Host: host, Room: h.RoomID, WithText: h.WithText, Enabled: h.Enabled,
		Failures: h.Failures, LastError: h.LastError, LastOKAt: h.LastOKAt, NextTryAt: h.NextTryAt, CreatedAt: h.CreatedAt,
	}
}

// maxHooks is how many there may be.
const maxHooks = 100

// ErrNoHook is returned for a hook that is not there.
var ErrNoHook = problem.NotFound("hook")

// Hooks lists all hooks.
func (n *Notices) Hooks(ctx context.Context) ([]Hook, error) {
	rows, _ := n.Pool.Query(ctx, `select `+hookColumns+` from hooks order by created_at, id`)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[hookRow])
	if err != nil {
		return nil, fmt.Errorf("read hooks: %w", err)
	}
	list := make([]Hook, 0, len(found))
	for _, h := range found {
		list = append(list, h.view())
	}
	return list, nil
}

func (n *Notices) hook(ctx context.Context, id uuid.UUID) (hookRow, error) {
	rows, _ := n.Pool.Query(ctx, `select `+hookColumns+` from hooks where id = $1`, id)
	h, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[hookRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return h, ErrNoHook
	}
	if err != nil {
		return h, fmt.Errorf("read hook: %w", err)
	}
	return h, nil
}

// checkRoom refuses the rooms of two: what is said there stays there.
func (n *Notices) checkRoom(ctx context.Context, room *uuid.UUID) error {
	if room == nil {
		return nil
	}
	r, err := n.Rooms.Room(ctx, *room)
	if err != nil {
		return problem.Invalid("room", "no such room")
	}
	if r.Direct {
		return problem.Invalid("room", "what two say to each other does not leave the house")
	}
	return nil
}

// CreateHook makes a hook.
func (n *Notices) CreateHook(ctx context.Context, d HookDraft) (Hook, error) {
	if err := d.clean(n.Outside, true); err != nil {
		return Hook{}, err
	}
	if err := n.checkRoom(ctx, d.Room); err != nil {
		return Hook{}, err
	}
	id := uuid.Must(uuid.NewV7())
	err := postgres.InTx(ctx, n.Pool, func(ctx context.Context, tx pgx.Tx) error {
		const q = `
insert into hooks (id, name, kind, url, secret, room_id, with_text, enabled)
select @id, @name, @kind, @url, @secret, @room, @with_text, @enabled where (select count(*) from hooks) < @most`
		tag, err := tx.Exec(ctx, q, d.arguments(id))
		if err == nil && tag.RowsAffected() == 0 {
			err = problem.New(409, "too_many", "at most %d hooks", maxHooks)
		}
		if err != nil {
			return err
		}
		return n.Audit.RecordIn(ctx, tx, "hooks.create", id.String(), d.details())
	})
	if err != nil {
		return Hook{}, fmt.Errorf("make hook: %w", err)
	}
	h, err := n.hook(ctx, id)
	return h.view(), err
}

func (d HookDraft) arguments(id uuid.UUID) pgx.NamedArgs {
	return pgx.NamedArgs{
		"id": id, "name": d.Name, "kind": d.Kind, "url": d.URL, "secret": d.Secret, "room": d.Room,
		"with_text": d.WithText, "enabled": d.Enabled, "most": maxHooks,
	}
}

// details are what the audit keeps: no address, no secret.
func (d HookDraft) details() map[string]any {
	return map[string]any{"name": d.Name, "kind": d.Kind, "room": d.Room, "with_text": d.WithText, "enabled": d.Enabled}
}

// UpdateHook changes a hook. Switching it on again forgets its failures.
func (n *Notices) UpdateHook(ctx context.Context, id uuid.UUID, d HookDraft) (Hook, error) {
	if err := d.clean(n.Outside, false); err != nil {
		return Hook{}, err
	}
	if err := n.checkRoom(ctx, d.Room); err != nil {
		return Hook{}, err
	}
	err := postgres.InTx(ctx, n.Pool, func(ctx context.Context, tx pgx.Tx) error {
		const q = `
update hooks set name = @name, kind = @kind, url = case when @url = '' then url else @url end,
    secret = case when @secret = '' then secret else @secret end, room_id = @room, with_text = @with_text,
    failures = case when @enabled and not enabled then 0 else failures end,
    last_error = case when @enabled and not enabled then '' else last_error end,
    next_try_at = case when @enabled then next_try_at end, enabled = @enabled
where id = @id`
		tag, err := tx.Exec(ctx, q, d.arguments(id))
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrNoHook
		}
		if err != nil {
			return err
		}
		return n.Audit.RecordIn(ctx, tx, "hooks.update", id.String(), d.details())
	})
	if err != nil {
		return Hook{}, fmt.Errorf("change hook: %w", err)
	}
	h, err := n.hook(ctx, id)
	return h.view(), err
}

// DeleteHook removes a hook.
func (n *Notices) DeleteHook(ctx context.Context, id uuid.UUID) error {
	err := postgres.InTx(ctx, n.Pool, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `delete from hooks where id = $1`, id)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrNoHook
		}
		if err != nil {
			return err
		}
		return n.Audit.RecordIn(ctx, tx, "hooks.delete", id.String(), nil)
	})
	if err != nil {
		return fmt.Errorf("remove hook: %w", err)
	}
	return nil
}
