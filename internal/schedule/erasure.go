package schedule

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/postgres"
)

// ofPerson are the invitations of a guest, by the id of its link, or of an account.
const ofPerson = `(id = $1 or kind = 'account' and ref = $1)`

// SamePerson returns the guests that are the same person as an account or a guest, by
// the rule by which one is not invited twice: the same contact, or the same name at
// the same address. Called is what the invitations of all of them say: names and
// addresses.
func (s *Schedule) SamePerson(ctx context.Context, person uuid.UUID) (guests []uuid.UUID, called []string, err error) {
	const q = `
with me as (
    select kind, ref, name, email from invitees where id = $1 and kind in ('contact', 'address')
    union all select 'account', id, name, email from accounts where id = $1)
select distinct i.id, i.kind in ('contact', 'address') as guest, i.name, i.email from invitees i join me on
    i.id = $1 or i.kind = me.kind and i.ref = me.ref
    or i.kind in ('contact', 'address') and me.email <> '' and i.name = me.name and lower(i.email) = lower(me.email)`
	rows, _ := s.Pool.Query(ctx, q, person)
	var (
		id          uuid.UUID
		guest       bool
		name, email string
	)
	_, err = pgx.ForEachRow(rows, []any{&id, &guest, &name, &email}, func() error {
		if called = append(called, name, email); guest && id != person {
			guests = append(guests, id)
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("look who else is %s: %w", person, err)
	}
	return guests, called, nil
}

// GuestPerson is a guest as those know them who invited them.
type GuestPerson struct {
	// ID is that of the newest invitation.
	ID                       uuid.UUID
	Name, Email, Unit, Title string
	// Meetings is to how many they were invited; the newest begins at LastAt.
	Meetings int
	LastAt   time.Time
}

// FindGuests returns at most limit guests by a part of their name, of the name they came
// in under, or of their address: each person once, by the rule of SamePerson. Whose data
// was erased is not found.
func (s *Schedule) FindGuests(ctx context.Context, part string, limit int) ([]GuestPerson, error) {
	const q = `
with found as (
    select i.id, i.name, i.email, i.unit, i.title, m.starts_at, case
        when i.email <> '' then i.name || E'\n' || lower(i.email)
        else coalesce(i.ref, i.id)::text end as person
    from invitees i join meetings m on m.id = i.meeting_id join guest_links l on l.invitee_id = i.id
    where i.kind in ('contact', 'address') and i.erased_at is null and (
        strpos(lower(concat_ws(E'\n', i.name, i.email, l.name)), lower($1)) > 0
        or exists (select from guest_sessions g where g.invitee_id = i.id and strpos(lower(g.name), lower($1)) > 0))),
people as (
    select distinct on (person) id, name, email, unit, title, count(*) over (partition by person) as meetings, starts_at as last_at
    from found order by person, starts_at desc, id desc)
select * from people order by name, last_at desc, id limit $2`
	rows, _ := s.Pool.Query(ctx, q, part, limit)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[GuestPerson])
	if err != nil {
		return nil, fmt.Errorf("find guests: %w", err)
	}
	return found, nil
}

// EraseOf takes a person's name, address, unit and title out of the invitations, with
// the letters, and returns how many there were. What is changed of a meeting later
// does not bring them back.
func (s *Schedule) EraseOf(ctx context.Context, person uuid.UUID, called string) (n int64, err error) {
	err = postgres.InTx(ctx, s.Pool, func(ctx context.Context, tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, `select `+inviteeColumns+` from invitees where `+ofPerson+` order by id for update`, person)
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[inviteeRow])
		if err != nil {
			return err
		}
		ids := make([]uuid.UUID, 0, len(found))
		for _, i := range found {
			ids = append(ids, i.ID)
			const q = `
update invitees set name = $2, email = '', unit = '', title = '', time_zone = 'UTC', undelivered = '',
    erased_at = coalesce(erased_at, now()), erased_as = coalesce(erased_as, $3) where id = $1`
			if _, err := tx.Exec(ctx, q, i.ID, called, i.print(i.ID)); err != nil {
				return err
			}
		}
		n = int64(len(ids))
		return s.Mailer.Forget(ctx, tx, ids)
	})
	if err != nil {
		return 0, fmt.Errorf("erase invitations of %s: %w", person, err)
	}
	return n, nil
}

// print is the SHA-256 of a name and an address beside the id of an invitation: it is
// not the same for the same person elsewhere.
func (i inviteeRow) print(invitation uuid.UUID) []byte {
	sum := sha256.Sum256([]byte(invitation.String() + "\n" + i.Name + "\n" + strings.ToLower(i.Email)))
	return sum[:]
}

// was says whether a row invites whom another one did before that person's data was
// erased: an old copy of the form still says so.
func (i inviteeRow) was(before inviteeRow) bool {
	return i.Kind == before.Kind && i.Ref == nil && before.ErasedAs != nil && bytes.Equal(i.print(before.ID), before.ErasedAs)
}

// isThat says whether a row is the one that is there already.
func (i inviteeRow) isThat(before inviteeRow) bool { return i.same(before) || i.was(before) }

// keep makes the row the one that is there already. Of a person whose data was erased
// nothing is written back.
func (i *inviteeRow) keep(before inviteeRow) {
	i.ID = before.ID
	if before.ErasedAs != nil {
		i.Name, i.Email, i.Unit, i.Title, i.TimeZone = before.Name, before.Email, before.Unit, before.Title, before.TimeZone
	}
}

// InvitedAs counts the invitations of a person that still say more than what it is
// called now.
func (s *Schedule) InvitedAs(ctx context.Context, person uuid.UUID, called string) (n int64, err error) {
	const q = `
select count(*) from invitees where ` + ofPerson + `
    and (name <> $2 or email <> '' or unit <> '' or title <> '' or undelivered <> '')`
	if err := s.Pool.QueryRow(ctx, q, person, called).Scan(&n); err != nil {
		return 0, fmt.Errorf("count invitations of %s: %w", person, err)
	}
	return n, nil
}
