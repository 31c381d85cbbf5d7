package chat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/problem"
)

// Errors of changing a room and who is in it.
var (
	errNoMember  = problem.NotFound("member")
	errLastOwner = problem.New(http.StatusConflict, "last_owner", "a group keeps an owner: name another one first")
)

// standing is what an account is in a room, read with the room's row locked:
// who is in a room and what they may changes one thing after the other.
type standing struct {
	Kind        RoomKind
	Posting     Posting
	Archived    bool
	Role        MemberRole
	AccountRole account.Role
	Manages     bool
}

func lockStanding(ctx context.Context, tx pgx.Tx, room, by uuid.UUID) (standing, error) {
	const q = `
select r.kind, r.posting, r.archived_at is not null as archived, m.role, a.role as account_role, ` + manages + ` as manages
from rooms r join room_members m on m.room_id = r.id join accounts a on a.id = m.account_id
where r.id = $1 and a.id = $2 for no key update of r`
	rows, _ := tx.Query(ctx, q, room, by)
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[standing])
	if errors.Is(err, pgx.ErrNoRows) {
		return found, ErrNoRoom
	}
	if err != nil {
		return found, fmt.Errorf("read what an account is in a room: %w", err)
	}
	return found, nil
}

// changeableMembers: only groups say themselves who is in them, and only while
// they are in use.
func (m standing) changeableMembers() error {
	switch {
	case m.Kind != Group:
		return problem.New(http.StatusConflict, "not_a_group", "the members of a %s room follow from what it belongs to", m.Kind)
	case m.Archived:
		return ErrArchived
	}
	return nil
}

// mayAdminister: owners say what a group is; what belongs to a station, the
// administrators.
func (m standing) mayAdminister() error {
	switch {
	case m.Kind == Group && m.Role == Owner, m.Kind == Station && m.AccountRole == account.Admin:
		return nil
	case m.Kind == Group:
		return problem.Forbidden("only the group's owners")
	case m.Kind == Station:
		return problem.Forbidden("only administrators")
	}
	return problem.New(http.StatusConflict, "not_a_group", "a %s room follows from what it belongs to", m.Kind)
}

// RoomChange is what of a room changes; nil fields stay.
type RoomChange struct {
	Title, TitleEN *string
	Posting        *Posting
	Archived       *bool
}

func checkPosting(p Posting) error {
	if p != PostingMembers && p != PostingManagers {
		return problem.Invalid("posting", "members or managers")
	}
	return nil
}

func (c *RoomChange) check() error {
	if c.Title != nil {
		title, err := checkTitle(*c.Title)
		if err != nil {
			return err
		}
		c.Title = &title
	}
	if c.TitleEN != nil {
		title, err := checkTitleEN(*c.TitleEN)
		if err != nil {
			return err
		}
		c.TitleEN = &title
	}
	if c.Posting != nil {
		return checkPosting(*c.Posting)
	}
	return nil
}

// details are what the audit keeps of a change.
func (c *RoomChange) details() map[string]any {
	d := map[string]any{}
	if c.Title != nil {
		d["title"] = *c.Title
	}
	if c.TitleEN != nil {
		d["title_en"] = *c.TitleEN
	}
	if c.Posting != nil {
		d["posting"] = *c.Posting
	}
	if c.Archived != nil {
		d["archived"] = *c.Archived
	}
	return d
}

// UpdateRoom changes what a room is. Its title follows from the station where
// it belongs to one.
func (s *Store) UpdateRoom(ctx context.Context, by, room uuid.UUID, c RoomChange) error {
	if err := c.check(); err != nil {
		return err
	}
	err := s.inTurn(ctx, &s.changing, room, func(ctx context.Context, tx pgx.Tx) error {
		m, err := lockStanding(ctx, tx, room, by)
		if err == nil {
			err = m.mayAdminister()
		}
		if err == nil && m.Kind != Group && (c.Title != nil || c.TitleEN != nil) {
			err = problem.New(http.StatusConflict, "not_a_group", "the title follows from what the room belongs to")
		}
		if err != nil {
			return err
		}
		const q = `
update rooms set title = coalesce($2, title), title_en = coalesce($3, title_en), posting = coalesce($4, posting),
    archived_at = case when $5::boolean then coalesce(archived_at, now()) when not $5::boolean then null else archived_at end
where id = $1`
		if _, err := tx.Exec(ctx, q, room, c.Title, c.TitleEN, c.Posting, c.Archived); err != nil {
			return err
		}
		return s.record(ctx, tx, "rooms.change", room, c.details())
	})
	if err != nil {
		return fmt.Errorf("change room: %w", err)
	}
	return s.announceMembers(ctx, room, nil)
}

// Invite adds accounts to a group. Every member may; where only managers post,
// they alone.
func (s *Store) Invite(ctx context.Context, by, room uuid.UUID, accounts []uuid.UUID) error {
	err := s.inTurn(ctx, &s.changing, room, func(ctx context.Context, tx pgx.Tx) error {
		m, err := lockStanding(ctx, tx, room, by)
		if err == nil {
			err = m.changeableMembers()
		}
		if err == nil && m.Posting == PostingManagers && !m.Manages {
			err = problem.Forbidden("only the room's managers invite here")
		}
		if err != nil {
			return err
		}
		if err := addMembers(ctx, tx, room, accounts, Member); err != nil {
			return err
		}
		return s.record(ctx, tx, "rooms.invite", room, map[string]any{"accounts": accounts})
	})
	if err != nil {
		return fmt.Errorf("invite: %w", err)
	}
	return s.announceMembers(ctx, room, nil)
}

// RemoveMember takes an account out of a group: owners may, moderators those
// who are neither, and everybody themselves. When the last owner leaves, the
// longest-serving moderator follows, or member.
func (s *Store) RemoveMember(ctx context.Context, by, room, account uuid.UUID) error {
	err := s.inTurn(ctx, &s.changing, room, func(ctx context.Context, tx pgx.Tx) error {
		if err := mayRemove(ctx, tx, room, by, account); err != nil {
			return err
		}
		const q = `delete from room_members where room_id = $1 and account_id = $2`
		if _, err := tx.Exec(ctx, q, room, account); err != nil {
			return err
		}
		if err := keepOwner(ctx, tx, room); err != nil {
			return err
		}
		return s.record(ctx, tx, "rooms.remove", room, map[string]any{"account": account})
	})
	if err != nil {
		return fmt.Errorf("remove member: %w", err)
	}
	return s.announceMembers(ctx, room, []uuid.UUID{account})
}

func mayRemove(ctx context.Context, tx pgx.Tx, room, by, account uuid.UUID) error {
	m, err := lockStanding(ctx, tx, room, by)
	if err != nil {
		return err
	}
	if by == account {
		m.Archived = false // everybody may leave what is over
		return m.changeableMembers()
	}
	if err := m.changeableMembers(); err != nil {
		return err
	}
	if !m.Manages {
		return problem.Forbidden("only the group's owners and moderators")
	}
	role, err := memberRole(ctx, tx, room, account)
	if err == nil && role != Member && m.Role != Owner {
		err = problem.Forbidden("moderators remove members only")
	}
	return err
}

func memberRole(ctx context.Context, tx pgx.Tx, room, account uuid.UUID) (role MemberRole, err error) {
	const q = `select role from room_members where room_id = $1 and account_id = $2`
	err = tx.QueryRow(ctx, q, room, account).Scan(&role)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", errNoMember
	}
	return role, err
}

// SetRole says what a member of a group is; its owners may. One of them stays.
func (s *Store) SetRole(ctx context.Context, by, room, account uuid.UUID, role MemberRole) error {
	if !slices.Contains([]MemberRole{Owner, Moderator, Member}, role) {
		return problem.Invalid("role", "owner, moderator or member")
	}
	err := s.inTurn(ctx, &s.changing, room, func(ctx context.Context, tx pgx.Tx) error {
		m, err := lockStanding(ctx, tx, room, by)
		if err == nil {
			err = m.changeableMembers()
		}
		if err == nil {
			err = m.mayAdminister()
		}
		if err != nil {
			return err
		}
		if err := setRole(ctx, tx, room, account, role); err != nil {
			return err
		}
		return s.record(ctx, tx, "rooms.role", room, map[string]any{"account": account, "role": role})
	})
	if err != nil {
		return fmt.Errorf("set role: %w", err)
	}
	return s.announceMembers(ctx, room, nil)
}

func setRole(ctx context.Context, tx pgx.Tx, room, account uuid.UUID, role MemberRole) error {
	const q = `update room_members set role = $3 where room_id = $1 and account_id = $2`
	tag, err := tx.Exec(ctx, q, room, account, role)
	if err == nil && tag.RowsAffected() == 0 {
		return errNoMember
	}
	if err != nil {
		return err
	}
	var owned bool
	const owners = `select exists (select from room_members where room_id = $1 and role = 'owner')`
	if err := tx.QueryRow(ctx, owners, room).Scan(&owned); err != nil {
		return err
	}
	if !owned {
		return errLastOwner
	}
	return nil
}

// SetNotify says what a member wants to hear of a room.
func (s *Store) SetNotify(ctx context.Context, by, room uuid.UUID, level Notify) error {
	if !slices.Contains([]Notify{NotifyAll, NotifyMentions, NotifyNone}, level) {
		return problem.Invalid("notify", "all, mentions or none")
	}
	const q = `update room_members set notify = $3 where room_id = $1 and account_id = $2`
	tag, err := s.pool.Exec(ctx, q, room, by, level)
	switch {
	case err != nil:
		return fmt.Errorf("set what a member hears of: %w", err)
	case tag.RowsAffected() == 0:
		return ErrNoRoom
	}
	s.announce.MembersChanged(ctx, room, []uuid.UUID{by}) // the person's other devices
	return nil
}

// keepOwner makes the longest-serving moderator, or member, the owner of a room
// that its last owner has left.
func keepOwner(ctx context.Context, tx pgx.Tx, room uuid.UUID) error {
	const q = `
update room_members set role = 'owner' where room_id = $1
    and not exists (select from room_members o where o.room_id = $1 and o.role = 'owner')
    and account_id = (select m.account_id from room_members m join accounts a on a.id = m.account_id
        where m.room_id = $1 order by a.disabled, m.role = 'member', m.joined_at, m.account_id limit 1)`
	_, err := tx.Exec(ctx, q, room)
	return err
}

func (s *Store) announceMembers(ctx context.Context, room uuid.UUID, also []uuid.UUID) error {
	members, err := s.MemberIDs(ctx, room)
	if err != nil {
		return err
	}
	s.announce.MembersChanged(ctx, room, append(members, also...))
	return nil
}

// record notes a change in the audit, in the transaction that makes it.
func (s *Store) record(ctx context.Context, tx pgx.Tx, action string, room uuid.UUID, details map[string]any) error {
	if s.Audit == nil {
		return nil
	}
	return s.Audit.RecordIn(ctx, tx, action, room.String(), details)
}
